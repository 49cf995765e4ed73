/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "dialog.h"

#define S(name) CW_DIALOG_##name

#define FRESH   CW_DIALOG_SEND_FRESH
#define AGAIN   CW_DIALOG_SEND_AGAIN
#define CLOSE   CW_DIALOG_SEND_CLOSE
#define FORGET  CW_DIALOG_FORGET
#define ALARM   CW_DIALOG_ALARM
#define OKAY    CW_DIALOG_TELL_ACCEPTED
#define PEND    CW_DIALOG_TELL_PENDING
#define ACT     CW_DIALOG_TELL_ACTIVE
#define REFUSED CW_DIALOG_TELL_REFUSED
#define LOST    CW_DIALOG_TELL_LOST
#define AWAY    CW_DIALOG_TELL_AWAY

struct row {
    enum cw_dialog_state state;
    enum cw_dialog_event event;
    enum cw_dialog_state next;
    unsigned effects;
};

/* Every cell that is not listed must be unexpected. SUB-20 to SUB-29, SUB-41 to SUB-59 */
/* clang-format off */
static const struct row ROWS[] = {
    {S(NONE), S(WANT), S(WAIT), FRESH},                 /* SUB-20, SUB-29 */
    {S(NONE), S(RENEW), S(WAIT), FRESH},
    {S(NONE), S(CLOSE), S(NONE), 0},

    {S(WAIT), S(WANT), S(WAIT), 0},                     /* SUB-21 */
    {S(WAIT), S(RENEW), S(WAIT), 0},
    {S(WAIT), S(CLOSE), S(CLOSING), CLOSE},             /* SUB-32 */
    {S(WAIT), S(DUE), S(RETRY), FORGET | LOST},         /* SUB-6 */
    {S(WAIT), S(OVERDUE), S(RETRY), FORGET | LOST},     /* SUB-6 */
    {S(WAIT), S(ACCEPTED), S(WAIT), OKAY},              /* SUB-23 */
    {S(WAIT), S(REFUSED), S(NONE), FORGET | REFUSED},   /* SUB-50, SUB-54 */
    {S(WAIT), S(TOO_BRIEF), S(WAIT), FORGET | FRESH},   /* SUB-51 */
    {S(WAIT), S(GONE), S(RETRY), FORGET | LOST},
    {S(WAIT), S(NO_USER), S(NONE), FORGET | REFUSED},   /* SUB-53 */
    {S(WAIT), S(CONFUSED), S(RETRY), FORGET | ALARM | LOST}, /* SUB-55 */
    {S(WAIT), S(AWAY), S(RETRY), FORGET | AWAY},        /* SUB-56 */
    {S(WAIT), S(FAILED), S(RETRY), FORGET | LOST},      /* SUB-59 */

    {S(PENDING), S(WANT), S(PENDING), 0},
    {S(PENDING), S(RENEW), S(PENDING), AGAIN},
    {S(PENDING), S(CLOSE), S(CLOSING), CLOSE},
    {S(PENDING), S(DUE), S(PENDING), AGAIN},            /* SUB-28 */
    {S(PENDING), S(OVERDUE), S(WAIT), FORGET | FRESH},  /* SUB-6 */
    {S(PENDING), S(ACCEPTED), S(PENDING), OKAY},
    {S(PENDING), S(REFUSED), S(NONE), FORGET | REFUSED},
    {S(PENDING), S(TOO_BRIEF), S(PENDING), AGAIN},
    {S(PENDING), S(GONE), S(WAIT), FORGET | FRESH},     /* SUB-52 */
    {S(PENDING), S(NO_USER), S(WAIT), FORGET | FRESH},
    {S(PENDING), S(CONFUSED), S(RETRY), FORGET | ALARM | LOST},
    {S(PENDING), S(AWAY), S(RETRY), FORGET | AWAY},
    {S(PENDING), S(FAILED), S(PENDING), 0},             /* SUB-58, SUB-59 */

    {S(ACTIVE), S(WANT), S(ACTIVE), 0},
    {S(ACTIVE), S(RENEW), S(ACTIVE), AGAIN},
    {S(ACTIVE), S(CLOSE), S(CLOSING), CLOSE},
    {S(ACTIVE), S(DUE), S(ACTIVE), AGAIN},
    {S(ACTIVE), S(OVERDUE), S(WAIT), FORGET | FRESH},
    {S(ACTIVE), S(ACCEPTED), S(ACTIVE), OKAY},
    {S(ACTIVE), S(REFUSED), S(NONE), FORGET | REFUSED},
    {S(ACTIVE), S(TOO_BRIEF), S(ACTIVE), AGAIN},
    {S(ACTIVE), S(GONE), S(WAIT), FORGET | FRESH},
    {S(ACTIVE), S(NO_USER), S(WAIT), FORGET | FRESH},
    {S(ACTIVE), S(CONFUSED), S(RETRY), FORGET | ALARM | LOST},
    {S(ACTIVE), S(AWAY), S(RETRY), FORGET | AWAY},
    {S(ACTIVE), S(FAILED), S(ACTIVE), 0},

    {S(RETRY), S(WANT), S(WAIT), FRESH},                /* SUB-21 */
    {S(RETRY), S(RENEW), S(WAIT), FRESH},
    {S(RETRY), S(CLOSE), S(NONE), 0},
    {S(RETRY), S(DUE), S(WAIT), FRESH},
    {S(RETRY), S(OVERDUE), S(WAIT), FRESH},

    {S(FROZEN), S(WANT), S(FROZEN), 0},                 /* SUB-47 */
    {S(FROZEN), S(RENEW), S(WAIT), FRESH},
    {S(FROZEN), S(CLOSE), S(NONE), 0},

    {S(CLOSING), S(WANT), S(WAIT), FORGET | FRESH},
    {S(CLOSING), S(RENEW), S(WAIT), FORGET | FRESH},
    {S(CLOSING), S(CLOSE), S(CLOSING), 0},
    {S(CLOSING), S(DUE), S(NONE), FORGET},              /* SUB-32 */
    {S(CLOSING), S(OVERDUE), S(NONE), FORGET},
    {S(CLOSING), S(ACCEPTED), S(CLOSING), 0},
    {S(CLOSING), S(SAID_PENDING), S(CLOSING), 0},
    {S(CLOSING), S(SAID_ACTIVE), S(CLOSING), 0},
};

