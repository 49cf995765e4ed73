/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "quota.h"

#include <stdio.h>

#define ROMEO  CW_LIT("sip:romeo@contoso.example")
#define JULIET CW_LIT("juliet@fabrikam.example")

static const uint64_t KEY[2] = {3, 4};

static const struct cw_partner FEDERATED = {.domain = {"fabrikam.example", 16},
                                            .type = CW_PARTNER_FEDERATED};
static const struct cw_partner VERIFIED = {.domain = {"fabrikam.example", 16},
                                           .type = CW_PARTNER_PUBLIC_VERIFIED};
static const struct cw_partner UNVERIFIED = {.domain = {"northwind.example", 17},
                                             .type = CW_PARTNER_PUBLIC_UNVERIFIED};

static const struct cw_partner BUSY = {
    .domain = {"busy.example", 12},
    .type = CW_PARTNER_PUBLIC_VERIFIED,
    .rates = {.invites_per_minute = 50, .presence_per_second = 1500}};

static struct cw_bytes name_of(unsigned n, char text[32])
{
    return (struct cw_bytes){text, (size_t)snprintf(text, 32, "u%u@fabrikam.example", n)};
}

/* `remote` asks for romeo. */
static enum cw_quota_kind ask(struct cw_quota *quota, const struct cw_roster *roster,
                              const struct cw_partner *partner, enum cw_request request,
                              struct cw_bytes remote, uint64_t now_ms)
{
    return cw_quota_take(quota, roster,
                         &(struct cw_quota_ask){.partner = partner,
                                                .request = request,
                                                .local = ROMEO,
                                                .remote = remote,
                                                .anew = request == CW_REQUEST_SUBSCRIBE},
                         now_ms);
}

/* How many of `count` requests pass; `by_one`: of one sender, else each of another one. Each goes
 * to another local user. */
static unsigned pass(struct cw_quota *quota, const struct cw_roster *roster,
                     const struct cw_quota_ask *like, unsigned count, bool by_one, uint64_t now_ms)
{
    unsigned passed = 0;
    char remote[32];
    char local[32];

    for (unsigned n = 0; n < count; n++) {
        struct cw_quota_ask one = *like;

        one.remote = name_of(by_one ? 0 : n + (unsigned)(now_ms / 1000) * 10, remote);
        one.local = name_of(n + 1000000, local);
        one.anew = one.request == CW_REQUEST_SUBSCRIBE;
        passed += cw_quota_take(quota, roster, &one, now_ms) == CW_QUOTA_NONE;
    }
    return passed;
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
        enum cw_quota_kind kind;
    } CASES[] = {
        {"none", 0, true, CW_QUOTA_NONE},
        {"one too few", 499, true, CW_QUOTA_NONE},
        {"all of a user", 500, true, CW_QUOTA_AUTHORIZATIONS_USER},
        {"one too few", 19999, false, CW_QUOTA_NONE},
        {"all of a domain", 20000, false, CW_QUOTA_AUTHORIZATIONS_DOMAIN},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
        struct cw_quota *quota = cw_quota_new(KEY);
        enum cw_quota_kind kind;

        cw_case(CASES[i].name);
        grant_many(roster, CASES[i].held, CASES[i].one_user);
        kind = ask(quota, roster, &FEDERATED, CW_REQUEST_SUBSCRIBE, JULIET, 1000);
        assert_int_equal(kind, CASES[i].kind);
        cw_quota_free(&quota);
        cw_roster_free(&roster);
    }
}

