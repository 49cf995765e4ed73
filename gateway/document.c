/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include "presence_cache.h"

#include <causeway/address.h>
#include <causeway/pidf.h>

#define DOCUMENT_MAX 61440u /* MAPPING 18: 64 KiB, less what the headers of a NOTIFY may take */

/* "sip:user@host", or the same as "pres:user@host" (ADDR-30). */
static enum cw_err write_entity(const struct cw_jid *who, enum cw_document_scheme scheme,
                                struct cw_arena *arena, struct cw_bytes *out)
{
    const struct cw_bytes pres = CW_LIT("pres");
    const struct cw_jid bare = cw_jid_bare(who);
    struct cw_bytes aor;
    char *text;

    CW_TRY(cw_address_to_sip(&bare, CW_ADDRESS_AOR, arena, &aor));
    if (scheme == CW_DOCUMENT_SIP) {
        *out = aor;
        return CW_OK;
    }
    text = cw_arena_alloc(arena, aor.len + 1);
    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    memcpy(text, pres.base, pres.len);
    memcpy(text + pres.len, aor.base + 3, aor.len - 3);
    *out = (struct cw_bytes){text, aor.len + 1};
    return CW_OK;
}

static enum cw_err write_tuple(const struct cw_jid *who, const struct cw_presence *presence,
                               enum cw_pidf_view view, struct cw_arena *arena,
                               struct cw_pidf_tuple *out)
{
    struct cw_jid full = *who;
    struct cw_bytes contact;

    full.resource = presence->resource;
    CW_TRY(cw_address_to_sip(&full, CW_ADDRESS_WITH_GR, arena, &contact)); /* PRES-14 */
    return cw_presence_to_pidf(presence, contact, view, arena, out);
}

/* PRES-12: the header can name one language only. */
static struct cw_bytes language_of(const struct cw_pidf *doc)
{
    struct cw_bytes language = {0};

    for (size_t i = 0; i < doc->tuple_count; i++) {
        const struct cw_text_list *const notes = &doc->tuples[i].notes;

        for (size_t k = 0; k < notes->count; k++) {
            const struct cw_bytes lang = notes->items[k].lang;

            if (lang.len == 0 || (language.len != 0 && !cw_bytes_equal(language, lang))) {
                return (struct cw_bytes){0};
            }
            language = lang;
        }
    }
    return language;
}

static void set_person(struct cw_pidf *doc, const struct cw_document_form *form)
{
    if (form->pep != NULL) { /* PRES-40 */
        doc->person.activities = form->pep->activities;
        doc->mood = form->pep->mood;
        doc->mood_is_other = form->pep->mood_is_other;
    }
    cw_pidf_add_person(doc, form->map);
}

static enum cw_err write_tuples(const struct cw_jid *who, const struct cw_presence_cache *cache,
                                enum cw_pidf_view view, struct cw_arena *arena,
                                struct cw_pidf_tuple *out)
{
    for (size_t i = 0; i < cw_presence_cache_count(cache); i++) {
        CW_TRY(write_tuple(who, cw_presence_cache_at(cache, i), view, arena, &out[i]));
    }
    return CW_OK;
}

static enum cw_err write_document(const struct cw_jid *who, const struct cw_presence_cache *cache,
                                  const struct cw_document_form *form, enum cw_pidf_view view,
                                  struct cw_arena *arena, struct cw_document *out)
{
    struct cw_pidf_tuple tuples[CW_PRESENCE_CACHE_MAX] = {
        {.id = CW_LIT("ID-none"), .has_basic = true, .priority_milli = CW_PIDF_NO_PRIORITY}};
    struct cw_pidf doc = {
        .tuples = tuples, .tuple_count = 1, .says_capabilities = form->says_capabilities};

    CW_TRY(write_entity(who, form->scheme, arena, &doc.entity));
    if (cache != NULL && cw_presence_cache_count(cache) != 0) { /* PRES-17 */
        doc.tuple_count = cw_presence_cache_count(cache);
        CW_TRY(write_tuples(who, cache, view, arena, tuples));
    }
    for (size_t i = 0; i < doc.tuple_count; i++) {
        if (tuples[i].timestamp.base == NULL) {
            tuples[i].timestamp = form->stamp; /* PRES-15 */
        }
    }
    set_person(&doc, form);
    out->language = language_of(&doc);
    return cw_pidf_write(&doc, DOCUMENT_MAX, arena, &out->xml);
}

enum cw_err cw_document_write(const struct cw_jid *who, const struct cw_presence_cache *cache,
                              const struct cw_document_form *form, struct cw_arena *arena,
                              struct cw_document *out)
{
    enum cw_err err = write_document(who, cache, form, CW_PIDF_VIEW_FULL, arena, out);

    if (err == CW_ERR_LIMIT) { /* no note is worth the presence that it hides */
        err = write_document(who, cache, form, CW_PIDF_VIEW_NO_NOTES, arena, out);
    }
    return err;
}
