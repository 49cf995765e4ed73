/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "policy.h"

#include <string.h>

#define OPEN (CW_FACT_LISTED | CW_FACT_ENABLED | CW_FACT_MASTER | CW_FACT_ENTITLED)

#define FED CW_PARTNER_FEDERATED
#define VER CW_PARTNER_PUBLIC_VERIFIED
#define UNV CW_PARTNER_PUBLIC_UNVERIFIED
#define IN  CW_FROM_XMPP
#define OUT CW_FROM_SIP
#define YES CW_VERDICT_ALLOW
#define NO  CW_VERDICT_REFUSE
#define UNK CW_VERDICT_REFUSE_AS_UNKNOWN

/* docs/reference/partners.md section 3, row by row. */
/* clang-format off */
static const struct {
    const char *name;
    struct cw_question question;
    enum cw_verdict verdict;
    enum cw_reason reason;
} CASES[] = {
    {"local user invites: federated", {FED, OUT, CW_REQUEST_SUBSCRIBE, OPEN}, YES, CW_REASON_OWN_USER_ASKS},
    {"local user invites: verified", {VER, OUT, CW_REQUEST_SUBSCRIBE, OPEN}, YES, CW_REASON_OWN_USER_ASKS},
    {"local user invites: unverified", {UNV, OUT, CW_REQUEST_SUBSCRIBE, OPEN}, YES, CW_REASON_OWN_USER_ASKS},
    {"stranger invites: federated", {FED, IN, CW_REQUEST_SUBSCRIBE, OPEN}, YES, CW_REASON_PARTNER_FEDERATED},
    {"stranger invites: verified", {VER, IN, CW_REQUEST_SUBSCRIBE, OPEN}, YES, CW_REASON_PARTNER_VERIFIED},
    {"stranger invites: unverified", {UNV, IN, CW_REQUEST_SUBSCRIBE, OPEN}, UNK, CW_REASON_NOT_INVITED},
    {"invited one invites: unverified", {UNV, IN, CW_REQUEST_SUBSCRIBE, OPEN | CW_FACT_INVITED}, YES, CW_REASON_INVITED},
    {"stranger writes: federated", {FED, IN, CW_REQUEST_MESSAGE, OPEN}, YES, CW_REASON_PARTNER_FEDERATED},
    {"stranger writes: verified", {VER, IN, CW_REQUEST_MESSAGE, OPEN}, YES, CW_REASON_PARTNER_VERIFIED},
    {"stranger writes: unverified", {UNV, IN, CW_REQUEST_MESSAGE, OPEN}, UNK, CW_REASON_NOT_INVITED},
    {"stranger types: unverified", {UNV, IN, CW_REQUEST_TYPING, OPEN}, UNK, CW_REASON_NOT_INVITED},
    {"a granted watcher is not invited", {UNV, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_GRANTED}, UNK, CW_REASON_NOT_INVITED},
    {"invited one writes: unverified", {UNV, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_INVITED}, YES, CW_REASON_INVITED},
    {"local user writes: unverified", {UNV, OUT, CW_REQUEST_MESSAGE, OPEN}, YES, CW_REASON_OWN_USER_ASKS},
    {"reply in time: unverified", {UNV, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_REPLY}, YES, CW_REASON_REPLY_WINDOW},
    {"typing in time: unverified", {UNV, IN, CW_REQUEST_TYPING, OPEN | CW_FACT_REPLY}, YES, CW_REASON_REPLY_WINDOW},
    {"invited before in time", {UNV, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_REPLY | CW_FACT_INVITED}, YES, CW_REASON_INVITED},
    {"a window is no invitation: subscribe", {UNV, IN, CW_REQUEST_SUBSCRIBE, OPEN | CW_FACT_REPLY}, UNK, CW_REASON_NOT_INVITED},
    {"a window is no invitation: subscribed", {UNV, IN, CW_REQUEST_ANSWER, OPEN | CW_FACT_REPLY}, UNK, CW_REASON_NOT_INVITED},
    {"a window is no invitation: probe", {UNV, IN, CW_REQUEST_PROBE, OPEN | CW_FACT_REPLY}, UNK, CW_REASON_NOT_INVITED},
    {"a window is no invitation: presence", {UNV, IN, CW_REQUEST_PRESENCE, OPEN | CW_FACT_REPLY}, UNK, CW_REASON_NOT_INVITED},
    {"block beats a window", {UNV, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_REPLY | CW_FACT_BLOCKED}, UNK, CW_REASON_BLOCKED_BY_USER},
    {"a window opens nothing that is open", {FED, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_REPLY}, YES, CW_REASON_PARTNER_FEDERATED},
    {"probe: federated", {FED, IN, CW_REQUEST_PROBE, OPEN}, YES, CW_REASON_PARTNER_FEDERATED},
    {"probe: verified, no authorization", {VER, IN, CW_REQUEST_PROBE, OPEN}, UNK, CW_REASON_NOT_GRANTED},
    {"probe: verified, authorization", {VER, IN, CW_REQUEST_PROBE, OPEN | CW_FACT_GRANTED}, YES, CW_REASON_PARTNER_VERIFIED},
    {"probe: unverified", {UNV, IN, CW_REQUEST_PROBE, OPEN}, UNK, CW_REASON_NOT_INVITED},
    {"subscribed unasked: unverified", {UNV, IN, CW_REQUEST_ANSWER, OPEN}, UNK, CW_REASON_NOT_INVITED},
    {"directed presence: unverified", {UNV, IN, CW_REQUEST_PRESENCE, OPEN}, UNK, CW_REASON_NOT_INVITED},
    {"unsubscribe: unverified", {UNV, IN, CW_REQUEST_CANCEL, OPEN}, YES, CW_REASON_GIVES_UP_RIGHTS},
    {"block beats federated", {FED, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_BLOCKED}, UNK, CW_REASON_BLOCKED_BY_USER},
    {"block beats an invitation", {UNV, IN, CW_REQUEST_MESSAGE, OPEN | CW_FACT_BLOCKED | CW_FACT_INVITED}, UNK, CW_REASON_BLOCKED_BY_USER},
    {"own user is told of his block", {FED, OUT, CW_REQUEST_MESSAGE, OPEN | CW_FACT_BLOCKED}, NO, CW_REASON_BLOCKED_BY_USER},
    {"own user without the right", {FED, OUT, CW_REQUEST_MESSAGE, OPEN & ~CW_FACT_ENTITLED}, NO, CW_REASON_NOT_ENTITLED},
    {"user without the right is out of reach", {FED, IN, CW_REQUEST_MESSAGE, OPEN & ~CW_FACT_ENTITLED}, UNK, CW_REASON_NOT_ENTITLED},
    {"no partner, inbound", {FED, IN, CW_REQUEST_MESSAGE, OPEN & ~CW_FACT_LISTED}, NO, CW_REASON_UNLISTED},
    {"no partner, outbound", {FED, OUT, CW_REQUEST_MESSAGE, OPEN & ~CW_FACT_LISTED}, NO, CW_REASON_UNLISTED},
    {"disabled partner", {FED, IN, CW_REQUEST_CANCEL, OPEN & ~CW_FACT_ENABLED}, NO, CW_REASON_PARTNER_DISABLED},
    {"master switch", {FED, OUT, CW_REQUEST_SUBSCRIBE, OPEN & ~CW_FACT_MASTER}, NO, CW_REASON_MASTER_OFF},
};
/* clang-format on */

