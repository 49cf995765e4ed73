/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "html_entity.h"
#include "html_text.h"

#include <stdlib.h>

#define ARENA_LIMIT (1u << 20)

static struct cw_bytes bytes(const char *literal)
{
    return (struct cw_bytes){literal, strlen(literal)};
}

/* MSG-67, MSG-21: the same text out of both readers. `html` is well-formed. */
static const struct {
    const char *name, *html, *text;
} BOTH[] = {
    {"plain", "one", "one"},
    {"white space", " one \n\t two ", "one two"},
    {"inline elements", "a<b>b</b> <i> c </i>d", "ab c d"},
    {"line end", "a<br/>b", "a\nb"},
    {"blanks around a line end", "a <br/> b", "a\nb"},
    {"line ends in a row", "a<br/><br/><br/><br/><br/>b", "a\n\n\nb"},
    {"lines", "<div>a</div><div>b</div>", "a\nb"},
    {"an empty line", "<div>a</div><div><br/></div><div>b</div>", "a\n\nb"},
    {"nested lines", "<div><div>a</div></div>b", "a\nb"},
    {"paragraphs", "<p>a</p><p>b</p>", "a\n\nb"},
    {"heading", "<h1>a</h1>b", "a\n\nb"},
    {"list", "<ul><li>a</li><li>b</li></ul>c", "- a\n- b\nc"},
    {"paragraph in a list", "<ol><li><p>a</p></li><li><p>b</p></li></ol>", "- a\n\n- b"},
    {"list in a list", "<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n- b"},
    {"empty items", "<ul><li></li><li>b</li></ul>", "-\n- b"},
    {"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
    {"rule", "a<hr/>b", "a\n\nb"},
    {"script", "a<script>if (x) { y }</script>b", "ab"},
    {"style", "<style>p { color: red }</style>a", "a"},
    {"head", "<head><title>t</title><style>s</style></head><div>a</div>", "a"},
    {"template", "<template>x<b>y</b></template>a", "a"},
    {"item in what is hidden", "<template><li>x</li></template>a", "a"},
    {"entities", "&lt;a&gt; &amp;amp; &quot;b&quot; &apos;", "<a> &amp; \"b\" '"},
    {"numbers", "&#65;&#x42;&#x1F600;", "AB\xF0\x9F\x98\x80"},
    {"blanks that stay",
     "a&#160;&#xA0; b\xC2\xA0"
     "c",
     "a   b c"},
    {"pre", "<pre>\n  a\n\n   b\t c\n</pre>d", "  a\n\n   b\t c\n\nd"},
    {"pre behind text", "x<pre>a\n\n\n\n\nb</pre>", "x\n\na\n\n\n\n\nb"},
    {"pre with elements", "<pre>a <b>b</b>\n<i>c</i></pre>", "a b\nc"},
    {"link", "see <a href='https://a.example/x'>here</a>.", "see here (https://a.example/x)."},
    {"link that says itself", "<a href='https://a.example/x'>https://a.example/x</a>",
     "https://a.example/x"},
    {"in other markup", "<a href='https://a.example/x'><b>https://</b>a.example/x</a>",
     "https://a.example/x"},
    {"without its scheme", "<a href='mailto:a@b.example'>a@b.example</a>", "a@b.example"},
    {"without its slashes", "<a href='http://a.example/'>a.example</a>", "a.example"},
    {"almost itself", "<a href='http://a.example/b'>http://a.example/</a>",
     "http://a.example/ (http://a.example/b)"},
    {"longer than itself", "<a href='http://a.example'>http://a.example.b.example</a>",
     "http://a.example.b.example (http://a.example)"},
    {"link with an entity", "<a href='http://a.example/?b=1&amp;c=&#50;'>x</a>",
     "x (http://a.example/?b=1&c=2)"},
    {"link with an entity, itself",
     "<a href='http://a.example/?b&amp;c'>http://a.example/?b&amp;c</a>", "http://a.example/?b&c"},
    {"link without text", "<a href='tel:+15550100'><img src='x'/></a>", "(tel:+15550100)"},
    {"link to nowhere", "<a href='#top'>a</a> <a>b</a> <a href=''>c</a> <a href='http:'>d</a>",
     "a b c d"},
    {"link that runs", "<a href='javascript:alert(1)'>a</a>", "a"},
    {"link in blanks", "<a href=' XMPP:a@b.example '>a</a>", "a (XMPP:a@b.example)"},
    {"link in what is hidden", "<template><a href='http://a.example/'>x</a></template>b", "b"},
    {"picture", "a <img src='x' alt='smile &amp; wave'/> b", "a smile & wave b"},
    {"picture without words", "<img src='x'/>", NULL},
    {"unknown elements", "<blink>a</blink><x>b</x>", "ab"},
    {"attributes of others", "<p title='x' href='http://a.example/' alt='y'>a</p>", "a"},
    {"blanks only", " \n ", NULL},
    {"blanks that stay only", "<div>&#160;</div>", NULL},
    {"elements only", "<p><br/></p>", NULL},
};

static struct cw_bytes in_body(const char *html, struct cw_arena *arena)
{
    static const char OPEN[] = "<body xmlns='" CW_NS_XHTML "'>";
    static const char CLOSE[] = "</body>";
    const size_t len = strlen(html);
    char *const to = cw_arena_alloc(arena, sizeof(OPEN) + len + sizeof(CLOSE));

    assert_non_null(to);
    memcpy(to, OPEN, sizeof(OPEN) - 1);
    memcpy(to + sizeof(OPEN) - 1, html, len);
    memcpy(to + sizeof(OPEN) - 1 + len, CLOSE, sizeof(CLOSE) - 1);
    return (struct cw_bytes){to, sizeof(OPEN) - 1 + len + sizeof(CLOSE) - 1};
}

static struct cw_bytes from_tree(const char *html, struct cw_arena *arena)
{
    static const struct cw_xml_rules RULES = {65536, 64, true};
    const struct cw_xml_node *root;
    struct cw_bytes text = CW_LIT("not written");

    assert_int_equal(cw_xml_read(in_body(html, arena), &RULES, arena, &root), CW_OK);
    assert_int_equal(cw_html_text(root, arena, &text), CW_OK);
    return text;
}

static struct cw_bytes from_scan(const char *html, struct cw_arena *arena)
{
    struct cw_bytes text = CW_LIT("not written");

    assert_int_equal(cw_html_text_of(bytes(html), arena, &text), CW_OK);
    return text;
}

static void assert_text(struct cw_bytes got, const char *want)
{
    if (want == NULL) {
        assert_null(got.base);
    } else {
        cw_assert_bytes(got, bytes(want));
    }
}

static void reads_alike_as_html_and_as_xhtml(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BOTH); i++) {
        cw_case(BOTH[i].name);
        assert_text(from_tree(BOTH[i].html, arena), BOTH[i].text);
        assert_text(from_scan(BOTH[i].html, arena), BOTH[i].text);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* MSG-67: what people's clients really send, and what they should not. */
static const struct {
    const char *name, *html, *text;
} BROKEN[] = {
    {"document",
     "<!DOCTYPE html><html><head><meta charset=utf-8><title>t</title></head>"
     "<body bgcolor=\"#fff\">a</body></html>",
     "a"},
    {"head that does not end", "<head><title>t</title><p>a", "a"},
    {"title with markup", "<title><b>t</title>a", "a"},
    {"capitals", "<P>a<BR>b</P><SCRIPT>x</script >c<A HREF=http://a.example/>d</A>",
     "a\nb\n\ncd (http://a.example/)"},
    {"paragraphs that do not end", "<p>a<p>b", "a\n\nb"},
    {"ends without beginnings", "</b>a</script></pre></a></p>b", "a\n\nb"},
    {"attributes without quotes", "<a class=x href=http://a.example/?b=c>d</a>",
     "d (http://a.example/?b=c)"},
    {"attribute without value", "<a download href='http://a.example/'>d</a>",
     "d (http://a.example/)"},
    {"attribute twice", "<a href='http://a.example/1' href='http://a.example/2'>d</a>",
     "d (http://a.example/1)"},
    {"a mark in an attribute", "<a title='>' href='http://a.example/'>d</a>",
     "d (http://a.example/)"},
    {"an odd tag", "<a = = 'x' href=http://a.example / >d</a>", "d (http://a.example)"},
    {"link in a link", "<a href='http://a.example/1'>b<a href='http://a.example/2'>c</a>",
     "b (http://a.example/1)c (http://a.example/2)"},
    {"hidden element that is empty", "<script src='x'/>a<title/>b", "ab"},
    {"script that does not end", "a<script>b</p>", "a"},
    {"script with its own name in it", "<script>'</s' + 'cript>'</script>a", "a"},
    {"comment", "a<!-- <b> -- > x -->b<!-->c<!---->d", "abcd"},
    {"comment that does not end", "a<!-- b", "a"},
    {"declarations", "<?xml version='1.0'?><![if x]>a<![endif]>", "a"},
    {"lone marks", "1 < 2 & 3 > 2, a<5, <", "1 < 2 & 3 > 2, a<5, <"},
    {"tag that does not end", "a<b c='d", "a"},
    {"end tag that does not end", "a</", "a"},
    {"unknown entities", "&unknown; &; &#; &#x; &#xZ; &#12a; &#x1100000; &#0; &amp",
     "&unknown; &; &#; &#x; &#xZ; &#12a; &#x1100000; &#0; &amp"},
    {"entities that are no characters", "&#1;&#xD800;&#x110000;",
     "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"entities of windows-1252", "&#128; &#146; &#x9f;", "\xE2\x82\xAC \xE2\x80\x99 \xC5\xB8"},
    {"named entities", "&nbsp;&Auml;&eacute;&euro;&hellip;&zwnj;&thetasym;&nbsp;x",
     " \xC3\x84\xC3\xA9\xE2\x82\xAC\xE2\x80\xA6\xE2\x80\x8C\xCF\x91 x"},
    {"entity in a link that is none", "<a href='http://a.example/?a&b&lt;'>c</a>",
     "c (http://a.example/?a&b<)"},
    {"a long name", "<averyveryverylongnameofanelement>a</averyveryverylongnameofanelement>", "a"},
    {"form feed", "a\fb", "a b"},
    {"nothing", "", NULL},
};

static void reads_what_is_broken(void **state)
{
    struct cw_arena *arena = cw_arena_new(ARENA_LIMIT);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BROKEN); i++) {
        cw_case(BROKEN[i].name);
        assert_text(from_scan(BROKEN[i].html, arena), BROKEN[i].text);
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* SEC-16: 64 KiB of anything costs as much as 64 KiB of anything else. Memory is counted, because
 * time is not the same on any two machines: text and nothing beside it.
 */
static void stays_within_its_memory(void **state)
{
    static const char *const PIECES[] = {"<a ",
                                         "<a>",
                                         "<pre>",
                                         "<!--",
                                         "<a b='",
                                         "&amp;",
                                         "<li>",
                                         "<",
                                         "<title>",
                                         "\n",
                                         "</",
                                         "&#65;",
                                         "<p>x",
                                         "x<br>",
                                         "<script>",
                                         "x ",
                                         "<a href=http:a>"};
    const size_t size = 65536;
    char *const html = malloc(size);

    (void)state;
    assert_non_null(html);
    for (size_t i = 0; i < CW_COUNT(PIECES); i++) {
        struct cw_arena *arena = cw_arena_new(4 * size);
        struct cw_bytes text;
        size_t len = 0;

        cw_case(PIECES[i]);
        for (; len + strlen(PIECES[i]) <= size; len += strlen(PIECES[i])) {
            memcpy(html + len, PIECES[i], strlen(PIECES[i]));
        }
        assert_int_equal(cw_html_text_of((struct cw_bytes){html, len}, arena, &text), CW_OK);
        assert_true(text.len <= 2 * size);
        cw_arena_free(&arena);
    }
    free(html);
}

static void stops_at_its_limits(void **state)
{
    static const char LINK[] = "<a href='http://a.example/&amp;'>x</a> y";
    struct cw_arena *arena = cw_arena_new(16);
    const struct cw_xml_node text = {.text = CW_LIT("more than sixteen octets")};
    struct cw_bytes out;

    (void)state;
    assert_int_equal(cw_html_text_of(bytes(LINK), arena, &out), CW_ERR_LIMIT);
    assert_int_equal(cw_html_text(&text, arena, &out), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

static void knows_entities(void **state)
{
    (void)state;
    assert_int_equal(cw_html_entity(CW_LIT("AElig")), 0xC6);
    assert_int_equal(cw_html_entity(CW_LIT("zwnj")), 0x200C);
    assert_int_equal(cw_html_entity(CW_LIT("sub")), 0x2282);
    assert_int_equal(cw_html_entity(CW_LIT("sube")), 0x2286);
    assert_int_equal(cw_html_entity(CW_LIT("su")), 0);
    assert_int_equal(cw_html_entity(CW_LIT("subee")), 0);
    assert_int_equal(cw_html_entity(CW_LIT("")), 0);
    assert_int_equal(cw_html_entity((struct cw_bytes){0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_alike_as_html_and_as_xhtml),
        cmocka_unit_test(reads_what_is_broken),
        cmocka_unit_test(stays_within_its_memory),
        cmocka_unit_test(stops_at_its_limits),
        cmocka_unit_test(knows_entities),
    };

    return cmocka_run_group_tests_name("html_text", tests, NULL, NULL);
}
