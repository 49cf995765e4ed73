/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_pair.h"

#include "admission.h"
#include "audit.h"
#include "loop.h"
#include "subscribe.h"
#include "table.h"
#include "tell.h"
#include "turn.h"

#include <causeway/clock.h>
#include <stdlib.h>

#define GRACE_MS  60000u    /* stale presence after a loss */
#define DAY_MS    86400000u /* active -> pending (SUB-25) */
#define RECENT_S  600       /* a change that a kill may have left untold */
#define ANSWER_MS 32000u    /* a probe waits for the NOTIFY (SUB-36) */

#define VISIBLE                                                                                    \
    (CW_AUTH_TELL_SUBSCRIBED | CW_AUTH_TELL_PRESENCE | CW_AUTH_TELL_UNAVAILABLE |                  \
     CW_AUTH_TELL_UNSUBSCRIBED)

/* A callback's hold on its pair. */
struct hold {
    struct cw_watch_pair *pair;
    uint32_t serial;
    uint8_t effects;
    bool whole;
    bool refresh; /* a SUBSCRIBE in the dialog */
};

/* What the machines want next; the two enums' COUNT stands for nothing. */
struct wish {
    enum cw_dialog_event dialog;
    enum cw_auth_event auth;
};

static const struct wish NO_WISH = {CW_DIALOG_EVENTS, CW_AUTH_EVENTS};

static enum cw_auth_state state_of(const struct cw_contact *contact)
{
    switch (contact->xmpp_watches) {
    case CW_GRANT_ASKED:
        return CW_AUTH_ASKED;
    case CW_GRANT_GRANTED:
        return CW_AUTH_GRANTED;
    case CW_GRANT_NONE:
    case CW_GRANTS:
        break;
    }
    return CW_AUTH_NONE;
}

static enum cw_grant grant_of(enum cw_auth_state state)
{
    switch (state) {
    case CW_AUTH_ASKED:
        return CW_GRANT_ASKED;
    case CW_AUTH_GRANTED:
        return CW_GRANT_GRANTED;
    case CW_AUTH_NONE:
    case CW_AUTH_STATES:
        break;
    }
    return CW_GRANT_NONE;
}

static struct hold *take_hold(struct cw_watch_pair *pair)
{
    struct hold *hold = calloc(1, sizeof(*hold));

    if (hold == NULL) {
        abort();
    }
    hold->pair = pair;
    hold->serial = pair->serial;
    pair->in_flight++;
    return hold;
}

/* The pair of a callback, or NULL when it was freed meanwhile. */
static struct cw_watch_pair *held(struct hold *hold)
{
    struct cw_watch_pair *pair = hold->pair;

    pair->in_flight--;
    if (pair->contact != NULL) {
        return pair;
    }
    if (pair->in_flight == 0) {
        free(pair);
    }
    free(hold);
    return NULL;
}

/* ---- towards XMPP ---- */

/* STATE-5: what a process before this one showed is not known. */
static void end_showing(struct cw_watch_pair *pair)
{
    if (pair->inherited && !pair->showing.answered) {
        cw_showing_tell_absence(&pair->showing);
        pair->showing.answered = true;
    }
    cw_showing_end(&pair->showing);
}

/* What a commit was to be told by may have been taken back while it was under way: then nobody is
 * welcomed, nor shown anything, any more. */
static void tell(struct cw_watch_pair *pair, unsigned wanted, bool whole)
{
    struct cw_gateway *gw = pair->owner->gw;
    const struct cw_contact *contact = pair->contact;
    const unsigned welcome = CW_AUTH_TELL_SUBSCRIBED | CW_AUTH_TELL_PRESENCE;
    const unsigned effects = contact->xmpp_watches == CW_GRANT_GRANTED ? wanted : wanted & ~welcome;

    if ((effects & CW_AUTH_TELL_SUBSCRIBED) != 0) {
        cw_tell_subscription(gw, contact->local, contact->remote, CW_TYPE_SUBSCRIBED,
                             (struct cw_bytes){0});
        pair->confirmed = true;
    }
    if ((effects & CW_AUTH_TELL_PRESENCE) != 0) {
        cw_showing_tell(&pair->showing, whole);
    }
    if ((effects & CW_AUTH_TELL_UNAVAILABLE) != 0) {
        end_showing(pair);
    }
    if ((effects & CW_AUTH_TELL_UNSUBSCRIBED) != 0) {
        cw_tell_subscription(gw, contact->local, contact->remote, CW_TYPE_UNSUBSCRIBED,
                             (struct cw_bytes){0});
    }
}

