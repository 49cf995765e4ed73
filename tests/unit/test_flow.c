/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world.h"

#include "deliver.h"
#include "edge_pool.h"
#include "notify.h"
#include "watch.h"

#define FED CW_PARTNER_FEDERATED
#define VER CW_PARTNER_PUBLIC_VERIFIED
#define UNV CW_PARTNER_PUBLIC_UNVERIFIED

#define PRESENCE(type)                                                                             \
    "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' type='" type "' "         \
    "id='p1'/>"
#define MESSAGE                                                                                    \
    "<message from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' type='chat' "      \
    "id='m1'><body>Good morrow</body></message>"
#define PIDF(tuples)                                                                               \
    "<?xml version='1.0' encoding='UTF-8'?><presence xmlns='urn:ietf:params:xml:ns:pidf' "         \
    "entity='pres:romeo@contoso.example'>" tuples "</presence>"
#define TUPLE(id, basic) "<tuple id='ID-" id "'><status><basic>" basic "</basic></status></tuple>"

/* SUB-20, SUB-23, SUB-24, SUB-26, SUB-9; ask: nothing goes to XMPP before the NOTIFY active. */
static void grant_by_asking(struct world *w)
{
    world_stanza(w, PRESENCE("subscribe"));
    world_expect(w, "S SUBSCRIBE " LOCAL " from=sip:juliet@fabrikam.example expires=3600");
    world_silence(w);
    world_answer(w, 200, 3600);
    world_notify(w, "pending", NULL, NULL);
    world_expect(w, "R 200");
    world_silence(w);
    world_notify(w, "active", NULL, PIDF(TUPLE("desk", "open")));
    world_expect(w, "R 200");
    world_silence(w);                                   /* not before it is durable */
    assert_true(cw_flow_pending(world_gateway(w)) > 0); /* a drain waits for it */
    world_commit(w);
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
    world_expect(w, "X presence subscribed romeo@contoso.example > " REMOTE);
    world_expect(w, "X presence available romeo@contoso.example/desk > " REMOTE);
    world_silence(w);
}

static void asks_the_user(void **state)
{
    struct world *w = world_new(VER);
    struct cw_relation stored;

    (void)state;
    grant_by_asking(w);
    assert_true(world_stored(w, &stored));
    assert_int_equal(stored.xmpp_watches, CW_GRANT_GRANTED);
    assert_false(stored.invited);
    assert_true(cw_metrics_value(
                    world_gateway(w)->metrics, CW_METRIC_SUBSCRIPTIONS,
                    (const char *const[]){"fabrikam.example", "xmpp_to_sip", "active"}) == 1.0);
    assert_true(cw_metrics_value(
                    world_gateway(w)->metrics, CW_METRIC_SUBSCRIPTIONS,
                    (const char *const[]){"fabrikam.example", "xmpp_to_sip", "pending"}) == 0.0);
    world_free(w);
}

/* PARTNERS section 3: accept = auto answers with the 2xx, presence waits for active. SUB-22, SUB-25
 */
static void accepts_at_once(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_stanza(w, PRESENCE("subscribe"));
    world_expect(w, "S SUBSCRIBE expires=3600 P-Causeway-Partner:fabrikam.example;type=federated");
    world_commit(w);
    world_answer(w, 200, 3600);
    world_silence(w);
    world_commit(w);
    world_expect(w, "X presence subscribed");
    world_notify(w, "pending", NULL, PIDF(TUPLE("desk", "open")));
    world_expect(w, "R 200");
    world_silence(w);
    world_notify(w, "active", NULL, PIDF(TUPLE("desk", "open")));
    world_expect(w, "R 200");
    world_expect(w, "X presence available romeo@contoso.example/desk");
    world_stanza(w, PRESENCE("subscribe"));
    world_expect(w, "X presence subscribed");
    world_expect(w, "X presence available romeo@contoso.example/desk");
    world_silence(w);
    world_free(w);
}

/* SUB-53, SUB-41: an unknown user and one who declines; SUB-34: then nobody is watched. */
static void is_refused(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    world_stanza(w, PRESENCE("subscribe"));
    world_skip(w);
    world_answer(w, 404, -1);
    world_silence(w);
    world_commit(w);
    world_expect(w, "X presence unsubscribed romeo@contoso.example > " REMOTE);
    world_silence(w);

    world_stanza(w, PRESENCE("subscribe"));
    world_skip(w);
    world_answer(w, 200, 3600);
    world_notify(w, "terminated", "rejected", NULL);
    world_expect(w, "R 200");
    world_commit(w);
    world_expect(w, "X presence unsubscribed");
    world_stanza(w, PRESENCE("probe"));
    world_expect(w, "X presence unsubscribed id=p1");
    world_silence(w);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
    world_free(w);
}

/* PRES-26, PRES-37, PRES-38, PRES-39, PRES-42, SUB-7 */
static void shows_presence(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    grant_by_asking(w);
    world_notify(w, "active", NULL, PIDF(TUPLE("mobile", "open")));
    world_expect(w, "R 200");
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_expect(w, "X presence available romeo@contoso.example/mobile");
    world_notify(w, "active", NULL, NULL);
    world_expect(w, "R 200");
    world_silence(w);
    world_notify(w, "active", NULL, "<!DOCTYPE p [<!ENTITY a 'b'>]><presence/>");
    world_expect(w, "R 400");
    world_silence(w);
    world_stanza(w, PRESENCE("probe"));
    world_expect(w, "X presence available romeo@contoso.example/mobile");
    world_silence(w);
    world_free(w);
}

