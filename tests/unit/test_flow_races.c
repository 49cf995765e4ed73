/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_pair.h"
#include "flow_record.h"

#include "notify.h"

#include <stdio.h>

#define FED CW_PARTNER_FEDERATED
#define UNV CW_PARTNER_PUBLIC_UNVERIFIED

#define EVENTS_MAX 5u

#define FROM_HER        "from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'"
#define SAYS(id, inner) "<message " FROM_HER " type='chat' id='" id "'>" inner "</message>"
#define STATE(name)     "<" name " xmlns='http://jabber.org/protocol/chatstates'/>"

static struct flow_record record;

static struct world *world_of(enum cw_partner_type type)
{
    struct world *w = world_new_as(&(struct world_options){
        .own = {"contoso.example"},
        .partner = "fabrikam.example",
        .type = type,
        .accept = CW_ACCEPT_ASK,
        .observer = &FLOW_RECORDER,
        .observer_user = &record,
    });

    world_debug(w);
    flow_record_clear(&record);
    return w;
}

/* ---- all orders of a few events ---- */

struct order {
    unsigned events[EVENTS_MAX];
    unsigned count;
};

static unsigned orders_of(unsigned count)
{
    return count < 2 ? 1 : count * orders_of(count - 1);
}

/* The `n`-th of them. */
static struct order order_at(unsigned count, unsigned n)
{
    struct order order = {.count = count};
    unsigned left[EVENTS_MAX];

    for (unsigned i = 0; i < count; i++) {
        left[i] = i;
    }
    for (unsigned i = 0; i < count; i++) {
        const unsigned room = orders_of(count - 1 - i);
        const unsigned pick = n / room;

        n %= room;
        order.events[i] = left[pick];
        memmove(&left[pick], &left[pick + 1], (count - i - pick - 1) * sizeof(left[0]));
    }
    return order;
}

static void fail_order(const char *test, const struct order *order, unsigned step,
                       const char *const *names)
{
    char text[256] = "";

    for (unsigned i = 0; i < order->count; i++) {
        const size_t len = strlen(text);

        (void)snprintf(text + len, sizeof(text) - len, "%s%s ", i == step ? "> " : "",
                       names[order->events[i]]);
    }
    fail_msg("%s: %s\nto SIP: %s\nto XMPP: %s", test, text, record.targets, record.stanzas);
}

/* ---- he invites and removes her while her message comes, waits and goes (CASE 51) ---- */

enum { INVITE, MESSAGE, REMOVE, COMMIT, ANSWER };

static const char *const NAMES[] = {"invite", "message", "remove", "commit", "answer"};

/* Section 3 of a moment: whether she may write, whether her message waits behind another one. */
struct model {
    bool unverified, invited, busy, waits;
    unsigned delivered, refused, invitations;
    bool owes_invitation; /* made, not durable */
};

static void offer(struct model *m)
{
    if (m->unverified && !m->invited) {
        m->refused++;
    } else {
        m->delivered++;
    }
}

static void foresee(struct model *m, unsigned event, bool had)
{
    switch (event) {
    case INVITE:
        m->owes_invitation = m->owes_invitation || !had || !m->invited;
        m->invited = true;
        break;
    case MESSAGE:
        m->waits = m->busy && (!m->unverified || m->invited);
        if (!m->waits) {
            offer(m);
        }
        break;
    case REMOVE:
        m->invited = false;
        m->owes_invitation = false;
        break;
    case COMMIT:
        m->invitations += m->owes_invitation ? 1 : 0;
        m->owes_invitation = false;
        break;
    default:
        m->busy = false;
        if (m->waits) {
            offer(m);
        }
        m->waits = false;
        break;
    }
}

static void happen(struct world *w, unsigned event, bool busy)
{
    switch (event) {
    case INVITE:
        world_subscribe(w, 3600, 0, 7);
        break;
    case MESSAGE:
        world_stanza(w, SAYS("m1", "<body>wherefore</body>"));
        break;
    case REMOVE:
        (void)cw_notify_remove(world_gateway(w)->notify, CW_LIT(LOCAL), CW_LIT(REMOTE));
        break;
    case COMMIT:
        world_commit(w);
        break;
    default:
        if (busy) { /* the oldest request is the message that is under way */
            world_answer(w, 200, -1);
        }
        break;
    }
}

static unsigned count(const char *text, const char *piece)
{
    unsigned n = 0;

    for (const char *at = strstr(text, piece); at != NULL; at = strstr(at + 1, piece)) {
        n++;
    }
    return n;
}

