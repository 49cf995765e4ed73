/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"
#include "hop.h"
#include "message.h"
#include "message_write.h"
#include "transport.h"

#include <causeway/clock.h>
#include <stdlib.h>

#define DATAGRAM_MAX 1300u /* RFC 3261 section 18.1.1, RFC 3428 section 8 */
#define VIA_ROOM     96u   /* what the Via of the next hop will add, about */
#define WAIT_STEP_MS 500u  /* between looks for a hop that may be used again */

static void link_hop(struct cw_sip_call *call, struct cw_sip_hop *hop)
{
    call->hop = hop;
    call->next = hop->calls;
    call->link = &hop->calls;
    if (hop->calls != NULL) {
        hop->calls->link = &call->next;
    }
    hop->calls = call;
}

static void unlink_hop(struct cw_sip_call *call)
{
    if (call->hop != NULL) {
        *call->link = call->next;
        if (call->next != NULL) {
            call->next->link = call->link;
        }
        call->hop = NULL;
    }
}

static void call_free(struct cw_sip_call *call)
{
    struct cw_sip *const sip = call->sip;

    cw_sip_timer_set(sip, &call->timer, UINT64_MAX);
    cw_sip_table_remove(&sip->clients, &call->node);
    unlink_hop(call);
    free(call->wire);
    free(call);
    cw_sip_count_transactions(sip);
}

/* Tells the user, once. The call itself stays while datagrams may come late. */
static void finish(struct cw_sip_call *call, const struct cw_sip_message *response, enum cw_err why,
                   bool over)
{
    struct cw_sip_hop *const hop = call->hop;
    cw_sip_done_fn *const done = call->done;
    void *const user = call->user;

    call->done = NULL;
    unlink_hop(call);
    free(call->wire);
    call->wire = NULL;
    if (over) {
        call_free(call);
    }
    if (done != NULL) {
        done(response, why, user);
    }
    if (hop != NULL) {
        cw_sip_hop_settle(hop);
    }
}

/* Users are never called from inside their own calls: the timer does it in the next turn. */
static void finish_later(struct cw_sip_call *call, enum cw_err why)
{
    call->outcome = why;
    cw_sip_timer_set(call->sip, &call->timer, cw_clock_now_ms());
}

static enum cw_err transmit(struct cw_sip_call *call)
{
    struct cw_sip *const sip = call->sip;
    struct cw_sip_parts parts = {
        .start = {call->wire, call->start_len},
        .rest = {call->wire + call->start_len, call->wire_len - call->start_len}};

    cw_arena_reset(sip->write_arena);
    CW_TRY(cw_sip_write_via(call->hop->transport,
                            cw_sip_transports_sent_by(sip->transports, call->hop->transport),
                            call->node.key, sip->write_arena, &parts.via));
    return cw_sip_transports_send(sip->transports, call->hop, &parts, &call->connection);
}

static size_t hop_index(const struct cw_sip *sip, const struct cw_sip_hop *hop)
{
    size_t i = 0;

    while (i < sip->hop_count && sip->hops[i] != hop) {
        i++;
    }
    return i;
}

static uint32_t bit(size_t index)
{
    return index < CW_SIP_MAX_ROUTES ? 1u << index : 0;
}

/* Datagram hops count as tried when the request is too long for them. */
static struct cw_sip_hop *choose(struct cw_sip_call *call)
{
    const struct cw_sip *const sip = call->sip;
    const struct cw_sip_route_fsm *routes[CW_SIP_MAX_ROUTES];
    uint32_t tried = call->tried;
    uint32_t random = 0;

    for (size_t i = 0; i < sip->hop_count; i++) {
        routes[i] = &sip->hops[i]->route;
        if (call->streams_only && sip->hops[i]->transport == CW_SIP_UDP) {
            tried |= bit(i);
        }
    }
    if (sip->hop_count > 1) {
        cw_clock_random(&random, sizeof(random));
    }
    const size_t index = cw_sip_route_select(routes, sip->hop_count, tried, random);
    return index == CW_SIP_ROUTE_NONE ? NULL : sip->hops[index];
}

/* A new transaction to `hop`: new branch, same Call-ID and CSeq. */
static enum cw_err attempt(struct cw_sip_call *call, struct cw_sip_hop *hop, uint64_t now_ms)
{
    struct cw_sip *const sip = call->sip;

