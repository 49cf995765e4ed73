/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "ability.h"

#define ROMEO CW_LIT("sip:romeo@contoso.example")
#define HOUR  UINT64_C(3600000)

/* RCPT-1, CT-7, MSG-40: what an Accept says. */
static void reads_accept(void **state)
{
    static const struct {
        const char *accept;
        enum cw_able cpim, typing;
    } ROWS[] = {
        {"", CW_ABLE_UNKNOWN, CW_ABLE_UNKNOWN},
        {"text/plain", CW_ABLE_NO, CW_ABLE_NO},
        {"text/plain, message/cpim", CW_ABLE_YES, CW_ABLE_NO},
        {"Message/CPIM;q=0.5,application/im-iscomposing+xml", CW_ABLE_YES, CW_ABLE_YES},
        {"application/im-iscomposing+xml ; charset=utf-8", CW_ABLE_NO, CW_ABLE_YES},
        {"message/*", CW_ABLE_YES, CW_ABLE_NO},
        {"application/*, text/plain", CW_ABLE_NO, CW_ABLE_YES},
        {" */* ", CW_ABLE_YES, CW_ABLE_YES},
        {"message/cpim2, application/im-iscomposing", CW_ABLE_NO, CW_ABLE_NO},
        {",,", CW_ABLE_NO, CW_ABLE_NO},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_ability *ability = cw_ability_new((const uint64_t[2]){1, 2});

        cw_case(ROWS[i].accept);
        cw_ability_learn_accept(ability, ROMEO,
                                (struct cw_bytes){ROWS[i].accept, strlen(ROWS[i].accept)}, 1000);
        assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_CPIM, 1001), ROWS[i].cpim);
        assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_TYPING, 1001), ROWS[i].typing);
        cw_ability_free(&ability);
        assert_null(ability);
    }
}

/* CT-7: for a day, each user and each kind alone; the latest counts. */
static void remembers_for_a_day(void **state)
{
    struct cw_ability *ability = cw_ability_new((const uint64_t[2]){1, 2});

    (void)state;
    cw_ability_learn(ability, ROMEO, CW_ABILITY_TYPING, false, HOUR);
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_TYPING, HOUR), CW_ABLE_NO);
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_CPIM, HOUR), CW_ABLE_UNKNOWN);
    assert_int_equal(
        cw_ability_of(ability, CW_LIT("sip:tybalt@contoso.example"), CW_ABILITY_TYPING, HOUR),
        CW_ABLE_UNKNOWN);
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_TYPING, 25 * HOUR - 1), CW_ABLE_NO);
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_TYPING, 25 * HOUR), CW_ABLE_UNKNOWN);
    cw_ability_learn(ability, ROMEO, CW_ABILITY_TYPING, false, 25 * HOUR);
    cw_ability_learn(ability, ROMEO, CW_ABILITY_CPIM, true, 26 * HOUR); /* makes neither younger */
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_TYPING, 49 * HOUR), CW_ABLE_UNKNOWN);
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_CPIM, 49 * HOUR), CW_ABLE_YES);
    cw_ability_learn(ability, ROMEO, CW_ABILITY_CPIM, false, 27 * HOUR);
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_CPIM, 27 * HOUR), CW_ABLE_NO);
    cw_ability_learn_accept(ability, ROMEO, CW_LIT("message/cpim"), 28 * HOUR);
    assert_int_equal(cw_ability_of(ability, ROMEO, CW_ABILITY_CPIM, 28 * HOUR), CW_ABLE_YES);
    cw_ability_free(&ability);
    cw_ability_free(&ability);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_accept),
        cmocka_unit_test(remembers_for_a_day),
    };

    return cmocka_run_group_tests_name("ability", tests, NULL, NULL);
}
