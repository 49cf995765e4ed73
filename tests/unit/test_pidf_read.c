/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/caps.h>
#include <causeway/pidf.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

#define MAP &CW_SHOW_MAP_DEFAULT
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
    assert_int_equal(cw_pidf_read(text(xml), (struct cw_bytes){0}, arena, &doc), CW_OK);
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
    assert_int_equal(cw_pidf_read(xml, (struct cw_bytes){0}, arena, &doc), CW_OK);
    cw_assert_bytes(doc.entity, CW_LIT("pres:tomasz@corp.example"));
    assert_int_equal(doc.tuple_count, 1);
    assert_true(doc.tuples[0].has_basic);
    assert_int_equal(
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, MAP, arena, &presence), CW_OK);
    assert_true(presence.available);
    cw_assert_bytes(presence.resource, CW_LIT("desk7"));
    assert_int_equal(presence.priority, 127);
    assert_int_equal(presence.statuses.count, 1);
    cw_assert_bytes(presence.statuses.items[0].text, CW_LIT("w biurze"));
    cw_assert_bytes(presence.statuses.items[0].lang, CW_LIT("pl"));
    cw_assert_bytes(presence.stamp, CW_LIT("2026-03-02T09:00:00Z"));
    assert_int_equal(
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_NO_NOTES, MAP, arena, &presence),
        CW_OK);
    assert_int_equal(presence.statuses.count, 0);
    cw_arena_free(&arena);
}

static struct cw_presence presence_of(const char *children, struct cw_arena *arena)
{
    const struct cw_pidf doc = read_whole(children, arena);
    struct cw_presence presence;

    assert_int_equal(doc.tuple_count, 1);
    assert_int_equal(
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, MAP, arena, &presence), CW_OK);
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
    {"several activities elements", PERSON("<r:away/></r:activities><r:activities><r:meeting/>"),
     CW_SHOW_DND},
    {"several persons",
     PERSON("<r:away/>") "<dm:person id='q'><r:activities><r:vacation/></r:activities></dm:person>",
     CW_SHOW_XA},
    {"of the tuple, which wins",
     "<tuple id='a'>" OPEN "<r:activities><r:meal/></r:activities></tuple>"
     "<dm:person id='p'><r:activities><r:busy/></r:activities></dm:person>",
     CW_SHOW_AWAY},
    {"of the status",
     "<tuple id='a'><status><basic>open</basic><r:activities><r:busy/></r:activities></status>"
     "</tuple>",
     CW_SHOW_DND},
    {"of the tuple, with what must be understood (PRES-34)",
     "<tuple id='a'>" OPEN "<r:activities><r:meal/><x:y xmlns:x='urn:x' "
     "xmlns:p='urn:ietf:params:xml:ns:pidf' p:mustUnderstand='1'/></r:activities></tuple>",
     CW_SHOW_NONE},
    {"place, mood and the rest of RFC 4480 say nothing of the show",
     "<tuple id='a'>" OPEN "</tuple><dm:person id='p'><r:mood><r:angry/></r:mood>"
     "<r:place-is><r:audio><r:noisy/></r:audio></r:place-is><r:sphere>work</r:sphere>"
     "<r:privacy><r:text/></r:privacy><r:time-offset>120</r:time-offset></dm:person>",
     CW_SHOW_NONE},
    {"idle only", "<tuple id='a'>" OPEN "<r:user-input>idle</r:user-input></tuple>", CW_SHOW_AWAY},
    {"active", "<tuple id='a'>" OPEN "<r:user-input>active</r:user-input></tuple>", CW_SHOW_NONE},
    {"idle person",
     "<tuple id='a'>" OPEN
     "</tuple><dm:person id='p'><r:user-input>idle</r:user-input></dm:person>",
     CW_SHOW_AWAY},
    {"idle device",
     "<tuple id='a'>" OPEN "<dm:deviceID>urn:d:1</dm:deviceID></tuple>"
     "<dm:device id='d0'><r:user-input>active</r:user-input><dm:deviceID>urn:d:0</dm:deviceID>"
     "</dm:device><dm:device id='d'><r:user-input>idle</r:user-input>"
     "<dm:deviceID> urn:d:1 </dm:deviceID></dm:device>",
     CW_SHOW_AWAY},
    {"an active tuple of an idle person",
     "<tuple id='a'>" OPEN "<r:user-input>active</r:user-input></tuple>"
     "<dm:person id='p'><r:user-input>idle</r:user-input></dm:person>",
     CW_SHOW_NONE},
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
    {"none, so what he does: on the phone", PERSON("<r:on-the-phone/>"), "On the phone", "en"},
    {"in a meeting", PERSON("<r:away/><r:meeting/>"), "In a meeting", "en"},
    {"the strongest of several", PERSON("<r:meal/><r:meeting/><r:working/>"), "In a meeting", "en"},
    {"the tuple's",
     "<tuple id='a'>" OPEN "<r:activities><r:lunch/></r:activities></tuple>"
     "<dm:person id='p'><r:activities><r:vacation/></r:activities></dm:person>",
     "At lunch", "en"},
    {"what the show says needs no words", PERSON("<r:busy/>"), NULL, NULL},
    {"in his own words", PERSON("<r:other xml:lang='de'> im Garten </r:other>"), "im Garten", "de"},
    {"a note is better", PERSON("<r:note>ask Ann</r:note><r:on-the-phone/>"), "ask Ann", NULL},
    {"also of who is gone",
     "<tuple id='a'><status><basic>closed</basic></status></tuple>"
     "<dm:person id='p'><r:activities><r:vacation/></r:activities></dm:person>",
     "On vacation", "en"},
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
        assert_int_equal(presence.statuses.count, NOTES[i].status == NULL ? 0 : 1);
        if (NOTES[i].status != NULL) {
            cw_assert_bytes(presence.statuses.items[0].text, text(NOTES[i].status));
            cw_assert_bytes(presence.statuses.items[0].lang, text(NOTES[i].lang));
        }
        if (!presence.available) {
            assert_int_equal(presence.show, CW_SHOW_NONE);
            assert_false(presence.has_priority);
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* PRES-29, PRES-31: one status a language, the first of two; Content-Language where none is named.
 */
static void finds_notes_in_several_languages(void **state)
{
    static const struct cw_text WANT[] = {
        {{"w biurze", 8}, {"pl", 2}}, {{"im Amt", 6}, {"de", 2}}, {{"in", 2}, {"en", 2}}};
    static const char XML[] =
        ROOT "<tuple id='a'>" OPEN "<note>w biurze</note><note xml:lang='de'>im Amt</note>"
             "<note xml:lang='PL'>w domu</note><note/><note xml:lang='en'>in</note></tuple>"
             "<note>not this</note></presence>";
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_presence presence;
    struct cw_pidf doc;

    (void)state;
    assert_int_equal(cw_pidf_read(text(XML), CW_LIT("pl, de"), arena, &doc), CW_OK);
    assert_int_equal(
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, MAP, arena, &presence), CW_OK);
    assert_int_equal(presence.statuses.count, CW_COUNT(WANT));
    for (size_t i = 0; i < CW_COUNT(WANT); i++) {
        cw_assert_bytes(presence.statuses.items[i].text, WANT[i].text);
        cw_assert_bytes(presence.statuses.items[i].lang, WANT[i].lang);
    }
    assert_int_equal(cw_pidf_read(text(XML), CW_LIT("no language!"), arena, &doc), CW_OK);
    assert_null(doc.tuples[0].notes.items[0].lang.base);
    cw_arena_free(&arena);
}

