/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/content.h>
#include <string.h>

static struct cw_bytes text(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

#define TEXT(literal, tag)                                                                         \
    {                                                                                              \
        {literal, sizeof(literal) - 1},                                                            \
        {                                                                                          \
            tag, sizeof(tag) - 1                                                                   \
        }                                                                                          \
    }

static const struct cw_text LANGUAGES[] = {
    TEXT("one\ntwo\r\n", "en"),
    TEXT("--x\n", "de-AT"),
    {{"z\xC5\x82", 3}, {NULL, 0}},
    TEXT("a tag that is none", "e n"),
};

/* One a language (RFC 6121 section 5.2.3); beside such, one without would inherit a wrong one. */
static const struct cw_text READ_BACK[] = {
    TEXT("one\ntwo\n", "en"),
    TEXT("--x\n", "de-AT"),
};

/* MSG-13, MSG-20: the first one last; a reader gets them in their order. */
static void writes_languages(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_content_input in = {.type = CW_LIT("multipart/alternative;boundary=0_9'+")};
    struct cw_content back;

    (void)state;
    assert_int_equal(cw_content_write_alternative((struct cw_text_list){LANGUAGES, 2}, CW_LIT("b"),
                                                  arena, &in.bytes),
                     CW_OK);
    cw_assert_bytes(in.bytes, CW_LIT("--b\r\nContent-Type: text/plain;charset=UTF-8\r\n"
                                     "Content-Language: de-AT\r\n\r\n--x\r\n\r\n"
                                     "--b\r\nContent-Type: text/plain;charset=UTF-8\r\n"
                                     "Content-Language: en\r\n\r\none\r\ntwo\r\n\r\n--b--\r\n"));
    assert_int_equal(cw_content_write_alternative((struct cw_text_list){LANGUAGES, 4},
                                                  CW_LIT("0_9'+"), arena, &in.bytes),
                     CW_OK);
    assert_int_equal(cw_content_read(&in, arena, &back), CW_OK);
    assert_int_equal(back.bodies.count, CW_COUNT(READ_BACK));
    for (size_t i = 0; i < CW_COUNT(READ_BACK); i++) {
        cw_assert_bytes(back.bodies.items[i].text, READ_BACK[i].text);
        assert_int_equal(back.bodies.items[i].lang.len, READ_BACK[i].lang.len);
    }
    cw_arena_free(&arena);
}

#define SEVENTY "1234567890123456789012345678901234567890123456789012345678901234567890"

static const struct {
    const char *boundary, *text;
    enum cw_err err;
} BOUNDARIES[] = {
    {"b", "a", CW_OK},
    {"bb", "abab", CW_OK},
    {"bb", "ab", CW_OK},
    {"bb", "a", CW_OK},
    {"bb", "", CW_OK},
    {"bb", "abbx", CW_ERR_MALFORMED},
    {"bb", "abb", CW_ERR_MALFORMED},
    {"", "a", CW_ERR_MALFORMED},
    {"a b", "x", CW_ERR_MALFORMED},
    {"a\r\n", "x", CW_ERR_MALFORMED},
    {"a\"", "x", CW_ERR_MALFORMED},
    {"a;", "x", CW_ERR_MALFORMED},
    {"\xC3\xA9", "x", CW_ERR_MALFORMED},
    {SEVENTY, "x", CW_OK},
    {SEVENTY "1", "x", CW_ERR_MALFORMED},
};

/* MSG-20: the boundary stands in no text, and needs no quotes. */
static void wants_a_good_boundary(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_bytes out;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BOUNDARIES); i++) {
        const struct cw_text one = {text(BOUNDARIES[i].text), {0}};

        print_message("  case: %zu\n", i);
        assert_int_equal(cw_content_write_alternative((struct cw_text_list){&one, 1},
                                                      text(BOUNDARIES[i].boundary), arena, &out),
                         BOUNDARIES[i].err);
    }
    assert_int_equal(
        cw_content_write_alternative((struct cw_text_list){0}, CW_LIT("b"), arena, &out),
        CW_ERR_MALFORMED);
    cw_arena_free(&arena);
}

static void wants_room(void **state)
{
    static char long_text[300000];
    const struct cw_text one = {{long_text, sizeof(long_text)}, {0}};
    struct cw_arena *enough = cw_arena_new((size_t)4 << 20);
    struct cw_arena *small = cw_arena_new(64);
    struct cw_bytes out;

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    assert_int_equal(
        cw_content_write_alternative((struct cw_text_list){LANGUAGES, 2}, CW_LIT("b"), small, &out),
        CW_ERR_LIMIT);
    assert_int_equal(
        cw_content_write_alternative((struct cw_text_list){&one, 1}, CW_LIT("b"), enough, &out),
        CW_ERR_LIMIT);
    cw_arena_free(&enough);
    cw_arena_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_languages),
        cmocka_unit_test(wants_a_good_boundary),
        cmocka_unit_test(wants_room),
    };

    return cmocka_run_group_tests_name("content_write", tests, NULL, NULL);
}
