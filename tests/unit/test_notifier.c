/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "notifier.h"

#define N(name) CW_NOTIFIER_##name

#define CANCEL (N(TELL_UNSUBSCRIBE) | N(FORGET_INVITE))

/* Every cell that is not listed must change nothing: SUB-75, SUB-78, SUB-81 among them. */
/* clang-format off */
static const struct {
    enum cw_notifier_state state;
    enum cw_notifier_event event;
    enum cw_notifier_state next;
    unsigned effects;
    const char *reason;
    enum cw_notifier_body body;
} ROWS[] = {
    {N(NONE), N(SUBSCRIBE), N(ASKED), N(INVITE) | N(NOTIFY_IT), NULL, N(NO_BODY)},           /* SUB-71 */
    {N(NONE), N(POLL), N(NONE), N(END_IT), "timeout", N(CLOSED_BODY)},                       /* SUB-87 */
    {N(NONE), N(LEAVE), N(NONE), N(END_IT), "timeout", N(CLOSED_BODY)},
    {N(NONE), N(EXPIRED), N(NONE), N(END_IT), "timeout", N(NO_BODY)},
    {N(NONE), N(REMOVED), N(NONE), CANCEL | N(END_ALL), "deactivated", N(NO_BODY)},
    {N(NONE), N(DELETED), N(NONE), CANCEL | N(END_ALL), "noresource", N(NO_BODY)},

    {N(ASKED), N(SUBSCRIBE), N(ASKED), N(REMIND) | N(NOTIFY_IT), NULL, N(NO_BODY)},          /* SUB-72 */
    {N(ASKED), N(POLL), N(ASKED), N(END_IT), "timeout", N(CLOSED_BODY)},                     /* SUB-87 */
    {N(ASKED), N(REFRESH), N(ASKED), N(NOTIFY_IT), NULL, N(NO_BODY)},                        /* SUB-82 */
    {N(ASKED), N(LEAVE), N(ASKED), N(END_IT), "timeout", N(CLOSED_BODY)},                    /* SUB-83 */
    {N(ASKED), N(EXPIRED), N(ASKED), N(END_IT), "timeout", N(NO_BODY)},                      /* SUB-85 */
    {N(ASKED), N(SUBSCRIBED), N(GRANTED), N(NOTIFY_ALL), NULL, N(NO_BODY)},                  /* SUB-74 */
    {N(ASKED), N(UNSUBSCRIBED), N(NONE), N(DROP_CACHE) | N(END_ALL), "rejected", N(NO_BODY)}, /* SUB-76 */
    {N(ASKED), N(PRESENCE), N(ASKED), N(CACHE), NULL, N(NO_BODY)},
    {N(ASKED), N(NO_CONTACT), N(NONE), N(DROP_CACHE) | N(END_ALL), "noresource", N(NO_BODY)}, /* SUB-79 */
    {N(ASKED), N(FORBIDDEN), N(NONE), N(DROP_CACHE) | N(END_ALL), "rejected", N(NO_BODY)},   /* SUB-79 */
    {N(ASKED), N(TROUBLE), N(ASKED), 0, NULL, N(NO_BODY)},                                   /* SUB-79 */
    {N(ASKED), N(REMOVED), N(NONE), CANCEL | N(DROP_CACHE) | N(END_ALL), "deactivated", N(NO_BODY)},
    {N(ASKED), N(DELETED), N(NONE), CANCEL | N(DROP_CACHE) | N(END_ALL), "noresource", N(NO_BODY)},

    {N(GRANTED), N(SUBSCRIBE), N(GRANTED), N(PROBE_UNKNOWN) | N(NOTIFY_IT), NULL, N(NO_BODY)}, /* SUB-73 */
    {N(GRANTED), N(POLL), N(GRANTED), N(PROBE_UNKNOWN) | N(END_IT), "timeout", N(REAL_BODY)}, /* SUB-86 */
    {N(GRANTED), N(REFRESH), N(GRANTED), N(PROBE_STALE) | N(NOTIFY_IT), NULL, N(NO_BODY)},   /* SUB-82 */
    {N(GRANTED), N(LEAVE), N(GRANTED), N(END_IT), "timeout", N(CLOSED_BODY)},                /* SUB-83, SUB-84 */
    {N(GRANTED), N(EXPIRED), N(GRANTED), N(END_IT), "timeout", N(NO_BODY)},                  /* SUB-85 */
    {N(GRANTED), N(UNSUBSCRIBED), N(NONE), N(DROP_CACHE) | N(END_ALL), "rejected", N(NO_BODY)}, /* SUB-76, SUB-77 */
    {N(GRANTED), N(PRESENCE), N(GRANTED), N(CACHE) | N(NOTIFY_SPACED), NULL, N(NO_BODY)},    /* SUB-80 */
    {N(GRANTED), N(REMOVED), N(NONE), CANCEL | N(DROP_CACHE) | N(END_ALL), "deactivated", N(NO_BODY)}, /* SUB-92 */
    {N(GRANTED), N(DELETED), N(NONE), CANCEL | N(DROP_CACHE) | N(END_ALL), "noresource", N(NO_BODY)}, /* SUB-93 */
};
/* clang-format on */

