/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "sip/transaction_client.h"
#include "sip/transaction_server.h"

#define T1 500u

/* RFC 3261 figure 6, written as a second table: every state with every event. */
struct client_row {
    enum cw_sip_client_state from;
    enum cw_sip_client_event event;
    enum cw_sip_client_state to;
    unsigned tells; /* what the caller must do */
};

#define OUTSIDE                                                                                    \
    ((unsigned)CW_SIP_CLIENT_TRANSMIT | CW_SIP_CLIENT_PASS | CW_SIP_CLIENT_TELL_TIMEOUT |          \
     CW_SIP_CLIENT_TELL_ERROR | CW_SIP_CLIENT_FREE)

#define C(from, event, to, tells)                                                                  \
    {                                                                                              \
        CW_SIP_CLIENT_##from, CW_SIP_CLIENT_##event, CW_SIP_CLIENT_##to, (tells)                   \
    }

static const struct client_row client_rows[] = {
    C(IDLE, SEND, TRYING, CW_SIP_CLIENT_TRANSMIT),
    C(IDLE, PROVISIONAL, IDLE, 0),
    C(IDLE, FINAL, IDLE, 0),
    C(IDLE, TIMER_E, IDLE, 0),
    C(IDLE, TIMER_F, IDLE, 0),
    C(IDLE, TIMER_K, IDLE, 0),
    C(IDLE, TRANSPORT_ERROR, TERMINATED, CW_SIP_CLIENT_TELL_ERROR | CW_SIP_CLIENT_FREE),
    C(TRYING, SEND, TRYING, 0),
    C(TRYING, PROVISIONAL, PROCEEDING, 0),
    C(TRYING, FINAL, COMPLETED, CW_SIP_CLIENT_PASS),
    C(TRYING, TIMER_E, TRYING, CW_SIP_CLIENT_TRANSMIT),
    C(TRYING, TIMER_F, TERMINATED, CW_SIP_CLIENT_TELL_TIMEOUT | CW_SIP_CLIENT_FREE),
    C(TRYING, TIMER_K, TRYING, 0),
    C(TRYING, TRANSPORT_ERROR, TERMINATED, CW_SIP_CLIENT_TELL_ERROR | CW_SIP_CLIENT_FREE),
    C(PROCEEDING, SEND, PROCEEDING, 0),
    C(PROCEEDING, PROVISIONAL, PROCEEDING, 0),
    C(PROCEEDING, FINAL, COMPLETED, CW_SIP_CLIENT_PASS),
    C(PROCEEDING, TIMER_E, PROCEEDING, CW_SIP_CLIENT_TRANSMIT),
    C(PROCEEDING, TIMER_F, TERMINATED, CW_SIP_CLIENT_TELL_TIMEOUT | CW_SIP_CLIENT_FREE),
    C(PROCEEDING, TIMER_K, PROCEEDING, 0),
    C(PROCEEDING, TRANSPORT_ERROR, TERMINATED, CW_SIP_CLIENT_TELL_ERROR | CW_SIP_CLIENT_FREE),
    C(COMPLETED, SEND, COMPLETED, 0),
    C(COMPLETED, PROVISIONAL, COMPLETED, 0),
    C(COMPLETED, FINAL, COMPLETED, 0),
    C(COMPLETED, TIMER_E, COMPLETED, 0),
    C(COMPLETED, TIMER_F, COMPLETED, 0),
    C(COMPLETED, TIMER_K, TERMINATED, CW_SIP_CLIENT_FREE),
    C(COMPLETED, TRANSPORT_ERROR, COMPLETED, 0),
    C(TERMINATED, SEND, TERMINATED, 0),
    C(TERMINATED, PROVISIONAL, TERMINATED, 0),
    C(TERMINATED, FINAL, TERMINATED, 0),
    C(TERMINATED, TIMER_E, TERMINATED, 0),
    C(TERMINATED, TIMER_F, TERMINATED, 0),
    C(TERMINATED, TIMER_K, TERMINATED, 0),
    C(TERMINATED, TRANSPORT_ERROR, TERMINATED, 0),
};

static void test_client_table(void **state)
{
    (void)state;
    assert_int_equal(CW_COUNT(client_rows), CW_SIP_CLIENT_STATES * CW_SIP_CLIENT_EVENTS);
    for (size_t i = 0; i < CW_COUNT(client_rows); i++) {
        const struct client_row *const row = &client_rows[i];
        struct cw_sip_client client = cw_sip_client_new(T1, false);

        client.state = (uint8_t)row->from;
        client.e_ms = T1;
        assert_int_equal(cw_sip_client_step(&client, row->event, 1000) & OUTSIDE, row->tells);
        assert_int_equal(client.state, row->to);
    }
}

