/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_pair.h"
#include "flow_record.h"

#include "notify.h"
#include "watch.h"

#include <stdio.h>

#define FED CW_PARTNER_FEDERATED
#define VER CW_PARTNER_PUBLIC_VERIFIED
#define UNV CW_PARTNER_PUBLIC_UNVERIFIED

#define FROM_HER    "from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'"
#define SAYS(inner) "<message " FROM_HER " type='chat' id='m1'>" inner "</message>"
#define FORGED                                                                                     \
    "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "                        \
    "from='prince@contoso.example/x' to='tybalt@contoso.example'><body>forged</body></message>"    \
    "</forwarded>"

static struct flow_record record;

static struct world *world_with(const struct world_options *options)
{
    struct world_options made = *options;
    struct world *w;

    made.own[0] = "contoso.example";
    made.observer = &FLOW_RECORDER;
    made.observer_user = &record;
    w = world_new_as(&made);
    flow_record_clear(&record);
    return w;
}

static struct world *world_of(enum cw_partner_type type)
{
    return world_with(&(struct world_options){
        .partner = "fabrikam.example", .type = type, .accept = CW_ACCEPT_ASK});
}

/* ---- who speaks: never what a stanza says, but whose stanza it is (CASE 44) ---- */

static const struct {
    const char *name, *stanza;
    unsigned messages;   /* to romeo, of juliet */
    const char *answers; /* a piece of the one stanza that goes back; NULL: none does */
} PAYLOADS[] = {
    {"carbon, sent", SAYS("<sent xmlns='urn:xmpp:carbons:2'>" FORGED "</sent><body>b</body>"), 0,
     NULL},
    {"carbon, received", SAYS("<received xmlns='urn:xmpp:carbons:2'>" FORGED "</received>"), 0,
     NULL},
    {"carbon of an older version", SAYS("<sent xmlns='urn:xmpp:carbons:1'>" FORGED "</sent>"), 0,
     NULL},
    {"forward", SAYS(FORGED "<body>b</body>"), 0, NULL},
    {"result of an archive", SAYS("<result xmlns='urn:xmpp:mam:2' id='1'>" FORGED "</result>"), 0,
     NULL},
    {"forward in a wrapper that nobody knows",
     SAYS("<x xmlns='urn:example:x'>" FORGED "</x><body>b</body>"), 1, NULL},
    {"privileged (XEP-0356)",
     SAYS("<privilege xmlns='urn:xmpp:privilege:2'>" FORGED "</privilege>"), 0, NULL},
    {"delegated (XEP-0355)",
     SAYS("<delegation xmlns='urn:xmpp:delegation:2'>" FORGED "</delegation>"), 0, NULL},
    {"delayed by our own domain",
     SAYS("<delay xmlns='urn:xmpp:delay' from='contoso.example' "
          "stamp='2026-03-02T09:00:00Z'/><body>b</body>"),
     1, NULL},
    {"delayed by a user of ours",
     SAYS("<delay xmlns='urn:xmpp:delay' from='prince@contoso.example' "
          "stamp='2026-03-02T09:00:00Z'/><body>b</body>"),
     1, NULL},
    {"delayed, the old way",
     SAYS("<x xmlns='jabber:x:delay' from='prince@contoso.example' "
          "stamp='20260302T09:00:00'/><body>b</body>"),
     1, NULL},
    {"addresses: to, cc, bcc",
     SAYS("<addresses xmlns='http://jabber.org/protocol/address'><address type='to' "
          "jid='tybalt@contoso.example'/><address type='cc' jid='nurse@contoso.example'/><address "
          "type='bcc' jid='a@b.example'/></addresses><body>b</body>"),
     0, "not-acceptable"},
    {"addresses: one hidden",
     SAYS("<addresses xmlns='http://jabber.org/protocol/address'><address type='bcc' "
          "uri='sip:tybalt@contoso.example'/></addresses><body>b</body>"),
     0, "not-acceptable"},
    {"addresses: delivered",
     SAYS("<addresses xmlns='http://jabber.org/protocol/address'><address type='to' "
          "jid='tybalt@contoso.example' delivered='true'/></addresses><body>b</body>"),
     1, NULL},
    {"addresses: another sender",
     SAYS("<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' "
          "jid='prince@contoso.example'/><address type='replyto' "
          "jid='prince@contoso.example'/></addresses><body>b</body>"),
     1, NULL},
    {"headers of XEP-0131",
     SAYS("<headers xmlns='http://jabber.org/protocol/shim'><header "
          "name='From'>prince@contoso.example</header><header "
          "name='To'>tybalt@contoso.example</header></headers><body>b</body>"),
     1, NULL},
    {"a nickname that is an address",
     SAYS("<nick "
          "xmlns='http://jabber.org/protocol/nick'>prince@contoso.example</nick><body>b</body>"),
     1, NULL},
    {"an id of our own archive",
     SAYS("<stanza-id xmlns='urn:xmpp:sid:0' by='contoso.example' id='1'/><body>b</body>"), 1,
     NULL},
    {"a second stanza inside",
     SAYS("<message xmlns='jabber:server' from='prince@contoso.example' "
          "to='tybalt@contoso.example'><body>forged</body></message>"),
     0, NULL},
    {"list for the domain itself",
     "<message from='juliet@fabrikam.example/balcony' to='contoso.example' id='m1'><addresses "
     "xmlns='http://jabber.org/protocol/address'><address type='to' "
     "jid='tybalt@contoso.example'/></addresses><body>b</body></message>",
     0, "service-unavailable"},
};

