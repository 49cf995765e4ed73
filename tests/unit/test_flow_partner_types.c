/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_pair.h"
#include "flow_record.h"

#include "watch.h"

#define FED CW_PARTNER_FEDERATED
#define VER CW_PARTNER_PUBLIC_VERIFIED
#define UNV CW_PARTNER_PUBLIC_UNVERIFIED

#define MESSAGE                                                                                    \
    "<message from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' type='chat' "      \
    "id='m1'><body>Good morrow</body></message>"
#define COMPOSING                                                                                  \
    "<message from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' type='chat'>"      \
    "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>"

static struct flow_record record;

static struct world *world_of(enum cw_partner_type type, enum cw_accept accept)
{
    struct world *w = world_new_as(&(struct world_options){
        .own = {"contoso.example"},
        .partner = "fabrikam.example",
        .type = type,
        .accept = accept,
        .observer = &FLOW_RECORDER,
        .observer_user = &record,
    });

    flow_record_clear(&record);
    return w;
}

static void remove_her(struct world *w)
{
    flow_record_clear(&record);
    pair_remove(w);
}

static void block_her(struct world *w, bool block)
{
    cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), block);
}

/* ---- accept ---- */

/* "XMPP contact invites local user": at once, or when he has agreed. */
static void accepts_as_the_partner_says(void **state)
{
    static const struct {
        const char *name;
        enum cw_partner_type type;
        enum cw_accept accept;
        bool invited, at_once;
    } CASES[] = {
        {"federated", FED, CW_ACCEPT_BY_TYPE, false, true},
        {"federated, ask", FED, CW_ACCEPT_ASK, false, false},
        {"federated, auto", FED, CW_ACCEPT_AUTO, false, true},
        {"verified", VER, CW_ACCEPT_BY_TYPE, false, false},
        {"verified, ask", VER, CW_ACCEPT_ASK, false, false},
        {"verified, auto", VER, CW_ACCEPT_AUTO, false, true},
        {"federated, authorised", FED, CW_ACCEPT_BY_TYPE, true, true},
        {"federated, authorised, ask", FED, CW_ACCEPT_ASK, true, false},
        {"verified, authorised", VER, CW_ACCEPT_BY_TYPE, true, true},
        {"verified, authorised, ask", VER, CW_ACCEPT_ASK, true, false},
        {"unverified, authorised", UNV, CW_ACCEPT_BY_TYPE, true, true},
        {"unverified, authorised, ask", UNV, CW_ACCEPT_ASK, true, false},
        {"unverified, authorised, auto", UNV, CW_ACCEPT_AUTO, true, true},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct world *w = world_of(CASES[i].type, CASES[i].accept);

        cw_case(CASES[i].name);
        if (CASES[i].invited) {
            pair_invite(w);
        }
        pair_presence(w, "subscribe");
        world_expect(w, "S SUBSCRIBE expires=3600");
        world_answer(w, 200, 3600);
        world_notify(w, "pending", NULL, NULL);
        world_expect(w, "R 200");
        world_commit(w);
        if (CASES[i].at_once) {
            world_expect(w, "X presence subscribed");
        }
        world_silence(w); /* presence waits for the SIP side's word, whatever was answered */
        world_notify(w, "active", NULL, PAIR_OPEN);
        world_expect(w, "R 200");
        world_commit(w);
        if (!CASES[i].at_once) {
            world_expect(w, "X presence subscribed");
        }
        world_expect(w, "X presence available romeo@contoso.example/desk");
        world_silence(w);
        world_free(w);
    }
}

/* What the SIP side refuses is accepted nowhere; `auto` unverified opens nothing to strangers. */
static void accepts_nothing_that_is_refused(void **state)
{
    struct world *w = world_of(FED, CW_ACCEPT_AUTO);

    (void)state;
    pair_presence(w, "subscribe");
    world_expect(w, "S SUBSCRIBE");
    world_answer(w, 603, -1);
    world_commit(w);
    world_expect(w, "X presence unsubscribed");
    world_silence(w);
    world_free(w);

    w = world_of(UNV, CW_ACCEPT_AUTO);
    pair_presence(w, "subscribe");
    world_expect(w, "X presence unsubscribed");
    world_silence(w);
    world_free(w);
}

/* ---- status notes ---- */

#define RPID             "xmlns:r='urn:ietf:params:xml:ns:pidf:rpid'"
#define DM               "xmlns:d='urn:ietf:params:xml:ns:pidf:data-model'"
#define OPEN_TUPLE(more) "<tuple id='ID-desk'><status><basic>open</basic></status>" more "</tuple>"

