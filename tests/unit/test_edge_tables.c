/* SPDX-License-Identifier: Apache-2.0 */
#include "bounce.h"
#include "connections.h"
#include "cw_test.h"
#include "map.h"
#include "turned_away.h"
#include "words.h"

#include <causeway/frame_knock.h>
#include <stdio.h>

static void sum(void *value, void *user)
{
    *(size_t *)user += *(const size_t *)value;
}

static void map_keeps_what_it_is_given(void **state)
{
    enum { COUNT = 500 };
    size_t values[COUNT];
    struct cw_map *map = cw_map_new(99);
    size_t total = 0;
    char key[16];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const int len = snprintf(key, sizeof(key), "key%zu", i);

        values[i] = i;
        cw_map_put(map, (struct cw_bytes){key, (size_t)len}, &values[i]);
    }
    cw_map_put(map, CW_LIT("key7"), &values[8]); /* replaces */
    assert_int_equal(cw_map_count(map), COUNT);
    assert_ptr_equal(cw_map_get(map, CW_LIT("key7")), &values[8]);
    assert_ptr_equal(cw_map_get(map, CW_LIT("key499")), &values[499]);
    assert_null(cw_map_get(map, CW_LIT("key")));
    assert_null(cw_map_get(map, CW_LIT("")));
    cw_map_each(map, sum, &total);
    assert_int_equal(total, COUNT * (COUNT - 1) / 2 + 1);
    assert_ptr_equal(cw_map_take(map, CW_LIT("key0")), &values[0]);
    assert_null(cw_map_take(map, CW_LIT("key0")));
    assert_int_equal(cw_map_count(map), COUNT - 1);
    cw_map_free(&map, NULL);
    cw_map_free(&map, NULL);
}

#define V4(last)      ((struct cw_bytes){"\12\0\0" last, 4})
#define V6(net, host) ((struct cw_bytes){"\40\1\15\270\0\0\0" net "\0\0\0\0\0\0\0" host, 16})
#define MAPPED(last)  ((struct cw_bytes){"\0\0\0\0\0\0\0\0\0\0\377\377\12\0\0" last, 16})

/* STREAM-130 */
static void connections_are_bounded(void **state)
{
    struct cw_connections *connections = cw_connections_new(1, 5, 2);

    (void)state;
    assert_int_equal(cw_connections_admit(connections, V4("\1")), CW_CONNECTIONS_ADMIT);
    assert_int_equal(cw_connections_admit(connections, MAPPED("\1")), CW_CONNECTIONS_ADMIT);
    assert_int_equal(cw_connections_admit(connections, V4("\1")), CW_CONNECTIONS_ADDRESS);
    assert_int_equal(cw_connections_admit(connections, V6("\1", "\1")), CW_CONNECTIONS_ADMIT);
    assert_int_equal(cw_connections_admit(connections, V6("\1", "\2")), CW_CONNECTIONS_ADMIT);
    assert_int_equal(cw_connections_admit(connections, V6("\1", "\3")), CW_CONNECTIONS_ADDRESS);
    assert_int_equal(cw_connections_admit(connections, V6("\2", "\1")), CW_CONNECTIONS_ADMIT);
    assert_int_equal(cw_connections_admit(connections, V4("\2")), CW_CONNECTIONS_TOTAL);
    assert_int_equal(cw_connections_count(connections), 5);
    cw_connections_release(connections, V6("\1", "\3")); /* any host of the network */
    assert_int_equal(cw_connections_admit(connections, V4("\1")), CW_CONNECTIONS_ADDRESS);
    cw_connections_release(connections, V4("\1"));
    assert_int_equal(cw_connections_admit(connections, V4("\1")), CW_CONNECTIONS_ADMIT);
    cw_connections_limit(connections, 4, 2);
    assert_int_equal(cw_connections_admit(connections, V4("\3")), CW_CONNECTIONS_TOTAL);
    cw_connections_release(connections, V4("\7")); /* never admitted */
    assert_int_equal(cw_connections_count(connections), 4);
    cw_connections_free(&connections);
}

#define ERROR_OF(name, rest)                                                                       \
    "<" name " " rest " type='error'><error type='wait'><remote-server-timeout "                   \
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></" name ">"

