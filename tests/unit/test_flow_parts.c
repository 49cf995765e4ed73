/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "alarm.h"
#include "document.h"
#include "leg.h"
#include "presence_cache.h"
#include "recent.h"
#include "table.h"

#include <stdio.h>

#include <causeway/pidf.h>
#include <stdlib.h>

static const uint64_t KEY[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

/* The vector of SipHash's authors: key 00..0f, message 00..0e. */
static void hashes_as_published(void **state)
{
    char message[15];

    (void)state;
    for (size_t i = 0; i < sizeof(message); i++) {
        message[i] = (char)i;
    }
    assert_true(cw_table_hash(KEY, (struct cw_bytes){message, sizeof(message)}) ==
                0xa129ca6149be45e5u);
}

static void finds_what_is_there(void **state)
{
    struct cw_table *table = cw_table_new(KEY);
    char keys[1000][4];

    (void)state;
    assert_null(cw_table_find(table, CW_LIT("x")));
    assert_null(cw_table_remove(table, CW_LIT("x")));
    for (size_t i = 0; i < 1000; i++) {
        keys[i][0] = (char)('0' + i / 100);
        keys[i][1] = (char)('0' + i / 10 % 10);
        keys[i][2] = (char)('0' + i % 10);
        keys[i][3] = '\0';
        cw_table_add(table, (struct cw_bytes){keys[i], 3}, keys[i]);
    }
    for (size_t i = 0; i < 1000; i += 3) {
        assert_ptr_equal(cw_table_remove(table, (struct cw_bytes){keys[i], 3}), keys[i]);
    }
    for (size_t i = 0; i < 1000; i++) {
        assert_ptr_equal(cw_table_find(table, (struct cw_bytes){keys[i], 3}),
                         i % 3 == 0 ? NULL : keys[i]);
    }
    assert_int_equal(cw_table_count(table), 666);
    cw_table_free(&table);
}

static void rings_in_order(void **state)
{
    struct cw_alarms *alarms = cw_alarms_new();
    struct cw_alarm set[200] = {0};
    uint64_t last = 0;
    size_t rung = 0;
    struct cw_alarm *alarm;

    (void)state;
    assert_true(cw_alarms_next(alarms) == CW_ALARM_NEVER);
    for (size_t i = 0; i < CW_COUNT(set); i++) {
        cw_alarms_set(alarms, &set[i], (i * 7919) % 1000);
    }
    for (size_t i = 0; i < CW_COUNT(set); i += 4) {
        cw_alarms_clear(alarms, &set[i]);
        cw_alarms_clear(alarms, &set[i]);
    }
    cw_alarms_set(alarms, &set[1], 5000); /* moved */
    assert_null(cw_alarms_take(alarms, 0));
    while ((alarm = cw_alarms_take(alarms, 1000)) != NULL) {
        assert_true(alarm->at_ms >= last);
        last = alarm->at_ms;
        rung++;
    }
    assert_int_equal(rung, 149);
    assert_int_equal(cw_alarms_next(alarms), 5000);
    cw_alarms_free(&alarms);
}

/* MSG-52, MSG-62 */
static void notices_loops(void **state)
{
    struct cw_recent *recent = cw_recent_new(KEY);
    const struct cw_bytes a = CW_LIT("a");
    const struct cw_bytes b = CW_LIT("b");

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        assert_false(cw_recent_loops(recent, a, b, CW_LIT("x"), 1000));
        cw_recent_note(recent, a, b, CW_LIT("x"), 1000);
    }
    assert_true(cw_recent_loops(recent, a, b, CW_LIT("x"), 1000));
    assert_false(cw_recent_loops(recent, b, a, CW_LIT("x"), 1000));
    assert_false(cw_recent_loops(recent, a, b, CW_LIT("y"), 1000));
    assert_false(cw_recent_loops(recent, a, b, CW_LIT("x"), 32000));
    assert_false(cw_recent_is_chat(recent, a, b));
    cw_recent_note_chat(recent, a, b, true);
    assert_true(cw_recent_is_chat(recent, a, b));
    cw_recent_note_chat(recent, a, b, false);
    assert_false(cw_recent_is_chat(recent, a, b));
    cw_recent_free(&recent);
}

/* PRES-39; RFC 3261 section 12: route sets turned round, target of the last Contact, numbers in
 * order. */
