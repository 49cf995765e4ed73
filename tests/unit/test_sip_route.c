/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "sip/route.h"
#include "sip/wheel.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL 30000u

struct row {
    enum cw_sip_route_mode from;
    enum cw_sip_route_event event;
    enum cw_sip_route_mode to;
    unsigned tells;
    uint64_t next_ms; /* until the next probe, or the end of the rest; 0: as it was */
};

#define R(from, event, to, tells, next)                                                            \
    {                                                                                              \
        CW_SIP_ROUTE_##from, CW_SIP_ROUTE_##event, CW_SIP_ROUTE_##to, (tells), (next)              \
    }
#define UP_TOLD   CW_SIP_ROUTE_TELL_UP
#define DOWN_TOLD CW_SIP_ROUTE_TELL_DOWN
#define NOW       CW_SIP_ROUTE_PROBE_NOW

/* Every state with every event. MSG-42 */
static const struct row rows[] = {
    R(UNKNOWN, ANSWERED, UP, UP_TOLD, 30000),
    R(UNKNOWN, UNAVAILABLE, RESTING, DOWN_TOLD, 20000),
    R(UNKNOWN, SILENT, DOWN, DOWN_TOLD, 2000),
    R(UNKNOWN, DOUBTED, UNKNOWN, NOW, 0),
    R(UNKNOWN, BROKEN, DOWN, DOWN_TOLD, 2000),
    R(UNKNOWN, RESTED, UNKNOWN, 0, 0),
    R(UP, ANSWERED, UP, 0, 30000),
    R(UP, UNAVAILABLE, RESTING, DOWN_TOLD, 20000),
    R(UP, SILENT, DOWN, DOWN_TOLD, 2000),
    R(UP, DOUBTED, UP, NOW, 0),
    R(UP, BROKEN, DOWN, DOWN_TOLD, 2000),
    R(UP, RESTED, UP, 0, 0),
    R(DOWN, ANSWERED, UP, UP_TOLD, 30000),
    R(DOWN, UNAVAILABLE, RESTING, 0, 20000),
    R(DOWN, SILENT, DOWN, 0, 2000),
    R(DOWN, DOUBTED, DOWN, 0, 0),
    R(DOWN, BROKEN, DOWN, 0, 2000),
    R(DOWN, RESTED, DOWN, 0, 0),
    R(RESTING, ANSWERED, RESTING, 0, 0),
    R(RESTING, UNAVAILABLE, RESTING, 0, 20000),
    R(RESTING, SILENT, DOWN, 0, 2000),
    R(RESTING, DOUBTED, RESTING, 0, 0),
    R(RESTING, BROKEN, DOWN, 0, 2000),
    R(RESTING, RESTED, DOWN, NOW, 0),
};

static void test_table(void **state)
{
    (void)state;
    assert_int_equal(CW_COUNT(rows), CW_SIP_ROUTE_MODES * CW_SIP_ROUTE_EVENTS);
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        const struct row *const row = &rows[i];
        struct cw_sip_route_fsm route = cw_sip_route_new(1, 1, INTERVAL, 100);

        route.mode = (uint8_t)row->from;
        assert_int_equal(cw_sip_route_step(&route, row->event, 20, 1000), row->tells);
        assert_int_equal(route.mode, row->to);
        if (row->next_ms != 0) {
            assert_int_equal(row->to == CW_SIP_ROUTE_RESTING ? route.rest_until_ms
                                                             : route.probe_at_ms,
                             1000 + row->next_ms);
        }
    }
}

/* While down the pauses grow from 2 s to the interval; up again, they begin anew. */
static void test_pauses(void **state)
{
    static const uint64_t pauses_ms[] = {2000, 4000, 8000, 16000, 30000, 30000};
    struct cw_sip_route_fsm route = cw_sip_route_new(1, 1, INTERVAL, 0);

    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < CW_COUNT(pauses_ms); i++) {
            (void)cw_sip_route_step(&route, CW_SIP_ROUTE_SILENT, -1, 0);
            assert_int_equal(route.probe_at_ms, pauses_ms[i]);
        }
        (void)cw_sip_route_step(&route, CW_SIP_ROUTE_ANSWERED, -1, 0);
    }
}

/* Retry-After of others is bounded in both directions. MSG-42 */
static void test_retry_after(void **state)
{
    static const struct {
        int64_t retry_after_s;
        uint64_t rest_ms;
    } cases[] = {{-1, 10000},   {0, 1000},     {5, 5000},
                 {300, 300000}, {301, 300000}, {4294967295, 300000}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(cases); i++) {
        struct cw_sip_route_fsm route = cw_sip_route_new(1, 1, INTERVAL, 0);

        (void)cw_sip_route_step(&route, CW_SIP_ROUTE_UNAVAILABLE, cases[i].retry_after_s, 7);
        assert_int_equal(route.rest_until_ms, 7 + cases[i].rest_ms);
        assert_int_equal(route.probe_at_ms, UINT64_MAX);
    }
}

