/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/permit.h>
#include <stdlib.h>

#define ARENA_LIMIT ((size_t)32 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A document that is read is the one that its content writes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes payload = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_permits permits;
    struct cw_bytes again;

    if (cw_permits_read(payload, arena, &permits) == CW_OK && size <= CW_PERMITS_MAX_LEN) {
        if (cw_permits_write(&permits, arena, &again) != CW_OK || !cw_bytes_equal(again, payload)) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