static void check_order(enum cw_partner_type type, bool had, bool busy, const struct order *order)
{
    struct world *w = world_of(FED);
    struct model m = {.unverified = type == UNV, .invited = had, .busy = busy};

    if (had) {
        pair_invite(w);
    }
    world_policy(w, type, true);
    pair_settle(w, 400);
    flow_record_clear(&record);
    if (busy) { /* it was let in before; what waits is what counts */
        world_policy(w, FED, true);
        world_stanza(w, SAYS("m0", "<body>O Romeo</body>"));
        world_policy(w, type, true);
        m.delivered++;
    }
    for (unsigned i = 0; i < order->count; i++) {
        foresee(&m, order->events[i], had);
        happen(w, order->events[i], busy);
        if (record.requests[CW_SIP_MESSAGE] != m.delivered ||
            count(record.stanzas, "type='subscribe'") != m.invitations) {
            fail_order("at this step", order, i, NAMES);
        }
    }
    pair_settle(w, 400);
    m.invitations += m.owes_invitation ? 1 : 0;
    if (record.requests[CW_SIP_MESSAGE] != m.delivered ||
        count(record.stanzas, "<service-unavailable") != m.refused ||
        count(record.stanzas, "type='subscribe'") != m.invitations) {
        fail_order("at the end", order, order->count, NAMES);
    }
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
    world_free(w);
}

/* MSG-29: the decision is of the moment at which the message leaves; what was removed gets nothing,
 * whatever was under way, and each message has one outcome. */
static void decides_when_it_leaves(void **state)
{
    (void)state;
    assert_int_equal(orders_of(5), 120);
    for (unsigned n = 0; n < 120 * CW_PARTNER_TYPES * 4; n++) {
        const struct order order = order_at(5, n % 120);

        check_order((enum cw_partner_type)(n / 120 % CW_PARTNER_TYPES),
                    n / (120 * CW_PARTNER_TYPES) % 2 != 0, n / (120 * CW_PARTNER_TYPES * 2) != 0,
                    &order);
    }
}

/* ---- his message waits for the edge while he blocks her, or the partner is paused ---- */

enum { SAY, PART, STORE, CREDIT };

static const char *const SAY_NAMES[] = {"say", "part", "store", "credit"};

static void part(struct world *w, bool block)
{
    if (block) {
        cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), true);
    } else {
        world_policy(w, FED, false);
    }
}

static void happen_out(struct world *w, unsigned event, bool block)
{
    switch (event) {
    case SAY:
        world_message(w, "Good even");
        break;
    case PART:
        part(w, block);
        break;
    case STORE:
        world_commit(w);
        break;
    default:
        world_full(w, false);
        world_pass(w, 20);
        break;
    }
}

static void check_order_out(bool block, const struct order *order)
{
    struct world *w = world_of(FED);
    bool said = false;
    bool parted = false;
    bool credit = false;
    bool left = false;

    world_full(w, true);
    for (unsigned i = 0; i < order->count; i++) {
        said = said || order->events[i] == SAY;
        parted = parted || order->events[i] == PART;
        credit = credit || order->events[i] == CREDIT;
        left = left || (said && credit && !parted);
        happen_out(w, order->events[i], block);
        if ((count(record.stanzas, "Good even") != 0) != left) {
            fail_order(block ? "block" : "pause", order, i, SAY_NAMES);
        }
    }
    pair_settle(w, 2000);
    assert_int_equal(record.answers, 1);
    assert_int_equal(record.status, left ? 202 : 403);
    assert_int_equal(record.audits, 1);
    assert_int_equal(strstr(record.audit, "result=denied") != NULL, !left);
    assert_int_equal(count(record.stanzas, "Good even"), left ? 1 : 0);
    world_free(w);
}

static void decides_when_his_leaves(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 48; n++) {
        const struct order order = order_at(4, n % 24);

        check_order_out(n >= 24, &order);
    }
}

/* MSG-50: he was told 202, and then it may not go: a line says so, and a notice if he wanted one.
 */
static void tells_of_a_late_refusal(void **state)
{
    struct world *w = world_of(FED);

    (void)state;
    world_message(w, "one");
    world_message(w, "two");
    world_pass(w, 1000);
    assert_int_equal(record.answers, 2);
    cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), true);
    record.audits = 0;
    pair_settle(w, 400);
    assert_int_equal(count(record.stanzas, "<body>"), 1);
    assert_int_equal(record.audits, 2);
    assert_non_null(strstr(record.audit, "result=denied"));
    assert_non_null(strstr(record.audit, "reason=blocked_by_user"));
    assert_true(cw_metrics_value(world_gateway(w)->metrics, CW_METRIC_UNDELIVERED_TOTAL,
                                 (const char *const[]){"fabrikam.example", "sip_to_xmpp", "message",
                                                       "denied"}) == 1.0);
    world_free(w);
}

/* ---- he lets her see him and parts from her at the same time ---- */

enum { ACTIVE, LEAVE, DURABLE, PROBE };

static const char *const SEE_NAMES[] = {"active", "leave", "durable", "probe"};

static void happen_seen(struct world *w, unsigned event, bool block)
{
    switch (event) {
    case ACTIVE:
        world_notify(w, "active", NULL, PAIR_OPEN);
        break;
    case LEAVE:
        if (block) {
            cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), true);
        } else {
            (void)cw_notify_remove(world_gateway(w)->notify, CW_LIT(LOCAL), CW_LIT(REMOTE));
        }
        break;
    case DURABLE:
        world_commit(w);
        break;
    default:
        world_stanza(w, "<presence from='juliet@fabrikam.example' "
                        "to='romeo@contoso.example/desk' type='probe' id='p1'/>");
        pair_presence(w, "probe");
        break;
    }
}

