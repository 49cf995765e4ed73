/* SPDX-License-Identifier: Apache-2.0 */
/* Random stanzas and requests, grown from grammars and then damaged; see translation_property.h.
 * The seed is fixed: a failure can be had again. */
#include "cw_test.h"
#include "translation_property.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS   10000
#define TEXT_MAX 16384u

struct text {
    uint64_t seed;
    char octets[TEXT_MAX];
    size_t len;
};

static unsigned draw(struct text *text, unsigned below)
{
    text->seed = text->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(text->seed >> 33) % below;
}

static void put(struct text *text, const char *more)
{
    const size_t len = strlen(more);

    if (text->len + len < TEXT_MAX) {
        memcpy(text->octets + text->len, more, len);
        text->len += len;
    }
}

#define PICK(text, list) ((list)[draw((text), CW_COUNT(list))])

/* ---- stanzas ---- */

/* What may stand in character data; some of it looks like what it must not become. */
static const char *const WORDS[] = {
    "hello",
    " ",
    "\n",
    "&#13;&#10;",
    "&#13;",
    "&#10;X-Injected: 1",
    "\t",
    "&lt;b&gt;",
    "&amp;amp;",
    "\"",
    "'",
    "%0d%0a",
    "]]&gt;",
    "\xC3\xBC",
    "\xE2\x82\xAC",
    "\xF0\x9F\x98\x80",
    "\\",
    "Content-Length: 0",
    "&#13;&#10;&#13;&#10;",
    "--b0und4ry7c1e9b2f",
    "\xE2\x80\xA8",
    "\xC2\x85",
    "NS: imdn",
    "\\u000a",
    "<![CDATA[<&\r\n]]>",
    ";",
    "<?",
    "&#xFFFD;",
    "\xEF\xBB\xBF",
    "e\xCC\x81",
    "a b",
    "-",
};

static const char *const LANGUAGES[] = {"de", "en-GB", "x-klingon", "", "1", "de\xC3\xA9", "a,b"};

static const char *const IDS[] = {"m1", "a&#10;b", "\xC3\xBC", "&lt;&gt;", "", "%", "x y"};

static const char *const JIDS[] = {
    "mira@partner.example/Desk",
    "mira@partner.example",
    "o\\27neil@partner.example/a b",
    "\xC5\xBC\x61neta@b\xC3\xBC"
    "cher.example",
    "a\\40b@partner.example/\xE2\x82\xAC;=,?",
    "r\\26d@partner.example/x@y/z",
    "a%b[c]@partner.example/%0d%0a",
};

/* Elements of a message; %T is text, %L a language, %I an id. */
static const char *const PARTS[] = {
    "<body>%T</body>",
    "<body>%T%T%T</body>",
    "<body xml:lang='%L'>%T</body>",
    "<subject>%T</subject>",
    "<subject xml:lang='%L'>%T</subject>",
    "<thread>%I</thread>",
    "<thread parent='%I'>3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a10</thread>",
    "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>"
    "<p>%T<br/>%T</p></body></html>",
    "<nick xmlns='http://jabber.org/protocol/nick'>%T</nick>",
    "<delay xmlns='urn:xmpp:delay' stamp='2026-03-02T08:00:00Z' from='partner.example'/>",
    "<delay xmlns='urn:xmpp:delay' stamp='%I'/>",
    "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    "<active xmlns='http://jabber.org/protocol/chatstates'/>",
    "<request xmlns='urn:xmpp:receipts'/>",
    "<received xmlns='urn:xmpp:receipts' id='%I'/>",
    "<markable xmlns='urn:xmpp:chat-markers:0'/>",
    "<displayed xmlns='urn:xmpp:chat-markers:0' id='%I'/>",
    "<replace xmlns='urn:xmpp:message-correct:0' id='%I'/>",
    "<x xmlns='jabber:x:oob'><url>https://partner.example/%I</url></x>",
    "<no-store xmlns='urn:xmpp:hints'/>",
    "<unknown xmlns='urn:x'>%T<deeper/></unknown>",
    "<show>away</show>",
    "<status>%T</status>",
    "<status xml:lang='%L'>%T</status>",
    "<priority>5</priority>",
    "<idle xmlns='urn:xmpp:idle:1' since='2026-03-02T08:00:00Z'/>",
    "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>%T</gone></error>",
};