static void keeps_a_leg(void **state)
{
    struct cw_leg leg;
    struct cw_sip_message answer = {.status = 200};
    struct cw_sip_message request;

    (void)state;
    cw_leg_init(&leg, CW_LIT("c"), CW_LIT("sip:a@x"), CW_LIT("t"), CW_LIT("sip:b@y"), 41);
    assert_false(cw_leg_is_confirmed(&leg));
    cw_leg_request(&leg, CW_SIP_SUBSCRIBE, &request);
    assert_int_equal(request.cseq, 42);
    cw_assert_bytes(request.request_uri, CW_LIT("sip:b@y"));
    assert_int_equal(request.expires_s, CW_SIP_ABSENT);
    answer.to.tag = CW_LIT("r");
    answer.contact = CW_LIT("sip:b@10");
    answer.routes[0] = CW_LIT("<sip:p1;lr>");
    answer.routes[1] = CW_LIT("<sip:p2;lr>");
    answer.route_count = 2;
    cw_leg_learn(&leg, &answer, CW_LEG_RESPONSE);
    cw_leg_request(&leg, CW_SIP_SUBSCRIBE, &request);
    cw_assert_bytes(request.request_uri, CW_LIT("sip:b@10"));
    cw_assert_bytes(request.to.tag, CW_LIT("r"));
    cw_assert_bytes(request.routes[0], CW_LIT("<sip:p2;lr>"));
    cw_assert_bytes(request.routes[1], CW_LIT("<sip:p1;lr>"));
    assert_true(cw_leg_in_order(&leg, 7));
    assert_false(cw_leg_in_order(&leg, 7));
    assert_false(cw_leg_in_order(&leg, 6));
    assert_true(cw_leg_in_order(&leg, 8));
    cw_leg_clear(&leg);
}

/* PRES-14, PRES-15, PRES-16, PRES-17, ADDR-30 */
static void writes_documents(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_presence_cache *cache = cw_presence_cache_new();
    const struct cw_jid who = {.local = CW_LIT("juliet"), .domain = CW_LIT("fabrikam.example")};
    const struct cw_presence desk = {.available = true, .resource = CW_LIT("desk")};
    const struct cw_presence mobile = {.available = true, .resource = CW_LIT("mobile")};
    struct cw_document_form form = {.map = &CW_SHOW_MAP_DEFAULT};
    struct cw_document out;
    struct cw_pidf doc;

    (void)state;
    assert_int_equal(cw_document_write(&who, NULL, &form, arena, &out), CW_OK);
    assert_int_equal(cw_pidf_read(out.xml, (struct cw_bytes){0}, arena, &doc), CW_OK);
    cw_assert_bytes(doc.entity, CW_LIT("pres:juliet@fabrikam.example"));
    form.scheme = CW_DOCUMENT_SIP;
    assert_int_equal(cw_document_write(&who, NULL, &form, arena, &out), CW_OK);
    assert_int_equal(cw_pidf_read(out.xml, (struct cw_bytes){0}, arena, &doc), CW_OK);
    cw_assert_bytes(doc.entity, CW_LIT("sip:juliet@fabrikam.example"));
    assert_int_equal(doc.tuple_count, 1);
    cw_assert_bytes(doc.tuples[0].id, CW_LIT("ID-none"));
    assert_false(doc.tuples[0].open);

    (void)cw_presence_cache_put(cache, &desk);
    (void)cw_presence_cache_put(cache, &mobile);
    form.stamp = CW_LIT("2026-01-01T00:00:00Z");
    assert_int_equal(cw_document_write(&who, cache, &form, arena, &out), CW_OK);
    assert_int_equal(cw_pidf_read(out.xml, (struct cw_bytes){0}, arena, &doc), CW_OK);
    assert_int_equal(doc.tuple_count, 2);
    cw_assert_bytes(doc.tuples[0].id, CW_LIT("ID-desk"));
    cw_assert_bytes(doc.tuples[0].contact, CW_LIT("sip:juliet@fabrikam.example;gr=desk"));
    cw_assert_bytes(doc.tuples[1].timestamp, CW_LIT("2026-01-01T00:00:00Z"));
    cw_presence_cache_free(&cache);
    cw_arena_free(&arena);
}