    cw_sip_table_remove(&sip->clients, &call->node);
    memcpy(call->branch, "z9hG4bK", 7);
    cw_sip_token_write(call->branch + 7, CW_SIP_TOKEN_LEN);
    call->node.key = (struct cw_bytes){call->branch, 7 + CW_SIP_TOKEN_LEN};
    cw_sip_table_add(&sip->clients, &call->node);
    unlink_hop(call);
    link_hop(call, hop);
    call->machine = cw_sip_client_new(sip->t1_ms, hop->transport != CW_SIP_UDP);
    (void)cw_sip_client_step(&call->machine, CW_SIP_CLIENT_SEND, now_ms);
    if (call->deadline_ms == 0) {
        call->deadline_ms = call->machine.end_at_ms;
    }
    call->machine.end_at_ms = call->deadline_ms;
    cw_sip_count_request(sip, true, call->method, hop->transport);
    return transmit(call);
}

/* Goes from hop to hop until one takes the request. */
static void try_from(struct cw_sip_call *call, struct cw_sip_hop *hop, uint64_t now_ms)
{
    while (hop != NULL && now_ms < (call->deadline_ms == 0 ? UINT64_MAX : call->deadline_ms)) {
        call->tried |= bit(hop_index(call->sip, hop));
        if (attempt(call, hop, now_ms) == CW_OK) {
            cw_sip_timer_set(call->sip, &call->timer, cw_sip_client_due_ms(&call->machine));
            return;
        }
        if (call->fixed) {
            finish_later(call, CW_ERR_IO);
            return;
        }
        unlink_hop(call);
        cw_sip_hop_event(call->sip, hop, CW_SIP_ROUTE_BROKEN, -1, "sending failed");
        hop = choose(call);
    }
    finish_later(call, call->tried == 0 ? CW_ERR_NO_ROUTE : CW_ERR_TIMEOUT);
}

static void leave_hop(struct cw_sip_call *call)
{
    struct cw_sip_hop *const hop = call->hop;

    unlink_hop(call);
    if (hop != NULL) {
        cw_sip_hop_settle(hop);
    }
}

/* The hop said 503 (MSG-42): another one, or this one again if it will be back in time. */
static bool elsewhere(struct cw_sip_call *call, const struct cw_sip_message *response,
                      uint64_t now_ms)
{
    if (call->fixed) {
        return false;
    }
    cw_sip_hop_event(call->sip, call->hop, CW_SIP_ROUTE_UNAVAILABLE, response->retry_after_s,
                     "503");
    struct cw_sip_hop *const next = choose(call);
    if (next != NULL) {
        leave_hop(call);
        try_from(call, next, now_ms);
        return true;
    }
    const uint64_t rest_ms =
        response->retry_after_s < 0 ? UINT32_MAX : (uint64_t)response->retry_after_s * 1000;
    if (now_ms + rest_ms >= call->deadline_ms) {
        return false;
    }
    leave_hop(call);
    cw_sip_timer_set(call->sip, &call->timer, now_ms + rest_ms + WAIT_STEP_MS);
    return true;
}

static void look_again(struct cw_sip_call *call, uint64_t now_ms)
{
    call->tried = 0;
    struct cw_sip_hop *const hop = choose(call);
    if (hop != NULL && now_ms < call->deadline_ms) {
        try_from(call, hop, now_ms);
    } else if (now_ms + WAIT_STEP_MS < call->deadline_ms) {
        cw_sip_timer_set(call->sip, &call->timer, now_ms + WAIT_STEP_MS);
    } else {
        finish(call, NULL, CW_ERR_TIMEOUT, true);
    }
}

static void time_out(struct cw_sip_call *call)
{
    struct cw_sip *const sip = call->sip;

    if (!call->fixed) {
        cw_sip_hop_event(sip, call->hop, CW_SIP_ROUTE_DOUBTED, -1, "");
    }
    finish(call, NULL, CW_ERR_TIMEOUT, true); /* MSG-39 is the user's */
}

static void send_again(struct cw_sip_call *call)
{
    struct cw_sip *const sip = call->sip;

    if (sip->metrics != NULL) {
        CW_METRIC_INC(sip->metrics, SIP_RETRANSMISSIONS_TOTAL, cw_sip_method_name(call->method));
    }
    if (transmit(call) != CW_OK) {
        struct cw_sip_hop *const hop = call->hop;

        cw_sip_hop_event(sip, hop, CW_SIP_ROUTE_BROKEN, -1, "sending failed");
        cw_sip_client_lost(sip, hop, 0, false);
    }
}

