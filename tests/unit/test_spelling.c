/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "spelling.h"

#include <stdio.h>

static const uint64_t KEY[2] = {7, 8};

/* ADDR-8 */
static void keeps_what_was_seen_last(void **state)
{
    struct cw_spelling *spelling = cw_spelling_new(KEY);
    const struct cw_bytes key = CW_LIT("sip:tomasz@corp.example");

    (void)state;
    cw_assert_bytes(cw_spelling_of(spelling, key), key);
    cw_spelling_learn(spelling, key, CW_LIT("sip:Tomasz@corp.example"));
    cw_assert_bytes(cw_spelling_of(spelling, key), CW_LIT("sip:Tomasz@corp.example"));
    cw_spelling_learn(spelling, key, CW_LIT("sip:TOMASZ@corp.example"));
    cw_assert_bytes(cw_spelling_of(spelling, key), CW_LIT("sip:TOMASZ@corp.example"));
    assert_int_equal(cw_spelling_count(spelling), 1);
    cw_spelling_learn(spelling, key, key); /* costs nothing */
    cw_assert_bytes(cw_spelling_of(spelling, key), key);
    assert_int_equal(cw_spelling_count(spelling), 0);
    cw_spelling_free(&spelling);
    assert_null(spelling);
}

static void is_bounded(void **state)
{
    struct cw_spelling *spelling = cw_spelling_new(KEY);
    char key[64];
    char spelled[64];

    (void)state;
    for (unsigned i = 0; i < CW_SPELLING_MAX + 10; i++) {
        const int len = snprintf(key, sizeof(key), "sip:u%u@corp.example", i);

        (void)snprintf(spelled, sizeof(spelled), "sip:U%u@corp.example", i);
        cw_spelling_learn(spelling, (struct cw_bytes){key, (size_t)len},
                          (struct cw_bytes){spelled, (size_t)len});
    }
    assert_int_equal(cw_spelling_count(spelling), CW_SPELLING_MAX);
    cw_assert_bytes(cw_spelling_of(spelling, CW_LIT("sip:u5@corp.example")),
                    CW_LIT("sip:U5@corp.example"));
    cw_spelling_free(&spelling);
    cw_spelling_free(&spelling); /* nothing to free */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_was_seen_last),
        cmocka_unit_test(is_bounded),
    };

    return cmocka_run_group_tests_name("spelling", tests, NULL, NULL);
}