/* PRES-12: the header names the language that all notes have. */
static void names_the_one_language(void **state)
{
    static const struct {
        const char *first, *second, *language;
    } CASES[] = {
        {"en", NULL, "en"}, {"en", "en", "en"}, {"en", "pl", NULL},
        {"", "en", NULL},   {"", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_arena *arena = cw_arena_new(65536);
        struct cw_presence_cache *cache = cw_presence_cache_new();
        const struct cw_jid who = {.local = CW_LIT("juliet"), .domain = CW_LIT("fabrikam.example")};
        const struct cw_document_form form = {.map = &CW_SHOW_MAP_DEFAULT};
        struct cw_text note = {CW_LIT("x"), {CASES[i].first, strlen(CASES[i].first)}};
        struct cw_presence presence = {
            .available = true, .resource = CW_LIT("desk"), .statuses = {&note, 1}};
        struct cw_document out;

        (void)cw_presence_cache_put(cache, &presence);
        if (CASES[i].second != NULL) {
            note.lang = (struct cw_bytes){CASES[i].second, strlen(CASES[i].second)};
            presence.resource = CW_LIT("mobile");
            (void)cw_presence_cache_put(cache, &presence);
        }
        assert_int_equal(cw_document_write(&who, cache, &form, arena, &out), CW_OK);
        cw_assert_bytes(
            out.language,
            ((struct cw_bytes){CASES[i].language,
                               CASES[i].language == NULL ? 0 : strlen(CASES[i].language)}));
        cw_presence_cache_free(&cache);
        cw_arena_free(&arena);
    }
}

/* Notes that do not fit are left out; presence itself is told. */
static void leaves_out_what_does_not_fit(void **state)
{
    struct cw_arena *arena = cw_arena_new((size_t)4 << 20);
    struct cw_presence_cache *cache = cw_presence_cache_new();
    const struct cw_jid who = {.local = CW_LIT("juliet"), .domain = CW_LIT("fabrikam.example")};
    const struct cw_document_form form = {.map = &CW_SHOW_MAP_DEFAULT};
    char long_text[CW_PRESENCE_TEXT_MAX];
    char resource[] = "a";
    struct cw_document out;
    struct cw_pidf doc;

    (void)state;
    memset(long_text, '&', sizeof(long_text));
    for (unsigned i = 0; i < CW_PRESENCE_CACHE_MAX; i++, resource[0]++) {
        const struct cw_text note = {{long_text, sizeof(long_text)}, {NULL, 0}};
        const struct cw_presence presence = {
            .available = true, .resource = {resource, 1}, .statuses = {&note, 1}};

        assert_true(cw_presence_cache_put(cache, &presence));
    }
    assert_int_equal(cw_document_write(&who, cache, &form, arena, &out), CW_OK);
    assert_int_equal(cw_pidf_read(out.xml, (struct cw_bytes){0}, arena, &doc), CW_OK);
    assert_int_equal(doc.tuple_count, CW_PRESENCE_CACHE_MAX);
    assert_int_equal(doc.tuples[0].notes.count, 0);
    cw_presence_cache_free(&cache);
    cw_arena_free(&arena);
}

static bool contains(struct cw_bytes xml, const char *part)
{
    char text[4096];

    assert_in_range(snprintf(text, sizeof(text), CW_FMT, CW_ARG(xml)), 1, sizeof(text) - 1);
    return strstr(text, part) != NULL;
}

/* PRES-40 */
static void says_mood_and_activity(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_presence_cache *cache = cw_presence_cache_new();
    const struct cw_jid who = {.local = CW_LIT("juliet"), .domain = CW_LIT("fabrikam.example")};
    struct cw_pep pep = {.mood = CW_LIT("in_love"), .activities = 1u << CW_ACTIVITY_MEETING};
    const struct cw_document_form form = {.map = &CW_SHOW_MAP_DEFAULT, .pep = &pep};
    const struct cw_presence desk = {
        .available = true, .show = CW_SHOW_AWAY, .resource = CW_LIT("desk")};
    struct cw_document out;
    struct cw_pidf doc;

    (void)state;
    (void)cw_presence_cache_put(cache, &desk);
    assert_int_equal(cw_document_write(&who, cache, &form, arena, &out), CW_OK);
    assert_true(contains(out.xml, "<rpid:mood><rpid:in_love/></rpid:mood>"));
    assert_int_equal(cw_pidf_read(out.xml, (struct cw_bytes){0}, arena, &doc), CW_OK);
    assert_int_equal(doc.person.activities, 1u << CW_ACTIVITY_MEETING | 1u << CW_ACTIVITY_AWAY);
    pep.mood = CW_LIT("relaxed");
    pep.mood_is_other = true;
    assert_int_equal(cw_document_write(&who, cache, &form, arena, &out), CW_OK);
    assert_true(contains(out.xml, "<rpid:mood><rpid:other>relaxed</rpid:other></rpid:mood>"));
    cw_presence_cache_free(&cache);
    cw_arena_free(&arena);
}

/* cw_leg_request() starts from the stack's empty message, which is not linked here. */
void cw_sip_message_init(struct cw_sip_message *message)
{
    *message = (struct cw_sip_message){
        .max_forwards = CW_SIP_ABSENT,
        .expires_s = CW_SIP_ABSENT,
        .min_expires_s = CW_SIP_ABSENT,
        .retry_after_s = CW_SIP_ABSENT,
        .substate_expires_s = CW_SIP_ABSENT,
        .substate_retry_after_s = CW_SIP_ABSENT,
    };
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_published),
        cmocka_unit_test(finds_what_is_there),
        cmocka_unit_test(rings_in_order),
        cmocka_unit_test(notices_loops),
        cmocka_unit_test(keeps_a_leg),
        cmocka_unit_test(writes_documents),
        cmocka_unit_test(names_the_one_language),
        cmocka_unit_test(leaves_out_what_does_not_fit),
        cmocka_unit_test(says_mood_and_activity),
    };

    return cmocka_run_group_tests_name("flow_parts", tests, NULL, NULL);
}