static void on_durable(enum cw_err err, void *user)
{
    struct hold *hold = user;
    struct cw_watch_pair *pair = held(hold);
    struct cw_gateway *gw;

    if (pair == NULL) {
        return;
    }
    gw = pair->owner->gw;
    cw_turn_begin(gw);
    pair->writes--;
    pair->owner->writes--;
    if (err == CW_OK) {
        tell(pair, hold->effects, hold->whole);
        if (pair->writes == 0 && pair->owed != 0) {
            tell(pair, pair->owed, pair->owed_whole);
            pair->owed = 0;
            pair->owed_whole = false;
        }
    } else {
        CW_LOG(gw->log, STORE_DOWN, "an authorization could not be stored; nothing was answered",
               {"reason", cw_log_text(cw_err_text(err))});
    }
    cw_watch_pair_settle(pair);
    cw_turn_end(gw);
    free(hold);
}

static void save(struct cw_watch_pair *pair, unsigned effects, bool whole)
{
    struct hold *hold = take_hold(pair);

    hold->effects = (uint8_t)effects;
    hold->whole = whole;
    pair->writes++;
    pair->owner->writes++;
    cw_roster_save(pair->owner->gw->roster, pair->contact, cw_clock_wall_ms() / 1000, on_durable,
                   hold);
}

static void start_grace(struct cw_watch_pair *pair, uint64_t delay_ms)
{
    if (pair->grace.place == 0) {
        cw_loop_set(pair->owner->gw->timers, &pair->grace, cw_clock_now_ms() + delay_ms);
    }
}

/* A probe that cannot be answered from the last document waits for the next one (SUB-36). */
static void expect_answer(struct cw_watch_pair *pair)
{
    const bool current =
        pair->dialog.state == CW_DIALOG_ACTIVE || pair->dialog.state == CW_DIALOG_FROZEN;

    if (!(pair->showing.has_document && current) && pair->showing.answer.place == 0) {
        cw_loop_set(pair->owner->gw->timers, &pair->showing.answer, cw_clock_now_ms() + ANSWER_MS);
    }
}

/* Is everything due, not only what changed: an answer to the watcher, or the first document
 * (PRES-37)? */
static bool is_whole(const struct cw_watch_pair *pair, enum cw_auth_event event)
{
    return event == CW_AUTH_PROBE || event == CW_AUTH_SUBSCRIBE ||
           (event == CW_AUTH_ACTIVE &&
            (pair->showing.answer.place != 0 || !pair->showing.answered));
}

static void set_grace(struct cw_watch_pair *pair, enum cw_auth_event event,
                      const struct cw_auth_step *step)
{
    if (event == CW_AUTH_ACTIVE || step->next == CW_AUTH_NONE) {
        cw_loop_clear(pair->owner->gw->timers, &pair->grace);
    }
    if ((step->effects & CW_AUTH_START_GRACE) != 0) {
        start_grace(pair, GRACE_MS);
    }
    if ((step->effects & CW_AUTH_START_DAY) != 0) {
        start_grace(pair, DAY_MS);
    }
}

/* Now, after the commit of this step, or after the commits that are under way. */
static void tell_durably(struct cw_watch_pair *pair, bool changed, unsigned visible, bool whole)
{
    if (changed) {
        save(pair, visible, whole);
    } else if (pair->writes != 0) {
        pair->owed |= (uint8_t)visible;
        pair->owed_whole = pair->owed_whole || whole;
    } else {
        tell(pair, visible, whole);
    }
}

/* A kill between the commit and the answer swallowed a `subscribed`; one too many does no harm (RFC
 * 6121 A.3.3). */
static bool was_swallowed(const struct cw_watch_pair *pair, enum cw_auth_event event)
{
    return event == CW_AUTH_ACTIVE && pair->contact->xmpp_watches == CW_GRANT_GRANTED &&
           !pair->confirmed && pair->writes == 0 &&
           cw_clock_wall_ms() / 1000 - pair->contact->changed_s < RECENT_S;
}

