/* SPDX-License-Identifier: Apache-2.0 */
/* What of a message stanza is understood, and what the gateway takes it for. */
#include "cw_test.h"

#include <causeway/message.h>
#include <stdio.h>

#define ATTRIBUTES                                                                                 \
    " from='mira@partner.example/Desk' to='tomasz@corp.example' id='m1' xml:lang='en'"

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

static struct cw_stanza read_message(const char *type, const char *children, struct cw_arena *arena)
{
    char xml[4096];
    char *copy;
    struct cw_stanza in;
    const int len = snprintf(xml, sizeof(xml),
                             "<message xmlns='jabber:server' type='%s'" ATTRIBUTES ">%s</message>",
                             type, children);

    copy = cw_arena_alloc(arena, (size_t)len);
    memcpy(copy, xml, (size_t)len);
    assert_int_equal(cw_stanza_read((struct cw_bytes){copy, (size_t)len}, arena, &in), CW_OK);
    return in;
}

#define OMEMO(payload)                                                                             \
    "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/>" payload "</encrypted>"
#define ADDRESSES(list) "<addresses xmlns='http://jabber.org/protocol/address'>" list "</addresses>"
#define STATE(name)     "<" name " xmlns='http://jabber.org/protocol/chatstates'/>"

/* MSG-1 to MSG-9, CT-4, CT-10, EXT-1 to EXT-14, RCPT-9, RCPT-10; MSG-V04, V05, V07 */
static const struct {
    const char *name, *type, *children, *body;
    enum cw_message_fate fate;
} FATES[] = {
    {"text", "chat", "<body>hi</body>", "hi", CW_MESSAGE_SEND},
    {"unknown type", "shout", "<body>hi</body>", "hi", CW_MESSAGE_SEND},
    {"headline", "headline", "<body>hi</body>", "hi", CW_MESSAGE_SEND},
    {"subject only", "normal", "<subject>Plan</subject>", NULL, CW_MESSAGE_SEND},
    {"empty body", "chat", "<body/>", NULL, CW_MESSAGE_DROP},
    {"groupchat", "groupchat", "<body>hi</body>", "hi", CW_MESSAGE_REFUSE_GROUPCHAT},
    {"typing", "chat", STATE("composing"), NULL, CW_MESSAGE_TYPING},
    {"typing in a thread", "chat", "<thread>t</thread>" STATE("gone"), NULL, CW_MESSAGE_TYPING},
    {"text that says active", "chat", "<body>hi</body>" STATE("active"), "hi", CW_MESSAGE_SEND},
    {"received", "chat", "<received xmlns='urn:xmpp:receipts' id='a'/>", NULL, CW_MESSAGE_RECEIPT},
    {"received without id", "chat", "<received xmlns='urn:xmpp:receipts'/>", NULL, CW_MESSAGE_DROP},
    {"displayed", "chat", "<displayed xmlns='urn:xmpp:chat-markers:0' id='a'/>" STATE("active"),
     NULL, CW_MESSAGE_RECEIPT},
    {"a marker that version 1 dropped", "chat",
     "<acknowledged xmlns='urn:xmpp:chat-markers:0' id='a'/>", NULL, CW_MESSAGE_DROP},
    {"correction (EXT-1)", "chat",
     "<body>hi!</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/>", "hi!",
     CW_MESSAGE_SEND},
    {"retraction (EXT-2)", "chat", "<retract xmlns='urn:xmpp:message-retract:1' id='m0'/>", NULL,
     CW_MESSAGE_DROP},
    {"retraction with a fallback (EXT-2, EXT-4)", "chat",
     "<retract xmlns='urn:xmpp:message-retract:1' id='m0'/><fallback xmlns='urn:xmpp:fallback:0'/>"
     "<body>took it back</body>",
     "took it back", CW_MESSAGE_SEND},
    {"reactions (EXT-3)", "chat",
     "<reactions xmlns='urn:xmpp:reactions:0' id='m0'><reaction>\xF0\x9F\x91\x8D</reaction>"
     "<x xmlns='a'>no</x><reaction> </reaction><reaction>\xE2\x9D\xA4</reaction></reactions>",
     "\xF0\x9F\x91\x8D \xE2\x9D\xA4", CW_MESSAGE_SEND},
    {"reactions taken back (EXT-3)", "chat", "<reactions xmlns='urn:xmpp:reactions:0' id='m0'/>",
     NULL, CW_MESSAGE_DROP},
    {"reply (EXT-3)", "chat", "<body>&gt; hi\nho</body><reply xmlns='urn:xmpp:reply:0' id='m0'/>",
     "> hi\nho", CW_MESSAGE_SEND},
    {"file with its URL as body (EXT-5)", "chat",
     "<body>https://partner.example/f</body><x xmlns='jabber:x:oob'><url>https://partner.example/f"
     "</url></x>",
     "https://partner.example/f", CW_MESSAGE_SEND},
    {"file without a body (EXT-5)", "chat",
     "<x xmlns='jabber:x:oob'><url> https://partner.example/f </url><desc>d</desc></x>",
     "https://partner.example/f", CW_MESSAGE_SEND},
    {"empty file (EXT-5)", "chat", "<x xmlns='jabber:x:oob'><url/></x>", NULL, CW_MESSAGE_DROP},
    {"HTML only (MSG-21)", "chat",
     "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>"
     "<p>Good <em>morrow</em>,</p><ul><li>one</li><li><a "
     "href='https://p.example/'>two</a></li></ul>"
     "</body></html>",
     "Good morrow,\n\n- one\n- two (https://p.example/)", CW_MESSAGE_SEND},
    {"HTML beside a body (MSG-21)", "chat",
     "<body>plain</body><html xmlns='http://jabber.org/protocol/xhtml-im'>"
     "<body xmlns='http://www.w3.org/1999/xhtml'>rich</body></html>",
     "plain", CW_MESSAGE_SEND},
    {"encrypted (EXT-6)", "chat", OMEMO("<payload>x</payload>"), NULL, CW_MESSAGE_REFUSE_ENCRYPTED},
    {"encrypted with a fallback (EXT-6)", "chat",
     OMEMO("<payload>x</payload>") "<body>use a better client</body>", "use a better client",
     CW_MESSAGE_SEND},
    {"only keys (EXT-6)", "chat", OMEMO(""), NULL, CW_MESSAGE_DROP},
    {"OpenPGP (EXT-6)", "chat", "<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>", NULL,
     CW_MESSAGE_REFUSE_ENCRYPTED},
    {"old OpenPGP (EXT-6)", "chat", "<x xmlns='jabber:x:encrypted'>x</x>", NULL,
     CW_MESSAGE_REFUSE_ENCRYPTED},
    {"carbon (EXT-7)", "chat",
     "<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></sent>"
     "<body>x</body>",
     "x", CW_MESSAGE_DROP_FORGED},
    {"archive (EXT-7)", "normal", "<result xmlns='urn:xmpp:mam:2' id='1'/>", NULL,
     CW_MESSAGE_DROP_FORGED},
    {"forward (EXT-7)", "normal", "<forwarded xmlns='urn:xmpp:forward:0'/>", NULL,
     CW_MESSAGE_DROP_FORGED},
    {"attention (EXT-10)", "headline", "<attention xmlns='urn:xmpp:attention:0'/>", NULL,
     CW_MESSAGE_DROP},
    {"invitation to a room (EXT-10)", "normal",
     "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b.example'/></x>"
     "<x xmlns='jabber:x:conference' jid='room@rooms.example'/>",
     NULL, CW_MESSAGE_DROP},
    {"a tune that plays (EXT-11)", "headline",
     "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='http://jabber.org/"
     "protocol/tune'><item><tune xmlns='http://jabber.org/protocol/tune'><title>x</title></tune>"
     "</item></items></event>",
     NULL, CW_MESSAGE_DROP},
    {"call (EXT-10)", "chat", "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", NULL,
     CW_MESSAGE_DROP},
    {"header of XEP-0131 (EXT-12)", "chat",
     "<headers xmlns='http://jabber.org/protocol/shim'><header name='a'>b</header></headers>", NULL,
     CW_MESSAGE_DROP},
    {"asks for a copy to another (EXT-15)", "chat",
     ADDRESSES("<address type='to' jid='mercutio@contoso.example'/>") "<body>hi</body>", "hi",
     CW_MESSAGE_REFUSE_MULTICAST},
    {"asks for a hidden copy (EXT-15)", "chat",
     ADDRESSES(
         "<address type='noreply'/><address type='bcc' jid='tybalt@contoso.example'/>") "<body>hi</"
                                                                                        "body>",
     "hi", CW_MESSAGE_REFUSE_MULTICAST},
    {"asks for a copy although it has no text (EXT-15)", "chat",
     ADDRESSES("<address type='cc' jid='tybalt@contoso.example'/>"), NULL,
     CW_MESSAGE_REFUSE_MULTICAST},
    {"says who else has it (EXT-15)", "chat",
     ADDRESSES("<address type='to' jid='mercutio@contoso.example' delivered='true'/>"
               "<address type='replyto' jid='nurse@fabrikam.example'/>"
               "<x xmlns='a' type='to'/>") "<body>hi</body>",
     "hi", CW_MESSAGE_SEND},
    {"styling (EXT-13)", "chat", "<body>*hi* _ho_</body>", "*hi* _ho_", CW_MESSAGE_SEND},
    {"something new (EXT-14)", "chat", "<x xmlns='urn:example:new'>x</x>", NULL, CW_MESSAGE_DROP},
};