/* SUB-32: by the watcher; SUB-40: by the administrator. */
static void is_withdrawn(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    grant_by_asking(w);
    world_stanza(w, PRESENCE("unsubscribe"));
    world_expect(w, "S SUBSCRIBE sip:presence@127.0.0.2 expires=0 to-tag=peer");
    world_silence(w);
    world_commit(w);
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_expect(w, "X presence unsubscribed");
    world_notify(w, "terminated", "timeout", PIDF(TUPLE("desk", "open")));
    world_expect(w, "R 200");
    world_silence(w);
    world_answer(w, 200, 0);
    world_pass(w, 40000);
    world_silence(w);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
    world_free(w);
}

static void is_revoked(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    grant_by_asking(w);
    cw_watch_revoke(world_gateway(w)->watch, CW_LIT(LOCAL), CW_LIT(REMOTE));
    world_expect(w, "S SUBSCRIBE expires=0");
    world_commit(w);
    world_expect(w, "X presence unavailable");
    world_expect(w, "X presence unsubscribed");
    world_silence(w);
    world_free(w);
}

/* SUB-28, SUB-52, SUB-50, SUB-59, SUB-44 */
static void keeps_the_dialog(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    grant_by_asking(w);
    world_pass(w, 2699000);
    world_silence(w);
    world_until(w, 362000); /* 85 % less up to 10 % */
    world_expect(w, "S SUBSCRIBE sip:presence@127.0.0.2 expires=3600 to-tag=peer");
    world_answer(w, 481, -1);
    world_expect(w, "S SUBSCRIBE " LOCAL " expires=3600");
    world_silence(w);
    world_answer(w, 503, -1);
    world_silence(w);
    world_pass(w, 29000);
    world_silence(w);
    world_pass(w, 2000);
    world_expect(w, "S SUBSCRIBE " LOCAL);
    world_answer(w, 0, -1);
    world_pass(w, 31000); /* 60 s without presence */
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_pass(w, 30000);
    world_expect(w, "S SUBSCRIBE " LOCAL);
    world_answer(w, 403, -1);
    world_commit(w);
    world_expect(w, "X presence unsubscribed");
    world_silence(w);
    world_free(w);
}

/* DESIGN section 7, SUB-29, STATE-13: after a restart nothing looks like a cancellation; a new
 * SUBSCRIBE asks again. */
static void survives_a_restart(void **state)
{
    struct world *w = world_new(VER);
    struct cw_bytes call_id;

    (void)state;
    grant_by_asking(w);
    call_id = world_last_subscribe(w)->call_id;
    world_restart(w);
    world_pass(w, 200);
    world_expect(w, "S SUBSCRIBE " LOCAL " expires=3600");
    world_silence(w);
    assert_false(cw_bytes_equal(world_last_subscribe(w)->call_id, call_id));
    assert_true(world_last_subscribe(w)->cseq > 600000000u); /* from the clock */
    world_answer(w, 200, 3600);
    world_stanza(w, PRESENCE("probe"));
    world_silence(w);
    world_notify(w, "active", NULL, PIDF(TUPLE("desk", "open")));
    world_expect(w, "R 200");
    world_expect(w, "X presence subscribed"); /* a kill may have swallowed the first */
    world_expect(w, "X presence available romeo@contoso.example/desk");
    world_silence(w);
    world_pass(w, 700000);
    world_restart(w); /* long after: no doubt that it was told */
    world_pass(w, 200);
    world_skip(w);
    world_notify(w, "active", NULL, PIDF(TUPLE("desk", "open")));
    world_expect(w, "R 200");
    world_expect(w, "X presence available romeo@contoso.example/desk");
    world_silence(w);
    world_free(w);
}

/* The request to the contact is sent again when a kill may have swallowed it, and only then
 * (SUB-72). */
static void asks_again_after_a_restart(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_subscribe(w, 3600, 0, 1);
    world_subscribe(w, 3600, 0, 2); /* another device, before the commit */
    world_commit(w);
    world_expect(w, "R 200");
    world_expect(w, "S NOTIFY pending");
    world_expect(w, "R 200");
    world_expect(w, "S NOTIFY pending");
    world_expect(w, "X presence subscribe");
    world_silence(w);
    world_restart(w);
    world_subscribe(w, 3600, 0, 3);
    world_commit(w);
    world_expect(w, "R 200");
    world_expect(w, "S NOTIFY pending");
    world_expect(w, "X presence subscribe");
    world_subscribe(w, 3600, 0, 4);
    world_commit(w);
    world_expect(w, "R 200");
    world_expect(w, "S NOTIFY pending");
    world_silence(w);
    world_free(w);
}

/* SUB-71, SUB-74, SUB-8, SUB-84: the invitation is durable before `subscribe` leaves. @return our
 * tag */
