/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "roster.h"
#include "tally.h"
#include "throttle.h"
#include "window.h"

#include <stdio.h>

#define ROMEO  CW_LIT("sip:romeo@contoso.example")
#define JULIET CW_LIT("juliet@fabrikam.example")
#define NAMES  100000u
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
    assert_int_equal(cw_roster_asked_by(roster, JULIET), 0);
    cw_roster_grant(roster, contact, CW_GRANT_ASKED);
    assert_int_equal(cw_roster_asked_by(roster, JULIET), 1);
    assert_int_equal(cw_roster_asked_by(roster, CW_LIT("fabrikam.example")), 1);
    cw_roster_grant(roster, contact, CW_GRANT_NONE);
    assert_int_equal(cw_roster_asked_by(roster, CW_LIT("fabrikam.example")), 0);
    assert_int_equal(cw_roster_watched_by(roster, JULIET), 0);
    assert_int_equal(cw_roster_watched_by(roster, CW_LIT("fabrikam.example")), 0);
    cw_roster_load(
        &(struct cw_relation){.local = ROMEO, .remote = JULIET, .xmpp_watches = CW_GRANT_GRANTED},
        roster);
    assert_int_equal(cw_roster_watched_by(roster, JULIET), 1);
    cw_roster_free(&roster);
}

/* Never fewer than there were within the last 60 s, whenever they came. */
static void looks_back(void **state)
{
    static const struct {
        const char *name;
        uint64_t now_ms;
        uint32_t before;
        unsigned add;
    } STEPS[] = {
        {"none", 7000999, 0, 3},
        {"the same second", 7000999, 3, 1},
        {"later", 7030000, 4, 2},
        {"60 s after the first", 7060998, 6, 0},
        {"its second is over for a minute", 7061000, 2, 0},
        {"and the other's", 7091000, 0, 1},
        {"much later", 9000000, 0, 5},
        {"a clock that stands", 9000000, 5, 0},
    };
    struct cw_window window = {0};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STEPS); i++) {
        cw_case(STEPS[i].name);
        assert_int_equal(cw_window_sum(&window, STEPS[i].now_ms), STEPS[i].before);
        for (unsigned n = 0; n < STEPS[i].add; n++) {
            cw_window_add(&window, STEPS[i].now_ms);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refills),    cmocka_unit_test(evicts_in_nobodys_favour),
        cmocka_unit_test(tallies),    cmocka_unit_test(counts_changes),
        cmocka_unit_test(looks_back),
    };

    return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}
