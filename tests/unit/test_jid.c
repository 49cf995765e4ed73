/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/jid.h>

#define A255  A51 A51 A51 A51 A51
#define A51   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A1020 A255 A255 A255 A255

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* Canonical form, NULL: not a JID. */
static const struct {
    const char *in;
    const char *out;
} READS[] = {
    /* ADDR-1 */
    {"mira@partner.example", "mira@partner.example"},
    {"mira@partner.example/Desk", "mira@partner.example/Desk"},
    {"partner.example", "partner.example"},
    {"mira@partner.example/x@y/z", "mira@partner.example/x@y/z"},
    {"a.own/b@c", "a.own/b@c"},
    {"a@b@c.example", NULL},
    {"@partner.example", NULL},
    {"mira@", NULL},
    {"mira@/Desk", NULL},
    {"mira@partner.example/", NULL},
    {"", NULL},
    {"/", NULL},
    /* ADDR-2; vector ADDR-V17 */
    {A1020 "aaa@partner.example", A1020 "aaa@partner.example"},
    {A1020 "aaaa@partner.example", NULL},
    {"a@b.example/" A1020 "aaa", "a@b.example/" A1020 "aaa"},
    {"a@b.example/" A1020 "aaaa", NULL},
    {"a@b.example/" A1020 "aa\xC3\xBC", NULL},
    /* ADDR-3; vectors ADDR-V02, V14, V15, V18 */
    {"MIRA@Partner.EXAMPLE/Desk", "mira@partner.example/Desk"},
    {"\xEF\xBC\xAD\xEF\xBD\x89ra@partner.example", "mira@partner.example"},
    {"Stra\xC3\x9F"
     "e@partner.example",
     "stra\xC3\x9F"
     "e@partner.example"},
    {"\xC5\xBB"
     "aneta@partner.example",
     "\xC5\xBC"
     "aneta@partner.example"},
    {"u\xCC\x88@b.example", "\xC3\xBC@b.example"}, /* NFC */
    {"a\"b@partner.example", NULL},
    {"a&b@partner.example", NULL},
    {"a'b@partner.example", NULL},
    {"a:b@partner.example", NULL},
    {"a<b@partner.example", NULL},
    {"a>b@partner.example", NULL},
    {"a b@partner.example", NULL},
    {"a\x7F"
     "b@partner.example",
     NULL},
    {"a\xEF\xBC\x86@partner.example", NULL}, /* full-width ampersand */
    {"\xE2\x85\xA0@partner.example", NULL},  /* Roman numeral one: compatibility form */
    {"a\xE2\x80\x8B@partner.example", NULL}, /* zero width space: ignorable */
    {"\xE2\x99\x9A@partner.example", NULL},  /* chess king: a symbol */
    {"a\xC2\xB7@partner.example", NULL},     /* middle dot, only between two l */
    {"l\xC2\xB7l@partner.example", "l\xC2\xB7l@partner.example"},
    {"\xD7\x90\xD7\x91@partner.example", "\xD7\x90\xD7\x91@partner.example"}, /* Hebrew */
    {"a\xD7\x90@partner.example", NULL},                                      /* Bidi rule */
    {"\xD7\x90"
     "a@partner.example",
     NULL},
    {"\xD9\xA1\xDB\xB1@partner.example", NULL}, /* two sets of Arabic digits */
    {"a\xED\xA0\x80@partner.example", NULL},    /* not UTF-8 */
    /* ADDR-4; vector ADDR-V11 */
    {"mira@partner.example.", "mira@partner.example"},
    {"mira@b\xC3\xBC"
     "cher.example",
     "mira@b\xC3\xBC"
     "cher.example"},
    {"mira@B\xC3\x9C"
     "CHER.example",
     "mira@b\xC3\xBC"
     "cher.example"},
    {"mira@XN--bcher-KVA.example", "mira@b\xC3\xBC"
                                   "cher.example"},
    {"mira@xn--a.example", NULL},
    {"mira@partner..example", NULL},
    {"mira@.example", NULL},
    {"mira@-a.example", NULL},
    {"mira@a_b.example", NULL},
    {"mira@a b.example", NULL},
    {"mira@a\xEF\xBC\xA0"
     "b.example",
     NULL}, /* full-width at sign */
    {"mira@\xC3\xBC_b.example", NULL},
    {"mira@ab--c.example", NULL},
    {"mira@" A51 "aaaaaaaaaaaaa.example", NULL}, /* a label of 64 */
    {"mira@.", NULL},
    /* ADDR-5; vector ADDR-V12 */
    {"a@b.example/B\xC3\xBCro 2;x=1", "a@b.example/B\xC3\xBCro 2;x=1"},
    {"a@b.example/ lead", "a@b.example/ lead"},
    {"a@b.example/x\xC2\xA0y", "a@b.example/x y"},
    {"a@b.example/u\xCC\x88", "a@b.example/\xC3\xBC"},
    {"a@b.example/\xE2\x85\xA0\xE2\x99\x9A", "a@b.example/\xE2\x85\xA0\xE2\x99\x9A"},
    {"a@b.example/x\ty", NULL},
    {"a@b.example/x\x7Fy", NULL},
    {"a@b.example/\xE2\x80\x8B", NULL},
};

