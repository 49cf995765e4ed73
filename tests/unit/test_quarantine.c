/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "quarantine.h"

#include <stdio.h>

#define SPAMMER CW_LIT("spam@fabrikam.example")
#define DOMAIN  CW_LIT("fabrikam.example")
#define MINUTE  60000u
#define HOUR    3600000u

static const uint64_t KEY[2] = {3, 4};

/* How many of `refusals` it takes until it begins; 0: it does not. */
static unsigned blame(struct cw_quarantine *q, enum cw_quarantine_scope scope, struct cw_bytes who,
                      unsigned refusals, uint64_t now_ms, struct cw_quarantine_row *row)
{
    for (unsigned n = 1; n <= refusals; n++) {
        if (cw_quarantine_blame(q, scope, who, now_ms, row)) {
            return n;
        }
    }
    return 0;
}

/* SEC-6 */
static void takes_many_refusals_in_a_minute(void **state)
{
    static const struct {
        const char *name;
        enum cw_quarantine_scope scope;
        struct {
            uint64_t at_ms;
            unsigned refusals;
        } parts[3];
        bool begins;
    } CASES[] = {
        {"a user, too few", CW_QUARANTINE_USER, {{1000, 49}}, false},
        {"a user, enough", CW_QUARANTINE_USER, {{1000, 50}}, true},
        {"a user, within the minute", CW_QUARANTINE_USER, {{1000, 30}, {60999, 20}}, true},
        {"a user, a minute later", CW_QUARANTINE_USER, {{1000, 49}, {61000, 49}}, false},
        {"a user, slowly", CW_QUARANTINE_USER, {{1000, 40}, {61000, 40}, {121000, 40}}, false},
        {"a partner, too few", CW_QUARANTINE_PARTNER, {{1000, 499}}, false},
        {"a partner, enough", CW_QUARANTINE_PARTNER, {{1000, 250}, {2000, 250}}, true},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_quarantine *q = cw_quarantine_new(KEY);
        struct cw_quarantine_row row;
        unsigned begins = 0;

        cw_case(CASES[i].name);
        for (size_t p = 0; p < CW_COUNT(CASES[i].parts); p++) {
            begins += blame(q, CASES[i].scope, SPAMMER, CASES[i].parts[p].refusals,
                            CASES[i].parts[p].at_ms, &row) != 0;
        }
        assert_int_equal(begins, CASES[i].begins ? 1 : 0);
        assert_int_equal(cw_quarantine_count(q, CASES[i].scope), begins);
        cw_quarantine_free(&q);
        assert_null(q);
    }
}

/* 10 minutes, then twice as long each time, a day at most; a day of peace, and it begins anew. */
static void doubles(void **state)
{
    static const uint64_t LENGTHS_MS[] = {10 * MINUTE,  20 * MINUTE,  40 * MINUTE,  80 * MINUTE,
                                          160 * MINUTE, 320 * MINUTE, 640 * MINUTE, 1280 * MINUTE,
                                          24 * HOUR,    24 * HOUR};
    struct cw_quarantine *q = cw_quarantine_new(KEY);
    struct cw_quarantine_row row = {0};
    uint64_t now_ms = 5000;

    (void)state;
    assert_int_equal(cw_quarantine_next_ms(q), UINT64_MAX);
    for (size_t i = 0; i < CW_COUNT(LENGTHS_MS); i++) {
        assert_int_equal(blame(q, CW_QUARANTINE_USER, SPAMMER, 50, now_ms, &row), 50);
        assert_int_equal(row.times, i + 1);
        assert_int_equal(row.until_ms - row.since_ms, LENGTHS_MS[i]);
        assert_true(cw_quarantine_holds(q, SPAMMER, row.until_ms - 1));
        assert_int_equal(blame(q, CW_QUARANTINE_USER, SPAMMER, 100, now_ms, &row), 0);
        assert_false(cw_quarantine_end(q, row.until_ms - 1, &row));
        now_ms = cw_quarantine_next_ms(q);
        assert_false(cw_quarantine_holds(q, SPAMMER, now_ms));
        assert_true(cw_quarantine_end(q, now_ms, &row));
        cw_assert_bytes(row.who, SPAMMER);
        assert_false(cw_quarantine_end(q, now_ms, &row)); /* once */
        now_ms += HOUR;
    }
    now_ms += 24 * HOUR;
    assert_int_equal(blame(q, CW_QUARANTINE_USER, SPAMMER, 50, now_ms, &row), 50);
    assert_int_equal(row.times, 1);
    cw_quarantine_free(&q);
}