static const char *const TYPES[] = {"",
                                    " type='chat'",
                                    " type='normal'",
                                    " type='headline'",
                                    " type='unavailable'",
                                    " type='error'",
                                    " type='strange'"};

static void put_escaped(struct text *text, const char *pattern)
{
    for (; *pattern != '\0'; pattern++) {
        const char one[] = {*pattern, '\0'};

        if (*pattern != '%') {
            put(text, one);
            continue;
        }
        switch (*++pattern) {
        case 'T':
            put(text, PICK(text, WORDS));
            put(text, PICK(text, WORDS));
            break;
        case 'L':
            put(text, PICK(text, LANGUAGES));
            break;
        default:
            put(text, PICK(text, IDS));
            break;
        }
    }
}

static void grow_stanza(struct text *text)
{
    const char *const kind = draw(text, 4) == 0 ? "presence" : "message";
    const unsigned parts = draw(text, 6);

    text->len = 0;
    put(text, "<");
    put(text, kind);
    put(text, " xmlns='jabber:server' from='");
    put(text, PICK(text, JIDS));
    put(text, "' to='tomasz@corp.example'");
    put(text, PICK(text, TYPES));
    put_escaped(text, draw(text, 2) == 0 ? " id='%I'>" : " id='%I' xml:lang='%L'>");
    if (kind[0] == 'm' && draw(text, 2) == 0) {
        put_escaped(text, PARTS[draw(text, 3)]);
    }
    for (unsigned i = 0; i < parts; i++) {
        put_escaped(text, PICK(text, PARTS));
    }
    put(text, "</");
    put(text, kind);
    put(text, ">");
}

/* ---- requests ---- */

static const char *const BODIES[] = {
    "hello",
    "",
    "Gr\xC3\xBC\xC3\x9F"
    "e\r\nbis 17:00\r\n",
    "\xFF\xFE",
    "a\x01"
    "b\x00",
    "<b>x</b>",
    "From: <sip:a@b>\r\nTo: <sip:c@d>\r\n\r\nContent-Type: text/plain\r\n\r\nhi",
    "From: <im:tomasz@corp.example>\r\nTo: <im:mira@partner.example>\r\nNS: imdn "
    "<urn:ietf:params:imdn>\r\nimdn.Message-ID: abc\r\nimdn.Disposition-Notification: "
    "positive-delivery\r\n\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhi\r\nthere",
    "<?xml version='1.0'?><isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>"
    "<state>active</state><refresh>90</refresh></isComposing>",
    "--b\r\nContent-Type: text/html\r\n\r\n<p>a &amp; b</p>\r\n--b\r\n\r\nplain\r\n--b--\r\n",
    "<html><body>a<br>b&euro;&#13;</body></html>",
    "\x80\x81 caf\xE9",
};

static const char *const CONTENT_TYPES[] = {
    "Content-Type: text/plain\r\n",
    "Content-Type: text/plain;charset=UTF-8\r\n",
    "c: text/plain; charset=\"iso-8859-1\"\r\n",
    "Content-Type: text/html\r\n",
    "Content-Type: message/cpim\r\n",
    "Content-Type: application/im-iscomposing+xml\r\n",
    "Content-Type: multipart/alternative;boundary=b\r\n",
    "Content-Type: multipart/mixed; boundary=\"b\"\r\nContent-Disposition: render;"
    "handling=optional\r\n",
    "",
};

static const char *const LINES[] = {
    "Subject: Plan\r\n",
    "s: \xC3\xBC\xE2\x82\xAC <&>\"'\r\n",
    "Subject: two\r\n lines\r\n",
    "Content-Language: pl, en\r\n",
    "Content-Language: \xC3\xBC\r\n",
    "Date: Mon, 02 Mar 2026 09:00:00 GMT\r\n",
    "Date: yesterday\r\n",
    "Expires: 10\r\n",
    "Allow: MESSAGE\r\n",
    "X-Other: x\r\n",
    "Subject: ]]>\r\n",
};

static const char *const FROMS[] = {
    "\"Tomasz N\" <sip:tomasz@corp.example;gr=desk7>;tag=a1",
    "<sip:o'neil@corp.example>;tag=a1",
    "\"a\\\"b<c>&\" <sip:a%40b@corp.example>;tag=x",
    "sip:tomasz@corp.example;tag=z",
    "\xC3\xBC <sip:%C5%BCaneta@corp.example;gr=%C3%BC%3B>;tag=1",
};

