/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "downgrade.h"

#include <stdio.h>

static const uint64_t KEY[2] = {1, 2};

/* A domain is proven by one method after the other: when is that an alarm? */
static void tells_a_fall_once(void **state)
{
    static const struct {
        bool outgoing;
        const char *domain;
        enum cw_method method, was;
    } STEPS[] = {
        {true, "fabrikam.example", CW_METHOD_TLS_DIALBACK, CW_METHOD_NONE},
        {true, "fabrikam.example", CW_METHOD_SASL_TLS, CW_METHOD_NONE},
        {true, "fabrikam.example", CW_METHOD_TLS_DIALBACK, CW_METHOD_SASL_TLS},
        {true, "fabrikam.example", CW_METHOD_TLS_DIALBACK, CW_METHOD_NONE}, /* told already */
        {true, "fabrikam.example", CW_METHOD_TCP_DIALBACK, CW_METHOD_SASL_TLS},
        {true, "fabrikam.example", CW_METHOD_TLS_DIALBACK, CW_METHOD_NONE},
        {true, "fabrikam.example", CW_METHOD_SASL_TLS, CW_METHOD_NONE},
        {true, "fabrikam.example", CW_METHOD_TLS_DIALBACK, CW_METHOD_SASL_TLS}, /* it had risen */
        {false, "fabrikam.example", CW_METHOD_TCP_DIALBACK, CW_METHOD_NONE},
        {true, "northwind.example", CW_METHOD_TCP_DIALBACK, CW_METHOD_NONE},
        {false, "fabrikam.example", CW_METHOD_NONE, CW_METHOD_NONE},
    };
    struct cw_downgrade *memory = cw_downgrade_new(KEY);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(STEPS); i++) {
        const struct cw_bytes domain = {STEPS[i].domain, strlen(STEPS[i].domain)};

        cw_case(STEPS[i].domain);
        assert_int_equal(cw_downgrade_note(memory, STEPS[i].outgoing, domain, STEPS[i].method),
                         STEPS[i].was);
    }
    cw_downgrade_free(&memory);
    assert_null(memory);
}

static void remembers_so_many_and_no_more(void **state)
{
    struct cw_downgrade *memory = cw_downgrade_new(KEY);
    char name[64];

    (void)state;
    for (unsigned i = 0; i < CW_DOWNGRADE_MAX + 10; i++) {
        const int len = snprintf(name, sizeof(name), "p%u.example", i);
        const struct cw_bytes domain = {name, (size_t)len};
        const bool known = i < CW_DOWNGRADE_MAX;

        assert_int_equal(cw_downgrade_note(memory, true, domain, CW_METHOD_SASL_TLS),
                         CW_METHOD_NONE);
        assert_int_equal(cw_downgrade_note(memory, true, domain, CW_METHOD_TCP_DIALBACK),
                         known ? CW_METHOD_SASL_TLS : CW_METHOD_NONE);
    }
    cw_downgrade_free(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_fall_once),
        cmocka_unit_test(remembers_so_many_and_no_more),
    };

    return cmocka_run_group_tests_name("downgrade", tests, NULL, NULL);
}
