/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_wiring.h"

#include "permit_change.h"
#include "review.h"
#include "words.h"

#include <causeway/clock.h>

/* Until the first permits say otherwise; PARTNERS.md section 1. */
#define ESTABLISHMENT_S 60u
#define INACTIVITY_S    600u
#define KEEP_ALIVE_S    300u

#define KNOCK_MS 1000u /* between two frames that tell who was turned away */

static void on_stanza(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user)
{
    struct cw_edge *const edge = user;
    const struct cw_pair pair = {.own = stanza->from_domain, .remote = stanza->to_domain};
    const struct cw_outbox_item item = {
        .owner = link, .seq = stanza->seq, .class = stanza->class, .xml = stanza->xml};

    if (cw_permits_table_find(edge->shell.permits, stanza->to_domain) == NULL) {
        cw_turned_away_note(edge->turned_away, true, stanza->to_domain, (struct cw_bytes){0});
    }
    if (edge->phase >= CW_EDGE_LEAVING) {
        cw_link_settle(link, stanza->seq, CW_FATE_FAILED, CW_FAIL_SHUTDOWN);
    } else {
        cw_sender_send(edge->sender, pair, &item);
    }
}

void cw_edge_on_fate(void *owner, uint64_t seq, enum cw_fate fate, enum cw_fail why, void *user)
{
    const struct cw_edge *const edge = user;

    if (why == CW_FAIL_QUEUE_FULL) {
        CW_LOG(edge->shell.log, QUEUE_FULL, "a stanza found no room in the queue",
               {"dir", CW_LIT("out")});
    }
    if (owner != NULL) {
        cw_link_settle(owner, seq, fate, why);
    }
}

void cw_edge_on_report(const struct cw_frame_report *report, void *user)
{
    const struct cw_edge *const edge = user;

    if (edge->gateways != NULL) {
        cw_gateway_link_report(edge->gateways, report);
    }
}

static void on_permits(void *user)
{
    struct cw_edge *const edge = user;
    const struct cw_permits *const permits = cw_permits_table_document(edge->shell.permits);

    cw_edge_set_environment(edge);
    CW_METRIC_SET(edge->shell.metrics, CONFIG_REVISION, (double)permits->revision, NULL);
    cw_log_event(edge->shell.log, CW_EVENT_POLICY_APPLIED,
                 permits->count > 0 ? "permits are in force" : "no permits are in force", NULL, 0);
}

/* The way to a domain may be another one now, or open again. */
static void review_way(struct cw_edge *edge, const struct cw_permit *before)
{
    const struct cw_permit *const now = cw_permits_table_find(edge->shell.permits, before->domain);

    if (now == NULL || !cw_permit_equal(before, now)) {
        cw_sender_forgive(edge->sender, before->domain);
    }
    if (now != NULL && !cw_bytes_equal(before->proxy, now->proxy)) {
        cw_sender_reroute(edge->sender, before->domain);
    }
}

static void on_change(const struct cw_permits_table *before, void *user)
{
    struct cw_edge *const edge = user;
    const struct cw_permits *const old = cw_permits_table_document(before);

    for (size_t i = 0; i < old->count; i++) {
        review_way(edge, &old->permits[i]);
    }
    cw_sender_review(edge->sender);
    cw_review_streams(edge->streams, &edge->shell, before);
}

static void on_room(struct cw_bytes partner, void *user)
{
    struct cw_edge *const edge = user;

    if (edge->inbound != NULL) {
        cw_inbound_room(edge->inbound, partner);
    }
    if (partner.base == NULL && edge->streams != NULL) {
        cw_streams_report_all(edge->streams);
    }
}

static void on_link_fate(void *cookie, enum cw_fate fate, void *user)
{
    struct cw_edge *const edge = user;

    cw_inbound_fate(edge->inbound, cookie, fate);
}

const struct cw_gateway_link_events CW_EDGE_GATEWAY_EVENTS = {
    .on_stanza = on_stanza,
    .on_permits = on_permits,
    .on_change = on_change,
    .on_room = on_room,
    .on_fate = on_link_fate,
};

