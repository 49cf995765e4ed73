/* SPDX-License-Identifier: Apache-2.0 */
#include "credit.h"
#include "cw_test.h"

#include <stdio.h>

static struct cw_bytes numbered(char *room, size_t size, unsigned number)
{
    const int len = snprintf(room, size, "p%u.example", number);

    return (struct cw_bytes){room, (size_t)len};
}

/* One pass of wake-up calls. */
static unsigned woken_by(struct cw_credit *credit, bool room)
{
    struct cw_bytes partner;
    size_t index = 0;
    unsigned count = 0;

    while (cw_credit_wake(credit, room, &index, &partner)) {
        cw_assert_bytes(partner, CW_LIT("slow.example"));
        count++;
    }
    return count;
}

static void limits_each_partner_alone(void **state)
{
    struct cw_credit *credit = cw_credit_new();
    uint16_t slow;
    uint16_t other;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(cw_credit_take(credit, CW_LIT("slow.example"), 4, &slow), CW_OK);
    }
    assert_int_equal(cw_credit_take(credit, CW_LIT("slow.example"), 4, &slow), CW_ERR_BUSY);
    assert_int_equal(cw_credit_take(credit, CW_LIT("other.example"), 4, &other), CW_OK);
    assert_int_not_equal(slow, other);
    assert_int_equal(woken_by(credit, true), 0);
    cw_credit_give(credit, slow, 2);
    assert_int_equal(woken_by(credit, true), 1);
    assert_int_equal(woken_by(credit, true), 0); /* once */
    assert_int_equal(cw_credit_used(credit, CW_LIT("slow.example")), 2);
    cw_credit_free(&credit);
}

/* Presence is refused at a lower limit than a message, and woken by it. */
static void wakes_at_the_limit_that_refused(void **state)
{
    struct cw_credit *credit = cw_credit_new();
    uint16_t slot;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(cw_credit_take(credit, CW_LIT("slow.example"), 4, &slot), CW_OK);
    }
    assert_int_equal(cw_credit_take(credit, CW_LIT("slow.example"), 3, &slot), CW_ERR_BUSY);
    cw_credit_give(credit, slot, 1);
    assert_int_equal(woken_by(credit, true), 0); /* 3 under way */
    cw_credit_give(credit, slot, 1);
    assert_int_equal(woken_by(credit, true), 1);
    cw_credit_free(&credit);
}

/* Who must wait again inside a pass is not called again in it: a pass ends. */
static void ends_a_pass_in_which_all_wait_again(void **state)
{
    struct cw_credit *credit = cw_credit_new();
    struct cw_bytes partner;
    size_t index = 0;
    unsigned count = 0;

    (void)state;
    cw_credit_wait(credit, CW_LIT("slow.example"));
    assert_int_equal(woken_by(credit, false), 0); /* no room yet */
    while (cw_credit_wake(credit, true, &index, &partner)) {
        cw_credit_wait(credit, CW_LIT("slow.example"));
        count++;
        assert_int_equal(count, 1);
    }
    assert_int_equal(woken_by(credit, true), 1);
    assert_int_equal(woken_by(credit, true), 0);
    assert_int_equal(cw_credit_find(credit, CW_LIT("slow.example")), CW_CREDIT_NO_SLOT);
    cw_credit_free(&credit);
}

/* Credit that comes before the fate, or too much of it, does no harm. */
static void bears_any_amount_of_credit(void **state)
{
    struct cw_credit *credit = cw_credit_new();
    uint16_t first;
    uint16_t second;

    (void)state;
    assert_int_equal(cw_credit_take(credit, CW_LIT("a.example"), 9, &first), CW_OK);
    cw_credit_give(credit, first, UINT32_MAX);
    assert_int_equal(cw_credit_used(credit, CW_LIT("a.example")), 0);
    assert_int_equal(cw_credit_take(credit, CW_LIT("b.example"), 9, &second), CW_OK);
    assert_int_not_equal(first, second); /* a.example's stanza still names its slot */
    cw_credit_restart(credit);
    assert_int_equal(cw_credit_used(credit, CW_LIT("a.example")), 1);
    cw_credit_give(credit, first, 1);
    cw_credit_release(credit, first);
    assert_int_equal(cw_credit_find(credit, CW_LIT("a.example")), CW_CREDIT_NO_SLOT);
    cw_credit_free(&credit);
}

static void pays_what_it_owes_in_one_frame(void **state)
{
    struct cw_credit *credit = cw_credit_new();
    struct cw_frame_credit paid;
    uint16_t slot;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(cw_credit_hold(credit, CW_LIT("a.example"), &slot), CW_OK);
        cw_credit_owe(credit, slot);
    }
    for (unsigned i = 0; i < 3; i++) {
        cw_credit_release(credit, slot);
    }
    assert_true(cw_credit_pay(credit, &paid));
    cw_assert_bytes(paid.partner, CW_LIT("a.example"));
    assert_int_equal(paid.count, 3);
    assert_false(cw_credit_pay(credit, &paid));
    assert_int_equal(cw_credit_find(credit, CW_LIT("a.example")), CW_CREDIT_NO_SLOT);
    cw_credit_free(&credit);
}

static void bounds_the_table_and_uses_it_again(void **state)
{
    struct cw_credit *credit = cw_credit_new();
    char name[32];
    uint16_t slots[CW_CREDIT_MAX_PARTNERS];
    uint16_t slot;

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < CW_CREDIT_MAX_PARTNERS; i++) {
            assert_int_equal(
                cw_credit_hold(credit, numbered(name, sizeof(name), i + round * 10000), &slots[i]),
                CW_OK);
        }
        assert_int_equal(cw_credit_hold(credit, CW_LIT("one-more.example"), &slot), CW_ERR_LIMIT);
        assert_int_equal(cw_credit_take(credit, CW_LIT("one-more.example"), 9, &slot), CW_ERR_BUSY);
        for (unsigned i = 0; i < CW_CREDIT_MAX_PARTNERS; i++) {
            assert_int_equal(
                cw_credit_find(credit, numbered(name, sizeof(name), i + round * 10000)), slots[i]);
            cw_credit_release(credit, slots[i]);
        }
    }
    cw_credit_free(&credit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_each_partner_alone),
        cmocka_unit_test(wakes_at_the_limit_that_refused),
        cmocka_unit_test(ends_a_pass_in_which_all_wait_again),
        cmocka_unit_test(bears_any_amount_of_credit),
        cmocka_unit_test(pays_what_it_owes_in_one_frame),
        cmocka_unit_test(bounds_the_table_and_uses_it_again),
    };

    return cmocka_run_group_tests_name("credit", tests, NULL, NULL);
}
