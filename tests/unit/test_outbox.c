/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "outbox.h"

enum { MAX = 256, TTL_MS = 120000 };

static const struct cw_pair PAIR = {{"corp.example", 12}, {"partner.example", 15}};
static const struct cw_pair OTHER = {{"corp.example", 12}, {"other.example", 13}};
static const struct cw_bytes PARTNER = {"partner.example", 15};

/* What became of each stanza, by its number. */
struct ledger {
    unsigned failed[MAX];
    enum cw_fail why[MAX];
    unsigned total;
};

static void on_failed(const struct cw_outbox_item *item, enum cw_fail why, void *user)
{
    struct ledger *const ledger = user;

    assert_ptr_equal(item->owner, ledger);
    ledger->failed[item->seq]++;
    ledger->why[item->seq] = why;
    ledger->total++;
}

static struct cw_outbox *open_outbox(struct ledger *ledger, size_t per_pair, size_t partner_bytes,
                                     size_t bytes)
{
    const struct cw_outbox_limits limits = {per_pair, partner_bytes, bytes, TTL_MS};

    return cw_outbox_new(&limits, 1, on_failed, ledger);
}

static void put(struct cw_outbox *outbox, struct ledger *ledger, struct cw_pair pair, uint64_t seq,
                enum cw_stanza_class class)
{
    char xml[] = "<x/>......";
    const struct cw_outbox_item item = {
        .owner = ledger, .seq = seq, .class = class, .xml = {xml, 10}};

    cw_outbox_put(outbox, pair, PARTNER, &item, seq);
    memset(xml, '#', sizeof(xml)); /* the outbox has a copy */
}

static uint64_t take(struct cw_outbox *outbox, struct cw_pair pair)
{
    const struct cw_outbox_item *const first = cw_outbox_first(outbox, pair);
    uint64_t seq;

    if (first == NULL) {
        return 0;
    }
    cw_assert_bytes(first->xml, CW_LIT("<x/>......"));
    seq = first->seq;
    cw_outbox_take(outbox, pair);
    return seq;
}

static void gives_back_in_order_presence_last(void **state)
{
    struct ledger ledger = {0};
    struct cw_outbox *outbox = open_outbox(&ledger, 100, 10000, 10000);

    (void)state;
    put(outbox, &ledger, PAIR, 1, CW_CLASS_PRESENCE);
    put(outbox, &ledger, PAIR, 2, CW_CLASS_MESSAGE);
    put(outbox, &ledger, PAIR, 3, CW_CLASS_IQ);
    put(outbox, &ledger, PAIR, 4, CW_CLASS_PRESENCE);
    put(outbox, &ledger, OTHER, 5, CW_CLASS_MESSAGE);
    put(outbox, &ledger, PAIR, 6, CW_CLASS_SUBSCRIPTION);
    assert_int_equal(cw_outbox_count(outbox), 6);
    assert_int_equal(cw_outbox_bytes(outbox), 60);
    assert_int_equal(take(outbox, PAIR), 2);
    assert_int_equal(take(outbox, PAIR), 3);
    assert_int_equal(take(outbox, PAIR), 6);
    assert_int_equal(take(outbox, PAIR), 1);
    assert_int_equal(take(outbox, PAIR), 4);
    assert_int_equal(take(outbox, PAIR), 0);
    assert_int_equal(take(outbox, OTHER), 5);
    assert_int_equal(cw_outbox_count(outbox), 0);
    assert_int_equal(cw_outbox_bytes(outbox), 0);
    cw_outbox_free(&outbox);
    assert_int_equal(ledger.total, 0);
}