/* MSG-31: over UDP at 0, 0.5, 1.5, 3.5, then every 4 s; given up at 32 s. */
static void test_client_timers(void **state)
{
    static const uint64_t sent_at_ms[] = {500,   1500,  3500,  7500,  11500,
                                          15500, 19500, 23500, 27500, 31500};
    struct cw_sip_client client = cw_sip_client_new(T1, false);

    (void)state;
    assert_int_equal(cw_sip_client_due_ms(&client), UINT64_MAX);
    assert_true((cw_sip_client_step(&client, CW_SIP_CLIENT_SEND, 0) & CW_SIP_CLIENT_TRANSMIT) != 0);
    for (size_t i = 0; i < CW_COUNT(sent_at_ms); i++) {
        const uint64_t due_ms = cw_sip_client_due_ms(&client);

        assert_int_equal(due_ms, sent_at_ms[i]);
        assert_int_equal(cw_sip_client_tick(&client, due_ms - 1), 0);
        assert_int_equal(cw_sip_client_tick(&client, due_ms) & OUTSIDE, CW_SIP_CLIENT_TRANSMIT);
    }
    assert_int_equal(cw_sip_client_due_ms(&client), 32000);
    assert_int_equal(cw_sip_client_tick(&client, 32000) & OUTSIDE,
                     CW_SIP_CLIENT_TELL_TIMEOUT | CW_SIP_CLIENT_FREE);
    assert_int_equal(cw_sip_client_due_ms(&client), UINT64_MAX);
}

/* A provisional response slows timer E to T2 and leaves timer F as it is. */
static void test_client_provisional(void **state)
{
    struct cw_sip_client client = cw_sip_client_new(T1, false);

    (void)state;
    (void)cw_sip_client_step(&client, CW_SIP_CLIENT_SEND, 0);
    (void)cw_sip_client_step(&client, CW_SIP_CLIENT_PROVISIONAL, 100);
    assert_int_equal(cw_sip_client_due_ms(&client), 100 + CW_SIP_T2_MS);
    assert_int_equal(client.end_at_ms, 32000);
    assert_int_equal(cw_sip_client_step(&client, CW_SIP_CLIENT_FINAL, 200) & OUTSIDE,
                     CW_SIP_CLIENT_PASS);
    assert_int_equal(cw_sip_client_due_ms(&client), 200 + CW_SIP_T4_MS);
    assert_int_equal(cw_sip_client_tick(&client, 200 + CW_SIP_T4_MS) & OUTSIDE, CW_SIP_CLIENT_FREE);
}

static void test_client_reliable(void **state)
{
    struct cw_sip_client client = cw_sip_client_new(T1, true);

    (void)state;
    (void)cw_sip_client_step(&client, CW_SIP_CLIENT_SEND, 0);
    assert_int_equal(cw_sip_client_due_ms(&client), 32000); /* nothing is sent twice */
    assert_int_equal(cw_sip_client_step(&client, CW_SIP_CLIENT_FINAL, 10) & OUTSIDE,
                     CW_SIP_CLIENT_PASS | CW_SIP_CLIENT_FREE);
    assert_true(sizeof(struct cw_sip_client) <= 32);
}

struct server_row {
    enum cw_sip_server_state from;
    enum cw_sip_server_event event;
    enum cw_sip_server_state to;
    unsigned tells;
};

#define S(from, event, to, tells)                                                                  \
    {                                                                                              \
        CW_SIP_SERVER_##from, CW_SIP_SERVER_##event, CW_SIP_SERVER_##to, (tells)                   \
    }

