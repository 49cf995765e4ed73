/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/pidf.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

#define ROOT                                                                                       \
    "<presence xmlns='urn:ietf:params:xml:ns:pidf'"                                                \
    " xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model'"                                           \
    " xmlns:r='urn:ietf:params:xml:ns:pidf:rpid' entity='pres:tomasz@corp.example'>"
#define OPEN "<status><basic>open</basic></status>"

static struct cw_pidf read_whole(const char *children, struct cw_arena *arena)
{
    char xml[4096] = ROOT;
    struct cw_pidf doc;

    assert_true(strlen(children) < sizeof(xml) - 512);
    strcat(xml, children);
    strcat(xml, "</presence>");
    assert_int_equal(cw_pidf_read(text(xml), arena, &doc), CW_OK);
    return doc;
}

/* Vector PRES-V08: PRES-25, PRES-27 to PRES-29. */
static void reads_a_document(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_bytes xml = CW_LIT(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"pres:tomasz@corp.example\">"
        "<!-- made by hand -->"
        "<tuple id=\"ID-desk7\"><status><basic>open</basic></status>"
        "<contact priority=\"1\">sip:tomasz@corp.example</contact>"
        "<note xml:lang=\"pl\">w biurze</note>"
        "<timestamp>2026-03-02T09:00:00Z</timestamp></tuple></presence>\n");
    struct cw_pidf doc;
    struct cw_presence presence;

    (void)state;
    assert_int_equal(cw_pidf_read(xml, arena, &doc), CW_OK);
    cw_assert_bytes(doc.entity, CW_LIT("pres:tomasz@corp.example"));
    assert_int_equal(doc.tuple_count, 1);
    assert_true(doc.tuples[0].has_basic);
    assert_int_equal(cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, arena, &presence),
                     CW_OK);
    assert_true(presence.available);
    cw_assert_bytes(presence.resource, CW_LIT("desk7"));
    assert_int_equal(presence.priority, 127);
    cw_assert_bytes(presence.status, CW_LIT("w biurze"));
    cw_assert_bytes(presence.lang, CW_LIT("pl"));
    cw_assert_bytes(presence.stamp, CW_LIT("2026-03-02T09:00:00Z"));
    assert_int_equal(
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_NO_NOTES, arena, &presence), CW_OK);
    assert_null(presence.status.base);
    cw_arena_free(&arena);
}

static struct cw_presence presence_of(const char *children, struct cw_arena *arena)
{
    const struct cw_pidf doc = read_whole(children, arena);
    struct cw_presence presence;

    assert_int_equal(doc.tuple_count, 1);
    assert_int_equal(cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, arena, &presence),
                     CW_OK);
    return presence;
}

/* PRES-20, PRES-28; vector PRES-V04. -1: none. */
static const struct {
    const char *attribute;
    int priority;
} PRIORITIES[] = {
    {" priority='0.5'", 64}, {" priority='0.25'", 32},   {" priority='0.999'", 127},
    {" priority='1.'", 127}, {" priority='1.000'", 127}, {" priority='0'", 0},
    {" priority='0.'", 0},   {" priority='0.007'", 1},   {" priority='09'", -1},
    {" priority='1.5'", -1}, {" priority='1.001'", -1},  {" priority='0.0001'", -1},
    {" priority='.5'", -1},  {" priority='-0.5'", -1},   {" priority='2'", -1},
    {" priority=''", -1},    {" priority='0.x'", -1},    {"", -1},
};

