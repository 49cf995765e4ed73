/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "charset.h"
#include "charset_tables.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN "\xEF\xBF\xBD" /* U+FFFD */

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* What iconv makes of all of `from`; false where it finds a fault. */
static bool by_iconv(iconv_t how, struct cw_bytes from, char *to, size_t room, struct cw_bytes *out)
{
    char copy[4096];
    char *in = copy;
    char *at = to;
    size_t left = from.len;

    assert_true(from.len <= sizeof(copy));
    memcpy(copy, from.base, from.len);
    (void)iconv(how, NULL, NULL, NULL, NULL);
    if (iconv(how, &in, &left, &at, &room) == (size_t)-1 ||
        iconv(how, NULL, NULL, &at, &room) == (size_t)-1) {
        return false;
    }
    *out = (struct cw_bytes){to, (size_t)(at - to)};
    return true;
}

static const char *const SETS[] = {
    "iso-8859-1",   "iso-8859-15",  "windows-1250", "windows-1251", "windows-1252", "windows-1253",
    "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258",
};

/* MSG-65: every octet as iconv has it; what no set defines is U+FFFD. */
static void every_octet_is_as_iconv_has_it(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(SETS); i++) {
        const iconv_t how = iconv_open("UTF-8", SETS[i]);

        cw_case(SETS[i]);
        assert_true(how != (iconv_t)-1);
        for (unsigned octet = 0; octet < 256; octet++) {
            const char c = (char)octet;
            struct cw_bytes want = CW_LIT(UNKNOWN);
            struct cw_bytes got;
            char room[8];

            (void)by_iconv(how, (struct cw_bytes){&c, 1}, room, sizeof(room), &want);
            assert_int_equal(
                cw_charset_decode((struct cw_bytes){&c, 1}, text(SETS[i]), arena, &got), CW_OK);
            if (got.len != want.len || memcmp(got.base, want.base, want.len) != 0) {
                fail_msg("%s: octet 0x%02X is another one for iconv", SETS[i], octet);
            }
            cw_arena_reset(arena);
        }
        iconv_close(how);
    }
    cw_arena_free(&arena);
}

static uint32_t next_random(uint32_t *seed) /* xorshift: the same strings on every run */
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Well-formed UTF-16 of up to 40 code points, any plane. */
static size_t random_units(uint32_t *seed, bool big, char *to)
{
    const size_t count = next_random(seed) % 41;
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        static const uint32_t SPANS[] = {0x80, 0x800, 0xD800, 0x110000};
        const uint32_t c = next_random(seed) % SPANS[next_random(seed) % CW_COUNT(SPANS)];
        const uint32_t rest = c - 0x10000;
        const uint32_t units[] = {c < 0x10000 ? c : 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF)};

        if (c >= 0xD800 && c < 0xE000) {
            continue;
        }
        for (size_t u = 0; u < (c < 0x10000 ? 1u : 2u); u++) {
            to[len++] = (char)(big ? units[u] >> 8 : units[u]);
            to[len++] = (char)(big ? units[u] : units[u] >> 8);
        }
    }
    return len;
}

static void random_units_are_as_iconv_has_them(void **state)
{
    static const char *const NAMES[] = {"utf-16le", "utf-16be"};
    struct cw_arena *arena = cw_arena_new(65536);
    uint32_t seed = 6120;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        const bool big = i % 2 != 0;
        const iconv_t how = iconv_open("UTF-8", NAMES[big]);
        char units[256];
        char room[512];
        const struct cw_bytes from = {units, random_units(&seed, big, units)};
        struct cw_bytes want;
        struct cw_bytes got;

        assert_true(by_iconv(how, from, room, sizeof(room), &want));
        if (want.len >= 3 && memcmp(want.base, "\xEF\xBB\xBF", 3) == 0) {
            want.base += 3; /* a mark at the start goes, which iconv keeps for the fixed forms */
            want.len -= 3;
        }
        assert_int_equal(cw_charset_decode(from, text(NAMES[big]), arena, &got), CW_OK);
        cw_assert_bytes(got, want);
        cw_arena_reset(arena);
        iconv_close(how);
    }
    cw_arena_free(&arena);
}