/* RFC 3261 figure 8 with RFC 4320: no 408, a 100 only late. MSG-48, MSG-49 */
static const struct server_row server_rows[] = {
    S(TRYING, REQUEST, TRYING, 0),
    S(TRYING, FINAL, COMPLETED, CW_SIP_SERVER_SEND_FINAL),
    S(TRYING, TIMER_100, PROCEEDING, CW_SIP_SERVER_SEND_100),
    S(TRYING, TIMER_END, EXPIRED, CW_SIP_SERVER_FORGET),
    S(TRYING, TIMER_J, TRYING, 0),
    S(TRYING, TRANSPORT_ERROR, TRYING, 0),
    S(PROCEEDING, REQUEST, PROCEEDING, CW_SIP_SERVER_SEND_100),
    S(PROCEEDING, FINAL, COMPLETED, CW_SIP_SERVER_SEND_FINAL),
    S(PROCEEDING, TIMER_100, PROCEEDING, 0),
    S(PROCEEDING, TIMER_END, EXPIRED, CW_SIP_SERVER_FORGET),
    S(PROCEEDING, TIMER_J, PROCEEDING, 0),
    S(PROCEEDING, TRANSPORT_ERROR, PROCEEDING, 0),
    S(COMPLETED, REQUEST, COMPLETED, CW_SIP_SERVER_SEND_FINAL),
    S(COMPLETED, FINAL, COMPLETED, 0),
    S(COMPLETED, TIMER_100, COMPLETED, 0),
    S(COMPLETED, TIMER_END, COMPLETED, 0),
    S(COMPLETED, TIMER_J, TERMINATED, CW_SIP_SERVER_FORGET | CW_SIP_SERVER_FREE),
    S(COMPLETED, TRANSPORT_ERROR, COMPLETED, 0),
    S(EXPIRED, REQUEST, EXPIRED, 0),
    S(EXPIRED, FINAL, TERMINATED, CW_SIP_SERVER_FREE),
    S(EXPIRED, TIMER_100, EXPIRED, 0),
    S(EXPIRED, TIMER_END, EXPIRED, 0),
    S(EXPIRED, TIMER_J, EXPIRED, 0),
    S(EXPIRED, TRANSPORT_ERROR, EXPIRED, 0),
    S(TERMINATED, REQUEST, TERMINATED, 0),
    S(TERMINATED, FINAL, TERMINATED, 0),
    S(TERMINATED, TIMER_100, TERMINATED, 0),
    S(TERMINATED, TIMER_END, TERMINATED, 0),
    S(TERMINATED, TIMER_J, TERMINATED, 0),
    S(TERMINATED, TRANSPORT_ERROR, TERMINATED, 0),
};

static void test_server_table(void **state)
{
    (void)state;
    assert_int_equal(CW_COUNT(server_rows), CW_SIP_SERVER_STATES * CW_SIP_SERVER_EVENTS);
    for (size_t i = 0; i < CW_COUNT(server_rows); i++) {
        const struct server_row *const row = &server_rows[i];
        struct cw_sip_server server = cw_sip_server_new(T1, false, 0);

        server.state = (uint8_t)row->from;
        assert_int_equal(cw_sip_server_step(&server, row->event, 1000) &
                             ~(unsigned)CW_SIP_SERVER_START_J,
                         row->tells);
        assert_int_equal(server.state, row->to);
    }
}

/* MSG-49: a 100 after 3.5 s on any transport, silence after 32 s */
static void test_server_timers(void **state)
{
    (void)state;
    for (unsigned reliable = 0; reliable < 2; reliable++) {
        struct cw_sip_server server = cw_sip_server_new(T1, reliable != 0, 0);

        assert_int_equal(cw_sip_server_due_ms(&server), 3500);
        assert_int_equal(cw_sip_server_tick(&server, 3499), 0);
        assert_int_equal(cw_sip_server_tick(&server, 3500), CW_SIP_SERVER_SEND_100);
        assert_int_equal(cw_sip_server_due_ms(&server), 32000);
        assert_int_equal(cw_sip_server_tick(&server, 32000), CW_SIP_SERVER_FORGET);
        assert_int_equal(cw_sip_server_due_ms(&server), UINT64_MAX);
    }
}

static void test_server_timer_j(void **state)
{
    struct cw_sip_server datagram = cw_sip_server_new(T1, false, 0);
    struct cw_sip_server stream = cw_sip_server_new(T1, true, 0);

    (void)state;
    (void)cw_sip_server_step(&datagram, CW_SIP_SERVER_FINAL, 100);
    assert_int_equal(cw_sip_server_due_ms(&datagram), 32100);
    assert_int_equal(cw_sip_server_tick(&datagram, 32100),
                     CW_SIP_SERVER_FORGET | CW_SIP_SERVER_FREE);
    assert_true((cw_sip_server_step(&stream, CW_SIP_SERVER_FINAL, 100) & CW_SIP_SERVER_FREE) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_table),       cmocka_unit_test(test_client_timers),
        cmocka_unit_test(test_client_provisional), cmocka_unit_test(test_client_reliable),
        cmocka_unit_test(test_server_table),       cmocka_unit_test(test_server_timers),
        cmocka_unit_test(test_server_timer_j),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