/* DESIGN section 7 */
static const struct {
    const char *name;
    const char *xml;
    enum cw_err err;
    const char *error;
} BOUNCES[] = {
    {"a message", "<message from='a@p.example' to='b@c.example' id='1'><body>x</body></message>",
     CW_OK, ERROR_OF("message", "from='b@c.example' to='a@p.example' id='1'")},
    {"without an id", "<message to='b@c.example' from='a@p.example'/>", CW_OK,
     ERROR_OF("message", "from='b@c.example' to='a@p.example'")},
    {"quotes and '>' in values",
     "<message from=\"o'neil@p.example\" to='b@c.example' id='>\"'  x='/>' >t</message>", CW_OK,
     ERROR_OF("message", "from='b@c.example' to=\"o'neil@p.example\" id='>\"'")},
    {"a prefix", "<s:message xmlns:s='jabber:server' from='a@p.example' to='b@c.example'/>", CW_OK,
     ERROR_OF("message", "from='b@c.example' to='a@p.example'")},
    {"entities stay as they are", "<message from='a&apos;b@p.example' to='b@c.example'/>", CW_OK,
     ERROR_OF("message", "from='b@c.example' to='a&apos;b@p.example'")},
    {"a question", "<iq type='get' from='p.example' to='c.example' id='q'><ping/></iq>", CW_OK,
     ERROR_OF("iq", "from='c.example' to='p.example' id='q'")},
    {"an error is not answered", "<message type='error' from='a@p.example' to='b@c.example'/>",
     CW_ERR_EMPTY, NULL},
    {"a result is not answered", "<iq type='result' from='p.example' to='c.example' id='q'/>",
     CW_ERR_EMPTY, NULL},
    {"presence is not answered", "<presence from='a@p.example' to='b@c.example'/>", CW_ERR_EMPTY,
     NULL},
    {"no sender", "<message to='b@c.example'/>", CW_ERR_MALFORMED, NULL},
    {"no stanza", "<x from='a@p.example' to='b@c.example'/>", CW_ERR_MALFORMED, NULL},
    {"no end", "<message from='a@p.example' to='b@c.example'", CW_ERR_MALFORMED, NULL},
    {"no value", "<message from to='b@c.example'>", CW_ERR_MALFORMED, NULL},
    {"no quotes", "<message from=a to=b>", CW_ERR_MALFORMED, NULL},
    {"nothing", "", CW_ERR_MALFORMED, NULL},
};

static void bounces(void **state)
{
    struct cw_arena *arena = cw_arena_new(10000);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BOUNCES); i++) {
        const struct cw_bytes head =
            cw_bounce_head((struct cw_bytes){BOUNCES[i].xml, strlen(BOUNCES[i].xml)});
        struct cw_bytes error = {0};

        cw_case(BOUNCES[i].name);
        assert_int_equal(cw_bounce_write(head, arena, &error), BOUNCES[i].err);
        if (BOUNCES[i].error != NULL) {
            cw_assert_bytes(error, ((struct cw_bytes){BOUNCES[i].error, strlen(BOUNCES[i].error)}));
        }
    }
    cw_arena_free(&arena);
}

