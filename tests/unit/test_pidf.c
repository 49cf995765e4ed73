/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/pidf.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

static struct cw_bytes document(const struct cw_presence *in, enum cw_pidf_view view,
                                struct cw_arena *arena)
{
    struct cw_pidf_tuple tuple;
    struct cw_pidf doc = {.entity = CW_LIT("pres:juliet@corp.example"), .tuples = &tuple};
    struct cw_bytes xml;

    doc.tuple_count = 1;
    assert_int_equal(
        cw_presence_to_pidf(in, CW_LIT("sip:juliet@corp.example"), view, arena, &tuple), CW_OK);
    cw_pidf_add_person(&doc, &CW_SHOW_MAP_DEFAULT);
    assert_int_equal(cw_pidf_write(&doc, 4096, arena, &xml), CW_OK);
    return xml;
}

#define HEAD                                                                                       \
    "<?xml version='1.0' encoding='UTF-8'?>"                                                       \
    "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:juliet@corp.example'>"
#define TAIL "</tuple></presence>"
#define PERSON(activity)                                                                           \
    "<dm:person xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model'"                                 \
    " xmlns:rpid='urn:ietf:params:xml:ns:pidf:rpid' id='person'>"                                  \
    "<rpid:activities><rpid:" activity "/></rpid:activities></dm:person>"

static const struct cw_text LUNCH[] = {{{"lunch", 5}, {"en", 2}}, {{"obiad", 5}, {"pl", 2}}};
static const struct cw_text R_AND_D[] = {{{"R&D", 3}, {NULL, 0}}};

/* PRES-5, PRES-7, PRES-8, PRES-9, PRES-10, PRES-11, PRES-12, PRES-14, PRES-15, PRES-19, PRES-30,
 * PRES-33; vectors PRES-V01, V03. */
