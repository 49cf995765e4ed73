/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * ASCII letters without a locale: protocol words are compared whatever their case.
 */

#include <causeway/bytes.h>

/** A to Z in lower case, any other character as it is. */
static inline char cw_ascii_lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

/** A letter or a digit. */
static inline bool cw_ascii_is_alphanumeric(char c)
{
    const char lower = cw_ascii_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

/** Is `text` the word `word`, which is in lower case, whatever the case of `text`? */
bool cw_ascii_is_word(struct cw_bytes text, const char *word);

/** Is `text` exactly `word`? */
bool cw_ascii_is(struct cw_bytes text, const char *word);

/** Are `a` and `b` the same whatever the case of their ASCII letters? */
bool cw_ascii_same_word(struct cw_bytes a, struct cw_bytes b);

/** Value of a hex digit in either case; -1 if `c` is none. */
static inline int cw_ascii_hex(char c)
{
    const char lower = cw_ascii_lower(c);

    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}