static struct wish authorize(struct cw_watch_pair *pair, enum cw_auth_event event)
{
    const enum cw_auth_state before = state_of(pair->contact);
    const struct cw_auth_step step = cw_auth_step(before, event);
    const unsigned visible =
        (step.effects & VISIBLE) | (was_swallowed(pair, event) ? CW_AUTH_TELL_SUBSCRIBED : 0u);
    struct wish wish = NO_WISH;

    cw_audit_grant(pair->owner->gw->audit, CW_FROM_XMPP, pair->contact, pair->contact->xmpp_watches,
                   grant_of(step.next));
    cw_roster_grant(pair->owner->gw->roster, pair->contact, grant_of(step.next));
    set_grace(pair, event, &step);
    if (event == CW_AUTH_PROBE && before == CW_AUTH_GRANTED) {
        expect_answer(pair);
    }
    tell_durably(pair, step.next != before, visible, is_whole(pair, event));
    if ((step.effects & CW_AUTH_WANT_DIALOG) != 0) {
        wish.dialog = CW_DIALOG_WANT;
    }
    if ((step.effects & CW_AUTH_CLOSE_DIALOG) != 0) {
        wish.dialog = CW_DIALOG_CLOSE;
    }
    return wish;
}

/* ---- towards SIP ---- */

static void count_dialogs(const struct cw_watch *watch)
{
    CW_METRIC_SET(watch->gw->metrics, SIP_DIALOGS, (double)cw_table_count(watch->dialogs),
                  "presence", "subscriber");
}

static void forget_dialog(struct cw_watch_pair *pair)
{
    (void)cw_table_remove(pair->owner->dialogs, pair->leg.call_id);
    cw_leg_clear(&pair->leg);
    pair->serial++;
    pair->close_owed = false;
    count_dialogs(pair->owner);
}

static void on_response(const struct cw_sip_message *response, enum cw_err why, void *user)
{
    struct hold *hold = user;
    struct cw_watch_pair *pair = held(hold);
    struct cw_gateway *gw;

    if (pair == NULL) {
        return;
    }
    gw = pair->owner->gw;
    cw_turn_begin(gw);
    if (hold->refresh) {
        CW_METRIC_INC(gw->metrics, SUBSCRIPTION_REFRESHES_TOTAL, "xmpp_to_sip",
                      response != NULL && response->status < 300 ? "ok" : "error");
    }
    if (hold->serial == pair->serial && why != CW_ERR_CLOSED) {
        if (response != NULL && response->status >= 200 && response->status < 300) {
            cw_leg_learn(&pair->leg, response, CW_LEG_RESPONSE);
        }
        cw_watch_pair_dialog(
            pair, response != NULL ? cw_dialog_of_status(response->status) : CW_DIALOG_FAILED,
            response);
    }
    cw_watch_pair_settle(pair);
    cw_turn_end(gw);
    free(hold);
}

static enum cw_err send(struct cw_watch_pair *pair, uint32_t expires_s)
{
    struct hold *hold = take_hold(pair);
    enum cw_err err;

    hold->refresh = expires_s != 0 && cw_leg_is_confirmed(&pair->leg);
    err = cw_subscribe_send(pair->owner->gw, &pair->leg, expires_s, on_response, hold);

    if (err != CW_OK) {
        pair->in_flight--;
        free(hold);
    }
    return err;
}

static enum cw_err open_dialog(struct cw_watch_pair *pair)
{
    forget_dialog(pair);
    CW_TRY(cw_subscribe_begin(pair->owner->gw, pair->contact->local, pair->contact->remote,
                              &pair->leg));
    cw_table_add(pair->owner->dialogs, pair->leg.call_id, pair);
    count_dialogs(pair->owner);
    return send(pair, pair->dialog.asked_s);
}

/* Without the peer's tag there is no dialog to close yet. */
static void close_dialog(struct cw_watch_pair *pair)
{
    pair->close_owed = !cw_leg_is_confirmed(&pair->leg);
    if (!pair->close_owed && send(pair, 0) != CW_OK) {
        pair->close_owed = false; /* timer N ends it */
    }
}

static void alarm_operator(struct cw_watch_pair *pair)
{
    CW_LOG(pair->owner->gw->log, SUBSCRIPTION_REFUSED,
           "the SIP side cannot route a SUBSCRIBE: check its routes and domains",
           {"reason", CW_LIT("416, 482, 483, 484 or 485")});
}