/* Code points by class and neighbours (ADDR-3, ADDR-5: RFC 8264 section 9); true: it is its own
 * canonical form. */
static const struct {
    const char *in;
    bool valid;
} CODE_POINTS[] = {
    /* RFC 5892 section 2.6: exceptions */
    {"\xCF\x82@b.example", true},
    {"\xDB\xBD@b.example", true},
    {"\xDB\xBE@b.example", true},
    {"\xE0\xBC\x8B@b.example", true},
    {"\xE3\x80\x87@b.example", true},
    {"b.example/x\xD9\x80", false},
    {"b.example/\xDF\xBA", false},
    {"b.example/a\xE3\x80\xAE", false},
    {"b.example/a\xE3\x80\xAF", false},
    {"b.example/\xE3\x80\xB1", false},
    {"b.example/\xE3\x80\xB5", false},
    {"b.example/\xE3\x80\xBB", false},
    /* section 2.9: old Hangul */
    {"b.example/\xE1\x84\x80", false},
    {"b.example/\xEA\xA5\xA0", false},
    {"b.example/\xED\x9E\xB0", false},
    {"b.example/\xED\x9F\x8B", false},
    /* not a character, unassigned */
    {"b.example/\xEF\xB7\x90", false},
    {"b.example/\xF0\x9F\xBF\xBE", false},
    {"b.example/\xCD\xB8", false},
    /* appendix A.1: zero width non-joiner behind a virama or between joining letters */
    {"\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8C\xE0\xA4\xB7@b.example", true},
    {"\xD8\xA8\xE2\x80\x8C\xD8\xA8@b.example", true},
    {"\xD8\xA8\xE2\x80\x8C\xD8\xA7@b.example", true},
    {"\xD8\xA8\xD9\x8B\xE2\x80\x8C\xD9\x8B\xD8\xA8@b.example", true},
    {"b.example/\xD8\xA7\xE2\x80\x8C\xD8\xA8", false},
    {"b.example/\xD8\xA8\xE2\x80\x8C"
     "a",
     false},
    {"b.example/\xD8\xA8\xE2\x80\x8C", false},
    {"b.example/\xE2\x80\x8C\xD8\xA8", false},
    {"b.example/a\xE2\x80\x8C"
     "b",
     false},
    /* appendix A.2: zero width joiner behind a virama */
    {"\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D\xE0\xA4\xB7@b.example", true},
    {"b.example/a\xE2\x80\x8D"
     "b",
     false},
    {"b.example/\xE2\x80\x8D"
     "a",
     false},
    /* appendix A.3: middle dot between two l */
    {"b.example/\xC2\xB7l", false},
    {"b.example/l\xC2\xB7", false},
    {"b.example/x\xC2\xB7l", false},
    {"b.example/l\xC2\xB7x", false},
    /* appendix A.4: keraia before Greek */
    {"\xCD\xB5\xCE\xB1@b.example", true},
    {"b.example/\xCD\xB5", false},
    {"b.example/\xCD\xB5"
     "a",
     false},
    /* appendix A.5, A.6: geresh behind Hebrew */
    {"\xD7\x90\xD7\xB3@b.example", true},
    {"\xD7\x90\xD7\xB4@b.example", true},
    {"b.example/\xD7\xB3", false},
    {"b.example/a\xD7\xB4", false},
    /* appendix A.7: Katakana middle dot beside Japanese or Han */
    {"a\xE3\x83\xBB\xE3\x82\xA2@b.example", true},
    {"\xE3\x81\x82\xE3\x83\xBB"
     "a@b.example",
     true},
    {"\xE4\xB8\x80\xE3\x83\xBB@b.example", true},
    {"b.example/a\xE3\x83\xBB"
     "b",
     false},
    /* appendix A.8, A.9: one set of Arabic digits */
    {"b.example/\xD9\xA1\xD9\xA2", true},
    {"b.example/\xDB\xB1\xDB\xB2", true},
    {"b.example/\xD9\xA1\xDB\xB1", false},
    /* RFC 5893: Bidi rule */
    {"\xD7\x90\xD6\xB0@b.example", true},
    {"\xD8\xA8\xDB\xB1@b.example", true},
    {"\xD8\xA8\xD9\xA1@b.example", true},
    {"\xD8\xA8\xD9\xA1"
     "1@b.example",
     false},
    {"\xD9\xA1\xD8\xA8@b.example", false},
    {"\xD7\x90-@b.example", false},
    {"1\xD7\x90@b.example", false},
};

