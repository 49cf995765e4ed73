/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "charset.h"

#include <causeway/utf8.h>
#include <iconv.h>

#define ARENA_LIMIT (1u << 20)

static struct cw_bytes bytes(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

static struct cw_bytes decoded(struct cw_bytes text, const char *charset, struct cw_arena *arena)
{
    struct cw_bytes out = {0};

    assert_int_equal(cw_charset_decode(text, bytes(charset), arena, &out), CW_OK);
    return out;
}

/* What glibc makes of it; false if it refuses. */
static bool by_iconv(const char *charset, struct cw_bytes text, char *room, struct cw_bytes *out)
{
    const iconv_t convert = iconv_open("UTF-8", charset);
    char in[256];
    char *from = in;
    char *to = room;
    size_t from_left = text.len;
    size_t to_left = 1024;
    bool taken;

    assert_true(text.len <= sizeof(in));
    assert_true(convert != (iconv_t)-1);
    memcpy(in, text.base, text.len);
    taken = iconv(convert, &from, &from_left, &to, &to_left) != (size_t)-1 &&
            iconv(convert, NULL, NULL, &to, &to_left) != (size_t)-1; /* what it held back */
    (void)iconv_close(convert);
    *out = (struct cw_bytes){room, (size_t)(to - room)};
    return taken;
}

/* MSG-65: every octet of every set of single octets. */
static void agrees_with_iconv_on_every_octet(void **state)
{
    static const char *const SETS[] = {
        "ISO-8859-1",   "ISO-8859-15",  "WINDOWS-1250", "WINDOWS-1251",
        "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255",
        "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258",
    };
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(SETS); i++) {
        cw_case(SETS[i]);
        for (unsigned c = 0; c < 256; c++) {
            const char octet = (char)(unsigned char)c;
            char room[1024];
            const struct cw_bytes got = decoded((struct cw_bytes){&octet, 1}, SETS[i], arena);
            struct cw_bytes want;

            if (!by_iconv(SETS[i], (struct cw_bytes){&octet, 1}, room, &want)) {
                want = CW_LIT("\xEF\xBF\xBD");
            }
            cw_assert_bytes(got, want);
            cw_arena_reset(arena);
        }
    }
    cw_arena_free(&arena);
}

/* The same numbers on every run (Marsaglia's xorshift). */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static size_t put_unit(char *to, uint32_t unit, bool big)
{
    to[big ? 0 : 1] = (char)(unsigned char)(unit >> 8);
    to[big ? 1 : 0] = (char)(unsigned char)(unit & 0xFF);
    return 2;
}

/* Legal text: characters of the first plane, and pairs. */
static struct cw_bytes random_units(uint32_t *seed, bool big, char *room)
{
    size_t len = 0;

    while (len < 200) {
        const uint32_t unit = next_random(seed) & 0xFFFF;

        if (unit < 0xD800 || unit > 0xDFFF) {
            len += put_unit(room + len, unit, big);
        } else {
            len += put_unit(room + len, 0xD800 | (unit & 0x3FF), big);
            len += put_unit(room + len, 0xDC00 | (next_random(seed) & 0x3FF), big);
        }
    }
    return (struct cw_bytes){room, len};
}