/* The same in WAIT, PENDING and ACTIVE. */
static const struct row NOTIFICATIONS[] = {
    {S(WAIT), S(SAID_PENDING), S(PENDING), PEND},              /* SUB-24 */
    {S(WAIT), S(SAID_ACTIVE), S(ACTIVE), ACT},                 /* SUB-26, SUB-27 */
    {S(WAIT), S(REJECTED), S(NONE), FORGET | REFUSED},         /* SUB-41, SUB-42 */
    {S(WAIT), S(DEACTIVATED), S(RETRY), FORGET | LOST},        /* SUB-43 */
    {S(WAIT), S(PROBATION), S(RETRY), FORGET | LOST},          /* SUB-44 */
    {S(WAIT), S(GIVEUP), S(RETRY), FORGET | AWAY},             /* SUB-45 */
    {S(WAIT), S(TIMED_OUT), S(RETRY), FORGET | LOST},          /* SUB-46 */
    {S(WAIT), S(INVARIANT), S(FROZEN), FORGET},                /* SUB-47 */
    {S(WAIT), S(VANISHED), S(RETRY), FORGET | LOST},           /* SUB-48 */
};
/* clang-format on */

static const struct row *find(enum cw_dialog_state state, enum cw_dialog_event event)
{
    const bool lives = state == S(WAIT) || state == S(PENDING) || state == S(ACTIVE);

    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        if (ROWS[i].state == state && ROWS[i].event == event) {
            return &ROWS[i];
        }
    }
    for (size_t i = 0; lives && i < CW_COUNT(NOTIFICATIONS); i++) {
        if (NOTIFICATIONS[i].event == event) {
            return &NOTIFICATIONS[i];
        }
    }
    return NULL;
}

static void every_cell(void **state)
{
    (void)state;
    for (unsigned s = 0; s < CW_DIALOG_STATES; s++) {
        for (unsigned e = 0; e < CW_DIALOG_EVENTS; e++) {
            const struct cw_dialog_cell cell = cw_dialog_look(s, e);
            const struct row *want = find(s, e);

            assert_int_equal(cell.expected, want != NULL);
            assert_int_equal(cell.next, want != NULL ? want->next : s);
            assert_int_equal(cell.effects, want != NULL ? want->effects : 0);
        }
    }
}

#define NOW 1000000u

static struct cw_dialog in_state(enum cw_dialog_state state)
{
    struct cw_dialog dialog;

    cw_dialog_init(&dialog, 3600);
    dialog.state = state;
    dialog.awaiting = state == S(WAIT);
    if (state == S(PENDING) || state == S(ACTIVE)) {
        dialog.expires_at_ms = NOW + 3600000;
    }
    return dialog;
}

