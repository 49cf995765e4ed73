/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>
#include <causeway/stanza.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
    if (!what) {
        abort();
    }
}

/* It becomes a name of an element, so nothing but letters and "_" may stand in it. */
static void check_name(struct cw_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        require((name.base[i] >= 'a' && name.base[i] <= 'z') || name.base[i] == '_');
    }
}

/* Whatever headline comes: it holds names of our own tables only, and the document with them can be
 * read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_arena *arena = cw_arena_new((size_t)8 << 20);
    struct cw_pep held = {.kind = CW_PEP_NONE};
    struct cw_stanza stanza;
    struct cw_pidf again;
    struct cw_bytes xml;

    if (cw_stanza_read((struct cw_bytes){(const char *)data, size}, arena, &stanza) == CW_OK &&
        stanza.pep.kind != CW_PEP_NONE) {
        const struct cw_pep *const pep = &stanza.pep;
        const struct cw_pidf doc = {.entity = CW_LIT("pres:a@b"),
                                    .person = {.activities = pep->activities},
                                    .mood = pep->mood,
                                    .mood_is_other = pep->mood_is_other};

        require(stanza.kind == CW_STANZA_MESSAGE);
        require((pep->activities & (pep->activities - 1)) == 0);
        require(pep->activities < (cw_activities)1 << CW_ACTIVITIES);
        check_name(pep->mood);
        (void)cw_pep_merge(&held, pep);
        require(!cw_pep_merge(&held, pep));
        require(cw_pidf_write(&doc, 4096, arena, &xml) == CW_OK);
        require(cw_pidf_read(xml, (struct cw_bytes){0}, arena, &again) == CW_OK);
        require(again.person.activities == pep->activities);
    }
    cw_arena_free(&arena);
    return 0;
}
