/* SPDX-License-Identifier: Apache-2.0 */
#include "bounce.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer is an error stanza, and an error stanza gets no answer: no loop of bounces. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)1024 * 1024);
    const struct cw_bytes head = cw_bounce_head((struct cw_bytes){(const char *)data, size});
    struct cw_bytes error;

    if (head.base != NULL && cw_bounce_write(head, arena, &error) == CW_OK) {
        struct cw_bytes again;

        if (cw_bounce_write(cw_bounce_head(error), arena, &again) != CW_ERR_EMPTY) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
