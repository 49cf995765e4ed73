/* SPDX-License-Identifier: Apache-2.0 */
#include "dialog.h"

#define SECOND     UINT64_C(1000)
#define TIMER_N_MS (32 * SECOND) /* 64 * T1 */
#define HOUR_S     3600u
#define DAY_S      86400
#define QUIET      30u /* failures: with an hour between them, about a day (SUB-59) */

#define FRESH    CW_DIALOG_SEND_FRESH
#define AGAIN    CW_DIALOG_SEND_AGAIN
#define CLOSE    CW_DIALOG_SEND_CLOSE
#define FORGET   CW_DIALOG_FORGET
#define ALARM    CW_DIALOG_ALARM
#define ACCEPTED CW_DIALOG_TELL_ACCEPTED
#define PEND     CW_DIALOG_TELL_PENDING
#define ACT      CW_DIALOG_TELL_ACTIVE
#define REFUSED  CW_DIALOG_TELL_REFUSED
#define LOST     CW_DIALOG_TELL_LOST
#define AWAY     CW_DIALOG_TELL_AWAY

#define TOKEN(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

#define GO(state, how, what)                                                                       \
    {                                                                                              \
        .next = CW_DIALOG_##state, .delay = CW_DIALOG_##how, .effects = (what), .expected = true   \
    }

/* What a NOTIFY means is the same in every state in which a dialog lives. */
#define NOTIFICATIONS                                                                              \
    [CW_DIALOG_SAID_PENDING] = GO(PENDING, REFRESH, PEND),          /* SUB-24 */                   \
        [CW_DIALOG_SAID_ACTIVE] = GO(ACTIVE, REFRESH, ACT),         /* SUB-26 */                   \
        [CW_DIALOG_REJECTED] = GO(NONE, OFF, FORGET | REFUSED),     /* SUB-41, SUB-42 */           \
        [CW_DIALOG_DEACTIVATED] = GO(RETRY, JITTER, FORGET | LOST), /* SUB-43 */                   \
        [CW_DIALOG_PROBATION] = GO(RETRY, MINUTE, FORGET | LOST),   /* SUB-44 */                   \
        [CW_DIALOG_GIVEUP] = GO(RETRY, HOUR, FORGET | AWAY),        /* SUB-45 */                   \
        [CW_DIALOG_TIMED_OUT] = GO(RETRY, JITTER, FORGET | LOST),   /* SUB-46 */                   \
        [CW_DIALOG_INVARIANT] = GO(FROZEN, OFF, FORGET),            /* SUB-47 */                   \
        [CW_DIALOG_VANISHED] = GO(RETRY, SECONDS, FORGET | LOST)    /* SUB-48 */

/* An established dialog, whether it is pending or active; `HERE` is its own state. */
#define ESTABLISHED(HERE)                                                                          \
    [CW_DIALOG_WANT] = GO(HERE, KEEP, 0), [CW_DIALOG_RENEW] = GO(HERE, TIMER_N, AGAIN),            \
    [CW_DIALOG_CLOSE] = GO(CLOSING, TIMER_N, CLOSE),                   /* SUB-32 */                \
        [CW_DIALOG_DUE] = GO(HERE, TIMER_N, AGAIN),                    /* SUB-28 */                \
        [CW_DIALOG_OVERDUE] = GO(WAIT, TIMER_N, FORGET | FRESH),       /* SUB-6 */                 \
        [CW_DIALOG_ACCEPTED] = GO(HERE, REFRESH, ACCEPTED),            /* SUB-23 */                \
        [CW_DIALOG_REFUSED] = GO(NONE, OFF, FORGET | REFUSED),         /* SUB-50, SUB-54 */        \
        [CW_DIALOG_TOO_BRIEF] = GO(HERE, TIMER_N, AGAIN),              /* SUB-51 */                \
        [CW_DIALOG_GONE] = GO(WAIT, TIMER_N, FORGET | FRESH),          /* SUB-52 */                \
        [CW_DIALOG_NO_USER] = GO(WAIT, TIMER_N, FORGET | FRESH),       /* SUB-53 */                \
        [CW_DIALOG_CONFUSED] = GO(RETRY, HOUR, FORGET | ALARM | LOST), /* SUB-55 */                \
        [CW_DIALOG_AWAY] = GO(RETRY, BACK_OFF, FORGET | AWAY),         /* SUB-56 */                \
        [CW_DIALOG_FAILED] = GO(HERE, IN_TIME, 0),                     /* SUB-58, SUB-59 */        \
        NOTIFICATIONS

