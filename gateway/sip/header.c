/* SPDX-License-Identifier: Apache-2.0 */
#include "header.h"

#include <causeway/utf8.h>
#include <stdint.h>

enum { IS_TOKEN = 1, IS_WORD = 2, IS_URI = 4, IS_VALUE = 8 };

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Of each ASCII character: token, word (RFC 3261 section 25.1), what may stand in a URI between <
 * and >, and in a value at all. Octets from 0x80 on may stand in values only. */
/* clang-format off */
static const unsigned char CLASSES[128] = {
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
     8, 15, 10, 12, 12, 15, 12, 15, 14, 14, 15, 15, 12, 15, 15, 14,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 14, 12, 10, 12, 10, 14,
    12, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 14, 10, 14,  8, 15,
    11, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 10,  8, 10, 15,  0,
};
/* clang-format on */

static unsigned class_of(char c)
{
    const unsigned char octet = (unsigned char)c;

    return octet < sizeof(CLASSES) ? CLASSES[octet] : IS_VALUE;
}

static bool all(struct cw_bytes text, unsigned class)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((class_of(text.base[i]) & class) == 0) {
            return false;
        }
    }
    return true;
}

static enum cw_err escape_quoted(struct cw_bytes line, struct cw_arena *arena, struct cw_bytes *out)
{
    size_t escapes = 0;

    for (size_t i = 0; i < line.len; i++) {
        escapes += is_one_of(line.base[i], "\"\\") ? 1 : 0;
    }
    if (escapes == 0) {
        *out = line;
        return CW_OK;
    }
    char *const copy = cw_arena_alloc(arena, line.len + escapes);
    if (copy == NULL) {
        return CW_ERR_LIMIT;
    }
    size_t at = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (is_one_of(line.base[i], "\"\\")) {
            copy[at++] = '\\';
        }
        copy[at++] = line.base[i];
    }
    *out = (struct cw_bytes){copy, at};
    return CW_OK;
}

bool cw_sip_is_token(struct cw_bytes text)
{
    return text.len != 0 && all(text, IS_TOKEN);
}

bool cw_sip_is_uri_text(struct cw_bytes text)
{
    return text.len != 0 && all(text, IS_URI);
}

bool cw_sip_is_call_id(struct cw_bytes text)
{
    const char *const at = text.len == 0 ? NULL : memchr(text.base, '@', text.len);

    if (at == NULL) {
        return text.len != 0 && all(text, IS_WORD);
    }
    const struct cw_bytes left = {text.base, (size_t)(at - text.base)};
    const struct cw_bytes right = {at + 1, text.len - left.len - 1};
    return left.len != 0 && right.len != 0 && all(left, IS_WORD) && all(right, IS_WORD);
}

/* SEC-16 */
enum cw_err cw_sip_header_safe(enum cw_sip_header_kind kind, struct cw_bytes text,
                               struct cw_arena *arena, struct cw_bytes *out)
{
    bool fits = false;

    if (kind == CW_SIP_HEADER_TEXT || kind == CW_SIP_HEADER_QUOTED) {
        struct cw_bytes line = {NULL, 0};

        CW_TRY(cw_utf8_one_line(text, CW_SIP_TEXT_MAX, arena, &line));
        if (!all(line,
                 IS_VALUE)) { /* C1 and DEL are the cleaner's to decide; ours is the last word */
            return CW_ERR_MALFORMED;
        }
        if (kind == CW_SIP_HEADER_QUOTED) {
            return escape_quoted(line, arena, out);
        }
        *out = line;
        return CW_OK;
    }
    if (text.len > CW_SIP_VALUE_MAX) {
        return CW_ERR_LIMIT;
    }
    if (kind == CW_SIP_HEADER_TOKEN) {
        fits = cw_sip_is_token(text);
    } else if (kind == CW_SIP_HEADER_WORD) {
        fits = cw_sip_is_call_id(text);
    } else if (kind == CW_SIP_HEADER_URI) {
        fits = cw_sip_is_uri_text(text);
    } else {
        fits = all(text, IS_VALUE) && cw_utf8_valid(text);
    }
    if (!fits) {
        return CW_ERR_MALFORMED;
    }
    *out = text;
    return CW_OK;
}
