/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>
#include <causeway/stanza_write.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
    if (!what) {
        abort();
    }
}

static bool has_text(const struct cw_text_list *texts, const struct cw_text *wanted)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (cw_bytes_equal(texts->items[i].lang, wanted->lang)) {
            return cw_bytes_equal(texts->items[i].text, wanted->text);
        }
    }
    return false;
}

/* The same texts; the first one may be another. */
static void require_texts(const struct cw_text_list *a, const struct cw_text_list *b)
{
    require(a->count == b->count && a->count <= CW_TEXTS_MAX);
    for (size_t i = 0; i < a->count; i++) {
        require(has_text(b, &a->items[i]));
    }
}

/* A presence as a stanza, read again. */
static void check_stanza(const struct cw_presence *presence, struct cw_arena *arena)
{
    const struct cw_jid from = {
        .local = CW_LIT("a"), .domain = CW_LIT("b.example"), .resource = presence->resource};
    struct cw_stanza again;
    struct cw_bytes xml;

    if (cw_stanza_write_presence(&from, &from, presence, CW_LIT("1"), arena, &xml) != CW_OK) {
        return;
    }
    require(cw_stanza_read(xml, arena, &again) == CW_OK && cw_jid_equal(&again.from, &from));
    require(again.presence.available == presence->available);
    require_texts(&again.presence.statuses, &presence->statuses);
    if (presence->available) {
        require(again.presence.show == presence->show);
        require(again.presence.has_priority == presence->has_priority);
        require(again.presence.priority == presence->priority);
        require(cw_bytes_equal(again.presence.idle_since, presence->idle_since));
    }
}

/* Whoever is idle and says no more is shown as away (PRES-30). */
static enum cw_show show_after(const struct cw_presence *presence)
{
    return presence->show == CW_SHOW_NONE && presence->idle_since.base != NULL ? CW_SHOW_AWAY
                                                                               : presence->show;
}

static void require_kept(const struct cw_presence *back, const struct cw_presence *presence)
{
    require(back->available == presence->available);
    require_texts(&back->statuses, &presence->statuses);
    if (presence->available) {
        const bool kept = presence->has_priority && presence->priority >= 0; /* PRES-9 */

        require(back->show == show_after(presence));
        require(back->has_priority == kept);
        require(!kept || back->priority == presence->priority);
        require(cw_bytes_equal(back->idle_since, presence->idle_since));
    }
}

/* A presence as a document, read again. Words for an activity would be a status more. */
static void check_document(const struct cw_presence *presence, struct cw_arena *arena)
{
    struct cw_show_map map = CW_SHOW_MAP_DEFAULT;
    struct cw_pidf_tuple tuple;
    struct cw_pidf doc = {.entity = CW_LIT("pres:a@b"),
                          .tuples = &tuple,
                          .tuple_count = 1,
                          .says_capabilities = true};
    struct cw_presence back;
    struct cw_pidf again;
    struct cw_bytes xml;

    map.words = false;
    if (cw_presence_to_pidf(presence, CW_LIT("sip:a@b"), CW_PIDF_VIEW_FULL, arena, &tuple) !=
        CW_OK) {
        return;
    }
    cw_pidf_add_person(&doc, &map);
    if (cw_pidf_write(&doc, 65536, arena, &xml) != CW_OK) {
        return;
    }
    require(cw_pidf_read(xml, (struct cw_bytes){0}, arena, &again) == CW_OK);
    require(again.tuple_count == 1 && again.tuples[0].open == presence->available);
    require(cw_pidf_to_presence(&again, &again.tuples[0], CW_PIDF_VIEW_FULL, &map, arena, &back) ==
            CW_OK);
    require_kept(&back, presence);
}

static void check_presence(const struct cw_presence *presence, struct cw_arena *arena)
{
    check_stanza(presence, arena);
    check_document(presence, arena);
}

/* A document, written and read again. */
static void check_again(const struct cw_pidf *doc, struct cw_arena *arena)
{
    struct cw_pidf again;
    struct cw_bytes xml;

    if (cw_pidf_write(doc, 65536, arena, &xml) != CW_OK) {
        return;
    }
    require(cw_pidf_read(xml, (struct cw_bytes){0}, arena, &again) == CW_OK);
    require(again.tuple_count == doc->tuple_count);
    require(again.person.activities == doc->person.activities);
    require_texts(&again.notes, &doc->notes);
    for (size_t i = 0; i < doc->tuple_count; i++) {
        require(again.tuples[i].open == doc->tuples[i].open);
        require(again.tuples[i].show == doc->tuples[i].show);
        require_texts(&again.tuples[i].notes, &doc->tuples[i].notes);
    }
}

/* The whole way: documents become stanzas and documents again, and presence stanzas become
 * documents and presence again. Show, priority, texts and idleness survive each of them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cw_bytes input = {(const char *)data, size};
    struct cw_arena *arena = cw_arena_new((size_t)16 << 20);
    struct cw_presence presence;
    struct cw_stanza stanza;
    struct cw_pidf doc;

    if (cw_pidf_read(input, CW_LIT("en"), arena, &doc) == CW_OK) {
        require(doc.tuple_count <= CW_PIDF_MAX_TUPLES);
        check_again(&doc, arena);
        for (size_t i = 0; i < doc.tuple_count; i++) {
            if (cw_pidf_to_presence(&doc, &doc.tuples[i], CW_PIDF_VIEW_FULL, &CW_SHOW_MAP_DEFAULT,
                                    arena, &presence) == CW_OK) {
                check_presence(&presence, arena);
            }
        }
        require(cw_pidf_absence(&doc, CW_PIDF_VIEW_NO_NOTES, &CW_SHOW_MAP_DEFAULT, arena,
                                &presence) == CW_OK);
        require(!presence.available && presence.statuses.count == 0);
    } else if (cw_stanza_read(input, arena, &stanza) == CW_OK &&
               stanza.kind == CW_STANZA_PRESENCE && stanza.presence.resource.len != 0) {
        require(cw_presence_set_idle(&stanza.presence, 1772442000000, arena) == CW_OK);
        check_presence(&stanza.presence, arena);
    }
    cw_arena_free(&arena);
    return 0;
}
