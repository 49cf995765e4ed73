/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/is_composing.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct cw_is_composing *a, const struct cw_is_composing *b)
{
    return a->active == b->active && a->refresh_s == b->refresh_s &&
           cw_bytes_equal(a->content_type, b->content_type) &&
           cw_bytes_equal(a->last_active, b->last_active);
}

/* What is read is written as what is read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    struct cw_is_composing first;
    struct cw_is_composing second;
    struct cw_bytes xml;

    if (cw_is_composing_read((struct cw_bytes){(const char *)data, size}, arena, &first) == CW_OK &&
        cw_is_composing_write(&first, arena, &xml) == CW_OK &&
        (cw_is_composing_read(xml, arena, &second) != CW_OK || !same(&first, &second))) {
        abort();
    }
    cw_arena_free(&arena);
    return 0;
}
