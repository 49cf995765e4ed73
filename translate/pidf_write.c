/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/pidf.h>

#include "pidf_words.h"
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
}

/* PRES-30, PRES-33 */
static void print_input(struct cw_xml_writer *w, const struct cw_rpid *rpid)
{
    if (rpid->idle) {
        cw_xml_raw(w, CW_LIT("<user-input xmlns='" CW_NS_RPID "'"));
        cw_xml_attr(w, "last-input", rpid->idle_since);
        cw_xml_raw(w, CW_LIT(">idle</user-input>"));
    }
}

/* RFC 5196: messages and typing is what reaches an XMPP client from here. */
static void print_capabilities(struct cw_xml_writer *w)
{
    cw_xml_raw(w, CW_LIT("<caps:servcaps xmlns:caps='" CW_NS_SERVCAPS "'>"
                         "<caps:audio>false</caps:audio><caps:message>true</caps:message>"
                         "<caps:methods><caps:supported><caps:MESSAGE/></caps:supported>"
                         "</caps:methods><caps:type>text/plain</caps:type>"
                         "<caps:type>application/im-iscomposing+xml</caps:type>"
                         "<caps:video>false</caps:video></caps:servcaps>"));
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

static void print_notes(struct cw_xml_writer *w, const struct cw_text_list *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        cw_xml_raw(w, CW_LIT("<note"));
        cw_xml_attr(w, "xml:lang", notes->items[i].lang); /* PRES-11, PRES-12 */
        cw_xml_raw(w, CW_LIT(">"));
        cw_xml_text(w, notes->items[i].text);
        cw_xml_raw(w, CW_LIT("</note>"));
    }
}

static void print_tuple(struct cw_xml_writer *w, const struct cw_pidf_tuple *tuple,
                        bool says_capabilities)
{
    cw_xml_raw(w, CW_LIT("<tuple"));
    cw_xml_attr(w, "id", tuple->id);
    cw_xml_raw(w, CW_LIT(">"));
    print_status(w, tuple);
    print_input(w, &tuple->rpid);
    if (says_capabilities && tuple->open) {
        print_capabilities(w);
    }
    print_contact(w, tuple);
    print_notes(w, &tuple->notes);
    cw_xml_element(w, "timestamp", tuple->timestamp);
    cw_xml_raw(w, CW_LIT("</tuple>"));
}

static void print_activities(struct cw_xml_writer *w, cw_activities activities)
{
    if (activities == 0) {
        return;
    }
    cw_xml_raw(w, CW_LIT("<rpid:activities>"));
    for (enum cw_activity i = 0; i < CW_ACTIVITIES; i++) {
        if ((activities & (cw_activities)1 << i) != 0) {
            cw_xml_raw(w, CW_LIT("<rpid:"));
            cw_xml_raw(w, cw_activity_name(i));
            cw_xml_raw(w, CW_LIT("/>"));
        }
    }
    cw_xml_raw(w, CW_LIT("</rpid:activities>"));
}

/* PRES-40 */
static void print_mood(struct cw_xml_writer *w, const struct cw_pidf *doc)
{
    if (doc->mood.base == NULL) {
        return;
    }
    cw_xml_raw(w, CW_LIT("<rpid:mood><rpid:"));
    if (doc->mood_is_other) {
        cw_xml_raw(w, CW_LIT("other>"));
        cw_xml_text(w, doc->mood);
        cw_xml_raw(w, CW_LIT("</rpid:other>"));
    } else {
        cw_xml_raw(w, doc->mood);
        cw_xml_raw(w, CW_LIT("/>"));
    }
    cw_xml_raw(w, CW_LIT("</rpid:mood>"));
}

static void print_person(struct cw_xml_writer *w, const struct cw_pidf *doc)
{
    if (doc->person.activities == 0 && doc->mood.base == NULL) {
        return;
    }
    cw_xml_raw(w, CW_LIT("<dm:person xmlns:dm='" CW_NS_PERSON "' xmlns:rpid='" CW_NS_RPID
                         "' id='person'>"));
    print_activities(w, doc->person.activities);
    print_mood(w, doc);
    cw_xml_raw(w, CW_LIT("</dm:person>"));
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
        print_tuple(w, &doc->tuples[i], doc->says_capabilities);
    }
    print_notes(w, &doc->notes);
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
