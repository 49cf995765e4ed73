/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "stream_parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER                                                                                     \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' "           \
    "xmlns:q='urn:q?a=1&amp;b=&apos;2' from='a.example' to='b.example' id='x&amp;y' "              \
    "version='1.0' xml:lang='de'>"

/** Parses `input` in parts of at most `part` octets; gives back the last thing that came. */
struct run {
    struct cw_stream_parser *parser;
    size_t headers, elements, ends;
    enum cw_condition refused;
    char last[70000]; /**< xml of the last stanza */
    size_t last_len;
    void (*look)(struct run *run, const struct cw_element *element);
};

static void take(struct run *run, const struct cw_parsed *got)
{
    if (got->kind == CW_PARSED_HEADER) {
        run->headers++;
    } else if (got->kind == CW_PARSED_END) {
        run->ends++;
    } else if (got->kind == CW_PARSED_REFUSED) {
        run->refused = got->condition;
    } else if (got->kind == CW_PARSED_ELEMENT) {
        run->elements++;
        if (got->element->stanza) {
            assert_true(got->element->xml.len < sizeof(run->last));
            memcpy(run->last, got->element->xml.base, got->element->xml.len);
            run->last_len = got->element->xml.len;
            run->last[run->last_len] = '\0';
        }
        if (run->look != NULL) {
            run->look(run, got->element);
        }
    }
}

static void feed(struct run *run, struct cw_bytes input, size_t part)
{
    while (input.len > 0 && run->refused == CW_CONDITION_NONE) {
        const size_t len = part < input.len ? part : input.len;
        char *copy = malloc(len); /* so that reading past it is seen */
        struct cw_bytes now = {copy, len};
        bool more = true;

        assert_non_null(copy);
        memcpy(copy, input.base, len);
        while (more) {
            const struct cw_parsed got = cw_stream_parser_next(run->parser, &now);

            take(run, &got);
            more = got.kind != CW_PARSED_MORE && got.kind != CW_PARSED_REFUSED;
        }
        free(copy);
        input.base += len;
        input.len -= len;
    }
}

static void run_all(struct run *run, const char *input, size_t part)
{
    run->parser = cw_stream_parser_new(cw_limits_for(true, 65536));
    feed(run, (struct cw_bytes){input, strlen(input)}, part);
    cw_stream_parser_free(&run->parser);
}

