/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/xml_read.h>
#include <stdlib.h>

static const struct cw_xml_rules STRICT = {65536, 64, true, 0};
static const struct cw_xml_rules LOOSE = {65536, 32, false, 0};

static struct cw_bytes text(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

static void builds_the_tree(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_bytes xml =
        CW_LIT("<a xmlns='urn:a' xmlns:p='urn:p' x='1 &amp; &#38;amp; &lt;&apos;' xml:lang='en'>one"
               "<p:b p:x='2' x='3'>t&#x41;<![CDATA[<&]]>&gt;</p:b> two "
               "<c xmlns='' xml:lang='de'><d xmlns='urn:d'/></c>three</a>\n");
    const struct cw_xml_node *a;
    const struct cw_xml_node *b;
    const struct cw_xml_node *c;

    (void)state;
    assert_int_equal(cw_xml_read(xml, &STRICT, arena, &a), CW_OK);
    assert_true(cw_xml_is(a, "a", CW_LIT("urn:a")));
    cw_assert_bytes(a->text, CW_LIT("one two three"));
    cw_assert_bytes(cw_xml_attribute(a, "x"), CW_LIT("1 & &amp; <'"));
    assert_null(cw_xml_attribute(a, "lang").base);
    cw_assert_bytes(a->lang, CW_LIT("en"));
    b = cw_xml_child(a, "b", CW_LIT("urn:p"));
    assert_non_null(b);
    assert_null(cw_xml_child(a, "b", CW_LIT("urn:a")));
    cw_assert_bytes(b->text, CW_LIT("tA<&>"));
    cw_assert_bytes(cw_xml_attribute(b, "x"), CW_LIT("3"));
    assert_int_equal(b->attribute_count, 2);
    cw_assert_bytes(b->attributes[0].ns, CW_LIT("urn:p"));
    cw_assert_bytes(b->lang, CW_LIT("en"));
    c = b->next;
    assert_true(cw_xml_is(c, "c", (struct cw_bytes){0}));
    cw_assert_bytes(c->lang, CW_LIT("de"));
    assert_non_null(cw_xml_child(c, "d", CW_LIT("urn:d")));
    assert_null(c->next);
    assert_null(a->next);
    cw_arena_free(&arena);
}

/* STREAM-113, PRES-42, SEC-16. */
static const struct {
    const char *name;
    struct cw_bytes xml;
    enum cw_err strict, loose;
} CASES[] = {
    {"empty", {"", 0}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"white space only", {" \n", 2}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"white space around", {" <a/> ", 6}, CW_OK, CW_OK},
    {"tab before", {"\t<a/>", 5}, CW_OK, CW_OK},
    {"CRLF before", {"\r\n<a/>", 6}, CW_OK, CW_OK},
    {"text before", {"x<a/>", 5}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"xml:space", {"<a xml:space='preserve'/>", 25}, CW_OK, CW_OK},
    {"text in XHTML", {"<p xmlns='http://www.w3.org/1999/xhtml'>a<b/>c</p>", 50}, CW_OK, CW_OK},
    {"CDATA, empty too", {"<a><![CDATA[]]><![CDATA[b]]></a>", 32}, CW_OK, CW_OK},
    {"not closed", {"<a>", 3}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"two roots", {"<a/><b/>", 8}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"text behind", {"<a/>x", 5}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"NUL behind", {"<a/>\0<b/>", 9}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"no prefix declared", {"<p:a/>", 6}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"attribute twice", {"<a x='' x=''/>", 14}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"unknown entity", {"<a>&x;</a>", 10}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"unknown entity in an attribute", {"<a b='&x;'/>", 12}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"document type", {"<!DOCTYPE a><a/>", 16}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"external document type",
     {"<!DOCTYPE a SYSTEM 'http://dtd.example/'><a/>", 45},
     CW_ERR_MALFORMED,
     CW_ERR_MALFORMED},
    {"internal entity",
     {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 40},
     CW_ERR_MALFORMED,
     CW_ERR_MALFORMED},
    {"comment", {"<a><!-- x --></a>", 17}, CW_ERR_MALFORMED, CW_OK},
    {"comment behind", {"<a/><!-- x -->", 14}, CW_ERR_MALFORMED, CW_OK},
    {"processing instruction", {"<?x y?><a/>", 11}, CW_ERR_MALFORMED, CW_OK},
    {"declaration", {"<?xml version='1.0'?><a/>", 25}, CW_OK, CW_OK},
    {"declaration, UTF-8", {"<?xml version='1.0' encoding='utf-8'?><a/>", 42}, CW_OK, CW_OK},
    {"declaration, Latin-1",
     {"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", 47},
     CW_ERR_MALFORMED,
     CW_ERR_MALFORMED},
    {"byte order mark", {"\xEF\xBB\xBF<a/>", 7}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"UTF-16", {"<\0a\0/\0>\0", 8}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"not UTF-8", {"<a>\xFC</a>", 8}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"illegal character", {"<a>\x01</a>", 8}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
    {"illegal character reference", {"<a>&#1;</a>", 11}, CW_ERR_MALFORMED, CW_ERR_MALFORMED},
};

static void refuses_what_is_not_plain_xml(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        const struct cw_xml_node *root;

        cw_case(CASES[i].name);
        assert_int_equal(cw_xml_read(CASES[i].xml, &STRICT, arena, &root), CASES[i].strict);
        assert_int_equal(cw_xml_read(CASES[i].xml, &LOOSE, arena, &root), CASES[i].loose);
    }
    cw_arena_free(&arena);
}

/* `open` so often, then `middle`, then `close` so often. */
static struct cw_bytes repeat(const char *open, size_t count, const char *middle, const char *close,
                              char *to)
{
    char *at = to;

    for (size_t i = 0; i < count; i++, at += strlen(open)) {
        memcpy(at, open, strlen(open));
    }
    memcpy(at, middle, strlen(middle));
    at += strlen(middle);
    for (size_t i = 0; i < count; i++, at += strlen(close)) {
        memcpy(at, close, strlen(close));
    }
    return (struct cw_bytes){to, (size_t)(at - to)};
}

static void stops_at_its_limits(void **state)
{
    static const struct cw_xml_rules RULES = {CW_XML_MAX_LEN, CW_XML_MAX_DEPTH, true, 0};
    struct cw_arena *arena = cw_arena_new(4 << 20);
    char *const room = malloc(CW_XML_MAX_LEN + 64);
    const struct cw_xml_node *root;

    (void)state;
    assert_non_null(room);
    assert_int_equal(cw_xml_read(repeat("<a>", 64, "", "</a>", room), &RULES, arena, &root), CW_OK);
    assert_int_equal(cw_xml_read(repeat("<a>", 65, "", "</a>", room), &RULES, arena, &root),
                     CW_ERR_LIMIT);
    assert_int_equal(cw_xml_read(repeat("<a>", 33, "", "</a>", room), &LOOSE, arena, &root),
                     CW_ERR_LIMIT);
    assert_int_equal(cw_xml_read(repeat("<a>", 1, "", "</a>", room),
                                 &(struct cw_xml_rules){6, 1, true, 0}, arena, &root),
                     CW_ERR_LIMIT);

    struct cw_bytes many = repeat("<r>", 1, "", "", room);

    many = (struct cw_bytes){room, many.len + repeat("<a/>", 4095, "</r>", "", room + 3).len};
    assert_int_equal(cw_xml_read(many, &RULES, arena, &root), CW_OK);
    many = (struct cw_bytes){room, 3 + repeat("<a/>", 4096, "</r>", "", room + 3).len};
    assert_int_equal(cw_xml_read(many, &RULES, arena, &root), CW_ERR_LIMIT);
    cw_arena_free(&arena);

    arena = cw_arena_new(512);
    assert_int_equal(cw_xml_read(repeat("<a>", 20, "", "</a>", room), &RULES, arena, &root),
                     CW_ERR_LIMIT);
    free(room);
    cw_arena_free(&arena);
}

/* A file may be larger than what comes from the network, if the rules say so, up to a border. */
static void lets_files_be_larger(void **state)
{
    static const struct cw_xml_rules RULES = {
        .max_len = SIZE_MAX, .max_depth = 2, .max_elements = SIZE_MAX};
    static const struct cw_xml_rules TEN = {.max_len = 4096, .max_depth = 2, .max_elements = 10};
    const size_t most = CW_XML_FILE_MAX_ELEMENTS - 1;
    struct cw_arena *arena = cw_arena_new((size_t)32 << 20);
    char *const room = malloc(CW_XML_FILE_MAX_LEN + 64);
    const struct cw_xml_node *root;

    (void)state;
    assert_non_null(room);
    memcpy(room, "<r>", 3);

    const size_t last = repeat("<a/>", most, "</r>", "", room + 3).len;

    assert_int_equal(cw_xml_read((struct cw_bytes){room, 3 + last}, &RULES, arena, &root), CW_OK);

    const size_t over = repeat("<a/>", most + 1, "</r>", "", room + 3).len;

    assert_int_equal(cw_xml_read((struct cw_bytes){room, 3 + over}, &RULES, arena, &root),
                     CW_ERR_LIMIT);
    assert_int_equal(
        cw_xml_read(CW_LIT("<r><a/><a/><a/><a/><a/><a/><a/><a/><a/></r>"), &TEN, arena, &root),
        CW_OK);
    assert_int_equal(
        cw_xml_read(CW_LIT("<r><a/><a/><a/><a/><a/><a/><a/><a/><a/><a/></r>"), &TEN, arena, &root),
        CW_ERR_LIMIT);
    cw_arena_reset(arena);
    memset(room, ' ', CW_XML_FILE_MAX_LEN + 1);
    memcpy(room, "<r/>", 4);
    assert_int_equal(
        cw_xml_read((struct cw_bytes){room, CW_XML_FILE_MAX_LEN}, &RULES, arena, &root), CW_OK);
    assert_int_equal(
        cw_xml_read((struct cw_bytes){room, CW_XML_FILE_MAX_LEN + 1}, &RULES, arena, &root),
        CW_ERR_LIMIT);
    free(room);
    cw_arena_free(&arena);
}

static char *number(char *to, unsigned value)
{
    to[0] = (char)('0' + value / 100);
    to[1] = (char)('0' + value / 10 % 10);
    to[2] = (char)('0' + value % 10);
    return to + 3;
}

static struct cw_bytes with_attributes(const char *prefix, const char *value, unsigned count,
                                       char *room)
{
    char *at = room;

    memcpy(at, "<a", 2);
    at += 2;
    for (unsigned i = 0; i < count; i++) {
        memcpy(at, prefix, strlen(prefix));
        at = number(at + strlen(prefix), i);
        memcpy(at, value, strlen(value));
        at += strlen(value);
    }
    memcpy(at, "/>", 2);
    return (struct cw_bytes){room, (size_t)(at - room) + 2};
}

static void limits_attributes_and_namespaces(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    char room[16384];
    const struct cw_xml_node *root;

    (void)state;
    assert_int_equal(cw_xml_read(with_attributes(" x", "=''", 256, room), &STRICT, arena, &root),
                     CW_OK);
    assert_int_equal(root->attribute_count, 256);
    assert_int_equal(cw_xml_read(with_attributes(" x", "=''", 257, room), &STRICT, arena, &root),
                     CW_ERR_LIMIT);
    assert_int_equal(
        cw_xml_read(with_attributes(" xmlns:n", "='urn:n'", 64, room), &STRICT, arena, &root),
        CW_OK);
    assert_int_equal(
        cw_xml_read(with_attributes(" xmlns:n", "='urn:n'", 65, room), &STRICT, arena, &root),
        CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* MSG-21, MSG-67: in XHTML text and elements are in order, elsewhere they are not told apart. */
static void keeps_the_order_in_xhtml(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_bytes xml =
        CW_LIT("<m>x<b xmlns='" CW_NS_XHTML "'>one<i>two</i><![CDATA[three]]>&amp;<br/><j "
               "xmlns='urn:j'>y<k/>z</j>four</b></m>");
    static const char *const TEXTS[] = {"one", NULL, "three&", NULL, NULL, "four"};
    const struct cw_xml_node *root;
    const struct cw_xml_node *body;
    const struct cw_xml_node *at;

    (void)state;
    assert_int_equal(cw_xml_read(xml, &STRICT, arena, &root), CW_OK);
    body = cw_xml_child(root, "b", CW_LIT(CW_NS_XHTML));
    assert_ptr_equal(root->child, body);
    cw_assert_bytes(body->text, CW_LIT("onethree&four"));
    at = body->child;
    for (size_t i = 0; i < CW_COUNT(TEXTS); i++, at = at->next) {
        assert_non_null(at);
        assert_int_equal(at->name.base == NULL, TEXTS[i] != NULL);
        if (TEXTS[i] != NULL) {
            cw_assert_bytes(at->text, text(TEXTS[i]));
            assert_null(at->child);
        }
    }
    assert_null(at);
    cw_assert_bytes(body->child->next->child->text, CW_LIT("two"));
    at = cw_xml_child(body, "j", CW_LIT("urn:j"));
    assert_true(cw_xml_is(at->child, "k", CW_LIT("urn:j")));
    assert_null(at->child->next);
    cw_arena_free(&arena);
}

/* Whatever room there is, nothing that libxml2 gave is read after it was told to stop. */
static void bears_a_full_arena(void **state)
{
    const struct cw_bytes xml = CW_LIT(
        "<a xmlns='urn:something:rather:long:to:be:kept' first='a value that takes its room' "
        "b='1' c='&amp;2'><h xmlns='http://www.w3.org/1999/xhtml' x='another value' y='3'>one"
        "<i lang='en' z='4'>two</i>three</h></a>");
    const struct cw_xml_node *root;
    unsigned done = 0;

    (void)state;
    for (size_t limit = 0; limit < 4096; limit++) {
        struct cw_arena *arena = cw_arena_new(limit);
        const enum cw_err err = cw_xml_read(xml, &STRICT, arena, &root);

        assert_true(err == CW_OK || err == CW_ERR_LIMIT);
        done += err == CW_OK ? 1 : 0;
        cw_arena_free(&arena);
    }
    assert_in_range(done, 100, 4000);
}

static void trims(void **state)
{
    (void)state;
    cw_assert_bytes(cw_xml_trim(text(" \t a b\r\n")), text("a b"));
    assert_int_equal(cw_xml_trim(text(" \n ")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_the_tree),
        cmocka_unit_test(refuses_what_is_not_plain_xml),
        cmocka_unit_test(stops_at_its_limits),
        cmocka_unit_test(lets_files_be_larger),
        cmocka_unit_test(limits_attributes_and_namespaces),
        cmocka_unit_test(bears_a_full_arena),
        cmocka_unit_test(keeps_the_order_in_xhtml),
        cmocka_unit_test(trims),
    };

    return cmocka_run_group_tests_name("xml_read", tests, NULL, NULL);
}
