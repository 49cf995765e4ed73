/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "language_tag.h"

/* MSG-19, MSG-60. NULL: none. */
static const struct {
    const char *list;
    const char *tag;
} CASES[] = {
    {"pl", "pl"},
    {"de-AT", "de-AT"},
    {" en , fr", "en"},
    {"zh-Hant-TW", "zh-Hant-TW"},
    {"en-1997", "en-1997"},
    {"", NULL},
    {" ", NULL},
    {",en", NULL},
    {"e n", NULL},
    {"en\r\nX: 1", NULL},
    {"-en", NULL},
    {"en-", NULL},
    {"en--x", NULL},
    {"abcdefghi", NULL},
    {"e1", NULL},
    {"\xC3\xBC", NULL},
    {"*", NULL},
};

static void takes_the_first_tag(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_bytes tag =
            cw_language_tag((struct cw_bytes){CASES[i].list, strlen(CASES[i].list)});

        cw_case(CASES[i].list);
        assert_int_equal(tag.base == NULL, CASES[i].tag == NULL);
        if (CASES[i].tag != NULL) {
            cw_assert_bytes(tag, ((struct cw_bytes){CASES[i].tag, strlen(CASES[i].tag)}));
        }
    }
    assert_null(cw_language_tag((struct cw_bytes){0}).base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_the_first_tag)};

    return cmocka_run_group_tests_name("language_tag", tests, NULL, NULL);
}
