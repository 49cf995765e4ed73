/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "partners.h"

static const struct cw_bytes MORE[] = {{"corp.fabrikam.example", 21}, {"it.fabrikam.example", 19}};

static struct cw_partners *sample(void)
{
    const struct cw_partner list[] = {
        {.domain = CW_LIT("northwind.example"), .type = CW_PARTNER_PUBLIC_VERIFIED},
        {.domain = CW_LIT("fabrikam.example"),
         .additional = MORE,
         .additional_count = CW_COUNT(MORE),
         .type = CW_PARTNER_FEDERATED},
        {.domain = CW_LIT("wildmail.example"), .type = CW_PARTNER_PUBLIC_UNVERIFIED},
    };

    return cw_partners_new(list, CW_COUNT(list));
}

static const struct {
    const char *name;
    const char *domain;
    const char *primary; /* NULL: nobody's */
} CASES[] = {
    {"primary domain", "fabrikam.example", "fabrikam.example"},
    {"additional domain", "it.fabrikam.example", "fabrikam.example"},
    {"a subdomain is another domain", "rooms.fabrikam.example", NULL},
    {"a suffix is another domain", "evil-fabrikam.example", NULL},
    {"a prefix is another domain", "fabrikam", NULL},
    {"nothing", "", NULL},
    {"last in order", "wildmail.example", "wildmail.example"},
    {"behind the last", "zzz.example", NULL},
};

static void finds_exact_names_only(void **state)
{
    struct cw_partners *partners = sample();

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_partner *const got =
            cw_partners_find(partners, (struct cw_bytes){CASES[i].domain, strlen(CASES[i].domain)});

        cw_case(CASES[i].name);
        if (CASES[i].primary == NULL) {
            assert_null(got);
        } else {
            assert_non_null(got);
            cw_assert_bytes(got->domain,
                            ((struct cw_bytes){CASES[i].primary, strlen(CASES[i].primary)}));
        }
    }
    cw_partners_free(&partners);
    assert_null(partners);
}

static void lists_by_domain(void **state)
{
    struct cw_partners *partners = sample();

    (void)state;
    assert_int_equal(cw_partners_count(partners), 3);
    cw_assert_bytes(cw_partners_at(partners, 0)->domain, CW_LIT("fabrikam.example"));
    cw_assert_bytes(cw_partners_at(partners, 2)->domain, CW_LIT("wildmail.example"));
    cw_partners_free(&partners);
}

static void rates_follow_the_type_unless_set(void **state)
{
    const struct cw_partner federated = {.type = CW_PARTNER_FEDERATED};
    const struct cw_partner open = {.type = CW_PARTNER_PUBLIC_UNVERIFIED,
                                    .rates = {.messages_per_second = 7}};

    (void)state;
    assert_int_equal(cw_partner_rates(&federated).invites_per_minute, 600);
    assert_int_equal(cw_partner_rates(&federated).presence_per_second, 5000);
    assert_int_equal(cw_partner_rates(&open).invites_per_minute, 20);
    assert_int_equal(cw_partner_rates(&open).messages_per_second, 7);
    assert_int_equal(cw_partner_rates(&open).presence_per_second, 500);
}

static void an_empty_document_knows_nobody(void **state)
{
    struct cw_partners *partners = cw_partners_new(NULL, 0);

    (void)state;
    assert_null(cw_partners_find(partners, CW_LIT("fabrikam.example")));
    cw_partners_free(&partners);
}

static void accept_follows_the_type_unless_set(void **state)
{
    const struct cw_partner federated = {.type = CW_PARTNER_FEDERATED};
    const struct cw_partner verified = {.type = CW_PARTNER_PUBLIC_VERIFIED};
    const struct cw_partner asked = {.type = CW_PARTNER_FEDERATED, .accept = CW_ACCEPT_ASK};

    (void)state;
    assert_int_equal(cw_partner_accept(&federated), CW_ACCEPT_AUTO);
    assert_int_equal(cw_partner_accept(&verified), CW_ACCEPT_ASK);
    assert_int_equal(cw_partner_accept(&asked), CW_ACCEPT_ASK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_exact_names_only),
        cmocka_unit_test(lists_by_domain),
        cmocka_unit_test(an_empty_document_knows_nobody),
        cmocka_unit_test(rates_follow_the_type_unless_set),
        cmocka_unit_test(accept_follows_the_type_unless_set),
    };

    return cmocka_run_group_tests_name("partners", tests, NULL, NULL);
}
