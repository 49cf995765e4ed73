/* SPDX-License-Identifier: Apache-2.0 */
#include "authorization.h"

#define GO(state, what)                                                                            \
    {                                                                                              \
        .next = CW_AUTH_##state, .effects = (what), .expected = true                               \
    }

#define CLOSE    CW_AUTH_CLOSE_DIALOG
#define WANT     CW_AUTH_WANT_DIALOG
#define GRACE    CW_AUTH_START_GRACE
#define DAY      CW_AUTH_START_DAY
#define ACCEPTED CW_AUTH_TELL_SUBSCRIBED
#define WELCOME  (CW_AUTH_TELL_SUBSCRIBED | CW_AUTH_TELL_PRESENCE)
#define PRESENCE CW_AUTH_TELL_PRESENCE
#define GONE     CW_AUTH_TELL_UNAVAILABLE
#define DENIED   CW_AUTH_TELL_UNSUBSCRIBED
#define NOTHING  0

/* A cell left out is an event that does not belong there: the state stays, nothing is done. */
/* clang-format off */
static const struct cw_auth_step STEPS[CW_AUTH_STATES][CW_AUTH_EVENTS] = {
    [CW_AUTH_NONE] = {
        [CW_AUTH_SUBSCRIBE]   = GO(ASKED,   WANT),                    /* SUB-20 */
        [CW_AUTH_UNSUBSCRIBE] = GO(NONE,    NOTHING),                 /* SUB-31 */
        [CW_AUTH_PROBE]       = GO(NONE,    DENIED),                  /* SUB-34 */
    },
    [CW_AUTH_ASKED] = {
        [CW_AUTH_SUBSCRIBE]   = GO(ASKED,   WANT),                    /* SUB-21 */
        [CW_AUTH_UNSUBSCRIBE] = GO(NONE,    CLOSE | DENIED),          /* SUB-32 */
        [CW_AUTH_PROBE]       = GO(ASKED,   NOTHING),                 /* SUB-35 */
        [CW_AUTH_ACCEPTED]    = GO(GRANTED, ACCEPTED),                /* SUB-23 */
        [CW_AUTH_PENDING]     = GO(ASKED,   NOTHING),                 /* SUB-24 */
        [CW_AUTH_ACTIVE]      = GO(GRANTED, WELCOME),                 /* SUB-26 */
        [CW_AUTH_REFUSED]     = GO(NONE,    DENIED),                  /* SUB-41, SUB-50 */
        [CW_AUTH_LOST]        = GO(ASKED,   NOTHING),                 /* SUB-59, SUB-60 */
        [CW_AUTH_AWAY]        = GO(ASKED,   NOTHING),                 /* SUB-45, SUB-56 */
        [CW_AUTH_REVOKED]     = GO(NONE,    CLOSE | DENIED),          /* SUB-40 */
        [CW_AUTH_BROKEN]      = GO(NONE,    CLOSE),                   /* SUB-39 */
        [CW_AUTH_CROWDED_OUT] = GO(NONE,    CLOSE),                   /* SEC-6 */
    },
    [CW_AUTH_GRANTED] = {
        [CW_AUTH_SUBSCRIBE]   = GO(GRANTED, WANT | WELCOME),          /* SUB-22 */
        [CW_AUTH_UNSUBSCRIBE] = GO(NONE,    CLOSE | GONE | DENIED),   /* SUB-32 */
        [CW_AUTH_PROBE]       = GO(GRANTED, WANT | PRESENCE),         /* SUB-29, SUB-36 */
        [CW_AUTH_ACCEPTED]    = GO(GRANTED, NOTHING),                 /* SUB-23 */
        [CW_AUTH_PENDING]     = GO(GRANTED, DAY),                     /* SUB-25 */
        [CW_AUTH_ACTIVE]      = GO(GRANTED, PRESENCE),                /* SUB-27 */
        [CW_AUTH_REFUSED]     = GO(NONE,    GONE | DENIED),           /* SUB-41, SUB-50 */
        [CW_AUTH_LOST]        = GO(GRANTED, GRACE),                   /* SUB-43, SUB-44, SUB-48 */
        [CW_AUTH_AWAY]        = GO(GRANTED, GONE),                    /* SUB-45, SUB-56 */
        [CW_AUTH_SILENT]      = GO(GRANTED, GONE),                    /* SUB-44 */
        [CW_AUTH_REVOKED]     = GO(NONE,    CLOSE | GONE | DENIED),   /* SUB-40 */
        [CW_AUTH_BROKEN]      = GO(NONE,    CLOSE),                   /* SUB-39 */
    },
};
/* clang-format on */

struct cw_auth_step cw_auth_step(enum cw_auth_state state, enum cw_auth_event event)
{
    const struct cw_auth_step step = STEPS[state][event];

    return step.expected ? step : (struct cw_auth_step){.next = state};
}
