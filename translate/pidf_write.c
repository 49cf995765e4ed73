/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>

#include "show_map.h"
#include "stanza_words.h"
#include "xml_write.h"

static void print_status(struct cw_xml_writer *w, const struct cw_pidf_tuple *tuple)
{
    cw_xml_raw(w, CW_LIT("<status>"));
    cw_xml_element(w, "basic", tuple->open ? CW_LIT("open") : CW_LIT("closed"));
    if (tuple->show != CW_SHOW_NONE) { /* PRES-10 */
        cw_xml_raw(w, CW_LIT("<show xmlns='" CW_NS_CLIENT "'>"));
        cw_xml_raw(w, cw_show_name(tuple->show));
        cw_xml_raw(w, CW_LIT("</show>"));
    }
    cw_xml_raw(w, CW_LIT("</status>"));
    if (tuple->open && cw_show_is_idle(tuple->show)) { /* PRES-30 */
        cw_xml_raw(w, CW_LIT("<user-input xmlns='" CW_NS_RPID "'>idle</user-input>"));
    }
}

/* PRES-20: a decimal number from 0 to 1, at most three digits after the point. */
static void print_priority(struct cw_xml_writer *w, int milli)
{
    const char number[] = {
        (char)('0' + milli / 1000),     '.',
        (char)('0' + milli / 100 % 10), (char)('0' + milli / 10 % 10),
        (char)('0' + milli % 10),
    };

    if (milli == CW_PIDF_NO_PRIORITY) {
        return;
    }
    cw_xml_attr(w, "priority", (struct cw_bytes){number, milli % 1000 == 0 ? 1 : sizeof(number)});
}

static void print_contact(struct cw_xml_writer *w, const struct cw_pidf_tuple *tuple)
{
    if (tuple->contact.base == NULL) {
        return;
    }
    cw_xml_raw(w, CW_LIT("<contact"));
    print_priority(w, tuple->priority_milli);
    cw_xml_raw(w, CW_LIT(">"));
    cw_xml_text(w, tuple->contact);
    cw_xml_raw(w, CW_LIT("</contact>"));
}

static void print_note(struct cw_xml_writer *w, struct cw_bytes note, struct cw_bytes lang)
{
    if (note.base == NULL) {
        return;
    }
    cw_xml_raw(w, CW_LIT("<note"));
    cw_xml_attr(w, "xml:lang", lang); /* PRES-11 */
    cw_xml_raw(w, CW_LIT(">"));
    cw_xml_text(w, note);
    cw_xml_raw(w, CW_LIT("</note>"));
}

static void print_tuple(struct cw_xml_writer *w, const struct cw_pidf_tuple *tuple)
{
    cw_xml_raw(w, CW_LIT("<tuple"));
    cw_xml_attr(w, "id", tuple->id);
    cw_xml_raw(w, CW_LIT(">"));
    print_status(w, tuple);
    print_contact(w, tuple);
    print_note(w, tuple->note, tuple->note_lang);
    cw_xml_element(w, "timestamp", tuple->timestamp);
    cw_xml_raw(w, CW_LIT("</tuple>"));
}

static enum cw_show person_show(const struct cw_pidf *doc)
{
    const struct cw_pidf_tuple *first = NULL;

    if (doc->person_has_show) {
        return doc->person_show;
    }
    for (size_t i = 0; i < doc->tuple_count; i++) {
        const struct cw_pidf_tuple *const at = &doc->tuples[i];

        if (at->open && (first == NULL || at->priority_milli > first->priority_milli)) {
            first = at;
        }
    }
    return first == NULL ? CW_SHOW_NONE : first->show;
}

static void print_person(struct cw_xml_writer *w, const struct cw_pidf *doc)
{
    const struct cw_bytes activity = cw_show_activity(person_show(doc));

    if (activity.base == NULL) {
        return;
    }
    cw_xml_raw(w, CW_LIT("<dm:person xmlns:dm='" CW_NS_PERSON "' id='person'>"
                         "<rpid:activities xmlns:rpid='" CW_NS_RPID "'><rpid:"));
    cw_xml_raw(w, activity);
    cw_xml_raw(w, CW_LIT("/></rpid:activities></dm:person>"));
}

/* Order by PRES-19: tuples, notes, extensions. */
static void print_document(struct cw_xml_writer *w, const void *input)
{
    const struct cw_pidf *const doc = input;

    cw_xml_raw(w, CW_LIT("<?xml version='1.0' encoding='UTF-8'?>"
                         "<presence xmlns='" CW_NS_PIDF "'"));
    cw_xml_attr(w, "entity", doc->entity);
    cw_xml_raw(w, CW_LIT(">"));
    for (size_t i = 0; i < doc->tuple_count; i++) {
        print_tuple(w, &doc->tuples[i]);
    }
    print_note(w, doc->note, doc->note_lang);
    print_person(w, doc);
    cw_xml_raw(w, CW_LIT("</presence>"));
}

/* A copy of `doc` in which no two tuples share an id (PRES-6). */
static enum cw_err with_unique_ids(const struct cw_pidf *doc, struct cw_arena *arena,
                                   struct cw_pidf *out)
{
    const size_t size = doc->tuple_count * sizeof(*doc->tuples);
    struct cw_pidf_tuple *const tuples = cw_arena_alloc(arena, size + 1);

    if (tuples == NULL) {
        return CW_ERR_LIMIT;
    }
    if (size > 0) {
        memcpy(tuples, doc->tuples, size);
    }
    *out = *doc;
    out->tuples = tuples;
    return cw_pidf_unique_ids(tuples, doc->tuple_count, arena);
}

enum cw_err cw_pidf_write(const struct cw_pidf *doc, size_t max_len, struct cw_arena *arena,
                          struct cw_bytes *out)
{
    struct cw_pidf unique;

    CW_TRY(with_unique_ids(doc, arena, &unique));
    return cw_xml_build(print_document, &unique, max_len, arena, out);
}
