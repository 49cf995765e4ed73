/* SPDX-License-Identifier: Apache-2.0 */
#include "ascii.h"

bool cw_ascii_is_word(struct cw_bytes text, const char *word)
{
    if (text.len != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (cw_ascii_lower(text.base[i]) != word[i]) {
            return false;
        }
    }
    return true;
}

bool cw_ascii_is(struct cw_bytes text, const char *word)
{
    return cw_bytes_equal(text, (struct cw_bytes){word, strlen(word)});
}

bool cw_ascii_same_word(struct cw_bytes a, struct cw_bytes b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (cw_ascii_lower(a.base[i]) != cw_ascii_lower(b.base[i])) {
            return false;
        }
    }
    return true;
}
