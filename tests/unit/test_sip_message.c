/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "sip/message.h"
#include "sip/message_write.h"

#include <stdio.h>
#include <string.h>

static struct cw_sip_guarded guarded;

static struct cw_bytes whole(const struct cw_sip_wire *wire, char *text, size_t size)
{
    const int len = snprintf(
        text, size, CW_FMT "Via: SIP/2.0/TCP gw.example:5060;branch=z9hG4bKabc;rport\r\n" CW_FMT,
        CW_ARG(wire->start), CW_ARG(wire->rest));

    return (struct cw_bytes){text, (size_t)len};
}

static void fill(struct cw_sip_message *m)
{
    cw_sip_message_init(m);
    m->method = CW_SIP_SUBSCRIBE;
    m->request_uri = CW_LIT("sip:romeo@contoso.example;gr=a%3bb");
    m->from = (struct cw_sip_party){CW_LIT("sip:juliet@partner.example"),
                                    CW_LIT("Juliet \"J\" \\ Capulet"), CW_LIT("t-1")};
    m->to = (struct cw_sip_party){.uri = CW_LIT("sip:romeo@contoso.example")};
    m->call_id = CW_LIT("f81d4fae@gw.example");
    m->cseq = 42;
    m->contact = CW_LIT("sip:juliet@gw.example:5060;transport=tcp");
    m->routes[0] = CW_LIT("<sip:proxy.example;lr>");
    m->route_count = 1;
    m->expires_s = 3600;
    m->event = CW_LIT("presence");
    m->event_id = CW_LIT("7");
    m->accept = CW_LIT("application/pidf+xml");
    m->supported = CW_LIT("gruu");
    m->asserted_identity = CW_LIT("sip:juliet@partner.example");
    m->privacy = CW_LIT("none");
    m->extra_name = CW_LIT("P-Causeway-Partner");
    m->extra_value = CW_LIT("partner.example");
    m->body = CW_LIT("<xml/>\0\r\n\r\nMESSAGE");
    m->content_type = CW_LIT("application/xml;a=\"b\"");
    m->content_language = CW_LIT("en");
    m->subject = CW_LIT("one\r\ntwo");
    m->date = CW_LIT("Sat, 13 Nov 2010 23:29:00 GMT");
}

/* What we write, sofia-sip reads back to the same values. */
static void test_request_round_trip(void **state)
{
    struct cw_arena *out_arena = cw_arena_new(1000000);
    struct cw_arena *in_arena = cw_arena_new(1000000);
    struct cw_sip_message sent;
    struct cw_sip_message got;
    struct cw_sip_wire wire;
    const char *problem = NULL;
    static char text[8192];

    (void)state;
    fill(&sent);
    assert_int_equal(cw_sip_write_request(&sent, 10000, out_arena, &wire), CW_OK);
    memcpy(text, wire.start.base, wire.start.len);
    size_t len = wire.start.len;
    len += (size_t)snprintf(text + len, sizeof(text) - len,
                            "Via: SIP/2.0/TCP gw.example:5060;branch=z9hG4bKabc;rport\r\n");
    memcpy(text + len, wire.rest.base, wire.rest.len);
    len += wire.rest.len;
    assert_int_equal(cw_sip_guard((struct cw_bytes){text, len}, true, &guarded), CW_OK);
    assert_int_equal(cw_sip_message_read(&guarded, in_arena, &got, &problem), CW_OK);
    assert_int_equal(got.method, CW_SIP_SUBSCRIBE);
    cw_assert_bytes(got.request_uri, sent.request_uri);
    cw_assert_bytes(got.from.uri, sent.from.uri);
    cw_assert_bytes(got.from.display, sent.from.display);
    cw_assert_bytes(got.from.tag, sent.from.tag);
    cw_assert_bytes(got.to.uri, sent.to.uri);
    assert_null(got.to.tag.base);
    cw_assert_bytes(got.call_id, sent.call_id);
    assert_int_equal(got.cseq, 42);
    assert_int_equal(got.max_forwards, 70); /* MSG-23 */
    cw_assert_bytes(got.contact, sent.contact);
    assert_int_equal(got.contact_count, 1);
    assert_int_equal(got.expires_s, 3600);
    assert_int_equal(got.min_expires_s, CW_SIP_ABSENT);
    cw_assert_bytes(got.event, sent.event);
    cw_assert_bytes(got.event_id, sent.event_id);
    cw_assert_bytes(got.accept, sent.accept);
    cw_assert_bytes(got.supported, sent.supported);
    cw_assert_bytes(got.asserted_identity, sent.asserted_identity);
    cw_assert_bytes(got.privacy, sent.privacy);
    cw_assert_bytes(got.content_type, sent.content_type);
    cw_assert_bytes(got.content_language, sent.content_language);
    cw_assert_bytes(got.subject, CW_LIT("one two")); /* SEC-16 */
    cw_assert_bytes(got.date, sent.date);
    cw_assert_bytes(got.body, sent.body);
    cw_arena_free(&out_arena);
    cw_arena_free(&in_arena);
}