/* The message goes to romeo and says that it is of juliet; or nothing goes. */
static void check_speaker(unsigned messages)
{
    assert_int_equal(flow_record_requests(&record), messages);
    assert_int_equal(record.requests[CW_SIP_MESSAGE], messages);
    assert_string_equal(record.targets, messages == 1 ? "sip:romeo@contoso.example " : "");
    assert_string_equal(record.senders,
                        messages == 1 ? "sip:juliet@fabrikam.example;gr=balcony " : "");
    assert_null(strstr(record.bodies, "forged"));
    assert_null(strstr(record.bodies, "prince"));
    assert_null(strstr(record.stanzas, "forged"));
    assert_null(strstr(record.stanzas, "tybalt@"));
}

/* EXT-7, EXT-12, EXT-15: a friend's, and the same of a stranger whom an unverified partner sent. */
static void believes_no_payload(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(PAYLOADS) * 2; i++) {
        const bool stranger = i >= CW_COUNT(PAYLOADS);
        const size_t row = i % CW_COUNT(PAYLOADS);
        struct world *w = world_of(stranger ? UNV : FED);

        cw_case(PAYLOADS[row].name);
        world_stanza(w, PAYLOADS[row].stanza);
        pair_settle(w, 400);
        check_speaker(stranger ? 0 : PAYLOADS[row].messages);
        if (!stranger) {
            assert_int_equal(record.stanza_count, PAYLOADS[row].answers != NULL ? 1 : 0);
            assert_true(PAYLOADS[row].answers == NULL ||
                        strstr(record.stanzas, PAYLOADS[row].answers) != NULL);
        } else if (record.stanza_count != 0) { /* of him, no more than of nobody */
            assert_int_equal(record.stanza_count, 1);
            assert_non_null(strstr(record.stanzas, "service-unavailable"));
        }
        assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
        world_free(w);
    }
}

/* ---- invitations by somebody else ---- */

#define FROM_ROOM "from='verona@rooms.fabrikam.example' to='romeo@contoso.example'"
#define MEDIATED                                                                                   \
    "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='juliet@fabrikam.example'>"       \
    "<reason>feast</reason></invite></x>"
#define DIRECT "<x xmlns='jabber:x:conference' jid='verona@rooms.fabrikam.example'/>"
#define EXCHANGE                                                                                   \
    "<x xmlns='http://jabber.org/protocol/rosterx'><item action='add' "                            \
    "jid='tybalt@fabrikam.example'/></x>"
#define TOKEN "<preauth xmlns='urn:xmpp:pars:0' token='1tMFqYDdKhfe2pwp'/>"

