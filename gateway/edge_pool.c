/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_pool.h"

#include "alarm.h"
#include "downgrade.h"
#include "ledger.h"
#include "loop.h"
#include "permits.h"
#include "receipts.h"
#include "roster.h"
#include "table.h"
#include "turn.h"
#include "turn_away.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

#define RENEW_MS      60000u /* a third of the permits' lease */
#define ADDRESS_LEN   272u   /* a domain name, a colon, a port */
#define UNSETTLED_MAX 10000u
#define LAG_MS        5000u /* a policy is applied in milliseconds; so long means trouble */

struct edge {
    struct cw_edge_pool *pool;
    struct cw_link *link;
    char address[ADDRESS_LEN];
    char detail[160];
    uint64_t applied_revision;
    uint64_t pushed_ms; /* when it was sent the newest revision */
    uint64_t applied_in_ms;
    bool lag_told;
    struct cw_edge_streams streams;
    struct cw_receipts receipts;
};

struct cw_edge_pool {
    struct cw_gateway *gw;
    struct cw_tls *tls;
    cw_edge_stanza_fn *on_stanza;
    struct edge *edges;
    size_t count;
    struct cw_alarm renewal;
    uint64_t key[2];
    struct cw_downgrade *methods;
    bool closing;
};

/* Whoever waits for the fate of one stanza. */
struct waiter {
    cw_edge_fate_fn *on_fate;
    void *user;
};

/* The link itself logs its ups and downs. */
static void on_up(struct cw_link *link, const struct cw_frame_hello *peer, void *user)
{
    struct edge *edge = user;

    (void)link;
    (void)peer;
    edge->detail[0] = '\0';
    edge->pushed_ms = cw_clock_now_ms();
}

static void on_down(struct cw_link *link, enum cw_err why, const char *detail, void *user)
{
    struct edge *edge = user;

    (void)link;
    (void)snprintf(edge->detail, sizeof(edge->detail), "%s%s%s", cw_err_text(why),
                   detail != NULL && detail[0] != '\0' ? ": " : "", detail != NULL ? detail : "");
    cw_edge_streams_clear(&edge->streams);
}

static void on_stanza(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user)
{
    struct edge *edge = user;

    edge->pool->on_stanza(edge->pool->gw, link, stanza);
}

static void on_fate(struct cw_link *link, const struct cw_frame_ack *ack, void *cookie, void *user)
{
    struct edge *edge = user;
    struct waiter *waiter = cookie;

    (void)link;
    if (ack->fate == CW_FATE_TAKEN || waiter == NULL) {
        return; /* the edge has it; the fate on the wire is still to come */
    }
    cw_turn_begin(edge->pool->gw);
    waiter->on_fate(ack->fate, ack->reason, waiter->user);
    cw_turn_end(edge->pool->gw);
    free(waiter);
}

static void on_applied(struct cw_link *link, uint64_t revision, void *user)
{
    struct edge *edge = user;

    (void)link;
    edge->applied_revision = revision;
    if (revision == edge->pool->gw->revision) {
        edge->applied_in_ms = cw_clock_now_ms() - edge->pushed_ms;
        edge->lag_told = false;
    }
    CW_LOG(edge->pool->gw->log, POLICY_APPLIED, "an edge has put the policy in force",
           {"peer", cw_log_text(edge->address)});
}

/* PARTNERS section 2: somebody may be between us and a domain that did better. */
static void watch_method(const struct cw_edge_pool *pool, const struct cw_frame_report *report)
{
    const struct cw_gateway *gw = pool->gw;
    const char *const dir = report->outgoing ? "out" : "in";
    const enum cw_method was =
        cw_downgrade_note(pool->methods, report->outgoing, report->remote_domain, report->method);

    if (was != CW_METHOD_NONE) {
        cw_turn_begin(pool->gw);
        CW_METRIC_INC(
            gw->metrics, S2S_DOWNGRADES_TOTAL,
            cw_partner_label(cw_partners_find(gw->partners, report->remote_domain), gw->arena),
            dir);
        CW_LOG(gw->log, S2S_DOWNGRADED, "a domain proved itself by a weaker method than before",
               {"domain", report->remote_domain}, {"dir", cw_log_text(dir)},
               {"was", cw_log_text(cw_method_name(was))},
               {"method", cw_log_text(cw_method_name(report->method))});
        cw_turn_end(pool->gw);
    }
}

static void on_report(struct cw_link *link, const struct cw_frame_report *report, void *user)
{
    struct edge *edge = user;

    (void)link;
    if (report->up) {
        watch_method(edge->pool, report);
    }
    cw_edge_streams_note(&edge->streams, report, cw_clock_now_ms());
}

static void on_knocks(struct cw_link *link, const struct cw_frame_knocks *knocks, void *user)
{
    const struct edge *edge = user;

    (void)link;
    cw_turn_away_told(edge->pool->gw, knocks);
}

