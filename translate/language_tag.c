/* SPDX-License-Identifier: Apache-2.0 */
#include "language_tag.h"

#include "ascii.h"

#define SUBTAG_MAX 8u
#define TAG_MAX    64u

/* Subtags of one to eight letters or digits; the first one has no digits. */
static bool is_tag(struct cw_bytes text)
{
    size_t start = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.base[i] == '-') {
            if (i == start || i - start > SUBTAG_MAX) {
                return false;
            }
            start = i + 1;
        } else if (!cw_ascii_is_alphanumeric(text.base[i]) || (start == 0 && text.base[i] <= '9')) {
            return false;
        }
    }
    return text.len <= TAG_MAX;
}

struct cw_bytes cw_language_tag(struct cw_bytes list)
{
    const char *const comma = list.len == 0 ? NULL : memchr(list.base, ',', list.len);
    struct cw_bytes tag = {list.base, comma == NULL ? list.len : (size_t)(comma - list.base)};

    while (tag.len > 0 && (tag.base[0] == ' ' || tag.base[0] == '\t')) {
        tag.base++;
        tag.len--;
    }
    while (tag.len > 0 && (tag.base[tag.len - 1] == ' ' || tag.base[tag.len - 1] == '\t')) {
        tag.len--;
    }
    return tag.len > 0 && is_tag(tag) ? tag : (struct cw_bytes){0};
}