static void full_queue_drops_the_oldest_presence(void **state)
{
    struct ledger ledger = {0};
    struct cw_outbox *outbox = open_outbox(&ledger, 3, 10000, 10000);

    (void)state;
    put(outbox, &ledger, PAIR, 1, CW_CLASS_PRESENCE);
    put(outbox, &ledger, PAIR, 2, CW_CLASS_PRESENCE);
    put(outbox, &ledger, PAIR, 3, CW_CLASS_MESSAGE);
    put(outbox, &ledger, PAIR, 4, CW_CLASS_MESSAGE); /* 1 makes room */
    assert_int_equal(ledger.failed[1], 1);
    assert_int_equal(ledger.why[1], CW_FAIL_QUEUE_FULL);
    put(outbox, &ledger, PAIR, 5, CW_CLASS_PRESENCE); /* 2 makes room: the last state wins */
    assert_int_equal(ledger.failed[2], 1);
    put(outbox, &ledger, PAIR, 6, CW_CLASS_MESSAGE); /* 5 makes room */
    put(outbox, &ledger, PAIR, 7, CW_CLASS_MESSAGE); /* nothing makes room */
    put(outbox, &ledger, PAIR, 8, CW_CLASS_PRESENCE);
    assert_int_equal(ledger.failed[5] + ledger.failed[7] + ledger.failed[8], 3);
    assert_int_equal(ledger.total, 5);
    put(outbox, &ledger, OTHER, 9, CW_CLASS_MESSAGE); /* another pair has its own bound */
    assert_int_equal(cw_outbox_count(outbox), 4);
    cw_outbox_free(&outbox);
    assert_int_equal(ledger.total, 9);
}

static const struct {
    const char *name;
    size_t partner_bytes;
    size_t bytes;
} BOUNDS[] = {
    {"bytes of a partner", 35, 10000},
    {"bytes in all", 10000, 35},
};

static void bytes_are_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(BOUNDS); i++) {
        struct ledger ledger = {0};
        struct cw_outbox *outbox =
            open_outbox(&ledger, 100, BOUNDS[i].partner_bytes, BOUNDS[i].bytes);

        cw_case(BOUNDS[i].name);
        for (uint64_t seq = 1; seq <= 5; seq++) {
            put(outbox, &ledger, seq % 2 == 0 ? PAIR : OTHER, seq, CW_CLASS_MESSAGE);
        }
        assert_int_equal(cw_outbox_bytes(outbox), 30);
        assert_int_equal(ledger.failed[4] + ledger.failed[5], 2);
        assert_int_equal(take(outbox, PAIR), 2);
        put(outbox, &ledger, PAIR, 6, CW_CLASS_MESSAGE);
        assert_int_equal(ledger.failed[6], 0);
        cw_outbox_free(&outbox);
    }
}

static void waits_no_longer_than_its_time(void **state)
{
    struct ledger ledger = {0};
    struct cw_outbox *outbox = open_outbox(&ledger, 100, 10000, 10000);

    (void)state;
    put(outbox, &ledger, PAIR, 1, CW_CLASS_MESSAGE);
    put(outbox, &ledger, PAIR, 2, CW_CLASS_PRESENCE);
    put(outbox, &ledger, OTHER, 3, CW_CLASS_MESSAGE);
    cw_outbox_expire(outbox, TTL_MS); /* 1 came at 1 */
    assert_int_equal(ledger.total, 0);
    cw_outbox_expire(outbox, TTL_MS + 1);
    assert_int_equal(ledger.total, 1);
    assert_int_equal(ledger.why[1], CW_FAIL_TIMEOUT);
    cw_outbox_expire(outbox, TTL_MS + 3);
    assert_int_equal(ledger.total, 3);
    assert_int_equal(cw_outbox_count(outbox), 0);
    cw_outbox_free(&outbox);
    assert_int_equal(ledger.total, 3);
}

static bool is_not_to(struct cw_pair pair, const void *user)
{
    return !cw_bytes_equal(pair.remote, *(const struct cw_bytes *)user);
}

static void fails_by_pair_and_by_remote(void **state)
{
    const struct cw_pair sub = {CW_LIT("sub.corp.example"), PAIR.remote};
    struct ledger ledger = {0};
    struct cw_outbox *outbox = open_outbox(&ledger, 100, 10000, 10000);

    (void)state;
    put(outbox, &ledger, PAIR, 1, CW_CLASS_MESSAGE);
    put(outbox, &ledger, sub, 2, CW_CLASS_MESSAGE);
    put(outbox, &ledger, OTHER, 3, CW_CLASS_MESSAGE);
    put(outbox, &ledger, PAIR, 4, CW_CLASS_PRESENCE);
    cw_outbox_fail(outbox, sub, CW_FAIL_DNS);
    assert_int_equal(ledger.total, 1);
    assert_int_equal(ledger.why[2], CW_FAIL_DNS);
    put(outbox, &ledger, sub, 5, CW_CLASS_MESSAGE);
    cw_outbox_fail_unless(outbox, is_not_to, &PAIR.remote, CW_FAIL_NO_PERMIT);
    assert_int_equal(ledger.total, 4);
    assert_int_equal(ledger.failed[3], 0);
    assert_int_equal(cw_outbox_count(outbox), 1);
    cw_outbox_fail(outbox, PAIR, CW_FAIL_DNS); /* nothing there */
    cw_outbox_free(&outbox);
    assert_int_equal(ledger.why[3], CW_FAIL_SHUTDOWN);
    assert_int_equal(ledger.total, 5);
}

