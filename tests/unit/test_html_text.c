/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "html_entity.h"
#include "html_text.h"

#include <stdio.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-67; a NULL is no text at all. */
static const struct {
    const char *name, *html, *text;
} SCANNED[] = {
    {"text", "Hello", "Hello"},
    {"nothing", "", NULL},
    {"only markup", "<p><br></p>", NULL},
    {"only blanks", " \n\t\r\f ", NULL},
    {"white space is one blank", "  a \n\t b\r\n  ", "a b"},
    {"inline elements", "a<b>b</b> <i>c</i>d<span style='x'> e</span>", "ab cd e"},
    {"a line each", "<div>a</div><div>b</div>c", "a\nb\nc"},
    {"paragraphs", "<p>a</p> <p>b<p>c", "a\n\nb\n\nc"},
    {"headings", "<h1>a</h1>b", "a\n\nb"},
    {"line ends", "a<br>b<BR/>c<br />d", "a\nb\nc\nd"},
    {"line ends in a row are layout", "a<br><br><br><br><br>b", "a\n\n\nb"},
    {"line ends behind a paragraph", "<p>a</p><br>b", "a\n\n\nb"},
    {"no line end at the ends", "<br>a<br>", "a"},
    {"a list", "x<ul><li>a</li><li>b</ul>y", "x\n- a\n- b\ny"},
    {"a list of paragraphs", "<ul><li><p>a</p></li><li><p>b</p></li></ul>c", "- a\n\n- b\n\nc"},
    {"an empty item", "<ul><li></li><li>a</li></ul>b<li>", "- a\nb"},
    {"an item in hiding", "<template><li></template>a", "a"},
    {"a definition list", "<dl><dt>a<dd>b</dl>c", "a\nb\n\nc"},
    {"a table", "<table><tr><th>a</th><th>b</th></tr><tr><td>c<td>d</table>e", "a b\nc d\n\ne"},
    {"kept white space", "a<pre>b  c\n  d\te</pre>f", "a\n\nb  c\n  d\te\n\nf"},
    {"kept white space, not at the ends", "<pre>\n a\n\n</pre>", "a"},
    {"kept blanks only", "<pre>\n \n</pre>", NULL},
    {"kept end that never began", "</pre>a  b", "a b"},
    {"a rule", "a<hr>b", "a\n\nb"},
    {"unknown elements", "<x-y>a</x-y><o:p>b</o:p><abcdefghijklmnopqrstuvw>c", "abc"},
    {"upper case", "<P>a</P><SCRIPT>x</Script><P>b", "a\n\nb"},
    {"named entities", "&lt;&gt;&amp;&quot;&apos;&eacute;&euro;&thetasym;&AElig;&zwnj;",
     "<>&\"'\xC3\xA9\xE2\x82\xAC\xCF\x91\xC3\x86\xE2\x80\x8C"},
    {"decimal and hex", "&#65;&#x42;&#X43;&#x1F600;&#x10FFFF;",
     "ABC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF"},
    {"illegal numbers", "&#1;&#xD800;&#xFFFE;&#1114112;&#xFFFFFF;",
     "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"numbers that are none", "&#;&#x;&#0;&#6a;&#xg;&#12345678;&#xFFFFFFF;",
     "&#;&#x;&#0;&#6a;&#xg;&#12345678;&#xFFFFFFF;"},
    {"names that are none", "&;&bogus;&AMP;&ampx;&amp &lt", "&;&bogus;&AMP;&ampx;&amp &lt"},
    {"an ampersand", "a & b && c &", "a & b && c &"},
    {"an ampersand before an entity", "&&lt;&ab&gt;", "&<&ab>"},
    {"a lone <", "1 < 2 <3 <", "1 < 2 <3 <"},
    {"a lone >", "1 > 2", "1 > 2"},
    {"blanks that do not break",
     "a&nbsp;&nbsp;b&#160;\xC2\xA0"
     "c &nbsp; d&nbsp;",
     "a  b  c   d"},
    {"only such blanks", "<div>&nbsp;</div>", NULL},
    {"an empty line of such", "<div>a</div><div>&nbsp;</div><div>b</div>", "a\n \nb"},
    {"numbers of windows-1252", "&#128; &#146; &#x9f;", "\xE2\x82\xAC \xE2\x80\x99 \xC5\xB8"},
    {"kept behind text", "x<pre>\na\n\n\n\n\nb\n</pre>c", "x\n\na\n\n\n\n\nb\n\nc"},
    {"hidden elements that are empty", "a<script src='x'/>b<title/>c<style />d", "abcd"},
    {"a link in other markup", "<a href='https://a.example/x'><b>https://</b>a.example/x</a>",
     "https://a.example/x"},
    {"a link with entities that is its text",
     "<a href='https://a.example/?x&amp;y'>https://a.example/?x&#38;y</a>",
     "https://a.example/?x&y"},
    {"a link without its scheme", "<a href='http://a.example/'>a.example</a>", "a.example"},
    {"a link almost its text", "<a href='https://a.example/x'>https://a.example/</a>",
     "https://a.example/ (https://a.example/x)"},
    {"a link without text", "<a href='tel:+15550100'><img></a>", "(tel:+15550100)"},
    {"a link of two addresses", "<a href='im:a@a.example' href='im:b@a.example'>c</a>",
     "c (im:a@a.example)"},
    {"line ends by number", "<pre>a&#13;b&#10;c</pre>", "a\nb\nc"},
    {"a link", "<a href=\"https://a.example/\">here</a>.", "here (https://a.example/)."},
    {"a link with entities", "<a href='https://a.example/?x=1&amp;y=2<3'>here</a>",
     "here (https://a.example/?x=1&y=2<3)"},
    {"a link that is its text", "<a href=https://a.example/>\nhttps://a.example/ </a>",
     "https://a.example/"},
    {"an address that is its text", "<A HREF = mailto:a@a.example >a@a.example</A>", "a@a.example"},
    {"a link of an odd scheme", "<a href='javascript:alert(1)'>x</a><a href='HTTPS:y'>z</a>",
     "xz (HTTPS:y)"},
    {"a link without an address",
     "<a name=x>a</a></a><a href=''>b</a><a href>c</a><a href=http:>d</a>", "abcd"},
    {"a link that never ends", "<a href='https://a.example/'>here", "here"},
    {"a link in a link", "<a href='https://a.example/'>a<a href='https://b.example/'>b</a></a>",
     "a (https://a.example/)b (https://b.example/)"},
    {"an image", "a<img src=x alt='b &amp; <c>'>d<img>e<img alt=''/>f", "ab & <c>def"},
    {"alt of another element", "<p alt=x>a", "a"},
    {"attributes as they come", "<p a = 'b>c' d=\"e>f\" g=h/i j / k = l href>m", "m"},
    {"an attribute without a name", "<p = x =>a", "a"},
    {"an attribute without an end", "<p a='b>c", NULL},
    {"a tag without an end", "a<b", "a"},
    {"an attribute that ends the document", "a<p b=", "a"},
    {"an end that ends the document", "a</", "a"},
    {"an end without a name", "a</>b", "ab"},
    {"comments", "a<!-- <b> -- > -->b<!---->c", "abc"},
    {"a comment without an end", "a<!-- b", "a"},
    {"declarations", "<!DOCTYPE html><?xml version='1.0'?>a<![CDATA[x]]>b<!", "ab"},
    {"script and style", "a<script>x</scrip>if (a<b) </script >b<style>p{}</style>c", "abc"},
    {"script without an end", "a<script>b</scrip", "a"},
    {"an end of script that never began", "a</script>b", "ab"},
    {"title is no markup", "<title>a<b</title>c", "c"},
    {"a head without an end", "<html><head><title>x</title><meta charset=y><body>a", "a"},
    {"a whole document",
     "<!DOCTYPE "
     "html>\n<html>\n<head>\n<title>T</title>\n</head>\n<body>\n<p>a\n</p>\n</body></html>",
     "a"},
    {"template", "a<template>b<p>c</p></template>d", "a\n\nd"},
};