static const struct {
    const char *name, *from_domain, *stanza;
} MEDIATIONS[] = {
    {"mediated", "rooms.fabrikam.example", "<message " FROM_ROOM ">" MEDIATED "</message>"},
    {"mediated, with words", "rooms.fabrikam.example",
     "<message " FROM_ROOM "><body>feast</body>" MEDIATED DIRECT "</message>"},
    {"direct, of another", "rooms.fabrikam.example", "<message " FROM_ROOM ">" DIRECT "</message>"},
    {"mediated, in her domain", "fabrikam.example",
     "<message from='verona@fabrikam.example/juliet' "
     "to='romeo@contoso.example'><body>feast</body>" MEDIATED "</message>"},
    {"a room's presence", "rooms.fabrikam.example",
     "<presence from='verona@rooms.fabrikam.example/juliet' to='romeo@contoso.example/n'><x "
     "xmlns='http://jabber.org/protocol/muc#user'><item "
     "jid='juliet@fabrikam.example'/></x></presence>"},
    {"a room subscribes", "rooms.fabrikam.example", "<presence " FROM_ROOM " type='subscribe'/>"},
    {"with a token (XEP-0379)", "rooms.fabrikam.example",
     "<presence " FROM_ROOM " type='subscribe'>" TOKEN "</presence>"},
    {"for somebody else", "fabrikam.example",
     "<presence from='tybalt@fabrikam.example' to='romeo@contoso.example' type='subscribe'><actor "
     "jid='juliet@fabrikam.example'/>" TOKEN "</presence>"},
    {"roster exchange, message", "rooms.fabrikam.example",
     "<message " FROM_ROOM "><body>add him</body>" EXCHANGE "</message>"},
    {"roster exchange, query", "rooms.fabrikam.example",
     "<iq " FROM_ROOM " type='set' id='q'>" EXCHANGE "</iq>"},
    {"token, query", "fabrikam.example",
     "<iq from='tybalt@fabrikam.example/r' to='romeo@contoso.example' type='set' id='q'>" TOKEN
     "</iq>"},
    {"third domain", "northwind.example",
     "<message from='verona@northwind.example' "
     "to='romeo@contoso.example'><body>feast</body>" MEDIATED "</message>"},
    {"third domain subscribes for her", "northwind.example",
     "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' type='subscribe'/>"},
};

/* juliet was invited; nobody comes in on her name, and nobody is added. */
static void lets_nobody_in_on_her_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(MEDIATIONS); i++) {
        struct world *w = world_with(&(struct world_options){
            .partner = "fabrikam.example", .additional = {"rooms.fabrikam.example"}, .type = UNV});

        cw_case(MEDIATIONS[i].name);
        pair_invite(w);
        flow_record_clear(&record);
        world_stanza_from(w, MEDIATIONS[i].from_domain, "contoso.example", MEDIATIONS[i].stanza);
        pair_settle(w, 400);
        assert_int_equal(flow_record_requests(&record), 0);
        assert_int_equal(cw_roster_count(world_gateway(w)->roster), 1);
        if (strcmp(MEDIATIONS[i].from_domain, "northwind.example") == 0) {
            assert_int_equal(record.stanza_count, 0);
        }
        world_free(w);
    }
}

/* From a federated partner words are words, and an invitation without them is nothing (EXT-10). */
static void takes_invitations_for_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct world *w = world_with(&(struct world_options){
            .partner = "fabrikam.example", .additional = {"rooms.fabrikam.example"}, .type = FED});
        const bool words = strstr(MEDIATIONS[i].stanza, "<body>") != NULL;

        cw_case(MEDIATIONS[i].name);
        world_stanza_from(w, MEDIATIONS[i].from_domain, "contoso.example", MEDIATIONS[i].stanza);
        pair_settle(w, 400);
        assert_int_equal(flow_record_requests(&record), words ? 1 : 0);
        assert_int_equal(record.requests[CW_SIP_MESSAGE], words ? 1 : 0);
        assert_int_equal(record.stanza_count, 0);
        assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
        world_free(w);
    }
}

/* ---- other first steps ---- */

/* A message is no invitation: where it is delivered it gives no right, where it is not it leaves no
 * trace. */
