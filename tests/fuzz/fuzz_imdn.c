/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/imdn.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct cw_imdn *a, const struct cw_imdn *b)
{
    return cw_bytes_equal(a->message_id, b->message_id) &&
           cw_bytes_equal(a->datetime, b->datetime) && cw_bytes_equal(a->recipient, b->recipient) &&
           cw_bytes_equal(a->original_recipient, b->original_recipient) && a->status == b->status;
}

/* What is read is written as what is read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)1 << 20);
    struct cw_imdn first;
    struct cw_imdn second;
    struct cw_bytes xml;

    if (cw_imdn_read((struct cw_bytes){(const char *)data, size}, arena, &first) == CW_OK &&
        cw_imdn_write(&first, arena, &xml) == CW_OK &&
        (cw_imdn_read(xml, arena, &second) != CW_OK || !same(&first, &second))) {
        abort();
    }
    cw_arena_free(&arena);
    return 0;
}