static void scans(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(SCANNED); i++) {
        struct cw_bytes out = CW_LIT("untouched");

        cw_case(SCANNED[i].name);
        cw_arena_reset(arena);
        assert_int_equal(cw_html_text_of(text(SCANNED[i].html), arena, &out), CW_OK);
        assert_int_equal(out.base == NULL, SCANNED[i].text == NULL);
        cw_assert_bytes(out, text(SCANNED[i].text));
    }
    cw_arena_free(&arena);
}

/* MSG-21: the tree of a stanza, whose text and elements take turns. */
static const struct {
    const char *name, *xml, *text;
} TREES[] = {
    {"mixed content", "a<b>b</b>c<i>d<u>e</u></i> f", "abcde f"},
    {"paragraphs", "<p>a</p>\n<p>b<br/>c</p>", "a\n\nb\nc"},
    {"a list", "<ul><li>a</li><li>b</li></ul>", "- a\n- b"},
    {"a link", "<a href='https://a.example/?x&amp;y'>here</a>", "here (https://a.example/?x&y)"},
    {"a link that is its text", "<a href=' https://a.example/ '> https://a.example/</a>",
     "https://a.example/"},
    {"an address of another element", "<p href='https://a.example/'>a</p>", "a"},
    {"an image", "a<img src='x' alt='b'/>c<img/>", "abc"},
    {"a link in other markup",
     "<a href='https://a.example/x'><b>https://</b>a.example/<i>x</i></a>", "https://a.example/x"},
    {"line ends by number", "<pre>a&#13;b&#10;c</pre>", "a\nb\nc"},
    {"kept", "<pre>\na\n b\n</pre>c", "a\n b\n\nc"},
    {"hidden", "<title>a<i>b</i></title>c<style>d</style>", "c"},
    {"script", "a<script>b<i>c</i></script>d", "ad"},
    {"entities", "&lt;b&gt;&#233;", "<b>\xC3\xA9"},
    {"CDATA and a comment", "a<![CDATA[<b>]]><!-- c -->d", "a<b>d"},
    {"an element of another namespace holds no text that is shown", "a<x xmlns='urn:x'>b</x>c",
     "ac"},
    {"nothing", "<p> </p>", NULL},
};