static struct cw_dialog_input input(uint32_t random)
{
    return (struct cw_dialog_input){
        .now_ms = NOW, .random = random, .expires_s = -1, .retry_after_s = -1, .min_expires_s = -1};
}

/* SUB-28: 85 % less up to 10 %, at least 32 s before the end; the smaller lifetime counts. */
static void refreshes_in_time(void **state)
{
    static const struct {
        int64_t expires_s;
        uint32_t random;
        uint64_t after_ms;
    } CASES[] = {
        {-1, 0, 3060000}, {3600, 99, 2703600}, {7200, 0, 3060000}, {600, 0, 510000},
        {60, 0, 28000},   {40, 0, 8000},       {20, 0, 10000},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_dialog dialog = in_state(S(WAIT));
        struct cw_dialog_input in = input(CASES[i].random);

        in.expires_s = CASES[i].expires_s;
        (void)cw_dialog_step(&dialog, S(SAID_ACTIVE), &in);
        assert_int_equal(dialog.due_ms, NOW + CASES[i].after_ms);
        assert_int_equal(cw_dialog_due(&dialog, dialog.due_ms), S(DUE));
        assert_int_equal(cw_dialog_due(&dialog, dialog.expires_at_ms), S(OVERDUE));
    }
}

/* A NOTIFY out of turn leaves the refresh where it is. */
static void stays_due(void **state)
{
    struct cw_dialog dialog = in_state(S(WAIT));
    struct cw_dialog_input in = input(0);
    uint64_t due_ms;

    (void)state;
    (void)cw_dialog_step(&dialog, S(SAID_ACTIVE), &in);
    due_ms = dialog.due_ms;
    in.now_ms += 1000000;
    (void)cw_dialog_step(&dialog, S(SAID_ACTIVE), &in);
    assert_int_equal(dialog.due_ms, due_ms);
    in.expires_s = 100; /* the notifier shortens it */
    (void)cw_dialog_step(&dialog, S(SAID_ACTIVE), &in);
    assert_int_equal(dialog.due_ms, in.now_ms + 68000);
}

/* SUB-6: after a SUBSCRIBE a NOTIFY must come within timer N, whatever the response says. */
static void awaits_the_notify(void **state)
{
    struct cw_dialog dialog = in_state(S(ACTIVE));
    struct cw_dialog_input in = input(0);

    (void)state;
    (void)cw_dialog_step(&dialog, S(DUE), &in);
    assert_int_equal(dialog.due_ms, NOW + 32000);
    in.expires_s = 3600;
    (void)cw_dialog_step(&dialog, S(ACCEPTED), &in);
    assert_int_equal(dialog.due_ms, NOW + 32000);
    assert_int_equal(cw_dialog_due(&dialog, dialog.due_ms), S(OVERDUE));
    (void)cw_dialog_step(&dialog, S(SAID_ACTIVE), &in);
    assert_int_equal(dialog.due_ms, NOW + 3060000);
}

/* SUB-43 to SUB-48, SUB-55, SUB-59: how long until the next attempt, by what came and how often. */
static void backs_off(void **state)
{
    static const struct {
        enum cw_dialog_event event;
        unsigned before; /* failures in a row */
        int64_t retry_after_s;
        uint64_t after_ms;
    } CASES[] = {
        {S(FAILED), 0, -1, 30000},      {S(FAILED), 1, -1, 60000},
        {S(FAILED), 6, -1, 1920000},    {S(FAILED), 9, -1, 3600000},
        {S(FAILED), 0, 20, 20000},      {S(AWAY), 0, -1, 30000},
        {S(CONFUSED), 0, -1, 3600000},  {S(DEACTIVATED), 0, -1, 1500},
        {S(DEACTIVATED), 1, -1, 60000}, {S(TIMED_OUT), 0, -1, 1500},
        {S(PROBATION), 0, -1, 60000},   {S(PROBATION), 0, 10, 10000},
        {S(GIVEUP), 0, -1, 3600000},    {S(GIVEUP), 0, 7200, 7200000},
        {S(VANISHED), 0, -1, 5000},     {S(VANISHED), 2, -1, 20000},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_dialog dialog = in_state(S(WAIT));
        struct cw_dialog_input in = input(1500);

        dialog.failures = (uint8_t)CASES[i].before;
        in.retry_after_s = CASES[i].retry_after_s;
        (void)cw_dialog_step(&dialog, CASES[i].event, &in);
        assert_int_equal(dialog.state, S(RETRY));
        assert_int_equal(dialog.due_ms, NOW + CASES[i].after_ms);
    }
}

