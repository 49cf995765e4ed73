/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "recursion.h"

#include <stdio.h>

/* MSG-33 */
static void tries_each_target_once(void **state)
{
    struct cw_recursion *recursion = NULL;

    (void)state;
    assert_null(cw_recursion_next(NULL).base);
    assert_null(cw_recursion_first(NULL).base);
    cw_recursion_add(&recursion, CW_LIT("sip:a@corp.example"));
    cw_recursion_add(&recursion, CW_LIT("sip:b@corp.example"));
    cw_recursion_add(&recursion, CW_LIT("sip:a@corp.example"));
    cw_recursion_add(&recursion, CW_LIT(""));
    cw_assert_bytes(cw_recursion_next(recursion), CW_LIT("sip:a@corp.example"));
    cw_recursion_add(&recursion, CW_LIT("sip:a@corp.example")); /* tried already: a loop */
    cw_assert_bytes(cw_recursion_next(recursion), CW_LIT("sip:b@corp.example"));
    assert_null(cw_recursion_next(recursion).base);
    cw_recursion_add(&recursion, CW_LIT("sip:c@corp.example"));
    cw_assert_bytes(cw_recursion_next(recursion), CW_LIT("sip:c@corp.example"));
    cw_assert_bytes(cw_recursion_first(recursion), CW_LIT("sip:a@corp.example"));
    cw_recursion_free(&recursion);
    assert_null(recursion);
    cw_recursion_free(&recursion);
}

static void gives_up_after_five(void **state)
{
    struct cw_recursion *recursion = NULL;
    unsigned count = 0;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        char uri[40];
        const int len = snprintf(uri, sizeof(uri), "sip:u%u@corp.example", i);

        cw_recursion_add(&recursion, (struct cw_bytes){uri, (size_t)len});
        count += cw_recursion_next(recursion).base != NULL;
    }
    assert_int_equal(count, CW_RECURSION_MAX);
    cw_recursion_free(&recursion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tries_each_target_once),
        cmocka_unit_test(gives_up_after_five),
    };

    return cmocka_run_group_tests_name("recursion", tests, NULL, NULL);
}