/* Each text field in turn holds a line of its own; none comes out as one. SEC-16 */
static void test_injection(void **state)
{
    static const size_t fields[] = {
        offsetof(struct cw_sip_message, request_uri),
        offsetof(struct cw_sip_message, from.uri),
        offsetof(struct cw_sip_message, from.display),
        offsetof(struct cw_sip_message, from.tag),
        offsetof(struct cw_sip_message, to.uri),
        offsetof(struct cw_sip_message, to.tag),
        offsetof(struct cw_sip_message, call_id),
        offsetof(struct cw_sip_message, contact),
        offsetof(struct cw_sip_message, routes[0]),
        offsetof(struct cw_sip_message, event),
        offsetof(struct cw_sip_message, event_id),
        offsetof(struct cw_sip_message, substate),
        offsetof(struct cw_sip_message, accept),
        offsetof(struct cw_sip_message, allow),
        offsetof(struct cw_sip_message, allow_events),
        offsetof(struct cw_sip_message, require),
        offsetof(struct cw_sip_message, unsupported),
        offsetof(struct cw_sip_message, supported),
        offsetof(struct cw_sip_message, subject),
        offsetof(struct cw_sip_message, date),
        offsetof(struct cw_sip_message, etag),
        offsetof(struct cw_sip_message, if_match),
        offsetof(struct cw_sip_message, content_type),
        offsetof(struct cw_sip_message, content_language),
        offsetof(struct cw_sip_message, content_encoding),
        offsetof(struct cw_sip_message, content_disposition),
        offsetof(struct cw_sip_message, accept_encoding),
        offsetof(struct cw_sip_message, asserted_identity),
        offsetof(struct cw_sip_message, privacy),
        offsetof(struct cw_sip_message, warning),
        offsetof(struct cw_sip_message, extra_name),
        offsetof(struct cw_sip_message, extra_value),
    };
    static const char *const payloads[] = {"a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1",
                                           "a\r\n\r\nX-Evil: 1"};
    static char text[8192];
    unsigned cleaned = 0;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(fields); i++) {
        for (size_t k = 0; k < CW_COUNT(payloads); k++) {
            struct cw_arena *arena = cw_arena_new(1000000);
            struct cw_sip_message m;
            struct cw_sip_wire wire;
            const struct cw_bytes evil = {payloads[k], strlen(payloads[k])};

            fill(&m);
            m.body = (struct cw_bytes){NULL, 0};
            memcpy((char *)&m + fields[i], &evil, sizeof(evil));
            if (cw_sip_write_request(&m, 10000, arena, &wire) == CW_OK) {
                const struct cw_bytes all = whole(&wire, text, sizeof(text));

                assert_null(strstr(all.base, "\nX-Evil"));
                assert_null(strstr(all.base, "\rX-Evil"));
                cleaned++;
            }
            cw_arena_free(&arena);
        }
    }
    assert_int_equal(cleaned,
                     2 * CW_COUNT(payloads)); /* display name and subject; all others refuse */
}

static const char request_text[] =
    "MESSAGE sip:a@gw.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP p.example:5070;rport;branch=z9hG4bKx\r\n ;received=1.2.3.4\r\n"
    "Via: SIP/2.0/TCP q.example;branch=z9hG4bKy\r\n"
    "Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
    "f: \"A\r\n B\" <sip:a@b.example>;tag=1\r\nt: <sip:c@d.example>\r\ni: x@y\r\nCSeq: 5 "
    "MESSAGE\r\n"
    "m: <sip:a@h.example>, <sip:z@h.example>\r\nP-Asserted-Identity: \"A\" <sip:a@b.example>\r\n"
    "Retry-After: 18 (later)\r\nl: 2\r\n\r\nhi";

/* An answer repeats what it must, on one line each, and is one that sofia-sip reads. */
static void test_response_round_trip(void **state)
{
    struct cw_arena *arena = cw_arena_new(1000000);
    struct cw_sip_message got;
    struct cw_sip_message answer;
    struct cw_bytes echo;
    struct cw_bytes wire;
    const char *problem = NULL;

    (void)state;
    assert_int_equal(cw_sip_guard(CW_LIT(request_text), true, &guarded), CW_OK);
    assert_int_equal(guarded.via_count, 2);
    assert_int_equal(cw_sip_message_read(&guarded, arena, &got, &problem), CW_OK);
    assert_int_equal(got.route_count, 2);
    cw_assert_bytes(got.routes[1], CW_LIT("<sip:p2.example;lr>"));
    assert_int_equal(got.contact_count, 2);
    cw_assert_bytes(got.contact, CW_LIT("sip:a@h.example"));
    cw_assert_bytes(got.asserted_identity, CW_LIT("sip:a@b.example"));
    cw_assert_bytes(got.from.display, CW_LIT("A B"));
    assert_int_equal(got.retry_after_s, 18);

    assert_int_equal(
        cw_sip_write_echo(&guarded, CW_LIT("mytag"), CW_LIT("9.8.7.6"), 1234, arena, &echo), CW_OK);
    cw_sip_message_init(&answer);
    answer.status = 202;
    answer.method = CW_SIP_MESSAGE;
    answer.contact = CW_LIT("sip:must-not@appear.example"); /* MSG-24 */
    assert_int_equal(cw_sip_write_response(&answer, echo, 10000, arena, &wire), CW_OK);
    char text[2000];
    (void)snprintf(text, sizeof(text), CW_FMT, CW_ARG(wire));
    assert_non_null(strstr(text, "Via: SIP/2.0/UDP p.example:5070;rport=1234;branch=z9hG4bKx "));
    assert_non_null(strstr(text, "\r\nVia: SIP/2.0/TCP q.example;branch=z9hG4bKy\r\n"));
    assert_non_null(strstr(text, "\r\nFrom: \"A B\" <sip:a@b.example>;tag=1\r\n"));
    assert_non_null(strstr(text, "\r\nTo: <sip:c@d.example>;tag=mytag\r\n"));
    assert_null(strstr(text, "Contact"));
    assert_int_equal(cw_sip_guard(wire, true, &guarded), CW_OK);
    assert_int_equal(guarded.status, 202);
    assert_int_equal(cw_sip_message_read(&guarded, arena, &got, &problem), CW_OK);
    cw_assert_bytes(got.reason, CW_LIT("Accepted"));
    cw_assert_bytes(got.to.tag, CW_LIT("mytag"));
    assert_int_equal(got.method, CW_SIP_MESSAGE);
    cw_arena_free(&arena);
}

