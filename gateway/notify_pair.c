/* SPDX-License-Identifier: Apache-2.0 */
#include "notify_pair.h"

#include "admission.h"
#include "audit.h"
#include "document.h"
#include "loop.h"
#include "presence_cache.h"
#include "table.h"
#include "tell.h"
#include "turn.h"

#include <causeway/clock.h>
#include <stdlib.h>

#define WATCHERS_MAX     32u     /* devices of one user for one contact */
#define REMIND_S         86400   /* re-send of a pending `subscribe` */
#define MISSED_MS        10000u  /* a storm is over by then, or it is not: then again */
#define MISSED_SPREAD_MS 30000u  /* so that the probes are no storm of our own */
#define FIRST_AGAIN_MS   300000u /* SUB-79: 5 min .. 6 h */
#define LATEST_AGAIN_MS  21600000u

/* A callback's hold on its pair. */
struct hold {
    struct cw_notify_pair *pair;
    bool invite;      /* `subscribe` goes out once it is durable */
    bool unsubscribe; /* `unsubscribe` does */
};

static enum cw_notifier_state state_of(const struct cw_contact *contact)
{
    switch (contact->sip_watches) {
    case CW_GRANT_ASKED:
        return CW_NOTIFIER_ASKED;
    case CW_GRANT_GRANTED:
        return CW_NOTIFIER_GRANTED;
    case CW_GRANT_NONE:
    case CW_GRANTS:
        break;
    }
    return CW_NOTIFIER_NONE;
}

static enum cw_grant grant_of(enum cw_notifier_state state)
{
    switch (state) {
    case CW_NOTIFIER_ASKED:
        return CW_GRANT_ASKED;
    case CW_NOTIFIER_GRANTED:
        return CW_GRANT_GRANTED;
    case CW_NOTIFIER_NONE:
    case CW_NOTIFIER_STATES:
        break;
    }
    return CW_GRANT_NONE;
}

static struct hold *take_hold(struct cw_notify_pair *pair)
{
    struct hold *hold = calloc(1, sizeof(*hold));

    if (hold == NULL) {
        abort();
    }
    hold->pair = pair;
    pair->in_flight++;
    return hold;
}

/* ---- towards SIP ---- */

static struct cw_bytes stamp_now(struct cw_arena *arena)
{
    return cw_tell_stamp(cw_clock_wall_ms() / 1000, arena);
}

/* Puts the document that says what `cache` knows into `state`. */
static void set_document(struct cw_notify_pair *pair, const struct cw_presence_cache *cache,
                         struct cw_watcher_state *state)
{
    struct cw_gateway *gw = pair->owner->gw;
    const struct cw_document_form form = {
        .map = &gw->settings->presence.show_map,
        .pep = cache != NULL && gw->settings->presence.pep ? &pair->pep : NULL,
        .stamp = stamp_now(gw->arena),
        .says_capabilities = gw->settings->presence.capabilities,
        .scheme = (enum cw_document_scheme)gw->settings->presence.entity_scheme,
    };
    struct cw_document out = {0};
    struct cw_jid who;
    const char *result = "unsupported";

    if (cw_jid_read(pair->contact->remote, gw->arena, &who) == CW_OK &&
        cw_document_write(&who, cache, &form, gw->arena, &out) == CW_OK) {
        state->body = out.xml;
        state->language = out.language;
        result = "ok";
    }
    CW_METRIC_INC(gw->metrics, PIDF_DOCUMENTS_TOTAL, "xmpp_to_sip", result);
}

/* What a dialog is told now: nothing of the presence before the contact agreed (SUB-71, SUB-81). */
static struct cw_watcher_state current(struct cw_notify_pair *pair)
{
    const bool granted = pair->contact->sip_watches == CW_GRANT_GRANTED;
    struct cw_watcher_state state = {.substate = granted ? "active" : "pending"};

    if (granted && pair->known) {
        set_document(pair, pair->cache, &state);
    }
    return state;
}