static unsigned invite(struct world *w)
{
    struct cw_relation stored;

    world_subscribe(w, -1, 0, 1);
    world_expect(w, "R 200 expires=3600");
    world_expect(w, "S NOTIFY sip:romeo@127.0.0.3 pending expires=3600 to-tag=phone");
    world_silence(w);
    world_commit(w);
    assert_true(world_stored(w, &stored));
    assert_true(stored.invited);
    world_expect(w, "X presence subscribe romeo@contoso.example > " REMOTE);
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_answer(w, 200, -1);
    world_stanza(w, PRESENCE("subscribed"));
    world_expect(w, "S NOTIFY sip:romeo@127.0.0.3 active");
    world_answer(w, 200, -1);
    world_commit(w);
    world_silence(w);
    return 1;
}

/* PRES-2, PRES-3, PRES-4, PRES-16, PRES-17, PRES-22, PRES-24, SUB-80; ARCH-8: not even to a dialog
 * of another contact */
static void sees_two_resources(void **state)
{
    struct world *w = world_new(UNV);

    (void)state;
    (void)invite(w); /* its NOTIFY is no change of presence: the first document waits for nothing */
    world_stanza(w, "<presence from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'>"
                    "<show>away</show><status>nurse calls</status></presence>");
    world_pass(w, 300);
    world_expect(w, "S NOTIFY sip:romeo@127.0.0.3 from=sip:juliet@fabrikam.example active "
                    "ID-balcony open away nurse");
    world_silence(w);
    world_stanza(w, "<presence from='juliet@fabrikam.example/orchard' "
                    "to='romeo@contoso.example'/>");
    world_pass(w, 3000);
    world_silence(w); /* not more often than every 5 s */
    world_pass(w, 3000);
    world_expect(w, "S NOTIFY active ID-balcony open ID-orchard open");
    world_stanza(w, "<presence from='juliet@fabrikam.example/orchard' "
                    "to='romeo@contoso.example'/>");
    world_pass(w, 10000);
    world_silence(w); /* nothing changed */
    world_stanza(w, "<presence from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' "
                    "type='unavailable'/>");
    world_pass(w, 300);
    world_expect(w, "S NOTIFY active ID-balcony closed ID-orchard open");
    world_silence(w);
    world_stanza(w, "<presence from='nurse@fabrikam.example/hall' to='romeo@contoso.example'/>");
    world_pass(w, 6000);
    world_silence(w);
    world_free(w);
}

/* SUB-82: presence.subscription_refresh_interval, half an hour in this world */
static void asks_again_for_old_presence(void **state)
{
    struct world *w = world_new(FED);
    const unsigned tag = invite(w);

    (void)state;
    world_stanza(w,
                 "<presence from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'/>");
    world_pass(w, 300);
    world_expect(w, "S NOTIFY active ID-balcony open");
    world_answer(w, 200, -1);
    world_pass(w, 10 * 60 * 1000);
    world_subscribe(w, 3600, tag, 2);
    world_expect(w, "R 200 expires=3600");
    world_expect(w, "S NOTIFY active ID-balcony open");
    world_answer(w, 200, -1);
    world_silence(w); /* young enough */
    world_pass(w, 25 * 60 * 1000);
    world_subscribe(w, 3600, tag, 3);
    world_expect(w, "R 200 expires=3600");
    world_expect(w, "S NOTIFY active ID-balcony open");
    world_answer(w, 200, -1);
    world_expect(w, "X presence probe");
    world_silence(w);
    world_free(w);
}

/* SUB-76, SUB-82, SUB-83, SUB-85, SUB-89 */
static void ends_dialogs(void **state)
{
    struct world *w = world_new(FED);
    const unsigned tag = invite(w);

    (void)state;
    world_subscribe(w, 600, tag, 2);
    world_expect(w, "R 200 expires=600");
    world_expect(w, "S NOTIFY active expires=600");
    world_answer(w, 200, -1);
    world_expect(w, "X presence probe"); /* nothing is known of her yet */
    world_subscribe(w, 0, tag, 3);
    world_expect(w, "R 200 expires=0");
    world_expect(w, "S NOTIFY terminated timeout closed");
    world_answer(w, 200, -1);
    world_silence(w);
    world_subscribe(w, 600, tag, 4);
    world_expect(w, "R 481");
    world_subscribe(w, 600, 0, 5); /* the authorization stayed: no `subscribe` */
    world_expect(w, "R 200 expires=600");
    world_expect(w, "S NOTIFY active expires=600");
    world_expect(w, "X presence probe romeo@contoso.example > " REMOTE);
    world_silence(w);
    world_stanza(w, PRESENCE("unsubscribed"));
    world_expect(w, "S NOTIFY terminated rejected");
    world_silence(w);
    world_free(w);
}

/* SUB-92 and PARTNERS section 3: the SIP user removes an unverified contact, so her own right goes
 * too. */
static void removes_a_contact(void **state)
{
    struct world *w = world_new(UNV);
    struct cw_relation stored;

    (void)state;
    (void)invite(w);
    grant_by_asking(w);
    assert_true(cw_notify_remove(world_gateway(w)->notify, CW_LIT(LOCAL), CW_LIT(REMOTE)));
    world_expect(w, "S NOTIFY terminated deactivated");
    world_expect(w, "S SUBSCRIBE expires=0");
    world_silence(w);
    world_commit(w);
    world_expect(w, "X presence unsubscribe romeo@contoso.example > " REMOTE);
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_expect(w, "X presence unsubscribed");
    world_silence(w);
    assert_true(world_stored(w, &stored));
    assert_false(stored.invited);
    world_stanza(w, MESSAGE);
    world_pass(w, 300);
    world_expect(w, "X message error service-unavailable");
    world_silence(w);
    world_free(w);
}