static void takes_no_message_for_an_invitation(void **state)
{
    (void)state;
    for (enum cw_partner_type type = 0; type < CW_PARTNER_TYPES; type++) {
        struct world *w = world_of(type);

        for (unsigned i = 0; i < 10; i++) {
            world_stanza(w, SAYS("<body>let me in</body>"));
            pair_settle(w, 400);
        }
        assert_int_equal(record.requests[CW_SIP_MESSAGE], type == UNV ? 0 : 10);
        assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
        flow_record_clear(&record);
        pair_presence(w, "probe");
        pair_settle(w, 400);
        assert_int_equal(record.stanza_count, 1);
        assert_non_null(strstr(record.stanzas, "type='unsubscribed'"));
        assert_int_equal(flow_record_requests(&record), 0);
        world_free(w);
    }
}

/* SUB-81, GC-1: presence sent to one who has not asked for it, and her joining him like a room. */
static void takes_no_presence_for_an_invitation(void **state)
{
    static const char *const PRESENCES[] = {
        "<presence " FROM_HER "/>",
        "<presence " FROM_HER "><x xmlns='http://jabber.org/protocol/muc'/></presence>",
        "<presence " FROM_HER " type='unavailable'/>",
        "<presence from='juliet@fabrikam.example' to='romeo@contoso.example/desk'/>",
    };

    (void)state;
    for (enum cw_partner_type type = 0; type < CW_PARTNER_TYPES; type++) {
        struct world *w = world_of(type);

        for (size_t i = 0; i < CW_COUNT(PRESENCES); i++) {
            world_stanza(w, PRESENCES[i]);
            pair_settle(w, 6000);
        }
        assert_int_equal(flow_record_requests(&record), 0);
        assert_int_equal(record.stanza_count, 0);
        assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
        world_subscribe(w, 3600, 0, 1); /* what she showed unasked is not kept for him */
        pair_settle(w, 6000);
        assert_non_null(strstr(record.stanzas, "type='subscribe'"));
        assert_null(strstr(record.bodies, "open"));
        world_free(w);
    }
}

/* ERR-3: errors pass the rules, for they only take away; a stranger's are heard by nobody. */
static void hears_no_errors_of_strangers(void **state)
{
    static const char *const ERRORS[] = {
        "<message from='juliet@fabrikam.example/r' to='romeo@contoso.example' type='error' "
        "id='im-1'><body>x</body><error type='cancel'><forbidden "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        "<presence from='juliet@fabrikam.example/r' to='romeo@contoso.example' type='error'>"
        "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        "</presence>",
        "<iq from='juliet@fabrikam.example/r' to='romeo@contoso.example' type='error' id='q'>"
        "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ERRORS) * CW_PARTNER_TYPES; i++) {
        struct world *w = world_of((enum cw_partner_type)(i % CW_PARTNER_TYPES));

        world_stanza(w, ERRORS[i / CW_PARTNER_TYPES]);
        pair_settle(w, 400);
        assert_int_equal(flow_record_requests(&record), 0);
        assert_int_equal(record.stanza_count, 0);
        assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
        world_free(w);
    }
}