static void renders_trees(void **state)
{
    static const struct cw_xml_rules RULES = {.max_len = 65536, .max_depth = 64};
    struct cw_arena *arena = cw_arena_new(262144);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TREES); i++) {
        char xml[512];
        const struct cw_xml_node *root;
        struct cw_bytes out;

        cw_case(TREES[i].name);
        cw_arena_reset(arena);
        (void)snprintf(xml, sizeof(xml), "<body xmlns='" CW_NS_XHTML "'>%s</body>", TREES[i].xml);
        assert_int_equal(cw_xml_read(text(xml), &RULES, arena, &root), CW_OK);
        assert_int_equal(cw_html_text(root, arena, &out), CW_OK);
        assert_int_equal(out.base == NULL, TREES[i].text == NULL);
        cw_assert_bytes(out, text(TREES[i].text));
    }
    cw_arena_free(&arena);
}

/* MSG-21: only XHTML costs nodes for its text, and they count as elements do. */
static void text_nodes_are_bounded(void **state)
{
    static const struct cw_xml_rules RULES = {.max_len = CW_XML_MAX_LEN, .max_depth = 64};
    static const struct {
        const char *ns;
        size_t pairs;
        enum cw_err err;
    } COUNTS[] = {
        {CW_NS_XHTML, 2047, CW_OK},
        {CW_NS_XHTML, 2048, CW_ERR_LIMIT},
        {"urn:x", 4095, CW_OK},
        {"urn:x", 4096, CW_ERR_LIMIT},
    };
    static char xml[65536];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(COUNTS); i++) {
        struct cw_arena *arena = cw_arena_new((size_t)4 << 20);
        const struct cw_xml_node *root;
        size_t at = (size_t)snprintf(xml, sizeof(xml), "<b xmlns='%s'>", COUNTS[i].ns);

        for (size_t j = 0; j < COUNTS[i].pairs; j++, at += 5) {
            memcpy(xml + at, "<i/>x", 5);
        }
        memcpy(xml + at, "</b>", 5);
        assert_int_equal(cw_xml_read(text(xml), &RULES, arena, &root), COUNTS[i].err);
        cw_arena_free(&arena);
    }
}

