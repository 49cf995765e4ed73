/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "guard.h"
#include "limits.h"

#include <stdlib.h>
#include <string.h>

#define STREAM "<s:s xmlns:s='u' xmlns='jabber:server'>"

/** Pieces of one input, as text: kinds and bytes in order. */
struct verdict {
    char text[16384];
    size_t len;
};

static void note(struct verdict *v, const char *text, size_t len)
{
    assert_true(v->len + len < sizeof(v->text));
    memcpy(v->text + v->len, text, len);
    v->len += len;
}

static void take_all(struct cw_guard *guard, struct cw_bytes part, struct verdict *v)
{
    static const char *const KINDS[] = {"", "[header ", "[element ", "[end ", "[refused "};
    bool more = true;

    while (more) {
        const struct cw_guard_piece piece = cw_guard_next(guard, &part);

        more = piece.kind != CW_GUARD_MORE && piece.kind != CW_GUARD_REFUSED;
        if (piece.kind == CW_GUARD_MORE) {
            assert_int_equal(part.len, 0);
            break;
        }
        note(v, KINDS[piece.kind], strlen(KINDS[piece.kind]));
        if (piece.kind == CW_GUARD_REFUSED) {
            const char *name = cw_condition_name(piece.condition);

            note(v, name, strlen(name));
            v->text[v->len] = '\0';
            return;
        }
        note(v, piece.bytes.base, piece.bytes.len);
        note(v, "]", 1);
    }
    v->text[v->len] = '\0';
}

/** The input in two parts, cut at `cut`. */
static struct verdict judge(struct cw_limits limits, struct cw_bytes input, size_t cut)
{
    struct verdict v = {.len = 0};
    struct cw_guard *guard = cw_guard_new(limits);

    take_all(guard, (struct cw_bytes){input.base, cut}, &v);
    if (strstr(v.text, "[refused") == NULL) {
        take_all(guard, (struct cw_bytes){input.base + cut, input.len - cut}, &v);
    }
    cw_guard_free(&guard);
    return v;
}

static void check(struct cw_limits limits, struct cw_bytes input, const char *want)
{
    for (size_t cut = 0; cut <= input.len; cut++) { /* the same verdict for every split */
        const struct verdict v = judge(limits, input, cut);

        assert_string_equal(v.text, want);
    }
}

/* NOLINTNEXTLINE(readability-function-size): a table */
static void cuts_and_refuses(void **state)
{
    static const struct {
        const char *input, *want;
    } ROWS[] = {
        {STREAM, "[header " STREAM "]"},
        {"<?xml version='1.0'?>" STREAM, "[header " STREAM "]"},
        {"\n<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes' ?>\n" STREAM " \n",
         "[header " STREAM "]"},
        {STREAM "<a/>", "[header " STREAM "][element <a/>]"},
        {STREAM " <a><b/>text</a> <c/> </s:s> ignored",
         "[header " STREAM "][element <a><b/>text</a>][element <c/>][end </s:s>]"},
        {STREAM "<a b='>' c=\"/>\" d='\"'/>",
         "[header " STREAM "][element <a b='>' c=\"/>\" d='\"'/>]"},
        {STREAM "<a><![CDATA[</a>]]]]><![CDATA[>]]></a>",
         "[header " STREAM "][element <a><![CDATA[</a>]]]]><![CDATA[>]]></a>]"},
        {STREAM "<a>]]</a>", "[header " STREAM "][element <a>]]</a>]"},
        {STREAM "<a>\xc3\xbc \xf0\x9f\x98\x80</a>",
         "[header " STREAM "][element <a>\xc3\xbc \xf0\x9f\x98\x80</a>]"},
        {STREAM "<a>\xef\xbb\xbf</a>", "[header " STREAM "][element <a>\xef\xbb\xbf</a>]"},
        /* STREAM-113 */
        {"<!DOCTYPE s>", "[refused restricted-xml"},
        {"<!-- c -->", "[refused restricted-xml"},
        {"<?pi?>", "[refused restricted-xml"},
        {"<?xml-stylesheet href='x'?>", "[refused restricted-xml"},
        {STREAM "<?xml version='1.0'?>", "[header " STREAM "][refused restricted-xml"},
        {"<?xml version='1.0'?><?xml version='1.0'?>", "[refused restricted-xml"},
        {STREAM "<!-- c -->", "[header " STREAM "][refused restricted-xml"},
        {STREAM "<![CDATA[x]]>", "[header " STREAM "][refused restricted-xml"},
        {STREAM "<a><!-- c --></a>", "[header " STREAM "][refused restricted-xml"},
        {STREAM "<a><!DOCTYPE b></a>", "[header " STREAM "][refused restricted-xml"},
        {STREAM "<a><![INCLUDE[", "[header " STREAM "][refused restricted-xml"},
        {STREAM "<a><?pi?></a>", "[header " STREAM "][refused restricted-xml"},
        /* STREAM-114 */
        {"\xef\xbb\xbf" STREAM, "[refused unsupported-encoding"},
        {"\xff\xfe<\0", "[refused unsupported-encoding"},
        {"\xfe\xff", "[refused unsupported-encoding"},
        {"<?xml version='1.0' encoding='UTF-16'?>", "[refused unsupported-encoding"},
        {"<?xml version='1.0' encoding='latin1'?>", "[refused unsupported-encoding"},
        {"<?xml version='1.0' encoding='UTF-7'?>", "[refused unsupported-encoding"},
        {"<?xml version='1.1'?>", "[refused not-well-formed"},
        {"<?xml?>", "[refused restricted-xml"},
        {"<?xml version='1.0' x='y'?>", "[refused not-well-formed"},
        {STREAM "<a>\x80", "[header " STREAM "][refused unsupported-encoding"},
        {STREAM "<a>\xc0\x80", "[header " STREAM "][refused unsupported-encoding"},
        {STREAM "<a>\xed\xa0\x80", "[header " STREAM "][refused unsupported-encoding"},
        {STREAM "<a>\xf4\x90\x80\x80", "[header " STREAM "][refused unsupported-encoding"},
        {STREAM "<a>\xf5", "[header " STREAM "][refused unsupported-encoding"},
        {STREAM "<a>\xe2\x82</a>", "[header " STREAM "][refused unsupported-encoding"},
        {STREAM "<a>\x01", "[header " STREAM "][refused not-well-formed"},
        {STREAM "text", "[header " STREAM "][refused bad-format"},
        {"text", "[refused not-well-formed"},
        {"</s>", "[refused not-well-formed"},
        {"<s/>", "[refused bad-format"},
        {"< s>", "[refused not-well-formed"},
        {STREAM "<a <b>", "[header " STREAM "][refused not-well-formed"},
        {STREAM "<a b='<'>", "[header " STREAM "][refused not-well-formed"},
        {STREAM "<a / >", "[header " STREAM "][refused not-well-formed"},
        {STREAM "<a></a b='c'>", "[header " STREAM "][refused not-well-formed"},
    };
    const struct cw_limits limits = cw_limits_for(true, 65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        cw_case(ROWS[i].input);
        check(limits, (struct cw_bytes){ROWS[i].input, strlen(ROWS[i].input)}, ROWS[i].want);
    }
    check(limits, CW_LIT(STREAM "<a>\0</a>"), "[header " STREAM "][refused not-well-formed");
    check(limits, CW_LIT("\0<"), "[refused unsupported-encoding");
}

