/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include "presence_cache.h"

#include <causeway/address.h>
#include <causeway/pidf.h>

#define DOCUMENT_MAX 65536u /* MAPPING 18 */

/* "sip:user@host" as "pres:user@host" (ADDR-30). */
static enum cw_err write_entity(const struct cw_jid *who, struct cw_arena *arena,
                                struct cw_bytes *out)
{
    const struct cw_bytes scheme = CW_LIT("pres");
    const struct cw_jid bare = cw_jid_bare(who);
    struct cw_bytes aor;
    char *text;

    CW_TRY(cw_address_to_sip(&bare, CW_ADDRESS_AOR, arena, &aor));
    text = cw_arena_alloc(arena, aor.len + 1);
    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    memcpy(text, scheme.base, scheme.len);
    memcpy(text + scheme.len, aor.base + 3, aor.len - 3);
    *out = (struct cw_bytes){text, aor.len + 1};
    return CW_OK;
}

static enum cw_err write_tuple(const struct cw_jid *who, const struct cw_presence *presence,
                               struct cw_bytes stamp, struct cw_arena *arena,
                               struct cw_pidf_tuple *out)
{
    struct cw_jid full = *who;
    struct cw_bytes contact;

    full.resource = presence->resource;
    CW_TRY(cw_address_to_sip(&full, CW_ADDRESS_WITH_GR, arena, &contact)); /* PRES-14 */
    CW_TRY(cw_presence_to_pidf(presence, contact, CW_PIDF_VIEW_FULL, arena, out));
    if (out->timestamp.base == NULL) {
        out->timestamp = stamp; /* PRES-15 */
    }
    return CW_OK;
}

enum cw_err cw_document_write(const struct cw_jid *who, const struct cw_presence_cache *cache,
                              struct cw_bytes stamp, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_pidf_tuple tuples[CW_PRESENCE_CACHE_MAX];
    struct cw_pidf doc = {.tuples = tuples};
    const size_t count = cache != NULL ? cw_presence_cache_count(cache) : 0;

    CW_TRY(write_entity(who, arena, &doc.entity));
    for (size_t i = 0; i < count; i++) {
        CW_TRY(write_tuple(who, cw_presence_cache_at(cache, i), stamp, arena, &tuples[i]));
    }
    doc.tuple_count = count;
    if (count == 0) { /* PRES-17 */
        tuples[0] = (struct cw_pidf_tuple){.id = CW_LIT("ID-none"),
                                           .has_basic = true,
                                           .priority_milli = CW_PIDF_NO_PRIORITY,
                                           .timestamp = stamp};
        doc.tuple_count = 1;
    }
    return cw_pidf_write(&doc, DOCUMENT_MAX, arena, out);
}
