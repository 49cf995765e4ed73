/* SPDX-License-Identifier: Apache-2.0 */
#include "host_name.h"

#include "ascii.h"

#define NAME_LEN_MAX  253u /* octets of a name in the DNS */
#define LABEL_LEN_MAX 63u

/* Hyphens in third and fourth place mean an A-label, or something reserved. */
static bool tag_fits(struct cw_bytes label, enum cw_host_tag tag)
{
    if (label.len < 4 || label.base[2] != '-' || label.base[3] != '-') {
        return true;
    }
    return tag == CW_HOST_A_LABELS && cw_ascii_is_word((struct cw_bytes){label.base, 2}, "xn");
}

static bool is_label(struct cw_bytes label, enum cw_host_tag tag)
{
    if (label.len == 0 || label.len > LABEL_LEN_MAX || label.base[0] == '-' ||
        label.base[label.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!cw_ascii_is_alphanumeric(label.base[i]) && label.base[i] != '-') {
            return false;
        }
    }
    return tag_fits(label, tag);
}

bool cw_host_name(struct cw_bytes name, enum cw_host_tag tag)
{
    size_t start = 0;

    for (size_t i = 0; i <= name.len; i++) {
        if (i == name.len || name.base[i] == '.') {
            if (!is_label((struct cw_bytes){name.base + start, i - start}, tag)) {
                return false;
            }
            start = i + 1;
        }
    }
    return name.len <= NAME_LEN_MAX;
}

bool cw_host_is_ip(struct cw_bytes host)
{
    if (host.len > 0 && host.base[0] == '[') {
        return true;
    }
    for (size_t i = 0; i < host.len; i++) {
        if (host.base[i] != '.' && (host.base[i] < '0' || host.base[i] > '9')) {
            return false;
        }
    }
    return true;
}
