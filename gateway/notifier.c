/* SPDX-License-Identifier: Apache-2.0 */
#include "notifier.h"

#define SPACING_MS        5000u /* RFC 3856 section 6.10 */
#define DEFAULT_EXPIRES_S 3600
#define FAILURES_IN_A_ROW 3

#define INVITE  CW_NOTIFIER_INVITE
#define REMIND  CW_NOTIFIER_REMIND
#define UNKNOWN CW_NOTIFIER_PROBE_UNKNOWN
#define STALE   CW_NOTIFIER_PROBE_STALE
#define CACHE   CW_NOTIFIER_CACHE
#define DROP    CW_NOTIFIER_DROP_CACHE
#define IT      CW_NOTIFIER_NOTIFY_IT
#define ALL     CW_NOTIFIER_NOTIFY_ALL
#define SPACED  CW_NOTIFIER_NOTIFY_SPACED
#define END     CW_NOTIFIER_END_IT
#define ENDS    CW_NOTIFIER_END_ALL
#define CANCEL  (CW_NOTIFIER_TELL_UNSUBSCRIBE | CW_NOTIFIER_FORGET_INVITE)

#define TOKEN(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

#define GO(state, what)                                                                            \
    {                                                                                              \
        .next = CW_NOTIFIER_##state, .effects = (what), .expected = true                           \
    }
#define OVER(state, what, why, carries)                                                            \
    {                                                                                              \
        .next = CW_NOTIFIER_##state, .effects = (what), .reason = (why),                           \
        .body = CW_NOTIFIER_##carries##_BODY, .expected = true                                     \
    }

/* A cell left out is an event that does not belong there: nothing changes. SUB-75, SUB-78 and
 * SUB-81 are such. */
/* clang-format off */
static const struct cw_notifier_step STEPS[CW_NOTIFIER_STATES][CW_NOTIFIER_EVENTS] = {
    [CW_NOTIFIER_NONE] = {
        [CW_NOTIFIER_SUBSCRIBE]    = GO(ASKED, INVITE | IT),                          /* SUB-71 */
        [CW_NOTIFIER_POLL]         = OVER(NONE, END, "timeout", CLOSED),              /* SUB-87 */
        [CW_NOTIFIER_LEAVE]        = OVER(NONE, END, "timeout", CLOSED),
        [CW_NOTIFIER_EXPIRED]      = OVER(NONE, END, "timeout", NO),
        [CW_NOTIFIER_REMOVED]      = OVER(NONE, CANCEL | ENDS, "deactivated", NO),    /* SUB-92 */
        [CW_NOTIFIER_DELETED]      = OVER(NONE, CANCEL | ENDS, "noresource", NO),     /* SUB-93 */
    },
    [CW_NOTIFIER_ASKED] = {
        [CW_NOTIFIER_SUBSCRIBE]    = GO(ASKED, REMIND | IT),                          /* SUB-72 */
        [CW_NOTIFIER_POLL]         = OVER(ASKED, END, "timeout", CLOSED),             /* SUB-87 */
        [CW_NOTIFIER_REFRESH]      = GO(ASKED, IT),                                   /* SUB-82 */
        [CW_NOTIFIER_LEAVE]        = OVER(ASKED, END, "timeout", CLOSED),             /* SUB-83, SUB-84 */
        [CW_NOTIFIER_EXPIRED]      = OVER(ASKED, END, "timeout", NO),                 /* SUB-85 */
        [CW_NOTIFIER_SUBSCRIBED]   = GO(GRANTED, ALL),                                /* SUB-74 */
        [CW_NOTIFIER_UNSUBSCRIBED] = OVER(NONE, DROP | ENDS, "rejected", NO),         /* SUB-76 */
        [CW_NOTIFIER_PRESENCE]     = GO(ASKED, CACHE),                                /* SUB-81 */
        [CW_NOTIFIER_NO_CONTACT]   = OVER(NONE, DROP | ENDS, "noresource", NO),       /* SUB-79 */
        [CW_NOTIFIER_FORBIDDEN]    = OVER(NONE, DROP | ENDS, "rejected", NO),         /* SUB-79 */
        [CW_NOTIFIER_TROUBLE]      = GO(ASKED, 0),                                    /* SUB-79 */
        [CW_NOTIFIER_REMOVED]      = OVER(NONE, CANCEL | DROP | ENDS, "deactivated", NO), /* SUB-92 */
        [CW_NOTIFIER_DELETED]      = OVER(NONE, CANCEL | DROP | ENDS, "noresource", NO),  /* SUB-93 */
    },
    [CW_NOTIFIER_GRANTED] = {
        [CW_NOTIFIER_SUBSCRIBE]    = GO(GRANTED, UNKNOWN | IT),                       /* SUB-73 */
        [CW_NOTIFIER_POLL]         = OVER(GRANTED, UNKNOWN | END, "timeout", REAL),   /* SUB-86 */
        [CW_NOTIFIER_REFRESH]      = GO(GRANTED, STALE | IT),                         /* SUB-82 */
        [CW_NOTIFIER_LEAVE]        = OVER(GRANTED, END, "timeout", CLOSED),           /* SUB-83, SUB-84 */
        [CW_NOTIFIER_EXPIRED]      = OVER(GRANTED, END, "timeout", NO),               /* SUB-85 */
        [CW_NOTIFIER_UNSUBSCRIBED] = OVER(NONE, DROP | ENDS, "rejected", NO),         /* SUB-76, SUB-77 */
        [CW_NOTIFIER_PRESENCE]     = GO(GRANTED, CACHE | SPACED),                     /* SUB-80 */
        [CW_NOTIFIER_REMOVED]      = OVER(NONE, CANCEL | DROP | ENDS, "deactivated", NO), /* SUB-92 */
        [CW_NOTIFIER_DELETED]      = OVER(NONE, CANCEL | DROP | ENDS, "noresource", NO),  /* SUB-93 */
    },
};
/* clang-format on */

