/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "routes.h"

#define TTL_MS   UINT64_C(120000)
#define MINUTE   UINT64_C(60000)
#define START_MS UINT64_C(5000000)

static const struct cw_pair PAIR = {{"corp.example", 12}, {"partner.example", 15}};
static const struct cw_pair OTHER = {{"sub.corp.example", 16}, {"partner.example", 15}};

static const struct {
    const char *condition;
    enum cw_loss loss;
} LOSSES[] = {
    {"host-unknown", CW_LOSS_CONFIG},
    {"host-gone", CW_LOSS_CONFIG},
    {"policy-violation", CW_LOSS_CONFIG},
    {"not-authorized", CW_LOSS_CONFIG},
    {"unsupported-version", CW_LOSS_CONFIG},
    {"invalid-namespace", CW_LOSS_CONFIG},
    {"reset", CW_LOSS_NORMAL},
    {"system-shutdown", CW_LOSS_NORMAL},
    {"connection-timeout", CW_LOSS_NORMAL},
    {"conflict", CW_LOSS_NORMAL},
    {"resource-constraint", CW_LOSS_SLOW},
    {"internal-server-error", CW_LOSS_SLOW},
    {"remote-connection-failed", CW_LOSS_SLOW},
    {"never-heard-of", CW_LOSS_NORMAL},
    {"", CW_LOSS_NORMAL},
};

/* STREAM-123 */
static void knows_what_a_condition_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(LOSSES); i++) {
        cw_case(LOSSES[i].condition);
        assert_int_equal(
            cw_back_off_loss((struct cw_bytes){LOSSES[i].condition, strlen(LOSSES[i].condition)}),
            LOSSES[i].loss);
    }
}

/* The n-th failure in a row waits between these, in seconds. */
static const struct {
    enum cw_loss loss;
    unsigned failure;
    uint64_t least_s;
    uint64_t most_s;
} WAITS[] = {
    {CW_LOSS_NORMAL, 1, 0, 60},    {CW_LOSS_NORMAL, 2, 60, 120},  {CW_LOSS_NORMAL, 3, 120, 240},
    {CW_LOSS_NORMAL, 4, 240, 480}, {CW_LOSS_NORMAL, 5, 450, 900}, {CW_LOSS_NORMAL, 9, 450, 900},
    {CW_LOSS_SLOW, 1, 60, 60},     {CW_LOSS_SLOW, 2, 60, 120},    {CW_LOSS_SLOW, 9, 450, 900},
    {CW_LOSS_CONFIG, 1, 900, 960}, {CW_LOSS_CONFIG, 5, 900, 960},
};

/* STREAM-123, STREAM-127 */
static void waits_longer_each_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(WAITS); i++) {
        uint64_t least = UINT64_MAX;
        uint64_t most = 0;

        for (uint64_t start = 0; start < 300; start++) {
            struct cw_back_off back_off = {0};
            uint64_t seed = start;
            uint64_t wait;

            for (unsigned n = 0; n < WAITS[i].failure; n++) {
                cw_back_off_lost(&back_off, WAITS[i].loss, 0, START_MS + n, &seed);
            }
            wait = back_off.retry_ms - (START_MS + WAITS[i].failure - 1);
            assert_in_range(wait, WAITS[i].least_s * 1000, WAITS[i].most_s * 1000);
            least = wait < least ? wait : least;
            most = wait > most ? wait : most;
        }
        if (WAITS[i].most_s > WAITS[i].least_s) { /* chance spreads over the window */
            assert_true(most - least > (WAITS[i].most_s - WAITS[i].least_s) * 1000 * 8 / 10);
        }
    }
}

static void forgets_failures_of_a_stream_that_lived(void **state)
{
    struct cw_back_off back_off = {0};
    uint64_t seed = 3;

    (void)state;
    for (unsigned n = 0; n < 5; n++) {
        cw_back_off_lost(&back_off, CW_LOSS_NORMAL, 0, START_MS + n, &seed);
    }
    cw_back_off_lost(&back_off, CW_LOSS_NORMAL, MINUTE, START_MS + 100, &seed);
    assert_true(back_off.retry_ms <= START_MS + 100 + MINUTE);
}

