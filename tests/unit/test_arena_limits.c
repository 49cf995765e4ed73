/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever memory a message is given, a translation ends in its result or in CW_ERR_LIMIT, never in
 * something else and never half done: each is run with every limit from nothing up to enough. */
#include "cw_test.h"

#include <causeway/address.h>
#include <causeway/error_map.h>
#include <causeway/message.h>
#include <causeway/pidf.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#define ENOUGH ((size_t)4 << 20)
#define STEP   alignof(max_align_t) /* an arena gives out multiples of it */
#define BEYOND 64                   /* limits that are looked at behind the first that is enough */

#define JS "xmlns='jabber:server' from='mira@partner.example/Desk' to='tomasz@corp.example' id='m1'"
#define CPIM                                                                                       \
    "From: T <im:tomasz@corp.example>\r\nTo: <im:mira@partner.example>\r\nNS: i "                  \
    "<urn:ietf:params:imdn>\r\ni.Message-ID: Zp3cQ\r\nDateTime: 2026-03-02T09:00:00Z\r\n"          \
    "Subject:;lang=en A \\\\ B\\u00fc\r\ni.Disposition-Notification: positive-delivery, "          \
    "display\r\ni.IMDN-Record-Route: <sip:r@corp.example>\r\n"

/* One translation, or several in a row in the same arena. */
typedef enum cw_err flow(const char *const *in, struct cw_arena *arena);

