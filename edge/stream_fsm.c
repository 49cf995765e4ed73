/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_fsm.h"

#define S(name) CW_ST_##name
#define E(name) [CW_EV_##name]
#define GO(state, ...)                                                                             \
    {                                                                                              \
        .next = CW_ST_##state, .effects = (__VA_ARGS__)                                            \
    }
#define STAY(state)                                                                                \
    {                                                                                              \
        .next = CW_ST_##state                                                                      \
    }
#define REFUSE (CW_FX_ERROR | CW_FX_END)
#define FAIL(name)                                                                                 \
    {                                                                                              \
        CW_ST_CLOSING, REFUSE, CW_CONDITION_##name                                                 \
    }

/* Every state in which input is read. */
#define ALWAYS                                                                                     \
    E(LOST) = GO(CLOSED, 0), E(REFUSE) = GO(CLOSING, REFUSE),                                      \
    E(END) = GO(CLOSED, CW_FX_END | CW_FX_CLOSE), E(ERROR) = GO(CLOSED, CW_FX_END | CW_FX_CLOSE)

#define TILL_READY ALWAYS, E(CLOSE) = GO(CLOSING, CW_FX_END)

/* What a receiver takes from an initiator that is not yet proven: STREAM-65, STREAM-68, STREAM-71.
 */
#define DIALBACK_OF(state)                                                                         \
    E(RESULT) = GO(state, CW_FX_DIALBACK), E(VERIFY) = GO(state, CW_FX_DIALBACK),                  \
    E(RESULT_ANSWER) = GO(state, CW_FX_DIALBACK), E(VERIFY_ANSWER) = GO(state, CW_FX_DIALBACK)

/* An answer to what we asked; a question on a stream of ours is dropped there (STREAM-65). */
#define ANSWERS_OF(state) DIALBACK_OF(state)

/* The choice that an initiator makes from the features; what is missing here ends the stream. */
#define STOP E(GO_NOWHERE) = FAIL(POLICY_VIOLATION), E(GO_UNSUPPORTED) = FAIL(UNSUPPORTED_FEATURE)