static void makes_stanzas_self_contained(void **state)
{
    static const struct {
        const char *stanza, *want;
    } ROWS[] = {
        {"<message from='x@a.example'/>", /* STREAM-116, STREAM-117 */
         "<message xmlns='jabber:server' xml:lang='de' from='x@a.example'/>"},
        {"<message xml:lang='fr'><body>x</body></message>",
         "<message xmlns='jabber:server' xml:lang='fr'><body>x</body></message>"},
        {"<message xmlns='jabber:server' xml:lang=''/>",
         "<message xmlns='jabber:server' xml:lang=''/>"},
        {"<iq><q:x q:y='1'/></iq>", "<iq xmlns='jabber:server' xmlns:q='urn:q?a=1&amp;b=&#39;2' "
                                    "xml:lang='de'><q:x q:y='1'/></iq>"},
        {"<iq><x q:y='1'/></iq>", "<iq xmlns='jabber:server' xmlns:q='urn:q?a=1&amp;b=&#39;2' "
                                  "xml:lang='de'><x q:y='1'/></iq>"},
        {"<iq xmlns:q='urn:other'><q:x/></iq>",
         "<iq xmlns='jabber:server' xml:lang='de' xmlns:q='urn:other'><q:x/></iq>"},
        {"<iq><x xmlns:q='urn:other' q:y=''/></iq>",
         "<iq xmlns='jabber:server' xml:lang='de'><x xmlns:q='urn:other' q:y=''/></iq>"},
        {"<p:presence xmlns:p='jabber:server'/>",
         "<p:presence xmlns='jabber:server' xml:lang='de' xmlns:p='jabber:server'/>"},
        {"<message\n>\r\n<body>\xc3\xbc&#x41;<![CDATA[<]]></body></message >",
         "<message xmlns='jabber:server' xml:lang='de'\n>\r\n<body>\xc3\xbc&#x41;<![CDATA[<]]>"
         "</body></message >"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        char input[2048];

        cw_case(ROWS[i].stanza);
        (void)snprintf(input, sizeof(input), "%s%s", HEADER, ROWS[i].stanza);
        for (size_t part = 1; part < 40; part++) { /* whatever the chunks are */
            struct run run = {0};

            run_all(&run, input, part);
            assert_int_equal(run.refused, CW_CONDITION_NONE);
            assert_int_equal(run.headers, 1);
            assert_int_equal(run.elements, 1);
            assert_string_equal(run.last, ROWS[i].want);
        }
    }
}

static void look_at_addresses(struct run *run, const struct cw_element *element)
{
    (void)run;
    cw_assert_bytes(element->from, CW_LIT("a&b@c.example"));
    cw_assert_bytes(element->to, CW_LIT("<d>&#38;"));
    cw_assert_bytes(element->id, CW_LIT("'\""));
    cw_assert_bytes(element->type, CW_LIT("&amp;"));
}

static void reads_attribute_values(void **state)
{
    struct run run = {.look = look_at_addresses};

    (void)state;
    run_all(&run,
            HEADER "<message from='a&amp;b@c.example' to='&lt;d&gt;&#38;#38;' id='&apos;&quot;' "
                   "type='&#38;amp;'/>",
            7);
    assert_int_equal(run.elements, 1);
}

static void look_at_nodes(struct run *run, const struct cw_element *element)
{
    size_t child;

    (void)run;
    assert_false(element->stanza);
    assert_true(cw_element_is(element, CW_NS_DIALBACK, "result"));
    assert_int_equal(element->node_count, 4);
    cw_assert_bytes(cw_element_text(element, 0), CW_LIT("key & key"));
    child = cw_element_child(element, 0, CW_NS_SERVER, "error");
    assert_int_equal(child, 1);
    assert_int_equal(cw_element_child(element, child, CW_NS_STANZAS, "item-not-found"), 2);
    assert_int_equal(cw_element_child(element, child, CW_NS_STANZAS, "text"), 3);
    assert_int_equal(cw_element_child(element, 0, CW_NS_STANZAS, "text"), 0);
    cw_assert_bytes(cw_element_text(element, 3), CW_LIT("a<b"));
}

static void reads_negotiation_elements(void **state)
{
    (void)state;
    for (size_t part = 1; part < 60; part++) {
        struct run run = {.look = look_at_nodes};

        run_all(&run,
                HEADER "<db:result type='error'> key &amp; <error><item-not-found "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'><![CDATA[a<b]]></text></error>"
                       "key\n</db:result>",
                part);
        assert_int_equal(run.elements, 1);
    }
}

static void refuses(void **state)
{
    static const struct {
        const char *input;
        enum cw_condition condition;
    } ROWS[] = {
        {"<a></b>", CW_CONDITION_NOT_WELL_FORMED}, /* STREAM-114 */
        {HEADER "<a b='1' b='2'/>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<p:a/>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a><b></a></b>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a b=c/>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a>]]></a>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a>&#11;</a>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a>&#xFFFE;</a>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a>&#xD800;</a>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a>& b</a>", CW_CONDITION_NOT_WELL_FORMED},
        {HEADER "<a>&e;</a>", CW_CONDITION_RESTRICTED_XML}, /* STREAM-113 */
        {HEADER "<a b='&e;'/>", CW_CONDITION_RESTRICTED_XML},
        {HEADER "</stream:strom>", CW_CONDITION_NOT_WELL_FORMED},
        {"<stream:stream>", CW_CONDITION_NOT_WELL_FORMED},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const size_t len = strlen(ROWS[i].input);

        cw_case(ROWS[i].input);
        for (size_t part = 1; part <= len; part += part < 5 ? 1 : 7) {
            struct run run = {0};

            run_all(&run, ROWS[i].input, part);
            assert_int_equal(run.refused, ROWS[i].condition);
            assert_int_equal(run.ends, 0);
        }
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Ever new names, random chunks, over the size at which the parser is changed: the bytes of each
 * stanza come out as they went in. */
static void keeps_the_bytes_of_many_stanzas(void **state)
{
    struct run run = {0};
    uint32_t seed = 4711;
    size_t total = 0;

    (void)state;
    run.parser = cw_stream_parser_new(cw_limits_for(true, 65536));
    feed(&run, CW_LIT(HEADER), 11);
    for (size_t i = 0; i < 4000; i++) {
        char stanza[1024];
        char want[1200];
        const uint32_t name = next_random(&seed);
        const size_t fill = next_random(&seed) % 600;

        (void)snprintf(stanza, sizeof(stanza),
                       "<message id='%u'><n%u a%u='>'/><body>&lt;%0*d</body></message>", name, name,
                       name, (int)fill + 1, 7);
        (void)snprintf(want, sizeof(want), "<message xmlns='jabber:server' xml:lang='de'%s",
                       stanza + strlen("<message"));
        total += strlen(stanza);
        feed(&run, (struct cw_bytes){stanza, strlen(stanza)}, 1 + next_random(&seed) % 500);
        assert_int_equal(run.elements, i + 1);
        assert_string_equal(run.last, want);
    }
    assert_true(total > (size_t)1024 * 1024);
    feed(&run, CW_LIT("</stream:stream>"), 3);
    assert_int_equal(run.ends, 1);
    cw_stream_parser_free(&run.parser);
}

static void bounds_negotiation_elements(void **state)
{
    static char input[20000];
    struct run run = {0};
    size_t len = strlen(strcpy(input, HEADER "<features>"));

    (void)state;
    for (size_t i = 0; i < 70; i++) {
        len += strlen(strcpy(input + len, "<f/>"));
    }
    (void)strcpy(input + len, "</features>");
    run_all(&run, input, 1000);
    assert_int_equal(run.refused, CW_CONDITION_POLICY_VIOLATION);
    run = (struct run){0};
    len = strlen(strcpy(input, HEADER "<db:result>"));
    memset(input + len, 'k', 5000);
    (void)strcpy(input + len + 5000, "</db:result>");
    run_all(&run, input, 1000);
    assert_int_equal(run.refused, CW_CONDITION_POLICY_VIOLATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_stanzas_self_contained),
        cmocka_unit_test(reads_attribute_values),
        cmocka_unit_test(reads_negotiation_elements),
        cmocka_unit_test(refuses),
        cmocka_unit_test(keeps_the_bytes_of_many_stanzas),
        cmocka_unit_test(bounds_negotiation_elements),
    };

    return cmocka_run_group_tests_name("stream_parser", tests, NULL, NULL);
}
