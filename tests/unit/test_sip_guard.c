/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "sip/framing.h"
#include "sip/header.h"
#include "sip/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a message may be made of; a case replaces one piece. */
struct guard_case {
    const char *name;
    const char *start, *via, *from, *to, *call_id, *cseq, *more;
    enum cw_err want;
    unsigned refuse_status; /* 0: dropped in silence */
};

#define VIA "Via: SIP/2.0/UDP host.example;branch=z9hG4bKa\r\n"
#define BAD CW_ERR_MALFORMED

/* Ways in which a message can be wrong, after RFC 4475 (valid: its 3.1.1, invalid: 3.1.2). */
static const struct guard_case cases[] = {
    {.name = "plain"},
    {.name = "white space before colons, folds, compact forms, long zeros",
     .via = "v  :  SIP  / 2.0\r\n / UDP\r\n host.example  : 5060 ;\r\n branch  =  z9hG4bKa  , "
            "SIP/2.0/TCP h;"
            "branch=x\r\n",
     .from = "f : \"Quoted \\\"name\\\"\" <sip:a@b.example>\r\n ;  tag = 1\r\n",
     .cseq = "CSeq: 0009\r\n  MESSAGE\r\n",
     .more = "Max-Forwards: 0068\r\nUnknownHeader: a\r\n b\r\nc:text/plain\r\n"},
    {.name = "UTF-8 in a display name", .from = "From: \"\xc3\xa9\" <sip:a@b.example>;tag=1\r\n"},
    {.name = "escaped octets in the URI", .start = "MESSAGE sip:%61%00b@c.example SIP/2.0\r\n"},
    {.name = "a method nobody knows is well formed",
     .start = "!interesting-Method0123456789_*+`.%u'~ sip:a@b.example SIP/2.0\r\n",
     .cseq = "CSeq: 1 !interesting-Method0123456789_*+`.%u'~\r\n"},
    {.name = "To without angle brackets and parameters", .to = "To: sip:b@c.example;tag=2\r\n"},
    {.name = "an IPv6 host", .via = "Via: SIP/2.0/UDP [2001:db8::9]:5060;branch=z9hG4bKa\r\n"},
    {.name = "extra spaces in the request line",
     .start = "MESSAGE  sip:a@b.example SIP/2.0\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "space behind the version",
     .start = "MESSAGE sip:a@b.example SIP/2.0 \r\n",
     .want = BAD},
    {.name = "space in the request URI",
     .start = "MESSAGE sip:a b@c.example SIP/2.0\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "request URI in angle brackets",
     .start = "MESSAGE <sip:a@b.example> SIP/2.0\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "headers in the request URI",
     .start = "MESSAGE sip:a@b.example?Route=%3Csip:x%3E SIP/2.0\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "another version",
     .start = "MESSAGE sip:a@b.example SIP/7.0\r\n",
     .want = BAD,
     .refuse_status = 505},
    {.name = "HTTP", .start = "GET / HTTP/1.1\r\n", .want = BAD},
    {.name = "no request URI", .start = "MESSAGE SIP/2.0\r\n", .want = BAD},
    {.name = "unknown protocol in Via",
     .want = BAD,
     .refuse_status = 0,
     .via = "Via: SIP/7.0/UDP h.example;branch=z9hG4bKa\r\n"},
    {.name = "Via without branch",
     .via = "Via: SIP/2.0/UDP h.example\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "a branch that is only the cookie",
     .via = "Via: SIP/2.0/UDP h.example;branch=z9hG4bK\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "two branches",
     .via = "Via: SIP/2.0/UDP h;branch=z9hG4bKa;branch=z9hG4bKb\r\n",
     .want = BAD},
    {.name = "port 0", .via = "Via: SIP/2.0/UDP h:0;branch=z9hG4bKa\r\n", .want = BAD},
    {.name = "port 65536", .via = "Via: SIP/2.0/UDP h:65536;branch=z9hG4bKa\r\n", .want = BAD},
    {.name = "no Via", .via = "X: y\r\n", .want = BAD},
    {.name = "no From", .from = "X: y\r\n", .want = BAD},
    {.name = "From without tag",
     .from = "From: <sip:a@b.example>\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "spaces inside a From URI",
     .from = "From: < sip:a@b.example>;tag=1\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "a quote that does not end",
     .to = "To: \"Mr. J. User <sip:j@c.example>\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "a To that does not end",
     .to = "To: <sip:j@c.example\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "two From",
     .more = "From: <sip:x@b.example>;tag=2\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "two From, one compact",
     .more = "f: <sip:x@b.example>;tag=2\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "two Content-Type",
     .more = "c: text/plain\r\nContent-Type: text/html\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "CSeq of another method",
     .cseq = "CSeq: 8 INVITE\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "CSeq too large",
     .cseq = "CSeq: 2147483648 MESSAGE\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "largest CSeq", .cseq = "CSeq: 2147483647 MESSAGE\r\n"},
    {.name = "CSeq without method", .cseq = "CSeq: 1\r\n", .want = BAD, .refuse_status = 400},
    {.name = "CSeq without space", .cseq = "CSeq: 1MESSAGE\r\n", .want = BAD, .refuse_status = 400},
    {.name = "CSeq of 40 digits",
     .cseq = "CSeq: 36893488147419103232 MESSAGE\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "Max-Forwards 256",
     .more = "Max-Forwards: 256\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "Max-Forwards that is no number",
     .more = "Max-Forwards: -1\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "Expires 2^32", .more = "Expires: 4294967296\r\n", .want = BAD, .refuse_status = 400},
    {.name = "Expires with a word", .more = "Expires: soon\r\n", .want = BAD, .refuse_status = 400},
    {.name = "negative Content-Length",
     .more = "Content-Length: -999\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "Content-Length of 2^32",
     .more = "Content-Length: 4294967296\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "Content-Length larger than the datagram",
     .more = "Content-Length: 9999\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "Call-ID with a space",
     .call_id = "Call-ID: a b\r\n",
     .want = BAD,
     .refuse_status = 400},
    {.name = "a line without colon", .more = "nonsense\r\n", .want = BAD, .refuse_status = 400},
    {.name = "a bare line feed", .more = "X: a\nEvil: b\r\n", .want = BAD},
    {.name = "a bare carriage return", .more = "X: a\rEvil: b\r\n", .want = BAD},
    {.name = "a control", .more = "X: a\x01\r\n", .want = BAD},
    {.name = "DEL", .more = "X: a\x7f\r\n", .want = BAD},
    {.name = "no end of headers", .more = "X", .want = BAD},
};

static const char * or (const char *text, const char *other)
{
    return text == NULL ? other : text;
}

static size_t write_case(const struct guard_case *it, char *out, size_t size)
{
    return (size_t)snprintf(
        out, size, "%s%s%s%s%s%s%s%s", or (it->start, "MESSAGE sip:a@b.example SIP/2.0\r\n"),
        or (it->via, VIA), or (it->from, "From: <sip:a@b.example>;tag=1\r\n"),
        or (it->to, "To: <sip:c@d.example>\r\n"), or (it->call_id, "Call-ID: x@y\r\n"),
        or (it->cseq, "CSeq: 1 MESSAGE\r\n"), or (it->more, ""), "\r\nbody");
}

static void test_guard(void **state)
{
    static struct cw_sip_guarded guarded;
    char text[4096];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(cases); i++) {
        cw_case(cases[i].name);
        const size_t len = write_case(&cases[i], text, sizeof(text));
        assert_int_equal(cw_sip_guard((struct cw_bytes){text, len}, false, &guarded),
                         cases[i].want);
        if (cases[i].want != CW_OK) {
            assert_non_null(guarded.problem);
            assert_true(cases[i].refuse_status == 0 ||
                        guarded.refuse_status == cases[i].refuse_status);
        } else {
            cw_assert_bytes(guarded.body, CW_LIT("body"));
        }
    }
}

static void test_limits(void **state)
{
    static struct cw_sip_guarded guarded;
    static char text[80000];
    const size_t base = write_case(&cases[0], text, sizeof(text));
    size_t len = base - 6; /* without the empty line and the body */

    (void)state;
    for (unsigned i = 0; i < 94; i++) { /* with five others: 99 */
        len += (size_t)snprintf(text + len, sizeof(text) - len, "X: %u\r\n", i);
    }
    memcpy(text + len, "Y: 1\r\n\r\n", 9);
    assert_int_equal(cw_sip_guard((struct cw_bytes){text, len + 8}, false, &guarded), CW_OK);
    memcpy(text + len, "Y: 1\r\nZ: 1\r\n\r\n", 15);
    assert_int_equal(cw_sip_guard((struct cw_bytes){text, len + 14}, false, &guarded),
                     CW_ERR_LIMIT);

    len = base - 6;
    memcpy(text + len, "X: ", 3);
    memset(text + len + 3, 'x', 9000);
    memcpy(text + len + 3 + CW_SIP_LINE_MAX - 3, "\r\n\r\n", 4);
    assert_int_equal(
        cw_sip_guard((struct cw_bytes){text, len + CW_SIP_LINE_MAX + 4}, false, &guarded), CW_OK);
    memset(text + len + 3, 'x', 9000);
    memcpy(text + len + 3 + CW_SIP_LINE_MAX - 2, "\r\n\r\n", 4);
    assert_int_equal(
        cw_sip_guard((struct cw_bytes){text, len + CW_SIP_LINE_MAX + 5}, false, &guarded),
        CW_ERR_LIMIT);
    memset(text, '\r', sizeof(text));
    assert_int_equal(cw_sip_guard((struct cw_bytes){text, CW_SIP_MESSAGE_MAX + 1}, false, &guarded),
                     CW_ERR_LIMIT);
}

static void test_nul(void **state)
{
    static struct cw_sip_guarded guarded;
    char text[4096];
    const size_t len = write_case(&cases[0], text, sizeof(text));

    (void)state;
    for (size_t i = 0; i < len - 4; i++) { /* anywhere in the head */
        const char was = text[i];

        text[i] = '\0';
        assert_int_equal(cw_sip_guard((struct cw_bytes){text, len}, false, &guarded), BAD);
        text[i] = was;
    }
    text[len - 1] = '\0'; /* a body may hold anything */
    assert_int_equal(cw_sip_guard((struct cw_bytes){text, len}, false, &guarded), CW_OK);
}

struct framing_case {
    const char *name;
    const char *text;
    enum cw_sip_framing_result want;
    size_t len;
};

#define HEAD "A b SIP/2.0\r\nX: y\r\n"

static const struct framing_case framings[] = {
    {"nothing", "", CW_SIP_FRAMING_MORE, 0},
    {"half a head", HEAD "Content-Length: 2\r\n", CW_SIP_FRAMING_MORE, 0},
    {"half a body", HEAD "Content-Length: 2\r\n\r\nx", CW_SIP_FRAMING_MORE, 0},
    {"whole", HEAD "Content-Length: 2\r\n\r\nxyA", CW_SIP_FRAMING_MESSAGE, 42},
    {"compact", HEAD "l:0\r\n\r\n", CW_SIP_FRAMING_MESSAGE, 26},
    {"space before the colon", HEAD "Content-Length : 2\r\n\r\nxy", CW_SIP_FRAMING_MESSAGE, 43},
    {"folded", HEAD "Content-Length:\r\n 2\r\n\r\nxy", CW_SIP_FRAMING_MESSAGE, 44},
    {"hidden in a fold", HEAD "Z: a\r\n Content-Length: 9\r\nl: 0\r\n\r\n", CW_SIP_FRAMING_MESSAGE,
     53},
    {"none", HEAD "\r\n", CW_SIP_FRAMING_BROKEN, 0},
    {"two", HEAD "l: 1\r\nContent-Length: 1\r\n\r\nx", CW_SIP_FRAMING_BROKEN, 0},
    {"negative", HEAD "Content-Length: -1\r\n\r\n", CW_SIP_FRAMING_BROKEN, 0},
    {"beyond the limit", HEAD "Content-Length: 65537\r\n\r\n", CW_SIP_FRAMING_BROKEN, 0},
    {"2^64 + 2", HEAD "Content-Length: 18446744073709551618\r\n\r\n", CW_SIP_FRAMING_BROKEN, 0},
    {"hexadecimal", HEAD "Content-Length: 0x2\r\n\r\n", CW_SIP_FRAMING_BROKEN, 0},
    {"keep-alive", "\r\n\r\nA", CW_SIP_FRAMING_PING, 4},
    {"half a keep-alive", "\r\n\r", CW_SIP_FRAMING_MORE, 0},
    {"line break between messages", "\r\nA b", CW_SIP_FRAMING_BREAK, 2},
    {"a bare carriage return", "\rA", CW_SIP_FRAMING_BROKEN, 0},
};

static void test_framing(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(framings); i++) {
        const size_t text_len = strlen(framings[i].text);
        struct cw_sip_framing whole = {0, 0};
        struct cw_sip_framing pieces = {0, 0};
        enum cw_sip_framing_result result = CW_SIP_FRAMING_MORE;
        size_t len = 0;

        cw_case(framings[i].name);
        assert_int_equal(
            cw_sip_framing_step(&whole, (struct cw_bytes){framings[i].text, text_len}, &len),
            framings[i].want);
        assert_int_equal(len, framings[i].len);
        len = 0;
        for (size_t at = 1; at <= text_len && result == CW_SIP_FRAMING_MORE; at++) {
            result = cw_sip_framing_step(&pieces, (struct cw_bytes){framings[i].text, at}, &len);
        }
        assert_int_equal(result, framings[i].want); /* the same, octet by octet */
        assert_int_equal(len, framings[i].len);
    }
}

