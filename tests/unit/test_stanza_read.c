/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <stdio.h>

#include <causeway/stanza.h>

static struct cw_bytes text(const char *literal)
{
    return literal == NULL ? (struct cw_bytes){0} : (struct cw_bytes){literal, strlen(literal)};
}

#define PAIR "from='mira@partner.example/Desk' to='tomasz@corp.example'"

static enum cw_err read_text(const char *xml, struct cw_arena *arena, struct cw_stanza *out)
{
    return cw_stanza_read(text(xml), arena, out);
}

/* MSG-1 to MSG-5; STREAM-110. */
static const struct {
    const char *xml;
    enum cw_err err;
    enum cw_stanza_kind kind;
    enum cw_stanza_type type;
} KINDS[] = {
    {"<message " PAIR "/>", CW_OK, CW_STANZA_MESSAGE, CW_TYPE_NORMAL},
    {"<message xmlns='jabber:server' " PAIR " type='chat'/>", CW_OK, CW_STANZA_MESSAGE,
     CW_TYPE_CHAT},
    {"<s:message xmlns:s='jabber:server' " PAIR " type='headline'/>", CW_OK, CW_STANZA_MESSAGE,
     CW_TYPE_HEADLINE},
    {"<message " PAIR " type='groupchat'/>", CW_OK, CW_STANZA_MESSAGE, CW_TYPE_GROUPCHAT},
    {"<message " PAIR " type='error'/>", CW_OK, CW_STANZA_MESSAGE, CW_TYPE_ERROR},
    {"<message " PAIR " type='subscribe'/>", CW_OK, CW_STANZA_MESSAGE, CW_TYPE_NORMAL},
    {"<presence " PAIR "/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_AVAILABLE},
    {"<presence " PAIR " type='unavailable'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_UNAVAILABLE},
    {"<presence " PAIR " type='subscribe'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_SUBSCRIBE},
    {"<presence " PAIR " type='subscribed'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_SUBSCRIBED},
    {"<presence " PAIR " type='unsubscribe'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_UNSUBSCRIBE},
    {"<presence " PAIR " type='unsubscribed'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_UNSUBSCRIBED},
    {"<presence " PAIR " type='probe'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_PROBE},
    {"<presence " PAIR " type='error'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_ERROR},
    {"<presence " PAIR " type='chat'/>", CW_OK, CW_STANZA_PRESENCE, CW_TYPE_UNKNOWN},
    {"<iq " PAIR " type='get'/>", CW_OK, CW_STANZA_IQ, CW_TYPE_GET},
    {"<iq " PAIR " type='set'/>", CW_OK, CW_STANZA_IQ, CW_TYPE_SET},
    {"<iq " PAIR " type='result'/>", CW_OK, CW_STANZA_IQ, CW_TYPE_RESULT},
    {"<iq " PAIR "/>", CW_OK, CW_STANZA_IQ, CW_TYPE_UNKNOWN},
    {"<message from='a@b.example'/>", CW_ERR_MALFORMED, CW_STANZA_MESSAGE, CW_TYPE_NORMAL},
    {"<message from='' to='a@b.example'/>", CW_ERR_MALFORMED, CW_STANZA_MESSAGE, CW_TYPE_NORMAL},
    {"<message xmlns='jabber:client' " PAIR "/>", CW_ERR_MALFORMED, CW_STANZA_MESSAGE,
     CW_TYPE_NORMAL},
    {"<query " PAIR "/>", CW_ERR_MALFORMED, CW_STANZA_MESSAGE, CW_TYPE_NORMAL},
    {"<message " PAIR "><!-- --></message>", CW_ERR_MALFORMED, CW_STANZA_MESSAGE, CW_TYPE_NORMAL},
    {"<message " PAIR ">", CW_ERR_MALFORMED, CW_STANZA_MESSAGE, CW_TYPE_NORMAL},
};

static void knows_kinds_and_types(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(KINDS); i++) {
        struct cw_stanza stanza;

        cw_case(KINDS[i].xml);
        assert_int_equal(read_text(KINDS[i].xml, arena, &stanza), KINDS[i].err);
        if (KINDS[i].err == CW_OK) {
            assert_int_equal(stanza.kind, KINDS[i].kind);
            assert_int_equal(stanza.type, KINDS[i].type);
            cw_assert_bytes(stanza.from.resource, CW_LIT("Desk"));
            cw_assert_bytes(stanza.to.local, CW_LIT("tomasz"));
        }
        cw_arena_reset(arena);
    }
    cw_arena_free(&arena);
}

/* ADDR-6: an error reply needs the id, so it is there although an address is not. */
static void keeps_the_id_when_an_address_is_bad(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza stanza;

    (void)state;
    assert_int_equal(
        read_text("<iq from='mira@partner.example' to='a&quot;b@corp.example' id='q&amp;7'"
                  " type='get'/>",
                  arena, &stanza),
        CW_ERR_ADDRESS);
    assert_int_equal(stanza.kind, CW_STANZA_IQ);
    cw_assert_bytes(stanza.id, CW_LIT("q&7"));
    cw_assert_bytes(stanza.from.local, CW_LIT("mira"));
    cw_arena_free(&arena);
}

static void reads_a_message(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza in;

    (void)state;
    assert_int_equal(read_text("<message " PAIR " id='m1' type='chat' xml:lang='pl'>"
                               "<thread>3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a10</thread>"
                               "<subject>Plan</subject><body>Kawa o 9?</body>"
                               "<nick xmlns='http://jabber.org/protocol/nick'>Mira</nick>"
                               "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
                               "<request xmlns='urn:xmpp:receipts'/></message>",
                               arena, &in),
                     CW_OK);
    cw_assert_bytes(in.id, CW_LIT("m1"));
    cw_assert_bytes(in.lang, CW_LIT("pl"));
    cw_assert_bytes(in.thread, CW_LIT("3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a10"));
    cw_assert_bytes(in.subject, CW_LIT("Plan"));
    cw_assert_bytes(in.body, CW_LIT("Kawa o 9?"));
    cw_assert_bytes(in.body_lang, CW_LIT("pl"));
    cw_assert_bytes(in.nick, CW_LIT("Mira"));
    assert_int_equal(in.chat_state, CW_CHAT_COMPOSING);
    assert_true(in.wants_receipt);
    assert_null(in.delay.base);
    cw_arena_free(&arena);
}

/* MSG-9, MSG-20; vectors MSG-V07, V08. */
static const struct {
    const char *name, *lang, *children, *body, *body_lang;
} BODIES[] = {
    {"in the stanza's language", " xml:lang='de'",
     "<body xml:lang='en'>Hello</body><body>Hallo</body><body xml:lang='pl'>Cze</body>", "Hallo",
     "de"},
    {"the first", "", "<body xml:lang='en'>Hello</body><body xml:lang='pl'>Cze</body>", "Hello",
     "en"},
    {"without language", "", "<body xml:lang='en'>Hello</body><body>Hallo</body>", "Hallo", NULL},
    {"empty", "", "<body/>", NULL, NULL},
    {"of another namespace", "", "<body xmlns='http://www.w3.org/1999/xhtml'>x</body>", NULL, NULL},
};

static void chooses_the_body(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(BODIES); i++) {
        char xml[512] = "<message " PAIR;
        struct cw_stanza in;

        cw_case(BODIES[i].name);
        strcat(xml, BODIES[i].lang);
        strcat(xml, ">");
        strcat(xml, BODIES[i].children);
        strcat(xml, "</message>");
        assert_int_equal(read_text(xml, arena, &in), CW_OK);
        cw_assert_bytes(in.body, text(BODIES[i].body));
        assert_int_equal(in.body.base == NULL, BODIES[i].body == NULL);
        cw_assert_bytes(in.body_lang, text(BODIES[i].body_lang));
    }
    cw_arena_free(&arena);
}

/* MSG-22 */
static void chooses_the_delay(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza in;

    (void)state;
    assert_int_equal(read_text("<message " PAIR ">"
                               "<delay xmlns='urn:xmpp:delay' stamp='2026-03-02T09:00:00Z'/>"
                               "<delay xmlns='urn:xmpp:delay' stamp='2026-03-02T09:30:00+01:00'/>"
                               "<delay xmlns='urn:xmpp:delay' stamp='yesterday'/></message>",
                               arena, &in),
                     CW_OK);
    cw_assert_bytes(in.delay, CW_LIT("2026-03-02T09:30:00+01:00")); /* the oldest */
    assert_int_equal(read_text("<message " PAIR ">"
                               "<delay xmlns='urn:xmpp:delay' stamp='2026-03-02T08:00:00Z'/>"
                               "<delay xmlns='urn:xmpp:delay' from='partner.example'"
                               " stamp='2026-03-02T09:00:00Z'/></message>",
                               arena, &in),
                     CW_OK);
    cw_assert_bytes(in.delay, CW_LIT("2026-03-02T09:00:00Z")); /* the sender's server */
    cw_arena_free(&arena);
}

/* PRES-1, PRES-45. `priority` 128: none. */
static const struct {
    const char *xml;
    bool available;
    enum cw_show show;
    int priority;
    const char *status, *lang;
} PRESENCES[] = {
    {"<presence " PAIR " xml:lang='en'><show>away</show><status>lunch</status>"
     "<priority>13</priority></presence>",
     true, CW_SHOW_AWAY, 13, "lunch", "en"},
    {"<presence " PAIR "/>", true, CW_SHOW_NONE, 128, NULL, NULL},
    {"<presence " PAIR "><show>busy</show><priority>200</priority></presence>", true, CW_SHOW_NONE,
     128, NULL, NULL},
    {"<presence " PAIR "><show> xa </show><priority>-128</priority></presence>", true, CW_SHOW_XA,
     -128, NULL, NULL},
    {"<presence " PAIR "><priority>+5</priority></presence>", true, CW_SHOW_NONE, 5, NULL, NULL},
    {"<presence " PAIR "><priority>-129</priority></presence>", true, CW_SHOW_NONE, 128, NULL,
     NULL},
    {"<presence " PAIR "><priority>1x</priority></presence>", true, CW_SHOW_NONE, 128, NULL, NULL},
    {"<presence " PAIR "><priority>-</priority></presence>", true, CW_SHOW_NONE, 128, NULL, NULL},
    {"<presence " PAIR " type='unavailable'><show>dnd</show><priority>3</priority>"
     "<status xml:lang='pl'>dom</status></presence>",
     false, CW_SHOW_NONE, 128, "dom", "pl"},
};

static void reads_presence(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(PRESENCES); i++) {
        struct cw_stanza in;

        cw_case(PRESENCES[i].xml);
        assert_int_equal(read_text(PRESENCES[i].xml, arena, &in), CW_OK);
        assert_int_equal(in.presence.available, PRESENCES[i].available);
        assert_int_equal(in.presence.show, PRESENCES[i].show);
        assert_int_equal(in.presence.has_priority, PRESENCES[i].priority != 128);
        assert_int_equal(in.presence.has_priority ? in.presence.priority : 128,
                         PRESENCES[i].priority);
        assert_int_equal(in.presence.statuses.count, PRESENCES[i].status != NULL);
        if (PRESENCES[i].status != NULL) {
            cw_assert_bytes(in.presence.statuses.items[0].text, text(PRESENCES[i].status));
            cw_assert_bytes(in.presence.statuses.items[0].lang, text(PRESENCES[i].lang));
        }
        cw_assert_bytes(in.presence.resource, CW_LIT("Desk"));
    }
    cw_arena_free(&arena);
}

/* PRES-11: one a language, the first of two in the same; the stanza's own language first. */
static void reads_statuses_in_several_languages(void **state)
{
    static const struct cw_text WANT[] = {
        {{"lunch", 5}, {"en", 2}}, {{"Mittag", 6}, {"de", 2}}, {{"obiad", 5}, {"pl", 2}}};
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza in;

    (void)state;
    assert_int_equal(
        read_text("<presence " PAIR " xml:lang='en'><status xml:lang='de'>Mittag</status>"
                  "<status/><status>lunch</status><status xml:lang='pl'>obiad</status>"
                  "<status xml:lang='DE'>Pause</status><status xml:lang='en'>food</status>"
                  "</presence>",
                  arena, &in),
        CW_OK);
    assert_int_equal(in.presence.statuses.count, CW_COUNT(WANT));
    for (size_t i = 0; i < CW_COUNT(WANT); i++) {
        cw_assert_bytes(in.presence.statuses.items[i].text, WANT[i].text);
        cw_assert_bytes(in.presence.statuses.items[i].lang, WANT[i].lang);
    }
    cw_arena_free(&arena);
}

static void reads_no_more_statuses_than_it_may(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);
    char xml[4096] = "<presence " PAIR ">";
    struct cw_stanza in;

    (void)state;
    for (unsigned i = 0; i < CW_TEXTS_MAX + 4; i++) {
        (void)snprintf(xml + strlen(xml), 64, "<status xml:lang='x-%u'>s</status>", i);
    }
    strcat(xml, "</presence>");
    assert_int_equal(read_text(xml, arena, &in), CW_OK);
    assert_int_equal(in.presence.statuses.count, CW_TEXTS_MAX);
    cw_arena_free(&arena);
}

/* PRES-33: XEP-0319, else XEP-0256 from the time of sending. NULL: not idle. */
static const struct {
    const char *name, *children, *since;
} IDLES[] = {
    {"none", "<show>away</show>", NULL},
    {"XEP-0319", "<idle xmlns='urn:xmpp:idle:1' since='2026-03-02T10:00:00+01:00'/>",
     "2026-03-02T09:00:00Z"},
    {"no time", "<idle xmlns='urn:xmpp:idle:1' since='today'/>", NULL},
    {"XEP-0256", "<query xmlns='jabber:iq:last' seconds='903'/>", "2026-03-02T08:44:57Z"},
    {"XEP-0256 of long ago",
     "<query xmlns='jabber:iq:last' seconds='60'/>"
     "<delay xmlns='urn:xmpp:delay' stamp='2026-03-02T08:00:00Z'/>",
     "2026-03-02T07:59:00Z"},
    {"XEP-0256, no number", "<query xmlns='jabber:iq:last' seconds='9x'/>", NULL},
    {"XEP-0256, too long", "<query xmlns='jabber:iq:last' seconds='99999999999999999999'/>", NULL},
    {"both",
     "<query xmlns='jabber:iq:last' seconds='903'/>"
     "<idle xmlns='urn:xmpp:idle:1' since='2026-03-02T09:00:00Z'/>",
     "2026-03-02T09:00:00Z"},
};

static void reads_since_when_idle(void **state)
{
    struct cw_arena *arena = cw_arena_new(1 << 20);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(IDLES); i++) {
        char xml[512];
        struct cw_stanza in;

        cw_case(IDLES[i].name);
        (void)snprintf(xml, sizeof(xml), "<presence " PAIR ">%s</presence>", IDLES[i].children);
        assert_int_equal(read_text(xml, arena, &in), CW_OK);
        assert_int_equal(cw_presence_set_idle(&in.presence, 1772442000000, arena), CW_OK);
        cw_assert_bytes(in.presence.idle_since, text(IDLES[i].since));
        (void)snprintf(xml, sizeof(xml), "<presence " PAIR " type='unavailable'>%s</presence>",
                       IDLES[i].children);
        assert_int_equal(read_text(xml, arena, &in), CW_OK);
        assert_int_equal(cw_presence_set_idle(&in.presence, 1772442000000, arena), CW_OK);
        assert_null(in.presence.idle_since.base);
    }
    cw_arena_free(&arena);
}

static void bears_a_full_arena(void **state)
{
    static const char XML[] =
        "<presence " PAIR "><status>a</status><status xml:lang='de'>b</status>"
        "<idle xmlns='urn:xmpp:idle:1' since='2026-03-02T09:00:00Z'/></presence>";
    static const char OLDER[] =
        "<presence " PAIR "><query xmlns='jabber:iq:last' seconds='3'/></presence>";
    static const char *const BOTH[] = {XML, OLDER};
    unsigned done = 0;

    (void)state;
    for (size_t limit = 0; limit < 8192; limit += 16) {
        for (size_t i = 0; i < CW_COUNT(BOTH); i++) {
            struct cw_arena *arena = cw_arena_new(limit);
            struct cw_stanza in;
            enum cw_err err = read_text(BOTH[i], arena, &in);

            if (err == CW_OK) {
                err = cw_presence_set_idle(&in.presence, 1772442000000, arena);
            }
            assert_true(err == CW_OK || err == CW_ERR_LIMIT);
            done += err == CW_OK ? 1 : 0;
            cw_arena_free(&arena);
        }
    }
    assert_in_range(done, 100, 1000);
}

/* PRES-18 */
static void knows_when_all_resources_are_gone(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza in;

    (void)state;
    assert_int_equal(read_text("<presence from='mira@partner.example' to='tomasz@corp.example'"
                               " type='unavailable'/>",
                               arena, &in),
                     CW_OK);
    assert_false(in.presence.available);
    assert_null(in.presence.resource.base);
    cw_arena_free(&arena);
}

static void reads_iq_payloads(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);
    struct cw_stanza in;

    (void)state;
    assert_int_equal(
        read_text("<iq " PAIR " id='d1' type='get'>"
                  "<query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>",
                  arena, &in),
        CW_OK);
    cw_assert_bytes(in.payload_name, CW_LIT("query"));
    cw_assert_bytes(in.payload_ns, CW_LIT("http://jabber.org/protocol/disco#info"));
    cw_assert_bytes(in.payload_node, CW_LIT("n"));
    cw_arena_free(&arena);
}

/* ERR-4 */
static const struct {
    const char *xml, *condition, *type, *text, *uri;
    bool too_big;
} ERRORS[] = {
    {"<message " PAIR " type='error'><error type='cancel'>"
     "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:tn@partner.example</gone>"
     "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>moved</text></error></message>",
     "gone", "cancel", "moved", "xmpp:tn@partner.example", false},
    {"<presence " PAIR " type='error'><error type='modify'>"
     "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
     "<stanza-too-big xmlns='urn:xmpp:errors'/></error></presence>",
     "policy-violation", "modify", NULL, NULL, true},
    {"<iq " PAIR " type='error'><error type='wait'>"
     "<made-up xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
     "undefined-condition", "wait", NULL, NULL, false},
    {"<message " PAIR " type='error'/>", "undefined-condition", NULL, NULL, NULL, false},
};

static void reads_errors(void **state)
{
    struct cw_arena *arena = cw_arena_new(65536);

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ERRORS); i++) {
        struct cw_stanza in;

        cw_case(ERRORS[i].xml);
        assert_int_equal(read_text(ERRORS[i].xml, arena, &in), CW_OK);
        cw_assert_bytes(in.error_condition, text(ERRORS[i].condition));
        cw_assert_bytes(in.error_type, text(ERRORS[i].type));
        cw_assert_bytes(in.error_text, text(ERRORS[i].text));
        cw_assert_bytes(in.error_uri, text(ERRORS[i].uri));
        assert_int_equal(in.error_too_big, ERRORS[i].too_big);
    }
    cw_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_kinds_and_types),
        cmocka_unit_test(keeps_the_id_when_an_address_is_bad),
        cmocka_unit_test(reads_a_message),
        cmocka_unit_test(chooses_the_body),
        cmocka_unit_test(chooses_the_delay),
        cmocka_unit_test(reads_presence),
        cmocka_unit_test(reads_statuses_in_several_languages),
        cmocka_unit_test(reads_no_more_statuses_than_it_may),
        cmocka_unit_test(reads_since_when_idle),
        cmocka_unit_test(bears_a_full_arena),
        cmocka_unit_test(knows_when_all_resources_are_gone),
        cmocka_unit_test(reads_iq_payloads),
        cmocka_unit_test(reads_errors),
    };

    return cmocka_run_group_tests_name("stanza_read", tests, NULL, NULL);
}
