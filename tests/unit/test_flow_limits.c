/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world.h"

#include <stdio.h>

#define FED CW_PARTNER_FEDERATED

/* juliet asks the `n`-th user of ours. */
static void ask(struct world *w, unsigned n)
{
    char xml[128];

    (void)snprintf(xml, sizeof(xml),
                   "<presence from='" REMOTE "' to='u%u@contoso.example' type='subscribe'/>", n);
    world_stanza(w, xml);
}

static double limited(struct world *w, const char *kind)
{
    return cw_metrics_value(world_gateway(w)->metrics, CW_METRIC_RATE_LIMITED_TOTAL,
                            (const char *const[]){"fabrikam.example", kind});
}

static double decided(struct world *w, const char *decision, const char *rule)
{
    return cw_metrics_value(world_gateway(w)->metrics, CW_METRIC_POLICY_DECISIONS_TOTAL,
                            (const char *const[]){"fabrikam.example", decision, rule});
}

/* SEC-6: over a quota there is no SIP traffic, no entry, no answer; but a count and a line. */
static void is_silent_over_a_rate(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    for (unsigned n = 0; n < 60; n++) {
        ask(w, n);
        world_expect(w, "S SUBSCRIBE expires=3600");
        world_silence(w);
        world_answer(w, 403, -1);
        world_commit(w);
        world_expect(w, "X presence unsubscribed");
        world_pass(w, 100);
    }
    ask(w, 60);
    world_commit(w);
    world_pass(w, 1000);
    world_silence(w);
    assert_int_equal(world_taken(w), 61);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
    assert_true(limited(w, "subscribe_user") == 1.0);
    assert_true(decided(w, "deny", "rate_limited") == 1.0);
    assert_true(decided(w, "allow", "federated") == 60.0);
    assert_non_null(strstr(world_log(w), "result=denied"));
    assert_non_null(strstr(world_log(w), "reason=rate_limited"));
    world_pass(w, 60000);
    ask(w, 60);
    world_expect(w, "S SUBSCRIBE sip:u60@contoso.example");
    world_free(w);
}

static void is_silent_over_a_number(void **state)
{
    struct world *w = world_new(FED);
    struct cw_roster *roster = world_gateway(w)->roster;
    char local[40];

    (void)state;
    for (unsigned n = 0; n < 500; n++) {
        const int len = snprintf(local, sizeof(local), "sip:u%u@contoso.example", n);

        cw_roster_grant(
            roster, cw_roster_get(roster, (struct cw_bytes){local, (size_t)len}, CW_LIT(REMOTE)),
            CW_GRANT_GRANTED);
    }
    ask(w, 500);
    world_silence(w);
    assert_int_equal(cw_roster_count(roster), 500);
    assert_true(limited(w, "authorizations_user") == 1.0);
    ask(w, 7); /* he has that one: nothing new */
    world_expect(w, "X presence subscribed");
    world_expect(w, "S SUBSCRIBE sip:u7@contoso.example");
    world_stanza(w, "<presence from='" REMOTE "' to='u8@contoso.example' type='unsubscribe'/>");
    world_commit(w);
    world_skip(w);
    ask(w, 500);
    world_expect(w, "S SUBSCRIBE sip:u500@contoso.example");
    assert_true(limited(w, "authorizations_user") == 1.0);
    world_free(w);
}

static double undelivered(struct world *w, const char *reason)
{
    return cw_metrics_value(
        world_gateway(w)->metrics, CW_METRIC_UNDELIVERED_TOTAL,
        (const char *const[]){"fabrikam.example", "sip_to_xmpp", "message", reason});
}

/* MSG-50: whether the sender learns of it or was told 202 before, the line says why and what he
 * was told, with the trace that the edge logs, and each reason is counted as its own. */
