/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "datetime.h"

static struct cw_bytes text(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

#define BROKEN (-1)

static const struct {
    const char *text;
    int64_t unix_ms;
} RFC_3339[] =
    {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-03-02T09:00:00Z", INT64_C(1772442000000)},
        {"2026-03-02T09:00:00.5Z", INT64_C(1772442000500)},
        {"2026-03-02T09:00:00.123456Z", INT64_C(1772442000123)},
        {"2026-03-02T10:00:00+01:00", INT64_C(1772442000000)},
        {"2026-03-02T05:30:00-03:30", INT64_C(1772442000000)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799000)},
        {"2026-02-29T00:00:00Z", BROKEN},
        {"2100-02-29T00:00:00Z", BROKEN},
        {"1969-12-31T23:59:59Z", BROKEN},
        {"1970-01-01T00:00:00+00:01", BROKEN},
        {"9999-12-31T23:59:59-00:01", BROKEN},
        {"2026-13-01T00:00:00Z", BROKEN},
        {"2026-00-01T00:00:00Z", BROKEN},
        {"2026-01-32T00:00:00Z", BROKEN},
        {"2026-01-01T24:00:00Z", BROKEN},
        {"2026-01-01T00:60:00Z", BROKEN},
        {"2026-01-01T00:00:61Z", BROKEN},
        {"2026-01-01T00:00:00", BROKEN},
        {"2026-01-01T00:00:00.Z", BROKEN},
        {"2026-01-01T00:00:00+24:00", BROKEN},
        {"2026-01-01 00:00:00Z", BROKEN},
        {"2026-01-01T00:00:00Zx", BROKEN},
        {"20260302T09:00:00", BROKEN},
        {"", BROKEN},
},
  RFC_1123[] = {
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"Mon, 02 Mar 2026 09:00:00 GMT", INT64_C(1772442000000)},
      {"Thu, 29 Feb 2024 00:00:00 GMT", INT64_C(1709164800000)},
      {"Mon, 02 Mar 2026 09:00:00 UTC", BROKEN},
      {"Mon, 2 Mar 2026 09:00:00 GMT", BROKEN},
      {"Xyz, 02 Mar 2026 09:00:00 GMT", BROKEN},
      {"Mon, 02 Abc 2026 09:00:00 GMT", BROKEN},
      {"Mon, 02 Mar 2026 09:00:00 GMT ", BROKEN},
      {"Mo", BROKEN},
      {"", BROKEN},
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(RFC_3339); i++) {
        int64_t ms = BROKEN;

        cw_case(RFC_3339[i].text);
        assert_int_equal(cw_datetime_read_3339(text(RFC_3339[i].text), &ms),
                         RFC_3339[i].unix_ms == BROKEN ? CW_ERR_MALFORMED : CW_OK);
        assert_int_equal(ms, RFC_3339[i].unix_ms);
    }
    for (size_t i = 0; i < CW_COUNT(RFC_1123); i++) {
        int64_t ms = BROKEN;

        cw_case(RFC_1123[i].text);
        assert_int_equal(cw_datetime_read_1123(text(RFC_1123[i].text), &ms),
                         RFC_1123[i].unix_ms == BROKEN ? CW_ERR_MALFORMED : CW_OK);
        assert_int_equal(ms, RFC_1123[i].unix_ms);
    }
}

/* Steps of 41 days and some over 8,000 years: each comes back, both ways. */
static void writes_what_it_reads(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (int64_t ms = 0; ms < INT64_C(253402300800000); ms += INT64_C(3579545000)) {
        struct cw_bytes printed;
        int64_t back;

        assert_int_equal(cw_datetime_write_3339(ms, arena, &printed), CW_OK);
        assert_int_equal(cw_datetime_read_3339(printed, &back), CW_OK);
        assert_true(back == ms);
        assert_int_equal(cw_datetime_write_1123(ms, arena, &printed), CW_OK);
        assert_int_equal(cw_datetime_read_1123(printed, &back), CW_OK);
        assert_true(back == ms);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

static void writes_the_weekday(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_bytes printed;

    (void)state;
    assert_int_equal(cw_datetime_write_1123(INT64_C(1772442000000), arena, &printed), CW_OK);
    cw_assert_bytes(printed, CW_LIT("Mon, 02 Mar 2026 09:00:00 GMT"));
    assert_int_equal(cw_datetime_write_3339(-5, arena, &printed), CW_OK);
    cw_assert_bytes(printed, CW_LIT("1970-01-01T00:00:00Z"));
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writes_the_weekday),
    };

    return cmocka_run_group_tests_name("datetime", tests, NULL, NULL);
}
