/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer_encoding.h"

#include "ascii.h"
#include "mime_header.h"

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Padding ends the data; nothing but white space may follow it. */
static bool is_padding(struct cw_bytes rest)
{
    size_t pads = 0;

    for (size_t i = 0; i < rest.len; i++) {
        if (rest.base[i] == '=') {
            pads++;
        } else if (!is_space(rest.base[i])) {
            return false;
        }
    }
    return pads <= 2;
}

static enum cw_err from_base64(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *const to = cw_arena_alloc(arena, text.len / 4 * 3 + 3);
    unsigned bits = 0;
    unsigned count = 0;
    size_t len = 0;

    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        const int value = sextet(text.base[i]);

        if (is_space(text.base[i])) {
            continue;
        }
        if (value < 0) {
            if (!is_padding((struct cw_bytes){text.base + i, text.len - i})) {
                return CW_ERR_MALFORMED;
            }
            break;
        }
        bits = (bits << 6 | (unsigned)value) & 0xFFFFFF;
        if (++count % 4 != 1) {
            to[len++] = (char)(bits >> (6 - 2 * ((count - 1) % 4)) & 0xFF);
        }
    }
    *out = (struct cw_bytes){to, len};
    return count % 4 == 1 ? CW_ERR_MALFORMED : CW_OK;
}

static int hex_value(char c)
{
    const char lower = cw_ascii_lower(c);

    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Octets of a soft line break at `at` (behind the "="), with the blanks before it; 0: none. */
static size_t soft_break(struct cw_bytes text, size_t at)
{
    size_t i = at;

    while (i < text.len && (text.base[i] == ' ' || text.base[i] == '\t' || text.base[i] == '\r')) {
        i++;
    }
    return i < text.len && text.base[i] == '\n' ? i + 1 - at : 0;
}

static enum cw_err from_quoted(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *const to = cw_arena_alloc(arena, text.len);
    size_t len = 0;

    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        const int high = i + 2 < text.len ? hex_value(text.base[i + 1]) : -1;
        const int low = i + 2 < text.len ? hex_value(text.base[i + 2]) : -1;

        if (text.base[i] != '=') {
            to[len++] = text.base[i];
        } else if (high >= 0 && low >= 0) {
            to[len++] = (char)(high * 16 + low);
            i += 2;
        } else {
            const size_t skipped = soft_break(text, i + 1);

            if (skipped == 0 && i + 1 < text.len) {
                return CW_ERR_MALFORMED;
            }
            i += skipped;
        }
    }
    *out = (struct cw_bytes){to, len};
    return CW_OK;
}

enum cw_err cw_transfer_decode(struct cw_bytes bytes, struct cw_bytes encoding,
                               struct cw_arena *arena, struct cw_bytes *out)
{
    const struct cw_bytes name = cw_mime_trim(encoding);

    if (name.len == 0 || cw_ascii_is_word(name, "8bit") || cw_ascii_is_word(name, "7bit") ||
        cw_ascii_is_word(name, "binary")) {
        *out = bytes;
        return CW_OK;
    }
    if (cw_ascii_is_word(name, "base64")) {
        return from_base64(bytes, arena, out);
    }
    return cw_ascii_is_word(name, "quoted-printable") ? from_quoted(bytes, arena, out)
                                                      : CW_ERR_UNSUPPORTED;
}
