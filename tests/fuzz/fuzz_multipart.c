/* SPDX-License-Identifier: Apache-2.0 */
#include "multipart.h"

#include <stdint.h>
#include <stdlib.h>

#define PARTS 32u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A value stands in the input or, unfolded, in the arena: never with a line end or a control. */
static void check_value(struct cw_bytes value)
{
    check(value.len <= CW_MIME_LINE_MAX);
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.base[i];

        check((c >= 0x20 || c == '\t') && c != 0x7F);
    }
}

/* The first line is the boundary. Parts lie in the input, one behind the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_bytes rest = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    struct cw_bytes boundary = {0};
    struct cw_part parts[PARTS];
    size_t count = 0;

    if (cw_mime_line(&rest, &boundary) &&
        cw_multipart_read(rest, boundary, arena, parts, PARTS, &count) == CW_OK) {
        const char *behind = rest.base;

        check(count > 0 && count <= PARTS);
        for (size_t i = 0; i < count; i++) {
            check(parts[i].content.base >= behind &&
                  parts[i].content.base + parts[i].content.len <= rest.base + rest.len);
            behind = parts[i].content.base + parts[i].content.len;
            check_value(parts[i].headers.type);
            check_value(parts[i].headers.disposition);
            check_value(parts[i].headers.language);
            check_value(parts[i].headers.transfer_encoding);
        }
    }
    cw_arena_free(&arena);
    return 0;
}