static void decides_the_fate(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(FATES); i++) {
        struct cw_stanza in;

        cw_case(FATES[i].name);
        in = read_message(FATES[i].type, FATES[i].children, arena);
        assert_int_equal(cw_message_fate(&in), FATES[i].fate);
        cw_assert_bytes(in.body, text(FATES[i].body));
        assert_int_equal(in.body.base == NULL, FATES[i].body == NULL);
    }
    cw_arena_free(&arena);
}

/* MSG-5 */
static void drops_errors(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    const struct cw_stanza in = read_message(
        "error", "<body>x</body><error><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        arena);

    (void)state;
    assert_int_equal(cw_message_fate(&in), CW_MESSAGE_DROP);
    cw_arena_free(&arena);
}

/* RCPT-1, RCPT-9, RCPT-10, EXT-1, EXT-9 */
static void reads_marks(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    const struct cw_stanza all = read_message(
        "chat",
        "<body>x</body><request xmlns='urn:xmpp:receipts'/><markable "
        "xmlns='urn:xmpp:chat-markers:0'/>"
        "<no-store xmlns='urn:xmpp:hints'/><replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"
        "<received xmlns='urn:xmpp:receipts' id='r0'/>"
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='d0'/>",
        arena);
    const struct cw_stanza none = read_message("chat", "<body>x</body>", arena);

    (void)state;
    assert_true(all.wants_receipt && all.markable && all.no_store);
    cw_assert_bytes(all.replaces, CW_LIT("m0"));
    cw_assert_bytes(all.received_id, CW_LIT("r0"));
    cw_assert_bytes(all.displayed_id, CW_LIT("d0"));
    assert_false(none.wants_receipt || none.markable || none.no_store || none.encrypted ||
                 none.forwarded);
    assert_null(none.replaces.base);
    assert_null(none.received_id.base);
    assert_null(none.displayed_id.base);
    cw_arena_free(&arena);
}

/* MSG-20: the chosen one first, then the others as they came; MSG-9 */
static void reads_several_languages(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    const struct cw_stanza in = read_message("chat",
                                             "<body xml:lang='de'>Hallo</body><body>Hello</body>"
                                             "<body xml:lang='fr'/><body xml:lang='pl'>Hej</body>"
                                             "<subject xml:lang='de'>Plan</subject>",
                                             arena);

    (void)state;
    assert_int_equal(in.bodies.count, 3);
    cw_assert_bytes(in.bodies.items[0].text, CW_LIT("Hello"));
    cw_assert_bytes(in.bodies.items[0].lang, CW_LIT("en"));
    cw_assert_bytes(in.bodies.items[1].text, CW_LIT("Hallo"));
    cw_assert_bytes(in.bodies.items[2].lang, CW_LIT("pl"));
    cw_assert_bytes(in.body, CW_LIT("Hello"));
    assert_int_equal(in.subjects.count, 1);
    cw_assert_bytes(in.subject, CW_LIT("Plan"));
    cw_arena_free(&arena);
}

static void bounds_the_languages(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    char children[2000] = "";
    struct cw_stanza in;

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        strcat(children, "<body xml:lang='de'>x</body>");
    }
    in = read_message("chat", children, arena);
    assert_int_equal(in.bodies.count, CW_TEXTS_MAX);
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_the_fate),     cmocka_unit_test(drops_errors),
        cmocka_unit_test(reads_marks),          cmocka_unit_test(reads_several_languages),
        cmocka_unit_test(bounds_the_languages),
    };

    return cmocka_run_group_tests_name("message_read", tests, NULL, NULL);
}
