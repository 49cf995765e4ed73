/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "media_type.h"

#include <stdio.h>

#define ARENA_LIMIT 8192u

static struct cw_bytes bytes(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-65, MSG-68: the value, then the parameter p; NULL: there is none. */
static const struct {
    const char *text, *value, *parameter;
} READ[] = {
    {"text/plain", "text/plain", NULL},
    {"  Text/PLAIN\t", "Text/PLAIN", NULL},
    {"text/plain;p=utf-8", "text/plain", "utf-8"},
    {"text/plain ; P = utf-8 ", "text/plain", "utf-8"},
    {"a/b;x=1;p=\"quoted; p=2 \\\"so\\\\\";y", "a/b", "quoted; p=2 \"so\\"},
    {"a/b;x=\"p=1\";p=2", "a/b", "2"},
    {"a/b;p=", "a/b", ""},
    {"a/b;p=\"\"", "a/b", ""},
    {"a/b;p", "a/b", NULL},
    {"a/b;", "a/b", NULL},
    {"a/b; ;;p=1;", "a/b", "1"},
    {"a/b;p=x=y", "a/b", "x=y"},
    {"a/b;p=\\;x=1", "a/b", "\\"},
};

static void reads_values_and_parameters(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READ); i++) {
        struct cw_media_type type;
        struct cw_bytes parameter;

        cw_case(READ[i].text);
        assert_int_equal(cw_media_type_read(bytes(READ[i].text), arena, &type), CW_OK);
        cw_assert_bytes(type.value, bytes(READ[i].value));
        parameter = cw_media_type_parameter(&type, "p");
        assert_int_equal(parameter.base != NULL, READ[i].parameter != NULL);
        if (READ[i].parameter != NULL) {
            cw_assert_bytes(parameter, bytes(READ[i].parameter));
        }
    }
    cw_arena_free(&arena);
}

static const struct {
    const char *name, *text;
} MALFORMED[] = {
    {"nothing", ""},
    {"blanks", " "},
    {"no value", ";p=1"},
    {"open quote in the value", "\"a/b;p=1"},
    {"open quote", "a/b;p=\"1"},
    {"open quote by an escape", "a/b;p=\"1\\\""},
    {"something behind the quotes", "a/b;p=\"1\"2"},
    {"something before the quotes", "a/b;p=1\"2\""},
    {"two quoted texts", "a/b;p=\"1\"2\"3\""},
    {"parameter without name", "a/b;=1"},
    {"a name twice", "a/b;p=1;P=2"},
};

static void refuses_what_can_be_read_in_two_ways(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(MALFORMED); i++) {
        struct cw_media_type type;

        cw_case(MALFORMED[i].name);
        assert_int_equal(cw_media_type_read(bytes(MALFORMED[i].text), arena, &type),
                         CW_ERR_MALFORMED);
    }
    cw_arena_free(&arena);
}

static void compares_whatever_the_case(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_media_type type;

    (void)state;
    assert_int_equal(cw_media_type_read(bytes("Multipart/Mixed"), arena, &type), CW_OK);
    assert_true(cw_media_type_is(&type, "multipart/mixed"));
    assert_false(cw_media_type_is(&type, "multipart/mix"));
    assert_true(cw_media_type_begins(&type, "multipart/"));
    assert_false(cw_media_type_begins(&type, "text/"));
    assert_false(cw_media_type_begins(&type, "multipart/mixed"));
    assert_null(cw_media_type_parameter(&type, "p").base);
    cw_arena_free(&arena);
}

static void stops_at_its_limits(void **state)
{
    struct cw_arena *arena = cw_arena_new(8);
    struct cw_media_type type;
    char text[512] = "a/b";
    size_t len = 3;

    (void)state;
    for (unsigned i = 0; i < CW_MEDIA_PARAMETERS_MAX; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, ";p%u=%u", i, i);
    }
    assert_int_equal(cw_media_type_read(bytes(text), arena, &type), CW_OK);
    assert_int_equal(type.parameter_count, CW_MEDIA_PARAMETERS_MAX);
    cw_assert_bytes(cw_media_type_parameter(&type, "p15"), CW_LIT("15"));
    (void)snprintf(text + len, sizeof(text) - len, ";q=1");
    assert_int_equal(cw_media_type_read(bytes(text), arena, &type), CW_ERR_LIMIT);
    assert_int_equal(cw_media_type_read(bytes("a/b;p=\"more than eight\""), arena, &type),
                     CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values_and_parameters),
        cmocka_unit_test(refuses_what_can_be_read_in_two_ways),
        cmocka_unit_test(compares_whatever_the_case),
        cmocka_unit_test(stops_at_its_limits),
    };

    return cmocka_run_group_tests_name("media_type", tests, NULL, NULL);
}