static void decides_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_decision got = cw_policy_decide(&CASES[i].question);

        cw_case(CASES[i].name);
        assert_int_equal(got.verdict, CASES[i].verdict);
        assert_int_equal(got.reason, CASES[i].reason);
    }
}

static struct cw_decision because(enum cw_verdict verdict, enum cw_reason reason)
{
    return (struct cw_decision){verdict, reason};
}

/* Section 3 once more, written as prose turned into code: an independent reference. What comes from
 * a partner that lets in nobody whom our user has not asked for. */
static struct cw_decision of_unverified(const struct cw_question *q)
{
    if ((q->facts & CW_FACT_INVITED) != 0) {
        return because(YES, CW_REASON_INVITED);
    }
    if ((q->facts & CW_FACT_REPLY) != 0 &&
        (q->request == CW_REQUEST_MESSAGE || q->request == CW_REQUEST_TYPING)) {
        return because(YES, CW_REASON_REPLY_WINDOW);
    }
    return because(UNK, CW_REASON_NOT_INVITED);
}

/* What comes from XMPP and nothing above the type refuses. */
static struct cw_decision of_type(const struct cw_question *q)
{
    if (q->request == CW_REQUEST_CANCEL) {
        return because(YES, CW_REASON_GIVES_UP_RIGHTS);
    }
    if (q->partner == FED) {
        return because(YES, CW_REASON_PARTNER_FEDERATED);
    }
    if (q->partner == UNV) {
        return of_unverified(q);
    }
    return q->request == CW_REQUEST_PROBE && (q->facts & CW_FACT_GRANTED) == 0
               ? because(UNK, CW_REASON_NOT_GRANTED)
               : because(YES, CW_REASON_PARTNER_VERIFIED);
}