/* A cell left out is an event that does not belong there: nothing changes. */
/* clang-format off */
static const struct cw_dialog_cell CELLS[CW_DIALOG_STATES][CW_DIALOG_EVENTS] = {
    [CW_DIALOG_NONE] = {
        [CW_DIALOG_WANT]      = GO(WAIT, TIMER_N, FRESH),                   /* SUB-20, SUB-29 */
        [CW_DIALOG_RENEW]     = GO(WAIT, TIMER_N, FRESH),
        [CW_DIALOG_CLOSE]     = GO(NONE, OFF, 0),
    },
    [CW_DIALOG_WAIT] = {
        [CW_DIALOG_WANT]      = GO(WAIT, KEEP, 0),                          /* SUB-21 */
        [CW_DIALOG_RENEW]     = GO(WAIT, KEEP, 0),
        [CW_DIALOG_CLOSE]     = GO(CLOSING, TIMER_N, CLOSE),                /* SUB-32 */
        [CW_DIALOG_DUE]       = GO(RETRY, BACK_OFF, FORGET | LOST),         /* SUB-6 */
        [CW_DIALOG_OVERDUE]   = GO(RETRY, BACK_OFF, FORGET | LOST),         /* SUB-6 */
        [CW_DIALOG_ACCEPTED]  = GO(WAIT, KEEP, ACCEPTED),                   /* SUB-23 */
        [CW_DIALOG_REFUSED]   = GO(NONE, OFF, FORGET | REFUSED),            /* SUB-50, SUB-54 */
        [CW_DIALOG_TOO_BRIEF] = GO(WAIT, TIMER_N, FORGET | FRESH),          /* SUB-51 */
        [CW_DIALOG_GONE]      = GO(RETRY, BACK_OFF, FORGET | LOST),
        [CW_DIALOG_NO_USER]   = GO(NONE, OFF, FORGET | REFUSED),            /* SUB-53 */
        [CW_DIALOG_CONFUSED]  = GO(RETRY, HOUR, FORGET | ALARM | LOST),     /* SUB-55 */
        [CW_DIALOG_AWAY]      = GO(RETRY, BACK_OFF, FORGET | AWAY),         /* SUB-56 */
        [CW_DIALOG_FAILED]    = GO(RETRY, BACK_OFF, FORGET | LOST),         /* SUB-59 */
        NOTIFICATIONS,
    },
    [CW_DIALOG_PENDING] = {ESTABLISHED(PENDING)},
    [CW_DIALOG_ACTIVE] = {ESTABLISHED(ACTIVE)},
    [CW_DIALOG_RETRY] = {
        [CW_DIALOG_WANT]      = GO(WAIT, TIMER_N, FRESH),                   /* SUB-21 */
        [CW_DIALOG_RENEW]     = GO(WAIT, TIMER_N, FRESH),
        [CW_DIALOG_CLOSE]     = GO(NONE, OFF, 0),
        [CW_DIALOG_DUE]       = GO(WAIT, TIMER_N, FRESH),
        [CW_DIALOG_OVERDUE]   = GO(WAIT, TIMER_N, FRESH),
    },
    [CW_DIALOG_FROZEN] = {
        [CW_DIALOG_WANT]      = GO(FROZEN, KEEP, 0),                        /* SUB-47 */
        [CW_DIALOG_RENEW]     = GO(WAIT, TIMER_N, FRESH),
        [CW_DIALOG_CLOSE]     = GO(NONE, OFF, 0),
    },
    [CW_DIALOG_CLOSING] = {
        [CW_DIALOG_WANT]      = GO(WAIT, TIMER_N, FORGET | FRESH),
        [CW_DIALOG_RENEW]     = GO(WAIT, TIMER_N, FORGET | FRESH),
        [CW_DIALOG_CLOSE]     = GO(CLOSING, KEEP, 0),
        [CW_DIALOG_DUE]       = GO(NONE, OFF, FORGET),                      /* SUB-32 */
        [CW_DIALOG_OVERDUE]   = GO(NONE, OFF, FORGET),
        [CW_DIALOG_ACCEPTED]  = GO(CLOSING, KEEP, 0),
        [CW_DIALOG_SAID_PENDING] = GO(CLOSING, KEEP, 0),
        [CW_DIALOG_SAID_ACTIVE]  = GO(CLOSING, KEEP, 0),
    },
};
/* clang-format on */

static uint64_t doubled_ms(const struct cw_dialog *dialog, uint64_t first_s)
{
    uint64_t delay_s = first_s;

    for (uint8_t i = 1; i < dialog->failures && delay_s < HOUR_S; i++) {
        delay_s *= 2;
    }
    return (delay_s < HOUR_S ? delay_s : HOUR_S) * SECOND;
}

/* The peer's own figure counts if it gave one; a day of failures ends the trying. */
static uint64_t retry_ms(const struct cw_dialog *dialog, const struct cw_dialog_input *in,
                         uint64_t first_s)
{
    if (dialog->failures > QUIET) {
        return UINT64_MAX;
    }
    if (in->retry_after_s > 0) {
        return in->now_ms + (uint64_t)in->retry_after_s * SECOND;
    }
    return in->now_ms + doubled_ms(dialog, first_s);
}