static void agrees_with_iconv_on_random_utf_16(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    uint32_t seed = 20260302;

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        const bool big = round % 2 == 0;
        const char *const charset = big ? "UTF-16BE" : "UTF-16LE";
        char room[256];
        char other[1024];
        const struct cw_bytes text = random_units(&seed, big, room);
        struct cw_bytes want;

        assert_true(by_iconv(charset, text, other, &want));
        if (want.len >= 3 && memcmp(want.base, "\xEF\xBB\xBF", 3) != 0) {
            cw_assert_bytes(decoded(text, charset, arena), want);
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* MSG-65, MSG-V28. `out` NULL: malformed. */
static const struct {
    const char *charset;
    const char *in;
    size_t len;
    const char *out;
} ROWS[] = {
    {"iso-8859-1", "K\xFC\xF1n", 4, "K\xC3\xBC\xC3\xB1n"},
    {"", "\xC3\xBC", 2, "\xC3\xBC"},
    {"UTF-8", "\xC3\xBC", 2, "\xC3\xBC"},
    {"utf-8", "\xEF\xBB\xBFx", 4, "x"},
    {"utf-8", "x\xEF\xBB\xBF", 4, "x\xEF\xBB\xBF"},
    {"utf-8", "\xEF\xBB", 2, NULL},
    {"utf-8", "\xFC", 1, NULL},
    {"utf-8", "\xC0\x80", 2, NULL},
    {"utf-8", "\xED\xA0\x80", 3, NULL},
    {"us-ascii", "x~", 2, "x~"},
    {"us-ascii", "x\x80", 2, NULL},
    {"utf-16", "\xFF\xFEx\0", 4, "x"},
    {"utf-16", "\xFE\xFF\0x", 4, "x"},
    {"utf-16", "\0x", 2, "x"},
    {"utf-16le", "\xFF\xFEx\0", 4, "x"},
    {"utf-16be", "\xFE\xFF\0x", 4, "x"},
    {"utf-16le", "\xFE\xFF", 2, "\xEF\xBF\xBE"},
    {"utf-16", "\xFF\xFE", 2, ""},
    {"utf-16", "", 0, ""},
    {"utf-16be", "\xD8\x3D\xDE\0", 4, "\xF0\x9F\x98\x80"},
    {"utf-16be", "\xD8\x3D\0x", 4, "\xEF\xBF\xBDx"},
    {"utf-16be", "\xDE\0\xD8\x3D", 4, "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"utf-16be", "\xD8\x3D\xD8\x3D\xDE\0", 6, "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
    {"utf-16", "\0x\0", 3, NULL},
    {"utf-16", "x", 1, NULL},
    {"windows-1252", "\x80\x81", 2, "\xE2\x82\xAC\xEF\xBF\xBD"},
};

static void decodes(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_bytes out = {0};
        const enum cw_err err = cw_charset_decode((struct cw_bytes){ROWS[i].in, ROWS[i].len},
                                                  bytes(ROWS[i].charset), arena, &out);

        cw_case(ROWS[i].charset);
        assert_int_equal(err, ROWS[i].out != NULL ? CW_OK : CW_ERR_MALFORMED);
        if (ROWS[i].out != NULL) {
            cw_assert_bytes(out, bytes(ROWS[i].out));
        }
    }
    cw_arena_free(&arena);
}

/* The first name of each row is the one that the others are compared with. */
static void knows_the_names_that_iana_knows(void **state)
{
    static const char *const NAMES[][6] = {
        {"UTF-8", "csUTF8", "utf8"},
        {"US-ASCII", "iso-ir-6", "ANSI_X3.4-1968", "ISO646-US", "us", "csASCII"},
        {"ISO-8859-1", "ISO_8859-1:1987", "iso-ir-100", "latin1", "l1", "csISOLatin1"},
        {"ISO-8859-15", "ISO_8859-15", "Latin-9", "csISO885915"},
        {"windows-1250", "cswindows1250", "cp1250"},
        {"windows-1258", "cswindows1258", "cp1258"},
        {"UTF-16BE", "csUTF16BE", "UTF-16", "csUTF16"},
        {"UTF-16LE", "csUTF16LE"},
    };
    static const char *const UNKNOWN_NAMES[] = {"utf-7",  "utf-32",     "x",       "windows-1259",
                                                "utf-8 ", "iso-8859-2", "gb18030", "ebcdic-us"};
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);
    struct cw_bytes out;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NAMES); i++) {
        const struct cw_bytes want = decoded(CW_LIT("ab~1"), NAMES[i][0], arena);

        for (size_t j = 1; j < 6 && NAMES[i][j] != NULL; j++) {
            cw_case(NAMES[i][j]);
            cw_assert_bytes(decoded(CW_LIT("ab~1"), NAMES[i][j], arena), want);
        }
    }
    for (size_t i = 0; i < CW_COUNT(UNKNOWN_NAMES); i++) {
        cw_case(UNKNOWN_NAMES[i]);
        assert_int_equal(cw_charset_decode(CW_LIT("ab"), bytes(UNKNOWN_NAMES[i]), arena, &out),
                         CW_ERR_UNSUPPORTED);
    }
    cw_arena_free(&arena);
}

static void stops_where_the_arena_ends(void **state)
{
    struct cw_arena *arena = cw_arena_new(4);
    struct cw_bytes out;

    (void)state;
    assert_int_equal(cw_charset_decode(CW_LIT("abcd"), CW_LIT("l1"), arena, &out), CW_ERR_LIMIT);
    assert_int_equal(cw_charset_decode(CW_LIT("abcd"), CW_LIT("utf-16"), arena, &out),
                     CW_ERR_LIMIT);
    assert_int_equal(cw_charset_decode(CW_LIT("abcd"), CW_LIT("utf-8"), arena, &out), CW_OK);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_iconv_on_every_octet),
        cmocka_unit_test(agrees_with_iconv_on_random_utf_16),
        cmocka_unit_test(decodes),
        cmocka_unit_test(knows_the_names_that_iana_knows),
        cmocka_unit_test(stops_where_the_arena_ends),
    };

    return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
