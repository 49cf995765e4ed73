/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "stream_fsm.h"

#include <string.h>

/** What the history of events proves, kept without looking at the machine's state. */
struct history {
    bool handshake; /**< TLS was begun */
    bool secure;    /**< and done */
    bool header;    /**< the peer's header came since the last restart */
    bool proven;    /**< EXTERNAL succeeded under TLS, behind a header */
    bool confirmed; /**< and the header after it came */
    bool pair;      /**< dialback proved a pair, behind a header */
    bool over;      /**< a stream error or closing tag was sent */
    bool ordered;   /**< and that in order, from a stream that was ready */
};

static unsigned number_of(const struct history *h)
{
    return (unsigned)h->handshake | (unsigned)h->secure << 1 | (unsigned)h->header << 2 |
           (unsigned)h->proven << 3 | (unsigned)h->confirmed << 4 | (unsigned)h->pair << 5 |
           (unsigned)h->over << 6 | (unsigned)h->ordered << 7;
}

/** What a step must not do, whatever the state says. */
static void check(const struct history *h, enum cw_stream_event event,
                  const struct cw_stream_step *step)
{
    const uint32_t fx = step->effects;
    const bool proof = (h->proven && h->confirmed) || h->pair;

    if ((fx & CW_FX_DELIVER) != 0) { /* STREAM-25, STREAM-26 */
        assert_int_equal(event, CW_EV_STANZA);
        assert_true(proof);
        assert_true(!h->over || h->ordered);
    }
    if ((fx & CW_FX_GRANT) != 0) {
        assert_true(h->secure && h->proven);
        assert_true(event == CW_EV_HEADER || event == CW_EV_GO_READY);
    }
    if ((fx & CW_FX_SUCCESS) != 0) { /* STREAM-40 */
        assert_true(h->secure && h->header);
        assert_true(event == CW_EV_AUTH_PROVEN || event == CW_EV_RESPONSE_PROVEN);
    }
    if ((fx & (CW_FX_FEATURES | CW_FX_ANSWER)) != 0) {
        assert_true(event == CW_EV_HEADER || event == CW_EV_HEADER_OLD);
        assert_false(h->header); /* one answer a header */
    }
    if ((fx & (CW_FX_START_TLS | CW_FX_PROCEED)) != 0) {
        assert_false(h->handshake); /* STREAM-22: never twice */
    }
    if ((fx & CW_FX_AUTH) != 0) {
        assert_true(h->secure && h->header); /* STREAM-21 */
    }
    if ((fx & CW_FX_READY) != 0) {
        assert_true(h->proven || event == CW_EV_PAIR || event == CW_EV_GO_READY);
    }
    if ((fx & CW_FX_DIALBACK) != 0) {
        assert_true(h->header && !h->over);
    }
    if (h->over) { /* STREAM-120, STREAM-121: nothing more is sent */
        assert_int_equal(fx & ~(CW_FX_DELIVER | CW_FX_CLOSE), 0);
    }
}

static struct history after(struct history h, enum cw_stream_event event,
                            const struct cw_stream_step *step)
{
    const uint32_t fx = step->effects;
    const bool refused = (fx & CW_FX_ERROR) != 0;

    if (event == CW_EV_SECURE && h.handshake && (fx & CW_FX_RESTART) != 0) {
        h.secure = true;
    }
    if ((event == CW_EV_HEADER || event == CW_EV_HEADER_OLD) && !refused && !h.over) {
        h.confirmed = h.proven;
        h.header = true;
    }
    if (event == CW_EV_PAIR && h.header && !h.over) {
        h.pair = true;
    }
    if ((fx & CW_FX_SUCCESS) != 0 ||
        (event == CW_EV_SUCCESS && h.secure && h.header && (fx & CW_FX_RESTART) != 0)) {
        h.proven = true;
    }
    if ((fx & CW_FX_RESTART) != 0) {
        h.header = false;
        h.pair = false;
    }
    h.handshake = h.handshake || (fx & CW_FX_START_TLS) != 0;
    if ((fx & (CW_FX_ERROR | CW_FX_END | CW_FX_CLOSE)) != 0 && !h.over) {
        h.over = true;
        h.ordered = event == CW_EV_CLOSE;
    }
    return h;
}

/** All that can be reached, by sequences of any length, is looked at once. */
static void no_event_gives_more_than_its_proof(void **state)
{
    static bool seen[CW_STATES][256];
    static struct {
        enum cw_stream_state state;
        struct history history;
    } queue[CW_STATES * 256];
    size_t head = 0;
    size_t tail = 0;

    (void)state;
    memset(seen, 0, sizeof(seen));
    queue[tail++].state = CW_ST_R_CONNECT;
    queue[tail++].state = CW_ST_I_CONNECT;
    while (head < tail) {
        const enum cw_stream_state at = queue[head].state;
        const struct history h = queue[head++].history;

        for (unsigned e = 0; e < CW_STREAM_EVENTS; e++) {
            const struct cw_stream_step step = cw_stream_fsm_step(at, (enum cw_stream_event)e);
            struct history next;

            check(&h, (enum cw_stream_event)e, &step);
            next = after(h, (enum cw_stream_event)e, &step);
            if (!seen[step.next][number_of(&next)]) {
                seen[step.next][number_of(&next)] = true;
                queue[tail].state = step.next;
                queue[tail++].history = next;
            }
        }
    }
    for (unsigned s = CW_ST_R_CONNECT; s < CW_STATES; s++) {
        bool reached = s == CW_ST_R_CONNECT || s == CW_ST_I_CONNECT;

        for (unsigned n = 0; n < 256; n++) {
            reached = reached || seen[s][n];
        }
        assert_true(reached); /* no state is dead wood */
    }
}

