/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "quota.h"
#include "tally.h"
#include "throttle.h"

#include <stdio.h>

#define ROMEO  CW_LIT("sip:romeo@contoso.example")
#define JULIET CW_LIT("juliet@fabrikam.example")
#define NAMES  100000u
#define FABRIKAM                                                                                   \
    (struct cw_partner)                                                                            \
    {                                                                                              \
        .domain = CW_LIT("fabrikam.example")                                                       \
    }

static const uint64_t KEY[2] = {3, 4};

static struct cw_bytes name_of(unsigned n, char text[32])
{
    return (struct cw_bytes){text, (size_t)snprintf(text, 32, "u%u@fabrikam.example", n)};
}

/* How many of `tries` pass at `now_ms`. */
static unsigned pass(struct cw_throttle *throttle, struct cw_bytes who, unsigned tries,
                     uint64_t now_ms)
{
    unsigned passed = 0;

    for (unsigned i = 0; i < tries; i++) {
        if (cw_throttle_allows(throttle, who, now_ms)) {
            cw_throttle_spend(throttle, who, now_ms);
            passed++;
        }
    }
    return passed;
}

/* SEC-6 */
static void refills(void **state)
{
    static const struct {
        const char *name;
        uint64_t now_ms;
        unsigned tries, passes;
    } STEPS[] = {
        {"a full bucket", 1000000, 8, 5},   {"empty", 1000000, 1, 0},
        {"just too early", 1000099, 1, 0},  {"one came back", 1000100, 2, 1},
        {"three came back", 1000400, 9, 3}, {"never more than full", 9000000, 9, 5},
        {"half of one", 9000050, 1, 0},     {"and its other half", 9000100, 2, 1},
    };
    struct cw_throttle *throttle = cw_throttle_new(KEY, (struct cw_throttle_rate){100, 5});

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STEPS); i++) {
        cw_case(STEPS[i].name);
        assert_int_equal(pass(throttle, JULIET, STEPS[i].tries, STEPS[i].now_ms), STEPS[i].passes);
    }
    assert_int_equal(pass(throttle, ROMEO, 9, 9000100), 5);         /* each has his own */
    assert_true(cw_throttle_allows(throttle, CW_LIT("tybalt"), 0)); /* asking takes nothing */
    cw_throttle_free(&throttle);
    assert_null(throttle);
}

/* More names than there are buckets: who has used his up does not get a token by it, and who has
 * asked for nothing yet is let in. */
static void evicts_in_nobodys_favour(void **state)
{
    struct cw_throttle *throttle = cw_throttle_new(KEY, (struct cw_throttle_rate){60000, 60});
    char text[32];
    unsigned refused = 0;

    (void)state;
    assert_int_equal(pass(throttle, JULIET, 100, 1000), 60);
    for (unsigned n = 0; n < NAMES; n++) {
        refused += pass(throttle, name_of(n, text), 1, 1000 + n / 100) == 0;
        if (n % 1000 == 0) {
            assert_int_equal(pass(throttle, JULIET, 1, 1000 + n / 100), 0);
        }
    }
    assert_int_equal(refused, 0);
    /* everybody takes whatever he can get: all buckets are empty, and new names find no new one */
    for (unsigned n = 0; n < NAMES; n++) {
        (void)pass(throttle, name_of(n, text), 60, 3000);
    }
    for (unsigned n = NAMES; n < NAMES + 1000; n++) {
        assert_int_equal(pass(throttle, name_of(n, text), 1, 3000), 0);
    }
    assert_int_equal(pass(throttle, JULIET, 1, 3000), 0);
    assert_int_equal(pass(throttle, JULIET, 1, 64000), 1);
    cw_throttle_free(&throttle);
}

static void tallies(void **state)
{
    struct cw_tally *tally = cw_tally_new(KEY);

    (void)state;
    cw_tally_less(tally, JULIET);
    assert_int_equal(cw_tally_of(tally, JULIET), 0);
    cw_tally_more(tally, JULIET);
    cw_tally_more(tally, JULIET);
    cw_tally_more(tally, ROMEO);
    cw_tally_more(tally, (struct cw_bytes){0});
    assert_int_equal(cw_tally_of(tally, (struct cw_bytes){0}), 0);
    assert_int_equal(cw_tally_of(tally, JULIET), 2);
    cw_tally_less(tally, JULIET);
    assert_int_equal(cw_tally_of(tally, JULIET), 1);
    cw_tally_less(tally, JULIET);
    assert_int_equal(cw_tally_of(tally, JULIET), 0);
    assert_int_equal(cw_tally_of(tally, ROMEO), 1);
    cw_tally_free(&tally);
}