struct refused_case {
    const char *name;
    const char *more;
};

static const struct refused_case refused[] = {
    {"Contact", "Contact: <sip:a@[::1\r\n"},
    {"Event", "Event: ;id=1\r\n"},
    {"asserted identity", "P-Asserted-Identity: <<<\r\n"},
    {"too many Record-Route",
     "Record-Route: <sip:1>,<sip:2>,<sip:3>,<sip:4>,<sip:5>,<sip:6>,<sip:7>,<sip:8>,<sip:9>,"
     "<sip:10>,<sip:11>,<sip:12>,<sip:13>,<sip:14>,<sip:15>,<sip:16>,<sip:17>\r\n"},
};

static void test_not_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(refused); i++) {
        struct cw_arena *arena = cw_arena_new(1000000);
        struct cw_sip_message got;
        const char *problem = NULL;
        char text[2000];

        cw_case(refused[i].name);
        const int len = snprintf(text, sizeof(text),
                                 "NOTIFY sip:a@gw.example SIP/2.0\r\n"
                                 "Via: SIP/2.0/UDP p.example;branch=z9hG4bKx\r\n"
                                 "From: <sip:a@b.example>;tag=1\r\nTo: <sip:c@d.example>\r\n"
                                 "Call-ID: x\r\nCSeq: 5 NOTIFY\r\n%s\r\n",
                                 refused[i].more);
        assert_int_equal(cw_sip_guard((struct cw_bytes){text, (size_t)len}, false, &guarded),
                         CW_OK);
        assert_int_equal(cw_sip_message_read(&guarded, arena, &got, &problem), CW_ERR_MALFORMED);
        assert_non_null(problem);
        cw_arena_free(&arena);
    }
}

/* ADDR-25: the resource of a sender where it belongs, and where the examples of RFC 8048 put it;
 * MSG-33: several targets. */
static void test_addresses(void **state)
{
    static const char TEXT[] = "SIP/2.0 302 Moved\r\n"
                               "Via: SIP/2.0/UDP p.example;branch=z9hG4bKx\r\n"
                               "From: <sip:a@b.example;gr=in>;tag=1\r\n"
                               "To: \"C\" <sip:c@d.example>;gr=desk%207;tag=2\r\n"
                               "Call-ID: x\r\nCSeq: 5 MESSAGE\r\n"
                               "Contact: <sip:e@d.example>;q=0.5, <sip:f@d.example>\r\n"
                               "Content-Disposition: render;handling=optional\r\n"
                               "m: <sip:g@d.example>, <sip:h@d.example>, <sip:i@d.example>\r\n"
                               "m: <sip:j@d.example>\r\n\r\n";
    struct cw_arena *arena = cw_arena_new(1000000);
    struct cw_sip_message got;
    const char *problem = NULL;

    (void)state;
    assert_int_equal(cw_sip_guard(CW_LIT(TEXT), false, &guarded), CW_OK);
    assert_int_equal(cw_sip_message_read(&guarded, arena, &got, &problem), CW_OK);
    cw_assert_bytes(got.from.uri, CW_LIT("sip:a@b.example;gr=in"));
    cw_assert_bytes(got.to.uri, CW_LIT("sip:c@d.example;gr=desk%207"));
    cw_assert_bytes(got.to.tag, CW_LIT("2"));
    assert_int_equal(got.contact_count, 6);
    cw_assert_bytes(got.contact, CW_LIT("sip:e@d.example"));
    cw_assert_bytes(got.contacts[4], CW_LIT("sip:i@d.example"));
    cw_assert_bytes(got.content_disposition, CW_LIT("render;handling=optional"));
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_round_trip), cmocka_unit_test(test_injection),
        cmocka_unit_test(test_addresses),          cmocka_unit_test(test_response_round_trip),
        cmocka_unit_test(test_not_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
