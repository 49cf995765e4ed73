/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "permits.h"

#define SASL     (1u << CW_METHOD_SASL_TLS)
#define DIALBACK (1u << CW_METHOD_TLS_DIALBACK)

/* What was told to have changed: the domains that went, and how many were there before. */
struct told {
    const struct cw_permits_table *table;
    char lost[256];
    unsigned before, times;
};

static void on_change(const struct cw_permits_table *before, void *user)
{
    const struct cw_permits *const old = cw_permits_table_document(before);
    struct told *const told = user;

    told->times++;
    told->before = (unsigned)old->count;
    for (size_t i = 0; i < old->count; i++) {
        const struct cw_bytes domain = old->permits[i].domain;
        const size_t len = strlen(told->lost);

        assert_ptr_equal(cw_permits_table_find(before, domain), &old->permits[i]);
        if (cw_permits_table_find(told->table, domain) == NULL) {
            memcpy(told->lost + len, domain.base, domain.len);
            memcpy(told->lost + len + domain.len, " ", 2);
        }
    }
}

static struct cw_permit permit(const char *domain, uint8_t methods)
{
    return (struct cw_permit){.domain = {domain, strlen(domain)},
                              .partner = {domain, strlen(domain)},
                              .methods = methods,
                              .tls_required = true,
                              .tls_offered = true,
                              .connection_limit = 20};
}

static enum cw_err apply(struct cw_permits_table *table, const struct cw_permit *permits,
                         size_t count, uint64_t now_ms, struct told *told)
{
    static const struct cw_bytes own[] = {{"corp.example", 12}, {"sub.corp.example", 16}};
    const struct cw_permits document = {.revision = now_ms,
                                        .own_domains = own,
                                        .own_count = 2,
                                        .permits = permits,
                                        .count = count,
                                        .connection_limit = 100,
                                        .lease_s = 60};
    struct cw_arena *arena = cw_arena_new(1024 * 1024);
    struct cw_bytes payload;
    enum cw_err err = cw_permits_write(&document, arena, &payload);

    *told = (struct told){.table = table};
    if (err == CW_OK) {
        err = cw_permits_table_apply(table, payload, now_ms, on_change, told);
    }
    cw_arena_free(&arena); /* the table has a copy */
    return err;
}

static void permits_nothing_at_first(void **state)
{
    struct cw_permits_table *table = cw_permits_table_new();
    struct told told = {.table = table};

    (void)state;
    assert_null(cw_permits_table_find(table, CW_LIT("partner.example")));
    assert_false(cw_permits_table_is_own(table, CW_LIT("corp.example")));
    assert_false(cw_permits_table_expire(table, 1000000, on_change, &told));
    cw_permits_table_free(&table);
    assert_null(table);
}

static void finds_exact_domains(void **state)
{
    struct cw_permits_table *table = cw_permits_table_new();
    const struct cw_permit permits[] = {permit("partner.example", SASL),
                                        permit("other.example", DIALBACK)};
    struct told told;

    (void)state;
    assert_int_equal(apply(table, permits, 2, 5, &told), CW_OK);
    assert_int_equal(cw_permits_table_find(table, CW_LIT("other.example"))->methods, DIALBACK);
    assert_null(cw_permits_table_find(table, CW_LIT("sub.partner.example"))); /* STREAM-8 */
    assert_null(cw_permits_table_find(table, CW_LIT("evil-partner.example")));
    assert_null(cw_permits_table_find(table, CW_LIT("")));
    assert_true(cw_permits_table_is_own(table, CW_LIT("sub.corp.example")));
    assert_false(cw_permits_table_is_own(table, CW_LIT("partner.example")));
    assert_int_equal(cw_permits_table_document(table)->revision, 5);
    assert_string_equal(told.lost, "");
    cw_permits_table_free(&table);
}

static void shows_both_documents(void **state)
{
    struct cw_permits_table *table = cw_permits_table_new();
    const struct cw_permit before[] = {permit("same.example", SASL), permit("gone.example", SASL)};
    const struct cw_permit after[] = {before[0], permit("new.example", SASL)};
    struct told told;

    (void)state;
    assert_int_equal(apply(table, before, CW_COUNT(before), 1, &told), CW_OK);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.before, 0);
    assert_int_equal(apply(table, after, CW_COUNT(after), 2, &told), CW_OK);
    assert_string_equal(told.lost, "gone.example ");
    assert_int_equal(told.before, 2);
    assert_non_null(cw_permits_table_find(table, CW_LIT("new.example")));
    assert_int_equal(apply(table, after, CW_COUNT(after), 3, &told), CW_OK);
    assert_string_equal(told.lost, "");
    cw_permits_table_free(&table);
}

static void keeps_the_old_when_the_new_is_bad(void **state)
{
    struct cw_permits_table *table = cw_permits_table_new();
    const struct cw_permit good[] = {permit("partner.example", SASL)};
    const struct cw_permit twice[] = {permit("a.example", SASL), permit("a.example", DIALBACK)};
    struct told told;

    (void)state;
    assert_int_equal(apply(table, good, 1, 1, &told), CW_OK);
    assert_int_equal(apply(table, twice, 2, 2, &told), CW_ERR_MALFORMED);
    assert_int_equal(cw_permits_table_apply(table, CW_LIT("\1\2\3"), 3, on_change, &told),
                     CW_ERR_MALFORMED);
    assert_string_equal(told.lost, "");
    assert_non_null(cw_permits_table_find(table, CW_LIT("partner.example")));
    assert_int_equal(cw_permits_table_document(table)->revision, 1);
    cw_permits_table_free(&table);
}

static void drops_all_at_the_end_of_the_lease(void **state)
{
    struct cw_permits_table *table = cw_permits_table_new();
    const struct cw_permit permits[] = {permit("a.example", SASL), permit("b.example", SASL)};
    struct told told;

    (void)state;
    assert_int_equal(apply(table, permits, 2, 1000, &told), CW_OK);
    assert_false(cw_permits_table_expire(table, 60999, on_change, &told));
    cw_permits_table_renew(table, 30000);
    assert_false(cw_permits_table_expire(table, 89999, on_change, &told));
    assert_true(cw_permits_table_expire(table, 90000, on_change, &told));
    assert_string_equal(told.lost, "a.example b.example ");
    assert_null(cw_permits_table_find(table, CW_LIT("a.example")));
    assert_false(cw_permits_table_expire(table, 200000, on_change, &told));
    cw_permits_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permits_nothing_at_first),
        cmocka_unit_test(finds_exact_domains),
        cmocka_unit_test(shows_both_documents),
        cmocka_unit_test(keeps_the_old_when_the_new_is_bad),
        cmocka_unit_test(drops_all_at_the_end_of_the_lease),
    };

    return cmocka_run_group_tests_name("permits", tests, NULL, NULL);
}
