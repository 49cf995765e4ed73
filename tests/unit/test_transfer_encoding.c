/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "transfer_encoding.h"

#include <stdlib.h>

static struct cw_bytes bytes(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-68; RFC 2045 section 6. `out` NULL: malformed. */
static const struct {
    const char *encoding, *in, *out;
} ROWS[] = {
    {"", "a=20b", "a=20b"},
    {"7bit", "a=20b", "a=20b"},
    {" 8BIT ", "\xFF", "\xFF"},
    {"binary", "a\r\n", "a\r\n"},
    {"base64", "", ""},
    {"base64", "YQ==", "a"},
    {"Base64", "YWI=", "ab"},
    {"base64", "YWJj", "abc"},
    {"base64", "YWJj\r\nZGVm\r\n", "abcdef"},
    {"base64", " Y W\tI = \r\n", "ab"},
    {"base64", "YWI", "ab"},
    {"base64", "+/+/", "\xFB\xFF\xBF"},
    {"base64", "09az", "\xD3\xD6\xB3"},
    {"base64", "Y", NULL},
    {"base64", "YWJjZ", NULL},
    {"base64", "YQ===", NULL},
    {"base64", "YQ==YQ==", NULL},
    {"base64", "YW-_", NULL},
    {"base64", "YW*=", NULL},
    {"quoted-printable", "", ""},
    {"Quoted-Printable", "caf=C3=a9 =3D", "caf\xC3\xA9 ="},
    {"quoted-printable", "soft=\r\n break=\n s", "soft break s"},
    {"quoted-printable", "blanks behind= \t\r\n it", "blanks behind it"},
    {"quoted-printable", "a \t\r\nb  \nc ", "a\r\nb\nc"},
    {"quoted-printable", "a =\r\nb=20\r\nc =", "a b \r\nc "},
    {"quoted-printable", "=", ""},
    {"quoted-printable", "a=4", NULL},
    {"quoted-printable", "a=4g", NULL},
    {"quoted-printable", "a=g4", NULL},
    {"quoted-printable", "a= b", NULL},
    {"quoted-printable", "a=\rb", NULL},
};

static void decodes(void **state)
{
    struct cw_arena *arena = cw_arena_new(1024);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_bytes out;
        const enum cw_err err =
            cw_transfer_decode(bytes(ROWS[i].in), bytes(ROWS[i].encoding), arena, &out);

        cw_case(ROWS[i].in);
        assert_int_equal(err, ROWS[i].out != NULL ? CW_OK : CW_ERR_MALFORMED);
        if (ROWS[i].out != NULL) {
            cw_assert_bytes(out, bytes(ROWS[i].out));
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

static void refuses_the_rest(void **state)
{
    struct cw_arena *arena = cw_arena_new(16);
    struct cw_bytes out;

    (void)state;
    assert_int_equal(cw_transfer_decode(CW_LIT("a"), CW_LIT("x-uuencode"), arena, &out),
                     CW_ERR_UNSUPPORTED);
    assert_int_equal(
        cw_transfer_decode(CW_LIT("more than sixteen octets"), CW_LIT("base64"), arena, &out),
        CW_ERR_LIMIT);
    assert_int_equal(cw_transfer_decode(CW_LIT("more than sixteen octets"),
                                        CW_LIT("quoted-printable"), arena, &out),
                     CW_ERR_LIMIT);
    assert_int_equal(cw_transfer_decode(CW_LIT("a"), (struct cw_bytes){0}, arena, &out), CW_OK);
    cw_assert_bytes(out, CW_LIT("a"));
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes),
        cmocka_unit_test(refuses_the_rest),
    };

    return cmocka_run_group_tests_name("transfer_encoding", tests, NULL, NULL);
}
