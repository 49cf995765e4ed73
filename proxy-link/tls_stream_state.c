/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_stream_state.h"

#define STAY(state)                                                                                \
    {                                                                                              \
        CW_STREAM_##state, 0                                                                       \
    }
#define DIES                                                                                       \
    {                                                                                              \
        CW_STREAM_DEAD, CW_STREAM_KILL                                                             \
    }
#define LINGERS                                                                                    \
    {                                                                                              \
        CW_STREAM_ENDING, CW_STREAM_TIMER_OFF | CW_STREAM_LINGER                                   \
    }

/* TLS is started once, on an open connection: any other start is the owner's fault and ends it. */
static const struct cw_stream_move MOVES[CW_STREAM_STATES][CW_STREAM_EVENTS] = {
    [CW_STREAM_STARTING] =
        {
            [CW_STREAM_OPENED] = {CW_STREAM_CLEAR, CW_STREAM_TIMER_OFF | CW_STREAM_TELL_OPEN},
            [CW_STREAM_START_TLS] = DIES,
            [CW_STREAM_SECURED] = DIES,
            [CW_STREAM_CLOSE] = DIES,
            [CW_STREAM_PEER_END] = DIES,
            [CW_STREAM_FAIL] = DIES,
        },
    [CW_STREAM_CLEAR] =
        {
            [CW_STREAM_OPENED] = STAY(CLEAR),
            [CW_STREAM_START_TLS] = {CW_STREAM_HANDSHAKE, CW_STREAM_TLS_ON},
            [CW_STREAM_SECURED] = DIES,
            [CW_STREAM_CLOSE] = LINGERS,
            [CW_STREAM_PEER_END] = LINGERS,
            [CW_STREAM_FAIL] = DIES,
        },
    [CW_STREAM_HANDSHAKE] =
        {
            [CW_STREAM_OPENED] = STAY(HANDSHAKE),
            [CW_STREAM_START_TLS] = DIES,
            [CW_STREAM_SECURED] = {CW_STREAM_SECURE, CW_STREAM_TIMER_OFF | CW_STREAM_TELL_SECURE},
            [CW_STREAM_CLOSE] = DIES,
            [CW_STREAM_PEER_END] = DIES,
            [CW_STREAM_FAIL] = DIES,
        },
    [CW_STREAM_SECURE] =
        {
            [CW_STREAM_OPENED] = STAY(SECURE),
            [CW_STREAM_START_TLS] = DIES,
            [CW_STREAM_SECURED] = STAY(SECURE),
            [CW_STREAM_CLOSE] = LINGERS,
            [CW_STREAM_PEER_END] = LINGERS,
            [CW_STREAM_FAIL] = DIES,
        },
    [CW_STREAM_ENDING] =
        {
            [CW_STREAM_OPENED] = STAY(ENDING),
            [CW_STREAM_START_TLS] = STAY(ENDING),
            [CW_STREAM_SECURED] = STAY(ENDING),
            [CW_STREAM_CLOSE] = STAY(ENDING),
            [CW_STREAM_PEER_END] = STAY(ENDING),
            [CW_STREAM_FAIL] = DIES,
        },
    [CW_STREAM_DEAD] =
        {
            [CW_STREAM_OPENED] = STAY(DEAD),
            [CW_STREAM_START_TLS] = STAY(DEAD),
            [CW_STREAM_SECURED] = STAY(DEAD),
            [CW_STREAM_CLOSE] = STAY(DEAD),
            [CW_STREAM_PEER_END] = STAY(DEAD),
            [CW_STREAM_FAIL] = STAY(DEAD),
        },
};

struct cw_stream_move cw_stream_move(enum cw_stream_state state, enum cw_stream_event event)
{
    return MOVES[state][event];
}