static const char *const CALL_IDS[] = {"c0ffee-77@10.1.2.3", "<a>&'\"@b", "x", "a%b?c"};

static void grow_request(struct text *text)
{
    const char *const body = PICK(text, BODIES);
    const unsigned lines = draw(text, 3);
    char length[64];

    text->len = 0;
    put(text, "MESSAGE sip:mira@partner.example SIP/2.0\r\n"
              "Via: SIP/2.0/TLS proxy.corp.example;branch=z9hG4bKx\r\nMax-Forwards: 70\r\nFrom: ");
    put(text, PICK(text, FROMS));
    put(text, "\r\nTo: <sip:mira@partner.example>\r\nCall-ID: ");
    put(text, PICK(text, CALL_IDS));
    put(text, "\r\nCSeq: 5 MESSAGE\r\n");
    put(text, PICK(text, CONTENT_TYPES));
    for (unsigned i = 0; i < lines; i++) {
        put(text, PICK(text, LINES));
    }
    (void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n\r\n", strlen(body));
    put(text, length);
    put(text, body);
}

/* ---- damage ---- */

static void damage(struct text *text)
{
    const unsigned changes = 1 + draw(text, 4);

    for (unsigned i = 0; i < changes && text->len > 8; i++) {
        const size_t at = draw(text, (unsigned)text->len);
        const size_t run = 1 + draw(text, 8);
        const size_t tail = text->len - at;

        switch (draw(text, 4)) {
        case 0:
            text->octets[at] = (char)draw(text, 256);
            break;
        case 1: /* take out */
            memmove(text->octets + at, text->octets + at + (run < tail ? run : tail),
                    tail - (run < tail ? run : tail));
            text->len -= run < tail ? run : tail;
            break;
        case 2: /* say twice */
            if (text->len + tail < TEXT_MAX) {
                memmove(text->octets + at + tail, text->octets + at, tail);
                text->len += tail;
            }
            break;
        default: /* a hostile octet */
            text->octets[at] = "\r\n\0<>&'\";:%\\\x7F\xC2"[draw(text, 14)];
            break;
        }
    }
}

/* ---- tests ---- */

static void must(const struct text *text, uint64_t seed, const char *wrong)
{
    if (wrong != NULL) {
        fail_msg("seed %llu: %s:\n%.*s", (unsigned long long)seed, wrong, (int)text->len,
                 text->octets);
    }
}

static struct property_tally play(uint64_t seed, void (*grow)(struct text *), bool damaged,
                                  bool stanza)
{
    static struct text text;
    struct property_tally tally = {0};

    text.seed = seed;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t now = text.seed;

        grow(&text);
        if (damaged) {
            damage(&text);
        }
        const struct cw_bytes octets = {text.octets, text.len};

        must(&text, now,
             stanza ? property_of_stanza(octets, i % PROPERTY_FORMS, &tally)
                    : property_of_request(octets, &tally));
    }
    print_message("  of %u: %u read, %u translated, %u carried\n", ROUNDS, tally.read,
                  tally.translated, tally.carried);
    return tally;
}

/* SEC-16, MSG-13, MSG-14, MSG-61, PRES-19 */
static void carries_any_stanza(void **state)
{
    const struct property_tally tally = play(20260302, grow_stanza, false, true);

    (void)state;
    assert_true(tally.read > ROUNDS / 2);
    assert_true(tally.carried > ROUNDS / 4);
}

static void bears_damaged_stanzas(void **state)
{
    const struct property_tally tally = play(20260303, grow_stanza, true, true);

    (void)state;
    assert_true(tally.read > ROUNDS / 40);
    assert_true(tally.read < ROUNDS);
}

/* SEC-16, MSG-54 to MSG-61, MSG-66 */
static void carries_any_request(void **state)
{
    const struct property_tally tally = play(20260304, grow_request, false, false);

    (void)state;
    assert_true(tally.read > ROUNDS / 2);
    assert_true(tally.carried > ROUNDS / 8);
}

static void bears_damaged_requests(void **state)
{
    const struct property_tally tally = play(20260305, grow_request, true, false);

    (void)state;
    assert_true(tally.read > ROUNDS / 20);
    assert_true(tally.read < ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_any_stanza),
        cmocka_unit_test(bears_damaged_stanzas),
        cmocka_unit_test(carries_any_request),
        cmocka_unit_test(bears_damaged_requests),
    };

    return cmocka_run_group_tests_name("translation_properties", tests, NULL, NULL);
}