static void count_rows(const struct cw_quarantine_row *row, void *user)
{
    (void)row;
    ++*(size_t *)user;
}

static void is_let_out_by_hand(void **state)
{
    struct cw_quarantine *q = cw_quarantine_new(KEY);
    struct cw_quarantine_row row;
    size_t rows = 0;

    (void)state;
    assert_false(cw_quarantine_release(q, SPAMMER, 1000));
    (void)blame(q, CW_QUARANTINE_USER, SPAMMER, 50, 1000, &row);
    (void)blame(q, CW_QUARANTINE_PARTNER, DOMAIN, 500, 1000, &row);
    cw_quarantine_visit(q, count_rows, &rows);
    assert_int_equal(rows, 2);
    assert_true(cw_quarantine_release(q, SPAMMER, 2000));
    assert_false(cw_quarantine_holds(q, SPAMMER, 2000));
    assert_true(cw_quarantine_holds(q, DOMAIN, 2000));
    assert_int_equal(cw_quarantine_count(q, CW_QUARANTINE_USER), 0);
    assert_int_equal(cw_quarantine_count(q, CW_QUARANTINE_PARTNER), 1);
    (void)blame(q, CW_QUARANTINE_USER, SPAMMER, 50, 3000, &row);
    assert_int_equal(row.times, 1); /* whom the operator lets out has a clean record */
    cw_quarantine_free(&q);
}

static void tells_once_a_minute(void **state)
{
    static const struct {
        uint64_t at_ms;
        bool tells;
    } STEPS[] = {{1000, true},  {1001, false},  {60999, false},
                 {61000, true}, {61001, false}, {121000, true}};
    struct cw_quarantine *q = cw_quarantine_new(KEY);
    struct cw_quarantine_row row;

    (void)state;
    assert_false(cw_quarantine_may_tell(q, SPAMMER, 1000));
    (void)blame(q, CW_QUARANTINE_USER, SPAMMER, 50, 1000, &row);
    for (size_t i = 0; i < CW_COUNT(STEPS); i++) {
        assert_int_equal(cw_quarantine_may_tell(q, SPAMMER, STEPS[i].at_ms), STEPS[i].tells);
    }
    cw_quarantine_free(&q);
}

/* Nobody drives out a partner, or fills the memory, with names that he invents. */
static void is_bounded(void **state)
{
    struct cw_quarantine *q = cw_quarantine_new(KEY);
    struct cw_quarantine_row row;
    char name[32];
    size_t rows = 0;

    (void)state;
    (void)blame(q, CW_QUARANTINE_PARTNER, DOMAIN, 500, 1000, &row);
    for (unsigned n = 0; n < 3 * CW_QUARANTINE_MAX; n++) {
        const int len = snprintf(name, sizeof(name), "u%u@fabrikam.example", n);

        assert_int_equal(
            blame(q, CW_QUARANTINE_USER, (struct cw_bytes){name, (size_t)len}, 50, 2000 + n, &row),
            50);
    }
    cw_quarantine_visit(q, count_rows, &rows);
    assert_int_equal(rows, CW_QUARANTINE_MAX);
    assert_int_equal(cw_quarantine_count(q, CW_QUARANTINE_USER), CW_QUARANTINE_MAX - 1);
    assert_true(cw_quarantine_holds(q, DOMAIN, 10000));
    assert_true(cw_quarantine_holds(q, CW_LIT("u3071@fabrikam.example"), 10000)); /* the last */
    assert_false(cw_quarantine_holds(q, CW_LIT("u0@fabrikam.example"), 10000));
    cw_quarantine_free(&q);
}

/* 100,000 who were refused once each do not make one of them look worse than he is. */
static void mixes_nobody_up(void **state)
{
    struct cw_quarantine *q = cw_quarantine_new(KEY);
    struct cw_quarantine_row row;
    char name[32];

    (void)state;
    for (unsigned n = 0; n < 100000; n++) {
        const int len = snprintf(name, sizeof(name), "u%u@fabrikam.example", n);

        assert_false(cw_quarantine_blame(
            q, CW_QUARANTINE_USER, (struct cw_bytes){name, (size_t)len}, 1000 + n / 10, &row));
    }
    cw_quarantine_free(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_many_refusals_in_a_minute),
        cmocka_unit_test(doubles),
        cmocka_unit_test(is_let_out_by_hand),
        cmocka_unit_test(tells_once_a_minute),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(mixes_nobody_up),
    };

    return cmocka_run_group_tests_name("quarantine", tests, NULL, NULL);
}
