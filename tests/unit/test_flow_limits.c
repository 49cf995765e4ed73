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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_silent_over_a_rate),
        cmocka_unit_test(is_silent_over_a_number),
    };

    return cmocka_run_group_tests_name("flow_limits", tests, NULL, NULL);
}