/* SEC-6, CASES 54, 100, 101: what passes of 20,000 at once, by type of partner. */
static void has_rates_by_kind_and_type(void **state)
{
    static const struct {
        const char *name;
        const struct cw_partner *partner;
        enum cw_request request;
        bool by_one, invited;
        unsigned passes;
    } CASES[] = {
        {"invitations, federated", &FEDERATED, CW_REQUEST_SUBSCRIBE, false, false, 600},
        {"invitations, verified", &VERIFIED, CW_REQUEST_SUBSCRIBE, false, false, 20},
        {"invitations, unverified", &UNVERIFIED, CW_REQUEST_SUBSCRIBE, false, true, 20},
        {"invitations of one, federated", &FEDERATED, CW_REQUEST_SUBSCRIBE, true, false, 60},
        {"messages, federated", &FEDERATED, CW_REQUEST_MESSAGE, false, false, 1000},
        {"messages of one, federated", &FEDERATED, CW_REQUEST_MESSAGE, true, false, 1000},
        {"messages, verified", &VERIFIED, CW_REQUEST_MESSAGE, false, false, 100},
        {"messages of one, verified", &VERIFIED, CW_REQUEST_MESSAGE, true, false, 30},
        {"messages, unverified", &UNVERIFIED, CW_REQUEST_MESSAGE, false, true, 100},
        {"typing, federated", &FEDERATED, CW_REQUEST_TYPING, false, false, 1000},
        {"typing, verified", &VERIFIED, CW_REQUEST_TYPING, true, false, 100},
        {"presence, federated", &FEDERATED, CW_REQUEST_PRESENCE, false, false, 5000},
        {"presence, verified", &VERIFIED, CW_REQUEST_PRESENCE, false, false, 500},
        {"probes, verified", &VERIFIED, CW_REQUEST_PROBE, false, false, 500},
        {"invitations, as the record says", &BUSY, CW_REQUEST_SUBSCRIBE, false, false, 50},
        {"presence, as the record says", &BUSY, CW_REQUEST_PRESENCE, false, false, 1500},
        {"messages, of which it says nothing", &BUSY, CW_REQUEST_MESSAGE, false, false, 100},
        {"rights given up", &VERIFIED, CW_REQUEST_CANCEL, false, false, 20000},
        {"answers", &VERIFIED, CW_REQUEST_ANSWER, false, false, 20000},
    };
    struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_quota *quota = cw_quota_new(KEY);
        const struct cw_quota_ask like = {
            .partner = CASES[i].partner, .request = CASES[i].request, .invited = CASES[i].invited};

        cw_case(CASES[i].name);
        assert_int_equal(pass(quota, roster, &like, 20000, CASES[i].by_one, 1000000),
                         CASES[i].passes);
        cw_quota_free(&quota);
        assert_null(quota);
    }
    cw_roster_free(&roster);
}

/* CASE 54: not 20 in a minute of the clock, but in any 60 s. */
static void holds_invitations_in_any_minute(void **state)
{
    struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
    struct cw_quota *quota = cw_quota_new(KEY);
    const struct cw_quota_ask like = {.partner = &VERIFIED, .request = CW_REQUEST_SUBSCRIBE};
    unsigned passed[600] = {0};
    unsigned all = 0;

    (void)state;
    for (unsigned s = 0; s < 600; s++) {
        passed[s] = pass(quota, roster, &like, s % 7, false, 1000000 + s * 1000);
        all += passed[s];
    }
    for (unsigned s = 0; s + 60 <= 600; s++) {
        unsigned sum = 0;

        for (unsigned i = 0; i < 60; i++) {
            sum += passed[s + i];
        }
        assert_in_range(sum, 0, 20);
    }
    assert_in_range(all, 180, 200);
    cw_quota_free(&quota);
    cw_roster_free(&roster);
}

/* SEC-6: new requests. One user who floods uses up his own only, and no other partner's. */
static void counts_requests(void **state)
{
    struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
    struct cw_quota *quota = cw_quota_new(KEY);
    const enum cw_request subscribe = CW_REQUEST_SUBSCRIBE;
    uint64_t now_ms = 1000000;
    char text[32];

    (void)state;
    for (unsigned i = 0; i < 60; i++, now_ms += 100) {
        assert_int_equal(ask(quota, roster, &FEDERATED, subscribe, JULIET, now_ms), CW_QUOTA_NONE);
    }
    for (unsigned i = 0; i < 700; i++) { /* 7 s brought no token back: one a minute */
        assert_int_equal(ask(quota, roster, &FEDERATED, subscribe, JULIET, now_ms),
                         CW_QUOTA_SUBSCRIBE_USER);
    }
    for (unsigned i = 0; i < 540; i++) { /* the refused ones took nothing from the partner */
        assert_int_equal(ask(quota, roster, &FEDERATED, subscribe, name_of(i, text), now_ms),
                         CW_QUOTA_NONE);
    }
    assert_int_equal(ask(quota, roster, &FEDERATED, subscribe, name_of(541, text), now_ms),
                     CW_QUOTA_SUBSCRIBE_PARTNER);
    assert_int_equal(
        ask(quota, roster, &UNVERIFIED, subscribe, CW_LIT("n@northwind.example"), now_ms),
        CW_QUOTA_NONE);
    assert_int_equal(ask(quota, roster, &FEDERATED, subscribe, JULIET, now_ms + 62000),
                     CW_QUOTA_NONE);
    cw_quota_free(&quota);
    cw_roster_free(&roster);
}