static const struct {
    const char *name;
    struct cw_presence in;
    enum cw_pidf_view view;
    const char *xml;
} WRITES[] = {
    {"away has both faces, show and RPID",
     {.available = true,
      .show = CW_SHOW_AWAY,
      .has_priority = true,
      .priority = 13,
      .resource = {"Desk", 4},
      .statuses = {LUNCH, 1}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-Desk'><status><basic>open</basic>"
          "<show xmlns='jabber:client'>away</show></status>"
          "<contact priority='0.102'>sip:juliet@corp.example</contact>"
          "<note xml:lang='en'>lunch</note></tuple>" PERSON("away") "</presence>"},
    {"xa is away and idle",
     {.available = true, .show = CW_SHOW_XA, .resource = {"r", 1}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-r'><status><basic>open</basic><show xmlns='jabber:client'>xa</show>"
          "</status><user-input xmlns='urn:ietf:params:xml:ns:pidf:rpid'>idle</user-input>"
          "<contact>sip:juliet@corp.example</contact></tuple>" PERSON("away") "</presence>"},
    {"two languages are two notes",
     {.available = true, .resource = {"r", 1}, .statuses = {LUNCH, 2}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-r'><status><basic>open</basic></status>"
          "<contact>sip:juliet@corp.example</contact><note xml:lang='en'>lunch</note>"
          "<note xml:lang='pl'>obiad</note>" TAIL},
    {"idle since",
     {.available = true,
      .show = CW_SHOW_AWAY,
      .resource = {"r", 1},
      .stamp = {"2026-03-02T10:00:00.25+01:00", 28},
      .idle_since = {"2026-03-02T08:00:00Z", 20}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-r'><status><basic>open</basic><show xmlns='jabber:client'>away</show>"
          "</status><user-input xmlns='urn:ietf:params:xml:ns:pidf:rpid' "
          "last-input='2026-03-02T08:00:00Z'>idle</user-input>"
          "<contact>sip:juliet@corp.example</contact>"
          "<timestamp>2026-03-02T09:00:00Z</timestamp></tuple>" PERSON("away") "</presence>"},
    {"who is gone is not idle",
     {.resource = {"r", 1}, .idle_since = {"2026-03-02T08:00:00Z", 20}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-r'><status><basic>closed</basic></status>" TAIL},
    {"dnd is busy",
     {.available = true, .show = CW_SHOW_DND, .resource = {"r", 1}},
     CW_PIDF_VIEW_FULL,
     HEAD
     "<tuple id='ID-r'><status><basic>open</basic><show xmlns='jabber:client'>dnd</show>"
     "</status><contact>sip:juliet@corp.example</contact></tuple>" PERSON("busy") "</presence>"},
    {"chat has no activity",
     {.available = true, .show = CW_SHOW_CHAT, .resource = {"r", 1}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-r'><status><basic>open</basic><show xmlns='jabber:client'>chat</show>"
          "</status><contact>sip:juliet@corp.example</contact>" TAIL},
    {"a negative priority is not mapped",
     {.available = true, .has_priority = true, .priority = -1, .resource = {"r", 1}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-r'><status><basic>open</basic></status>"
          "<contact>sip:juliet@corp.example</contact>" TAIL},
    {"note escaped, stamp kept",
     {.available = true,
      .has_priority = true,
      .priority = 127,
      .resource = {"a_b", 3},
      .statuses = {R_AND_D, 1},
      .stamp = {"2026-03-02T09:00:00Z", 20}},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-a_b'><status><basic>open</basic></status>"
          "<contact priority='1'>sip:juliet@corp.example</contact>"
          "<note>R&amp;D</note><timestamp>2026-03-02T09:00:00Z</timestamp>" TAIL},
    {"closed without contact; no note for this watcher",
     {.show = CW_SHOW_AWAY, .resource = {"r", 1}, .statuses = {LUNCH, 2}},
     CW_PIDF_VIEW_NO_NOTES,
     HEAD "<tuple id='ID-r'><status><basic>closed</basic></status>" TAIL},
    {"no resource ever seen (PRES-17)",
     {.available = false},
     CW_PIDF_VIEW_FULL,
     HEAD "<tuple id='ID-none'><status><basic>closed</basic></status>" TAIL},
};

static void writes_the_expected_documents(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(WRITES); i++) {
        cw_case(WRITES[i].name);
        cw_assert_bytes(document(&WRITES[i].in, WRITES[i].view, arena), text(WRITES[i].xml));
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* PRES-9, PRES-28; vector PRES-V02: the pairs of the table, and all 128 there and back. */
static void gives_each_priority_its_own_value(void **state)
{
    static const struct {
        int8_t priority;
        int milli;
    } PAIRS[] = {{0, 0},    {1, 7},     {2, 15},    {13, 102},  {63, 496},
                 {64, 503}, {100, 787}, {126, 992}, {127, 1000}};
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_pidf doc = {.entity = CW_LIT("pres:a@b")};
    size_t pair = 0;

    (void)state;
    for (int p = 0; p <= 127; p++) {
        const struct cw_presence in = {.available = true,
                                       .has_priority = true,
                                       .priority = (int8_t)p,
                                       .resource = CW_LIT("r")};
        struct cw_pidf_tuple tuple;
        struct cw_presence back;

        assert_int_equal(
            cw_presence_to_pidf(&in, (struct cw_bytes){0}, CW_PIDF_VIEW_FULL, arena, &tuple),
            CW_OK);
        if (PAIRS[pair].priority == p) {
            assert_int_equal(tuple.priority_milli, PAIRS[pair].milli);
            pair++;
        }
        assert_int_equal(cw_pidf_to_presence(&doc, &tuple, CW_PIDF_VIEW_FULL, &CW_SHOW_MAP_DEFAULT,
                                             arena, &back),
                         CW_OK);
        assert_true(back.has_priority);
        assert_int_equal(back.priority, p);
    }
    assert_int_equal(pair, CW_COUNT(PAIRS));
    cw_arena_free(&arena);
}

/* PRES-5, PRES-6; vector PRES-V05. */
static const struct {
    const char *resource;
    const char *id;
} IDS[] = {
    {"Desk", "ID-Desk"},
    {"7f3e", "ID-7f3e"},
    {"B\xC3\xBCro", "ID-B\xC3\xBCro"},
    {"B\xC3\xBCro 2", "ID-x42c3bc726f2032"},
    {"a/b", "ID-x612f62"},
    {"a:b", "ID-x613a62"},
    {"0123456789012345678901234567890123456789012345678901234567890123456789"
     "0123456789012345678901234567890123456789012345678901234",
     "ID-0123456789012345678901234567890123456789012345678901234567890123456789"
     "0123456789012345678901234567890123456789012345678901234"}, /* 128 characters */
    {"0123456789012345678901234567890123456789012345678901234567890123456789"
     "01234567890123456789012345678901234567890123456789012345",
     "ID-h3b45c5a802132ffa8a2498e0b8006da0473d68a3"}, /* one more: SHA-1 */
};

static struct cw_pidf_tuple tuple_of(const char *resource, struct cw_arena *arena)
{
    const struct cw_presence in = {.available = true, .resource = text(resource)};
    struct cw_pidf_tuple tuple;

    assert_int_equal(
        cw_presence_to_pidf(&in, (struct cw_bytes){0}, CW_PIDF_VIEW_FULL, arena, &tuple), CW_OK);
    return tuple;
}

static void makes_tuple_ids_of_resources(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(IDS); i++) {
        cw_case(IDS[i].resource);
        cw_assert_bytes(tuple_of(IDS[i].resource, arena).id, text(IDS[i].id));
    }
    cw_arena_free(&arena);
}

/* PRES-6: a resource that looks like the hex form of another gets the digest. */
static void keeps_ids_unique_in_a_document(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_pidf_tuple tuples[3];
    const struct cw_pidf doc = {.entity = CW_LIT("pres:a@b"), .tuples = tuples, .tuple_count = 3};
    struct cw_pidf back;
    struct cw_bytes xml;

    (void)state;
    tuples[0] = tuple_of("a/b", arena);
    tuples[1] = tuple_of("x612f62", arena);
    tuples[2] = tuple_of("tablet", arena);
    cw_assert_bytes(tuples[1].id, tuples[0].id);
    assert_int_equal(cw_pidf_write(&doc, 4096, arena, &xml), CW_OK);
    assert_int_equal(cw_pidf_read(xml, (struct cw_bytes){0}, arena, &back), CW_OK);
    assert_false(cw_bytes_equal(back.tuples[1].id, back.tuples[0].id));
    assert_int_equal(cw_pidf_unique_ids(tuples, CW_COUNT(tuples), arena), CW_OK);
    cw_assert_bytes(tuples[0].id, CW_LIT("ID-x612f62"));
    assert_int_equal(tuples[1].id.len, 44);
    assert_memory_equal(tuples[1].id.base, "ID-h", 4);
    cw_assert_bytes(tuples[2].id, CW_LIT("ID-tablet"));
    cw_arena_free(&arena);
}

/* PRES-6: nor does the digest meet a resource that is called so. */
static void keeps_digests_unique(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_pidf_tuple pair[2];
    struct cw_pidf_tuple tuples[3];
    char named[64] = "";

    (void)state;
    pair[0] = tuple_of("a/b", arena);
    pair[1] = tuple_of("x612f62", arena);
    assert_int_equal(cw_pidf_unique_ids(pair, CW_COUNT(pair), arena), CW_OK);
    memcpy(named, pair[1].id.base + 3, pair[1].id.len - 3); /* the digest as a resource */
    tuples[0] = tuple_of("a/b", arena);
    tuples[1] = tuple_of(named, arena);
    tuples[2] = tuple_of("x612f62", arena);
    cw_assert_bytes(tuples[1].id, pair[1].id);
    assert_int_equal(cw_pidf_unique_ids(tuples, CW_COUNT(tuples), arena), CW_OK);
    cw_assert_bytes(tuples[1].id, pair[1].id);
    assert_int_equal(tuples[2].id.len, 44);
    assert_false(cw_bytes_equal(tuples[2].id, tuples[0].id));
    assert_false(cw_bytes_equal(tuples[2].id, tuples[1].id));
    cw_assert_bytes(tuples[2].resource, CW_LIT("x612f62")); /* the way back */
    cw_arena_free(&arena);
}

/* PRES-43 */
static void says_capabilities_of_open_tuples(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_pidf_tuple tuples[2];
    const struct cw_presence closed = {.resource = CW_LIT("b")};
    struct cw_pidf doc = {.entity = CW_LIT("pres:juliet@corp.example"),
                          .tuples = tuples,
                          .tuple_count = 2,
                          .says_capabilities = true};
    struct cw_bytes xml;

    (void)state;
    tuples[0] = tuple_of("a", arena);
    assert_int_equal(
        cw_presence_to_pidf(&closed, (struct cw_bytes){0}, CW_PIDF_VIEW_FULL, arena, &tuples[1]),
        CW_OK);
    assert_int_equal(cw_pidf_write(&doc, 4096, arena, &xml), CW_OK);
    cw_assert_bytes(
        xml,
        CW_LIT(HEAD "<tuple id='ID-a'><status><basic>open</basic></status>"
                    "<caps:servcaps xmlns:caps='urn:ietf:params:xml:ns:pidf:caps'>"
                    "<caps:audio>false</caps:audio><caps:message>true</caps:message>"
                    "<caps:methods><caps:supported><caps:MESSAGE/></caps:supported></caps:methods>"
                    "<caps:type>text/plain</caps:type>"
                    "<caps:type>application/im-iscomposing+xml</caps:type>"
                    "<caps:video>false</caps:video></caps:servcaps></tuple>"
                    "<tuple id='ID-b'><status><basic>closed</basic></status>" TAIL));
    cw_arena_free(&arena);
}

/* PRES-40, PRES-19: the person after the notes. */
static void says_moods_of_the_person(void **state)
{
    static const struct {
        cw_activities activities;
        struct cw_bytes mood;
        bool other;
        const char *person;
    } CASES[] = {
        {0, {NULL, 0}, false, ""},
        {0, {"happy", 5}, false, "<rpid:mood><rpid:happy/></rpid:mood>"},
        {0, {"relaxed", 7}, true, "<rpid:mood><rpid:other>relaxed</rpid:other></rpid:mood>"},
        {1u << CW_ACTIVITY_MEETING | 1u << CW_ACTIVITY_AWAY,
         {"sad", 3},
         false,
         "<rpid:activities><rpid:meeting/><rpid:away/></rpid:activities>"
         "<rpid:mood><rpid:sad/></rpid:mood>"},
    };
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_pidf doc = {.entity = CW_LIT("pres:juliet@corp.example"),
                                    .notes = {LUNCH, 1},
                                    .person = {.activities = CASES[i].activities},
                                    .mood = CASES[i].mood,
                                    .mood_is_other = CASES[i].other};
        char want[1024] = HEAD "<note xml:lang='en'>lunch</note>";
        struct cw_bytes xml;

        if (CASES[i].person[0] != '\0') {
            strcat(want, "<dm:person xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model'"
                         " xmlns:rpid='urn:ietf:params:xml:ns:pidf:rpid' id='person'>");
            strcat(want, CASES[i].person);
            strcat(want, "</dm:person>");
        }
        strcat(want, "</presence>");
        assert_int_equal(cw_pidf_write(&doc, 4096, arena, &xml), CW_OK);
        cw_assert_bytes(xml, text(want));
    }
    cw_arena_free(&arena);
}

/* PRES-30: another table writes another activity. */
static void follows_the_table(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_show_map map = CW_SHOW_MAP_DEFAULT;
    const struct cw_presence in = {.available = true, .show = CW_SHOW_DND, .resource = CW_LIT("r")};
    struct cw_pidf_tuple tuple;
    struct cw_pidf doc = {.entity = CW_LIT("pres:a@b"), .tuples = &tuple, .tuple_count = 1};

    (void)state;
    map.activity_of[CW_SHOW_DND] = CW_ACTIVITY_ON_THE_PHONE;
    assert_int_equal(
        cw_presence_to_pidf(&in, (struct cw_bytes){0}, CW_PIDF_VIEW_FULL, arena, &tuple), CW_OK);
    cw_pidf_add_person(&doc, &map);
    assert_int_equal(doc.person.activities, 1u << CW_ACTIVITY_ON_THE_PHONE);
    cw_arena_free(&arena);
}

/* The person does what the show of the open tuple with the highest priority means. */
static void says_of_the_person_what_the_first_resource_says(void **state)
{
    const struct cw_pidf_tuple tuples[] = {
        {.id = CW_LIT("ID-a"), .open = true, .show = CW_SHOW_AWAY, .priority_milli = 7},
        {.id = CW_LIT("ID-b"), .open = true, .show = CW_SHOW_DND, .priority_milli = 15},
        {.id = CW_LIT("ID-c"), .open = false, .priority_milli = 1000},
    };
    struct cw_pidf doc = {.entity = CW_LIT("pres:a@b"), .tuples = tuples, .tuple_count = 3};

    (void)state;
    cw_pidf_add_person(&doc, &CW_SHOW_MAP_DEFAULT);
    assert_int_equal(doc.person.activities, 1u << CW_ACTIVITY_BUSY);
    doc.tuples += 2;
    doc.tuple_count = 1;
    doc.person.activities = 0;
    cw_pidf_add_person(&doc, &CW_SHOW_MAP_DEFAULT); /* nothing is open */
    assert_int_equal(doc.person.activities, 0);
}

/* Whatever room there is: the document, or CW_ERR_LIMIT. */
static void bears_a_full_arena(void **state)
{
    const struct cw_presence in = {.available = true,
                                   .resource = CW_LIT("a/b"),
                                   .stamp = CW_LIT("2026-03-02T09:00:00Z"),
                                   .statuses = {LUNCH, 2}};
    unsigned done = 0;

    (void)state;
    for (size_t limit = 0; limit < 4096; limit += 8) {
        struct cw_arena *arena = cw_arena_new(limit);
        struct cw_pidf_tuple tuples[2];
        const struct cw_pidf doc = {
            .entity = CW_LIT("pres:a@b"), .tuples = tuples, .tuple_count = 2};
        struct cw_bytes xml;
        enum cw_err err =
            cw_presence_to_pidf(&in, (struct cw_bytes){0}, CW_PIDF_VIEW_FULL, arena, &tuples[0]);

        tuples[1] = tuples[0];
        if (err == CW_OK) {
            err = cw_pidf_write(&doc, 4096, arena, &xml);
        }
        assert_true(err == CW_OK || err == CW_ERR_LIMIT);
        done += err == CW_OK ? 1 : 0;
        cw_arena_free(&arena);
    }
    assert_in_range(done, 100, 500);
}

static void stops_at_the_limit(void **state)
{
    struct cw_arena *arena = cw_arena_new(64);
    const struct cw_presence in = {
        .available = true,
        .resource = CW_LIT("01234567890123456789012345678901234567890123456789012345678901234567")};
    const struct cw_pidf doc = {.entity = CW_LIT("pres:a@b")};
    struct cw_pidf_tuple tuple;
    struct cw_bytes xml;
    size_t len;

    (void)state;
    assert_int_equal(
        cw_presence_to_pidf(&in, (struct cw_bytes){0}, CW_PIDF_VIEW_FULL, arena, &tuple),
        CW_ERR_LIMIT);
    assert_int_equal(cw_pidf_write(&doc, 4096, arena, &xml), CW_ERR_LIMIT); /* the arena's */
    cw_arena_free(&arena);
    arena = cw_arena_new(4096);
    assert_int_equal(cw_pidf_write(&doc, 4096, arena, &xml), CW_OK);
    len = xml.len;
    assert_int_equal(cw_pidf_write(&doc, len - 1, arena, &xml), CW_ERR_LIMIT); /* the caller's */
    assert_int_equal(cw_pidf_write(&doc, len, arena, &xml), CW_OK);
    assert_int_equal(xml.len, len);
    cw_arena_free(&arena);
    cw_arena_free(&arena); /* freeing nothing is fine */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_expected_documents),
        cmocka_unit_test(gives_each_priority_its_own_value),
        cmocka_unit_test(makes_tuple_ids_of_resources),
        cmocka_unit_test(keeps_ids_unique_in_a_document),
        cmocka_unit_test(keeps_digests_unique),
        cmocka_unit_test(says_capabilities_of_open_tuples),
        cmocka_unit_test(follows_the_table),
        cmocka_unit_test(says_moods_of_the_person),
        cmocka_unit_test(says_of_the_person_what_the_first_resource_says),
        cmocka_unit_test(bears_a_full_arena),
        cmocka_unit_test(stops_at_the_limit),
    };

    return cmocka_run_group_tests_name("pidf", tests, NULL, NULL);
}