struct safe_case {
    enum cw_sip_header_kind kind;
    const char *in;
    const char *out; /* NULL: refused */
};

/* SEC-16: nothing gets through that could begin a line of its own */
static const struct safe_case safe_cases[] = {
    {CW_SIP_HEADER_TEXT, "Hello", "Hello"},
    {CW_SIP_HEADER_TEXT, "a\r\nX-Evil: 1", "a X-Evil: 1"},
    {CW_SIP_HEADER_TEXT, "\xff\xfe", NULL},
    {CW_SIP_HEADER_QUOTED, "J \"the\" \\ C", "J \\\"the\\\" \\\\ C"},
    {CW_SIP_HEADER_QUOTED, "a\nb", "a b"},
    {CW_SIP_HEADER_TOKEN, "presence.winfo", "presence.winfo"},
    {CW_SIP_HEADER_TOKEN, "a b", NULL},
    {CW_SIP_HEADER_TOKEN, "a\r\nb", NULL},
    {CW_SIP_HEADER_TOKEN, "a;b", NULL},
    {CW_SIP_HEADER_TOKEN, "", NULL},
    {CW_SIP_HEADER_WORD, "f81d4fae-7dec@host.example", "f81d4fae-7dec@host.example"},
    {CW_SIP_HEADER_WORD, "a@b@c", NULL},
    {CW_SIP_HEADER_WORD, "a\r\nb", NULL},
    {CW_SIP_HEADER_WORD, "@a", NULL},
    {CW_SIP_HEADER_URI, "sip:a%20b@c.example;gr=x", "sip:a%20b@c.example;gr=x"},
    {CW_SIP_HEADER_URI, "sip:a@b>;tag=1", NULL},
    {CW_SIP_HEADER_URI, "sip:a\r\n@b", NULL},
    {CW_SIP_HEADER_URI, "sip:\xc3\xa9@b", NULL},
    {CW_SIP_HEADER_VALUE, "text/plain;charset=\"utf-8\"", "text/plain;charset=\"utf-8\""},
    {CW_SIP_HEADER_VALUE, "text/plain\r\nX: y", NULL},
    {CW_SIP_HEADER_VALUE, "a\tb", NULL},
    {CW_SIP_HEADER_VALUE, "a\xff", NULL},
};