static void on_timer(void *owner, uint64_t now_ms)
{
    struct cw_sip_call *const call = owner;

    if (call->outcome != CW_OK) {
        finish(call, NULL, call->outcome, true);
        return;
    }
    if (call->done != NULL && call->hop == NULL) {
        look_again(call, now_ms);
        return;
    }
    const unsigned effects = cw_sip_client_tick(&call->machine, now_ms);
    if ((effects & CW_SIP_CLIENT_TELL_TIMEOUT) != 0) {
        time_out(call);
        return;
    }
    if ((effects & CW_SIP_CLIENT_FREE) != 0) {
        call_free(call);
        return;
    }
    cw_sip_timer_set(call->sip, &call->timer, cw_sip_client_due_ms(&call->machine));
    if ((effects & CW_SIP_CLIENT_TRANSMIT) != 0) {
        send_again(call);
    }
}

/* The hop that the topmost Route, else the Request-URI, names; NULL: none that is configured. */
static struct cw_sip_hop *named_hop(struct cw_sip *sip, const struct cw_sip_message *request)
{
    const struct cw_bytes text =
        request->route_count != 0 ? request->routes[0] : request->request_uri;
    struct cw_sip_hop_address address;

    if (cw_sip_hop_address_read(text, &address) != CW_OK) {
        return NULL;
    }
    for (size_t i = 0; i < sip->hop_count; i++) {
        struct cw_sip_hop *const hop = sip->hops[i];

        if (cw_sip_hop_named(hop, &address) && hop->route.mode != CW_SIP_ROUTE_DOWN &&
            hop->route.mode != CW_SIP_ROUTE_RESTING) {
            return hop;
        }
    }
    return NULL;
}

/* MSG-26, MSG-27, MSG-28: what is too long for a datagram. */
static enum cw_err judge_size(const struct cw_sip *sip, const struct cw_sip_message *request,
                              size_t len, bool *streams_only)
{
    bool stream = false;

    *streams_only = false;
    if (len + VIA_ROOM <= DATAGRAM_MAX) {
        return CW_OK;
    }
    for (size_t i = 0; i < sip->hop_count; i++) {
        stream = stream || sip->hops[i]->transport != CW_SIP_UDP;
    }
    if (!sip->path_congestion_safe && (request->method == CW_SIP_MESSAGE || !stream)) {
        return CW_ERR_LIMIT;
    }
    *streams_only = stream;
    return CW_OK;
}

static enum cw_err call_new(struct cw_sip *sip, const struct cw_sip_message *request,
                            struct cw_sip_call **out)
{
    struct cw_sip_wire wire;
    bool streams_only = false;

    cw_arena_reset(sip->write_arena);
    CW_TRY(cw_sip_write_request(request, sip->max_message_size, sip->write_arena, &wire));
    CW_TRY(judge_size(sip, request, wire.start.len + wire.rest.len, &streams_only));
    struct cw_sip_call *const call = calloc(1, sizeof(*call));
    char *const copy = malloc(wire.start.len + wire.rest.len);
    if (call == NULL || copy == NULL) {
        abort();
    }
    memcpy(copy, wire.start.base, wire.start.len);
    memcpy(copy + wire.start.len, wire.rest.base, wire.rest.len);
    call->sip = sip;
    call->wire = copy;
    call->start_len = wire.start.len;
    call->wire_len = wire.start.len + wire.rest.len;
    call->method = request->method;
    call->streams_only = streams_only;
    call->timer.fire = on_timer;
    call->timer.owner = call;
    *out = call;
    return CW_OK;
}

/* Enters the table under a branch of its own even if no hop can be tried: it must be found. */
static void begin(struct cw_sip_call *call, struct cw_sip_hop *hop)
{
    if (hop == NULL) {
        cw_sip_token_write(call->branch, CW_SIP_TOKEN_LEN);
        call->node.key = (struct cw_bytes){call->branch, CW_SIP_TOKEN_LEN};
        cw_sip_table_add(&call->sip->clients, &call->node);
    }
    try_from(call, hop, cw_clock_now_ms());
    cw_sip_count_transactions(call->sip);
}

enum cw_err cw_sip_send_to(struct cw_sip *sip, struct cw_sip_hop *hop,
                           const struct cw_sip_message *request, cw_sip_done_fn *done, void *user)
{
    struct cw_sip_call *call = NULL;

    if (sip->stopped) {
        return CW_ERR_CLOSED;
    }
    CW_TRY(call_new(sip, request, &call));
    call->fixed = true;
    call->done = done;
    call->user = user;
    begin(call, hop);
    return CW_OK;
}

static void nobody(const struct cw_sip_message *response, enum cw_err why, void *user)
{
    (void)response;
    (void)why;
    (void)user;
}

