/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "knocks.h"

#include <stdio.h>

static const uint64_t KEY[2] = {3, 4};

struct rows {
    size_t count;
    uint64_t knocks;
    struct cw_knock_row first;
    char domain[CW_KNOCKS_DOMAIN_MAX + 1];
    char all[16384]; /* domains, a space after each */
};

static void visit(const struct cw_knock_row *row, void *user)
{
    struct rows *const rows = user;

    if (rows->count++ == 0) {
        rows->first = *row;
        (void)snprintf(rows->domain, sizeof(rows->domain), CW_FMT, CW_ARG(row->domain));
    }
    rows->knocks += row->from_xmpp + row->from_sip;
    (void)snprintf(rows->all + strlen(rows->all), sizeof(rows->all) - strlen(rows->all), CW_FMT " ",
                   CW_ARG(row->domain));
}

static struct rows rows_of(const struct cw_knocks *knocks)
{
    struct rows rows = {0};

    cw_knocks_visit(knocks, visit, &rows);
    return rows;
}

static bool knock(struct cw_knocks *knocks, const char *domain, enum cw_reason reason,
                  int64_t wall_s)
{
    return cw_knocks_note(knocks, &(struct cw_knock){.reason = reason,
                                                     .direction = CW_FROM_XMPP,
                                                     .domain = {domain, strlen(domain)},
                                                     .wall_s = wall_s});
}

static void sums_up(void **state)
{
    struct cw_knocks *knocks = cw_knocks_new(KEY);
    struct rows rows;

    (void)state;
    assert_true(knock(knocks, "a.example", CW_REASON_UNLISTED, 100));
    assert_false(knock(knocks, "a.example", CW_REASON_UNLISTED, 160));
    assert_false(cw_knocks_note(knocks, &(struct cw_knock){.reason = CW_REASON_UNLISTED,
                                                           .direction = CW_FROM_SIP,
                                                           .count = 40,
                                                           .domain = CW_LIT("a.example"),
                                                           .peer = CW_LIT("192.0.2.1:4711"),
                                                           .wall_s = 200}));
    assert_true(knock(knocks, "a.example", CW_REASON_PARTNER_DISABLED, 300)); /* another matter */
    rows = rows_of(knocks);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.first.from_xmpp, 2);
    assert_int_equal(rows.first.from_sip, 40);
    assert_int_equal(rows.first.first_s, 100);
    assert_int_equal(rows.first.last_s, 200);
    assert_int_equal(rows.first.reason, CW_REASON_UNLISTED);
    assert_int_equal(rows.first.peer.len, 14);
    cw_knocks_free(&knocks);
    assert_null(knocks);
}

/* Users are told apart, not named, and not beyond a bound. */
static void counts_users(void **state)
{
    struct cw_knocks *knocks = cw_knocks_new(KEY);
    char local[32];

    (void)state;
    for (unsigned n = 0; n < 100; n++) {
        const int len = snprintf(local, sizeof(local), "sip:u%u@contoso.example", n % 3);

        (void)cw_knocks_note(knocks, &(struct cw_knock){.domain = CW_LIT("a.example"),
                                                        .local = {local, (size_t)len}});
    }
    (void)cw_knocks_note(knocks, &(struct cw_knock){.domain = CW_LIT("a.example")});
    assert_int_equal(rows_of(knocks).first.local_users, 3);
    for (unsigned n = 0; n < 100; n++) {
        const int len = snprintf(local, sizeof(local), "sip:u%u@contoso.example", n);

        (void)cw_knocks_note(knocks, &(struct cw_knock){.domain = CW_LIT("a.example"),
                                                        .local = {local, (size_t)len}});
    }
    assert_int_equal(rows_of(knocks).first.local_users, CW_KNOCKS_USERS_MAX);
    cw_knocks_free(&knocks);
}

/* CASE 60: 100,000 names are 256 rows; who knocks often stays, and who has long been silent goes.
 */
static void is_bounded(void **state)
{
    struct cw_knocks *knocks = cw_knocks_new(KEY);
    char domain[32];
    struct rows rows;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        (void)knock(knocks, "often.example", CW_REASON_UNLISTED, 1000);
        (void)knock(knocks, "once-often.example", CW_REASON_UNLISTED, 1000);
    }
    for (unsigned n = 0; n < 100000; n++) {
        (void)snprintf(domain, sizeof(domain), "d%u.example", n);
        assert_true(knock(knocks, domain, CW_REASON_UNLISTED, 2000 + n / 1000));
    }
    rows = rows_of(knocks);
    assert_int_equal(rows.count, CW_KNOCKS_MAX);
    assert_int_equal(cw_knocks_count(knocks), CW_KNOCKS_MAX);
    assert_non_null(strstr(rows.all, "often.example "));
    assert_non_null(strstr(rows.all, "once-often.example "));
    assert_non_null(strstr(rows.all, "d99999.example "));
    assert_null(strstr(rows.all, "d500.example "));
    (void)knock(knocks, "often.example", CW_REASON_UNLISTED, 1000000);
    for (unsigned n = 0; n < CW_KNOCKS_MAX; n++) { /* a week later */
        (void)snprintf(domain, sizeof(domain), "e%u.example", n);
        (void)knock(knocks, domain, CW_REASON_UNLISTED, 1000001);
    }
    rows = rows_of(knocks);
    assert_string_equal(rows.domain, "often.example"); /* the most knocks come first */
    assert_null(strstr(rows.all, "once-often.example "));
    cw_knocks_free(&knocks);
}

/* Whatever a domain is made of, it neither breaks a terminal nor a table. */
static void cleans_what_is_foreign(void **state)
{
    static char longest[5000];
    static const struct {
        const char *name, *domain, *shown;
    } CASES[] = {
        {"plain", "a.example", "a.example"},
        {"an escape", "a\033[2Jb", "a?[2Jb"},
        {"a line break", "a\nb", "a?b"},
        {"a blank", "a b", "a?b"},
        {"not ASCII", "\xc3\xa9.example", "??.example"},
        {"nothing", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_knocks *knocks = cw_knocks_new(KEY);

        cw_case(CASES[i].name);
        (void)knock(knocks, CASES[i].domain, CW_REASON_UNLISTED, 1);
        assert_false(knock(knocks, CASES[i].shown, CW_REASON_UNLISTED, 2)); /* one row */
        assert_string_equal(rows_of(knocks).domain, CASES[i].shown);
        cw_knocks_free(&knocks);
    }
    struct cw_knocks *knocks = cw_knocks_new(KEY);

    memset(longest, 'a', sizeof(longest) - 1);
    (void)cw_knocks_note(knocks, &(struct cw_knock){.domain = {longest, sizeof(longest) - 1},
                                                    .peer = {longest, sizeof(longest) - 1}});
    assert_int_equal(rows_of(knocks).first.domain.len, CW_KNOCKS_DOMAIN_MAX);
    assert_int_equal(rows_of(knocks).first.peer.len, CW_KNOCKS_PEER_MAX);
    cw_knocks_free(&knocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_up),
        cmocka_unit_test(counts_users),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(cleans_what_is_foreign),
    };

    return cmocka_run_group_tests_name("knocks", tests, NULL, NULL);
}
