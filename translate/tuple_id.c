/* SPDX-License-Identifier: Apache-2.0 */
#include "tuple_id.h"

#include "sha1.h"

#include <causeway/utf8.h>

#define PREFIX         "ID-"
#define PREFIX_LEN     (sizeof(PREFIX) - 1)
#define MAX_CHARACTERS 128u

/* NameChar of XML 1.0 (fifth edition) section 2.3 without the colon. */
static const struct {
    uint32_t first, last;
} NAME_RANGES[] = {
    {'-', '.'},       {'0', '9'},       {'A', 'Z'},         {'_', '_'},       {'a', 'z'},
    {0xB7, 0xB7},     {0xC0, 0xD6},     {0xD8, 0xF6},       {0xF8, 0x37D},    {0x37F, 0x1FFF},
    {0x200C, 0x200D}, {0x203F, 0x2040}, {0x2070, 0x218F},   {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
    {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
};

static bool is_name_char(uint32_t c)
{
    for (size_t i = 0; i < sizeof(NAME_RANGES) / sizeof(NAME_RANGES[0]); i++) {
        if (c >= NAME_RANGES[i].first && c <= NAME_RANGES[i].last) {
            return true;
        }
    }
    return false;
}

/* Number of characters, 0 when one of them may not stand in a name. */
static size_t count_name_chars(struct cw_bytes text)
{
    size_t count = 0;
    uint32_t code_point;

    for (size_t at = 0; at < text.len; count++) {
        const size_t len = cw_utf8_step(text, at, &code_point);

        if (len == 0 || !is_name_char(code_point)) {
            return 0;
        }
        at += len;
    }
    return count;
}

static enum cw_err prefixed(const char *prefix, struct cw_bytes text, struct cw_arena *arena,
                            struct cw_bytes *out)
{
    const size_t prefix_len = strlen(prefix);
    char *const id = cw_arena_alloc(arena, prefix_len + text.len);

    if (id == NULL) {
        return CW_ERR_LIMIT;
    }
    memcpy(id, prefix, prefix_len); /* NOLINT(bugprone-not-null-terminated-result) */
    memcpy(id + prefix_len, text.base, text.len);
    *out = (struct cw_bytes){id, prefix_len + text.len};
    return CW_OK;
}

static enum cw_err hex_form(struct cw_bytes resource, struct cw_arena *arena, struct cw_bytes *out)
{
    static const char HEX[] = "0123456789abcdef";
    char digits[MAX_CHARACTERS];
    size_t len = 0;

    for (size_t i = 0; i < resource.len; i++) {
        const unsigned char c = (unsigned char)resource.base[i];

        digits[len++] = HEX[c >> 4];
        digits[len++] = HEX[c & 15];
    }
    return prefixed(PREFIX "x", (struct cw_bytes){digits, len}, arena, out);
}

enum cw_err cw_tuple_id_digest(struct cw_bytes resource, struct cw_arena *arena,
                               struct cw_bytes *out)
{
    char digits[CW_SHA1_HEX_LEN];

    cw_sha1_hex(resource, digits);
    return prefixed(PREFIX "h", (struct cw_bytes){digits, sizeof(digits)}, arena, out);
}

enum cw_err cw_tuple_id(struct cw_bytes resource, struct cw_arena *arena, struct cw_bytes *out)
{
    const size_t characters = count_name_chars(resource);

    if (resource.len == 0) {
        *out = CW_LIT(PREFIX "none"); /* PRES-17 */
        return CW_OK;
    }
    if (characters > 0 && characters <= MAX_CHARACTERS - PREFIX_LEN) {
        return prefixed(PREFIX, resource, arena, out); /* PRES-5 */
    }
    if (characters == 0 && 2 * resource.len <= MAX_CHARACTERS - PREFIX_LEN - 1) {
        return hex_form(resource, arena, out); /* PRES-6 */
    }
    return cw_tuple_id_digest(resource, arena, out);
}