static size_t append(char *text, size_t len, const char *more)
{
    while (*more != '\0') {
        text[len++] = *more++;
    }
    return len;
}

/** One stream with `count` times `more` inside. */
static struct cw_bytes build(const char *before, const char *more, size_t count, const char *behind)
{
    static char text[1 << 20];
    size_t len = append(text, append(text, 0, STREAM), before);

    for (size_t i = 0; i < count; i++) {
        len = append(text, len, more);
    }
    return (struct cw_bytes){text, append(text, len, behind)};
}

static void keeps_limits(void **state)
{
    static const struct {
        const char *name;
        bool authenticated;
        const char *before, *more;
        size_t fits, too_many;
        const char *behind;
    } ROWS[] = {
        {"depth", true, "", "<a>", 32, 33, ""},
        {"depth before", false, "", "<a>", 8, 9, ""}, /* STREAM-132 */
        {"elements", true, "<a>", "<b/>", 999, 1000, "</a>"},
        {"elements before", false, "<a>", "<b/>", 30, 31, "</a>"},
        {"elements before, apart", false, "", "<b/>", 31, 32, ""},
        {"attributes", true, "<a", " b='c'", 64, 65, "/>"},
        {"name", true, "<", "n", 256, 257, "/>"},
        {"attribute name", true, "<a ", "n", 256, 257, "='v'/>"},
        {"closing name", true, "<a></", "n", 256, 257, ">"},
        {"size", true, "<a>", "x", 65529, 65530, "</a>"}, /* STREAM-131, 65536 octets */
        {"attribute size", true, "<a b='", "x", 65528, 65529, "'>"},
        {"size before", false, "<a>", "x", 8000, 8192, "</a>"},
        {"white space before", false, "", " ", 8000, 8192, ""},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_limits limits = cw_limits_for(ROWS[i].authenticated, 65536);
        struct cw_bytes input = build(ROWS[i].before, ROWS[i].more, ROWS[i].fits, ROWS[i].behind);

        cw_case(ROWS[i].name);
        for (unsigned again = 0; again < 2; again++) {
            struct cw_guard *guard = cw_guard_new(limits);
            struct cw_guard_piece piece = {.kind = CW_GUARD_HEADER};
            struct cw_bytes rest = input;

            while (piece.kind != CW_GUARD_MORE && piece.kind != CW_GUARD_REFUSED) {
                piece = cw_guard_next(guard, &rest);
            }
            assert_int_equal(piece.kind, again == 0 ? CW_GUARD_MORE : CW_GUARD_REFUSED);
            if (again == 1) {
                assert_int_equal(piece.condition, CW_CONDITION_POLICY_VIOLATION);
                assert_true(cw_guard_held(guard) <= 2 * limits.element_bytes);
            }
            cw_guard_free(&guard);
            input = build(ROWS[i].before, ROWS[i].more, ROWS[i].too_many, ROWS[i].behind);
        }
    }
    assert_true(cw_limits_for(true, 1).element_bytes >= 10000); /* STREAM-131, V21 */
}

/** An attribute of '>' byte by byte: the trap of libxml2 is none for the guard. */
static void holds_back_until_the_tag_is_complete(void **state)
{
    struct cw_guard *guard = cw_guard_new(cw_limits_for(true, 65536));
    const struct cw_bytes input = build("<a b='", ">", 60000, "'/>");
    size_t pieces = 0;

    (void)state;
    for (size_t i = 0; i < input.len; i++) {
        struct cw_bytes octet = {input.base + i, 1};

        pieces += cw_guard_next(guard, &octet).kind != CW_GUARD_MORE ? 1 : 0;
    }
    assert_int_equal(pieces, 2);
    struct cw_bytes none = {input.base, 0};
    (void)cw_guard_next(guard, &none);
    assert_int_equal(cw_guard_held(guard), 0); /* and lets go of the buffer */
    cw_guard_free(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_and_refuses),
        cmocka_unit_test(keeps_limits),
        cmocka_unit_test(holds_back_until_the_tag_is_complete),
    };

    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