static void counts_one_stream_once(void **state)
{
    struct cw_back_off back_off = {0};
    uint64_t seed = 3;

    (void)state;
    cw_back_off_lost(&back_off, CW_LOSS_NORMAL, 0, START_MS, &seed);
    cw_back_off_lost(&back_off, CW_LOSS_NORMAL, 0, START_MS, &seed);
    assert_int_equal(back_off.failures, 1);
}

/* STREAM-127: who may try before the time. */
static void lets_a_user_try_a_minute_after_the_loss(void **state)
{
    const struct cw_back_off far = {
        .retry_ms = START_MS + 10 * MINUTE, .lost_ms = START_MS, .failures = 5};
    const struct cw_back_off near = {
        .retry_ms = START_MS + MINUTE / 2, .lost_ms = START_MS, .failures = 1};
    struct cw_back_off config = far;

    (void)state;
    config.loss = CW_LOSS_CONFIG;
    assert_int_equal(cw_back_off_ask(&far, true, TTL_MS, START_MS + 1), CW_BACK_OFF_NEVER);
    assert_int_equal(cw_back_off_ask(&far, true, TTL_MS, START_MS + MINUTE), CW_BACK_OFF_NEVER);
    assert_int_equal(cw_back_off_ask(&far, true, TTL_MS, START_MS + MINUTE + 1), CW_BACK_OFF_NOW);
    assert_int_equal(cw_back_off_ask(&far, false, TTL_MS, START_MS + MINUTE + 1),
                     CW_BACK_OFF_NEVER);
    assert_int_equal(cw_back_off_ask(&config, true, TTL_MS, START_MS + MINUTE + 1),
                     CW_BACK_OFF_NEVER);
    assert_int_equal(cw_back_off_ask(&near, false, TTL_MS, START_MS + 1), CW_BACK_OFF_LATER);
    assert_int_equal(cw_back_off_ask(&near, false, TTL_MS, START_MS + MINUTE), CW_BACK_OFF_NOW);
}

#define IDLE    CW_ROUTE_IDLE
#define WAITING CW_ROUTE_WAITING
#define OPENING CW_ROUTE_OPENING
#define UP      CW_ROUTE_UP
#define CONNECT CW_ROUTE_CONNECT
#define CANCEL  CW_ROUTE_CANCEL
#define CLOSE   CW_ROUTE_CLOSE
#define FLUSH   CW_ROUTE_FLUSH
#define BOUNCE  CW_ROUTE_BOUNCE

static const struct {
    enum cw_route_state state;
    enum cw_route_event event;
    enum cw_route_state next;
    unsigned effects;
} STEPS[] = {
    {IDLE, CW_ROUTE_WANTED_NOW, OPENING, CONNECT},
    {IDLE, CW_ROUTE_WANTED_LATER, WAITING, 0},   /* STREAM-127 */
    {IDLE, CW_ROUTE_WANTED_NEVER, IDLE, BOUNCE}, /* STREAM-129 */
    {WAITING, CW_ROUTE_WANTED_NOW, OPENING, CONNECT},
    {WAITING, CW_ROUTE_EMPTIED, IDLE, 0},
    {WAITING, CW_ROUTE_DROPPED, IDLE, BOUNCE},
    {OPENING, CW_ROUTE_WANTED_NOW, OPENING, 0}, /* STREAM-84 */
    {OPENING, CW_ROUTE_PROVEN, UP, FLUSH},      /* STREAM-64 */
    {OPENING, CW_ROUTE_FAILED, IDLE, BOUNCE},   /* STREAM-129 */
    {OPENING, CW_ROUTE_DROPPED, IDLE, CANCEL | BOUNCE},
    {UP, CW_ROUTE_WANTED_NEVER, UP, FLUSH},
    {UP, CW_ROUTE_LOST, IDLE, 0},
    {UP, CW_ROUTE_LOST_WAITED, WAITING, 0},
    {UP, CW_ROUTE_DROPPED, IDLE, CLOSE | BOUNCE},
    {IDLE, CW_ROUTE_LOST, IDLE, 0},   /* not expected */
    {IDLE, CW_ROUTE_FAILED, IDLE, 0}, /* not expected */
};