/* What is said in words counts as a note: it can be switched off, and who sees no notes sees none.
 */
static void says_activities_only_where_it_may(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_pidf doc = read_whole(PERSON("<r:on-the-phone/><r:other>x</r:other>"), arena);
    struct cw_show_map silent = CW_SHOW_MAP_DEFAULT;
    struct cw_presence presence;

    (void)state;
    assert_int_equal(
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_NO_NOTES, MAP, arena, &presence),
        CW_OK);
    assert_int_equal(presence.statuses.count, 0);
    assert_int_equal(presence.show, CW_SHOW_DND);
    silent.words = false;
    assert_int_equal(
        cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, &silent, arena, &presence),
        CW_OK);
    assert_int_equal(presence.statuses.count, 0);
    cw_arena_free(&arena);
}

/* PRES-36: nothing is open; the document may say why. */
static void says_why_nobody_is_there(void **state)
{
    static const struct {
        const char *xml, *status;
    } CASES[] = {
        {"<note>away till Monday</note>", "away till Monday"},
        {"<dm:person id='p'><r:activities><r:vacation/></r:activities></dm:person>", "On vacation"},
        {"<tuple id='a'><status/><note>of the tuple</note></tuple>", NULL},
        {"", NULL},
    };
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_pidf doc = read_whole(CASES[i].xml, arena);
        struct cw_presence absence;

        cw_case(CASES[i].xml);
        assert_int_equal(cw_pidf_absence(&doc, CW_PIDF_VIEW_FULL, MAP, arena, &absence), CW_OK);
        assert_false(absence.available);
        assert_int_equal(absence.statuses.count, CASES[i].status != NULL);
        if (CASES[i].status != NULL) {
            cw_assert_bytes(absence.statuses.items[0].text, text(CASES[i].status));
        }
        assert_int_equal(cw_pidf_absence(&doc, CW_PIDF_VIEW_NO_NOTES, MAP, arena, &absence), CW_OK);
        assert_int_equal(absence.statuses.count, 0);
    }
    cw_arena_free(&arena);
}