/* STREAM-20 to STREAM-26, STREAM-30 to STREAM-33, STREAM-40 to STREAM-49, STREAM-120, STREAM-121 */
static const struct cw_stream_step TABLE[CW_STATES][CW_STREAM_EVENTS] = {
    [S(R_CONNECT)] = {TILL_READY, E(OPEN) = STAY(R_START),
                      E(OPEN_DIRECT) = GO(R_TLS, CW_FX_START_TLS)},
    [S(R_START)] = {TILL_READY, E(HEADER) = GO(R_PLAIN, CW_FX_ANSWER | CW_FX_FEATURES),
                    E(HEADER_OLD) = GO(R_PLAIN, CW_FX_ANSWER)},
    [S(R_PLAIN)] = {TILL_READY, DIALBACK_OF(R_PLAIN), E(PAIR) = GO(R_READY, CW_FX_READY),
                    E(STARTTLS) = GO(R_TLS, CW_FX_PROCEED | CW_FX_RESTART | CW_FX_START_TLS),
                    E(STARTTLS_BARRED) = GO(CLOSED, CW_FX_NO_TLS | CW_FX_END | CW_FX_CLOSE),
                    E(AUTH_FAILED) = GO(R_PLAIN, CW_FX_FAILURE)},
    [S(R_TLS)] = {TILL_READY, E(SECURE) = GO(R_TLS_START, CW_FX_RESTART),
                  E(SECURE_BARRED) = GO(CLOSED, CW_FX_CLOSE)},
    [S(R_TLS_START)] = {TILL_READY, E(HEADER) = GO(R_SECURE, CW_FX_ANSWER | CW_FX_FEATURES),
                        E(HEADER_OLD) = GO(R_SECURE, CW_FX_ANSWER)},
    [S(R_SECURE)] = {TILL_READY, DIALBACK_OF(R_SECURE), E(PAIR) = GO(R_READY, CW_FX_READY),
                     E(AUTH_PROVEN) = GO(R_PROVEN, CW_FX_SUCCESS | CW_FX_RESTART),
                     E(AUTH_EMPTY) = GO(R_CHALLENGE, CW_FX_CHALLENGE),
                     E(AUTH_FAILED) = GO(R_SECURE, CW_FX_FAILURE)},
    [S(R_CHALLENGE)] = {TILL_READY,
                        E(RESPONSE_PROVEN) = GO(R_PROVEN, CW_FX_SUCCESS | CW_FX_RESTART),
                        E(RESPONSE_FAILED) = GO(R_SECURE, CW_FX_FAILURE),
                        E(ABORT) = GO(R_SECURE, CW_FX_FAILURE)},
    [S(R_PROVEN)] = {TILL_READY, E(HEADER) = GO(R_READY, CW_FX_ANSWER | CW_FX_FEATURES |
                                                             CW_FX_GRANT | CW_FX_READY)},
    [S(R_READY)] = {ALWAYS, E(CLOSE) = GO(DRAINING, CW_FX_END), DIALBACK_OF(R_READY),
                    E(PAIR) = STAY(R_READY), E(STANZA) = GO(R_READY, CW_FX_DELIVER),
                    E(FOREIGN) = GO(CLOSING, REFUSE)},

    [S(I_CONNECT)] = {E(LOST) = GO(CLOSED, 0), E(CLOSE) = GO(CLOSED, CW_FX_CLOSE),
                      E(REFUSE) = GO(CLOSED, CW_FX_CLOSE), E(OPEN) = GO(I_START, CW_FX_HEADER),
                      E(OPEN_DIRECT) = GO(I_TLS, CW_FX_START_TLS)},
    [S(I_START)] = {TILL_READY, E(HEADER) = STAY(I_FEATURES),
                    E(HEADER_OLD) = GO(I_DIALBACK, CW_FX_ASK)},
    [S(I_FEATURES)] = {TILL_READY, STOP, E(GO_TLS) = GO(I_PROCEED, CW_FX_STARTTLS),
                       E(GO_DIALBACK) = GO(I_DIALBACK, CW_FX_ASK),
                       E(GO_READY) = GO(I_READY, CW_FX_READY)},
    [S(I_PROCEED)] = {TILL_READY, E(PROCEED) = GO(I_TLS, CW_FX_RESTART | CW_FX_START_TLS),
                      E(TLS_REFUSED) = GO(CLOSED, CW_FX_END | CW_FX_CLOSE)},
    [S(I_TLS)] = {TILL_READY, E(SECURE) = GO(I_TLS_START, CW_FX_RESTART | CW_FX_HEADER),
                  E(SECURE_BARRED) = GO(CLOSED, CW_FX_CLOSE)},
    [S(I_TLS_START)] = {TILL_READY, E(HEADER) = STAY(I_TLS_FEATURES),
                        E(HEADER_OLD) = GO(I_DIALBACK, CW_FX_ASK)},
    [S(I_TLS_FEATURES)] = {TILL_READY, STOP, E(GO_EXTERNAL) = GO(I_AUTH, CW_FX_AUTH),
                           E(GO_DIALBACK) = GO(I_DIALBACK, CW_FX_ASK),
                           E(GO_READY) = GO(I_READY, CW_FX_READY)},
    [S(I_AUTH)] = {TILL_READY, E(SUCCESS) = GO(I_AUTH_START, CW_FX_RESTART | CW_FX_HEADER),
                   E(CHALLENGED) = GO(I_AUTH, CW_FX_AUTH),
                   E(FAILURE_GO_ON) = GO(I_DIALBACK, CW_FX_ASK), /* STREAM-46 */
                   E(FAILURE_STOP) = GO(CLOSING, CW_FX_END)},
    [S(I_AUTH_START)] = {TILL_READY, E(HEADER) = STAY(I_AUTH_FEATURES)},
    [S(I_AUTH_FEATURES)] = {TILL_READY, STOP, E(GO_READY) = GO(I_READY, CW_FX_GRANT | CW_FX_READY)},
    [S(I_DIALBACK)] = {TILL_READY, ANSWERS_OF(I_DIALBACK), E(PAIR) = GO(I_READY, CW_FX_READY),
                       E(PAIR_FAILED) = GO(CLOSING, CW_FX_END)},
    [S(I_READY)] = {TILL_READY, ANSWERS_OF(I_READY), E(PAIR) = STAY(I_READY)},

    [S(DRAINING)] = {E(LOST) = GO(CLOSED, 0), E(END) = GO(CLOSED, CW_FX_CLOSE),
                     E(ERROR) = GO(CLOSED, CW_FX_CLOSE), E(STANZA) = GO(DRAINING, CW_FX_DELIVER),
                     E(REFUSE) = GO(CLOSED, CW_FX_CLOSE), E(FOREIGN) = GO(CLOSED, CW_FX_CLOSE)},
    [S(CLOSING)] = {E(LOST) = GO(CLOSED, 0), E(END) = GO(CLOSED, CW_FX_CLOSE),
                    E(ERROR) = GO(CLOSED, CW_FX_CLOSE), E(REFUSE) = GO(CLOSED, CW_FX_CLOSE)},
    [S(CLOSED)] = {E(LOST) = STAY(CLOSED)},
};