static void every_cell(void **state)
{
    (void)state;
    for (unsigned s = 0; s < CW_NOTIFIER_STATES; s++) {
        for (unsigned e = 0; e < CW_NOTIFIER_EVENTS; e++) {
            const struct cw_notifier_step step = cw_notifier_step(s, e);
            size_t row = 0;

            while (row < CW_COUNT(ROWS) && (ROWS[row].state != s || ROWS[row].event != e)) {
                row++;
            }
            assert_int_equal(step.expected, row < CW_COUNT(ROWS));
            if (row == CW_COUNT(ROWS)) {
                assert_int_equal(step.next, s);
                assert_int_equal(step.effects, 0);
                continue;
            }
            assert_int_equal(step.next, ROWS[row].next);
            assert_int_equal(step.effects, ROWS[row].effects);
            assert_int_equal(step.body, ROWS[row].body);
            if (ROWS[row].reason == NULL) {
                assert_null(step.reason);
            } else {
                assert_string_equal(step.reason, ROWS[row].reason);
            }
        }
    }
}

/* SUB-70 */
static void limits_lifetimes(void **state)
{
    static const int64_t CASES[][2] = {{-1, 3600}, {0, 0},       {1, -1},      {59, -1},
                                       {60, 60},   {3600, 3600}, {7200, 7200}, {100000, 7200}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        assert_int_equal(cw_notifier_lifetime_s(CASES[i][0]), CASES[i][1]);
    }
}

/* SUB-88, SUB-89, SUB-90 */
static void drops_dead_dialogs(void **state)
{
    static const unsigned FINAL[] = {408, 404, 405, 410, 416, 480, 481,
                                     482, 483, 484, 485, 489, 501, 604};
    uint8_t failures = 0;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(FINAL); i++) {
        assert_true(cw_notifier_drops(FINAL[i], &failures));
    }
    assert_false(cw_notifier_drops(500, &failures));
    assert_false(cw_notifier_drops(503, &failures));
    assert_false(cw_notifier_drops(200, &failures));
    assert_false(cw_notifier_drops(500, &failures));
    assert_false(cw_notifier_drops(500, &failures));
    assert_true(cw_notifier_drops(500, &failures));
}

/* PRES-22 */
static void spaces_notifies(void **state)
{
    (void)state;
    assert_int_equal(cw_notifier_space_ms(100000, 0, 250), 100250);
    assert_int_equal(cw_notifier_space_ms(100000, 50000, 250), 100250);
    assert_int_equal(cw_notifier_space_ms(100000, 99000, 250), 104000);
}

/* SUB-79 */
static void sorts_errors(void **state)
{
    static const struct {
        const char *condition, *type;
        enum cw_notifier_event event;
    } CASES[] = {
        {"item-not-found", "cancel", N(NO_CONTACT)},
        {"gone", "cancel", N(NO_CONTACT)},
        {"service-unavailable", "cancel", N(NO_CONTACT)},
        {"service-unavailable", "wait", N(TROUBLE)},
        {"forbidden", "auth", N(FORBIDDEN)},
        {"not-allowed", "cancel", N(FORBIDDEN)},
        {"policy-violation", "modify", N(FORBIDDEN)},
        {"remote-server-timeout", "wait", N(TROUBLE)},
        {"remote-server-not-found", "cancel", N(TROUBLE)},
        {"undefined-condition", "cancel", N(TROUBLE)},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_bytes condition = {CASES[i].condition, strlen(CASES[i].condition)};
        const struct cw_bytes type = {CASES[i].type, strlen(CASES[i].type)};

        assert_int_equal(cw_notifier_of_error(condition, type), CASES[i].event);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),         cmocka_unit_test(limits_lifetimes),
        cmocka_unit_test(drops_dead_dialogs), cmocka_unit_test(spaces_notifies),
        cmocka_unit_test(sorts_errors),
    };

    return cmocka_run_group_tests_name("notifier", tests, NULL, NULL);
}
