/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "policy.h"
#include "roster.h"

#define ROMEO  CW_LIT("sip:romeo@contoso.example")
#define JULIET CW_LIT("juliet@fabrikam.example")

static const uint64_t KEY[2] = {3, 4};

static struct cw_relation written;
static unsigned writes;

static void put(struct cw_store *store, const struct cw_relation *relation, cw_store_done_fn *done,
                void *user)
{
    (void)store;
    written = *relation;
    writes++;
    if (done != NULL) {
        done(CW_OK, user);
    }
}

static void on_done(enum cw_err err, void *user)
{
    assert_int_equal(err, CW_OK);
    (*(unsigned *)user)++;
}

static void keeps_and_writes(void **state)
{
    struct cw_roster *roster = cw_roster_new(KEY, NULL, put);
    struct cw_contact *contact;
    unsigned done = 0;

    (void)state;
    assert_null(cw_roster_find(roster, ROMEO, JULIET));
    contact = cw_roster_get(roster, ROMEO, JULIET);
    assert_ptr_equal(cw_roster_get(roster, ROMEO, JULIET), contact);
    assert_null(cw_roster_find(roster, JULIET, ROMEO));
    contact->invited = true;
    contact->sip_watches = CW_GRANT_ASKED;
    cw_roster_save(roster, contact, 77, on_done, &done);
    assert_int_equal(done, 1);
    cw_assert_bytes(written.local, ROMEO);
    cw_assert_bytes(written.remote, JULIET);
    assert_true(written.invited);
    assert_int_equal(written.sip_watches, CW_GRANT_ASKED);
    assert_int_equal(written.changed_s, 77);
    cw_roster_release(roster, contact);
    assert_int_equal(cw_roster_count(roster), 1); /* an invitation is worth keeping */
    contact->invited = false;
    contact->sip_watches = CW_GRANT_NONE;
    cw_roster_release(roster, contact);
    assert_int_equal(cw_roster_count(roster), 0);
    cw_roster_free(&roster);
}

/* PARTNERS section 3: the facts that the rules ask for. */
static void knows_the_facts(void **state)
{
    static const struct {
        struct cw_relation relation;
        unsigned facts;
    } CASES[] = {
        {{.xmpp_watches = CW_GRANT_GRANTED}, CW_FACT_GRANTED},
        {{.xmpp_watches = CW_GRANT_ASKED}, 0},
        {{.sip_watches = CW_GRANT_GRANTED}, 0},
        {{.invited = true}, CW_FACT_INVITED},
        {{.blocked = true}, CW_FACT_BLOCKED},
        {{.invited = true, .blocked = true, .xmpp_watches = CW_GRANT_GRANTED},
         CW_FACT_INVITED | CW_FACT_BLOCKED | CW_FACT_GRANTED},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_roster *roster = cw_roster_new(KEY, NULL, put);
        struct cw_relation stored = CASES[i].relation;

        stored.local = ROMEO;
        stored.remote = JULIET;
        cw_roster_load(&stored, roster);
        assert_int_equal(cw_roster_facts(roster, ROMEO, JULIET), CASES[i].facts);
        assert_int_equal(cw_roster_facts(roster, JULIET, ROMEO), 0);
        cw_roster_free(&roster);
    }
}

static void holds_many(void **state)
{
    struct cw_roster *roster = cw_roster_new(KEY, NULL, put);
    char local[] = "sip:u0000@contoso.example";
    size_t cursor = 0;
    size_t seen = 0;

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        struct cw_contact *contact;

        for (unsigned digit = 0, n = i; digit < 4; digit++, n /= 10) {
            local[8 - digit] = (char)('0' + n % 10);
        }
        contact = cw_roster_get(roster, (struct cw_bytes){local, sizeof(local) - 1}, JULIET);
        contact->blocked = i % 2 == 0;
        if (i % 2 != 0) {
            cw_roster_release(roster, contact);
        }
    }
    assert_int_equal(cw_roster_count(roster), 2500);
    while (cw_roster_next(roster, &cursor) != NULL) {
        seen++;
    }
    assert_int_equal(seen, 2500);
    assert_non_null(cw_roster_find(roster, CW_LIT("sip:u0042@contoso.example"), JULIET));
    assert_null(cw_roster_find(roster, CW_LIT("sip:u0043@contoso.example"), JULIET));
    cw_roster_free(&roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_and_writes),
        cmocka_unit_test(knows_the_facts),
        cmocka_unit_test(holds_many),
    };

    return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