/* Event that has no place in the table: the error it ends the stream with. */
static const enum cw_condition OUT_OF_PLACE[CW_STREAM_EVENTS] = {
    E(HEADER) = CW_CONDITION_BAD_FORMAT,
    E(HEADER_OLD) = CW_CONDITION_UNSUPPORTED_VERSION,  /* STREAM-12 */
    E(UNKNOWN) = CW_CONDITION_UNSUPPORTED_STANZA_TYPE, /* STREAM-115 */
    E(GO_TLS) = CW_CONDITION_POLICY_VIOLATION,
    E(GO_EXTERNAL) = CW_CONDITION_POLICY_VIOLATION,
    E(GO_DIALBACK) = CW_CONDITION_POLICY_VIOLATION,
    E(GO_READY) = CW_CONDITION_POLICY_VIOLATION,
    E(GO_NOWHERE) = CW_CONDITION_POLICY_VIOLATION,
    E(GO_UNSUPPORTED) = CW_CONDITION_POLICY_VIOLATION,
};

/** Signals of our own side, which nobody sent: they cannot be an offence. */
static bool is_local(enum cw_stream_event event)
{
    return event == CW_EV_OPEN || event == CW_EV_OPEN_DIRECT || event == CW_EV_SECURE ||
           event == CW_EV_SECURE_BARRED || event == CW_EV_CLOSE || event == CW_EV_PAIR ||
           event == CW_EV_PAIR_FAILED;
}

static bool is_over(enum cw_stream_state state)
{
    return state >= CW_ST_DRAINING;
}

struct cw_stream_step cw_stream_fsm_step(enum cw_stream_state state, enum cw_stream_event event)
{
    struct cw_stream_step step = {state, 0, CW_CONDITION_NONE};

    if ((unsigned)state >= CW_STATES || (unsigned)event >= CW_STREAM_EVENTS) {
        return step;
    }
    if (TABLE[state][event].next != CW_ST_NONE) {
        return TABLE[state][event];
    }
    if (is_over(state) || is_local(event)) {
        return step;
    }
    /* STREAM-25, STREAM-115 */
    step = (struct cw_stream_step){CW_ST_CLOSING, REFUSE, OUT_OF_PLACE[event]};
    if (step.condition == CW_CONDITION_NONE) {
        step.condition = CW_CONDITION_NOT_AUTHORIZED;
    }
    return step;
}

bool cw_stream_fsm_ready(enum cw_stream_state state)
{
    return state == CW_ST_R_READY || state == CW_ST_I_READY;
}

bool cw_stream_fsm_negotiating(enum cw_stream_state state)
{
    return state != CW_ST_NONE && state < CW_ST_DRAINING && !cw_stream_fsm_ready(state);
}
