/* SPDX-License-Identifier: Apache-2.0 */
#include "deliver_private.h"

#include "ability.h"
#include "edge_pool.h"
#include "loop.h"
#include "recent.h"
#include "report.h"
#include "roster.h"
#include "turn.h"

#include <causeway/address.h>
#include <causeway/clock.h>
#include <causeway/error_map.h>
#include <causeway/message.h>
#include <stdlib.h>

#define TIMER_F_MS      32000u
#define AGAIN_MS        1000u
#define CREDIT_MS       20u
#define EXPIRIES_A_TURN 16u

/* After each round: the gauges, and when the next message that waits is too old. */
static void set_expiry(struct cw_deliver *deliver)
{
    const uint64_t xmpp_ms = cw_delivery_next_ms(deliver->lanes[CW_FROM_XMPP]);
    const uint64_t sip_ms = cw_delivery_next_ms(deliver->lanes[CW_FROM_SIP]);
    const uint64_t next_ms = xmpp_ms < sip_ms ? xmpp_ms : sip_ms;

    for (size_t i = 0; i < CW_DIRECTIONS; i++) {
        cw_metric_set(deliver->depth[i], (double)cw_delivery_count(deliver->lanes[i]));
    }
    if (next_ms == UINT64_MAX) {
        cw_loop_clear(deliver->gw->timers, &deliver->expiry);
    } else if (deliver->expiry.place == 0 || deliver->expiry.at_ms != next_ms) {
        cw_loop_set(deliver->gw->timers, &deliver->expiry, next_ms);
    }
}

/* ---- on the way ---- */

static void end(struct cw_unit *unit)
{
    struct cw_deliver *deliver = unit->owner;

    cw_loop_clear(deliver->gw->timers, &unit->hold);
    cw_loop_clear(deliver->gw->timers, &unit->again);
    cw_delivery_done(deliver->lanes[unit->direction], &unit->parcel);
    cw_unit_free(unit);
}

/* What this try is to be like: as the receiver takes it, unless he refused that. */
static void choose_form(struct cw_unit *unit, const struct cw_stanza *in,
                        struct cw_message_form *form)
{
    struct cw_deliver *deliver = unit->owner;
    const struct cw_gateway *gw = deliver->gw;

    form->language = cw_log_text(gw->settings->messages.language);
    if (in->replaces.len != 0 &&
        cw_recent_has_id(deliver->recent, unit->remote, unit->local, in->replaces)) { /* EXT-1 */
        form->correction_mark = cw_log_text(gw->settings->messages.correction_mark);
    }
    if (unit->tries.plain) {
        return;
    }
    if (gw->settings->messages.languages == 1) { /* MSG-20 */
        form->boundary = cw_log_text(cw_sip_token(gw->arena, CW_PAGE_TOKEN_LEN));
    }
    cw_report_form(gw->report, in, unit->local, form);
}

static void remember_try(struct cw_unit *unit, const struct cw_page_try *attempt,
                         const struct cw_sip_message *request)
{
    struct cw_unit_try *tries = &unit->tries;

    tries->cseq = attempt->cseq;
    tries->rich = !cw_bytes_equal(request->content_type, CW_LIT("text/plain;charset=UTF-8"));
    if (tries->call_id_len == 0 && attempt->call_id.len <= sizeof(tries->call_id) &&
        attempt->from_tag.len == sizeof(tries->from_tag)) {
        memcpy(tries->call_id, attempt->call_id.base, attempt->call_id.len);
        memcpy(tries->from_tag, attempt->from_tag.base, attempt->from_tag.len);
        tries->call_id_len = attempt->call_id.len;
    }
}

static enum cw_err send_mark(struct cw_unit *unit, cw_sip_done_fn *done)
{
    const struct cw_unit_mark *mark = &unit->mark;
    const struct cw_page_message page = {
        .request_uri = mark->request_uri,
        .from_uri = mark->from_uri,
        .to_uri = mark->to_uri,
        .content_type = mark->typing ? CW_LIT(CW_IS_COMPOSING_TYPE) : CW_LIT(CW_CPIM_TYPE),
        .body = mark->body,
    };

