/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/imdn.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read, is written, and what is written is read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)4 << 20);
    struct cw_imdn imdn;
    struct cw_imdn again;
    struct cw_bytes xml;

    if (cw_imdn_read((struct cw_bytes){(const char *)data, size}, arena, &imdn) == CW_OK &&
        cw_imdn_write(&imdn, arena, &xml) == CW_OK) {
        if (imdn.message_id.len == 0 || (unsigned)imdn.status >= CW_IMDN_STATUSES ||
            cw_imdn_read(xml, arena, &again) != CW_OK || again.status != imdn.status ||
            !cw_bytes_equal(again.message_id, imdn.message_id) ||
            !cw_bytes_equal(again.datetime, imdn.datetime) ||
            !cw_bytes_equal(again.recipient, imdn.recipient) ||
            !cw_bytes_equal(again.original_recipient, imdn.original_recipient)) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