/* The dialogs of this pair and of no other (ARCH-8). */
static void notify_all(struct cw_notify_pair *pair)
{
    const struct cw_watcher_state state = current(pair);

    for (struct cw_watcher *watcher = pair->watchers; watcher != NULL;) {
        struct cw_watcher *next = watcher->next;

        cw_watcher_notify(watcher, &state);
        watcher = next;
    }
    if (state.body.len != 0) {
        cw_presence_cache_settle(pair->cache); /* PRES-17 */
    }
    cw_loop_clear(pair->owner->gw->timers, &pair->spaced);
}

static void count_dialogs(const struct cw_notify *notify)
{
    CW_METRIC_SET(notify->gw->metrics, SIP_DIALOGS, (double)cw_table_count(notify->dialogs),
                  "presence", "notifier");
}

static void unlink_watcher(struct cw_watcher *watcher)
{
    struct cw_notify_pair *pair = watcher->pair;
    struct cw_watcher **at = &pair->watchers;

    while (*at != NULL && *at != watcher) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = watcher->next;
        pair->watcher_count--;
    }
    (void)cw_table_remove(pair->owner->dialogs, watcher->leg.local_tag);
    count_dialogs(pair->owner);
}

static void end_it(struct cw_notify_pair *pair, struct cw_watcher *watcher,
                   const struct cw_notifier_step *step)
{
    struct cw_watcher_state state = {.substate = "terminated", .reason = step->reason};

    if (step->body == CW_NOTIFIER_CLOSED_BODY) {
        set_document(pair, NULL, &state);
    } else if (step->body == CW_NOTIFIER_REAL_BODY && pair->known) {
        set_document(pair, pair->cache, &state);
    }
    unlink_watcher(watcher);
    cw_watcher_notify(watcher, &state);
}

void cw_notify_pair_end_all(struct cw_notify_pair *pair, const char *reason)
{
    const struct cw_notifier_step step = {.reason = reason};

    while (pair->watchers != NULL) {
        end_it(pair, pair->watchers, &step);
    }
    cw_loop_clear(pair->owner->gw->timers, &pair->spaced);
}

static void space(struct cw_notify_pair *pair)
{
    struct cw_gateway *gw = pair->owner->gw;

    if (pair->watchers != NULL && pair->spaced.place == 0) {
        cw_loop_set(gw->timers, &pair->spaced,
                    cw_notifier_space_ms(cw_clock_now_ms(), pair->notified_at_ms,
                                         (uint64_t)gw->settings->presence.coalesce_ms));
    }
}

static void on_spaced(struct cw_alarm *alarm, void *user)
{
    struct cw_notify_pair *pair = user;
    struct cw_gateway *gw = pair->owner->gw;

    (void)alarm;
    cw_turn_begin(gw);
    notify_all(pair);
    pair->notified_at_ms =
        cw_clock_now_ms(); /* PRES-22: a change of the authorization does not count */
    cw_notify_pair_settle(pair);
    cw_turn_end(gw);
}

/* ---- towards XMPP ---- */

bool cw_notify_pair_is_served(const struct cw_notify_pair *pair)
{
    const struct cw_admission ask = cw_admission_between(
        CW_FROM_SIP, CW_REQUEST_SUBSCRIBE, pair->contact->local, pair->contact->remote);

    return cw_admission_peek(pair->owner->gw, &ask).decision.verdict == CW_VERDICT_ALLOW;
}

/* The invitation may have been taken back, or the contact blocked, while it was on its way. */
static bool may_ask(const struct cw_notify_pair *pair)
{
    return pair->contact->sip_watches == CW_GRANT_ASKED && cw_notify_pair_is_served(pair);
}

static void tell(struct cw_notify_pair *pair, enum cw_stanza_type type)
{
    cw_tell_subscription(pair->owner->gw, pair->contact->local, pair->contact->remote, type,
                         (struct cw_bytes){0});
}