    return cw_page_send(unit->gw, &page, cw_roster_domain_of(unit->remote), done, unit);
}

static enum cw_err send_to_sip(struct cw_unit *unit, cw_sip_done_fn *done)
{
    struct cw_gateway *gw = unit->gw;
    const struct cw_unit_try *tries = &unit->tries;
    const struct cw_stanza *in = unit->owner->as_read;
    struct cw_page_try attempt = {.cseq = tries->cseq + 1, .target = tries->target};
    struct cw_sip_message request;
    struct cw_stanza again;

    if (gw->sip == NULL || unit->owner->closed) {
        return CW_ERR_CLOSED;
    }
    if (cw_unit_is_mark(unit)) {
        return send_mark(unit, done);
    }
    if (unit != unit->owner->fresh) {
        CW_TRY(cw_unit_admit(unit));
        CW_TRY(cw_stanza_read(unit->xml, gw->arena, &again));
        in = &again;
    }
    if (tries->call_id_len != 0) {
        attempt.call_id = (struct cw_bytes){tries->call_id, tries->call_id_len};
        attempt.from_tag = (struct cw_bytes){tries->from_tag, sizeof(tries->from_tag)};
    }
    choose_form(unit, in, &attempt.form);
    CW_TRY(cw_page_to_request(gw, in, &attempt, &request));
    remember_try(unit, &attempt, &request);
    return cw_sip_send(gw->sip, &request, done, unit);
}

static enum cw_err send_to_xmpp(struct cw_unit *unit, cw_edge_fate_fn *on_fate)
{
    struct cw_gateway *gw = unit->gw;
    struct cw_edge_stanza out = {
        .class = CW_CLASS_MESSAGE,
        .xml = unit->xml,
        .trace = unit->trace,
        .on_fate = on_fate,
        .user = unit,
    };
    struct cw_sip_uri uri;

    CW_TRY(cw_sip_uri_read(unit->local, gw->arena, &uri));
    CW_TRY(cw_address_to_jid(&uri, gw->arena, &out.from));
    CW_TRY(cw_jid_read(unit->remote, gw->arena, &out.to));
    return cw_edge_pool_send(gw->edges, &out);
}

static unsigned status_of_failure(enum cw_err err)
{
    switch ((int)err) {
    case CW_ERR_LIMIT:
        return 513; /* MSG-27 */
    case CW_ERR_NO_ROUTE:
    case CW_ERR_TIMEOUT:
    case CW_ERR_CLOSED:
        return 408; /* MSG-39 */
    default:
        return 400;
    }
}

static void fail_to_send(struct cw_unit *unit, enum cw_err err)
{
    if (err == CW_ERR_REFUSED) {
        cw_unit_deny(unit);
        return;
    }
    cw_unit_fail_to_sip(unit, &(struct cw_unit_refusal){.status = status_of_failure(err)});
}

/* The edge has no credit for the partner: a short wait costs less than a refusal. The hold ends it.
 */
static void wait_for_credit(struct cw_unit *unit)
{
    unit->again = (struct cw_alarm){.ring = unit->owner->on_credit, .user = unit};
    cw_loop_set(unit->gw->timers, &unit->again, cw_clock_now_ms() + CREDIT_MS);
}

/* MSG-51: its sender said how long it is of use. */
static void drop_dead(struct cw_unit *unit)
{
    cw_unit_answer(unit, 202);
    (void)cw_report_fate(unit->gw->report, unit->stanza_id, unit->local, unit->remote,
                         CW_IMDN_FAILED);
    cw_unit_end(unit, CW_AUDIT_EXPIRED, 202, "expires", "expired");
    end(unit);
}

