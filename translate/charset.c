/* SPDX-License-Identifier: Apache-2.0 */
#include "charset.h"

#include "ascii.h"
#include "charset_tables.h"

#include <causeway/utf8.h>

#define UTF8_MAX 3u /* octets that one octet, or one code unit of UTF-16, becomes at most */

enum kind { UTF_8, ASCII, LATIN_1, TABLE, UTF_16, UTF_16_LE, UTF_16_BE };

/* Names and aliases as IANA registers them, and what else is seen: utf8, ascii, cp125x. */
static const struct {
    const char *name;
    enum kind kind;
    enum cw_charset_table table;
} CHARSETS[] = {
    {"utf-8", UTF_8, 0},
    {"csutf8", UTF_8, 0},
    {"utf8", UTF_8, 0},
    {"us-ascii", ASCII, 0},
    {"iso-ir-6", ASCII, 0},
    {"ansi_x3.4-1968", ASCII, 0},
    {"ansi_x3.4-1986", ASCII, 0},
    {"iso_646.irv:1991", ASCII, 0},
    {"iso646-us", ASCII, 0},
    {"us", ASCII, 0},
    {"ibm367", ASCII, 0},
    {"cp367", ASCII, 0},
    {"csascii", ASCII, 0},
    {"ascii", ASCII, 0},
    {"iso-8859-1", LATIN_1, 0},
    {"iso_8859-1:1987", LATIN_1, 0},
    {"iso-ir-100", LATIN_1, 0},
    {"iso_8859-1", LATIN_1, 0},
    {"latin1", LATIN_1, 0},
    {"l1", LATIN_1, 0},
    {"ibm819", LATIN_1, 0},
    {"cp819", LATIN_1, 0},
    {"csisolatin1", LATIN_1, 0},
    {"iso-8859-15", TABLE, CW_CHARSET_ISO_8859_15},
    {"iso_8859-15", TABLE, CW_CHARSET_ISO_8859_15},
    {"latin-9", TABLE, CW_CHARSET_ISO_8859_15},
    {"csiso885915", TABLE, CW_CHARSET_ISO_8859_15},
    {"windows-1250", TABLE, CW_CHARSET_WINDOWS_1250},
    {"cswindows1250", TABLE, CW_CHARSET_WINDOWS_1250},
    {"cp1250", TABLE, CW_CHARSET_WINDOWS_1250},
    {"windows-1251", TABLE, CW_CHARSET_WINDOWS_1251},
    {"cswindows1251", TABLE, CW_CHARSET_WINDOWS_1251},
    {"cp1251", TABLE, CW_CHARSET_WINDOWS_1251},
    {"windows-1252", TABLE, CW_CHARSET_WINDOWS_1252},
    {"cswindows1252", TABLE, CW_CHARSET_WINDOWS_1252},
    {"cp1252", TABLE, CW_CHARSET_WINDOWS_1252},
    {"windows-1253", TABLE, CW_CHARSET_WINDOWS_1253},
    {"cswindows1253", TABLE, CW_CHARSET_WINDOWS_1253},
    {"cp1253", TABLE, CW_CHARSET_WINDOWS_1253},
    {"windows-1254", TABLE, CW_CHARSET_WINDOWS_1254},
    {"cswindows1254", TABLE, CW_CHARSET_WINDOWS_1254},
    {"cp1254", TABLE, CW_CHARSET_WINDOWS_1254},
    {"windows-1255", TABLE, CW_CHARSET_WINDOWS_1255},
    {"cswindows1255", TABLE, CW_CHARSET_WINDOWS_1255},
    {"cp1255", TABLE, CW_CHARSET_WINDOWS_1255},
    {"windows-1256", TABLE, CW_CHARSET_WINDOWS_1256},
    {"cswindows1256", TABLE, CW_CHARSET_WINDOWS_1256},
    {"cp1256", TABLE, CW_CHARSET_WINDOWS_1256},
    {"windows-1257", TABLE, CW_CHARSET_WINDOWS_1257},
    {"cswindows1257", TABLE, CW_CHARSET_WINDOWS_1257},
    {"cp1257", TABLE, CW_CHARSET_WINDOWS_1257},
    {"windows-1258", TABLE, CW_CHARSET_WINDOWS_1258},
    {"cswindows1258", TABLE, CW_CHARSET_WINDOWS_1258},
    {"cp1258", TABLE, CW_CHARSET_WINDOWS_1258},
    {"utf-16", UTF_16, 0},
    {"csutf16", UTF_16, 0},
    {"utf-16le", UTF_16_LE, 0},
    {"csutf16le", UTF_16_LE, 0},
    {"utf-16be", UTF_16_BE, 0},
    {"csutf16be", UTF_16_BE, 0},
};