/* PARTNERS section 3, MSG-10, MSG-44, SUB-34, PRES-46, ERR-30, ERR-32: a stranger learns what he
 * would learn of nobody. */
static void refuses_strangers(void **state)
{
    struct world *w = world_new(UNV);

    (void)state;
    world_stanza(w, MESSAGE);
    world_silence(w); /* ERR-30: not at once */
    world_pass(w, 250);
    world_expect(w, "X message error romeo@contoso.example > juliet@fabrikam.example/balcony id=m1 "
                    "service-unavailable error-type=cancel");
    world_stanza(w, PRESENCE("subscribe"));
    world_expect(w, "X presence unsubscribed");
    world_stanza(w, PRESENCE("probe"));
    world_expect(w, "X presence unsubscribed id=p1");
    world_stanza(w,
                 "<message from='juliet@fabrikam.example/r' to='romeo@contoso.example' type='chat' "
                 "id='t'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
    world_stanza(w, PRESENCE("subscribed"));
    world_stanza(w, PRESENCE("unsubscribe"));
    world_stanza(w,
                 "<presence from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'/>");
    world_pass(w, 250);
    world_silence(w);
    assert_int_equal(world_taken(w), 7);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
    (void)invite(w);
    world_stanza(w, MESSAGE);
    world_expect(w, "S MESSAGE " LOCAL " from=sip:juliet@fabrikam.example;gr=balcony Good morrow");
    world_free(w);
}

/* MSG-35, MSG-36, MSG-37, MSG-38, MSG-39, MSG-41, ERR-20, ERR-30: each class, as a stranger and as
 * a friend. */
static void reports_failures_to_xmpp(void **state)
{
    static const struct {
        unsigned status;
        const char *stranger;
        const char *friend;
    } CASES[] = {
        {200, NULL, NULL},
        {202, NULL, NULL},
        {299, NULL, NULL},
        {404, "service-unavailable error-type=cancel", "item-not-found error-type=cancel"},
        {480, "service-unavailable error-type=cancel", "recipient-unavailable error-type=wait"},
        {403, "service-unavailable error-type=cancel", "forbidden error-type=cancel"},
        {413, "policy-violation error-type=modify", "policy-violation error-type=modify"},
        {500, "internal-server-error", "internal-server-error"},
        {603, "service-unavailable error-type=cancel", "recipient-unavailable error-type=cancel"},
        {0, "remote-server-timeout error-type=wait", "remote-server-timeout error-type=wait"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * CW_COUNT(CASES); i++) {
        struct world *w = world_new(VER);
        const bool friendly = i >= CW_COUNT(CASES);
        const size_t row = i % CW_COUNT(CASES);
        const char *want = friendly ? CASES[row].friend : CASES[row].stranger;

        if (friendly) {
            grant_by_asking(w);
        }
        world_stanza(w, MESSAGE);
        world_expect(w, "S MESSAGE");
        world_answer(w, CASES[row].status, -1);
        if (want != NULL) {
            world_expect(w, want);
        }
        world_silence(w);
        world_free(w);
    }
}

/* MSG-17, MSG-29, MSG-30: one on its way, in order, bounded. MSG-3, MSG-4, MSG-5, MSG-8, ERR-3 */
static void keeps_the_order(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    for (char n = '1'; n <= '4'; n++) {
        char xml[] = "<message from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' "
                     "id='mX'><body>lineX</body></message>";

        *strstr(xml, "mX") = 'm';
        strstr(xml, "mX'>")[1] = n;
        strstr(xml, "lineX")[4] = n;
        world_stanza(w, xml);
    }
    world_expect(w, "S MESSAGE line1");
    world_expect(w, "X message error id=m4 resource-constraint error-type=wait");
    world_silence(w);
    world_answer(w, 486, -1);
    world_expect(w, "X message error id=m1");
    world_expect(w, "S MESSAGE line2");
    world_answer(w, 200, -1);
    world_expect(w, "S MESSAGE line3");
    world_answer(w, 200, -1);
    world_silence(w);
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);

    world_stanza(w, "<message from='juliet@fabrikam.example' to='romeo@contoso.example' "
                    "type='headline'><body>news</body></message>");
    world_expect(w, "S MESSAGE news");
    world_answer(w, 500, -1);
    world_stanza(w, "<message from='juliet@fabrikam.example' to='romeo@contoso.example' "
                    "type='error' id='x'><body>b</body><error type='cancel'><gone "
                    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    world_stanza(w, "<message from='juliet@fabrikam.example' to='romeo@contoso.example' id='e'/>");
    world_silence(w);
    world_stanza(w, "<message from='juliet@fabrikam.example/r' to='romeo@contoso.example' "
                    "type='groupchat' id='g'><body>all</body></message>");
    world_expect(w, "X message error id=g service-unavailable");
    world_silence(w);
    world_free(w);
}

/* MSG-47, MSG-50, ERR-10, ERR-34: the answer waits for the edge's word, at most for the hold. */
static void answers_messages(void **state)
{
    static const struct {
        enum cw_fate fate;
        enum cw_fail reason;
        const char *want;
    } CASES[] = {
        {CW_FATE_HANDED, CW_FAIL_NONE, "R 202"},      {CW_FATE_FAILED, CW_FAIL_NO_PERMIT, "R 404"},
        {CW_FATE_FAILED, CW_FAIL_CONNECT, "R 504"},   {CW_FATE_FAILED, CW_FAIL_TIMEOUT, "R 504"},
        {CW_FATE_FAILED, CW_FAIL_KEY, "R 500"},       {CW_FATE_FAILED, CW_FAIL_QUEUE_FULL, "R 500"},
        {CW_FATE_AMBIGUOUS, CW_FAIL_STREAM, "R 504"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct world *w = world_new(FED);

        world_message(w, "Good even");
        world_expect(w, "X message romeo@contoso.example > juliet@fabrikam.example Good even");
        world_silence(w);
        world_pass(w, 900);
        world_silence(w);
        world_fate(w, CASES[i].fate, CASES[i].reason);
        world_expect(w, CASES[i].want);
        world_pass(w, 5000);
        world_silence(w);
        world_free(w);
    }
}

static void answers_after_the_hold(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_message(w, "one");
    world_message(w, "two");
    world_expect(w, "X message one");
    world_silence(w);
    world_pass(w, 1000);
    world_expect(w, "R 202");
    world_expect(w, "R 202");
    world_fate(w, CW_FATE_FAILED,
               CW_FAIL_TIMEOUT); /* too late for the sender: counted and logged */
    world_pass(w, 1);
    world_expect(w, "X message two");
    world_link(w, false);
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_message(w, "three");
    world_expect(w, "R 504");
    world_silence(w);
    world_free(w);
}

/* ARCH-6, ARCH-7, MSG-45, MSG-71, MSG-73, PRES-21, WINFO-4, ADDR-22, ADDR-29, SUB-70, SESS-2: what
 * is refused, and how. */
static void refuses_requests(void **state)
{
    static const struct {
        const char *name;
        enum cw_sip_method method;
        const char *target, *from, *event, *accept, *require, *type, *body, *want;
        int64_t expires;
    } CASES[] = {
        {"method", CW_SIP_OTHER, "sip:juliet@fabrikam.example", LOCAL, NULL, NULL, NULL, NULL, NULL,
         "R 405 allow=MESSAGE", -1},
        {"own to own", CW_SIP_MESSAGE, "sip:tybalt@contoso.example", LOCAL, NULL, NULL, NULL,
         "text/plain", "b", "R 404", -1},
        {"no partner", CW_SIP_MESSAGE, "sip:x@northwind.example", LOCAL, NULL, NULL, NULL,
         "text/plain", "b", "R 404", -1},
        {"foreign sender", CW_SIP_MESSAGE, "sip:juliet@fabrikam.example", "sip:a@fabrikam.example",
         NULL, NULL, NULL, "text/plain", "b", "R 403", -1},
        {"anonymous", CW_SIP_MESSAGE, "sip:juliet@fabrikam.example",
         "sip:anonymous@anonymous.invalid", NULL, NULL, NULL, "text/plain", "b", "R 433", -1},
        {"sips", CW_SIP_MESSAGE, "sips:juliet@fabrikam.example", LOCAL, NULL, NULL, NULL,
         "text/plain", "b", "R 480 warning=380", -1},
        {"scheme", CW_SIP_MESSAGE, "mailto:juliet@fabrikam.example", LOCAL, NULL, NULL, NULL,
         "text/plain", "b", "R 416", -1},
        {"barred", CW_SIP_MESSAGE, "sip:juliet@fabrikam.example", "sip:barred@contoso.example",
         NULL, NULL, NULL, "text/plain", "b", "R 403", -1},
        {"require", CW_SIP_MESSAGE, "sip:juliet@fabrikam.example", LOCAL, NULL, NULL, "eventlist",
         "text/plain", "b", "R 420 unsupported=eventlist", -1},
        {"type", CW_SIP_MESSAGE, "sip:juliet@fabrikam.example", LOCAL, NULL, NULL, NULL,
         "application/x-other", "b", "R 415 accept=text/plain", -1},
        {"empty", CW_SIP_MESSAGE, "sip:juliet@fabrikam.example", LOCAL, NULL, NULL, NULL, NULL,
         NULL, "R 202", -1},
        {"event", CW_SIP_SUBSCRIBE, "sip:juliet@fabrikam.example", LOCAL, "dialog", NULL, NULL,
         NULL, NULL, "R 489 events=presence", -1},
        {"no event", CW_SIP_SUBSCRIBE, "sip:juliet@fabrikam.example", LOCAL, NULL, NULL, NULL, NULL,
         NULL, "R 489 events=presence", -1},
        {"accept", CW_SIP_SUBSCRIBE, "sip:juliet@fabrikam.example", LOCAL, "presence",
         "application/xpidf+xml", NULL, NULL, NULL, "R 406", -1},
        {"require", CW_SIP_SUBSCRIBE, "sip:juliet@fabrikam.example", LOCAL, "presence", NULL,
         "eventlist", NULL, NULL, "R 420 unsupported=eventlist", -1},
        {"brief", CW_SIP_SUBSCRIBE, "sip:juliet@fabrikam.example", LOCAL, "presence", NULL, NULL,
         NULL, NULL, "R 423 min=60", 10},
        {"notify", CW_SIP_NOTIFY, "sip:juliet@fabrikam.example", LOCAL, "presence", NULL, NULL,
         NULL, NULL, "R 481", -1},
        {"notify event", CW_SIP_NOTIFY, "sip:juliet@fabrikam.example", LOCAL, "dialog", NULL, NULL,
         NULL, NULL, "R 489", -1},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct world *w = world_new(FED);
        struct cw_sip_message request;

        cw_case(CASES[i].name);
        cw_sip_message_init(&request);
        request.method = CASES[i].method;
        request.request_uri = cw_log_text(CASES[i].target);
        request.from.uri = cw_log_text(CASES[i].from);
        request.from.tag = CW_LIT("phone");
        request.to.uri = request.request_uri;
        request.call_id = CW_LIT("c");
        request.cseq = 1;
        request.event = cw_log_text(CASES[i].event);
        request.accept = cw_log_text(CASES[i].accept);
        request.require = cw_log_text(CASES[i].require);
        request.content_type = cw_log_text(CASES[i].type);
        request.body = cw_log_text(CASES[i].body);
        request.expires_s = CASES[i].expires;
        request.contact = CW_LIT("sip:romeo@127.0.0.3");
        request.contact_count = 1;
        world_request(w, &request);
        world_expect(w, CASES[i].want);
        world_silence(w);
        assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
        world_free(w);
    }
}

/* SUB-86, SUB-87: a poll creates nothing on the other side. */
static void answers_polls(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_subscribe(w, 0, 0, 1);
    world_expect(w, "R 200 expires=0");
    world_expect(w, "S NOTIFY terminated timeout ID-none closed");
    world_commit(w);
    world_silence(w);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
    world_free(w);
}

/* SUB-79: what an error to our `subscribe` means for the watchers. SUB-39: and one to our presence.
 */
static void takes_errors(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_subscribe(w, 3600, 0, 1);
    world_commit(w);
    world_skip(w);
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' "
                    "type='error'><error type='cancel'><item-not-found "
                    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    world_expect(w, "S NOTIFY terminated noresource");
    world_silence(w);
    world_free(w);

    w = world_new(VER);
    grant_by_asking(w);
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' "
                    "type='error'><error type='cancel'><gone "
                    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    world_expect(w, "S SUBSCRIBE expires=0");
    world_commit(w);
    world_silence(w);
    world_free(w);
}

/* IQ-3, IQ-2 through the whole way; ARCH-6 and the pair that the edge proved. */
static void checks_domains(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_stanza(w, "<iq from='fabrikam.example' to='contoso.example' type='get' id='q'>"
                    "<ping xmlns='urn:xmpp:ping'/></iq>");
    world_expect(w, "X iq result contoso.example > fabrikam.example id=q");
    world_stanza(w, "<iq from='a@fabrikam.example/r' to='romeo@contoso.example' type='get' "
                    "id='q'><ping xmlns='urn:xmpp:ping'/></iq>");
    world_expect(w, "X iq error id=q service-unavailable");
    world_stanza_from(w, "northwind.example", "contoso.example", MESSAGE);
    world_stanza_from(w, "fabrikam.example", "northwind.example", MESSAGE);
    world_stanza_from(w, "contoso.example", "contoso.example",
                      "<message from='a@contoso.example' to='b@contoso.example'><body>x</body>"
                      "</message>");
    world_stanza(w, "no stanza");
    world_pass(w, 300);
    world_silence(w);
    assert_int_equal(world_taken(w), 6);
    world_free(w);
}

/* PARTNERS section 1: a paused partner's dialogs end and its users' rights stay. */
static void pauses_a_partner(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    grant_by_asking(w);
    world_policy(w, VER, false);
    world_expect(w, "S SUBSCRIBE expires=0");
    world_silence(w);
    world_stanza(w, MESSAGE);
    world_pass(w, 300);
    world_expect(w, "X message error service-unavailable");
    world_pass(w, 40000);
    world_policy(w, VER, true);
    world_pass(w, 1000);
    world_expect(w, "S SUBSCRIBE " LOCAL " expires=3600");
    world_silence(w);
    world_free(w);
}

/* RFC 6665 section 4.1.3: "rejected" for a change of policy, so that nobody tries again at once. */
static void tells_the_watchers_of_a_paused_partner(void **state)
{
    struct world *w = world_new(VER);
    struct cw_relation stored;

    (void)state;
    (void)invite(w);
    world_policy(w, VER, false);
    world_expect(w, "S NOTIFY sip:romeo@127.0.0.3 terminated rejected");
    world_silence(w);
    assert_true(world_stored(w, &stored));
    assert_int_equal(stored.sip_watches, CW_GRANT_GRANTED);
    world_subscribe(w, -1, 0, 2);
    world_expect(w, "R 403");
    world_silence(w);
    world_policy(w, VER, true);
    world_silence(w);
    world_free(w);
}

/* CASES 52, PARTNERS section 3: with an unverified partner the invitation is the authorization, so
 * whom nobody invited has none any more. */
static void takes_rights_from_a_partner_trusted_less(void **state)
{
    struct world *w = world_new(VER);
    struct cw_relation stored;

    (void)state;
    grant_by_asking(w);
    world_policy(w, FED, true);
    world_policy(w, VER, true);
    world_silence(w);
    world_policy(w, UNV, true);
    world_expect(w, "S SUBSCRIBE expires=0");
    world_silence(w);
    world_commit(w);
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_expect(w, "X presence unsubscribed");
    world_silence(w);
    assert_false(world_stored(w, &stored) && stored.xmpp_watches != CW_GRANT_NONE);
    world_policy(w, VER, true);
    world_pass(w, 5000);
    world_silence(w);
    world_free(w);
}

/* SUB-40, PARTNERS section 3: who may not federate any more is lost to both sides. */
static void ends_all_of_a_user_without_the_right(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    (void)invite(w);
    grant_by_asking(w);
    world_bar(w, LOCAL);
    world_expect(w, "S SUBSCRIBE expires=0");
    world_expect(w, "S NOTIFY sip:romeo@127.0.0.3 terminated rejected");
    world_silence(w);
    world_commit(w);
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_expect(w, "X presence unsubscribed");
    world_silence(w);
    world_free(w);
}

/* What waits when the rules change goes by the new ones. */
static void refuses_what_waited(void **state)
{
    static const struct {
        const char *name;
        bool has_route; /* the first message is at the SIP side, else it waits */
    } ROWS[] = {{"behind another message", true}, {"for a route", false}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world *w = world_new(VER);

        cw_case(ROWS[i].name);
        world_stanza(w, MESSAGE);
        world_expect(w, "S MESSAGE");
        if (ROWS[i].has_route) {
            world_stanza(w, MESSAGE);
        } else {
            world_no_route(w);
        }
        world_silence(w);
        world_policy(w, VER, false);
        if (ROWS[i].has_route) {
            world_answer(w, 200, -1); /* what had left is not called back */
        } else {
            world_pass(w, 1000);
        }
        world_pass(w, 300);
        world_expect(w, "X message error service-unavailable");
        world_silence(w);
        assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
        world_free(w);
    }
}

/* The user's own block wins over everything (PARTNERS section 3). */
static void blocks(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), true);
    world_commit(w);
    world_stanza(w, MESSAGE);
    world_pass(w, 300);
    world_expect(w, "X message error service-unavailable");
    world_message(w, "no");
    world_expect(w, "R 403");
    world_silence(w);
    world_free(w);
}

/* SUB-2, SUB-11, SUB-31, SUB-35, SUB-36, SUB-60: what is no answer to anything, and what must stay
 * unanswered. */
static void ignores_the_unexpected(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    world_stanza(w, PRESENCE("unsubscribe"));
    world_stanza(w, PRESENCE("subscribed"));
    world_stanza(w, PRESENCE("unsubscribed"));
    world_silence(w);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 0);
    world_stanza(w, "<presence from='juliet@fabrikam.example/r' to='romeo@contoso.example/x' "
                    "type='subscribe'/>");
    world_expect(w, "S SUBSCRIBE " LOCAL " from=sip:juliet@fabrikam.example");
    world_stanza(w, PRESENCE("subscribe"));
    world_stanza(w, PRESENCE("probe"));
    world_silence(w);
    world_answer(w, 500, -1);
    world_commit(w);
    world_silence(w);
    world_stanza(w, PRESENCE("subscribe")); /* asks again at once */
    world_expect(w, "S SUBSCRIBE " LOCAL);
    world_answer(w, 200, 3600);
    world_notify(w, "active", NULL, NULL);
    world_expect(w, "R 200");
    world_commit(w);
    world_expect(w, "X presence subscribed");
    world_stanza(w, PRESENCE("probe"));
    world_silence(w);
    world_pass(w, 33000); /* no document came */
    world_expect(w, "X presence unavailable romeo@contoso.example > " REMOTE);
    world_silence(w);
    world_free(w);
}