static struct cw_bytes bytes(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

/* ---- messages ---- */

static enum cw_err back_and_write(const struct cw_page_message *sent, const struct cw_stanza *in,
                                  struct cw_arena *arena)
{
    struct cw_page_message page = *sent;
    struct cw_stanza_message message;
    struct cw_content content;
    struct cw_stanza back;
    struct cw_bytes xml;

    page.from_tag = CW_LIT("t");
    page.call_id = page.call_id.base != NULL ? page.call_id : CW_LIT("c@corp.example");
    page.arrived_ms = UINT64_C(1772442000000);
    CW_TRY(cw_message_to_xmpp(&page, &in->from, &in->to, arena, &content, &message));
    if (content.kind != CW_CONTENT_TEXT) {
        return CW_OK;
    }
    CW_TRY(cw_stanza_write_message(&message, arena, &xml));
    return cw_stanza_read(xml, arena, &back);
}

static enum cw_err send_notice(const struct cw_stanza *in, struct cw_arena *arena)
{
    const struct cw_cpim_routes routes = {.items = {CW_LIT("sip:r@corp.example")}, .count = 1};
    const struct cw_message_notice notice = {
        .from = in->from,
        .to = in->to,
        .routes = &routes,
        .about = CW_LIT("Zp3cQ"),
        .about_datetime = CW_LIT("2026-03-02T09:00:00Z"),
        .message_id = CW_LIT("q81Lx0"),
        .now_unix_ms = INT64_C(1772442000000),
        .status = CW_IMDN_DISPLAYED,
    };
    struct cw_page_message page;

    CW_TRY(cw_message_notify(&notice, arena, &page));
    return back_and_write(&page, in, arena);
}

/* A stanza in every form, and back. */
static enum cw_err message_flow(const char *const *in, struct cw_arena *arena)
{
    struct cw_page_message page;
    struct cw_stanza stanza;

    CW_TRY(cw_stanza_read(bytes(in[0]), arena, &stanza));
    if (cw_message_fate(&stanza) == CW_MESSAGE_TYPING) {
        CW_TRY(cw_message_typing(&stanza.from, &stanza.to, true, 90, arena, &page));
        return back_and_write(&page, &stanza, arena);
    }
    if (cw_message_fate(&stanza) == CW_MESSAGE_RECEIPT) {
        return send_notice(&stanza, arena);
    }
    for (unsigned form = 0; form < 4; form++) {
        const struct cw_message_form how = {
            .cpim = (form & 1) != 0,
            .message_id = CW_LIT("q81Lx0"),
            .now_unix_ms = INT64_C(1772442000000),
            .boundary = (form & 2) != 0 ? CW_LIT("b0und4ry") : (struct cw_bytes){0},
            .correction_mark = CW_LIT("* "),
        };

        CW_TRY(cw_message_to_sip(&stanza, &how, arena, &page));
        CW_TRY(back_and_write(&page, &stanza, arena));
    }
    return CW_OK;
}

/* Content-Type, Content-Disposition, body of a MESSAGE. */
static enum cw_err content_flow(const char *const *in, struct cw_arena *arena)
{
    const struct cw_stanza parties = {
        .from = {.local = CW_LIT("tomasz"), .domain = CW_LIT("corp.example")},
        .to = {.local = CW_LIT("mira"), .domain = CW_LIT("partner.example")}};
    const struct cw_page_message page = {
        .request_uri = CW_LIT("sip:mira@partner.example"),
        .from_uri = CW_LIT("sip:tomasz@corp.example"),
        .from_display = CW_LIT("T\tN"),
        .to_uri = CW_LIT("sip:mira@partner.example"),
        .subject = CW_LIT("a\x01"
                          "b"),
        .content_language = CW_LIT("de, en"),
        .date = CW_LIT("Mon, 02 Mar 2026 08:00:00 GMT"),
        .content_type = bytes(in[0]),
        .content_disposition = bytes(in[1]),
        .body = bytes(in[2]),
    };

    return back_and_write(&page, &parties, arena);
}

/* ---- presence ---- */

static enum cw_err presence_flow(const char *const *in, struct cw_arena *arena)
{
    struct cw_pidf doc = {.entity = CW_LIT("pres:mira@partner.example"), .tuple_count = 2};
    struct cw_pidf_tuple tuples[2];
    struct cw_presence shown;
    struct cw_stanza stanza;
    struct cw_pidf back;
    struct cw_bytes xml;

    CW_TRY(cw_stanza_read(bytes(in[0]), arena, &stanza));
    stanza.presence.resource = stanza.from.resource;
    doc.tuples = tuples;
    for (size_t i = 0; i < 2; i++) { /* twice the same, so that the second id is another */
        CW_TRY(cw_presence_to_pidf(&stanza.presence, CW_LIT("sip:mira@partner.example"),
                                   CW_PIDF_VIEW_FULL, arena, &tuples[i]));
    }
    CW_TRY(cw_pidf_write(&doc, ENOUGH, arena, &xml));
    CW_TRY(cw_pidf_read(xml, (struct cw_bytes){0}, arena, &back));
    CW_TRY(cw_pidf_to_presence(&back, &back.tuples[0], CW_PIDF_VIEW_FULL, &CW_SHOW_MAP_DEFAULT,
                               arena, &shown));
    CW_TRY(cw_stanza_write_presence(&stanza.from, &stanza.to, &shown, CW_LIT("1"), arena, &xml));
    return cw_stanza_write_subscription(&stanza.from, &stanza.to, CW_TYPE_SUBSCRIBE, CW_LIT("1"),
                                        arena, &xml);
}

static enum cw_err pidf_flow(const char *const *in, struct cw_arena *arena)
{
    struct cw_presence shown;
    struct cw_pidf doc;

    CW_TRY(cw_pidf_read(bytes(in[0]), (struct cw_bytes){0}, arena, &doc));
    for (size_t i = 0; i < doc.tuple_count; i++) {
        CW_TRY(cw_pidf_to_presence(&doc, &doc.tuples[i], CW_PIDF_VIEW_FULL, &CW_SHOW_MAP_DEFAULT,
                                   arena, &shown));
    }
    return CW_OK;
}

/* ---- addresses and errors ---- */

static enum cw_err address_flow(const char *const *in, struct cw_arena *arena)
{
    struct cw_sip_uri uri;
    struct cw_bytes text;
    struct cw_jid jid;

    CW_TRY(cw_jid_read(bytes(in[0]), arena, &jid));
    CW_TRY(cw_address_xmpp_uri(&jid, arena, &text));
    CW_TRY(cw_jid_domain_ascii(jid.domain, arena, &text));
    CW_TRY(cw_address_to_sip(&jid, CW_ADDRESS_WITH_GR, arena, &text));
    CW_TRY(cw_sip_uri_read(text, arena, &uri));
    CW_TRY(cw_sip_uri_aor(&uri, arena, &text));
    CW_TRY(cw_address_key(&uri, arena, &text));
    CW_TRY(cw_address_to_jid(&uri, arena, &jid));
    return cw_jid_write(&jid, arena, &text);
}

static enum cw_err telephone_flow(const char *const *in, struct cw_arena *arena)
{
    struct cw_sip_uri uri;
    struct cw_sip_uri user;

    CW_TRY(cw_sip_uri_read(bytes(in[0]), arena, &uri));
    return cw_address_of_tel(&uri, CW_LIT("corp.example"), arena, &user);
}

static enum cw_err error_flow(const char *const *in, struct cw_arena *arena)
{
    struct cw_stanza_error error = cw_error_from_sip(404, false, true);
    struct cw_stanza stanza;
    struct cw_stanza back;
    struct cw_bytes xml;

    CW_TRY(cw_stanza_read(bytes(in[0]), arena, &stanza));
    CW_TRY(cw_error_text(CW_ERROR_TEXT_COPY, 404, bytes(in[1]), arena, &error.text));
    CW_TRY(cw_stanza_write_error(&stanza, &error, arena, &xml));
    CW_TRY(cw_stanza_read(xml, arena, &back));
    return stanza.kind == CW_STANZA_IQ
               ? cw_stanza_write_result(&stanza, CW_LIT("<q xmlns='urn:q'/>"), arena, &xml)
               : CW_OK;
}

/* ---- all of it ---- */

static const struct {
    flow *run;
    const char *in[3];
} FLOWS[] = {
    {message_flow,
     {"<message " JS
      " type='chat' xml:lang='pl'><thread>t&amp;1</thread><subject>Plan&#10;B</subject>"
      "<subject xml:lang='en'>Plan</subject><body>a&#10;b &lt;c&gt;</body>"
      "<body xml:lang='en'>two</body><nick xmlns='http://jabber.org/protocol/nick'>M\"</nick>"
      "<delay xmlns='urn:xmpp:delay' stamp='2026-03-02T08:00:00Z'/>"
      "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>"
      "<replace xmlns='urn:xmpp:message-correct:0' id='m0'/></message>"}},
    {message_flow,
     {"<message " JS "><html xmlns='http://jabber.org/protocol/xhtml-im'>"
      "<body xmlns='http://www.w3.org/1999/xhtml'><p>a <b>b</b><br/>c</p><ul><li>d</li></ul>"
      "<a href='https://x.example/'>e</a></body></html></message>"}},
    {message_flow,
     {"<message " JS "><x xmlns='jabber:x:oob'><url>https://x.example/</url></x></message>"}},
    {message_flow,
     {"<message " JS "><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"}},
    {message_flow, {"<message " JS "><received xmlns='urn:xmpp:receipts' id='m0'/></message>"}},
    {content_flow, {"text/plain", NULL, "h\x01i\r\nthere"}},
    {content_flow, {"text/plain;charset=\"iso-8859-1\"", NULL, "caf\xE9"}},
    {content_flow, {"text/plain;charset=utf-16", NULL, "\xFE\xFF\x01\x41\xD8\x3D\xDE\x02"}},
    {content_flow, {"text/html", NULL, "<p>a &amp; &euro;<br>b</p><script>x</script>"}},
    {content_flow,
     {"multipart/mixed; boundary=\"b\"", "render;handling=optional",
      "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\nContent-Language: "
      "de\r\n\r\naGVsbG8=\r\n--b\r\nContent-Transfer-Encoding: "
      "quoted-printable\r\n\r\na=3Db=\r\n\r\n"
      "--b--\r\n"}},
    {content_flow,
     {"message/cpim", NULL,
      CPIM "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Language: de\r\n\r\nhi\r\nyou"}},
    {content_flow,
     {"message/cpim", NULL,
      CPIM "\r\nContent-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n"
           "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>m0</message-id><datetime>"
           "2026-03-02T09:00:00Z</datetime><recipient-uri>im:a@b</recipient-uri>"
           "<delivery-notification><status><delivered/></status></delivery-notification></imdn>"}},
    {content_flow,
     {"application/im-iscomposing+xml", NULL,
      "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>active</state>"
      "<contenttype>text/plain</contenttype><lastactive>2026-03-02T09:00:00Z</lastactive>"
      "<refresh>90</refresh></isComposing>"}},
    {presence_flow,
     {"<presence xmlns='jabber:server' from='mira@partner.example/a b' to='tomasz@corp.example'>"
      "<show>xa</show><status xml:lang='de'>w&lt;g</status><priority>5</priority>"
      "<idle xmlns='urn:xmpp:idle:1' since='2026-03-02T08:00:00Z'/></presence>"}},
    {pidf_flow,
     {"<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:t@corp.example' "
      "xmlns:d='urn:ietf:params:xml:ns:pidf:data-model' xmlns:r='urn:ietf:params:xml:ns:pidf:rpid'>"
      "<tuple id='ID-x6120'><status><basic>open</basic></status><contact priority='0.8'>"
      "sip:t@corp.example</contact><note xml:lang='en'>in a \xC2\x85 m</note></tuple>"
      "<tuple id='a'><status><basic>open</basic></status><note>a&#13;b</note></tuple>"
      "<d:person id='p'><r:activities><r:meeting/></r:activities></d:person></presence>"}},
    {address_flow,
     {"\xC5\xBB"
      "aneta\\40x@B\xC3\xBC"
      "cher.example./\xE2\x84\xAB 1;x"}},
    {address_flow, {"a\\5c2fb@partner.example"}},
    {telephone_flow, {"tel:+1-555-0100;ext=5"}},
    {error_flow, {"<message " JS "><body>x</body></message>", "Not\there \xC3\xBC"}},
    {error_flow, {"<iq " JS " type='get'><q xmlns='urn:q' node='n'/></iq>", ""}},
    {error_flow,
     {"<message " JS " type='error'><error type='cancel'><gone "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:a@b</gone><text "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>t</text></error></message>",
      "x"}},
};

static enum cw_err run(size_t i, size_t limit)
{
    struct cw_arena *arena = cw_arena_new(limit);
    const enum cw_err err = FLOWS[i].run(FLOWS[i].in, arena);

    cw_arena_free(&arena);
    return err;
}

static void ends_in_its_result_or_in_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(FLOWS); i++) {
        const enum cw_err result = run(i, ENOUGH);
        size_t limit = 0;
        enum cw_err err;

        assert_int_not_equal(result, CW_ERR_LIMIT);
        while ((err = run(i, limit)) == CW_ERR_LIMIT) {
            limit += STEP;
            assert_true(limit < ENOUGH);
        }
        for (size_t beyond = 0; beyond < BEYOND; beyond++) {
            err = run(i, limit + beyond * STEP);
            if (err != result) {
                fail_msg("flow %zu: error %d with %zu octets, %d with enough", i, (int)err,
                         limit + beyond * STEP, (int)result);
            }
        }
        print_message("  flow %zu ends in %d and takes %zu octets\n", i, (int)result, limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_in_its_result_or_in_the_limit),
    };

    return cmocka_run_group_tests_name("arena_limits", tests, NULL, NULL);
}