static struct cw_bytes without_mark(struct cw_bytes text)
{
    if (text.len >= 3 && memcmp(text.base, "\xEF\xBB\xBF", 3) == 0) {
        return (struct cw_bytes){text.base + 3, text.len - 3};
    }
    return text;
}

static enum cw_err from_ascii(struct cw_bytes text, struct cw_bytes *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.base[i] > 0x7F) {
            return CW_ERR_MALFORMED;
        }
    }
    *out = text;
    return CW_OK;
}

/* `table` NULL: the octets are the code points. */
static enum cw_err from_octets(struct cw_bytes text, const uint16_t *table, struct cw_arena *arena,
                               struct cw_bytes *out)
{
    char *const to = cw_arena_alloc(arena, text.len * UTF8_MAX);
    size_t len = 0;

    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.base[i];

        len += cw_utf8_put(to + len, c < 0x80 || table == NULL ? c : table[c - 0x80]);
    }
    *out = (struct cw_bytes){to, len};
    return CW_OK;
}

static uint32_t unit_at(struct cw_bytes text, size_t at, bool big)
{
    const unsigned char first = (unsigned char)text.base[at];
    const unsigned char second = (unsigned char)text.base[at + 1];

    return big ? (uint32_t)first << 8 | second : (uint32_t)second << 8 | first;
}

static bool is_high(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

static enum cw_err from_units(struct cw_bytes text, bool big, struct cw_arena *arena,
                              struct cw_bytes *out)
{
    char *const to = cw_arena_alloc(arena, text.len / 2 * UTF8_MAX);
    size_t len = 0;

    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    if (text.len % 2 != 0) {
        return CW_ERR_MALFORMED;
    }
    for (size_t at = 0; at < text.len; at += 2) {
        const uint32_t unit = unit_at(text, at, big);
        const uint32_t next = at + 2 < text.len ? unit_at(text, at + 2, big) : 0;

        if (is_high(unit) && is_low(next)) {
            len += cw_utf8_put(to + len, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
            at += 2;
        } else {
            len += cw_utf8_put(to + len, is_high(unit) || is_low(unit) ? 0xFFFD : unit);
        }
    }
    *out = (struct cw_bytes){to, len};
    return CW_OK;
}

/* A byte order mark decides; without one the octets come as networks send them (RFC 2781 section
 * 4.3). A mark of the fixed forms is one, too. */
static enum cw_err from_utf16(struct cw_bytes text, enum kind kind, struct cw_arena *arena,
                              struct cw_bytes *out)
{
    bool big = kind != UTF_16_LE;

    if (text.len >= 2 && kind == UTF_16 && memcmp(text.base, "\xFF\xFE", 2) == 0) {
        big = false;
    }
    if (text.len >= 2 && unit_at(text, 0, big) == 0xFEFF) {
        text.base += 2;
        text.len -= 2;
    }
    return from_units(text, big, arena, out);
}

static enum cw_err decode(struct cw_bytes text, size_t charset, struct cw_arena *arena,
                          struct cw_bytes *out)
{
    switch (CHARSETS[charset].kind) {
    case ASCII:
        return from_ascii(text, out);
    case LATIN_1:
        return from_octets(text, NULL, arena, out);
    case TABLE:
        return from_octets(text, cw_charset_points[CHARSETS[charset].table], arena, out);
    case UTF_16:
    case UTF_16_LE:
    case UTF_16_BE:
        return from_utf16(text, CHARSETS[charset].kind, arena, out);
    case UTF_8:
        break;
    }
    *out = without_mark(text);
    return cw_utf8_valid(*out) ? CW_OK : CW_ERR_MALFORMED;
}

enum cw_err cw_charset_decode(struct cw_bytes text, struct cw_bytes charset, struct cw_arena *arena,
                              struct cw_bytes *out)
{
    if (charset.len == 0) {
        return decode(text, 0, arena, out);
    }
    for (size_t i = 0; i < sizeof(CHARSETS) / sizeof(CHARSETS[0]); i++) {
        if (cw_ascii_is_word(charset, CHARSETS[i].name)) {
            return decode(text, i, arena, out); /* MSG-65 */
        }
    }
    return CW_ERR_UNSUPPORTED;
}