#define U(literal)                                                                                 \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct {
    const char *charset;
    struct cw_bytes in;
    enum cw_err err;
    struct cw_bytes out;
} CASES[] = {
    {NULL, U("\xC3\xA9"), CW_OK, U("\xC3\xA9")},
    {"", U("a"), CW_OK, U("a")},
    {"UTF-8",
     U("\xEF\xBB\xBF"
       "a"),
     CW_OK, U("a")},
    {"utf8", U("\xEF\xBB"), CW_ERR_MALFORMED, U("")},
    {"utf-8", U("\xEF\xBB\xBF"), CW_OK, U("")},
    {"utf-8", U(""), CW_OK, U("")},
    {"utf-8", U("\xC0\xAF"), CW_ERR_MALFORMED, U("")},
    {"utf-8", U("\xED\xA0\x80"), CW_ERR_MALFORMED, U("")},
    {"utf-8", U("\xF4\x90\x80\x80"), CW_ERR_MALFORMED, U("")},
    {"utf-8", U("a\xE2\x82"), CW_ERR_MALFORMED, U("")},
    {"us-ascii", U("a\x7F"), CW_OK, U("a\x7F")},
    {"ASCII", U("a\x80"), CW_ERR_MALFORMED, U("")},
    {"ANSI_X3.4-1968", U("\xFF"), CW_ERR_MALFORMED, U("")},
    {"Latin1", U("\xE9\x80"), CW_OK, U("\xC3\xA9\xC2\x80")},
    {"ISO_8859-1", U("\xE9"), CW_OK, U("\xC3\xA9")},
    {"ISO_8859-15", U("\xA4"), CW_OK, U("\xE2\x82\xAC")},
    {"Latin-9", U("\xA4"), CW_OK, U("\xE2\x82\xAC")},
    {"CP1250", U("\xB9"), CW_OK, U("\xC4\x85")},
    {"cp1251", U("\xFF"), CW_OK, U("\xD1\x8F")},
    {"Windows-1252", U("\x80\x81"), CW_OK, U("\xE2\x82\xAC" UNKNOWN)},
    {"windows-1258", U(""), CW_OK, U("")},
    {"utf-16", U("\xFE\xFF\0a"), CW_OK, U("a")},
    {"utf-16",
     U("\xFF\xFE"
       "a\0"),
     CW_OK, U("a")},
    {"utf-16", U("\0a"), CW_OK, U("a")},
    {"utf-16", U("\xFF\xFE\xFF\xFE"), CW_OK, U("\xEF\xBB\xBF")},
    {"utf-16", U(""), CW_OK, U("")},
    {"utf-16", U("\xFE"), CW_ERR_MALFORMED, U("")},
    {"utf-16", U("\0a\0"), CW_ERR_MALFORMED, U("")},
    {"utf-16le",
     U("\xFF\xFE"
       "a\0"),
     CW_OK, U("a")},
    {"utf-16be", U("\xFE\xFF\0a"), CW_OK, U("a")},
    {"utf-16be", U("\xFF\xFE"), CW_OK, U("\xEF\xBF\xBE")},
    {"utf-16be", U("\xD8\x3D\xDE\x02"), CW_OK, U("\xF0\x9F\x98\x82")},
    {"utf-16be", U("\xD8\x3D\0a"), CW_OK, U(UNKNOWN "a")},
    {"utf-16be", U("\xD8\x3D"), CW_OK, U(UNKNOWN)},
    {"utf-16be", U("\xDE\x02\xD8\x3D"), CW_OK, U(UNKNOWN UNKNOWN)},
    {"utf-16be", U("\xD8\x3D\xD8\x3D\xDE\x02"), CW_OK, U(UNKNOWN "\xF0\x9F\x98\x82")},
    {"utf-16le", U("\xFF\xDB\xFF\xDF"), CW_OK, U("\xF4\x8F\xBF\xBF")},
    {"utf-16be", U("\xDB\xFF\xE0\0"), CW_OK, U(UNKNOWN "\xEE\x80\x80")},
    {"utf-32", U("a"), CW_ERR_UNSUPPORTED, U("")},
    {"utf-7", U("a"), CW_ERR_UNSUPPORTED, U("")},
    {"utf-", U("a"), CW_ERR_UNSUPPORTED, U("")},
    {"\xC3\xA9", U("a"), CW_ERR_UNSUPPORTED, U("")},
};

