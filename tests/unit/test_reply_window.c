/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "reply_window.h"

#include <stdio.h>

#define ROMEO  CW_LIT("sip:romeo@contoso.example")
#define TYBALT CW_LIT("sip:tybalt@contoso.example")
#define JULIET CW_LIT("juliet@fabrikam.example")
#define NURSE  CW_LIT("nurse@fabrikam.example")
#define MINUTE UINT64_C(60000)

static const uint64_t KEY[2] = {1, 2};

/* PARTNERS section 3: only for whom he wrote to, and only for so long. */
static void opens_for_one_pair_and_a_while(void **state)
{
    struct cw_reply_window *window = cw_reply_window_new(KEY);

    (void)state;
    assert_false(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, 1000));
    cw_reply_window_open(window, ROMEO, JULIET, 1000);
    assert_true(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, 1000));
    assert_true(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, 1000 + MINUTE - 1));
    assert_false(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, 1000 + MINUTE));
    assert_false(cw_reply_window_is_open(window, ROMEO, JULIET, 0, 1000));
    assert_false(cw_reply_window_is_open(window, TYBALT, JULIET, MINUTE, 1000));
    assert_false(cw_reply_window_is_open(window, ROMEO, NURSE, MINUTE, 1000));
    assert_false(cw_reply_window_is_open(window, (struct cw_bytes){0}, JULIET, MINUTE, 1000));
    cw_reply_window_free(&window);
    cw_reply_window_free(&window);
}

static void opens_again_with_each_message(void **state)
{
    struct cw_reply_window *window = cw_reply_window_new(KEY);

    (void)state;
    cw_reply_window_open(window, ROMEO, JULIET, 0);
    cw_reply_window_open(window, ROMEO, JULIET, MINUTE);
    assert_int_equal(cw_reply_window_count(window), 1);
    assert_true(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, 2 * MINUTE - 1));
    assert_true(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, MINUTE / 2)); /* waited */
    assert_false(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, 2 * MINUTE));
    cw_reply_window_free(&window);
}

static void closes_when_he_is_removed(void **state)
{
    struct cw_reply_window *window = cw_reply_window_new(KEY);

    (void)state;
    cw_reply_window_open(window, ROMEO, JULIET, 0);
    cw_reply_window_open(window, ROMEO, NURSE, 0);
    cw_reply_window_close(window, ROMEO, JULIET);
    cw_reply_window_close(window, ROMEO, JULIET);
    cw_reply_window_close(window, ROMEO, (struct cw_bytes){0});
    assert_false(cw_reply_window_is_open(window, ROMEO, JULIET, MINUTE, 1));
    assert_true(cw_reply_window_is_open(window, ROMEO, NURSE, MINUTE, 1));
    cw_reply_window_free(&window);
}

/* SEC-14: bounded in number and in time; what is forgotten is refused. */
static void forgets_the_oldest(void **state)
{
    struct cw_reply_window *window = cw_reply_window_new(KEY);
    char remote[40];

    (void)state;
    for (unsigned i = 0; i <= CW_REPLY_WINDOW_MAX; i++) {
        const int len = snprintf(remote, sizeof(remote), "u%u@fabrikam.example", i);

        cw_reply_window_open(window, ROMEO, (struct cw_bytes){remote, (size_t)len}, i);
    }
    assert_int_equal(cw_reply_window_count(window), CW_REPLY_WINDOW_MAX);
    assert_false(
        cw_reply_window_is_open(window, ROMEO, CW_LIT("u0@fabrikam.example"), MINUTE, 20000));
    assert_true(
        cw_reply_window_is_open(window, ROMEO, CW_LIT("u1@fabrikam.example"), MINUTE, 20000));
    cw_reply_window_open(window, ROMEO, JULIET, 30000 + CW_REPLY_WINDOW_MAX_MS);
    assert_int_equal(cw_reply_window_count(window), 1);
    cw_reply_window_free(&window);
}

static void takes_no_address_that_is_too_long(void **state)
{
    static char text[8192];
    struct cw_reply_window *window = cw_reply_window_new(KEY);
    const struct cw_bytes remote = {text, sizeof(text)};

    (void)state;
    memset(text, 'a', sizeof(text));
    cw_reply_window_open(window, ROMEO, remote, 0);
    assert_int_equal(cw_reply_window_count(window), 0);
    assert_false(cw_reply_window_is_open(window, ROMEO, remote, MINUTE, 0));
    cw_reply_window_free(&window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_for_one_pair_and_a_while),
        cmocka_unit_test(opens_again_with_each_message),
        cmocka_unit_test(closes_when_he_is_removed),
        cmocka_unit_test(forgets_the_oldest),
        cmocka_unit_test(takes_no_address_that_is_too_long),
    };

    return cmocka_run_group_tests_name("reply_window", tests, NULL, NULL);
}
