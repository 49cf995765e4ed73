/* SPDX-License-Identifier: Apache-2.0 */
#include "header.h"

static bool equals(struct cw_bytes bytes, const char *text)
{
    const size_t len = strlen(text);

    return bytes.len == len && memcmp(bytes.base, text, len) == 0;
}

/** Digits at the front of `*text`; -1: none or too many. */
static int read_number(struct cw_bytes *text)
{
    int value = 0;
    size_t digits = 0;

    while (digits < text->len && text->base[digits] >= '0' && text->base[digits] <= '9') {
        value = digits < 4 ? 10 * value + (text->base[digits] - '0') : value;
        digits++;
    }
    text->base += digits;
    text->len -= digits;
    return digits == 0 || digits > 4 ? -1 : value;
}

/** Major and minor are compared as numbers (STREAM-11). */
static enum cw_condition read_version(struct cw_bytes text, bool *old)
{
    int major;

    *old = text.base == NULL;
    if (*old) {
        return CW_CONDITION_NONE;
    }
    major = read_number(&text);
    if (major < 0 || text.len < 2 || text.base[0] != '.') {
        return CW_CONDITION_UNSUPPORTED_VERSION;
    }
    text.base++;
    text.len--;
    if (read_number(&text) < 0 || text.len != 0) {
        return CW_CONDITION_UNSUPPORTED_VERSION;
    }
    *old = major == 0;
    return CW_CONDITION_NONE;
}

/** STREAM-15 */
static enum cw_condition judge_names(const struct cw_stream_header *h)
{
    if (!equals(h->ns, CW_NS_STREAM)) {
        return !h->prefixed && equals(h->ns, CW_NS_SERVER) ? CW_CONDITION_BAD_NAMESPACE_PREFIX
                                                           : CW_CONDITION_INVALID_NAMESPACE;
    }
    if (!equals(h->name, "stream")) {
        return CW_CONDITION_BAD_FORMAT;
    }
    if (h->content.base == NULL || equals(h->content, CW_NS_SERVER) ||
        equals(h->content, CW_NS_STREAM)) {
        return CW_CONDITION_NONE;
    }
    return CW_CONDITION_INVALID_NAMESPACE;
}

enum cw_condition cw_header_read(const struct cw_stream_header *header, struct cw_header *out)
{
    enum cw_condition condition = judge_names(header);
    struct cw_header got = {.old = false};
    const enum cw_condition version = read_version(header->version, &got.old);
    const bool from = header->from.len == 0 || cw_domain_read(header->from, &got.from);
    const bool to = header->to.len == 0 || cw_domain_read(header->to, &got.to);

    if (condition == CW_CONDITION_NONE && !from) {
        condition = CW_CONDITION_INVALID_FROM;
    }
    if (condition == CW_CONDITION_NONE && !to) {
        condition = CW_CONDITION_HOST_UNKNOWN; /* STREAM-14 */
    }
    *out = got;
    return condition != CW_CONDITION_NONE ? condition : version;
}
