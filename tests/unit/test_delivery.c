/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "delivery.h"

#define A CW_LIT("a@x.example")
#define B CW_LIT("b@y.example")
#define C CW_LIT("c@y.example")

static const uint64_t KEY[2] = {1, 2};

/* MSG-29, MSG-30: one of a pair on its way, in order; another pair does not wait. */
static void one_at_a_time(void **state)
{
    struct cw_delivery *delivery = cw_delivery_new(KEY, 10);
    struct cw_parcel parcels[4] = {0};

    (void)state;
    assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[0], 100), CW_OK);
    assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[1], 101), CW_OK);
    assert_int_equal(cw_delivery_put(delivery, A, C, &parcels[2], 102), CW_OK);
    assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[3], 103), CW_OK);
    assert_ptr_equal(cw_delivery_ready(delivery), &parcels[0]);
    assert_ptr_equal(cw_delivery_ready(delivery), &parcels[2]);
    assert_null(cw_delivery_ready(delivery));
    assert_true(cw_delivery_waits(delivery, A, B));
    assert_false(cw_delivery_waits(delivery, A, C)); /* it is on its way */
    assert_false(cw_delivery_waits(delivery, B, A));
    cw_delivery_done(delivery, &parcels[2]);
    assert_null(cw_delivery_ready(delivery));
    cw_delivery_done(delivery, &parcels[0]);
    assert_ptr_equal(cw_delivery_ready(delivery), &parcels[1]);
    cw_delivery_done(delivery, &parcels[1]);
    assert_ptr_equal(cw_delivery_ready(delivery), &parcels[3]);
    assert_int_equal(cw_delivery_count(delivery), 1);
    cw_delivery_done(delivery, &parcels[3]);
    assert_int_equal(cw_delivery_count(delivery), 0);
    cw_delivery_free(&delivery);
}

static void is_bounded(void **state)
{
    struct cw_delivery *delivery = cw_delivery_new(KEY, 2);
    struct cw_parcel parcels[4] = {0};

    (void)state;
    assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[0], 100), CW_OK);
    assert_ptr_equal(cw_delivery_ready(delivery), &parcels[0]);
    assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[1], 100), CW_OK);
    assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[2], 100), CW_ERR_BUSY);
    assert_int_equal(cw_delivery_put(delivery, B, A, &parcels[3], 100), CW_OK);
    while (cw_delivery_drop(delivery) != NULL) {
    }
    assert_int_equal(cw_delivery_count(delivery), 0);
    cw_delivery_free(&delivery);
}

/* DESIGN section 7: what waits ends with its time to live, what is on its way has its own end. */
static void ends_by_age(void **state)
{
    struct cw_delivery *delivery = cw_delivery_new(KEY, 10);
    struct cw_parcel parcels[3] = {0};

    (void)state;
    assert_true(cw_delivery_next_ms(delivery) == UINT64_MAX);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[i], 100 + i), CW_OK);
    }
    assert_ptr_equal(cw_delivery_ready(delivery), &parcels[0]);
    assert_int_equal(cw_delivery_next_ms(delivery), 101);
    assert_null(cw_delivery_expired(delivery, 100));
    assert_ptr_equal(cw_delivery_expired(delivery, 101), &parcels[1]);
    assert_null(cw_delivery_expired(delivery, 101));
    cw_delivery_done(delivery, &parcels[0]);
    assert_ptr_equal(cw_delivery_expired(delivery, 500), &parcels[2]);
    assert_null(cw_delivery_ready(delivery)); /* its lane was ready and is empty now */
    assert_int_equal(cw_delivery_put(delivery, A, B, &parcels[0], 600), CW_OK);
    assert_ptr_equal(cw_delivery_ready(delivery), &parcels[0]);
    cw_delivery_done(delivery, &parcels[0]);
    cw_delivery_free(&delivery);
    cw_delivery_free(&delivery);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(ends_by_age),
    };

    return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