/* SUB-59: a day of failures ends the trying; a refresh that failed is tried again before the dialog
 * expires. */
static void gives_up_or_hurries(void **state)
{
    struct cw_dialog dialog = in_state(S(WAIT));
    struct cw_dialog_input in = input(0);

    (void)state;
    dialog.failures = 30;
    (void)cw_dialog_step(&dialog, S(FAILED), &in);
    assert_true(dialog.due_ms == UINT64_MAX);
    (void)cw_dialog_step(&dialog, S(WANT), &in);
    assert_int_equal(dialog.state, S(WAIT));

    dialog = in_state(S(ACTIVE));
    in.retry_after_s = 20;
    (void)cw_dialog_step(&dialog, S(FAILED), &in);
    assert_int_equal(dialog.due_ms, NOW + 20000);
    in.retry_after_s = 9000;
    (void)cw_dialog_step(&dialog, S(FAILED), &in);
    assert_int_equal(dialog.due_ms, NOW + 3600000);
}

/* SUB-51: the longer lifetime is asked for; a 423 that asks for no more would loop. */
static void asks_for_longer(void **state)
{
    static const struct {
        int64_t min_expires_s;
        uint32_t asked_s;
        enum cw_dialog_state next;
    } CASES[] = {{7200, 7200, S(WAIT)},
                 {3600, 3600, S(RETRY)},
                 {-1, 3600, S(RETRY)},
                 {90000, 3600, S(RETRY)}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_dialog dialog = in_state(S(WAIT));
        struct cw_dialog_input in = input(0);

        in.min_expires_s = CASES[i].min_expires_s;
        (void)cw_dialog_step(&dialog, S(TOO_BRIEF), &in);
        assert_int_equal(dialog.asked_s, CASES[i].asked_s);
        assert_int_equal(dialog.state, CASES[i].next);
    }
}

/* SUB-3, SUB-50 to SUB-59 */
/* ERR-33 */
static void sorts_statuses(void **state)
{
    static const struct {
        unsigned status;
        enum cw_dialog_event event;
    } CASES[] = {
        {200, S(ACCEPTED)}, {202, S(ACCEPTED)}, {403, S(REFUSED)},   {489, S(REFUSED)},
        {603, S(REFUSED)},  {405, S(REFUSED)},  {501, S(REFUSED)},   {404, S(NO_USER)},
        {410, S(NO_USER)},  {604, S(NO_USER)},  {423, S(TOO_BRIEF)}, {481, S(GONE)},
        {480, S(AWAY)},     {416, S(CONFUSED)}, {482, S(CONFUSED)},  {485, S(CONFUSED)},
        {401, S(FAILED)},   {407, S(FAILED)},   {408, S(FAILED)},    {503, S(FAILED)},
        {302, S(FAILED)},   {600, S(FAILED)},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        assert_int_equal(cw_dialog_of_status(CASES[i].status), CASES[i].event);
    }
}

/* SUB-41 to SUB-48 */
static void sorts_reasons(void **state)
{
    static const struct {
        const char *substate, *reason;
        enum cw_dialog_event event;
    } CASES[] = {
        {"active", "", S(SAID_ACTIVE)},
        {"pending", "", S(SAID_PENDING)},
        {"terminated", "rejected", S(REJECTED)},
        {"terminated", "noresource", S(REJECTED)},
        {"terminated", "deactivated", S(DEACTIVATED)},
        {"terminated", "probation", S(PROBATION)},
        {"terminated", "giveup", S(GIVEUP)},
        {"terminated", "timeout", S(TIMED_OUT)},
        {"terminated", "invariant", S(INVARIANT)},
        {"terminated", "expired", S(VANISHED)},
        {"terminated", "", S(VANISHED)},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_bytes substate = {CASES[i].substate, strlen(CASES[i].substate)};
        const struct cw_bytes reason = {CASES[i].reason, strlen(CASES[i].reason)};

        assert_int_equal(cw_dialog_of_notify(substate, reason), CASES[i].event);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),      cmocka_unit_test(refreshes_in_time),
        cmocka_unit_test(stays_due),       cmocka_unit_test(awaits_the_notify),
        cmocka_unit_test(backs_off),       cmocka_unit_test(gives_up_or_hurries),
        cmocka_unit_test(asks_for_longer), cmocka_unit_test(sorts_statuses),
        cmocka_unit_test(sorts_reasons),
    };

    return cmocka_run_group_tests_name("dialog", tests, NULL, NULL);
}