static void steps_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(STEPS); i++) {
        const struct cw_route_step got = cw_route_step(STEPS[i].state, STEPS[i].event);

        assert_int_equal(got.next, STEPS[i].next);
        assert_int_equal(got.effects, STEPS[i].effects);
    }
}

static unsigned wanted(struct cw_routes *routes, struct cw_pair pair, bool user_act, uint64_t now)
{
    return cw_routes_wanted(routes, pair, user_act, TTL_MS, now).effects;
}

static void one_stream_serves_a_pair(void **state)
{
    struct cw_routes *routes = cw_routes_new(1);
    int stream = 0;

    (void)state;
    assert_int_equal(wanted(routes, PAIR, true, START_MS), CONNECT);
    assert_int_equal(wanted(routes, PAIR, true, START_MS), 0); /* STREAM-84 */
    assert_null(cw_routes_stream(routes, PAIR));
    assert_int_equal(cw_routes_proven(routes, PAIR, &stream, START_MS).effects, FLUSH);
    assert_ptr_equal(cw_routes_stream(routes, PAIR), &stream);
    assert_null(cw_routes_stream(routes, OTHER));
    assert_int_equal(wanted(routes, PAIR, false, START_MS), FLUSH);
    cw_routes_free(&routes);
    assert_null(routes);
}

static void a_failure_holds_all_pairs_of_the_remote(void **state)
{
    struct cw_routes *routes = cw_routes_new(1);
    struct cw_route_order order;
    struct cw_pair due;

    (void)state;
    (void)wanted(routes, PAIR, true, START_MS);
    order = cw_routes_failed(routes, PAIR, CW_LOSS_SLOW, CW_FAIL_CONNECT, START_MS);
    assert_int_equal(order.effects, BOUNCE);
    assert_int_equal(order.why, CW_FAIL_CONNECT);
    assert_int_equal(wanted(routes, OTHER, true, START_MS + 1), 0);
    assert_int_equal(cw_routes_state(routes, OTHER), WAITING);
    assert_false(cw_routes_due(routes, START_MS + MINUTE - 1, &due));
    assert_true(cw_routes_due(routes, START_MS + MINUTE, &due));
    assert_true(cw_pair_equal(due, OTHER));
    cw_routes_emptied(routes, OTHER);
    assert_false(cw_routes_due(routes, START_MS + MINUTE, &due));
    cw_routes_free(&routes);
}

static void what_cannot_wait_hears_the_last_reason(void **state)
{
    struct cw_routes *routes = cw_routes_new(1);
    struct cw_route_order order;

    (void)state;
    (void)wanted(routes, PAIR, true, START_MS);
    (void)cw_routes_failed(routes, PAIR, CW_LOSS_CONFIG, CW_FAIL_AUTH, START_MS);
    order = cw_routes_wanted(routes, PAIR, true, TTL_MS, START_MS + 2 * MINUTE);
    assert_int_equal(order.effects, BOUNCE); /* STREAM-123 */
    assert_int_equal(order.why, CW_FAIL_AUTH);
    cw_routes_forgive(routes, PAIR.remote);
    assert_int_equal(wanted(routes, PAIR, true, START_MS + 2 * MINUTE), CONNECT);
    cw_routes_free(&routes);
}

static void an_orderly_end_is_no_loss(void **state)
{
    static const struct {
        struct cw_route_loss how;
        uint64_t lived_ms;
        enum cw_route_state next; /* of something wanted right after */
    } cases[] = {
        {{CW_LOSS_NORMAL, true, false}, MINUTE, OPENING},
        {{CW_LOSS_NORMAL, true, false}, MINUTE - 1, WAITING}, /* no tight loop */
        {{CW_LOSS_SLOW, false, false}, MINUTE, WAITING},
        {{CW_LOSS_SLOW, false, true}, MINUTE, WAITING},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(cases); i++) {
        struct cw_routes *routes = cw_routes_new(2);
        const uint64_t end_ms = START_MS + cases[i].lived_ms;
        int stream = 0;

        (void)wanted(routes, PAIR, true, START_MS);
        (void)cw_routes_proven(routes, PAIR, &stream, START_MS);
        (void)cw_routes_lost(routes, PAIR, cases[i].how, end_ms);
        assert_null(cw_routes_stream(routes, PAIR));
        (void)wanted(routes, PAIR, true, end_ms);
        assert_int_equal(cw_routes_state(routes, PAIR), cases[i].next);
        cw_routes_free(&routes);
    }
}