/* MSG-65: aliases, marks, surrogates, what is refused. */
static void decodes(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_bytes got = {0};

        print_message("  case: %zu %s\n", i, CASES[i].charset == NULL ? "none" : CASES[i].charset);
        assert_int_equal(cw_charset_decode(CASES[i].in, text(CASES[i].charset), arena, &got),
                         CASES[i].err);
        if (CASES[i].err == CW_OK) {
            cw_assert_bytes(got, CASES[i].out);
        }
    }
    assert_int_equal(
        cw_charset_decode((struct cw_bytes){0}, CW_LIT("utf-16"), arena, &(struct cw_bytes){0}),
        CW_OK);
    cw_arena_free(&arena);
}

/* MSG-65: an octet that tells the sets apart, under the names that IANA has for each. */
static void knows_the_names_that_iana_has(void **state)
{
    static const struct {
        const char *names[6];
        const char *in, *out;
    } rows[] = {
        {{"UTF-8", "csUTF8"}, "\xC3\xA9", "\xC3\xA9"},
        {{"US-ASCII", "iso-ir-6", "ANSI_X3.4-1986", "ISO646-US", "us", "csASCII"}, "~", "~"},
        {{"ISO-8859-1", "ISO_8859-1:1987", "iso-ir-100", "l1", "IBM819", "csISOLatin1"},
         "\xA4",
         "\xC2\xA4"},
        {{"ISO-8859-15", "Latin-9", "csISO885915"}, "\xA4", "\xE2\x82\xAC"},
        {{"windows-1250", "cswindows1250", "cp1250"}, "\xA5", "\xC4\x84"},
        {{"windows-1258", "cswindows1258", "cp1258"}, "\xFE", "\xE2\x82\xAB"},
        {{"UTF-16", "csUTF16", "UTF-16BE", "csUTF16BE"}, "\x20\xAC", "\xE2\x82\xAC"},
        {{"UTF-16LE", "csUTF16LE"}, "\xAC\x20", "\xE2\x82\xAC"},
    };
    struct cw_arena *arena = cw_arena_new(4096);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(rows); i++) {
        for (size_t j = 0; j < CW_COUNT(rows[i].names) && rows[i].names[j] != NULL; j++) {
            struct cw_bytes got;

            cw_case(rows[i].names[j]);
            assert_int_equal(
                cw_charset_decode(text(rows[i].in), text(rows[i].names[j]), arena, &got), CW_OK);
            cw_assert_bytes(got, text(rows[i].out));
        }
    }
    cw_arena_free(&arena);
}

static void wants_room(void **state)
{
    struct cw_arena *arena = cw_arena_new(16);
    struct cw_bytes got;

    (void)state;
    assert_int_equal(cw_charset_decode(CW_LIT("sixteen octets.."), CW_LIT("latin1"), arena, &got),
                     CW_ERR_LIMIT);
    assert_int_equal(cw_charset_decode(CW_LIT("sixteen octets.."), CW_LIT("utf-16"), arena, &got),
                     CW_ERR_LIMIT);
    assert_int_equal(cw_charset_decode(CW_LIT("sixteen octets.."), CW_LIT("utf-8"), arena, &got),
                     CW_OK);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octet_is_as_iconv_has_it),
        cmocka_unit_test(random_units_are_as_iconv_has_them),
        cmocka_unit_test(decodes),
        cmocka_unit_test(knows_the_names_that_iana_has),
        cmocka_unit_test(wants_room),
    };

    return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