static void knows_what_a_user_did(void **state)
{
    struct ledger ledger = {0};
    struct cw_outbox *outbox = open_outbox(&ledger, 100, 10000, 10000);

    (void)state;
    assert_false(cw_outbox_has_user_act(outbox, PAIR)); /* STREAM-127 */
    put(outbox, &ledger, PAIR, 1, CW_CLASS_PRESENCE);
    put(outbox, &ledger, PAIR, 2, CW_CLASS_IQ);
    assert_false(cw_outbox_has_user_act(outbox, PAIR));
    put(outbox, &ledger, PAIR, 3, CW_CLASS_SUBSCRIPTION);
    assert_true(cw_outbox_has_user_act(outbox, PAIR));
    assert_int_equal(take(outbox, PAIR), 2);
    assert_int_equal(take(outbox, PAIR), 3);
    assert_false(cw_outbox_has_user_act(outbox, PAIR));
    cw_outbox_free(&outbox);
}

static void a_pair_that_is_none_fails_at_once(void **state)
{
    static const struct cw_pair pairs[] = {
        {{"", 0}, {"partner.example", 15}},
        {{"corp.example", 12}, {NULL, 0}},
        {{"corp\0example", 12}, {"partner.example", 15}},
    };
    struct ledger ledger = {0};
    struct cw_outbox *outbox = open_outbox(&ledger, 100, 10000, 10000);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(pairs); i++) {
        put(outbox, &ledger, pairs[i], i + 1, CW_CLASS_MESSAGE);
        assert_int_equal(ledger.failed[i + 1], 1);
        assert_null(cw_outbox_first(outbox, pairs[i]));
    }
    cw_outbox_free(&outbox);
    assert_int_equal(ledger.total, CW_COUNT(pairs));
}

/* Whatever happens in whatever order, each stanza is taken or fails, and once. */
static void every_stanza_ends_once(void **state)
{
    static const enum cw_stanza_class classes[] = {CW_CLASS_MESSAGE, CW_CLASS_PRESENCE, CW_CLASS_IQ,
                                                   CW_CLASS_PRESENCE};
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        struct ledger ledger = {0};
        unsigned taken[MAX] = {0};
        struct cw_outbox *outbox = open_outbox(&ledger, 5, 120, 150);
        unsigned chance = seed;

        for (uint64_t seq = 1; seq < MAX; seq++) {
            const struct cw_pair pair = seq % 3 == 0 ? OTHER : PAIR;

            chance = chance * 1103515245u + 12345u;
            put(outbox, &ledger, pair, seq, classes[(chance >> 16) % 4]);
            if ((chance >> 20) % 3 == 0) {
                taken[take(outbox, pair)]++;
            }
            if ((chance >> 24) % 31 == 0) {
                cw_outbox_fail(outbox, pair, CW_FAIL_CONNECT);
            }
        }
        cw_outbox_free(&outbox);
        for (uint64_t seq = 1; seq < MAX; seq++) {
            assert_int_equal(taken[seq] + ledger.failed[seq], 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_in_order_presence_last),
        cmocka_unit_test(full_queue_drops_the_oldest_presence),
        cmocka_unit_test(bytes_are_bounded),
        cmocka_unit_test(waits_no_longer_than_its_time),
        cmocka_unit_test(fails_by_pair_and_by_remote),
        cmocka_unit_test(knows_what_a_user_did),
        cmocka_unit_test(a_pair_that_is_none_fails_at_once),
        cmocka_unit_test(every_stanza_ends_once),
    };

    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