/* A callback may come while one of these runs; then the loop there goes on by itself. */
static void pump_to_sip(struct cw_deliver *deliver, cw_sip_done_fn *on_response)
{
    struct cw_parcel *parcel;

    if (deliver->pumping[CW_FROM_XMPP]) {
        return;
    }
    deliver->pumping[CW_FROM_XMPP] = true;
    while ((parcel = cw_delivery_ready(deliver->lanes[CW_FROM_XMPP])) != NULL) {
        struct cw_unit *unit = (struct cw_unit *)parcel;
        const enum cw_err err = send_to_sip(unit, on_response);

        if (err != CW_OK) {
            fail_to_send(unit, err);
            end(unit);
        }
    }
    deliver->pumping[CW_FROM_XMPP] = false;
    set_expiry(deliver);
}

static void pump_to_xmpp(struct cw_deliver *deliver, cw_edge_fate_fn *on_fate)
{
    struct cw_parcel *parcel;

    if (deliver->pumping[CW_FROM_SIP]) {
        return;
    }
    deliver->pumping[CW_FROM_SIP] = true;
    while ((parcel = cw_delivery_ready(deliver->lanes[CW_FROM_SIP])) != NULL) {
        struct cw_unit *unit = (struct cw_unit *)parcel;
        enum cw_err err;

        if (unit->dead_ms <= cw_clock_now_ms()) {
            drop_dead(unit);
            continue;
        }
        err = send_to_xmpp(unit, on_fate);
        if (err == CW_ERR_BUSY) {
            wait_for_credit(unit);
        } else if (err != CW_OK) {
            cw_unit_fail_to_xmpp(unit, CW_FAIL_NONE);
            end(unit);
        }
    }
    deliver->pumping[CW_FROM_SIP] = false;
    set_expiry(deliver);
}

static void pump(struct cw_deliver *deliver, cw_sip_done_fn *on_response, cw_edge_fate_fn *on_fate)
{
    pump_to_sip(deliver, on_response);
    pump_to_xmpp(deliver, on_fate);
}

static void on_fate(enum cw_fate fate, enum cw_fail reason, void *user)
{
    struct cw_unit *unit = user;
    struct cw_deliver *deliver = unit->owner;

    cw_turn_begin(deliver->gw);
    if (fate == CW_FATE_HANDED) {
        cw_unit_answer(unit, 202); /* MSG-47 */
        (void)cw_report_fate(deliver->gw->report, unit->stanza_id, unit->local, unit->remote,
                             CW_IMDN_PROCESSED); /* RCPT-13 */
        cw_unit_end(unit, CW_AUDIT_OK, 202, NULL, NULL);
    } else {
        cw_unit_fail_to_xmpp(unit, reason);
    }
    end(unit);
    /* the next of the lane goes with the next turn: the link is in the middle of its own call */
    cw_loop_set(deliver->gw->timers, &deliver->expiry, cw_clock_now_ms());
    cw_turn_end(deliver->gw);
}

/* MSG-42: no next hop is up. The message keeps its place for as long as one transaction would have
 * had. */
static bool may_wait(const struct cw_unit *unit, enum cw_err why)
{
    return why == CW_ERR_NO_ROUTE && cw_clock_now_ms() < unit->received_ms + TIMER_F_MS;
}

/* The next try goes with the next turn: this one is in the middle of an answer. */
static void try_again(struct cw_unit *unit, cw_alarm_fn *on_again)
{
    unit->again = (struct cw_alarm){.ring = on_again, .user = unit};
    cw_loop_set(unit->gw->timers, &unit->again, cw_clock_now_ms());
}

static void wait_for_route(struct cw_unit *unit, cw_alarm_fn *on_again)
{
    unit->again = (struct cw_alarm){.ring = on_again, .user = unit};
    cw_loop_set(unit->gw->timers, &unit->again, cw_clock_now_ms() + AGAIN_MS);
}