static const char *const NOTES[] = {
    PAIR_DOCUMENT(OPEN_TUPLE("<note>secret</note>")),
    PAIR_DOCUMENT(OPEN_TUPLE("<note xml:lang='en'>secret</note><note xml:lang='de'>geheim</note>")),
    PAIR_DOCUMENT(OPEN_TUPLE("") "<note>secret</note>"),
    PAIR_DOCUMENT(OPEN_TUPLE("") "<d:person " DM " " RPID
                                 " id='p'><d:note>secret</d:note></d:person>"),
    PAIR_DOCUMENT(OPEN_TUPLE("") "<d:person " DM " " RPID
                                 " id='p'><r:activities><r:note>secret</r:note>"
                                 "<r:on-the-phone/></r:activities></d:person>"),
    PAIR_DOCUMENT(
        "<tuple id='ID-desk'><status><basic>closed</basic></status><note>secret</note></tuple>"),
    PAIR_DOCUMENT("<note>secret</note>"),
};

/* `<status/>` towards XMPP: federated partners only; the rest of the presence is told. */
static void keeps_notes_from_public_partners(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(NOTES) * CW_PARTNER_TYPES; i++) {
        const enum cw_partner_type type = (enum cw_partner_type)(i % CW_PARTNER_TYPES);
        struct world *w = world_of(type, CW_ACCEPT_ASK);

        cw_case(NOTES[i / CW_PARTNER_TYPES]);
        pair_invite(w);
        pair_grant(w);
        flow_record_clear(&record);
        world_notify(w, "active", NULL, NOTES[i / CW_PARTNER_TYPES]);
        pair_settle(w, 400);
        pair_presence(w, "probe");
        pair_settle(w, 400);
        assert_true(record.stanza_count >= 1);
        assert_non_null(strstr(record.stanzas, "romeo@contoso.example"));
        assert_int_equal(strstr(record.stanzas, "secret") != NULL, type == FED);
        assert_int_equal(strstr(record.stanzas, "<status") != NULL, type == FED);
        world_free(w);
    }
}

/* The other way nothing is kept: what contacts say of themselves is theirs to say. */
static void shows_notes_of_all_partners(void **state)
{
    (void)state;
    for (enum cw_partner_type type = 0; type < CW_PARTNER_TYPES; type++) {
        struct world *w = world_of(type, CW_ACCEPT_ASK);

        pair_invite(w);
        flow_record_clear(&record);
        world_stanza(w, "<presence from='juliet@fabrikam.example/balcony' "
                        "to='romeo@contoso.example'><status>nurse calls</status></presence>");
        pair_settle(w, 6000);
        assert_int_equal(record.requests[CW_SIP_NOTIFY], 1);
        assert_non_null(strstr(record.bodies, "nurse calls"));
        world_free(w);
    }
}

/* A partner becomes public: what was kept with its notes is told to nobody any more. */
static void forgets_notes_with_the_type(void **state)
{
    struct world *w = world_of(FED, CW_ACCEPT_ASK);

    (void)state;
    pair_grant(w);
    world_notify(w, "active", NULL, NOTES[0]);
    pair_settle(w, 0);
    assert_non_null(strstr(record.stanzas, "secret"));
    flow_record_clear(&record);
    world_policy(w, VER, true);
    world_expect(w, "S SUBSCRIBE expires=3600 to-tag=peer");
    world_answer(w, 200, 3600);
    pair_presence(w, "probe");
    world_silence(w);
    world_notify(w, "active", NULL, NOTES[0]);
    world_expect(w, "R 200");
    world_expect(w, "X presence available romeo@contoso.example/desk statuses=0");
    world_silence(w);
    assert_null(strstr(record.stanzas, "secret"));
    world_policy(w, VER, true); /* nothing new: nothing is asked for again */
    world_pass(w, 1000);
    world_silence(w);
    world_free(w);
}

/* ---- removal ---- */