/* SUB-79: trouble that may pass; asked again after 5 min, doubling to 6 h. */
static void ask_later(struct cw_notify_pair *pair)
{
    uint64_t delay_ms = FIRST_AGAIN_MS;

    for (uint8_t i = 0; i < pair->refusals && delay_ms < LATEST_AGAIN_MS; i++) {
        delay_ms *= 2;
    }
    if (pair->refusals < UINT8_MAX) {
        pair->refusals++;
    }
    cw_loop_set(pair->owner->gw->timers, &pair->again,
                cw_clock_now_ms() + (delay_ms < LATEST_AGAIN_MS ? delay_ms : LATEST_AGAIN_MS));
}

/* The pair of a callback, or NULL when it was freed meanwhile. */
static struct cw_notify_pair *held(struct hold *hold)
{
    struct cw_notify_pair *pair = hold->pair;

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

static void on_fate(enum cw_fate fate, enum cw_fail reason, void *user)
{
    struct hold *hold = user;
    struct cw_notify_pair *pair = held(hold);

    (void)reason;
    if (pair == NULL) {
        return;
    }
    if (fate != CW_FATE_HANDED && pair->contact->sip_watches == CW_GRANT_ASKED) {
        ask_later(pair);
    }
    cw_notify_pair_settle(pair);
    free(hold);
}

static void ask(struct cw_notify_pair *pair)
{
    struct hold *hold = take_hold(pair);
    struct cw_gateway *gw = pair->owner->gw;

    pair->asked = true;
    if (cw_tell_ask(gw, pair->contact->local, pair->contact->remote, (struct cw_bytes){0}, on_fate,
                    hold) != CW_OK) {
        pair->in_flight--;
        free(hold);
        ask_later(pair);
    }
}

static void on_again(struct cw_alarm *alarm, void *user)
{
    struct cw_notify_pair *pair = user;
    struct cw_gateway *gw = pair->owner->gw;

    (void)alarm;
    cw_turn_begin(gw);
    if (may_ask(pair) && pair->watchers != NULL) {
        ask(pair);
    }
    cw_notify_pair_settle(pair);
    cw_turn_end(gw);
}

/* What is cached may be wrong by now, an end of a resource above all: the answer to a probe names
 * those that are there and no others. */
static void on_missed(struct cw_alarm *alarm, void *user)
{
    struct cw_notify_pair *pair = user;
    struct cw_gateway *gw = pair->owner->gw;

    (void)alarm;
    cw_turn_begin(gw);
    if (pair->contact->sip_watches == CW_GRANT_GRANTED) {
        cw_presence_cache_clear(pair->cache);
        pair->known = false;
        tell(pair, CW_TYPE_PROBE);
    }
    cw_notify_pair_settle(pair);
    cw_turn_end(gw);
}

void cw_notify_pair_missed(struct cw_notify_pair *pair)
{
    uint32_t random;

    if (pair->missed.place == 0) {
        cw_clock_random(&random, sizeof(random));
        cw_loop_set(pair->owner->gw->timers, &pair->missed,
                    cw_clock_now_ms() + MISSED_MS + random % MISSED_SPREAD_MS);
    }
}

static void on_durable(enum cw_err err, void *user)
{
    struct hold *hold = user;
    struct cw_notify_pair *pair = held(hold);
    struct cw_gateway *gw;

    if (pair == NULL) {
        return;
    }
    gw = pair->owner->gw;
    pair->owner->writes--;
    cw_turn_begin(gw);
    if (err != CW_OK) {
        CW_LOG(gw->log, STORE_DOWN, "an invitation could not be stored; nobody was asked",
               {"reason", cw_log_text(cw_err_text(err))});
    } else if (hold->invite && may_ask(pair)) {
        ask(pair);
    } else if (hold->unsubscribe) {
        tell(pair, CW_TYPE_UNSUBSCRIBE);
    }
    cw_notify_pair_settle(pair);
    cw_turn_end(gw);
    free(hold);
}

static void save(struct cw_notify_pair *pair, unsigned effects)
{
    struct hold *hold = take_hold(pair);

    hold->invite = (effects & (CW_NOTIFIER_INVITE | CW_NOTIFIER_REMIND)) != 0;
    hold->unsubscribe = (effects & CW_NOTIFIER_TELL_UNSUBSCRIBE) != 0;
    pair->owner->writes++;
    cw_roster_save(pair->owner->gw->roster, pair->contact, cw_clock_wall_ms() / 1000, on_durable,
                   hold);
}

static bool wants_probe(const struct cw_notify_pair *pair, unsigned effects)
{
    const int64_t fresh_ms = pair->owner->gw->settings->presence.subscription_refresh_interval_ms;
    const bool stale = cw_clock_now_ms() - pair->cached_at_ms > (uint64_t)fresh_ms;

    return ((effects & CW_NOTIFIER_PROBE_UNKNOWN) != 0 && !pair->known) ||
           ((effects & CW_NOTIFIER_PROBE_STALE) != 0 && (!pair->known || stale));
}

/* The roster's part of a step: what must be durable. */
static void record(struct cw_notify_pair *pair, const struct cw_notifier_step *step)
{
    struct cw_contact *contact = pair->contact;
    const bool changes = grant_of(step->next) != contact->sip_watches;
    const bool invites = (step->effects & CW_NOTIFIER_INVITE) != 0;
    const bool forgets = (step->effects & CW_NOTIFIER_FORGET_INVITE) != 0;
    const bool reminds =
        (step->effects & CW_NOTIFIER_REMIND) != 0 &&
        ((!pair->asked && pair->in_flight == 0) || /* a kill may have swallowed it */
         cw_clock_wall_ms() / 1000 - contact->changed_s > REMIND_S);

    cw_audit_grant(pair->owner->gw->audit, CW_FROM_SIP, contact, contact->sip_watches,
                   grant_of(step->next));
    contact->sip_watches = grant_of(step->next);
    contact->invited = (contact->invited || invites) && !forgets;
    if (changes || invites || forgets || reminds) {
        save(pair, step->effects & ~(reminds ? 0u : (unsigned)CW_NOTIFIER_REMIND));
    }
}

static void notify(struct cw_notify_pair *pair, const struct cw_notifier_step *step,
                   struct cw_watcher *at_hand)
{
    if ((step->effects & CW_NOTIFIER_NOTIFY_IT) != 0 && at_hand != NULL) {
        const struct cw_watcher_state state = current(pair);

        cw_watcher_notify(at_hand, &state);
    }
    if ((step->effects & CW_NOTIFIER_END_IT) != 0 && at_hand != NULL) {
        end_it(pair, at_hand, step);
    }
    if ((step->effects & CW_NOTIFIER_NOTIFY_ALL) != 0) {
        notify_all(pair);
    }
    if ((step->effects & CW_NOTIFIER_NOTIFY_SPACED) != 0) {
        space(pair);
    }
    if ((step->effects & CW_NOTIFIER_END_ALL) != 0) {
        cw_notify_pair_end_all(pair, step->reason);
    }
}

void cw_notify_pair_act(struct cw_notify_pair *pair, enum cw_notifier_event event,
                        struct cw_watcher *at_hand)
{
    const struct cw_notifier_step step = cw_notifier_step(state_of(pair->contact), event);