#define INPUT(attribute) "<r:user-input " attribute ">idle</r:user-input>"

/* PRES-33 */
static const struct {
    const char *name, *xml, *since;
} INPUTS[] = {
    {"tuple's",
     "<tuple id='a'>" OPEN INPUT(
         "last-input='2026-03-02T10:00:00+01:00' idle-threshold='600'") "</tuple>",
     "2026-03-02T09:00:00Z"},
    {"with a show",
     "<tuple id='a'><status><basic>open</basic><show "
     "xmlns='jabber:client'>xa</show></status>" INPUT(
         "last-input='2026-03-02T09:00:00Z'") "</tuple>",
     "2026-03-02T09:00:00Z"},
    {"person's",
     "<tuple id='a'>" OPEN
     "</tuple><dm:person id='p'>" INPUT("last-input='2026-03-02T09:00:00Z'") "</dm:person>",
     "2026-03-02T09:00:00Z"},
    {"without time", "<tuple id='a'>" OPEN INPUT("") "</tuple>", NULL},
    {"no time", "<tuple id='a'>" OPEN INPUT("last-input='noon'") "</tuple>", NULL},
    {"active",
     "<tuple id='a'>" OPEN
     "<r:user-input last-input='2026-03-02T09:00:00Z'>active</r:user-input></tuple>",
     NULL},
    {"closed",
     "<tuple id='a'><status><basic>closed</basic></status>" INPUT(
         "last-input='2026-03-02T09:00:00Z'") "</tuple>",
     NULL},
};