/* "Local user removes the contact", and what she may do then. */
static void parts_as_the_type_says(void **state)
{
    (void)state;
    for (enum cw_partner_type type = 0; type < CW_PARTNER_TYPES; type++) {
        const bool revoked = type == UNV;
        struct world *w = world_of(type, CW_ACCEPT_ASK);
        struct cw_relation stored;
        char id[64];

        cw_case(type == FED ? "federated" : type == VER ? "verified" : "unverified");
        pair_invite(w);
        pair_grant(w);
        pair_talk(w, id);
        remove_her(w);
        assert_int_equal(record.requests[CW_SIP_NOTIFY], 1);
        assert_int_equal(record.requests[CW_SIP_SUBSCRIBE], revoked ? 1 : 0);
        assert_int_equal(record.stanza_count, revoked ? 3 : 1);
        assert_non_null(strstr(record.stanzas, "type='unsubscribe'"));
        assert_int_equal(strstr(record.stanzas, "type='unavailable'") != NULL, revoked);
        assert_int_equal(strstr(record.stanzas, "type='unsubscribed'") != NULL, revoked);
        assert_true(world_stored(w, &stored));
        assert_false(stored.invited);
        assert_int_equal(stored.sip_watches, CW_GRANT_NONE);
        assert_int_equal(stored.xmpp_watches, revoked ? CW_GRANT_NONE : CW_GRANT_GRANTED);

        flow_record_clear(&record);
        world_stanza(w, MESSAGE);
        world_stanza(w, COMPOSING);
        pair_presence(w, "subscribe");
        pair_settle(w, 400);
        assert_int_equal(flow_record_requests(&record), revoked ? 0 : 2);
        assert_int_equal(strstr(record.stanzas, "service-unavailable") != NULL, revoked);
        assert_int_equal(strstr(record.stanzas, "type='subscribed'") != NULL, !revoked);
        world_free(w);
    }
}

/* She had asked and he had not answered: the removal answers for him, where it takes the right. */
static void parts_while_she_asks(void **state)
{
    struct world *w = world_of(UNV, CW_ACCEPT_ASK);

    (void)state;
    pair_invite(w);
    pair_ask(w);
    remove_her(w);
    assert_int_equal(record.requests[CW_SIP_SUBSCRIBE], 1);
    assert_non_null(strstr(record.stanzas, "type='unsubscribed'"));
    flow_record_clear(&record);
    world_notify(w, "active", NULL, PAIR_OPEN); /* he agrees too late */
    pair_settle(w, 400);
    assert_int_equal(record.stanza_count, 0);
    world_free(w);
}

/* ---- block ---- */

/* He blocks her before she got her answer; while the answer is on its way to the disk; and before
 * his own question was. Nothing of it reaches her. */
static void blocks_what_is_pending(void **state)
{
    struct world *w = world_of(FED, CW_ACCEPT_ASK);

    (void)state;
    pair_ask(w);
    block_her(w, true);
    world_expect(w, "S SUBSCRIBE expires=0");
    world_commit(w);
    world_expect(w, "X presence unsubscribed");
    world_notify(w, "active", NULL, PAIR_OPEN);
    world_expect(w, "R 200");
    world_silence(w);
    world_free(w);

    w = world_of(FED, CW_ACCEPT_ASK);
    pair_ask(w);
    world_notify(w, "active", NULL, PAIR_OPEN);
    world_expect(w, "R 200");
    block_her(w, true);
    world_expect(w, "S SUBSCRIBE expires=0");
    world_commit(w);
    world_expect(w, "X presence unsubscribed"); /* and no `subscribed`, no presence before it */
    world_silence(w);
    world_free(w);

    w = world_of(FED, CW_ACCEPT_ASK);
    world_subscribe(w, 3600, 0, 1);
    world_expect(w, "R 200");
    world_expect(w, "S NOTIFY pending");
    block_her(w, true);
    world_expect(w, "S NOTIFY terminated rejected");
    world_commit(w);
    world_pass(w, 86400000);
    world_silence(w);
    world_free(w);
}

/* It ends what they had, and lifting it gives back no more than he had of his own. */
static void blocks_a_friend(void **state)
{
    struct world *w = world_of(VER, CW_ACCEPT_ASK);

    (void)state;
    pair_invite(w);
    pair_grant(w);
    world_stanza(w, "<presence from='juliet@fabrikam.example/orchard' "
                    "to='romeo@contoso.example'/>"); /* his device would hear of it in 250 ms */
    block_her(w, true);
    world_expect(w, "S SUBSCRIBE expires=0");
    world_expect(w, "S NOTIFY terminated rejected");
    world_silence(w);
    world_commit(w);
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_expect(w, "X presence unsubscribed");
    pair_settle(w, 60000);
    flow_record_clear(&record);
    world_stanza(w, "<presence from='juliet@fabrikam.example/orchard' "
                    "to='romeo@contoso.example' type='unavailable'/>");
    world_subscribe(w, 3600, 0, 9);
    world_expect(w, "R 403");
    world_silence(w);
    block_her(w, false);
    world_commit(w);
    world_silence(w);
    pair_presence(w, "probe");
    world_expect(w, "X presence unsubscribed id=p1");
    world_subscribe(w, 3600, 0, 10);
    world_expect(w, "R 200");
    world_expect(w, "S NOTIFY active");
    world_silence(w);
    world_free(w);
}

