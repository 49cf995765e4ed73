/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer_encoding.h"

#include "ascii.h"
#include "mime_header.h"

#include <stdint.h>

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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Behind the blanks at `at`: padding of transports if a line ends there (RFC 2045 section 6.7,
 * rule 3). */
static size_t skip_blanks(struct cw_bytes text, size_t at)
{
    while (at < text.len && is_blank(text.base[at])) {
        at++;
    }
    return at;
}

/* Octets of the line end at `at`; the end of the text is one, of none. */
static bool is_line_end(struct cw_bytes text, size_t at, size_t *len)
{
    const size_t returns = at < text.len && text.base[at] == '\r' ? 1 : 0;

    if (at == text.len) {
        *len = 0;
        return true;
    }
    *len = returns + 1;
    return at + returns < text.len && text.base[at + returns] == '\n';
}

/* What "=" at `at` stands for: an octet, or a line that goes on. @return where the text goes on;
 * SIZE_MAX: neither */
static size_t take_escape(struct cw_bytes text, size_t at, char *to, size_t *len)
{
    const int high = at + 2 < text.len ? cw_ascii_hex(text.base[at + 1]) : -1;
    const int low = at + 2 < text.len ? cw_ascii_hex(text.base[at + 2]) : -1;
    size_t line_end;

    if (high >= 0 && low >= 0) {
        to[(*len)++] = (char)(high * 16 + low);
        return at + 3;
    }
    at = skip_blanks(text, at + 1);
    return is_line_end(text, at, &line_end) ? at + line_end : SIZE_MAX;
}

static enum cw_err from_quoted(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *const to = cw_arena_alloc(arena, text.len);
    size_t len = 0;
    size_t ignored;

    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len;) {
        const size_t blanks = skip_blanks(text, i) - i;

        if (text.base[i] == '=') {
            i = take_escape(text, i, to, &len);
            if (i == SIZE_MAX) {
                return CW_ERR_MALFORMED;
            }
        } else if (blanks == 0) {
            to[len++] = text.base[i++];
        } else {
            if (!is_line_end(text, i + blanks, &ignored)) {
                memcpy(to + len, text.base + i, blanks);
                len += blanks;
            }
            i += blanks;
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
