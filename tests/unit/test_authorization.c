/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "authorization.h"

/* SUB-20, SUB-24, SUB-26, SUB-43, SUB-27, SUB-32 */
static void grants_and_ends(void **state)
{
    static const struct {
        enum cw_auth_event event;
        enum cw_auth_state next;
        unsigned effects;
    } STORY[] = {
        {CW_AUTH_SUBSCRIBE, CW_AUTH_ASKED, CW_AUTH_WANT_DIALOG},
        {CW_AUTH_PENDING, CW_AUTH_ASKED, 0},
        {CW_AUTH_ACTIVE, CW_AUTH_GRANTED, CW_AUTH_TELL_SUBSCRIBED | CW_AUTH_TELL_PRESENCE},
        {CW_AUTH_LOST, CW_AUTH_GRANTED, CW_AUTH_START_GRACE},
        {CW_AUTH_ACTIVE, CW_AUTH_GRANTED, CW_AUTH_TELL_PRESENCE},
        {CW_AUTH_UNSUBSCRIBE, CW_AUTH_NONE,
         CW_AUTH_CLOSE_DIALOG | CW_AUTH_TELL_UNAVAILABLE | CW_AUTH_TELL_UNSUBSCRIBED},
    };
    enum cw_auth_state now = CW_AUTH_NONE;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STORY); i++) {
        const struct cw_auth_step step = cw_auth_step(now, STORY[i].event);

        assert_true(step.expected);
        assert_int_equal(step.next, STORY[i].next);
        assert_int_equal(step.effects, STORY[i].effects);
        now = step.next;
    }
}

static void never_loses_an_answer(void **state)
{
    (void)state;
    for (unsigned s = 0; s < CW_AUTH_STATES; s++) {
        for (unsigned e = 0; e < CW_AUTH_EVENTS; e++) {
            const struct cw_auth_step step = cw_auth_step(s, e);
            const bool left = s != CW_AUTH_NONE && step.next == CW_AUTH_NONE;

            /* whoever asked is always told that it is over, but for two: nobody is there, or too
             * many are (SEC-6) */
            if (left && e != CW_AUTH_BROKEN && e != CW_AUTH_CROWDED_OUT) {
                assert_true((step.effects & CW_AUTH_TELL_UNSUBSCRIBED) != 0);
            }
            if (!step.expected) {
                assert_int_equal(step.next, s);
                assert_int_equal(step.effects, 0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_and_ends),
        cmocka_unit_test(never_loses_an_answer),
    };

    return cmocka_run_group_tests_name("authorization", tests, NULL, NULL);
}