struct choice {
    const char *name;
    struct {
        unsigned priority, weight;
        enum cw_sip_route_mode mode;
    } routes[4];
    uint32_t tried;
    uint32_t random;
    size_t want;
};

#define UP      CW_SIP_ROUTE_UP
#define DOWN    CW_SIP_ROUTE_DOWN
#define UNKNOWN CW_SIP_ROUTE_UNKNOWN
#define RESTING CW_SIP_ROUTE_RESTING

static const struct choice choices[] = {
    {"lowest priority", {{2, 1, UP}, {1, 1, UP}, {3, 1, UP}, {9, 1, UP}}, 0, 5, 1},
    {"down is left out", {{2, 1, UP}, {1, 1, DOWN}, {3, 1, UP}, {9, 1, UP}}, 0, 5, 0},
    {"resting is left out", {{2, 1, RESTING}, {1, 1, DOWN}, {3, 1, UP}, {9, 1, UP}}, 0, 5, 2},
    {"tried is left out", {{2, 1, UP}, {1, 1, UP}, {3, 1, UP}, {9, 1, UP}}, 3, 5, 2},
    {"weight, first share", {{1, 30, UP}, {1, 70, UP}, {2, 1, UP}, {2, 1, UP}}, 0, 129, 0},
    {"weight, second share", {{1, 30, UP}, {1, 70, UP}, {2, 1, UP}, {2, 1, UP}}, 0, 130, 1},
    {"weight 0 beside others", {{1, 0, UP}, {1, 70, UP}, {2, 1, UP}, {2, 1, UP}}, 0, 0, 1},
    {"all weights 0", {{1, 0, UP}, {1, 0, UP}, {2, 1, UP}, {2, 1, UP}}, 0, 9, 0},
    {"unknown only when none is up",
     {{1, 1, UNKNOWN}, {5, 1, UP}, {2, 1, DOWN}, {2, 1, DOWN}},
     0,
     0,
     1},
    {"unknown", {{3, 1, UNKNOWN}, {2, 1, UNKNOWN}, {1, 1, DOWN}, {1, 1, DOWN}}, 0, 0, 1},
    {"none",
     {{1, 1, DOWN}, {1, 1, RESTING}, {1, 1, UP}, {1, 1, UNKNOWN}},
     12,
     0,
     CW_SIP_ROUTE_NONE},
};

static void test_choice(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(choices); i++) {
        struct cw_sip_route_fsm routes[4];
        const struct cw_sip_route_fsm *list[4];

        cw_case(choices[i].name);
        for (size_t k = 0; k < 4; k++) {
            routes[k] = cw_sip_route_new(choices[i].routes[k].priority, choices[i].routes[k].weight,
                                         INTERVAL, 0);
            routes[k].mode = (uint8_t)choices[i].routes[k].mode;
            list[k] = &routes[k];
        }
        assert_int_equal(cw_sip_route_select(list, 4, choices[i].tried, choices[i].random),
                         choices[i].want);
    }
}

/* The wheel fires all of many timers, in the slot of their time or the next, near and far. */
static void test_wheel(void **state)
{
    enum { COUNT = 3000 };
    struct cw_sip_wheel *wheel = malloc(sizeof(*wheel));
    struct cw_sip_wheel_entry *entries = calloc(COUNT, sizeof(*entries));
    uint64_t now_ms = 123456;
    size_t fired = 0;
    uint32_t seed = 7;

    (void)state;
    assert_non_null(wheel);
    assert_non_null(entries);
    cw_sip_wheel_init(wheel, now_ms);
    assert_int_equal(cw_sip_wheel_next_ms(wheel), UINT64_MAX);
    for (size_t i = 0; i < COUNT; i++) {
        seed = seed * 1664525u + 1013904223u;
        cw_sip_wheel_set(wheel, &entries[i], now_ms + (i % 3 == 0 ? seed % 50 : seed % 200000));
    }
    cw_sip_wheel_set(wheel, &entries[1], UINT64_MAX);
    cw_sip_wheel_set(wheel, &entries[2], now_ms + 500000);
    while (cw_sip_wheel_next_ms(wheel) != UINT64_MAX) {
        struct cw_sip_wheel_entry *entry = NULL;
        const uint64_t next_ms = cw_sip_wheel_next_ms(wheel);

        assert_true(next_ms >= now_ms || fired == 0);
        now_ms = next_ms;
        while ((entry = cw_sip_wheel_take(wheel, now_ms)) != NULL) {
            assert_ptr_not_equal(entry, &entries[1]);
            assert_true(entry->due_ms <= now_ms);
            assert_true(now_ms - entry->due_ms <= CW_SIP_WHEEL_SLOT_MS);
            fired++;
        }
    }
    assert_int_equal(fired, COUNT - 1);
    assert_int_equal(wheel->count, 0);
    free(entries);
    free(wheel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_pauses),
        cmocka_unit_test(test_retry_after), cmocka_unit_test(test_choice),
        cmocka_unit_test(test_wheel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