/* MSG-40: the refused form is not tried again for a day; the text goes plain. */
static bool wants_plain(struct cw_unit *unit, const struct cw_sip_message *response)
{
    struct cw_gateway *gw = unit->gw;

    if ((response->status != 415 && response->status != 406) || !unit->tries.rich) {
        return false;
    }
    cw_ability_learn_accept(gw->abilities, unit->local, response->accept, cw_clock_now_ms());
    cw_ability_learn(gw->abilities, unit->local, CW_ABILITY_CPIM, false, cw_clock_now_ms());
    unit->tries.plain = true;
    return true;
}

static void note_targets(struct cw_unit *unit, const struct cw_sip_message *response)
{
    for (size_t i = 0; i < response->contact_count && i < CW_SIP_MAX_CONTACTS; i++) {
        struct cw_sip_uri uri;

        if (response->contacts[i].base != NULL &&
            cw_sip_uri_read(response->contacts[i], unit->gw->arena, &uri) == CW_OK &&
            uri.scheme == CW_URI_SIP && cw_gateway_settings_is_own(unit->gw->settings, uri.host)) {
            cw_recursion_add(&unit->tries.targets, response->contacts[i]);
        }
    }
    if (unit->tries.moved == 0) {
        unit->tries.moved = response->status;
    }
}

/* MSG-33: another target inside our own domains. What was refused for good everywhere is not tried
 * elsewhere (MSG-43). */
static bool has_target(struct cw_unit *unit, const struct cw_sip_message *response)
{
    if (response->status < 400 && response->status != 380) {
        note_targets(unit, response);
    } else if (response->status >= 600) {
        return false;
    }
    unit->tries.target = cw_recursion_next(unit->tries.targets);
    return unit->tries.target.base != NULL;
}

/* MSG-35, MSG-36, MSG-37. Only a 200 says that it arrived, and only of plain text (RCPT-5). */
static void settle_sent(struct cw_unit *unit, const struct cw_sip_message *response)
{
    struct cw_gateway *gw = unit->gw;
    struct cw_stanza in;

    if (unit->tries.rich) {
        cw_ability_learn(gw->abilities, unit->local, CW_ABILITY_CPIM, true, cw_clock_now_ms());
    }
    if (cw_stanza_read(unit->xml, gw->arena, &in) == CW_OK) {
        cw_recent_note_id(unit->owner->recent, unit->remote, unit->local, in.id);
        if (response->status == 200 && !unit->tries.rich) {
            cw_report_answered(gw->report, &in, unit->local);
        }
    }
    cw_unit_end(unit, CW_AUDIT_OK, response->status, NULL, NULL);
}

/* Nothing counts but whether the device takes such a thing: a refusal of typing is remembered for a
 * day (CT-7). */
static void settle_mark(struct cw_unit *unit, const struct cw_sip_message *response)
{
    if (unit->mark.typing && response != NULL &&
        (response->status == 415 || response->status / 100 == 2)) {
        cw_ability_learn(unit->gw->abilities, unit->local, CW_ABILITY_TYPING,
                         response->status != 415, cw_clock_now_ms());
    }
}

/* The outcome of a message to SIP. @return false: none yet */
static bool settle(struct cw_unit *unit, const struct cw_sip_message *response, enum cw_err why,
                   cw_alarm_fn *on_again)
{
    if (cw_unit_is_mark(unit)) {
        settle_mark(unit, response);
        end(unit);
        return true;
    }
    if (response == NULL && may_wait(unit, why)) {
        wait_for_route(unit, on_again);
        return false;
    }
    if (response == NULL) {
        cw_unit_fail_to_sip(unit, &(struct cw_unit_refusal){.status = 408});
    } else if (response->status < 300) {
        settle_sent(unit, response);
    } else if (wants_plain(unit, response) || has_target(unit, response)) {
        try_again(unit, on_again);
        return false;
    } else {
        cw_unit_fail_to_sip(unit, &(struct cw_unit_refusal){
                                      .status = response->status,
                                      .retry_after = response->retry_after_s > 0,
                                      .reason = response->reason,
                                  });
    }
    end(unit);
    return true;
}