/* SUB-4, SUB-5: the first NOTIFY makes the dialog, one of another fork finds none; late answers
 * mean nothing. */
static void takes_one_fork(void **state)
{
    struct world *w = world_new(VER);
    struct cw_sip_message fork;

    (void)state;
    world_stanza(w, PRESENCE("subscribe"));
    world_skip(w);
    world_notify(w, "active", NULL, PIDF(TUPLE("desk", "open")));
    world_expect(w, "R 200");
    world_commit(w);
    world_expect(w, "X presence subscribed");
    world_expect(w, "X presence available");
    world_answer(w, 200, 3600);
    world_silence(w);
    cw_sip_message_init(&fork);
    fork.method = CW_SIP_NOTIFY;
    fork.request_uri = CW_LIT("sip:juliet@127.0.0.1");
    fork.from.uri = CW_LIT(LOCAL);
    fork.from.tag = CW_LIT("other");
    fork.to = world_last_subscribe(w)->from;
    fork.call_id = world_last_subscribe(w)->call_id;
    fork.cseq = 1;
    fork.event = CW_LIT("presence");
    fork.substate = CW_LIT("active");
    world_request(w, &fork);
    world_expect(w, "R 481");
    fork.from.tag = CW_LIT("peer"); /* ours, but older than what was taken: PRES-39 */
    world_request(w, &fork);
    world_expect(w, "R 500");
    world_silence(w);
    world_free(w);
}