/* `count` authorizations of users of fabrikam.example, or all of one user. */
static void grant_many(struct cw_roster *roster, unsigned count, bool one_user)
{
    char local[32];
    char remote[32];

    for (unsigned n = 0; n < count; n++) {
        cw_roster_grant(
            roster,
            cw_roster_get(roster, name_of(n, local), one_user ? JULIET : name_of(n, remote)),
            n % 2 == 0 ? CW_GRANT_ASKED : CW_GRANT_GRANTED);
    }
}

/* SEC-6: authorizations that are held. */
static void counts_authorizations(void **state)
{
    static const struct {
        const char *name;
        unsigned held;
        bool one_user;
        const char *kind;
    } CASES[] = {
        {"none", 0, true, NULL},
        {"one too few", 499, true, NULL},
        {"all of a user", 500, true, "authorizations_user"},
        {"one too few", 19999, false, NULL},
        {"all of a domain", 20000, false, "authorizations_domain"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
        struct cw_quota *quota = cw_quota_new(KEY);
        const char *kind;

        cw_case(CASES[i].name);
        grant_many(roster, CASES[i].held, CASES[i].one_user);
        kind = cw_quota_take(quota, roster, &FABRIKAM, JULIET, 1000);
        if (CASES[i].kind == NULL) {
            assert_null(kind);
        } else {
            assert_string_equal(kind, CASES[i].kind);
        }
        cw_quota_free(&quota);
        cw_roster_free(&roster);
    }
}

/* What is given back may be asked for again; a state that only changes is not counted twice. */
static void counts_changes(void **state)
{
    struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
    struct cw_contact *contact = cw_roster_get(roster, ROMEO, JULIET);

    (void)state;
    cw_roster_grant(roster, contact, CW_GRANT_NONE);
    assert_int_equal(cw_roster_watched_by(roster, JULIET), 0);
    cw_roster_grant(roster, contact, CW_GRANT_ASKED);
    cw_roster_grant(roster, contact, CW_GRANT_GRANTED);
    assert_int_equal(cw_roster_watched_by(roster, JULIET), 1);
    assert_int_equal(cw_roster_watched_by(roster, CW_LIT("fabrikam.example")), 1);
    cw_roster_grant(roster, contact, CW_GRANT_NONE);
    assert_int_equal(cw_roster_watched_by(roster, JULIET), 0);
    assert_int_equal(cw_roster_watched_by(roster, CW_LIT("fabrikam.example")), 0);
    cw_roster_load(
        &(struct cw_relation){.local = ROMEO, .remote = JULIET, .xmpp_watches = CW_GRANT_GRANTED},
        roster);
    assert_int_equal(cw_roster_watched_by(roster, JULIET), 1);
    cw_roster_free(&roster);
}

/* SEC-6: new requests. One user who floods uses up his own only. */
static void counts_requests(void **state)
{
    struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
    struct cw_quota *quota = cw_quota_new(KEY);
    uint64_t now_ms = 1000;
    char text[32];

    (void)state;
    for (unsigned i = 0; i < 60; i++, now_ms += 100) {
        assert_null(cw_quota_take(quota, roster, &FABRIKAM, JULIET, now_ms));
    }
    now_ms += 1000;
    for (unsigned i = 0; i < 5; i++) { /* 7 s brought no token back: one a minute */
        assert_string_equal(cw_quota_take(quota, roster, &FABRIKAM, JULIET, now_ms),
                            "subscribe_user");
    }
    for (unsigned i = 0; i < 10; i++) { /* the refused ones took nothing from the partner */
        assert_null(cw_quota_take(quota, roster, &FABRIKAM, name_of(i, text), now_ms));
    }
    assert_string_equal(
        cw_quota_take(quota, roster, &FABRIKAM, CW_LIT("n@fabrikam.example"), now_ms),
        "subscribe_partner");
    assert_null(
        cw_quota_take(quota, roster, &FABRIKAM, CW_LIT("n@fabrikam.example"), now_ms + 100));
    assert_null(cw_quota_take(quota, roster,
                              &(struct cw_partner){.domain = CW_LIT("northwind.example")},
                              CW_LIT("n@northwind.example"), now_ms));
    assert_null(cw_quota_take(quota, roster, &FABRIKAM, JULIET, now_ms + 60000));
    cw_quota_free(&quota);
    assert_null(quota);
    cw_roster_free(&roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refills),        cmocka_unit_test(evicts_in_nobodys_favour),
        cmocka_unit_test(tallies),        cmocka_unit_test(counts_authorizations),
        cmocka_unit_test(counts_changes), cmocka_unit_test(counts_requests),
    };

    return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}
