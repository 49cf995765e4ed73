/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/wire.h>

static const uint8_t DATA[] = {0x12, 0x34, 0x00, 0x03, 'a', 'b', 'c', 0xFF};

static void reads_numbers_and_runs(void **state)
{
    struct cw_wire wire = cw_wire_over(DATA, sizeof(DATA));

    (void)state;
    assert_int_equal(cw_wire_number(&wire, 2), 0x1234);
    cw_assert_bytes(cw_wire_run(&wire, 2), CW_LIT("abc"));
    assert_int_equal(cw_wire_end(&wire), CW_ERR_MALFORMED); /* one octet is left */
    assert_int_equal(cw_wire_number(&wire, 1), 0xFF);
    assert_int_equal(cw_wire_end(&wire), CW_OK);
}

static void stays_broken_once_it_is(void **state)
{
    struct cw_wire wire = cw_wire_over(DATA, sizeof(DATA));
    struct cw_bytes run;

    (void)state;
    assert_int_equal(cw_wire_number(&wire, 8), UINT64_C(0x12340003616263FF));
    assert_int_equal(cw_wire_number(&wire, 1), 0);
    wire = cw_wire_over(DATA, 7);
    assert_int_equal(cw_wire_number(&wire, 8), 0);
    assert_int_equal(cw_wire_number(&wire, 1), 0);
    assert_int_equal(cw_wire_end(&wire), CW_ERR_MALFORMED);
    wire = cw_wire_over(DATA, sizeof(DATA));
    run = cw_wire_run(&wire, 1); /* says 0x12 octets */
    assert_null(run.base);
    assert_int_equal(run.len, 0);
    assert_int_equal(cw_wire_end(&wire), CW_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers_and_runs),
        cmocka_unit_test(stays_broken_once_it_is),
    };

    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