static void on_again(struct cw_alarm *alarm, void *user)
{
    struct cw_unit *unit = user;
    struct cw_deliver *deliver = unit->owner;
    enum cw_err err;

    (void)alarm;
    cw_turn_begin(unit->gw);
    err = send_to_sip(unit, deliver->on_response);
    if (err != CW_OK) {
        fail_to_send(unit, err);
        end(unit);
        pump(deliver, deliver->on_response, on_fate);
    }
    cw_turn_end(deliver->gw);
}

static void on_response(const struct cw_sip_message *response, enum cw_err why, void *user)
{
    struct cw_unit *unit = user;
    struct cw_deliver *deliver = unit->owner;

    cw_turn_begin(deliver->gw);
    deliver->closed = deliver->closed || why == CW_ERR_CLOSED;
    if (settle(unit, response, why, on_again)) {
        pump(deliver, on_response, on_fate);
    }
    cw_turn_end(deliver->gw);
}

static void expire(struct cw_deliver *deliver, enum cw_direction direction, uint64_t now_ms)
{
    struct cw_parcel *parcel;

    /* not more than the arena of one turn bears; the rest is due at once again */
    for (unsigned i = 0; i < EXPIRIES_A_TURN; i++) {
        struct cw_unit *unit;

        parcel = cw_delivery_expired(deliver->lanes[direction], now_ms);
        if (parcel == NULL) {
            return;
        }
        unit = (struct cw_unit *)parcel;

        if (direction == CW_FROM_XMPP) {
            cw_unit_bounce(unit, &(struct cw_unit_refusal){.status = 408});
        } else {
            cw_unit_refuse(unit, 504);
        }
        cw_unit_end(unit, CW_AUDIT_EXPIRED, 0, NULL, "expired");
        cw_loop_clear(deliver->gw->timers, &unit->hold);
        cw_unit_free(unit);
    }
}

static void on_expiry(struct cw_alarm *alarm, void *user)
{
    struct cw_deliver *deliver = user;
    const uint64_t now_ms = cw_clock_now_ms();

    (void)alarm;
    cw_turn_begin(deliver->gw);
    expire(deliver, CW_FROM_XMPP, now_ms);
    expire(deliver, CW_FROM_SIP, now_ms);
    pump(deliver, on_response, on_fate);
    cw_turn_end(deliver->gw);
}

static void on_credit(struct cw_alarm *alarm, void *user)
{
    struct cw_unit *unit = user;
    struct cw_deliver *deliver = unit->owner;
    enum cw_err err;

    (void)alarm;
    cw_turn_begin(deliver->gw);
    err = send_to_xmpp(unit, on_fate);
    if (err == CW_ERR_BUSY) {
        wait_for_credit(unit);
    } else if (err != CW_OK) {
        cw_unit_fail_to_xmpp(unit, CW_FAIL_NONE);
        end(unit);
        pump(deliver, on_response, on_fate);
    }
    cw_turn_end(deliver->gw);
}

/* The hold is over and nothing is known yet: the answer is yes, and what follows is reported
 * otherwise (MSG-47). What did not even get to the edge is refused. */
static void on_hold(struct cw_alarm *alarm, void *user)
{
    struct cw_unit *unit = user;
    struct cw_deliver *deliver = unit->owner;

    (void)alarm;
    cw_turn_begin(deliver->gw);
    if (unit->again.place == 0) {
        cw_unit_answer(unit, 202);
    } else {
        cw_unit_fail_to_xmpp(unit, CW_FAIL_QUEUE_FULL);
        end(unit);
        pump(deliver, on_response, on_fate);
    }
    cw_turn_end(deliver->gw);
}

/* ---- taking over ---- */

enum cw_err cw_deliver_enqueue(struct cw_unit *unit)
{
    struct cw_deliver *deliver = unit->owner;
    const bool from_sip = unit->direction == CW_FROM_SIP;