static const struct cw_link_events EVENTS = {
    .on_up = on_up,
    .on_down = on_down,
    .on_stanza = on_stanza,
    .on_fate = on_fate,
    .on_applied = on_applied,
    .on_report = on_report,
    .on_knocks = on_knocks,
};

/* A renewal of what it has already is no push. */
static void note_push(struct edge *edge)
{
    if (edge->applied_revision != edge->pool->gw->revision) {
        edge->pushed_ms = cw_clock_now_ms();
    }
}

static void push(struct cw_edge_pool *pool)
{
    struct cw_arena *arena = cw_arena_new((size_t)8 * CW_FRAME_MAX_PAYLOAD);
    struct cw_bytes payload;

    if (cw_permits_of_policy(pool->gw, arena, &payload) == CW_OK) {
        for (size_t i = 0; i < pool->count; i++) {
            note_push(&pool->edges[i]);
            cw_link_set_permits(pool->edges[i].link, pool->gw->revision, payload);
        }
    } else {
        CW_LOG(pool->gw->log, CONFIG_REJECTED, "the policy does not fit into one frame",
               {"limit", CW_LIT("262144")});
    }
    cw_arena_free(&arena);
}

static void on_renewal(struct cw_alarm *alarm, void *user)
{
    struct cw_edge_pool *pool = user;

    push(pool);
    cw_loop_set(pool->gw->timers, alarm, cw_clock_now_ms() + RENEW_MS);
}

struct cw_edge_pool *cw_edge_pool_new(struct cw_gateway *gw, struct cw_tls *tls,
                                      cw_edge_stanza_fn *on_stanza_in)
{
    struct cw_edge_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL) {
        abort();
    }
    pool->gw = gw;
    pool->tls = tls;
    pool->on_stanza = on_stanza_in;
    pool->renewal = (struct cw_alarm){.ring = on_renewal, .user = pool};
    cw_clock_random(pool->key, sizeof(pool->key));
    pool->methods = cw_downgrade_new(pool->key);
    return pool;
}

void cw_edge_pool_start(struct cw_edge_pool *pool)
{
    const struct cw_gateway_settings *settings = pool->gw->settings;
    const struct cw_link_settings link = {
        .node = settings->node.name,
        .pool = settings->node.pool,
        .tls = pool->tls,
        .peer_names = settings->edge.peer_names.items,
        .peer_name_count = settings->edge.peer_names.count,
        .heartbeat_ms = (uint32_t)settings->edge.heartbeat_ms,
        .fail_after_ms = (uint32_t)settings->edge.fail_after_ms,
        .unsettled_max = UNSETTLED_MAX,
        .log = pool->gw->log,
        .metrics = pool->gw->metrics,
    };

    pool->count = settings->edge.connect.count;
    pool->edges = calloc(pool->count + 1, sizeof(struct edge));
    if (pool->edges == NULL) {
        abort();
    }
    for (size_t i = 0; i < pool->count; i++) {
        struct edge *edge = &pool->edges[i];

        edge->pool = pool;
        (void)snprintf(edge->address, sizeof(edge->address), "%s", settings->edge.connect.items[i]);
        edge->link = cw_link_dial(pool->gw->loop, &link, edge->address, &EVENTS, edge);
    }
    on_renewal(&pool->renewal, pool);
}

void cw_edge_pool_free(struct cw_edge_pool **pool)
{
    struct cw_edge_pool *old = *pool;

    if (old == NULL) {
        return;
    }
    old->closing = true;
    cw_loop_clear(old->gw->timers, &old->renewal);
    for (size_t i = 0; i < old->count; i++) {
        cw_link_close(&old->edges[i].link);
        cw_edge_streams_clear(&old->edges[i].streams);
    }
    cw_downgrade_free(&old->methods);
    free(old->edges);
    free(old);
    *pool = NULL;
}

void cw_edge_pool_policy_changed(struct cw_edge_pool *pool)
{
    push(pool);
}

void cw_edge_pool_goaway(struct cw_edge_pool *pool, const char *reason)
{
    for (size_t i = 0; i < pool->count; i++) {
        cw_link_goaway(pool->edges[i].link, reason);
    }
}

bool cw_edge_pool_is_up(const struct cw_edge_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        if (cw_link_is_up(pool->edges[i].link)) {
            return true;
        }
    }
    return false;
}

size_t cw_edge_pool_unsettled(const struct cw_edge_pool *pool)
{
    size_t sum = 0;

    for (size_t i = 0; i < pool->count; i++) {
        sum += cw_link_unsettled(pool->edges[i].link);
    }
    return sum;
}

/* One edge for a domain pair as long as it is up, so that the order of its stanzas holds
 * (STREAM-84). */
static struct edge *choose(const struct cw_edge_pool *pool, struct cw_bytes to_domain)
{
    const size_t first = (size_t)(cw_table_hash(pool->key, to_domain) % pool->count);