/* STATE-5: a block outlives the process, also when that died between the block and its effects. */
static void blocks_after_a_restart(void **state)
{
    struct world *w = world_of(FED, CW_ACCEPT_ASK);
    struct cw_contact *contact;

    (void)state;
    pair_grant(w);
    contact = cw_roster_find(world_gateway(w)->roster, CW_LIT(LOCAL), CW_LIT(REMOTE));
    contact->blocked = true;
    cw_roster_save(world_gateway(w)->roster, contact, 0, NULL, NULL);
    world_commit(w);
    world_restart(w);
    world_commit(w);
    world_expect(w, "X presence unavailable");
    world_expect(w, "X presence unsubscribed");
    world_pass(w, 60000);
    world_silence(w);
    world_free(w);
}

/* ---- the right to federate, and the type ---- */

struct turn {
    const char *name;
    enum cw_partner_type before, after;
    bool invited, barred, keeps;
};

/* What a change of the configuration takes away, whether the process ran at the time or not. */
static const struct turn TURNS[] = {
    {"a user loses the right to federate", FED, FED, true, true, false},
    {"an unverified partner, and the right", UNV, UNV, true, true, false},
    {"federated becomes unverified", FED, UNV, false, false, false},
    {"verified becomes unverified", VER, UNV, false, false, false},
    {"federated becomes unverified, invited", FED, UNV, true, false, true},
    {"federated becomes verified", FED, VER, false, false, true},
    {"unverified becomes federated", UNV, FED, true, false, true},
};

static void turn(struct world *w, const struct turn *t, bool running)
{
    if (!running) {
        world_stop(w);
    }
    flow_record_clear(&record);
    world_policy(w, t->after, true);
    if (t->barred) {
        world_bar(w, LOCAL);
    }
    if (!running) {
        world_start(w);
    }
    pair_settle(w, 2000);
}

static void takes_rights_with_the_configuration(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(TURNS); i++) {
        struct world *w = world_of(TURNS[i].before, CW_ACCEPT_ASK);

        cw_case(TURNS[i].name);
        if (TURNS[i].invited) {
            pair_invite(w);
        }
        pair_grant(w);
        turn(w, &TURNS[i], true);
        assert_int_equal(strstr(record.stanzas, "type='unavailable'") != NULL, !TURNS[i].keeps);
        assert_int_equal(strstr(record.stanzas, "type='unsubscribed'") != NULL, !TURNS[i].keeps);
        flow_record_clear(&record);
        world_notify(w, "active", NULL, PAIR_OPEN);
        pair_presence(w, "probe");
        pair_settle(w, 400);
        assert_int_equal(strstr(record.stanzas, "romeo@contoso.example/desk") != NULL,
                         TURNS[i].keeps);
        world_free(w);
    }
}

static void takes_rights_at_a_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(TURNS); i++) {
        struct world *w = world_of(TURNS[i].before, CW_ACCEPT_ASK);
        struct cw_relation stored;

        cw_case(TURNS[i].name);
        if (TURNS[i].invited) {
            pair_invite(w);
        }
        pair_grant(w);
        turn(w, &TURNS[i], false);
        assert_int_equal(record.requests[CW_SIP_SUBSCRIBE], TURNS[i].keeps ? 1 : 0);
        assert_int_equal(strstr(record.stanzas, "type='unsubscribed'") != NULL, !TURNS[i].keeps);
        assert_true(world_stored(w, &stored));
        assert_int_equal(stored.xmpp_watches, TURNS[i].keeps ? CW_GRANT_GRANTED : CW_GRANT_NONE);
        world_free(w);
    }
}

/* His own dialogs end for good: asking again would be in vain (CASE 52). */
static void ends_his_dialogs_with_the_right(void **state)
{
    static const char *const NAMES[] = {"barred", "disabled", "unlisted", "master off"};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(NAMES); i++) {
        struct world *w = world_of(FED, CW_ACCEPT_ASK);

        cw_case(NAMES[i]);
        pair_invite(w);
        world_federation(w, i != 3);
        if (i == 0) {
            world_bar(w, LOCAL);
        } else if (i == 2) {
            world_unlist(w);
        } else {
            world_policy(w, FED, i != 1);
        }
        world_expect(w, "S NOTIFY terminated rejected");
        world_silence(w);
        world_subscribe(w, 3600, 0, 9);
        world_expect(w, i == 2 ? "R 404" : "R 403");
        world_silence(w);
        world_free(w);
    }
}