/* SUB-28: 85 % of the lifetime minus up to 10 %, never later than 32 s before its end. */
static uint64_t refresh_ms(const struct cw_dialog *dialog, const struct cw_dialog_input *in)
{
    const uint64_t left =
        dialog->expires_at_ms > in->now_ms ? dialog->expires_at_ms - in->now_ms : 0;
    const uint64_t wanted = left * (850 - in->random % 100) / 1000;
    const uint64_t latest = left > TIMER_N_MS ? left - TIMER_N_MS : left / 2;

    return in->now_ms + (wanted < latest ? wanted : latest);
}

static uint64_t in_time_ms(const struct cw_dialog *dialog, const struct cw_dialog_input *in)
{
    const uint64_t again = retry_ms(dialog, in, 30);

    return again < dialog->expires_at_ms ? again : dialog->expires_at_ms;
}

static uint64_t due_ms(const struct cw_dialog *dialog, enum cw_dialog_delay delay,
                       const struct cw_dialog_input *in)
{
    switch (delay) {
    case CW_DIALOG_KEEP:
        return dialog->due_ms;
    case CW_DIALOG_OFF:
        return UINT64_MAX;
    case CW_DIALOG_TIMER_N:
        return in->now_ms + TIMER_N_MS;
    case CW_DIALOG_REFRESH:
        return refresh_ms(dialog, in);
    case CW_DIALOG_JITTER:
        return dialog->failures <= 1 ? in->now_ms + in->random % (2 * SECOND)
                                     : retry_ms(dialog, in, 30);
    case CW_DIALOG_BACK_OFF:
        return retry_ms(dialog, in, 30);
    case CW_DIALOG_MINUTE:
        return retry_ms(dialog, in, 60);
    case CW_DIALOG_HOUR:
        return retry_ms(dialog, in, HOUR_S);
    case CW_DIALOG_SECONDS:
        return retry_ms(dialog, in, 5);
    case CW_DIALOG_IN_TIME:
        break;
    }
    return in_time_ms(dialog, in);
}

/* Lifetime: the smaller of what the response and the NOTIFY say, and of what was asked. */
static void note_lifetime(struct cw_dialog *dialog, enum cw_dialog_event event,
                          const struct cw_dialog_input *in)
{
    const bool said = event == CW_DIALOG_SAID_PENDING || event == CW_DIALOG_SAID_ACTIVE;
    const int64_t asked = dialog->asked_s;
    const int64_t given = in->expires_s > 0 && in->expires_s < asked ? in->expires_s : asked;
    const uint64_t end = in->now_ms + (uint64_t)given * SECOND;

    if (event == CW_DIALOG_ACCEPTED || (said && (dialog->expires_at_ms == 0 || dialog->awaiting)) ||
        (said && in->expires_s > 0 && end < dialog->expires_at_ms)) {
        dialog->expires_at_ms = end;
    }
}

static bool fails(enum cw_dialog_delay delay)
{
    return delay >= CW_DIALOG_JITTER;
}

struct cw_dialog_cell cw_dialog_look(enum cw_dialog_state state, enum cw_dialog_event event)
{
    const struct cw_dialog_cell cell = CELLS[state][event];

    return cell.expected ? cell : (struct cw_dialog_cell){.next = state};
}

void cw_dialog_init(struct cw_dialog *dialog, uint32_t asked_s)
{
    *dialog = (struct cw_dialog){.asked_s = asked_s, .due_ms = UINT64_MAX};
}

/* A NOTIFY out of turn must not push the refresh on and on: it moves only after a SUBSCRIBE, or
 * when the lifetime became shorter. The answer to a refresh leaves timer N running until its NOTIFY
 * came. */
static enum cw_dialog_delay settle_delay(const struct cw_dialog *dialog,
                                         const struct cw_dialog_cell *cell,
                                         enum cw_dialog_event event, uint64_t old_end)
{
    if (cell->delay != CW_DIALOG_REFRESH) {
        return cell->delay;
    }
    if (event == CW_DIALOG_ACCEPTED) {
        return dialog->awaiting ? CW_DIALOG_KEEP : CW_DIALOG_REFRESH;
    }
    return dialog->awaiting || dialog->expires_at_ms != old_end ? CW_DIALOG_REFRESH
                                                                : CW_DIALOG_KEEP;
}

/* A 423 that asks for no more than we offered would be answered the same way for ever. */
static enum cw_dialog_event plausible(const struct cw_dialog *dialog, enum cw_dialog_event event,
                                      const struct cw_dialog_input *in)
{
    const bool useless = in->min_expires_s <= (int64_t)dialog->asked_s || in->min_expires_s > DAY_S;

    return event == CW_DIALOG_TOO_BRIEF && useless ? CW_DIALOG_FAILED : event;
}