    for (size_t i = 0; i < pool->count; i++) {
        struct edge *edge = &pool->edges[(first + i) % pool->count];

        if (cw_link_is_up(edge->link)) {
            return edge;
        }
    }
    return &pool->edges[first];
}

static enum cw_err make_frame(struct cw_edge_pool *pool, const struct cw_edge_stanza *stanza,
                              struct cw_frame_stanza *frame)
{
    const struct cw_partner *partner;

    *frame = (struct cw_frame_stanza){.class = stanza->class, .xml = stanza->xml};
    CW_TRY(cw_jid_domain_ascii(stanza->from.domain, pool->gw->arena, &frame->from_domain));
    CW_TRY(cw_jid_domain_ascii(stanza->to.domain, pool->gw->arena, &frame->to_domain));
    partner = cw_partners_find(pool->gw->partners, frame->to_domain);
    frame->partner = partner != NULL ? partner->domain : frame->to_domain;
    if (stanza->trace != NULL) {
        memcpy(frame->trace, stanza->trace, sizeof(frame->trace));
    } else {
        cw_clock_random(frame->trace, sizeof(frame->trace));
    }
    return CW_OK;
}

enum cw_err cw_edge_pool_send(struct cw_edge_pool *pool, const struct cw_edge_stanza *stanza)
{
    struct cw_frame_stanza frame;
    struct waiter *waiter = NULL;
    struct edge *edge;
    enum cw_err err;

    if (pool->closing || pool->count == 0) {
        return CW_ERR_CLOSED;
    }
    CW_TRY(make_frame(pool, stanza, &frame));
    edge = choose(pool, frame.to_domain);
    if (!cw_link_is_up(edge->link) && stanza->class == CW_CLASS_MESSAGE &&
        stanza->on_fate != NULL) {
        return CW_ERR_CLOSED; /* the sender can still be told */
    }
    if (stanza->on_fate != NULL) {
        waiter = calloc(1, sizeof(*waiter));
        if (waiter == NULL) {
            abort();
        }
        *waiter = (struct waiter){.on_fate = stanza->on_fate, .user = stanza->user};
    }
    err = cw_link_send(edge->link, &frame, waiter);
    if (err != CW_OK) {
        free(waiter);
    }
    return err;
}

static uint64_t durable(const struct cw_edge_pool *pool)
{
    return cw_ledger_reported(cw_roster_ledger(pool->gw->roster));
}

static void settle(const struct edge *edge, uint64_t seq)
{
    if (seq != 0) {
        cw_link_settle(edge->link, seq, CW_FATE_TAKEN, CW_FAIL_NONE);
    }
}

void cw_edge_pool_taken(struct cw_edge_pool *pool, struct cw_link *link, uint64_t seq,
                        uint64_t write)
{
    for (size_t i = 0; i < pool->count; i++) {
        struct edge *edge = &pool->edges[i];

        if (edge->link == link) {
            settle(edge, cw_receipts_note(&edge->receipts, seq, write, durable(pool)));
        }
    }
}

void cw_edge_pool_durable(struct cw_edge_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        struct edge *edge = &pool->edges[i];

        settle(edge, cw_receipts_durable(&edge->receipts, durable(pool)));
    }
}

static uint64_t lag_of(const struct edge *edge)
{
    return edge->applied_revision == edge->pool->gw->revision ? 0
                                                              : cw_clock_now_ms() - edge->pushed_ms;
}

static void tell_lag(struct edge *edge)
{
    edge->lag_told = true;
    CW_LOG(edge->pool->gw->log, LINK_REVISION_LAG, "an edge has not put the newest policy in force",
           {"peer", cw_log_text(edge->address)});
}

void cw_edge_pool_watch_lag(struct cw_edge_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        struct edge *edge = &pool->edges[i];

        if (!edge->lag_told && cw_link_is_up(edge->link) && lag_of(edge) > LAG_MS) {
            tell_lag(edge);
        }
    }
}

void cw_edge_pool_edges(const struct cw_edge_pool *pool, cw_edge_visit_fn *visit, void *user)
{
    for (size_t i = 0; i < pool->count; i++) {
        const struct edge *edge = &pool->edges[i];

        visit(
            &(struct cw_edge_state){
                .address = edge->address,
                .peer = cw_link_peer(edge->link),
                .up = cw_link_is_up(edge->link),
                .round_trip_us = cw_link_round_trip_us(edge->link),
                .unsettled = cw_link_unsettled(edge->link),
                .applied_revision = edge->applied_revision,
                .lag_ms = lag_of(edge),
                .applied_in_ms = edge->applied_in_ms,
                .detail = edge->detail,
            },
            user);
    }
}

void cw_edge_pool_streams(const struct cw_edge_pool *pool, cw_stream_visit_fn *visit, void *user)
{
    for (size_t i = 0; i < pool->count; i++) {
        cw_edge_streams_visit(&pool->edges[i].streams, cw_link_peer(pool->edges[i].link),
                              cw_clock_now_ms(), visit, user);
    }
}
