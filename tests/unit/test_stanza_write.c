/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/caps.h>
#include <causeway/stanza_write.h>

static const struct cw_jid TOMASZ = {{"tomasz", 6}, {"corp.example", 12}, {"desk7", 5}};
static const struct cw_jid MIRA = {{"mira", 4}, {"partner.example", 15}, {NULL, 0}};

#define PAIR "xmlns='jabber:server' from='tomasz@corp.example/desk7' to='mira@partner.example'"

static void writes_messages(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_text body = {CW_LIT("<&>\n\r"), CW_LIT("pl")};
    const struct cw_text subject = {CW_LIT("Plan"), CW_LIT("pl")};
    const struct cw_text x = {.text = CW_LIT("x")};
    const struct cw_stanza_message message = {.from = TOMASZ,
                                              .to = MIRA,
                                              .type = CW_TYPE_CHAT,
                                              .id = CW_LIT("a'b\n"),
                                              .bodies = {&body, 1},
                                              .subjects = {&subject, 1},
                                              .thread = CW_LIT("c0ffee-77@127.0.0.1"),
                                              .lang = CW_LIT("pl"),
                                              .nick = CW_LIT("Tomasz N"),
                                              .delay_stamp = CW_LIT("2026-03-02T09:00:00Z"),
                                              .delay_from = CW_LIT("corp.example")};
    const struct cw_stanza_message bare = {
        .from = TOMASZ, .to = MIRA, .type = CW_TYPE_NORMAL, .bodies = {&x, 1}};
    struct cw_bytes xml;

    (void)state;
    assert_int_equal(cw_stanza_write_message(&message, arena, &xml), CW_OK);
    cw_assert_bytes(xml, CW_LIT("<message " PAIR " type='chat' id='a&apos;b&#10;' xml:lang='pl'>"
                                "<thread>c0ffee-77@127.0.0.1</thread><subject>Plan</subject>"
                                "<body>&lt;&amp;&gt;\n&#13;</body>"
                                "<nick xmlns='http://jabber.org/protocol/nick'>Tomasz N</nick>"
                                "<delay xmlns='urn:xmpp:delay' from='corp.example'"
                                " stamp='2026-03-02T09:00:00Z'/></message>"));
    assert_int_equal(cw_stanza_write_message(&bare, arena, &xml), CW_OK); /* MSG-62: no type */
    cw_assert_bytes(xml, CW_LIT("<message " PAIR "><body>x</body></message>"));
    cw_arena_free(&arena);
    arena = cw_arena_new(100);
    assert_int_equal(cw_stanza_write_message(&message, arena, &xml), CW_ERR_LIMIT);
    cw_arena_free(&arena);
}

/* CT-2, CT-10, CT-11, RCPT-4, RCPT-7, RCPT-8, EXT-8, MSG-70 */
static const struct {
    const char *name;
    struct cw_stanza_message message;
    const char *children;
} MARKS[] = {
    {"composing",
     {.type = CW_TYPE_CHAT, .chat_state = CW_CHAT_COMPOSING, .no_store = true},
     "<composing xmlns='http://jabber.org/protocol/chatstates'/><no-store "
     "xmlns='urn:xmpp:hints'/>"},
    {"paused",
     {.type = CW_TYPE_CHAT, .chat_state = CW_CHAT_PAUSED},
     "<paused xmlns='http://jabber.org/protocol/chatstates'/>"},
    {"gone",
     {.type = CW_TYPE_CHAT, .chat_state = CW_CHAT_GONE},
     "<gone xmlns='http://jabber.org/protocol/chatstates'/>"},
    {"inactive",
     {.type = CW_TYPE_CHAT, .chat_state = CW_CHAT_INACTIVE},
     "<inactive xmlns='http://jabber.org/protocol/chatstates'/>"},
    {"asks",
     {.type = CW_TYPE_CHAT, .wants_receipt = true, .markable = true},
     "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>"},
    {"received",
     {.type = CW_TYPE_CHAT, .received_id = {"a'b", 3}},
     "<received xmlns='urn:xmpp:receipts' id='a&apos;b'/>"},
    {"displayed",
     {.type = CW_TYPE_CHAT, .displayed_id = {"r1", 2}},
     "<displayed xmlns='urn:xmpp:chat-markers:0' id='r1'/>"},
};