static void on_bounce(struct cw_pair pair, const struct cw_outbox_item *stanza, void *user)
{
    struct cw_edge *const edge = user;

    if (edge->phase < CW_EDGE_LEAVING) {
        cw_sender_send(edge->sender, pair, stanza);
    }
}

static void on_alive(struct cw_bytes remote, void *user)
{
    struct cw_edge *const edge = user;

    if (edge->phase == CW_EDGE_SERVING) {
        cw_sender_alive(edge->sender, remote);
    }
}

static void on_gone(void *cookie, void *user)
{
    struct cw_edge *const edge = user;

    cw_listener_gone(edge->listener, cookie);
}

const struct cw_inbound_events CW_EDGE_INBOUND_EVENTS = {
    .on_bounce = on_bounce,
    .on_alive = on_alive,
    .on_gone = on_gone,
};

static const struct cw_permit *permit_of(struct cw_bytes remote, void *user)
{
    const struct cw_edge *const edge = user;

    return cw_permits_table_find(edge->shell.permits, remote);
}

static bool is_own(struct cw_bytes domain, void *user)
{
    const struct cw_edge *const edge = user;

    return cw_permits_table_is_own(edge->shell.permits, domain);
}

static struct cw_tls *tls_of(struct cw_bytes own, bool server, void *user)
{
    const struct cw_edge *const edge = user;

    return cw_certificates_find(edge->certificates, own, server);
}

static void on_turned_away(struct cw_bytes remote, struct cw_bytes peer, void *user)
{
    const struct cw_edge *const edge = user;

    cw_turned_away_note(edge->turned_away, false, remote, peer);
}

void cw_edge_tell_knocks(struct cw_edge *edge)
{
    const uint64_t now_ms = cw_clock_now_ms();
    struct cw_frame_knocks knocks;

    if (now_ms - edge->told_ms >= KNOCK_MS && cw_gateway_link_count(edge->gateways) > 0 &&
        cw_turned_away_take(edge->turned_away, &knocks)) {
        edge->told_ms = now_ms;
        cw_gateway_link_knocks(edge->gateways, &knocks);
    }
}

static uint32_t or_else_ms(uint32_t seconds, uint32_t fallback_s)
{
    return (seconds != 0 ? seconds : fallback_s) * 1000u;
}

void cw_edge_set_environment(struct cw_edge *edge)
{
    const struct cw_permits *const permits = cw_permits_table_document(edge->shell.permits);
    const char *const secret = edge->boot->dialback.secret; /* old streams go on to use it */

    edge->shell.environment = (struct cw_stream_environment){
        .loop = &edge->loop,
        .permit = permit_of,
        .is_own = is_own,
        .turned_away = on_turned_away,
        .tls = tls_of,
        .dialback_secret = {secret, strlen(secret)},
        .establishment_timeout_ms =
            or_else_ms(permits->stream_establishment_timeout_s, ESTABLISHMENT_S),
        .inactivity_timeout_ms = or_else_ms(permits->stream_inactivity_timeout_s, INACTIVITY_S),
        .keep_alive_interval_ms = or_else_ms(permits->keep_alive_interval_s, KEEP_ALIVE_S),
        .max_stanza_size = (uint32_t)edge->settings->limits.max_stanza_size,
        .next_number = &edge->shell.streams_made,
        .log = edge->shell.log,
        .metrics = edge->shell.metrics,
        .user = edge,
    };
}

struct cw_outbox_limits cw_edge_outbox_limits(const struct cw_edge_settings *settings)
{
    return (struct cw_outbox_limits){
        .per_pair = (size_t)settings->limits.queue_per_pair,
        .partner_bytes = (size_t)settings->limits.queue_per_partner,
        .bytes = (size_t)settings->limits.queue_bytes,
        .ttl_ms = (uint64_t)settings->limits.queue_ttl_ms,
    };
}
