/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/stanza_write.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever comes: a stanza that is read can be answered, and the answer is a stanza again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_stanza_error error = {.condition = CW_LIT("forbidden"), .type = CW_LIT("auth")};
    struct cw_arena *arena = cw_arena_new((size_t)8 << 20);
    struct cw_stanza stanza;
    struct cw_stanza again;
    struct cw_bytes xml;

    if (cw_stanza_read((struct cw_bytes){(const char *)data, size}, arena, &stanza) == CW_OK &&
        cw_stanza_write_error(&stanza, &error, arena, &xml) == CW_OK) {
        if (cw_stanza_read(xml, arena, &again) != CW_OK || again.type != CW_TYPE_ERROR ||
            again.kind != stanza.kind || !cw_bytes_equal(again.id, stanza.id) ||
            !cw_jid_equal(&again.from, &stanza.to) || !cw_jid_equal(&again.to, &stanza.from) ||
            !cw_bytes_equal(again.error_condition, error.condition)) {
            abort();
        }
    }
    cw_arena_free(&arena);
    return 0;
}