/* Is she told that he is there, or that she may know? */
static bool is_welcomed(void)
{
    return strstr(record.stanzas, "type='subscribed'") != NULL ||
           strstr(record.stanzas, "romeo@contoso.example/desk' to='juliet@fabrikam.example'>") !=
               NULL;
}

static void shows_nothing_after_a_parting(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 48; n++) {
        const struct order order = order_at(4, n % 24);
        struct world *w = world_of(UNV);
        bool gone = false;

        pair_invite(w);
        pair_ask(w);
        flow_record_clear(&record);
        for (unsigned i = 0; i < order.count; i++) {
            happen_seen(w, order.events[i], n >= 24);
            if (gone && is_welcomed()) {
                fail_order(n >= 24 ? "block" : "removal", &order, i, SEE_NAMES);
            }
            gone = gone || order.events[i] == LEAVE;
            flow_record_clear(&record);
        }
        pair_settle(w, 400);
        world_notify(w, "active", NULL, PAIR_OPEN);
        pair_settle(w, 60000);
        assert_false(is_welcomed());
        world_free(w);
    }
}

/* ---- what is due later ---- */

/* CT-5: her `active` is repeated by a clock, and his `paused` comes of one; not after a parting. */
static void lets_no_clock_speak_for_them(void **state)
{
    struct world *w = world_of(UNV);
    char id[64];

    (void)state;
    pair_invite(w);
    pair_talk(w, id);
    world_stanza(w, SAYS("s1", STATE("composing")));
    pair_say(w, "application/im-iscomposing+xml",
             "<?xml version='1.0'?><isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>"
             "<state>active</state></isComposing>");
    pair_settle(w, 0);
    pair_remove(w);
    flow_record_clear(&record);
    pair_settle(w, 100000);
    assert_int_equal(flow_record_requests(&record), 0);
    cw_flow_block(world_gateway(w), CW_LIT(LOCAL), CW_LIT(REMOTE), true);
    pair_settle(w, 0);
    flow_record_clear(&record);
    pair_settle(w, 700000);
    assert_int_equal(flow_record_requests(&record), 0);
    assert_int_equal(record.stanza_count, 0);
    world_free(w);
}

/* A state that waits behind a message goes no further than that would. */
static void holds_back_a_state_that_waits(void **state)
{
    struct world *w = world_of(UNV);
    char id[64];

    (void)state;
    pair_invite(w);
    pair_talk(w, id);
    flow_record_clear(&record);
    world_stanza(w, SAYS("m1", "<body>O Romeo</body>"));
    world_stanza(w, SAYS("s1", STATE("composing")));
    assert_int_equal(record.requests[CW_SIP_MESSAGE], 1);
    (void)cw_notify_remove(world_gateway(w)->notify, CW_LIT(LOCAL), CW_LIT(REMOTE));
    pair_settle(w, 400);
    assert_int_equal(record.requests[CW_SIP_MESSAGE], 1);
    assert_null(strstr(record.stanzas, "type='error'"));
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
    world_free(w);
}

/* MSG-40, MSG-42: neither a second try nor a wait for a route outlives the right to write. */
static void tries_again_only_while_it_may(void **state)
{
    struct world *w = world_of(UNV);

    (void)state;
    pair_invite(w);
    flow_record_clear(&record);
    world_stanza(w, SAYS("m1", "<body>O Romeo</body>"));
    world_no_route(w);
    (void)cw_notify_remove(world_gateway(w)->notify, CW_LIT(LOCAL), CW_LIT(REMOTE));
    pair_settle(w, 4000);
    assert_int_equal(record.requests[CW_SIP_MESSAGE], 1);
    assert_int_equal(count(record.stanzas, "<service-unavailable"), 1);
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
    world_free(w);
}

/* The partner is taken out of the list while things wait: nothing of it moves any more. */
static void stops_with_the_partner(void **state)
{
    struct world *w = world_of(FED);

    (void)state;
    world_stanza(w, SAYS("m1", "<body>O Romeo</body>"));
    world_stanza(w, SAYS("m2", "<body>wherefore</body>"));
    world_full(w, true);
    world_message(w, "Good even");
    world_unlist(w);
    world_full(w, false);
    flow_record_clear(&record);
    pair_settle(w, 400);
    assert_int_equal(record.requests[CW_SIP_MESSAGE], 0);
    assert_int_equal(count(record.stanzas, "Good even"), 0);
    assert_int_equal(record.status, 403);
    assert_int_equal(record.audits, 3);
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_when_it_leaves),
        cmocka_unit_test(decides_when_his_leaves),
        cmocka_unit_test(tells_of_a_late_refusal),
        cmocka_unit_test(shows_nothing_after_a_parting),
        cmocka_unit_test(lets_no_clock_speak_for_them),
        cmocka_unit_test(holds_back_a_state_that_waits),
        cmocka_unit_test(tries_again_only_while_it_may),
        cmocka_unit_test(stops_with_the_partner),
    };

    return cmocka_run_group_tests_name("flow_races", tests, NULL, NULL);
}
