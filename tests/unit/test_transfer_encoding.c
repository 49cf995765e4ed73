/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "transfer_encoding.h"

#include <string.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

#define B64 "base64"
#define QP  "quoted-printable"

/* MSG-68: a part that came by mail. `out` NULL: refused as malformed. */
static const struct {
    const char *encoding, *in, *out;
} CASES[] = {
    {NULL, "a=3D", "a=3D"},
    {" ", "a", "a"},
    {"8bit", "\xC3\xA9", "\xC3\xA9"},
    {"7BIT", "a", "a"},
    {" Binary\t", "a", "a"},
    {B64, "", ""},
    {"BASE64", "QQ==", "A"},
    {B64, "QUI=", "AB"},
    {B64, "QUJD", "ABC"},
    {B64, "QUJDRA", "ABCD"},
    {B64, "QU\r\nJ D\tRA=\n=\r\n", "ABCD"},
    {B64, "+/+/", "\xFB\xFF\xBF"},
    {B64, "abyz0189", "\x69\xBC\xB3\xD3\x5F\x3D"},
    {B64, "=", ""},
    {B64, "Q", NULL},
    {B64, "QUJDR", NULL},
    {B64, "QQ===", NULL},
    {B64, "QQ==QQ==", NULL},
    {B64, "QU-D", NULL},
    {B64, "QU\xC3\xA9", NULL},
    {QP, "", ""},
    {"Quoted-Printable", "a=3Db=c3=A9", "a=b\xC3\xA9"},
    {QP, "one=\r\ntwo=\nthree", "onetwothree"},
    {QP, "one= \t\r\ntwo", "onetwo"},
    {QP, "a=", "a"},
    {QP, "a= \t", "a"},
    {QP, "a \t\r\nb \nc ", "a\r\nb\nc"},
    {QP, " a b\t c", " a b\t c"},
    {QP, "a=20\r\n=09", "a \r\n\t"},
    {QP, "a \rb", "a \rb"},
    {QP, "a\r\n\r\n", "a\r\n\r\n"},
    {QP, "=3", NULL},
    {QP, "=3G", NULL},
    {QP, "=G3", NULL},
    {QP, "==", NULL},
    {QP, "=\r", NULL},
    {QP, "=\rb", NULL},
    {QP, "= b", NULL},
    {QP, "=@0", NULL},
};

static void decodes(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_bytes got;

        print_message("  case: %zu %s\n", i, CASES[i].in);
        assert_int_equal(
            cw_transfer_decode(text(CASES[i].in), text(CASES[i].encoding), arena, &got),
            CASES[i].out != NULL ? CW_OK : CW_ERR_MALFORMED);
        if (CASES[i].out != NULL) {
            cw_assert_bytes(got, text(CASES[i].out));
        }
    }
    cw_arena_free(&arena);
}

static void refuses_what_it_does_not_know(void **state)
{
    static const char *const NAMES[] = {"x-uuencode", "base6", "base64x",
                                        "quoted",     "8 bit", "gzip"};
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_bytes got;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NAMES); i++) {
        cw_case(NAMES[i]);
        assert_int_equal(cw_transfer_decode(CW_LIT("QQ=="), text(NAMES[i]), arena, &got),
                         CW_ERR_UNSUPPORTED);
    }
    cw_arena_free(&arena);
}

static void wants_room(void **state)
{
    struct cw_arena *arena = cw_arena_new(16);
    struct cw_bytes got;

    (void)state;
    assert_int_equal(
        cw_transfer_decode(CW_LIT("more than sixteen octets"), CW_LIT(QP), arena, &got),
        CW_ERR_LIMIT);
    assert_int_equal(
        cw_transfer_decode(CW_LIT("bW9yZSB0aGFuIHNpeHRlZW4gb2N0ZXRz"), CW_LIT(B64), arena, &got),
        CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(wants_room),
    };

    return cmocka_run_group_tests_name("transfer_encoding", tests, NULL, NULL);
}
