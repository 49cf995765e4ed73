/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/utf8.h>

#define REPLACEMENT "\xEF\xBF\xBD"
#define HIGH_BITS   UINT64_C(0x8080808080808080)

static bool is_tail(unsigned char c)
{
    return (c & 0xC0u) == 0x80u;
}

/* Second octets that would make an overlong form, a surrogate or a number past U+10FFFF. */
static bool second_is_bad(unsigned char first, unsigned char second)
{
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
           (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
}

static size_t length_by_first(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

size_t cw_utf8_step(struct cw_bytes text, size_t at, uint32_t *code_point)
{
    static const unsigned char FIRST_MASK[] = {0, 0x7F, 0x1F, 0x0F, 0x07};

    if (at >= text.len) {
        return 0;
    }

    const unsigned char *const c = (const unsigned char *)text.base + at;
    const size_t len = length_by_first(c[0]);

    if (len == 0 || len > text.len - at || (len > 1 && second_is_bad(c[0], c[1]))) {
        return 0;
    }

    uint32_t value = c[0] & FIRST_MASK[len];

    for (size_t i = 1; i < len; i++) {
        if (!is_tail(c[i])) {
            return 0;
        }
        value = value << 6 | (c[i] & 0x3Fu);
    }
    *code_point = value;
    return len;
}

/* First octet from `at` on that is not ASCII; eight at a time, most text is nothing else. */
static size_t skip_ascii(struct cw_bytes text, size_t at)
{
    uint64_t eight;

    while (text.len - at >= sizeof(eight)) {
        memcpy(&eight, text.base + at, sizeof(eight));
        if ((eight & HIGH_BITS) != 0) {
            break;
        }
        at += sizeof(eight);
    }
    while (at < text.len && (unsigned char)text.base[at] < 0x80) {
        at++;
    }
    return at;
}

bool cw_utf8_valid(struct cw_bytes text)
{
    uint32_t code_point = 0;
    size_t at = text.len == 0 ? 0 : skip_ascii(text, 0);

    while (at < text.len) {
        const size_t len = cw_utf8_step(text, at, &code_point);

        if (len == 0) {
            return false;
        }
        at = skip_ascii(text, at + len);
    }
    return true;
}

/* XML 1.0 section 2.2, production Char. CR is legal but does not survive a reader. */
static bool is_xml_char(uint32_t c)
{
    return c == '\t' || c == '\n' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

/* Are the eight octets at `base` all printable ASCII? */
static bool are_printable(const char *base)
{
    uint64_t eight;

    memcpy(&eight, base, sizeof(eight));
    /* an octet below 0x20 borrows into its highest bit when 0x20 is taken from each */
    return ((eight | (eight - UINT64_C(0x2020202020202020))) & HIGH_BITS) == 0;
}

static bool is_xml_clean(struct cw_bytes text)
{
    uint32_t code_point = 0;

    for (size_t at = 0; at < text.len;) {
        if (text.len - at >= 8 && are_printable(text.base + at)) {
            at += 8;
            continue;
        }
        at += cw_utf8_step(text, at, &code_point);
        if (!is_xml_char(code_point)) {
            return false;
        }
    }
    return true;
}

static char *put(char *to, const char *from, size_t len)
{
    memcpy(to, from, len);
    return to + len;
}

enum cw_err cw_utf8_xml_text(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    if (!cw_utf8_valid(text)) {
        return CW_ERR_MALFORMED; /* MSG-66 */
    }
    if (is_xml_clean(text)) {
        *out = text;
        return CW_OK;
    }

    char *const base = cw_arena_alloc(arena, 3 * text.len);
    char *to = base;
    uint32_t code_point = 0;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t at = 0; at < text.len;) {
        const size_t len = cw_utf8_step(text, at, &code_point);

        if (code_point == '\r') { /* MSG-61 */
            *to++ = '\n';
            at += at + 1 < text.len && text.base[at + 1] == '\n' ? 1 : 0;
        } else if (is_xml_char(code_point)) {
            to = put(to, text.base + at, len);
        } else {
            to = put(to, REPLACEMENT, sizeof(REPLACEMENT) - 1); /* MSG-66 */
        }
        at += len;
    }
    *out = (struct cw_bytes){base, (size_t)(to - base)};
    return CW_OK;
}

/* C0, DEL, C1 and the two separators of Unicode that break lines. */
static bool breaks_line(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

enum cw_err cw_utf8_one_line(struct cw_bytes text, size_t max_len, struct cw_arena *arena,
                             struct cw_bytes *out)
{
    if (!cw_utf8_valid(text)) {
        return CW_ERR_MALFORMED;
    }

    const size_t room = text.len < max_len ? text.len : max_len;
    char *const base = cw_arena_alloc(arena, room + 1);
    size_t used = 0;
    uint32_t code_point = 0;
    bool in_break = false;

    if (base == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t at = 0; at < text.len;) {
        const size_t len = cw_utf8_step(text, at, &code_point);
        const bool breaks = breaks_line(code_point); /* SEC-16, MSG-14 */
        const size_t need = !breaks ? len : in_break ? 0 : 1;

        if (need > room - used) {
            break;
        }
        memcpy(base + used, breaks ? " " : text.base + at, need);
        used += need;
        in_break = breaks;
        at += len;
    }
    *out = (struct cw_bytes){base, used};
    return CW_OK;
}

size_t cw_utf8_put(char *to, uint32_t code_point)
{
    const uint32_t c = code_point;

    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}