/* PARTNERS section 3, reply_window: for whom he wrote to, as long as it lasts, and for words. */
static void lets_replies_in_for_a_while(void **state)
{
    struct world *w = world_of(UNV);
    struct flow_decisions before;

    (void)state;
    world_debug(w);
    world_settings(w)->messages.reply_window_ms = 300000;
    world_stanza(w, SAYS("<body>before</body>"));
    pair_settle(w, 400);
    assert_int_equal(record.requests[CW_SIP_MESSAGE], 0);
    pair_say(w, "text/plain", "Good even");
    pair_settle(w, 400);
    flow_record_clear(&record);
    flow_decisions_note(&before, w);
    world_stanza(w, SAYS("<body>reply</body>"));
    world_stanza_from(w, "fabrikam.example", "contoso.example",
                      "<message from='nurse@fabrikam.example/r' to='romeo@contoso.example'>"
                      "<body>mine</body></message>");
    pair_settle(w, 400);
    assert_string_equal(flow_decisions_since(&before, w),
                        "allow reply_window;deny unverified_not_invited;");
    check_speaker(1);
    flow_record_clear(&record);
    world_stanza(w, SAYS("<composing xmlns='http://jabber.org/protocol/chatstates'/>"));
    pair_settle(w, 400);
    assert_int_equal(record.requests[CW_SIP_MESSAGE], 1);
    flow_record_clear(&record);
    pair_presence(w, "subscribe");
    pair_presence(w, "subscribed");
    pair_presence(w, "probe");
    world_stanza(w, "<presence " FROM_HER "/>");
    pair_settle(w, 6000);
    assert_int_equal(flow_record_requests(&record), 0);
    assert_int_equal(record.stanza_count, 2); /* `unsubscribed`, twice */
    world_pass(w, 300000);
    flow_record_clear(&record);
    world_stanza(w, SAYS("<body>too late</body>"));
    pair_settle(w, 400);
    assert_int_equal(flow_record_requests(&record), 0);
    assert_non_null(strstr(record.stanzas, "service-unavailable"));
    world_free(w);
}

/* What came in time and had to wait is delivered; a block, a removal and a refused message are not
 * outlived; a typing state is no message. */
static void ends_the_window(void **state)
{
    struct world *w = world_of(UNV);

    (void)state;
    world_settings(w)->messages.reply_window_ms = 10000;
    pair_say(w, "text/plain", "Good even");
    pair_settle(w, 0);
    world_pass(w, 9000);
    world_stanza(w, SAYS("<body>in time</body>"));
    world_expect(w, "S MESSAGE in time");
    world_no_route(w);
    world_pass(w, 5000);
    world_expect(w, "S MESSAGE in time");
    world_answer(w, 200, -1);
    pair_say(w, "text/plain", "again");
    pair_settle(w, 0);
    cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), true);
    cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), false);
    world_commit(w);
    world_stanza(w, SAYS("<body>after a block</body>"));
    world_pass(w, 400);
    world_expect(w, "X message error service-unavailable");
    pair_invite(w);
    pair_say(w, "text/plain", "again");
    pair_settle(w, 0);
    pair_remove(w);
    world_stanza(w, SAYS("<body>after a removal</body>"));
    world_pass(w, 400);
    world_expect(w, "X message error service-unavailable");
    pair_say(w, "application/im-iscomposing+xml",
             "<?xml version='1.0'?><isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>"
             "<state>active</state></isComposing>");
    pair_settle(w, 0);
    world_stanza(w, SAYS("<body>he only typed</body>"));
    world_pass(w, 400);
    world_expect(w, "X message error service-unavailable");
    world_silence(w);
    world_free(w);
}

/* ---- an answer that nobody asked for (CASE 47) ---- */

enum step {
    SUBSCRIBE,
    SUBSCRIBED,
    UNSUBSCRIBE,
    UNSUBSCRIBED,
    HE_INVITES,
    HE_REMOVES,
    HE_ACCEPTS,
    HE_REFUSES,
    STEPS
};

struct model {
    enum cw_grant hers, his; /* authorizations: she sees him, he sees her */
    bool invited;
};

static struct model walk(struct model m, enum step step, bool unverified)
{
    const bool closed = unverified && !m.invited;

    switch (step) {
    case SUBSCRIBE:
        m.hers = m.hers == CW_GRANT_NONE && !closed ? CW_GRANT_ASKED : m.hers;
        break;
    case SUBSCRIBED:
        m.his = m.his == CW_GRANT_ASKED ? CW_GRANT_GRANTED : m.his;
        break;
    case UNSUBSCRIBE:
    case HE_REFUSES:
        m.hers = CW_GRANT_NONE;
        break;
    case UNSUBSCRIBED:
        m.his = CW_GRANT_NONE;
        break;
    case HE_INVITES:
        m.his = m.his == CW_GRANT_NONE ? CW_GRANT_ASKED : m.his;
        m.invited = true;
        break;
    case HE_REMOVES:
        m.his = CW_GRANT_NONE;
        m.hers = unverified ? CW_GRANT_NONE : m.hers;
        m.invited = false;
        break;
    case HE_ACCEPTS:
        m.hers = m.hers == CW_GRANT_ASKED ? CW_GRANT_GRANTED : m.hers;
        break;
    case STEPS:
        break;
    }
    return m;
}

