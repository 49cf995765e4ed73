/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/error.h>

static void has_a_full_row_for_each_error(void **state)
{
    (void)state;
    for (unsigned err = CW_OK + 1; err <= CW_ERR_COUNT; err++) { /* one past: the bug row */
        assert_true(strlen(cw_err_text(err)) > 0);
        if (err == CW_ERR_EMPTY) { /* MSG-73: answered with yes, and nothing is sent */
            assert_int_equal(cw_err_sip_status(err), 202);
            assert_string_equal(cw_err_xmpp_condition(err), "");
            continue;
        }
        assert_true(strlen(cw_err_xmpp_condition(err)) > 0);
        assert_in_range(cw_err_sip_status(err), 300, 699);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(has_a_full_row_for_each_error)};

    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