/* ---- what authorises ---- */

static void send_as(struct world *w, const char *from, const char *event, int64_t expires_s,
                    const char *to_tag)
{
    struct cw_sip_message request;

    cw_sip_message_init(&request);
    request.method = CW_SIP_SUBSCRIBE;
    request.request_uri = CW_LIT("sip:juliet@fabrikam.example");
    request.from.uri = cw_log_text(from);
    request.from.tag = CW_LIT("phone");
    request.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    request.to.tag = cw_log_text(to_tag);
    request.call_id = CW_LIT("watch-2");
    request.cseq = 1;
    request.contact = CW_LIT("sip:romeo@127.0.0.3");
    request.contact_count = 1;
    request.event = cw_log_text(event);
    request.expires_s = expires_s;
    (void)world_request(w, &request);
}

/* "This act is the authorisation": his SUBSCRIBE for her presence, and nothing that looks like it.
 */
static void is_authorised_by_one_act(void **state)
{
    static const struct {
        const char *name, *from, *event;
        int64_t expires_s;
        const char *to_tag;
        bool authorises;
    } CASES[] = {
        {"a subscription", LOCAL, "presence", 3600, NULL, true},
        {"without Expires", LOCAL, "presence", -1, NULL, true},
        {"a poll (SUB-87)", LOCAL, "presence", 0, NULL, false},
        {"too brief", LOCAL, "presence", 10, NULL, false},
        {"another event", LOCAL, "dialog", 3600, NULL, false},
        {"in a dialog that is none", LOCAL, "presence", 3600, "gone", false},
        {"of another user of ours", "sip:tybalt@contoso.example", "presence", 3600, NULL, false},
        {"of somebody who is not ours", "sip:romeo@northwind.example", "presence", 3600, NULL,
         false},
        {"of nobody", "sip:anonymous@anonymous.invalid", "presence", 3600, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct world *w = world_of(UNV, CW_ACCEPT_BY_TYPE);

        cw_case(CASES[i].name);
        send_as(w, CASES[i].from, CASES[i].event, CASES[i].expires_s, CASES[i].to_tag);
        pair_settle(w, 0);
        world_message(w, "Good even"); /* nor does a message (reply_window is 0) */
        pair_settle(w, 0);
        flow_record_clear(&record);
        world_stanza(w, MESSAGE);
        pair_presence(w, "subscribe");
        pair_settle(w, 400);
        assert_int_equal(flow_record_requests(&record), CASES[i].authorises ? 2 : 0);
        world_free(w);
    }
}

/* ---- probes ---- */

/* SUB-37, SUB-47: a document that came before his yes is for nobody, not even for a probe of one
 * resource. */
static void answers_no_probe_before_the_yes(void **state)
{
    struct world *w = world_of(VER, CW_ACCEPT_ASK);

    (void)state;
    pair_ask(w);
    world_notify(w, "terminated", "invariant", PAIR_OPEN);
    pair_settle(w, 0);
    flow_record_clear(&record);
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example/desk' "
                    "type='probe' id='p1'/>");
    pair_presence(w, "probe");
    pair_settle(w, 60000);
    assert_int_equal(record.stanza_count, 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_as_the_partner_says),
        cmocka_unit_test(accepts_nothing_that_is_refused),
        cmocka_unit_test(keeps_notes_from_public_partners),
        cmocka_unit_test(shows_notes_of_all_partners),
        cmocka_unit_test(forgets_notes_with_the_type),
        cmocka_unit_test(parts_as_the_type_says),
        cmocka_unit_test(parts_while_she_asks),
        cmocka_unit_test(blocks_what_is_pending),
        cmocka_unit_test(blocks_a_friend),
        cmocka_unit_test(blocks_after_a_restart),
        cmocka_unit_test(takes_rights_with_the_configuration),
        cmocka_unit_test(takes_rights_at_a_start),
        cmocka_unit_test(ends_his_dialogs_with_the_right),
        cmocka_unit_test(is_authorised_by_one_act),
        cmocka_unit_test(answers_no_probe_before_the_yes),
    };

    return cmocka_run_group_tests_name("flow_partner_types", tests, NULL, NULL);
}