/* SEC-5: what she shows to one user is no other user's to see. */
static void keeps_watchers_apart(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    (void)invite(w);
    world_pass(w, 6000);
    world_stanza(w,
                 "<presence from='juliet@fabrikam.example/balcony' to='tybalt@contoso.example'/>");
    world_pass(w, 6000);
    world_silence(w);
    world_free(w);
}

/* MSG-74: larger than what may go; before any yes. */
static void refuses_long_messages(void **state)
{
    static char body[16386];
    struct world *w = world_new(FED);

    (void)state;
    memset(body, 'a', sizeof(body) - 1);
    world_message(w, body);
    world_expect(w, "R 513");
    world_silence(w);
    world_free(w);
}

/* SEC-17: bodies never, addresses only where debug is on. */
static void logs_no_secrets(void **state)
{
    struct world *w = world_new(UNV);

    (void)state;
    world_stanza(w, MESSAGE);
    assert_non_null(strstr(world_log(w), "unverified_not_invited"));
    assert_null(strstr(world_log(w), "juliet@"));
    assert_null(strstr(world_log(w), "romeo@"));
    assert_null(strstr(world_log(w), "morrow"));
    world_debug(w);
    world_stanza(w, MESSAGE);
    assert_non_null(strstr(world_log(w), "juliet@"));
    assert_null(strstr(world_log(w), "morrow"));
    world_free(w);
}