static void finds_since_when_idle(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(INPUTS); i++) {
        cw_case(INPUTS[i].name);
        cw_assert_bytes(presence_of(INPUTS[i].xml, arena).idle_since, text(INPUTS[i].since));
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

#define SERVCAPS(children)                                                                         \
    "<c:servcaps xmlns:c='urn:ietf:params:xml:ns:pidf:caps'>" children "</c:servcaps>"
#define DEVCAPS(children)                                                                          \
    "<c:devcaps xmlns:c='urn:ietf:params:xml:ns:pidf:caps'>" children "</c:devcaps>"
#define MOBILE          "<c:mobility><c:supported><c:mobile/></c:supported></c:mobility>"
#define TUPLE(children) "<tuple id='a'>" OPEN children "</tuple>"

/* PRES-43: RFC 5196 */
static const struct {
    const char *name, *xml;
    unsigned caps;
} CAPS[] = {
    {"none", TUPLE(""), CW_CAPS_DEFAULT},
    {"no types", TUPLE(SERVCAPS("<c:audio>true</c:audio>")), CW_CAPS_DEFAULT},
    {"text only", TUPLE(SERVCAPS("<c:type>text/plain</c:type>")), CW_CAP_CLIENT},
    {"typing",
     TUPLE(
         SERVCAPS("<c:type>text/plain</c:type><c:type> Application/im-isComposing+xml </c:type>")),
     CW_CAP_CLIENT | CW_CAP_TYPING},
    {"notices", TUPLE(SERVCAPS("<c:type>message/imdn+xml</c:type>")),
     CW_CAP_CLIENT | CW_CAP_RECEIPTS | CW_CAP_MARKERS},
    {"all",
     TUPLE(
         SERVCAPS("<c:type>message/cpim</c:type><c:type>application/im-iscomposing+xml</c:type>")),
     CW_CAP_CLIENT | CW_CAP_TYPING | CW_CAP_RECEIPTS | CW_CAP_MARKERS},
    {"a phone", TUPLE(DEVCAPS(MOBILE)), CW_CAPS_DEFAULT | CW_CAP_PHONE},
    {"a phone by its device",
     TUPLE("<dm:deviceID>d</dm:deviceID>") "<dm:device id='x'><dm:deviceID>d</dm:deviceID>" DEVCAPS(
         MOBILE) "</dm:device>",
     CW_CAPS_DEFAULT | CW_CAP_PHONE},
    {"another's device",
     TUPLE("<dm:deviceID>e</dm:deviceID>") "<dm:device id='x'><dm:deviceID>d</dm:deviceID>" DEVCAPS(
         MOBILE) "</dm:device>",
     CW_CAPS_DEFAULT},
    {"fixed",
     TUPLE(DEVCAPS("<c:mobility><c:supported><c:fixed/></c:supported><c:notsupported>"
                   "<c:mobile/></c:notsupported></c:mobility>")),
     CW_CAPS_DEFAULT},
    {"must be understood (PRES-34)",
     TUPLE(SERVCAPS("<c:type>text/plain</c:type><x:y xmlns:x='urn:x' "
                    "xmlns:p='urn:ietf:params:xml:ns:pidf' p:mustUnderstand='1'/>")),
     CW_CAPS_DEFAULT},
};

static void finds_capabilities(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CAPS); i++) {
        cw_case(CAPS[i].name);
        assert_int_equal(presence_of(CAPS[i].xml, arena).caps, CAPS[i].caps);
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
        assert_int_equal(
            cw_pidf_to_presence(&doc, &tuple, CW_PIDF_VIEW_FULL, MAP, arena, &presence),
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
        assert_int_equal(cw_pidf_read(text(DOCUMENTS[i].xml), (struct cw_bytes){0}, arena, &doc),
                         DOCUMENTS[i].err);
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
    assert_int_equal(cw_pidf_read(text(xml), (struct cw_bytes){0}, arena, &doc), CW_OK);
    assert_int_equal(doc.tuple_count, CW_PIDF_MAX_TUPLES);
    memcpy(xml + strlen(xml) - strlen("</presence>"), "<tuple/></presence>", 20);
    assert_int_equal(cw_pidf_read(text(xml), (struct cw_bytes){0}, arena, &doc), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* Whatever room there is: the document, or CW_ERR_LIMIT; never half of it. */
static void bears_a_full_arena(void **state)
{
    static const char XML[] =
        ROOT "<tuple id='ID-a'>" OPEN INPUT("last-input='2026-03-02T09:00:00Z'")
            SERVCAPS("<c:type>message/cpim</c:type>") "<dm:deviceID>d</dm:deviceID>"
                                                      "<note xml:lang='en'>in</note></tuple><tuple "
                                                      "id='b'>" OPEN "</tuple>"
                                                      "<dm:person "
                                                      "id='p'><r:activities><r:note>x</"
                                                      "r:note><r:meeting/></r:activities>"
                                                      "<r:user-input "
                                                      "last-input='2026-03-02T09:00:00Z'>idle</"
                                                      "r:user-input></dm:person>"
                                                      "<dm:device "
                                                      "id='d'><dm:deviceID>d</dm:deviceID></"
                                                      "dm:device></presence>";
    static const char WORDS[] = ROOT PERSON("<r:meeting/>") "</presence>";
    static const char *const BOTH[] = {XML, WORDS};
    unsigned done = 0;

    (void)state;
    for (size_t limit = 0; limit < 65536; limit += 64) {
        for (size_t i = 0; i < CW_COUNT(BOTH); i++) {
            struct cw_arena *arena = cw_arena_new(limit);
            struct cw_presence presence;
            struct cw_presence absence;
            struct cw_pidf doc;
            enum cw_err err = cw_pidf_read(text(BOTH[i]), (struct cw_bytes){0}, arena, &doc);

            if (err == CW_OK) {
                err = cw_pidf_to_presence(&doc, &doc.tuples[0], CW_PIDF_VIEW_FULL, MAP, arena,
                                          &presence);
            }
            if (err == CW_OK) {
                err = cw_pidf_absence(&doc, CW_PIDF_VIEW_FULL, MAP, arena, &absence);
            }
            if (err == CW_OK) {
                assert_int_equal(presence.statuses.count, 1);
                assert_int_equal(absence.statuses.count, 1);
                done++;
            } else {
                assert_int_equal(err, CW_ERR_LIMIT);
            }
            cw_arena_free(&arena);
        }
    }
    assert_in_range(done, 100, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_document),
        cmocka_unit_test(reads_priorities),
        cmocka_unit_test(finds_the_show),
        cmocka_unit_test(finds_the_note),
        cmocka_unit_test(finds_notes_in_several_languages),
        cmocka_unit_test(says_activities_only_where_it_may),
        cmocka_unit_test(says_why_nobody_is_there),
        cmocka_unit_test(finds_since_when_idle),
        cmocka_unit_test(finds_capabilities),
        cmocka_unit_test(keeps_the_tuples_that_count),
        cmocka_unit_test(makes_resources_of_ids),
        cmocka_unit_test(refuses_hostile_documents),
        cmocka_unit_test(stops_at_fifty_tuples),
        cmocka_unit_test(bears_a_full_arena),
    };

    return cmocka_run_group_tests_name("pidf_read", tests, NULL, NULL);
}