static void writes_marks(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(MARKS); i++) {
        struct cw_stanza_message message = MARKS[i].message;
        char want[512] = "<message " PAIR " type='chat'>";
        struct cw_bytes xml;

        cw_case(MARKS[i].name);
        strcat(strcat(want, MARKS[i].children), "</message>");
        message.from = TOMASZ;
        message.to = MIRA;
        assert_int_equal(cw_stanza_write_message(&message, arena, &xml), CW_OK);
        cw_assert_bytes(xml, ((struct cw_bytes){want, strlen(want)}));
    }
    cw_arena_free(&arena);
}

static void writes_several_languages(void **state)
{
    static const struct cw_text BODIES[] = {
        {{"Hi", 2}, {"en", 2}}, {{"Hej", 3}, {"pl", 2}}, {{"?", 1}, {NULL, 0}}};
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_stanza_message message = {.from = TOMASZ,
                                              .to = MIRA,
                                              .type = CW_TYPE_NORMAL,
                                              .id = CW_LIT("i1"),
                                              .lang = CW_LIT("en"),
                                              .origin_id = true,
                                              .bodies = {BODIES, 3}};
    struct cw_bytes xml;

    (void)state;
    assert_int_equal(cw_stanza_write_message(&message, arena, &xml), CW_OK);
    cw_assert_bytes(xml, CW_LIT("<message " PAIR " id='i1' xml:lang='en'><body>Hi</body>"
                                "<body xml:lang='pl'>Hej</body><body>?</body>"
                                "<origin-id xmlns='urn:xmpp:sid:0' id='i1'/></message>"));
    cw_arena_free(&arena);
}

static void writes_subscriptions(void **state)
{
    static const struct {
        enum cw_stanza_type type;
        const char *name;
    } TYPES[] = {{CW_TYPE_SUBSCRIBE, "subscribe"},
                 {CW_TYPE_SUBSCRIBED, "subscribed"},
                 {CW_TYPE_UNSUBSCRIBE, "unsubscribe"},
                 {CW_TYPE_UNSUBSCRIBED, "unsubscribed"},
                 {CW_TYPE_PROBE, "probe"},
                 {CW_TYPE_UNAVAILABLE, "unavailable"}};
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TYPES); i++) {
        char want[256] = "<presence " PAIR " type='";
        struct cw_bytes xml;

        strcat(want, TYPES[i].name);
        strcat(want, "' id='7'></presence>");
        assert_int_equal(
            cw_stanza_write_subscription(&TOMASZ, &MIRA, TYPES[i].type, CW_LIT("7"), arena, &xml),
            CW_OK);
        cw_assert_bytes(xml, ((struct cw_bytes){want, strlen(want)}));
    }
    cw_arena_free(&arena);
}

static const struct cw_text IN_POLISH[] = {{{"w biurze", 8}, {"pl", 2}}};
static const struct cw_text GONE[] = {{{"gone", 4}, {NULL, 0}}};
static const struct cw_text TWO[] = {{{"in", 2}, {"en", 2}}, {{"<da>", 4}, {"de", 2}}};

