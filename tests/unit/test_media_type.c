/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "media_type.h"

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-65, MSG-68. `name`: a parameter to look for; `want` NULL: there is none, or no value. */
static const struct {
    const char *in, *value, *name, *want;
    size_t count;
} READ[] = {
    {"text/plain", "text/plain", "charset", NULL, 0},
    {" Text/Plain\t; CharSet = UTF-8 ", "Text/Plain", "charset", "UTF-8", 1},
    {"text/plain;", "text/plain", "charset", NULL, 0},
    {"text/plain;;charset=a;", "text/plain", "charset", "a", 1},
    {"multipart/mixed;boundary=\"a;b=c\"", "multipart/mixed", "boundary", "a;b=c", 1},
    {"multipart/mixed;boundary=\"a\\\"b\\\\\"", "multipart/mixed", "boundary", "a\"b\\", 1},
    {"multipart/mixed;boundary=\"\"", "multipart/mixed", "boundary", "", 1},
    {"multipart/mixed;boundary=", "multipart/mixed", "boundary", "", 1},
    {"multipart/mixed;boundary=a=b", "multipart/mixed", "boundary", "a=b", 1},
    {"render;handling", "render", "handling", NULL, 1},
    {"a/b;x=1;y=\"2\";z=3", "a/b", "y", "2", 3},
    {"a/b;x=\\;y=2", "a/b", "y", "2", 2},
};

static void reads_values(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_media_type type;
        struct cw_bytes got;

        cw_case(READ[i].in);
        assert_int_equal(cw_media_type_read(text(READ[i].in), arena, &type), CW_OK);
        cw_assert_bytes(type.value, text(READ[i].value));
        assert_int_equal(type.parameter_count, READ[i].count);
        got = cw_media_type_parameter(&type, READ[i].name);
        assert_int_equal(got.base == NULL, READ[i].want == NULL);
        if (READ[i].want != NULL) {
            cw_assert_bytes(got, text(READ[i].want));
        }
    }
    cw_arena_free(&arena);
}

#define MANY "a/b;a=;b=;c=;d=;e=;f=;g=;h=;i=;j=;k=;l=;m=;n=;o=;p=1"

static const struct {
    const char *in;
    enum cw_err err;
} REFUSED[] = {
    {NULL, CW_ERR_MALFORMED},
    {"", CW_ERR_MALFORMED},
    {" \t", CW_ERR_MALFORMED},
    {";charset=utf-8", CW_ERR_MALFORMED},
    {"text/\"plain", CW_ERR_MALFORMED},
    {"a/b;x=\"", CW_ERR_MALFORMED},
    {"a/b;x=\"open", CW_ERR_MALFORMED},
    {"a/b;x=\"open\\\"", CW_ERR_MALFORMED},
    {"a/b;x=\"open\\", CW_ERR_MALFORMED},
    {"a/b;x=a\"b\"", CW_ERR_MALFORMED},
    {"a/b;x=\"a\"b", CW_ERR_MALFORMED},
    {"a/b;x=\"a\" \"b\"", CW_ERR_MALFORMED},
    {"a/b;x=\"a\"b\"c\"", CW_ERR_MALFORMED},
    {"a/b;=c", CW_ERR_MALFORMED},
    {"a/b;x=1;X=2", CW_ERR_MALFORMED},
    {MANY ";q=1", CW_ERR_LIMIT},
};

static void refuses(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_media_type type;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(REFUSED); i++) {
        cw_case(REFUSED[i].in == NULL ? "absent" : REFUSED[i].in);
        assert_int_equal(cw_media_type_read(text(REFUSED[i].in), arena, &type), REFUSED[i].err);
    }
    assert_int_equal(cw_media_type_read(CW_LIT(MANY), arena, &type), CW_OK);
    assert_int_equal(type.parameter_count, CW_MEDIA_PARAMETERS_MAX);
    cw_assert_bytes(cw_media_type_parameter(&type, "p"), CW_LIT("1"));
    cw_arena_free(&arena);
}

static void wants_room(void **state)
{
    struct cw_arena *arena = cw_arena_new(16);
    struct cw_media_type type;

    (void)state;
    assert_int_equal(cw_media_type_read(CW_LIT("a/b;x=\"more than sixteen octets\""), arena, &type),
                     CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

static const struct {
    const char *in, *word;
    bool is, begins;
} WORDS[] = {
    {"MULTIPART/Mixed", "multipart/mixed", true, false},
    {"MULTIPART/Mixed", "multipart/", false, true},
    {"multipart/", "multipart/", true, false},
    {"multi", "multipart/", false, false},
    {"text/plain", "multipart/", false, false},
    {"text/plain2", "text/plain", false, true},
};

static void compares_whatever_the_case(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(WORDS); i++) {
        struct cw_media_type type;

        cw_case(WORDS[i].in);
        assert_int_equal(cw_media_type_read(text(WORDS[i].in), arena, &type), CW_OK);
        assert_int_equal(cw_media_type_is(&type, WORDS[i].word), WORDS[i].is);
        assert_int_equal(cw_media_type_begins(&type, WORDS[i].word), WORDS[i].begins);
    }
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values),
        cmocka_unit_test(refuses),
        cmocka_unit_test(wants_room),
        cmocka_unit_test(compares_whatever_the_case),
    };

    return cmocka_run_group_tests_name("media_type", tests, NULL, NULL);
}