/* STREAM-127: the remote opened a stream to us 1 s after a failure of ours. */
static void one_that_is_alive_is_tried_at_once(void **state)
{
    static const struct {
        const char *name;
        enum cw_loss loss;
        unsigned failures;
        const char *alive;
        bool due;
        unsigned wanted; /* effects of a message then */
    } rows[] = {
        {"in trouble", CW_LOSS_SLOW, 1, "partner.example", true, CONNECT},
        {"often in trouble", CW_LOSS_SLOW, 4, "partner.example", true, CONNECT},
        {"unreachable for long", CW_LOSS_NORMAL, 6, "partner.example", true, CONNECT},
        {"another one is alive", CW_LOSS_SLOW, 1, "other.example", false, 0},
        {"it does not want us", CW_LOSS_CONFIG, 1, "partner.example", false, BOUNCE},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        struct cw_routes *routes = cw_routes_new(3);
        uint64_t now_ms = START_MS;
        struct cw_pair due;

        cw_case(rows[i].name);
        for (unsigned n = 0; n < rows[i].failures; n++) {
            now_ms++;
            (void)cw_routes_failed(routes, PAIR, rows[i].loss, CW_FAIL_CONNECT, now_ms);
        }
        now_ms += 1000;
        (void)cw_routes_wanted(routes, OTHER, true, UINT64_C(3600000), now_ms); /* it can wait */
        assert_false(cw_routes_due(routes, now_ms, &due));
        cw_routes_alive(routes, (struct cw_bytes){rows[i].alive, strlen(rows[i].alive)}, now_ms);
        assert_int_equal(cw_routes_due(routes, now_ms, &due), rows[i].due);
        assert_int_equal(wanted(routes, PAIR, true, now_ms), rows[i].wanted);
        cw_routes_free(&routes);
    }
}

static void a_life_sign_is_no_success(void **state)
{
    struct cw_back_off back_off = {0};
    uint64_t seed = 3;

    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        cw_back_off_lost(&back_off, CW_LOSS_NORMAL, 0, START_MS + n, &seed);
        cw_back_off_alive(&back_off, START_MS + n);
        assert_int_equal(back_off.retry_ms, START_MS + n);
    }
    cw_back_off_alive(&back_off, START_MS + MINUTE); /* not later than it was */
    assert_int_equal(back_off.retry_ms, START_MS + 3);
    cw_back_off_lost(&back_off, CW_LOSS_NORMAL, 0, START_MS + MINUTE, &seed);
    assert_true(back_off.retry_ms >= START_MS + 8 * MINUTE);
}

static void a_dropped_permit_leaves_nothing(void **state)
{
    struct cw_routes *routes = cw_routes_new(2);

    (void)state;
    (void)wanted(routes, PAIR, true, START_MS);
    assert_int_equal(cw_routes_dropped(routes, PAIR).effects, CANCEL | BOUNCE);
    assert_int_equal(cw_routes_state(routes, PAIR), IDLE);
    assert_int_equal(cw_routes_dropped(routes, (struct cw_pair){PAIR.own, {"", 0}}).effects,
                     BOUNCE);
    cw_routes_free(&routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_a_condition_means),
        cmocka_unit_test(waits_longer_each_time),
        cmocka_unit_test(forgets_failures_of_a_stream_that_lived),
        cmocka_unit_test(counts_one_stream_once),
        cmocka_unit_test(lets_a_user_try_a_minute_after_the_loss),
        cmocka_unit_test(steps_as_the_table_says),
        cmocka_unit_test(one_stream_serves_a_pair),
        cmocka_unit_test(a_failure_holds_all_pairs_of_the_remote),
        cmocka_unit_test(what_cannot_wait_hears_the_last_reason),
        cmocka_unit_test(an_orderly_end_is_no_loss),
        cmocka_unit_test(one_that_is_alive_is_tried_at_once),
        cmocka_unit_test(a_life_sign_is_no_success),
        cmocka_unit_test(a_dropped_permit_leaves_nothing),
    };

    return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