/* DESIGN section 6: an edge without credit for a partner loses neither presence nor an error.
 * SUB-37 */
static void bears_a_full_edge(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    grant_by_asking(w);
    world_full(w, true);
    world_notify(w, "active", NULL, PIDF(TUPLE("mobile", "open")));
    world_expect(w, "R 200");
    world_stanza(w, MESSAGE);
    world_expect(w, "S MESSAGE");
    world_answer(w, 413, -1);
    world_message(w, "Good even"); /* waits as long as its answer may */
    world_pass(w, 900);
    world_silence(w);
    world_pass(w, 100);
    world_expect(w, "R 500");
    world_message(w, "Good night");
    world_pass(w, 100);
    world_silence(w);
    world_full(w, false);
    world_pass(w, 20);
    world_expect(w, "X message Good night");
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_expect(w, "R 202");
    world_until(w, 3000);
    world_expect(w, "X message error policy-violation");
    world_until(w, 3000);
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_expect(w, "X presence available romeo@contoso.example/mobile");
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example/mobile' "
                    "type='probe'/>");
    world_expect(w, "X presence available romeo@contoso.example/mobile");
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example/desk' "
                    "type='probe'/>");
    world_expect(w, "X presence unavailable romeo@contoso.example/desk");
    world_silence(w);
    world_free(w);
}

