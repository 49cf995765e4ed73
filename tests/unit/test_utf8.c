/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/utf8.h>

static const struct {
    const char *name;
    struct cw_bytes text;
    bool valid;
} VALID[] = {
    {"empty", {"", 0}, true},
    {"ASCII with NUL", {"a\0b", 3}, true},
    {"two, three and four octets", {"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80", 9}, true},
    {"behind eight ASCII octets", {"12345678\xC3\xBC", 10}, true},
    {"last code point", {"\xF4\x8F\xBF\xBF", 4}, true},
    {"past the last code point", {"\xF4\x90\x80\x80", 4}, false},
    {"overlong slash, two octets", {"\xC0\xAF", 2}, false},
    {"overlong, three octets", {"\xE0\x9F\xBF", 3}, false},
    {"overlong, four octets", {"\xF0\x8F\xBF\xBF", 4}, false},
    {"surrogate", {"\xED\xA0\x80", 3}, false},
    {"before the surrogates", {"\xED\x9F\xBF", 3}, true},
    {"stray tail", {"a\x80", 2}, false},
    {"cut short", {"a\xE2\x82", 3}, false},
    {"tail missing", {"\xC3\x28", 2}, false},
    {"five octets", {"\xF8\x88\x80\x80\x80", 5}, false},
};

static void tells_valid_from_broken(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(VALID); i++) {
        cw_case(VALID[i].name);
        assert_int_equal(cw_utf8_valid(VALID[i].text), VALID[i].valid);
    }
}

static void steps_by_characters(void **state)
{
    const struct cw_bytes text = CW_LIT("a\xC3\xBC\xF0\x9F\x98\x80");
    uint32_t code_point = 0;

    (void)state;
    assert_int_equal(cw_utf8_step(text, 0, &code_point), 1);
    assert_int_equal(code_point, 'a');
    assert_int_equal(cw_utf8_step(text, 1, &code_point), 2);
    assert_int_equal(code_point, 0xFC);
    assert_int_equal(cw_utf8_step(text, 3, &code_point), 4);
    assert_int_equal(code_point, 0x1F600);
    assert_int_equal(cw_utf8_step(text, 4, &code_point), 0); /* in the middle of one */
    assert_int_equal(cw_utf8_step(text, 7, &code_point), 0); /* at the end */
}

/* MSG-61, MSG-66; vector MSG-V27. */
static const struct {
    const char *name;
    struct cw_bytes in;
    enum cw_err err;
    struct cw_bytes out;
} XML_TEXTS[] = {
    {"clean text stays", {"a\tb\nc", 5}, CW_OK, {"a\tb\nc", 5}},
    {"BEL, NUL and U+FFFE are replaced",
     {"a\x07"
      "b\x00\xEF\xBF\xBE"
      "c",
      8},
     CW_OK,
     {"a\xEF\xBF\xBD"
      "b\xEF\xBF\xBD\xEF\xBF\xBD"
      "c",
      12}},
    {"U+FFFF too", {"\xEF\xBF\xBF", 3}, CW_OK, {"\xEF\xBF\xBD", 3}},
    {"line ends", {"a\r\nb\rc\r", 7}, CW_OK, {"a\nb\nc\n", 6}},
    {"not UTF-8", {"a\xFF", 2}, CW_ERR_MALFORMED, {NULL, 0}},
};

static void makes_text_that_xml_may_carry(void **state)
{
    struct cw_arena *arena = cw_arena_new(4096);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(XML_TEXTS); i++) {
        struct cw_bytes out = {0};

        cw_case(XML_TEXTS[i].name);
        assert_int_equal(cw_utf8_xml_text(XML_TEXTS[i].in, arena, &out), XML_TEXTS[i].err);
        cw_assert_bytes(out, XML_TEXTS[i].out);
    }
    cw_arena_free(&arena);
}

/* MSG-14, SEC-16; vector MSG-V03. */
static const struct {
    const char *name;
    struct cw_bytes in;
    size_t max_len;
    enum cw_err err;
    struct cw_bytes out;
} LINES[] = {
    {"plain", {"Plan", 4}, 255, CW_OK, {"Plan", 4}},
    {"no header injection",
     {"Budget\r\nX-Injected: 1", 21},
     255,
     CW_OK,
     {"Budget X-Injected: 1", 20}},
    {"DEL, C1 and the Unicode line separator",
     {"a\x7F"
      "b\xC2\x85"
      "c\xE2\x80\xA8"
      "d",
      10},
     255,
     CW_OK,
     {"a b c d", 7}},
    {"NUL", {"a\0b", 3}, 255, CW_OK, {"a b", 3}},
    {"cut on a character border", {"ab\xC3\xBC", 4}, 3, CW_OK, {"ab", 2}},
    {"not cut when it fits", {"ab\xC3\xBC", 4}, 4, CW_OK, {"ab\xC3\xBC", 4}},
    {"not UTF-8", {"\xC3\x28", 2}, 255, CW_ERR_MALFORMED, {NULL, 0}},
};

static void makes_one_line(void **state)
{
    struct cw_arena *arena = cw_arena_new(4096);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(LINES); i++) {
        struct cw_bytes out = {0};

        cw_case(LINES[i].name);
        assert_int_equal(cw_utf8_one_line(LINES[i].in, LINES[i].max_len, arena, &out),
                         LINES[i].err);
        cw_assert_bytes(out, LINES[i].out);
    }
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_valid_from_broken),
        cmocka_unit_test(steps_by_characters),
        cmocka_unit_test(makes_text_that_xml_may_carry),
        cmocka_unit_test(makes_one_line),
    };

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