enum cw_err cw_sip_send(struct cw_sip *sip, const struct cw_sip_message *request,
                        cw_sip_done_fn *done, void *user)
{
    struct cw_sip_call *call = NULL;

    if (sip->stopped) { /* asked from inside a last answer */
        return CW_ERR_CLOSED;
    }
    CW_TRY(call_new(sip, request, &call));
    call->done = done != NULL ? done : nobody;
    call->user = user;
    struct cw_sip_hop *hop = named_hop(sip, request);
    if (hop == NULL || (call->streams_only && hop->transport == CW_SIP_UDP)) {
        hop = choose(call);
    }
    begin(call, hop);
    return CW_OK;
}

void cw_sip_client_response(struct cw_sip *sip, const struct cw_sip_guarded *guarded)
{
    const uint64_t now_ms = cw_clock_now_ms();
    struct cw_sip_message response;
    const char *problem = NULL;
    struct cw_sip_node *const node = cw_sip_table_find(&sip->clients, guarded->vias[0].branch);

    if (node == NULL || guarded->via_count != 1) { /* late, or not ours (RFC 3261 8.1.3.3) */
        return;
    }
    struct cw_sip_call *const call = (struct cw_sip_call *)node;
    if (cw_sip_method_read(guarded->method) != call->method || call->outcome != CW_OK ||
        (call->done != NULL && call->hop == NULL)) {
        return;
    }
    cw_sip_count_response(sip, false, call->method, guarded->status);
    if (guarded->status < 200) {
        (void)cw_sip_client_step(&call->machine, CW_SIP_CLIENT_PROVISIONAL, now_ms);
        cw_sip_timer_set(sip, &call->timer, cw_sip_client_due_ms(&call->machine));
        return;
    }
    cw_arena_reset(sip->read_arena);
    if (call->done == NULL ||
        cw_sip_message_read(guarded, sip->read_arena, &response, &problem) != CW_OK) {
        return; /* a repetition, or not to be understood: timer F will tell */
    }
    if (response.status == 503 && elsewhere(call, &response, now_ms)) {
        return;
    }
    const unsigned effects = cw_sip_client_step(&call->machine, CW_SIP_CLIENT_FINAL, now_ms);
    cw_sip_timer_set(sip, &call->timer, cw_sip_client_due_ms(&call->machine));
    finish(call, &response, CW_OK, (effects & CW_SIP_CLIENT_FREE) != 0);
}

static struct cw_sip_call *take_all(struct cw_sip_hop *hop)
{
    struct cw_sip_call *const all = hop->calls;

    hop->calls = NULL;
    return all;
}

/* Puts a call that was taken out of the list back in. */
static void put_back(struct cw_sip_call *call, struct cw_sip_hop *hop)
{
    call->hop = NULL;
    link_hop(call, hop);
}

static void lose(struct cw_sip_call *call, struct cw_sip_hop *hop, bool was_open, uint64_t now_ms)
{
    if (was_open && !call->reconnected) {
        call->reconnected = true;
        try_from(call, hop, now_ms); /* an idle connection may end just when it is used */
        return;
    }
    (void)cw_sip_client_step(&call->machine, CW_SIP_CLIENT_TRANSPORT_ERROR, now_ms);
    if (call->fixed) {
        finish_later(call, CW_ERR_IO);
        return;
    }
    unlink_hop(call);
    try_from(call, choose(call), now_ms);
}

void cw_sip_client_lost(struct cw_sip *sip, struct cw_sip_hop *hop, uint64_t connection,
                        bool was_open)
{
    const uint64_t now_ms = cw_clock_now_ms();
    struct cw_sip_call *call = take_all(hop);

    (void)sip;
    while (call != NULL) {
        struct cw_sip_call *const next = call->next;

        put_back(call, hop);
        if (call->connection == connection && call->outcome == CW_OK && call->done != NULL) {
            lose(call, hop, was_open, now_ms);
        }
        call = next;
    }
    cw_sip_hop_settle(hop);
}

void cw_sip_client_leave(struct cw_sip *sip, struct cw_sip_hop *hop)
{
    const uint64_t now_ms = cw_clock_now_ms();
    struct cw_sip_call *call = take_all(hop);

    (void)sip;
    while (call != NULL) {
        struct cw_sip_call *const next = call->next;
        struct cw_sip_hop *other = NULL;

        put_back(call, hop);
        if (!call->fixed && call->outcome == CW_OK && call->done != NULL &&
            call->machine.state == CW_SIP_CLIENT_TRYING) {
            other = choose(call);
        }
        if (other != NULL) {
            unlink_hop(call);
            try_from(call, other, now_ms);
        }
        call = next;
    }
}

void cw_sip_client_stop(struct cw_sip *sip)
{
    struct cw_sip_node *node = NULL;

    while ((node = cw_sip_table_any(&sip->clients)) != NULL) {
        finish((struct cw_sip_call *)node, NULL, CW_ERR_CLOSED, true);
    }
}