/* PRES-25 to PRES-33, PRES-43, PRES-44, PRES-45, PRES-46; vectors PRES-V08, V12. */
static const struct {
    const char *name;
    struct cw_presence in;
    const char *xml;
} PRESENCES[] = {
    {"plain", {.available = true}, "<presence " PAIR "></presence>"},
    {"full",
     {.available = true,
      .show = CW_SHOW_DND,
      .has_priority = true,
      .priority = -128,
      .statuses = {IN_POLISH, 1},
      .stamp = {"2026-03-02T09:00:00Z", 20}},
     "<presence " PAIR "><show>dnd</show><status xml:lang='pl'>w biurze</status>"
     "<priority>-128</priority><delay xmlns='urn:xmpp:delay' stamp='2026-03-02T09:00:00Z'/>"
     "</presence>"},
    {"two languages",
     {.available = true, .statuses = {TWO, 2}},
     "<presence " PAIR "><status xml:lang='en'>in</status>"
     "<status xml:lang='de'>&lt;da&gt;</status></presence>"},
    {"idle, with capabilities; of a picture nothing is known, so nothing is said",
     {.available = true,
      .show = CW_SHOW_AWAY,
      .idle_since = {"2026-03-02T08:00:00Z", 20},
      .caps = CW_CAPS_DEFAULT},
     "<presence " PAIR "><show>away</show>"
     "<idle xmlns='urn:xmpp:idle:1' since='2026-03-02T08:00:00Z'/>"
     "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:causeway:gateway' "
     "ver='DcZls+t5lYrZzPHFihG+6myGbdU='/></presence>"},
    {"priority 0",
     {.available = true, .has_priority = true},
     "<presence " PAIR "><priority>0</priority></presence>"},
    {"unavailable has neither show nor priority",
     {.show = CW_SHOW_XA,
      .has_priority = true,
      .priority = 5,
      .statuses = {GONE, 1},
      .idle_since = {"2026-03-02T08:00:00Z", 20},
      .caps = CW_CAPS_DEFAULT},
     "<presence " PAIR " type='unavailable'><status>gone</status></presence>"},
};

static void writes_presence(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(PRESENCES); i++) {
        const struct cw_bytes want = {PRESENCES[i].xml, strlen(PRESENCES[i].xml)};
        struct cw_bytes xml;

        cw_case(PRESENCES[i].name);
        assert_int_equal(cw_stanza_write_presence(&TOMASZ, &MIRA, &PRESENCES[i].in,
                                                  (struct cw_bytes){0}, arena, &xml),
                         CW_OK);
        cw_assert_bytes(xml, want);
    }
    cw_arena_free(&arena);
}

/* ERR-2, ERR-5, ERR-8, ERR-9; vectors MSG-V04, V13, V15. */
static void writes_errors_the_other_way_round(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza in = {.kind = CW_STANZA_IQ, .from = MIRA, .to = TOMASZ, .id = CW_LIT("q1")};
    const struct cw_stanza_error error = {.condition = CW_LIT("recipient-unavailable"),
                                          .type = CW_LIT("wait"),
                                          .text = CW_LIT("Gone <home>")};
    const struct cw_stanza_error gone = {.condition = CW_LIT("gone"),
                                         .type = CW_LIT("cancel"),
                                         .gone_uri = CW_LIT("xmpp:t.n@corp.example")};
    struct cw_bytes xml;

    (void)state;
    assert_int_equal(cw_stanza_write_error(&in, &error, arena, &xml), CW_OK);
    cw_assert_bytes(
        xml, CW_LIT("<iq " PAIR " type='error' id='q1'><error type='wait'>"
                    "<recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>"
                    "</recipient-unavailable><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
                    " xml:lang='en'>Gone &lt;home&gt;</text></error></iq>"));
    in.kind = CW_STANZA_MESSAGE;
    in.id = (struct cw_bytes){0};
    assert_int_equal(cw_stanza_write_error(&in, &gone, arena, &xml), CW_OK);
    cw_assert_bytes(xml, CW_LIT("<message " PAIR " type='error' id=''><error type='cancel'>"
                                "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>"
                                "xmpp:t.n@corp.example</gone></error></message>"));
    cw_arena_free(&arena);
}

/* IQ-3 */
static void writes_results(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    const struct cw_stanza in = {
        .kind = CW_STANZA_IQ, .from = MIRA, .to = TOMASZ, .id = CW_LIT("p1")};
    struct cw_bytes xml;

    (void)state;
    assert_int_equal(cw_stanza_write_result(&in, CW_LIT("<q/>"), arena, &xml), CW_OK);
    cw_assert_bytes(xml, CW_LIT("<iq " PAIR " type='result' id='p1'><q/></iq>"));
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_marks),    cmocka_unit_test(writes_several_languages),
        cmocka_unit_test(writes_messages), cmocka_unit_test(writes_subscriptions),
        cmocka_unit_test(writes_presence), cmocka_unit_test(writes_errors_the_other_way_round),
        cmocka_unit_test(writes_results),
    };

    return cmocka_run_group_tests_name("stanza_write", tests, NULL, NULL);
}
