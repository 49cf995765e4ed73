/* SPDX-License-Identifier: Apache-2.0 */
#include "deliver.h"

#include "admission.h"
#include "audit.h"
#include "bounce.h"
#include "edge_pool.h"
#include "loop.h"
#include "page.h"
#include "recent.h"
#include "reply.h"
#include "turn.h"
#include "unit.h"

#include <causeway/address.h>
#include <causeway/clock.h>
#include <causeway/error_map.h>
#include <causeway/message.h>
#include <stdlib.h>

#define HOLD_MAX_MS     3000u /* before timer E of the sender reaches T2 (MSG-49) */
#define TIMER_F_MS      32000u
#define AGAIN_MS        1000u
#define CREDIT_MS       20u
#define EXPIRIES_A_TURN 16u

struct cw_deliver {
    struct cw_gateway *gw;
    struct cw_delivery *lanes[CW_DIRECTIONS];
    struct cw_metric_child *depth[CW_DIRECTIONS];
    struct cw_recent *recent;
    struct cw_alarm expiry;
    const struct cw_unit *fresh;     /* just taken over ... */
    const struct cw_stanza *as_read; /* ... and not to be read again if its turn is now */
    cw_sip_done_fn *on_response;     /* for the alarm that it sets itself */
    cw_alarm_fn *on_credit;          /* likewise */
    bool pumping;
    bool closed; /* SIP goes down: nothing new is begun */
};

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
    free(unit);
}

static enum cw_err send_to_sip(struct cw_unit *unit, cw_sip_done_fn *done)
{
    struct cw_gateway *gw = unit->gw;
    const struct cw_stanza *in = unit->owner->as_read;
    struct cw_sip_message request;
    struct cw_stanza again;