static enum cw_auth_event told(unsigned effects)
{
    static const struct {
        unsigned effect;
        enum cw_auth_event event;
    } TOLD[] = {
        {CW_DIALOG_TELL_ACCEPTED, CW_AUTH_ACCEPTED}, {CW_DIALOG_TELL_PENDING, CW_AUTH_PENDING},
        {CW_DIALOG_TELL_ACTIVE, CW_AUTH_ACTIVE},     {CW_DIALOG_TELL_REFUSED, CW_AUTH_REFUSED},
        {CW_DIALOG_TELL_LOST, CW_AUTH_LOST},         {CW_DIALOG_TELL_AWAY, CW_AUTH_AWAY},
    };

    for (size_t i = 0; i < sizeof(TOLD) / sizeof(TOLD[0]); i++) {
        if ((effects & TOLD[i].effect) != 0) {
            return TOLD[i].event;
        }
    }
    return CW_AUTH_EVENTS;
}

/* `accept = ask`: a 2xx alone is no answer of the user; but by type nobody need be asked about a
 * contact whom he has invited himself (PARTNERS section 3). */
static bool accepts_at_once(const struct cw_watch_pair *pair)
{
    const struct cw_contact *contact = pair->contact;
    const struct cw_partner *partner = cw_partners_serving(
        pair->owner->gw->partners, cw_roster_domain(contact), pair->owner->gw->arena);

    if (partner == NULL) {
        return false;
    }
    return (partner->accept == CW_ACCEPT_BY_TYPE && contact->invited) ||
           cw_partner_accept(partner) == CW_ACCEPT_AUTO;
}

static struct wish step_dialog(struct cw_watch_pair *pair, enum cw_dialog_event event,
                               const struct cw_dialog_input *in)
{
    const unsigned effects = cw_dialog_step(&pair->dialog, event, in);
    struct wish wish = {CW_DIALOG_EVENTS, told(effects)};

    if (wish.auth == CW_AUTH_ACCEPTED && !accepts_at_once(pair)) {
        wish.auth = CW_AUTH_EVENTS;
    }
    if ((effects & CW_DIALOG_ALARM) != 0) {
        alarm_operator(pair);
    }
    if ((effects & CW_DIALOG_SEND_CLOSE) != 0) {
        close_dialog(pair);
    } else if ((effects & CW_DIALOG_FORGET) != 0) {
        forget_dialog(pair);
    }
    if (((effects & CW_DIALOG_SEND_FRESH) != 0 && open_dialog(pair) != CW_OK) ||
        ((effects & CW_DIALOG_SEND_AGAIN) != 0 && send(pair, pair->dialog.asked_s) != CW_OK)) {
        wish.dialog = CW_DIALOG_FAILED;
    }
    return wish;
}

/* Runs both machines until neither wants anything more. */
static void run(struct cw_watch_pair *pair, struct wish wish, const struct cw_dialog_input *in)
{
    while (wish.dialog != CW_DIALOG_EVENTS || wish.auth != CW_AUTH_EVENTS) {
        if (wish.dialog != CW_DIALOG_EVENTS) {
            wish = step_dialog(pair, wish.dialog, in);
        } else {
            wish = authorize(pair, wish.auth);
        }
    }
    if (pair->dialog.due_ms == UINT64_MAX) {
        cw_loop_clear(pair->owner->gw->timers, &pair->step);
    } else {
        cw_loop_set(pair->owner->gw->timers, &pair->step, pair->dialog.due_ms);
    }
}

static struct cw_dialog_input input_of(const struct cw_sip_message *message)
{
    struct cw_dialog_input in = {
        .now_ms = cw_clock_now_ms(),
        .expires_s = CW_SIP_ABSENT,
        .retry_after_s = CW_SIP_ABSENT,
        .min_expires_s = CW_SIP_ABSENT,
    };

    cw_clock_random(&in.random, sizeof(in.random));
    if (message != NULL && message->status != 0) {
        in.expires_s = message->expires_s;
        in.retry_after_s = message->retry_after_s;
        in.min_expires_s = message->min_expires_s;
    } else if (message != NULL) {
        in.expires_s = message->substate_expires_s;
        in.retry_after_s = message->substate_retry_after_s;
    }
    return in;
}