/* Every name of the table is found: it is in the order that the search wants. */
static void knows_its_entities(void **state)
{
    static const struct {
        const char *name;
        uint32_t code_point;
    } NAMES[] = {{"AElig", 0xC6},  {"zwnj", 0x200C},  {"sup", 0x2283},   {"sup1", 0xB9},
                 {"supe", 0x2287}, {"prime", 0x2032}, {"Prime", 0x2033}, {"a", 0},
                 {"AEli", 0},      {"AEligg", 0},     {"zzz", 0},        {"", 0}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NAMES); i++) {
        cw_case(NAMES[i].name);
        assert_int_equal(cw_html_entity(text(NAMES[i].name)), NAMES[i].code_point);
    }
}

/* A full arena is CW_ERR_LIMIT, never half a result. */
static void says_when_the_arena_is_full(void **state)
{
    static const char XML[] = "<b xmlns='" CW_NS_XHTML "'>a<i x='&amp;'>b</i>c</b>";
    static const struct cw_xml_rules RULES = {.max_len = 65536, .max_depth = 64};
    bool passed = false;

    (void)state;
    for (size_t limit = 1; limit < 2048; limit++) {
        struct cw_arena *arena = cw_arena_new(limit);
        const struct cw_xml_node *root;
        struct cw_bytes out;
        enum cw_err err = cw_xml_read(text(XML), &RULES, arena, &root);

        err = err == CW_OK ? cw_html_text(root, arena, &out) : err;
        assert_true(err == CW_ERR_LIMIT || (err == CW_OK && out.len == 3));
        assert_false(passed && err != CW_OK);
        passed = err == CW_OK;
        cw_arena_free(&arena);
    }
    assert_true(passed);
}

/* MSG-67: what does not fit is refused as a whole, also behind the first 1,024 octets. */
static void keeps_to_the_arena(void **state)
{
    static char html[300000];
    struct cw_arena *small = cw_arena_new(16);
    struct cw_arena *large = cw_arena_new((size_t)1 << 20);
    struct cw_bytes out;

    (void)state;
    memset(html, 'x', sizeof(html));
    assert_int_equal(cw_html_text_of((struct cw_bytes){html, 17}, small, &out), CW_ERR_LIMIT);
    assert_int_equal(cw_html_text_of((struct cw_bytes){html, 16}, small, &out), CW_OK);
    assert_int_equal(cw_html_text_of((struct cw_bytes){html, 262144}, large, &out), CW_OK);
    assert_int_equal(out.len, 262144);
    assert_int_equal(cw_html_text_of((struct cw_bytes){html, 262145}, large, &out), CW_ERR_LIMIT);
    cw_arena_free(&small);
    cw_arena_free(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scans),
        cmocka_unit_test(renders_trees),
        cmocka_unit_test(text_nodes_are_bounded),
        cmocka_unit_test(knows_its_entities),
        cmocka_unit_test(says_when_the_arena_is_full),
        cmocka_unit_test(keeps_to_the_arena),
    };

    return cmocka_run_group_tests_name("html_text", tests, NULL, NULL);
}