/** Every sequence of up to four events, one by one: the machine never leaves its states. */
static uint64_t walk(enum cw_stream_state at, struct history h, unsigned left)
{
    uint64_t count = 1;

    for (unsigned e = 0; left > 0 && e < CW_STREAM_EVENTS; e++) {
        const struct cw_stream_step step = cw_stream_fsm_step(at, (enum cw_stream_event)e);

        check(&h, (enum cw_stream_event)e, &step);
        assert_true(step.next > CW_ST_NONE && step.next < CW_STATES);
        count += walk(step.next, after(h, (enum cw_stream_event)e, &step), left - 1);
    }
    return count;
}

static void every_short_sequence_holds(void **state)
{
    (void)state;
    assert_true(walk(CW_ST_R_CONNECT, (struct history){0}, 4) > 1000000);
    assert_true(walk(CW_ST_I_CONNECT, (struct history){0}, 4) > 1000000);
    assert_true(walk(CW_ST_R_SECURE,
                     (struct history){.handshake = true, .secure = true, .header = true},
                     3) > 10000);
}

static void answers_what_is_out_of_place(void **state)
{
    static const struct {
        enum cw_stream_state at;
        enum cw_stream_event event;
        enum cw_condition condition;
    } ROWS[] = {
        {CW_ST_R_START, CW_EV_STANZA, CW_CONDITION_NOT_AUTHORIZED}, /* STREAM-25 */
        {CW_ST_R_PLAIN, CW_EV_FOREIGN, CW_CONDITION_NOT_AUTHORIZED},
        {CW_ST_R_SECURE, CW_EV_STANZA, CW_CONDITION_NOT_AUTHORIZED},
        {CW_ST_R_PROVEN, CW_EV_STANZA, CW_CONDITION_NOT_AUTHORIZED},
        {CW_ST_R_SECURE, CW_EV_STARTTLS, CW_CONDITION_NOT_AUTHORIZED},
        {CW_ST_R_READY, CW_EV_AUTH_PROVEN, CW_CONDITION_NOT_AUTHORIZED},
        {CW_ST_R_READY, CW_EV_UNKNOWN, CW_CONDITION_UNSUPPORTED_STANZA_TYPE}, /* STREAM-115 */
        {CW_ST_R_READY, CW_EV_HEADER, CW_CONDITION_BAD_FORMAT},
        {CW_ST_R_PROVEN, CW_EV_HEADER_OLD, CW_CONDITION_UNSUPPORTED_VERSION}, /* STREAM-12 */
        {CW_ST_I_READY, CW_EV_STANZA, CW_CONDITION_NOT_AUTHORIZED},
        {CW_ST_I_FEATURES, CW_EV_GO_EXTERNAL, CW_CONDITION_POLICY_VIOLATION}, /* STREAM-21 */
        {CW_ST_I_READY, CW_EV_GO_READY, CW_CONDITION_POLICY_VIOLATION},
        {CW_ST_I_FEATURES, CW_EV_GO_NOWHERE, CW_CONDITION_POLICY_VIOLATION},
        {CW_ST_I_FEATURES, CW_EV_GO_UNSUPPORTED, CW_CONDITION_UNSUPPORTED_FEATURE}, /* STREAM-24 */
        {CW_ST_I_TLS_FEATURES, CW_EV_GO_UNSUPPORTED, CW_CONDITION_UNSUPPORTED_FEATURE},
        {CW_ST_I_READY, CW_EV_GO_UNSUPPORTED, CW_CONDITION_POLICY_VIOLATION},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_stream_step step = cw_stream_fsm_step(ROWS[i].at, ROWS[i].event);

        assert_int_equal(step.next, CW_ST_CLOSING);
        assert_int_equal(step.effects, CW_FX_ERROR | CW_FX_END); /* STREAM-121 */
        assert_int_equal(step.condition, ROWS[i].condition);
    }
}

static void names_every_condition(void **state)
{
    (void)state;
    assert_int_equal(CW_CONDITIONS - 1, 25); /* STREAM-122 */
    for (unsigned c = 1; c < CW_CONDITIONS; c++) {
        const char *name = cw_condition_name((enum cw_condition)c);

        assert_int_equal(cw_condition_read((struct cw_bytes){name, strlen(name)}), c);
    }
    assert_int_equal(cw_condition_read(CW_LIT("something-new")), CW_CONDITION_UNDEFINED_CONDITION);
    assert_string_equal(cw_condition_name(CW_CONDITIONS), "undefined-condition");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_event_gives_more_than_its_proof),
        cmocka_unit_test(every_short_sequence_holds),
        cmocka_unit_test(answers_what_is_out_of_place),
        cmocka_unit_test(names_every_condition),
    };

    return cmocka_run_group_tests_name("stream_fsm", tests, NULL, NULL);
}