static void says_what_became_of_a_message(void **state)
{
    static const struct {
        const char *name;
        enum cw_fate fate;
        enum cw_fail fail;
        const char *status, *condition, *undelivered;
    } CASES[] = {
        {"no permit", CW_FATE_FAILED, CW_FAIL_NO_PERMIT, "404", "remote-server-not-found",
         "no_stream"},
        {"dns", CW_FATE_FAILED, CW_FAIL_DNS, "404", "remote-server-not-found", "no_stream"},
        {"connect", CW_FATE_FAILED, CW_FAIL_CONNECT, "504", "remote-server-timeout", "no_stream"},
        {"tls", CW_FATE_FAILED, CW_FAIL_TLS, "504", "remote-server-timeout", "no_stream"},
        {"auth", CW_FATE_FAILED, CW_FAIL_AUTH, "504", "remote-server-timeout", "no_stream"},
        {"key", CW_FATE_FAILED, CW_FAIL_KEY, "500", "internal-server-error", "no_stream"},
        {"timeout", CW_FATE_FAILED, CW_FAIL_TIMEOUT, "504", "remote-server-timeout", "no_stream"},
        {"full", CW_FATE_FAILED, CW_FAIL_QUEUE_FULL, "500", "resource-constraint", "queue_full"},
        {"shutdown", CW_FATE_FAILED, CW_FAIL_SHUTDOWN, "504", "remote-server-timeout", "link_down"},
        {"cut stream", CW_FATE_AMBIGUOUS, CW_FAIL_STREAM, "504", "remote-server-timeout",
         "no_stream"},
        {"edge restarted", CW_FATE_AMBIGUOUS, CW_FAIL_NONE, "504", "remote-server-timeout",
         "link_down"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * CW_COUNT(CASES); i++) {
        const size_t row = i % CW_COUNT(CASES);
        const bool late = i >= CW_COUNT(CASES);
        struct world *w = world_new(FED);
        char want[128];

        cw_case(CASES[row].name);
        world_message(w, "Good even");
        world_expect(w, "X message");
        if (late) {
            world_pass(w, 1000);
            world_expect(w, "R 202");
        }
        world_fate(w, CASES[row].fate, CASES[row].fail);
        if (!late) {
            (void)snprintf(want, sizeof(want), "R %s", CASES[row].status);
            world_expect(w, want);
        }
        world_silence(w);
        (void)snprintf(want, sizeof(want),
                       " reason=%s status=%s id=talk-1 stanza=", CASES[row].condition,
                       late ? "202" : CASES[row].status);
        assert_non_null(strstr(world_log(w), want));
        assert_non_null(strstr(world_log(w), world_trace(w)));
        assert_true(undelivered(w, CASES[row].undelivered) == 1.0);
        world_free(w);
    }
}

/* MSG-5, MSG-50: an error stanza after the 202 bears the id that the message's own line shows. */
static void joins_a_late_error(void **state)
{
    struct world *w = world_new(FED);
    char xml[512];
    char stanza[64];
    const char *at;

    (void)state;
    world_debug(w);
    world_message(w, "Good even");
    world_expect(w, "X message");
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_expect(w, "R 202");
    at = strstr(world_log(w), "stanza=");
    assert_non_null(at);
    (void)snprintf(stanza, sizeof(stanza), "%.40s", at + 7);
    assert_int_equal(strcspn(stanza, " "), 40);
    (void)snprintf(xml, sizeof(xml),
                   "<message from='" REMOTE "' to='romeo@contoso.example' type='error' id='%s'>"
                   "<error type='cancel'><service-unavailable "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                   stanza);
    world_stanza(w, xml);
    world_silence(w);
    assert_non_null(strstr(world_log(w), "reason=stanza_error"));
    assert_non_null(strstr(strstr(world_log(w), " id="), stanza));
    assert_true(undelivered(w, "stanza_error") == 1.0);
    world_free(w);
}

/* DESIGN section 7: what an edge holds is let go when it is durable, and not by a later one. */
static void settles_what_is_durable(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    ask(w, 1);
    world_expect(w, "S SUBSCRIBE sip:u1@contoso.example");
    assert_int_equal(world_taken(w), 0);
    world_stanza(w, "<message from='" REMOTE "/r' to='romeo@contoso.example' id='m'>"
                    "<body>after it</body></message>");
    world_expect(w, "S MESSAGE after it");
    assert_int_equal(world_taken(w), 0);
    world_restart(w); /* a kill: nothing of it was written, so the edge sends both again */
    assert_int_equal(world_taken(w), 0);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
    ask(w, 1);
    world_expect(w, "S SUBSCRIBE sip:u1@contoso.example");
    ask(w, 2);
    assert_int_equal(world_taken(w), 0);
    world_commit(w);
    assert_int_equal(world_taken(w), 4);
    world_stanza(w, "<message from='" REMOTE "/r' to='romeo@contoso.example' id='m'>"
                    "<body>nothing waits</body></message>");
    assert_int_equal(world_taken(w), 5);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_silent_over_a_rate),         cmocka_unit_test(is_silent_over_a_number),
        cmocka_unit_test(says_what_became_of_a_message), cmocka_unit_test(joins_a_late_error),
        cmocka_unit_test(settles_what_is_durable),
    };

    return cmocka_run_group_tests_name("flow_limits", tests, NULL, NULL);
}
