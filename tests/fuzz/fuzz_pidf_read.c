/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>
#include <causeway/stanza_write.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_presence(const struct cw_presence *presence, struct cw_arena *arena)
{
    const struct cw_jid from = {
        .local = CW_LIT("a"), .domain = CW_LIT("b.example"), .resource = presence->resource};
    struct cw_stanza again;
    struct cw_bytes xml;

    if (cw_stanza_write_presence(&from, &from, presence, CW_LIT("1"), arena, &xml) == CW_OK &&
        (cw_stanza_read(xml, arena, &again) != CW_OK || !cw_jid_equal(&again.from, &from))) {
        abort();
    }
}

/* A document that is read is written as one that can be read, and its tuples as stanzas. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)8 << 20);
    struct cw_presence presence;
    struct cw_pidf doc;
    struct cw_pidf again;
    struct cw_bytes xml;

    if (cw_pidf_read((struct cw_bytes){(const char *)data, size}, arena, &doc) == CW_OK) {
        if (cw_pidf_write(&doc, 65536, arena, &xml) == CW_OK &&
            (cw_pidf_read(xml, arena, &again) != CW_OK || again.tuple_count != doc.tuple_count)) {
            abort();
        }
        for (size_t i = 0; i < doc.tuple_count; i++) {
            if (cw_pidf_to_presence(&doc, &doc.tuples[i], CW_PIDF_VIEW_FULL, arena, &presence) ==
                CW_OK) {
                check_presence(&presence, arena);
            }
        }
    }
    cw_arena_free(&arena);
    return 0;
}