struct cw_notifier_step cw_notifier_step(enum cw_notifier_state state, enum cw_notifier_event event)
{
    const struct cw_notifier_step step = STEPS[state][event];

    return step.expected ? step : (struct cw_notifier_step){.next = state};
}

int64_t cw_notifier_lifetime_s(int64_t asked_s)
{
    if (asked_s < 0) {
        return DEFAULT_EXPIRES_S;
    }
    if (asked_s == 0) {
        return 0;
    }
    if (asked_s < (int64_t)CW_NOTIFIER_MIN_EXPIRES_S) {
        return -1;
    }
    return asked_s < (int64_t)CW_NOTIFIER_MAX_EXPIRES_S ? asked_s
                                                        : (int64_t)CW_NOTIFIER_MAX_EXPIRES_S;
}

bool cw_notifier_drops(unsigned status, uint8_t *failures)
{
    static const unsigned FINAL[] = {404, 405, 408, 410, 416, 480, 481,
                                     482, 483, 484, 485, 489, 501, 604}; /* SUB-88, SUB-89 */

    if (status < 300) {
        *failures = 0;
        return false;
    }
    for (size_t i = 0; i < sizeof(FINAL) / sizeof(FINAL[0]); i++) {
        if (FINAL[i] == status) {
            return true;
        }
    }
    *failures = (uint8_t)(*failures + 1);
    return *failures >= FAILURES_IN_A_ROW; /* SUB-90 */
}

uint64_t cw_notifier_space_ms(uint64_t now_ms, uint64_t last_ms, uint64_t merge_ms)
{
    const uint64_t merged = now_ms + merge_ms;
    const uint64_t spaced = last_ms == 0 ? 0 : last_ms + SPACING_MS;

    return merged > spaced ? merged : spaced;
}

enum cw_notifier_event cw_notifier_of_error(struct cw_bytes condition, struct cw_bytes type)
{
    static const struct {
        struct cw_bytes condition;
        enum cw_notifier_event event;
    } KINDS[] = {
        {TOKEN("item-not-found"), CW_NOTIFIER_NO_CONTACT},
        {TOKEN("gone"), CW_NOTIFIER_NO_CONTACT},
        {TOKEN("service-unavailable"), CW_NOTIFIER_NO_CONTACT},
        {TOKEN("jid-malformed"), CW_NOTIFIER_NO_CONTACT},
        {TOKEN("forbidden"), CW_NOTIFIER_FORBIDDEN},
        {TOKEN("not-allowed"), CW_NOTIFIER_FORBIDDEN},
        {TOKEN("policy-violation"), CW_NOTIFIER_FORBIDDEN},
        {TOKEN("not-authorized"), CW_NOTIFIER_FORBIDDEN},
        {TOKEN("registration-required"), CW_NOTIFIER_FORBIDDEN},
        {TOKEN("subscription-required"), CW_NOTIFIER_FORBIDDEN},
    };

    if (cw_bytes_equal(type, (struct cw_bytes)TOKEN("wait"))) {
        return CW_NOTIFIER_TROUBLE;
    }
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        if (cw_bytes_equal(condition, KINDS[i].condition)) {
            return KINDS[i].event;
        }
    }
    return CW_NOTIFIER_TROUBLE;
}