    return cw_delivery_put(deliver->lanes[unit->direction], from_sip ? unit->local : unit->remote,
                           from_sip ? unit->remote : unit->local, &unit->parcel,
                           unit->received_ms + (uint64_t)deliver->gw->settings->messages.ttl_ms);
}

void cw_deliver_pump_to_sip(struct cw_deliver *deliver)
{
    pump_to_sip(deliver, on_response);
}

void cw_deliver_pump(struct cw_deliver *deliver)
{
    pump(deliver, on_response, on_fate);
}

void cw_deliver_hold(struct cw_unit *unit, uint64_t at_ms)
{
    unit->hold = (struct cw_alarm){.ring = on_hold, .user = unit};
    cw_loop_set(unit->gw->timers, &unit->hold, at_ms);
}

struct cw_deliver *cw_deliver_new(struct cw_gateway *gw)
{
    struct cw_deliver *deliver = calloc(1, sizeof(*deliver));
    const size_t per_lane = (size_t)gw->settings->messages.queue_per_pair;
    uint64_t key[2];

    if (deliver == NULL) {
        abort();
    }
    cw_clock_random(key, sizeof(key));
    deliver->gw = gw;
    deliver->lanes[CW_FROM_XMPP] = cw_delivery_new(key, per_lane);
    deliver->lanes[CW_FROM_SIP] = cw_delivery_new(key, per_lane);
    deliver->depth[CW_FROM_XMPP] =
        cw_metrics_child(gw->metrics, CW_METRIC_QUEUE_DEPTH, (const char *const[]){"xmpp_to_sip"});
    deliver->depth[CW_FROM_SIP] =
        cw_metrics_child(gw->metrics, CW_METRIC_QUEUE_DEPTH, (const char *const[]){"sip_to_xmpp"});
    deliver->recent = cw_recent_new(key);
    deliver->on_response = on_response;
    deliver->on_credit = on_credit;
    deliver->expiry = (struct cw_alarm){.ring = on_expiry, .user = deliver};
    return deliver;
}

void cw_deliver_give_up(struct cw_deliver *deliver)
{
    struct cw_parcel *parcel;

    deliver->closed = true;
    while ((parcel = cw_delivery_drop(deliver->lanes[CW_FROM_XMPP])) != NULL) {
        struct cw_unit *unit = (struct cw_unit *)parcel;

        cw_turn_begin(deliver->gw);
        cw_loop_clear(deliver->gw->timers, &unit->again);
        cw_unit_fail_to_sip(unit, &(struct cw_unit_refusal){.status = 408});
        cw_turn_end(deliver->gw);
        cw_unit_free(unit);
    }
}

void cw_deliver_free(struct cw_deliver **deliver)
{
    struct cw_deliver *old = *deliver;

    if (old == NULL) {
        return;
    }
    for (size_t i = 0; i < CW_DIRECTIONS; i++) {
        struct cw_parcel *parcel;

        while ((parcel = cw_delivery_drop(old->lanes[i])) != NULL) {
            cw_loop_clear(old->gw->timers, &((struct cw_unit *)parcel)->hold);
            cw_loop_clear(old->gw->timers, &((struct cw_unit *)parcel)->again);
            cw_unit_free((struct cw_unit *)parcel);
        }
        cw_delivery_free(&old->lanes[i]);
    }
    cw_loop_clear(old->gw->timers, &old->expiry);
    cw_recent_free(&old->recent);
    free(old);
    *deliver = NULL;
}

bool cw_deliver_loops(const struct cw_deliver *deliver, struct cw_bytes from, struct cw_bytes to,
                      struct cw_bytes body)
{
    return cw_recent_loops(deliver->recent, from, to, body, cw_clock_now_ms());
}

size_t cw_deliver_pending(const struct cw_deliver *deliver)
{
    return cw_delivery_count(deliver->lanes[CW_FROM_XMPP]) +
           cw_delivery_count(deliver->lanes[CW_FROM_SIP]);
}