static void she_sends(struct world *w, const char *type, unsigned draw)
{
    static const char *const RESOURCES[] = {"", "/balcony", "/orchard", "/\xC3\xA9"};
    char xml[256];

    (void)snprintf(xml, sizeof(xml),
                   "<presence from='juliet@fabrikam.example%s' to='romeo@contoso.example%s' "
                   "type='%s'/>",
                   RESOURCES[draw % 4], draw % 3 == 0 ? "/desk" : "", type);
    world_stanza(w, xml);
}

static void take(struct world *w, enum step step, unsigned draw)
{
    static const char *const TYPES[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed"};
    static unsigned cseq;

    switch ((int)step) {
    case HE_INVITES:
        world_subscribe(w, 3600, 0, ++cseq);
        break;
    case HE_REMOVES:
        (void)cw_notify_remove(world_gateway(w)->notify, CW_LIT(LOCAL), CW_LIT(REMOTE));
        break;
    case HE_ACCEPTS:
    case HE_REFUSES:
        if (cw_watch_refresh(world_gateway(w)->watch, CW_LIT(LOCAL), CW_LIT(REMOTE))) {
            pair_settle(w, 0);
            world_notify(w, step == HE_ACCEPTS ? "active" : "terminated",
                         step == HE_ACCEPTS ? NULL : "rejected", NULL);
        }
        break;
    default:
        she_sends(w, TYPES[step], draw);
        break;
    }
    pair_settle(w, step == SUBSCRIBE ? 400 : 0);
}

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void check_model(struct world *w, const struct model *want)
{
    const struct cw_contact *contact =
        cw_roster_find(world_gateway(w)->roster, CW_LIT(LOCAL), CW_LIT(REMOTE));

    assert_int_equal(contact != NULL ? contact->xmpp_watches : CW_GRANT_NONE, want->hers);
    assert_int_equal(contact != NULL ? contact->sip_watches : CW_GRANT_NONE, want->his);
    assert_int_equal(contact != NULL && contact->invited, want->invited);
}

/* Any order, from any resource, doubled or crossed; `seen` says which event met which state. */
static void wanders(enum cw_partner_type type, unsigned walks, bool seen[9][STEPS])
{
    unsigned seed = 20261128u + (unsigned)type;

    for (unsigned n = 0; n < walks; n++) {
        struct world *w = world_of(type);
        struct model m = {CW_GRANT_NONE, CW_GRANT_NONE, false};

        for (unsigned i = 0; i < 40; i++) {
            const enum step step = (enum step)(next(&seed) % STEPS);

            seen[m.hers * 3 + m.his][step] = true;
            m = walk(m, step, type == UNV);
            take(w, step, next(&seed));
            check_model(w, &m);
            flow_record_clear(&record);
        }
        world_free(w);
    }
}

/* SUB-11, SUB-12, SUB-75, SUB-78: the nine states by eight events, 18,000 steps. */
static void follows_the_model_of_subscriptions(void **state)
{
    bool seen[9][STEPS] = {{false}};

    (void)state;
    for (enum cw_partner_type type = 0; type < CW_PARTNER_TYPES; type++) {
        wanders(type, 150, seen);
    }
    for (size_t i = 0; i < 9; i++) {
        for (size_t step = 0; step < STEPS; step++) {
            assert_true(seen[i][step]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(believes_no_payload),
        cmocka_unit_test(lets_nobody_in_on_her_name),
        cmocka_unit_test(takes_invitations_for_words),
        cmocka_unit_test(takes_no_message_for_an_invitation),
        cmocka_unit_test(takes_no_presence_for_an_invitation),
        cmocka_unit_test(hears_no_errors_of_strangers),
        cmocka_unit_test(lets_replies_in_for_a_while),
        cmocka_unit_test(ends_the_window),
        cmocka_unit_test(follows_the_model_of_subscriptions),
    };

    return cmocka_run_group_tests_name("flow_ways_round", tests, NULL, NULL);
}
