/* SPDX-License-Identifier: Apache-2.0 */
#include "percent.h"

#include "ascii.h"

#include <causeway/utf8.h>

static bool is_among(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

bool cw_percent_raw(char c, enum cw_percent_set set)
{
    if (cw_ascii_is_alphanumeric(c) || is_among(c, "-_.!~*'()")) {
        return true;
    }
    return is_among(c, set == CW_PERCENT_USER ? "&=+$,;?/" : "[]/:&+$");
}

int cw_percent_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static size_t count_not_raw(struct cw_bytes text, enum cw_percent_set set)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += cw_percent_raw(text.base[i], set) ? 0 : 1;
    }
    return count;
}

enum cw_err cw_percent_encode(struct cw_bytes text, enum cw_percent_set set, struct cw_arena *arena,
                              struct cw_bytes *out)
{
    static const char HEX[] = "0123456789ABCDEF";
    const size_t encoded = count_not_raw(text, set);

    if (encoded == 0) {
        *out = text;
        return CW_OK;
    }

    const size_t len = text.len + 2 * encoded;
    char *const base = cw_arena_alloc(arena, len);
    char *to = base;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.base[i];

        if (cw_percent_raw(text.base[i], set)) {
            *to++ = text.base[i];
        } else {
            *to++ = '%';
            *to++ = HEX[c >> 4];
            *to++ = HEX[c & 15];
        }
    }
    *out = (struct cw_bytes){base, len};
    return CW_OK;
}

/* Writes the decoded octets to `to`, which has room for `text.len`. */
static enum cw_err decode_into(struct cw_bytes text, char *to, size_t *len)
{
    size_t used = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] != '%') {
            to[used++] = text.base[i];
            continue;
        }
        if (text.len - i < 3) {
            return CW_ERR_MALFORMED;
        }

        const int high = cw_percent_digit(text.base[i + 1]);
        const int low = cw_percent_digit(text.base[i + 2]);

        if (high < 0 || low < 0) {
            return CW_ERR_MALFORMED;
        }
        to[used++] = (char)(unsigned char)(high * 16 + low);
        i += 2;
    }
    *len = used;
    return CW_OK;
}

enum cw_err cw_percent_decode(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes decoded = text;

    if (text.len > 0 && memchr(text.base, '%', text.len) != NULL) {
        char *const base = cw_arena_alloc(arena, text.len);
        size_t len;

        if (base == NULL) {
            return CW_ERR_LIMIT;
        }
        CW_TRY(decode_into(text, base, &len)); /* ADDR-17 */
        decoded = (struct cw_bytes){base, len};
    }
    if (!cw_utf8_valid(decoded)) {
        return CW_ERR_MALFORMED;
    }
    *out = decoded;
    return CW_OK;
}