static void knows_code_points(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CODE_POINTS); i++) {
        struct cw_bytes out = {0};
        struct cw_jid jid;
        const enum cw_err err = cw_jid_read(text(CODE_POINTS[i].in), arena, &jid);

        cw_case(CODE_POINTS[i].in);
        assert_int_equal(err, CODE_POINTS[i].valid ? CW_OK : CW_ERR_ADDRESS);
        if (err == CW_OK) {
            assert_int_equal(cw_jid_write(&jid, arena, &out), CW_OK);
            cw_assert_bytes(out, text(CODE_POINTS[i].in));
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

static void reads_and_enforces(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(READS); i++) {
        struct cw_jid jid;
        struct cw_jid again;
        struct cw_bytes out;

        cw_case(READS[i].in);
        assert_int_equal(cw_jid_read(text(READS[i].in), arena, &jid),
                         READS[i].out == NULL ? CW_ERR_ADDRESS : CW_OK);
        if (READS[i].out != NULL) {
            assert_int_equal(cw_jid_write(&jid, arena, &out), CW_OK);
            cw_assert_bytes(out, text(READS[i].out));
            assert_int_equal(cw_jid_read(out, arena, &again), CW_OK);
            assert_true(cw_jid_equal(&jid, &again));
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

static void borrows_what_is_canonical(void **state)
{
    struct cw_arena *arena = cw_arena_new(1); /* no room for any copy */
    const struct cw_bytes in = CW_LIT("mira@partner.example/Desk");
    struct cw_jid jid;
    struct cw_jid bare;

    (void)state;
    assert_int_equal(cw_jid_read(in, arena, &jid), CW_OK);
    assert_ptr_equal(jid.local.base, in.base);
    bare = cw_jid_bare(&jid);
    assert_null(bare.resource.base);
    assert_false(cw_jid_equal(&bare, &jid));
    assert_int_equal(cw_jid_read(CW_LIT("Mira@partner.example"), arena, &jid), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

static void gives_domains_for_dns(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_bytes out;

    (void)state;
    assert_int_equal(cw_jid_domain_ascii(CW_LIT("b\xC3\xBC"
                                                "cher.example"),
                                         arena, &out),
                     CW_OK);
    cw_assert_bytes(out, CW_LIT("xn--bcher-kva.example"));
    assert_int_equal(cw_jid_domain_ascii(CW_LIT("partner.example"), arena, &out), CW_OK);
    cw_assert_bytes(out, CW_LIT("partner.example"));
    assert_int_equal(cw_jid_domain_ascii(CW_LIT("xn--a"), arena, &out), CW_ERR_ADDRESS);
    assert_int_equal(cw_jid_domain_ascii(CW_LIT(""), arena, &out), CW_ERR_ADDRESS);
    cw_arena_free(&arena);
}

/* SEC-4 */
static const struct {
    const char *name, *local;
    bool mixed;
} SCRIPTS[] = {
    {"Latin", "mira.nowak-2", false},
    {"nothing", "", false},
    {"digits", "12345", false},
    {"Cyrillic", "\xD0\xBC\xD0\xB8\xD1\x80\xD0\xB0", false},
    {"Latin with a Cyrillic a", "mir\xD0\xB0", true},
    {"Greek behind Latin", "mira\xCE\xB1", true},
    {"Latin accents", "m\xC3\xACr\xC3\xA0", false},
    {"combining mark", "mi\xCC\x80ra", false},
    {"Japanese with Latin", "\xE3\x83\x9F\xE3\x82\x89\xE7\xBE\x8Emira", false},
    {"Korean with Han", "\xEB\xAF\xB8\xE7\xBE\x8E", false},
    {"Hangul with Hiragana", "\xEB\xAF\xB8\xE3\x82\x89", true},
    {"Greek with Han", "\xCE\xB1\xE7\xBE\x8E", true},
    {"not UTF-8", "\xFF", true},
};

static void sees_mixed_scripts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(SCRIPTS); i++) {
        cw_case(SCRIPTS[i].name);
        assert_int_equal(
            cw_jid_mixes_scripts((struct cw_bytes){SCRIPTS[i].local, strlen(SCRIPTS[i].local)}),
            SCRIPTS[i].mixed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_mixed_scripts),    cmocka_unit_test(reads_and_enforces),
        cmocka_unit_test(knows_code_points),     cmocka_unit_test(borrows_what_is_canonical),
        cmocka_unit_test(gives_domains_for_dns),
    };

    return cmocka_run_group_tests_name("jid", tests, NULL, NULL);
}