    if (gw->sip == NULL || unit->owner->closed) {
        return CW_ERR_CLOSED;
    }
    if (unit != unit->owner->fresh) {
        CW_TRY(cw_stanza_read(unit->xml, gw->arena, &again));
        in = &again;
    }
    CW_TRY(cw_page_to_request(gw, in, &request));
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

/* The edge has no credit for the partner: a short wait costs less than a refusal. The hold ends it.
 */
static void wait_for_credit(struct cw_unit *unit)
{
    unit->again = (struct cw_alarm){.ring = unit->owner->on_credit, .user = unit};
    cw_loop_set(unit->gw->timers, &unit->again, cw_clock_now_ms() + CREDIT_MS);
}

/* A callback may come while pump() runs; then the loop there goes on by itself. */
static void pump(struct cw_deliver *deliver, cw_sip_done_fn *on_response, cw_edge_fate_fn *on_fate)
{
    struct cw_parcel *parcel;
    enum cw_err err;

    if (deliver->pumping) {
        return;
    }
    deliver->pumping = true;
    while ((parcel = cw_delivery_ready(deliver->lanes[CW_FROM_XMPP])) != NULL) {
        struct cw_unit *unit = (struct cw_unit *)parcel;

        err = send_to_sip(unit, on_response);
        if (err != CW_OK) {
            cw_unit_fail_to_sip(unit, status_of_failure(err), false);
            end(unit);
        }
    }
    while ((parcel = cw_delivery_ready(deliver->lanes[CW_FROM_SIP])) != NULL) {
        struct cw_unit *unit = (struct cw_unit *)parcel;

        err = send_to_xmpp(unit, on_fate);
        if (err == CW_ERR_BUSY) {
            wait_for_credit(unit);
        } else if (err != CW_OK) {
            cw_unit_fail_to_xmpp(unit, CW_FAIL_NONE);
            end(unit);
        }
    }
    deliver->pumping = false;
    set_expiry(deliver);
}

static void on_fate(enum cw_fate fate, enum cw_fail reason, void *user)
{
    struct cw_unit *unit = user;
    struct cw_deliver *deliver = unit->owner;

    if (fate == CW_FATE_HANDED) {
        cw_unit_answer(unit, 202); /* MSG-47 */
        cw_unit_end(unit, CW_AUDIT_OK, 202, NULL, NULL);
    } else {
        cw_unit_fail_to_xmpp(unit, reason);
    }
    end(unit);
    /* the next of the lane goes with the next turn: the link is in the middle of its own call */
    cw_loop_set(deliver->gw->timers, &deliver->expiry, cw_clock_now_ms());
}

/* MSG-42: no next hop is up. The message keeps its place for as long as one transaction would have
 * had. */
static bool may_wait(const struct cw_unit *unit, enum cw_err why)
{
    return why == CW_ERR_NO_ROUTE && cw_clock_now_ms() < unit->received_ms + TIMER_F_MS;
}

static void wait_for_route(struct cw_unit *unit, cw_alarm_fn *on_again)
{
    unit->again = (struct cw_alarm){.ring = on_again, .user = unit};
    cw_loop_set(unit->gw->timers, &unit->again, cw_clock_now_ms() + AGAIN_MS);
}

/* The outcome of a message to SIP. @return false: none yet */
static bool settle(struct cw_unit *unit, const struct cw_sip_message *response, enum cw_err why,
                   cw_alarm_fn *on_again)
{
    if (response == NULL && may_wait(unit, why)) {
        wait_for_route(unit, on_again);
        return false;
    }
    if (response == NULL) {
        cw_unit_fail_to_sip(unit, 408, false);
    } else if (response->status < 300) { /* MSG-35 to MSG-37 */
        cw_unit_end(unit, CW_AUDIT_OK, response->status, NULL, NULL);
    } else {
        cw_unit_fail_to_sip(unit, response->status, response->retry_after_s > 0);
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
        cw_unit_fail_to_sip(unit, status_of_failure(err), false);
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
            cw_unit_bounce(unit, 408, false);
        } else {
            cw_unit_answer(unit, 504);
        }
        cw_unit_end(unit, CW_AUDIT_EXPIRED, 0, NULL, "expired");
        cw_loop_clear(deliver->gw->timers, &unit->hold);
        free(unit);
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

static enum cw_err enqueue(struct cw_unit *unit)
{
    struct cw_deliver *deliver = unit->owner;
    const bool from_sip = unit->direction == CW_FROM_SIP;

    return cw_delivery_put(deliver->lanes[unit->direction], from_sip ? unit->local : unit->remote,
                           from_sip ? unit->remote : unit->local, &unit->parcel,
                           unit->received_ms + (uint64_t)deliver->gw->settings->messages.ttl_ms);
}

static void audit_stanza(struct cw_deliver *deliver, const struct cw_unit *made,
                         enum cw_audit_result result, const char *detail)
{
    cw_audit_write(deliver->gw->audit, &(struct cw_audit_entry){
                                           .direction = CW_FROM_XMPP,
                                           .kind = CW_AUDIT_MESSAGE,
                                           .result = result,
                                           .partner = made->partner.base,
                                           .local = made->local,
                                           .remote = made->remote,
                                           .id = made->id,
                                           .trace = made->trace,
                                           .detail = detail,
                                       });
}

/* What becomes no MESSAGE is answered or dropped here. @return false: it is over */
static bool may_go(struct cw_deliver *deliver, const struct cw_stanza *in,
                   const struct cw_unit *made)
{
    struct cw_gateway *gw = deliver->gw;

    switch (cw_message_fate(in)) {
    case CW_MESSAGE_DROP: /* MSG-8 */
    case CW_MESSAGE_TYPING:
    case CW_MESSAGE_RECEIPT:
    case CW_MESSAGE_DROP_FORGED:
    case CW_MESSAGE_REFUSE_ENCRYPTED:
        audit_stanza(deliver, made, CW_AUDIT_UNMAPPABLE, "nothing_to_carry");
        return false;
    case CW_MESSAGE_REFUSE_GROUPCHAT: /* MSG-4 */
        cw_bounce_now(gw->bounce, in, &CW_STANZA_ERROR("service-unavailable", "cancel"));
        audit_stanza(deliver, made, CW_AUDIT_UNMAPPABLE, "groupchat");
        return false;
    case CW_MESSAGE_SEND:
        break;
    }
    if (in->body.len > (size_t)gw->settings->messages.max_body) {
        cw_bounce_now(gw->bounce, in, &CW_STANZA_ERROR("policy-violation", "modify"));
        audit_stanza(deliver, made, CW_AUDIT_ERROR, "too_big");
        return false;
    }
    return true;
}

void cw_deliver_stanza(struct cw_deliver *deliver, const struct cw_stanza *in,
                       const struct cw_frame_stanza *frame, struct cw_bytes local,
                       const struct cw_partner *partner)
{
    struct cw_gateway *gw = deliver->gw;
    const struct cw_jid bare = cw_jid_bare(&in->from);
    struct cw_unit made = {
        .gw = gw,
        .owner = deliver,
        .direction = CW_FROM_XMPP,
        .local = local,
        .partner = cw_log_text(cw_admission_label(gw, partner)),
        .xml = frame->xml,
        .id = in->id,
    };
    struct cw_unit *unit;

    memcpy(made.trace, frame->trace, sizeof(made.trace));
    if (cw_jid_write(&bare, gw->arena, &made.remote) != CW_OK || !may_go(deliver, in, &made)) {
        return;
    }
    cw_recent_note(deliver->recent, made.remote, local, in->body, cw_clock_now_ms());
    cw_recent_note_chat(deliver->recent, made.remote, local, in->type == CW_TYPE_CHAT);
    unit = cw_unit_keep(&made);
    if (enqueue(unit) != CW_OK) { /* MSG-29 */
        cw_bounce_now(gw->bounce, in, &CW_STANZA_ERROR("resource-constraint", "wait"));
        cw_unit_end(unit, CW_AUDIT_ERROR, 0, "queue_full", "queue_full");
        free(unit);
        return;
    }
    deliver->fresh = unit;
    deliver->as_read = in;
    pump(deliver, on_response, on_fate);
    deliver->fresh = NULL;
}

static void refuse(struct cw_deliver *deliver, struct cw_sip_server_transaction *transaction,
                   const struct cw_unit *made, unsigned status)
{
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = status;
    if (status == 415) {
        response.accept = CW_LIT("text/plain"); /* MSG-71 */
    }
    cw_reply_with(deliver->gw, transaction, &response);
    cw_audit_write(deliver->gw->audit,
                   &(struct cw_audit_entry){
                       .direction = CW_FROM_SIP,
                       .kind = CW_AUDIT_MESSAGE,
                       .result = status < 300 ? CW_AUDIT_UNMAPPABLE : CW_AUDIT_ERROR,
                       .partner = made->partner.base,
                       .local = made->local,
                       .remote = made->remote,
                       .id = made->id,
                       .status = status,
                       .detail = status < 300 ? "nothing_to_carry" : cw_error_reason_phrase(status),
                   });
}

static unsigned status_of(enum cw_err err)
{
    switch ((int)err) {
    case CW_OK:
        return 200;
    case CW_ERR_MALFORMED:
        return 400; /* MSG-66 */
    case CW_ERR_UNSUPPORTED:
        return 415;
    case CW_ERR_EMPTY:
        return 202; /* MSG-73 */
    case CW_ERR_LIMIT:
        return 513; /* MSG-74 */
    default:
        return 500;
    }
}

void cw_deliver_request(struct cw_deliver *deliver, struct cw_sip_server_transaction *transaction,
                        const struct cw_deliver_request *request)
{
    struct cw_gateway *gw = deliver->gw;
    const struct cw_jid bare = cw_jid_bare(&request->remote);
    const uint64_t hold_ms = (uint64_t)gw->settings->messages.hold_ms;
    struct cw_unit made = {
        .gw = gw,
        .owner = deliver,
        .direction = CW_FROM_SIP,
        .local = request->local,
        .partner = cw_log_text(cw_admission_label(gw, request->partner)),
        .id = request->sip->call_id,
        .transaction = transaction,
    };
    struct cw_page_stanza stanza;
    struct cw_unit *unit;
    enum cw_err err = cw_jid_write(&bare, gw->arena, &made.remote);

    if (err == CW_OK) {
        err =
            cw_page_to_stanza(gw, request->sip, &request->local_jid, &request->remote,
                              cw_recent_is_chat(deliver->recent, made.remote, made.local), &stanza);
    }
    if (err != CW_OK) {
        refuse(deliver, transaction, &made, status_of(err));
        return;
    }
    made.xml = stanza.xml;
    made.stanza_id = stanza.id;
    cw_clock_random(made.trace, sizeof(made.trace));
    unit = cw_unit_keep(&made);
    if (enqueue(unit) != CW_OK) {
        cw_unit_fail_to_xmpp(unit, CW_FAIL_QUEUE_FULL);
        free(unit);
        return;
    }
    unit->hold = (struct cw_alarm){.ring = on_hold, .user = unit};
    cw_loop_set(gw->timers, &unit->hold,
                unit->received_ms + (hold_ms < HOLD_MAX_MS ? hold_ms : HOLD_MAX_MS));
    pump(deliver, on_response, on_fate);
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
        cw_unit_fail_to_sip(unit, 408, false);
        cw_turn_end(deliver->gw);
        free(unit);
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
            free(parcel);
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