static void reads_priorities(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(PRIORITIES); i++) {
        char xml[512] = "<tuple id='a'>" OPEN "<contact";
        struct cw_presence presence;

        cw_case(PRIORITIES[i].attribute);
        strcat(xml, PRIORITIES[i].attribute);
        strcat(xml, ">sip:a@b</contact></tuple>");
        presence = presence_of(xml, arena);
        assert_true(presence.available);
        assert_int_equal(presence.has_priority, PRIORITIES[i].priority >= 0);
        assert_int_equal(presence.has_priority ? presence.priority : -1, PRIORITIES[i].priority);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

#define PERSON(activities)                                                                         \
    "<tuple id='a'>" OPEN "</tuple><dm:person id='p'><r:activities>" activities                    \
    "</r:activities></dm:person>"

/* PRES-30; vectors PRES-V13, V14. */
static const struct {
    const char *name, *xml;
    enum cw_show show;
} SHOWS[] = {
    {"on-the-phone", PERSON("<r:on-the-phone/>"), CW_SHOW_DND},
    {"meeting", PERSON("<r:meeting/>"), CW_SHOW_DND},
    {"vacation", PERSON("<r:vacation/>"), CW_SHOW_XA},
    {"permanent-absence", PERSON("<r:permanent-absence/>"), CW_SHOW_XA},
    {"away", PERSON("<r:away/>"), CW_SHOW_AWAY},
    {"meal", PERSON("<r:meal/>"), CW_SHOW_AWAY},
    {"tv", PERSON("<r:tv/>"), CW_SHOW_AWAY},
    {"working", PERSON("<r:working/>"), CW_SHOW_NONE},
    {"looking-for-work", PERSON("<r:looking-for-work/>"), CW_SHOW_NONE},
    {"unknown", PERSON("<r:unknown/>"), CW_SHOW_NONE},
    {"made up", PERSON("<r:juggling/>"), CW_SHOW_NONE},
    {"of another namespace", PERSON("<busy xmlns='urn:x'/>"), CW_SHOW_NONE},
    {"busy and away", PERSON("<r:away/><r:busy/>"), CW_SHOW_DND},
    {"sleeping and busy", PERSON("<r:busy/><r:sleeping/>"), CW_SHOW_XA},
    {"in-transit", PERSON("<r:in-transit/>"), CW_SHOW_AWAY},
    {"steering", PERSON("<r:steering/>"), CW_SHOW_AWAY},
    {"in-transit and steering", PERSON("<r:steering/><r:in-transit/>"), CW_SHOW_DND},
    {"unknown element",
     PERSON("<r:busy/><x:y xmlns:x='urn:x' xmlns:p='urn:ietf:params:xml:ns:pidf'"
            " p:mustUnderstand='false'/>"),
     CW_SHOW_DND},
    {"unknown element that must be understood (PRES-34)",
     PERSON("<r:busy/><x:y xmlns:x='urn:x'><x:z xmlns:p='urn:ietf:params:xml:ns:pidf'"
            " p:mustUnderstand='1'/></x:y>"),
     CW_SHOW_NONE},
    {"explicit show wins",
     "<tuple id='a'><status><basic>open</basic><show xmlns='jabber:client'>dnd</show></status>"
     "</tuple><dm:person id='p'><r:activities><r:away/></r:activities></dm:person>",
     CW_SHOW_DND},
    {"show in the tuple", "<tuple id='a'>" OPEN "<show xmlns='jabber:client'>xa</show></tuple>",
     CW_SHOW_XA},
    {"show unknown",
     "<tuple id='a'><status><basic>open</basic><show xmlns='jabber:client'>busy</show></status>"
     "</tuple>",
     CW_SHOW_NONE},
    {"idle only", "<tuple id='a'>" OPEN "<r:user-input>idle</r:user-input></tuple>", CW_SHOW_AWAY},
    {"active", "<tuple id='a'>" OPEN "<r:user-input>active</r:user-input></tuple>", CW_SHOW_NONE},
    {"idle person",
     "<tuple id='a'>" OPEN
     "</tuple><dm:person id='p'><r:user-input>idle</r:user-input></dm:person>",
     CW_SHOW_AWAY},
};

static void finds_the_show(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(SHOWS); i++) {
        cw_case(SHOWS[i].name);
        assert_int_equal(presence_of(SHOWS[i].xml, arena).show, SHOWS[i].show);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* PRES-29 */
static const struct {
    const char *name, *xml, *status, *lang;
} NOTES[] = {
    {"tuple's own",
     "<tuple id='a'>" OPEN "<note>own</note></tuple><note>doc</note>"
     "<dm:person id='p'><dm:note>person</dm:note></dm:person>",
     "own", NULL},
    {"person's",
     "<tuple id='a'>" OPEN "</tuple><note>doc</note>"
     "<dm:person id='p' xml:lang='pl'><dm:note>person</dm:note></dm:person>",
     "person", "pl"},
    {"the activities'",
     "<tuple id='a'>" OPEN "</tuple><note>doc</note>"
     "<dm:person id='p'><r:activities><r:note>busy bee</r:note></r:activities></dm:person>",
     "busy bee", NULL},
    {"document's", "<tuple id='a'>" OPEN "</tuple><note xml:lang='de'>doc</note>", "doc", "de"},
    {"the first of several", "<tuple id='a'>" OPEN "<note>1</note><note>2</note></tuple>", "1",
     NULL},
    {"none", "<tuple id='a'>" OPEN "</tuple>", NULL, NULL},
    {"of a closed tuple (PRES-45)",
     "<tuple id='a'><status><basic>closed</basic><show xmlns='jabber:client'>xa</show></status>"
     "<contact priority='1'>sip:a@b</contact><note>left</note></tuple>",
     "left", NULL},
};

static void finds_the_note(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NOTES); i++) {
        struct cw_presence presence;

        cw_case(NOTES[i].name);
        presence = presence_of(NOTES[i].xml, arena);
        cw_assert_bytes(presence.status, text(NOTES[i].status));
        cw_assert_bytes(presence.lang, text(NOTES[i].lang));
        if (!presence.available) {
            assert_int_equal(presence.show, CW_SHOW_NONE);
            assert_false(presence.has_priority);
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* PRES-34, PRES-35, PRES-36. */
static const struct {
    const char *name, *xml;
    size_t count;
    bool has_basic, open;
} TUPLES[] = {
    {"none", "<note>away till Monday</note>", 0, false, false},
    {"no contact", "<tuple id='a'>" OPEN "</tuple>", 1, true, true},
    {"im", "<tuple id='a'>" OPEN "<contact> IM:a@b </contact></tuple>", 1, true, true},
    {"mailto", "<tuple id='a'>" OPEN "<contact>mailto:a@b</contact></tuple>", 0, false, false},
    {"tel", "<tuple id='a'>" OPEN "<contact>tel:+1</contact></tuple>", 0, false, false},
    {"http", "<tuple id='a'>" OPEN "<contact>http://a</contact></tuple>", 0, false, false},
    {"self", "<tuple id='a'>" OPEN "<r:relationship><r:self/></r:relationship></tuple>", 1, true,
     true},
    {"assistant", "<tuple id='a'>" OPEN "<r:relationship><r:assistant/></r:relationship></tuple>",
     0, false, false},
    {"electronic",
     "<tuple id='a'>" OPEN "<r:service-class><r:electronic/></r:service-class></tuple>", 1, true,
     true},
    {"courier", "<tuple id='a'>" OPEN "<r:service-class><r:courier/></r:service-class></tuple>", 0,
     false, false},
    {"no basic", "<tuple id='a'><status/></tuple>", 1, false, false},
    {"basic unknown", "<tuple id='a'><status><basic>maybe</basic></status></tuple>", 1, false,
     false},
    {"closed", "<tuple id='a'><status><basic>closed</basic></status></tuple>", 1, true, false},
    {"unknown elements",
     "<x xmlns='urn:x'><tuple/></x><tuple id='a'><y xmlns='urn:y'/>" OPEN "</tuple>", 1, true,
     true},
};

static void keeps_the_tuples_that_count(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TUPLES); i++) {
        struct cw_pidf doc;

        cw_case(TUPLES[i].name);
        doc = read_whole(TUPLES[i].xml, arena);
        assert_int_equal(doc.tuple_count, TUPLES[i].count);
        if (doc.tuple_count > 0) {
            assert_int_equal(doc.tuples[0].has_basic, TUPLES[i].has_basic);
            assert_int_equal(doc.tuples[0].open, TUPLES[i].open);
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* PRES-27. NULL: no resource. */
static const struct {
    const char *id, *resource;
} RESOURCES[] = {
    {"ID-desk7", "desk7"}, {"desk7", "desk7"}, {"ID-", "ID-"}, {"id-x", "id-x"},
    {"ID-ID-x", "ID-x"},   {"ID-a b", "a b"},  {"", NULL},     {"ID-\xE2\x80\x8B", NULL},
};

static void makes_resources_of_ids(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_pidf doc = {.tuple_count = 0};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(RESOURCES); i++) {
        const struct cw_pidf_tuple tuple = {.id = text(RESOURCES[i].id), .priority_milli = -1};
        struct cw_presence presence;

        cw_case(RESOURCES[i].id);
        assert_int_equal(cw_pidf_to_presence(&doc, &tuple, CW_PIDF_VIEW_FULL, arena, &presence),
                         RESOURCES[i].resource == NULL ? CW_ERR_ADDRESS : CW_OK);
        if (RESOURCES[i].resource != NULL) {
            cw_assert_bytes(presence.resource, text(RESOURCES[i].resource));
        }
    }
    cw_arena_free(&arena);
}

/* PRES-42, ADDR-30; vector PRES-V11. */
static const struct {
    const char *name, *xml;
    enum cw_err err;
} DOCUMENTS[] = {
    {"no entity, no tuples", "<presence xmlns='urn:ietf:params:xml:ns:pidf'/>", CW_OK},
    {"sip entity", "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:a@b'/>", CW_OK},
    {"wrong root", "<tuple xmlns='urn:ietf:params:xml:ns:pidf'/>", CW_ERR_MALFORMED},
    {"no namespace", "<presence/>", CW_ERR_MALFORMED},
    {"namespace with the RFC's misprint", "<presence xmlns='urn:ietf:params:xml:ns:pidf:'/>",
     CW_ERR_MALFORMED},
    {"not well-formed", "<presence xmlns='urn:ietf:params:xml:ns:pidf'>", CW_ERR_MALFORMED},
    {"nested entities",
     "<!DOCTYPE p [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>"
     "<presence xmlns='urn:ietf:params:xml:ns:pidf'><note>&b;</note></presence>",
     CW_ERR_MALFORMED},
    {"empty", "", CW_ERR_MALFORMED},
};

static void refuses_hostile_documents(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_pidf doc;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(DOCUMENTS); i++) {
        cw_case(DOCUMENTS[i].name);
        assert_int_equal(cw_pidf_read(text(DOCUMENTS[i].xml), arena, &doc), DOCUMENTS[i].err);
    }
    cw_arena_free(&arena);
}

static void stops_at_fifty_tuples(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    char xml[2048] = ROOT;
    struct cw_pidf doc;

    (void)state;
    for (unsigned i = 0; i < CW_PIDF_MAX_TUPLES; i++) {
        strcat(xml, "<tuple id='a'/>");
    }
    strcat(xml, "</presence>");
    assert_int_equal(cw_pidf_read(text(xml), arena, &doc), CW_OK);
    assert_int_equal(doc.tuple_count, CW_PIDF_MAX_TUPLES);
    memcpy(xml + strlen(xml) - strlen("</presence>"), "<tuple/></presence>", 20);
    assert_int_equal(cw_pidf_read(text(xml), arena, &doc), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_document),
        cmocka_unit_test(reads_priorities),
        cmocka_unit_test(finds_the_show),
        cmocka_unit_test(finds_the_note),
        cmocka_unit_test(keeps_the_tuples_that_count),
        cmocka_unit_test(makes_resources_of_ids),
        cmocka_unit_test(refuses_hostile_documents),
        cmocka_unit_test(stops_at_fifty_tuples),
    };

    return cmocka_run_group_tests_name("pidf_read", tests, NULL, NULL);
}