/* CASE 54: many senders, one user. He may be asked 30 times an hour by public partners; whom he
 * invited himself does not count, nor do federated partners. */
static void spares_the_one_who_is_asked(void **state)
{
    struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
    struct cw_quota *quota = cw_quota_new(KEY);
    struct cw_quota_ask back = {.partner = &VERIFIED,
                                .request = CW_REQUEST_SUBSCRIBE,
                                .local = ROMEO,
                                .remote = JULIET,
                                .anew = true,
                                .invited = true};
    char text[32];
    unsigned passed = 0;

    (void)state;
    for (unsigned n = 0; n < 10000; n++) { /* 100 a minute */
        passed += ask(quota, roster, &VERIFIED, CW_REQUEST_SUBSCRIBE, name_of(n, text),
                      1000000 + n * 600) == CW_QUOTA_NONE;
    }
    assert_in_range(passed, 70, 82); /* 100 minutes: 30 at first, and one every two minutes */
    assert_int_equal(cw_quota_take(quota, roster, &back, 7000000), CW_QUOTA_NONE);
    assert_int_equal(ask(quota, roster, &FEDERATED, CW_REQUEST_SUBSCRIBE, JULIET, 7000000),
                     CW_QUOTA_NONE);
    cw_quota_free(&quota);
    cw_roster_free(&roster);
}

/* Strangers use up what strangers have. */
static void spares_the_invited(void **state)
{
    static const enum cw_request REQUESTS[] = {CW_REQUEST_MESSAGE, CW_REQUEST_TYPING,
                                               CW_REQUEST_PRESENCE, CW_REQUEST_SUBSCRIBE};
    struct cw_roster *roster = cw_roster_new(KEY, NULL, NULL);
    struct cw_quota *quota = cw_quota_new(KEY);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(REQUESTS); i++) {
        struct cw_quota_ask like = {.partner = &VERIFIED, .request = REQUESTS[i]};

        (void)pass(quota, roster, &like, 20000, false, 1000000);
        assert_int_equal(pass(quota, roster, &like, 10, false, 1000000), 0);
        like.invited = true;
        like.partner = &VERIFIED;
        like.local = ROMEO;
        like.remote = CW_LIT("friend@fabrikam.example");
        like.anew = REQUESTS[i] == CW_REQUEST_SUBSCRIBE;
        assert_int_equal(cw_quota_take(quota, roster, &like, 1000000), CW_QUOTA_NONE);
    }
    cw_quota_free(&quota);
    cw_roster_free(&roster);
}

static void labels_are_distinct(void **state)
{
    (void)state;
    for (unsigned a = 0; a < CW_QUOTA_KINDS; a++) {
        assert_non_null(cw_quota_label(a));
        for (unsigned b = 0; b < a; b++) {
            assert_string_not_equal(cw_quota_label(a), cw_quota_label(b));
        }
        assert_int_equal(cw_quota_is_own(a), strstr(cw_quota_label(a), "_user") != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_authorizations),
        cmocka_unit_test(has_rates_by_kind_and_type),
        cmocka_unit_test(holds_invitations_in_any_minute),
        cmocka_unit_test(counts_requests),
        cmocka_unit_test(spares_the_one_who_is_asked),
        cmocka_unit_test(spares_the_invited),
        cmocka_unit_test(labels_are_distinct),
    };

    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