    if (!step.expected) {
        return;
    }
    record(pair, &step);
    notify(pair, &step, at_hand);
    if ((step.effects & CW_NOTIFIER_DROP_CACHE) != 0) {
        cw_presence_cache_clear(pair->cache);
        pair->pep = (struct cw_pep){.kind = CW_PEP_NONE};
        pair->known = false;
    }
    if (event == CW_NOTIFIER_TROUBLE) {
        ask_later(pair);
    }
    if (wants_probe(pair, step.effects)) {
        tell(pair, CW_TYPE_PROBE);
    }
}

bool cw_notify_pair_cache(struct cw_notify_pair *pair, const struct cw_presence *presence)
{
    struct cw_presence stamped = *presence;
    const bool first = !pair->known;

    if (presence->resource.len == 0 && pair->contact->sip_watches != CW_GRANT_GRANTED) {
        return false; /* PRES-18: only an acknowledgement of our request */
    }
    if (cw_presence_set_idle(&stamped, cw_clock_wall_ms(), pair->owner->gw->arena) != CW_OK) {
        stamped.idle_s = 0; /* PRES-33: presence without it is better than none */
    }
    if (stamped.stamp.base == NULL) {
        stamped.stamp = stamp_now(pair->owner->gw->arena);
    }
    pair->known = true;
    pair->cached_at_ms = cw_clock_now_ms();
    return cw_presence_cache_put(pair->cache, &stamped) || first;
}

bool cw_notify_pair_headline(struct cw_notify_pair *pair, const struct cw_pep *news)
{
    return cw_pep_merge(&pair->pep, news) && pair->known;
}

static void on_expired(struct cw_watcher *watcher)
{
    struct cw_notify_pair *pair = watcher->pair;

    cw_notify_pair_act(pair, CW_NOTIFIER_EXPIRED, watcher);
    cw_notify_pair_settle(pair);
}

static void on_dropped(struct cw_watcher *watcher)
{
    struct cw_notify_pair *pair = watcher->pair;

    unlink_watcher(watcher);
    cw_watcher_drop(watcher);
    cw_notify_pair_settle(pair);
}

struct cw_watcher *cw_notify_pair_open(struct cw_notify_pair *pair,
                                       const struct cw_sip_message *request,
                                       struct cw_bytes local_tag)
{
    struct cw_watcher *watcher;

