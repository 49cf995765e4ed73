/* SPDX-License-Identifier: Apache-2.0 */
#include "lync_format.h"

#include <causeway/utf8.h>

#define UTF8_MARK "\xEF\xBB\xBF"

static bool begins_with(struct cw_bytes text, struct cw_bytes mark)
{
    return text.len >= mark.len && memcmp(text.base, mark.base, mark.len) == 0;
}

static struct cw_bytes skip(struct cw_bytes text, size_t count)
{
    return (struct cw_bytes){text.base + count, text.len - count};
}

static uint32_t unit_at(struct cw_bytes text, size_t at, bool big_endian)
{
    const unsigned char *const c = (const unsigned char *)text.base + at;

    return big_endian ? (uint32_t)c[0] << 8 | c[1] : (uint32_t)c[1] << 8 | c[0];
}

/* Octets of the character at `at`, 0 if it is half of one. */
static size_t step(struct cw_bytes text, size_t at, bool big_endian, uint32_t *code_point)
{
    const uint32_t first = unit_at(text, at, big_endian);

    *code_point = first;
    if (first < 0xD800 || first > 0xDFFF) {
        return 2;
    }
    if (first > 0xDBFF || text.len - at < 4) {
        return 0;
    }

    const uint32_t second = unit_at(text, at + 2, big_endian);

    *code_point = 0x10000 + ((first - 0xD800) << 10) + (second & 0x3FF);
    return second >= 0xDC00 && second <= 0xDFFF ? 4 : 0;
}

static enum cw_err from_utf16(struct cw_bytes text, bool big_endian, struct cw_arena *arena,
                              struct cw_bytes *out)
{
    char *const to = cw_arena_alloc(arena, text.len / 2 * 3 + 1);
    size_t len = 0;

    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t at = 0; at < text.len;) {
        uint32_t code_point;
        const size_t octets = text.len - at < 2 ? 0 : step(text, at, big_endian, &code_point);

        if (octets == 0) {
            return CW_ERR_MALFORMED;
        }
        len += cw_utf8_put(to + len, code_point);
        at += octets;
    }
    *out = (struct cw_bytes){to, len};
    return CW_OK;
}

/* An XML declaration names the encoding that the file had; it is UTF-8 now. */
static struct cw_bytes without_declaration(struct cw_bytes text)
{
    if (begins_with(text, CW_LIT("<?xml "))) {
        for (size_t i = 1; i < text.len; i++) {
            if (text.base[i - 1] == '?' && text.base[i] == '>') {
                return skip(text, i + 1);
            }
        }
    }
    return text;
}

enum cw_err cw_lync_decode(struct cw_bytes file, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes text = file;

    if (begins_with(file, CW_LIT("\xFF\xFE")) || begins_with(file, CW_LIT("\xFE\xFF"))) {
        CW_TRY(from_utf16(skip(file, 2), file.base[0] == '\xFE', arena, &text));
        text = without_declaration(text);
    } else if (begins_with(file, CW_LIT(UTF8_MARK))) {
        text = skip(file, sizeof(UTF8_MARK) - 1);
    }
    if (text.len > 0 && (!cw_utf8_valid(text) || memchr(text.base, '\0', text.len) != NULL)) {
        return CW_ERR_MALFORMED;
    }
    *out = text;
    return CW_OK;
}