static void bounce_minds_the_arena(void **state)
{
    struct cw_arena *arena = cw_arena_new(64);
    struct cw_bytes error;

    (void)state;
    assert_int_equal(cw_bounce_write(CW_LIT("<message from='a' to='b'>"), arena, &error),
                     CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* OPERATOR.md 2.4: the words of labels are closed sets. */
static void words_are_closed_sets(void **state)
{
    static const char *const stages[] = {"dns", "tcp", "tls", "sasl", "stream", "policy", "limit"};

    (void)state;
    for (enum cw_fail fail = CW_FAIL_NONE; fail < CW_FAILS; fail++) {
        size_t found = 0;

        for (size_t i = 0; i < CW_COUNT(stages); i++) {
            found += strcmp(cw_word_stage(fail), stages[i]) == 0 ? 1 : 0;
        }
        assert_int_equal(found, 1);
        assert_true(strlen(cw_word_fail(fail)) > 0);
    }
    assert_string_equal(cw_word_auth(CW_METHOD_SASL_TLS), "sasl_external");
    assert_string_equal(cw_word_kind(CW_CLASS_PRESENCE), "presence");
    assert_string_equal(cw_word_direction(true), "out");
    assert_string_equal(cw_word_diagnosis(CW_FAIL_DNS), "D201");
}

static void turn_away(struct cw_turned_away *away, unsigned from, unsigned to)
{
    char domain[32];

    for (unsigned n = from; n < to; n++) {
        const int len = snprintf(domain, sizeof(domain), "d%u.example", n);

        cw_turned_away_note(away, false, (struct cw_bytes){domain, (size_t)len},
                            CW_LIT("192.0.2.1:1"));
    }
}

static void sums_up_who_was_turned_away(void **state)
{
    struct cw_turned_away *away = cw_turned_away_new();
    struct cw_frame_knocks told;

    (void)state;
    assert_false(cw_turned_away_take(away, &told));
    for (unsigned i = 0; i < 3; i++) {
        cw_turned_away_note(away, false, CW_LIT("a.example"), CW_LIT("192.0.2.1:4711"));
    }
    cw_turned_away_note(away, false, CW_LIT("a.example"), CW_LIT("[2001:db8::1]:4712"));
    cw_turned_away_note(away, true, CW_LIT("a.example"), (struct cw_bytes){0});
    assert_true(cw_turned_away_take(away, &told));
    assert_int_equal(told.unnamed, 0);
    assert_int_equal(told.count, 2);
    assert_false(told.items[0].outgoing);
    assert_int_equal(told.items[0].count, 4);
    cw_assert_bytes(told.items[0].domain, CW_LIT("a.example"));
    cw_assert_bytes(told.items[0].peer, CW_LIT("[2001:db8::1]:4712")); /* the last one */
    assert_true(told.items[1].outgoing);
    assert_int_equal(told.items[1].count, 1);
    assert_int_equal(told.items[1].peer.len, 0);
    assert_false(cw_turned_away_take(away, &told)); /* each is told once */
    cw_turned_away_free(&away);
    assert_null(away);
}

/* 100,000 names are no more than 64, and none of the numbers is lost. */
static void bounds_who_was_turned_away(void **state)
{
    static const struct {
        const char *name;
        struct cw_bytes domain;
    } FOUL[] = {{"none", {0}},
                {"a blank", {"a b.example", 11}},
                {"a line break", {"a\nb.example", 11}},
                {"not ASCII", {"\xc3\xa9.example", 10}}};
    struct cw_turned_away *away = cw_turned_away_new();
    struct cw_frame_knocks told;
    uint64_t sum = 0;
    unsigned frames = 0;

    (void)state;
    turn_away(away, 0, 100000);
    turn_away(away, 0, 5);
    while (cw_turned_away_take(away, &told)) {
        assert_in_range(cw_frame_write_knocks(&told, NULL, 0), 1, CW_FRAME_MAX_KNOCK);
        sum += told.unnamed;
        for (size_t i = 0; i < told.count; i++) {
            sum += told.items[i].count;
        }
        frames++;
    }
    assert_int_equal(sum, 100005);
    assert_int_equal(frames, CW_TURNED_AWAY_MAX / CW_FRAME_MAX_KNOCKS);
    for (size_t i = 0; i < CW_COUNT(FOUL); i++) {
        cw_case(FOUL[i].name);
        cw_turned_away_note(away, false, FOUL[i].domain, CW_LIT("192.0.2.1:1"));
        assert_true(cw_turned_away_take(away, &told));
        assert_int_equal(told.count, 0);
        assert_int_equal(told.unnamed, 1);
    }
    cw_turned_away_free(&away);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_up_who_was_turned_away),
        cmocka_unit_test(bounds_who_was_turned_away),
        cmocka_unit_test(map_keeps_what_it_is_given),
        cmocka_unit_test(connections_are_bounded),
        cmocka_unit_test(bounces),
        cmocka_unit_test(bounce_minds_the_arena),
        cmocka_unit_test(words_are_closed_sets),
    };

    return cmocka_run_group_tests_name("edge_tables", tests, NULL, NULL);
}