    if (pair->watcher_count >= WATCHERS_MAX) {
        return NULL;
    }
    watcher = cw_watcher_new(pair->owner->gw, pair, request, local_tag);
    watcher->on_expired = on_expired;
    watcher->on_dropped = on_dropped;
    watcher->next = pair->watchers;
    pair->watchers = watcher;
    pair->watcher_count++;
    cw_table_add(pair->owner->dialogs, watcher->leg.local_tag, watcher);
    count_dialogs(pair->owner);
    return watcher;
}

struct cw_notify_pair *cw_notify_pair_get(struct cw_notify *notify, struct cw_contact *contact)
{
    struct cw_notify_pair *pair = contact->notify;

    if (pair != NULL) {
        return pair;
    }
    pair = calloc(1, sizeof(*pair));
    if (pair == NULL) {
        abort();
    }
    pair->owner = notify;
    pair->contact = contact;
    pair->cache = cw_presence_cache_new();
    pair->spaced = (struct cw_alarm){.ring = on_spaced, .user = pair};
    pair->again = (struct cw_alarm){.ring = on_again, .user = pair};
    pair->missed = (struct cw_alarm){.ring = on_missed, .user = pair};
    contact->notify = pair;
    return pair;
}

void cw_notify_pair_free(struct cw_notify_pair *pair)
{
    struct cw_gateway *gw = pair->owner->gw;

    while (pair->watchers != NULL) {
        struct cw_watcher *watcher = pair->watchers;

        unlink_watcher(watcher);
        cw_watcher_drop(watcher);
    }
    cw_loop_clear(gw->timers, &pair->spaced);
    cw_loop_clear(gw->timers, &pair->again);
    cw_loop_clear(gw->timers, &pair->missed);
    cw_presence_cache_free(&pair->cache);
    pair->contact->notify = NULL;
    pair->contact = NULL;
    if (pair->in_flight == 0) {
        free(pair);
    }
}

void cw_notify_pair_settle(struct cw_notify_pair *pair)
{
    struct cw_gateway *gw = pair->owner->gw;
    struct cw_contact *contact = pair->contact;

    if (pair->in_flight == 0 && pair->watchers == NULL &&
        contact->sip_watches != CW_GRANT_GRANTED) {
        cw_notify_pair_free(pair);
        cw_roster_release(gw->roster, contact);
    }
}