void cw_watch_pair_authorize(struct cw_watch_pair *pair, enum cw_auth_event event)
{
    const struct cw_dialog_input in = input_of(NULL);

    run(pair, (struct wish){CW_DIALOG_EVENTS, event}, &in);
}

void cw_watch_pair_dialog(struct cw_watch_pair *pair, enum cw_dialog_event event,
                          const struct cw_sip_message *message)
{
    const struct cw_dialog_input in = input_of(message);

    run(pair, (struct wish){event, CW_AUTH_EVENTS}, &in);
    if (pair->close_owed && cw_leg_is_confirmed(&pair->leg)) {
        close_dialog(pair);
    }
}

void cw_watch_pair_later(struct cw_watch_pair *pair, uint64_t at_ms)
{
    pair->dialog.state = CW_DIALOG_RETRY;
    pair->dialog.due_ms = at_ms;
    cw_loop_set(pair->owner->gw->timers, &pair->step, at_ms);
}

static void on_step(struct cw_alarm *alarm, void *user)
{
    struct cw_watch_pair *pair = user;
    struct cw_gateway *gw = pair->owner->gw;
    const uint64_t now_ms = cw_clock_now_ms();

    (void)alarm;
    cw_turn_begin(gw);
    if (pair->dialog.due_ms <= now_ms) {
        cw_watch_pair_dialog(pair, cw_dialog_due(&pair->dialog, now_ms), NULL);
    }
    cw_watch_pair_settle(pair);
    cw_turn_end(gw);
}

static void on_grace(struct cw_alarm *alarm, void *user)
{
    struct cw_watch_pair *pair = user;
    struct cw_gateway *gw = pair->owner->gw;

    (void)alarm;
    cw_turn_begin(gw);
    cw_watch_pair_authorize(pair, CW_AUTH_SILENT);
    cw_watch_pair_settle(pair);
    cw_turn_end(gw);
}

static void on_answer(struct cw_alarm *alarm, void *user)
{
    struct cw_watch_pair *pair = user;
    struct cw_gateway *gw = pair->owner->gw;

    (void)alarm;
    cw_turn_begin(gw);
    if (pair->contact->xmpp_watches == CW_GRANT_GRANTED && pair->showing.has_document) {
        cw_showing_tell(&pair->showing, false); /* what a full edge did not take */
    } else if (pair->contact->xmpp_watches == CW_GRANT_GRANTED) {
        cw_showing_tell_absence(&pair->showing);
    }
    cw_watch_pair_settle(pair);
    cw_turn_end(gw);
}

struct cw_watch_pair *cw_watch_pair_get(struct cw_watch *watch, struct cw_contact *contact)
{
    struct cw_watch_pair *pair = contact->watch;

    if (pair != NULL) {
        return pair;
    }
    pair = calloc(1, sizeof(*pair));
    if (pair == NULL) {
        abort();
    }
    pair->owner = watch;
    pair->contact = contact;
    pair->inherited = contact->xmpp_watches == CW_GRANT_GRANTED;
    pair->step = (struct cw_alarm){.ring = on_step, .user = pair};
    pair->grace = (struct cw_alarm){.ring = on_grace, .user = pair};
    cw_showing_init(&pair->showing, watch->gw, contact);
    pair->showing.answer = (struct cw_alarm){.ring = on_answer, .user = pair};
    cw_dialog_init(&pair->dialog,
                   (uint32_t)(watch->gw->settings->presence.subscribe_expires_ms / 1000));
    contact->watch = pair;
    return pair;
}

void cw_watch_pair_free(struct cw_watch_pair *pair)
{
    struct cw_gateway *gw = pair->owner->gw;

    cw_loop_clear(gw->timers, &pair->step);
    cw_loop_clear(gw->timers, &pair->grace);
    forget_dialog(pair);
    cw_showing_clear(&pair->showing);
    pair->contact->watch = NULL;
    pair->contact = NULL;
    if (pair->in_flight == 0) {
        free(pair);
    }
}

void cw_watch_pair_settle(struct cw_watch_pair *pair)
{
    struct cw_gateway *gw = pair->owner->gw;
    struct cw_contact *contact = pair->contact;

    if (pair->in_flight == 0 && contact->xmpp_watches == CW_GRANT_NONE &&
        pair->dialog.state == CW_DIALOG_NONE) {
        cw_watch_pair_free(pair);
        cw_roster_release(gw->roster, contact);
    }
}