static struct cw_decision reference(const struct cw_question *q)
{
    const enum cw_verdict no = q->direction == IN ? UNK : NO;

    if ((q->facts & CW_FACT_LISTED) == 0) {
        return because(NO, CW_REASON_UNLISTED);
    }
    if ((q->facts & CW_FACT_ENABLED) == 0) {
        return because(NO, CW_REASON_PARTNER_DISABLED);
    }
    if ((q->facts & CW_FACT_MASTER) == 0) {
        return because(NO, CW_REASON_MASTER_OFF);
    }
    if ((q->facts & CW_FACT_ENTITLED) == 0) {
        return because(no, CW_REASON_NOT_ENTITLED);
    }
    if ((q->facts & CW_FACT_BLOCKED) != 0) {
        return because(no, CW_REASON_BLOCKED_BY_USER);
    }
    return q->direction == OUT ? because(YES, CW_REASON_OWN_USER_ASKS) : of_type(q);
}

/* CASE 48. Every question that can be asked: 3 types x 2 directions x 7 requests x 256 facts. */
static void agrees_with_the_reference_everywhere(void **state)
{
    const unsigned total = CW_PARTNER_TYPES * CW_DIRECTIONS * CW_REQUESTS * CW_FACTS;

    (void)state;
    assert_int_equal(total, 10752);
    for (unsigned n = 0; n < total; n++) {
        const struct cw_question q = {
            .partner = n % CW_PARTNER_TYPES,
            .direction = n / CW_PARTNER_TYPES % CW_DIRECTIONS,
            .request = n / (CW_PARTNER_TYPES * CW_DIRECTIONS) % CW_REQUESTS,
            .facts = (uint8_t)(n / (CW_PARTNER_TYPES * CW_DIRECTIONS * CW_REQUESTS)),
        };
        const struct cw_decision got = cw_policy_decide(&q);
        const struct cw_decision want = reference(&q);

        assert_int_equal(got.verdict, want.verdict);
        assert_int_equal(got.reason, want.reason);
    }
}

/* A question that nobody may ask is refused. */
static void refuses_what_no_rule_allows(void **state)
{
    const struct cw_question q = {CW_PARTNER_TYPES, IN, CW_REQUEST_MESSAGE, OPEN};

    (void)state;
    assert_int_equal(cw_policy_decide(&q).verdict, NO);
    assert_int_equal(cw_policy_decide(&q).reason, CW_REASON_NO_RULE);
}

static void every_reason_has_a_label_of_its_own(void **state)
{
    (void)state;
    for (enum cw_reason a = 0; a < CW_REASONS; a++) {
        assert_true(strlen(cw_reason_text(a)) > 0);
        for (enum cw_reason b = 0; b < a; b++) {
            assert_string_not_equal(cw_reason_label(a), cw_reason_label(b));
            assert_string_not_equal(cw_reason_text(a), cw_reason_text(b));
        }
    }
    assert_string_equal(cw_reason_label(CW_REASON_NOT_INVITED), "unverified_not_invited");
    assert_string_equal(cw_reason_label(CW_REASONS), cw_reason_label(CW_REASON_NO_RULE));
    assert_string_equal(cw_reason_text(CW_REASONS), cw_reason_text(CW_REASON_NO_RULE));
}

static void shows_notes_to_federated_partners_only(void **state)
{
    (void)state;
    assert_true(cw_policy_shows_notes(CW_PARTNER_FEDERATED));
    assert_false(cw_policy_shows_notes(CW_PARTNER_PUBLIC_VERIFIED));
    assert_false(cw_policy_shows_notes(CW_PARTNER_PUBLIC_UNVERIFIED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_as_the_table_says),
        cmocka_unit_test(agrees_with_the_reference_everywhere),
        cmocka_unit_test(refuses_what_no_rule_allows),
        cmocka_unit_test(every_reason_has_a_label_of_its_own),
        cmocka_unit_test(shows_notes_to_federated_partners_only),
    };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