static void test_header_safe(void **state)
{
    struct cw_arena *arena = cw_arena_new(100000);
    static char long_text[5000];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(safe_cases); i++) {
        const struct safe_case *const it = &safe_cases[i];
        struct cw_bytes out = {NULL, 0};
        const enum cw_err err =
            cw_sip_header_safe(it->kind, (struct cw_bytes){it->in, strlen(it->in)}, arena, &out);

        cw_case(it->in);
        assert_int_equal(err, it->out == NULL ? CW_ERR_MALFORMED : CW_OK);
        if (it->out != NULL) {
            cw_assert_bytes(out, ((struct cw_bytes){it->out, strlen(it->out)}));
        }
    }
    struct cw_bytes out = {NULL, 0};
    memset(long_text, 'a', sizeof(long_text));
    assert_int_equal(
        cw_sip_header_safe(CW_SIP_HEADER_TEXT, (struct cw_bytes){long_text, 5000}, arena, &out),
        CW_OK);
    assert_int_equal(out.len, CW_SIP_TEXT_MAX); /* MSG-14 */
    assert_int_equal(
        cw_sip_header_safe(CW_SIP_HEADER_URI, (struct cw_bytes){long_text, 5000}, arena, &out),
        CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

struct hop_case {
    const char *text;
    enum cw_err want;
    const char *host;
    uint16_t port;
    const char *transport;
};

static const struct hop_case hop_cases[] = {
    {"sip:a@b.example", CW_OK, "b.example", 0, ""},
    {"<sip:10.0.0.1:5070;lr>", CW_OK, "10.0.0.1", 5070, ""},
    {"sip:[2001:db8::1]:5061;transport=tls", CW_OK, "2001:db8::1", 5061, "tls"},
    {"\"x\" <sip:u;p=1@h.example;transport=TCP;lr>;q=1", CW_OK, "h.example", 0, "TCP"},
    {"tel:+1", CW_ERR_MALFORMED, NULL, 0, NULL},
    {"sip:", CW_ERR_MALFORMED, NULL, 0, NULL},
    {"sip:h:0", CW_ERR_MALFORMED, NULL, 0, NULL},
    {"", CW_ERR_MALFORMED, NULL, 0, NULL},
};

static void test_hop_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(hop_cases); i++) {
        const struct hop_case *const it = &hop_cases[i];
        struct cw_sip_hop_address hop = {.port = 0};

        cw_case(it->text);
        assert_int_equal(
            cw_sip_hop_address_read((struct cw_bytes){it->text, strlen(it->text)}, &hop), it->want);
        if (it->want == CW_OK) {
            cw_assert_bytes(hop.host, ((struct cw_bytes){it->host, strlen(it->host)}));
            assert_int_equal(hop.port, it->port);
            assert_int_equal(hop.transport.len, strlen(it->transport));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guard),       cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nul),         cmocka_unit_test(test_framing),
        cmocka_unit_test(test_header_safe), cmocka_unit_test(test_hop_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