/* MSG-42: while no next hop is up a message keeps its place, for as long as a transaction would
 * have had; at the end of the process its sender is told. */
static void waits_for_a_route(void **state)
{
    struct world *w = world_new(VER);

    (void)state;
    world_stanza(w, MESSAGE);
    world_expect(w, "S MESSAGE");
    world_no_route(w);
    world_silence(w);
    world_stanza(w, MESSAGE);
    world_pass(w, 1000);
    world_expect(w, "S MESSAGE");
    world_silence(w); /* the second keeps behind it */
    world_answer(w, 200, -1);
    world_expect(w, "S MESSAGE");
    for (unsigned i = 0; i < 32; i++) {
        world_no_route(w);
        world_pass(w, 1000);
        if (i < 31) {
            world_expect(w, "S MESSAGE");
        }
    }
    world_expect(w, "X message error remote-server-timeout error-type=wait");
    world_silence(w);
    world_stanza(w, MESSAGE);
    world_expect(w, "S MESSAGE");
    world_no_route(w);
    cw_deliver_give_up(world_gateway(w)->deliver);
    world_expect(w, "X message error remote-server-timeout");
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_the_user),
        cmocka_unit_test(accepts_at_once),
        cmocka_unit_test(is_refused),
        cmocka_unit_test(shows_presence),
        cmocka_unit_test(is_withdrawn),
        cmocka_unit_test(is_revoked),
        cmocka_unit_test(keeps_the_dialog),
        cmocka_unit_test(survives_a_restart),
        cmocka_unit_test(asks_again_after_a_restart),
        cmocka_unit_test(sees_two_resources),
        cmocka_unit_test(asks_again_for_old_presence),
        cmocka_unit_test(ends_dialogs),
        cmocka_unit_test(removes_a_contact),
        cmocka_unit_test(refuses_strangers),
        cmocka_unit_test(reports_failures_to_xmpp),
        cmocka_unit_test(keeps_the_order),
        cmocka_unit_test(answers_messages),
        cmocka_unit_test(answers_after_the_hold),
        cmocka_unit_test(refuses_requests),
        cmocka_unit_test(answers_polls),
        cmocka_unit_test(takes_errors),
        cmocka_unit_test(checks_domains),
        cmocka_unit_test(pauses_a_partner),
        cmocka_unit_test(blocks),
        cmocka_unit_test(bears_a_full_edge),
        cmocka_unit_test(waits_for_a_route),
        cmocka_unit_test(ignores_the_unexpected),
        cmocka_unit_test(takes_one_fork),
        cmocka_unit_test(keeps_watchers_apart),
        cmocka_unit_test(refuses_long_messages),
        cmocka_unit_test(logs_no_secrets),
        cmocka_unit_test(tells_the_watchers_of_a_paused_partner),
        cmocka_unit_test(takes_rights_from_a_partner_trusted_less),
        cmocka_unit_test(ends_all_of_a_user_without_the_right),
        cmocka_unit_test(refuses_what_waited),
    };

    return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
