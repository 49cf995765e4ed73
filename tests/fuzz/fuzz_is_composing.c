/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/is_composing.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read, is written, and what is written is read as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)4 << 20);
    struct cw_is_composing state;
    struct cw_is_composing again;
    struct cw_bytes xml;

    if (cw_is_composing_read((struct cw_bytes){(const char *)data, size}, arena, &state) == CW_OK &&
        cw_is_composing_write(&state, arena, &xml) == CW_OK) {
        if (state.refresh_s > 86400 || cw_is_composing_read(xml, arena, &again) != CW_OK ||
            again.active != state.active || again.refresh_s != state.refresh_s ||
            !cw_bytes_equal(again.content_type, state.content_type) ||
            !cw_bytes_equal(again.last_active, state.last_active)) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
