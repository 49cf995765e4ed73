/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "multipart.h"

#include <string.h>

#define PARTS 4u

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-68. "|" between the contents of the parts. */
static const struct {
    const char *boundary, *in, *parts;
} READ[] = {
    {"b", "--b\r\n\r\none\r\n--b--", "one"},
    {"b", "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "one|two"},
    {"b", "--b\n\none\n--b\n\ntwo\n--b--\n", "one|two"},
    {"b", "preamble\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n--b\r\n", "one"},
    {"b", "--b \t\r\n\r\none\r\n--b-- \t\r\n", "one"},
    {"b", "--b\r\n\r\none\r\n\r\n--b--", "one\r\n"},
    {"b", "--b\r\n\r\n--b--", ""},
    {"b", "--b\r\n\r\n\r\n--b--", ""},
    {"b", "--b\r\n--b--", ""},
    {"b", "--b\r\nContent-Type: a/b\r\n--b--", ""},
    {"b", "--b\r\n\r\na--b\r\n --b\r\n--bb\r\n--b-\r\n--b-x\r\n-b\r\n--\r\n--b--",
     "a--b\r\n --b\r\n--bb\r\n--b-\r\n--b-x\r\n-b\r\n--"},
    {"b", "--b\r\n\r\n--b-- x\r\n--B\r\n--b--", "--b-- x\r\n--B"},
    {"a b", "--a b\r\n\r\none\r\n--a b--", "one"},
    {"--", "----\r\n\r\none\r\n------", "one"},
    {"b", "--b\r\n\r\none\rtwo\r\r\n--b--", "one\rtwo\r"},
};

static void assert_parts(const struct cw_part *parts, size_t count, const char *want)
{
    char got[256] = "";

    for (size_t i = 0; i < count; i++) {
        strcat(got, i == 0 ? "" : "|");
        strncat(got, parts[i].content.len == 0 ? "" : parts[i].content.base, parts[i].content.len);
    }
    assert_string_equal(got, want);
}

static void reads_parts(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_part parts[PARTS];
        size_t count = 0;

        print_message("  case: %zu %s\n", i, READ[i].in);
        assert_int_equal(cw_multipart_read(text(READ[i].in), text(READ[i].boundary), arena, parts,
                                           PARTS, &count),
                         CW_OK);
        assert_parts(parts, count, READ[i].parts);
    }
    cw_arena_free(&arena);
}

static void reads_headers_of_parts(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_part parts[PARTS];
    size_t count;

    (void)state;
    assert_int_equal(
        cw_multipart_read(CW_LIT("--b\r\nContent-Type: text/html;\r\n charset=utf-8\r\n"
                                 "Content-Language: pl\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--"),
                          CW_LIT("b"), arena, parts, PARTS, &count),
        CW_OK);
    assert_int_equal(count, 2);
    cw_assert_bytes(parts[0].headers.type, CW_LIT("text/html; charset=utf-8"));
    cw_assert_bytes(parts[0].headers.language, CW_LIT("pl"));
    assert_null(parts[1].headers.type.base);
    cw_arena_free(&arena);
}

#define SEVENTY "1234567890123456789012345678901234567890123456789012345678901234567890"
#define PART    "--b\r\n\r\nx\r\n"

static const struct {
    const char *boundary, *in;
    enum cw_err err;
} REFUSED[] = {
    {NULL, "--\r\n\r\none\r\n----", CW_ERR_MALFORMED},
    {"", "--\r\n\r\none\r\n----", CW_ERR_MALFORMED},
    {SEVENTY "1", "--" SEVENTY "1\r\n\r\none\r\n--" SEVENTY "1--", CW_ERR_MALFORMED},
    {"b", NULL, CW_ERR_MALFORMED},
    {"b", "", CW_ERR_MALFORMED},
    {"b", "text", CW_ERR_MALFORMED},
    {"b", "--b--", CW_ERR_MALFORMED},
    {"b", "--b", CW_ERR_MALFORMED},
    {"b", "--b\r\n", CW_ERR_MALFORMED},
    {"b", "--b\r\n\r\none", CW_ERR_MALFORMED},
    {"b", "--b\r\n\r\none\r\n", CW_ERR_MALFORMED},
    {"b", "--b\r\n\r\none\r\n--b", CW_ERR_MALFORMED},
    {"b", "--b\r\n\r\none--b--", CW_ERR_MALFORMED},
    {"b", "--b\r\nno header\r\n\r\none\r\n--b--", CW_ERR_MALFORMED},
    {"b", PART PART PART PART "--b--", CW_OK},
    {"b", PART PART PART PART PART "--b--", CW_ERR_LIMIT},
    {SEVENTY, "--" SEVENTY "\r\n\r\none\r\n--" SEVENTY "--", CW_OK},
};

static void refuses(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(REFUSED); i++) {
        struct cw_part parts[PARTS];
        size_t count;

        print_message("  case: %zu\n", i);
        assert_int_equal(cw_multipart_read(text(REFUSED[i].in), text(REFUSED[i].boundary), arena,
                                           parts, PARTS, &count),
                         REFUSED[i].err);
    }
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_parts),
        cmocka_unit_test(reads_headers_of_parts),
        cmocka_unit_test(refuses),
    };

    return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