unsigned cw_dialog_step(struct cw_dialog *dialog, enum cw_dialog_event event,
                        const struct cw_dialog_input *in)
{
    const enum cw_dialog_event meant = plausible(dialog, event, in);
    const struct cw_dialog_cell cell = cw_dialog_look(dialog->state, meant);
    const uint64_t old_end = dialog->expires_at_ms;
    const unsigned sends = CW_DIALOG_SEND_FRESH | CW_DIALOG_SEND_AGAIN;
    enum cw_dialog_delay delay;

    if (!cell.expected) {
        return 0;
    }
    if (meant == CW_DIALOG_TOO_BRIEF) {
        dialog->asked_s = (uint32_t)in->min_expires_s; /* SUB-51 */
    }
    note_lifetime(dialog, event, in);
    delay = settle_delay(dialog, &cell, event, old_end);
    if (fails(cell.delay) && dialog->failures < UINT8_MAX) {
        dialog->failures++;
    }
    if (event == CW_DIALOG_SAID_PENDING || event == CW_DIALOG_SAID_ACTIVE) {
        dialog->failures = 0;
    }
    dialog->due_ms = due_ms(dialog, delay, in);
    dialog->awaiting = (cell.effects & sends) != 0 || (dialog->awaiting && delay == CW_DIALOG_KEEP);
    if ((cell.effects & CW_DIALOG_FORGET) != 0) {
        dialog->expires_at_ms = 0;
    }
    dialog->state = cell.next;
    return cell.effects;
}

enum cw_dialog_event cw_dialog_due(const struct cw_dialog *dialog, uint64_t now_ms)
{
    const bool late = dialog->awaiting || dialog->expires_at_ms <= now_ms;

    return late ? CW_DIALOG_OVERDUE : CW_DIALOG_DUE;
}

/* What a code does to the dialog comes first; what XMPP hears of it follows from that (ERR-33). */
enum cw_dialog_event cw_dialog_of_status(unsigned status)
{
    static const struct {
        unsigned status;
        enum cw_dialog_event event;
    } NAMED[] = {
        {403, CW_DIALOG_REFUSED},  {405, CW_DIALOG_REFUSED},  {489, CW_DIALOG_REFUSED},
        {501, CW_DIALOG_REFUSED},  {603, CW_DIALOG_REFUSED},  {404, CW_DIALOG_NO_USER},
        {410, CW_DIALOG_NO_USER},  {604, CW_DIALOG_NO_USER},  {423, CW_DIALOG_TOO_BRIEF},
        {481, CW_DIALOG_GONE},     {480, CW_DIALOG_AWAY},     {416, CW_DIALOG_CONFUSED},
        {482, CW_DIALOG_CONFUSED}, {483, CW_DIALOG_CONFUSED}, {484, CW_DIALOG_CONFUSED},
        {485, CW_DIALOG_CONFUSED},
    };

    if (status >= 200 && status < 300) {
        return CW_DIALOG_ACCEPTED; /* SUB-3: 202 is 200 */
    }
    for (size_t i = 0; i < sizeof(NAMED) / sizeof(NAMED[0]); i++) {
        if (NAMED[i].status == status) {
            return NAMED[i].event;
        }
    }
    return CW_DIALOG_FAILED;
}

enum cw_dialog_event cw_dialog_of_notify(struct cw_bytes substate, struct cw_bytes reason)
{
    static const struct {
        struct cw_bytes reason;
        enum cw_dialog_event event;
    } REASONS[] = {
        {TOKEN("rejected"), CW_DIALOG_REJECTED},       {TOKEN("noresource"), CW_DIALOG_REJECTED},
        {TOKEN("deactivated"), CW_DIALOG_DEACTIVATED}, {TOKEN("probation"), CW_DIALOG_PROBATION},
        {TOKEN("giveup"), CW_DIALOG_GIVEUP},           {TOKEN("timeout"), CW_DIALOG_TIMED_OUT},
        {TOKEN("invariant"), CW_DIALOG_INVARIANT},
    };

    if (cw_bytes_equal(substate, CW_LIT("active"))) {
        return CW_DIALOG_SAID_ACTIVE;
    }
    if (cw_bytes_equal(substate, CW_LIT("pending"))) {
        return CW_DIALOG_SAID_PENDING;
    }
    for (size_t i = 0; i < sizeof(REASONS) / sizeof(REASONS[0]); i++) {
        if (cw_bytes_equal(reason, REASONS[i].reason)) {
            return REASONS[i].event;
        }
    }
    return CW_DIALOG_VANISHED;
}
