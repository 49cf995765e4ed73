/* SPDX-License-Identifier: Apache-2.0 */
#include "link_connection.h"

#include <causeway/clock.h>
#include <causeway/frame_write.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t new_epoch(void)
{
    uint64_t epoch = 0;

    while (epoch == 0) {
        cw_clock_random(&epoch, sizeof(epoch));
    }
    return epoch;
}

static void make_meters(struct cw_link *link)
{
    struct cw_metrics *const metrics = link->config->metrics;
    const char *const peer[] = {link->label};
    const char *const in[] = {link->label, "in"};
    const char *const out[] = {link->label, "out"};

    if (metrics == NULL) {
        return;
    }
    link->meters = (struct cw_link_meters){
        .up = cw_metrics_child(metrics, CW_METRIC_LINK_UP, peer),
        .in_flight = cw_metrics_child(metrics, CW_METRIC_LINK_IN_FLIGHT, peer),
        .round_trip = cw_metrics_child(metrics, CW_METRIC_LINK_ROUND_TRIP_SECONDS, peer),
        .revision = cw_metrics_child(metrics, CW_METRIC_LINK_PEER_CONFIG_REVISION, peer),
        .frames_in = cw_metrics_child(metrics, CW_METRIC_LINK_FRAMES_TOTAL, in),
        .frames_out = cw_metrics_child(metrics, CW_METRIC_LINK_FRAMES_TOTAL, out),
        .bytes_in = cw_metrics_child(metrics, CW_METRIC_LINK_BYTES_TOTAL, in),
        .bytes_out = cw_metrics_child(metrics, CW_METRIC_LINK_BYTES_TOTAL, out),
    };
}

struct cw_link *cw_link_new(const struct cw_link_config *config, bool is_edge, const char *label,
                            const struct cw_link_events *events, void *user)
{
    struct cw_link *const link = calloc(1, sizeof(*link));

    if (link == NULL) {
        abort();
    }
    link->config = config;
    link->events = *events;
    link->user = user;
    link->session =
        cw_session_new(is_edge, config->node, config->pool, new_epoch(), config->unsettled_max);
    link->label = strdup(label);
    if (link->label == NULL) {
        abort();
    }
    make_meters(link);
    return link;
}

void cw_link_free(struct cw_link *link)
{
    cw_session_free(&link->session);
    free(link->label);
    free(link->goaway_reason);
    free(link->permits);
    free(link);
}

void cw_link_tell(struct cw_link *link, struct cw_sent *sent, enum cw_fate fate,
                  enum cw_fail reason)
{
    const struct cw_frame_ack ack = {sent->seq, fate, reason};
    void *const cookie = sent->cookie;

    free(sent);
    if (link->events.on_fate != NULL) {
        link->events.on_fate(link, &ack, cookie, link->user);
    }
}

void cw_link_shut(struct cw_link *link)
{
    struct cw_link_connection *const connection = link->connection;
    struct cw_sent *sent;
    bool was_sent;

    if (connection != NULL) {
        cw_link_flush(link);
        link->connection = NULL;
        cw_link_connection_let_go(connection);
    }
    link->closed = true;
    while ((sent = cw_session_abandoned(link->session, &was_sent)) != NULL) {
        cw_link_tell(link, sent, CW_FATE_AMBIGUOUS, CW_FAIL_SHUTDOWN);
    }
    link->events = (struct cw_link_events){0};
    if (link->meters.up != NULL) {
        cw_metric_set(link->meters.up, 0.0);
        cw_metric_set(link->meters.in_flight, 0.0);
    }
}

static bool has_room(const struct cw_link_connection *connection)
{
    return cw_tls_stream_queued(connection->stream) < CW_TLS_STREAM_HIGH;
}

void cw_link_pump(struct cw_link *link)
{
    struct cw_link_connection *const connection = link->connection;
    const struct cw_sent *sent;

    while (connection != NULL && has_room(connection) &&
           (sent = cw_ack_out_next(link->session->out)) != NULL) {
        cw_link_connection_write(connection, sent->frame, sent->len);
    }
}

static void write_ack(struct cw_link *link, const struct cw_frame_ack *ack)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];

    cw_link_connection_write(link->connection, frame,
                             cw_frame_write_ack(ack, frame, sizeof(frame)));
}

void cw_link_flush(struct cw_link *link)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];
    struct cw_frame_credit credit;

    if (link->connection == NULL) {
        return;
    }
    if (link->taken.seq != 0) {
        write_ack(link, &link->taken);
        link->taken.seq = 0;
    }
    while (cw_credit_pay(link->session->credit_in, &credit)) {
        cw_link_connection_write(link->connection, frame,
                                 cw_frame_write_credit(&credit, frame, sizeof(frame)));
    }
    if (link->meters.in_flight != NULL) {
        cw_metric_set(link->meters.in_flight, (double)cw_ack_out_count(link->session->out));
    }
}

void cw_link_wake(struct cw_link *link)
{
    const struct cw_session *const session = link->session;
    struct cw_bytes partner;
    size_t index = 0;

    while (!session->peer_leaving &&
           cw_credit_wake(session->credit_out, cw_session_has_room(session), &index, &partner)) {
        if (link->events.on_credit != NULL) {
            link->events.on_credit(link, partner, link->user);
        }
    }
}

static const char *cause_word(enum cw_err why)
{
    switch ((unsigned)why) {
    case CW_OK:
        return "closed";
    case CW_ERR_TLS:
        return "tls";
    case CW_ERR_TIMEOUT:
        return "timeout";
    case CW_ERR_PROTOCOL:
        return "protocol";
    case CW_ERR_REFUSED:
        return "refused";
    default:
        return "io";
    }
}

static void count_up(struct cw_link *link)
{
    if (link->ever_up && link->config->metrics != NULL) {
        CW_METRIC_INC(link->config->metrics, LINK_RECONNECTS_TOTAL, link->label,
                      cause_word(link->why));
    }
    link->ever_up = true;
    link->why = CW_OK;
    link->detail[0] = '\0';
    if (link->meters.up != NULL) {
        cw_metric_set(link->meters.up, 1.0);
    }
    CW_LOG(link->config->log, LINK_UP, "link is up", {"peer", cw_log_text(link->session->peer)},
           {"address", cw_log_text(cw_tls_stream_peer(link->connection->stream))});
}

/* What the peer must hear again, and what it has not heard yet. */
static void catch_up(struct cw_link *link)
{
    struct cw_frame_ack ack;
    size_t index = 0;

    while (cw_ack_in_retell(link->session->in, &index, &ack)) {
        write_ack(link, &ack);
    }
    link->taken.seq = 0;
    cw_link_push_permits(link);
    if (link->goaway_reason != NULL) {
        cw_link_goaway(link, link->goaway_reason);
    }
    cw_link_flush(link);
}

void cw_link_up(struct cw_link *link, struct cw_link_connection *connection,
                const struct cw_frame_hello *peer)
{
    struct cw_sent *sent;

    connection->link = link;
    connection->up = true;
    connection->pinged_ms = cw_clock_now_ms();
    connection->heard_ms = connection->pinged_ms;
    link->connection = connection;
    if (link->paused) {
        cw_tls_stream_pause(connection->stream, true);
    }
    if (link->meters.revision != NULL) {
        cw_metric_set(link->meters.revision, (double)peer->revision);
    }
    count_up(link);
    catch_up(link);
    if (link->events.on_up != NULL) {
        link->events.on_up(link, peer, link->user);
    }
    while (!link->closed && (sent = cw_session_pop_lost(link->session)) != NULL) {
        cw_link_tell(link, sent, CW_FATE_AMBIGUOUS, CW_FAIL_NONE);
    }
    if (link->connection == connection) {
        cw_link_connection_ping(connection);
        cw_link_connection_dirty(connection);
    }
}

/* @return is it news? */
static bool remember(struct cw_link *link, enum cw_err why, const char *detail)
{
    const bool is_news = strcmp(link->detail, detail) != 0;

    link->why = why;
    if (is_news) {
        (void)snprintf(link->detail, sizeof(link->detail), "%s", detail);
    }
    return is_news;
}

static void log_down(const struct cw_link *link)
{
    CW_LOG(link->config->log, LINK_DOWN, "link is down", {"peer", cw_log_text(link->label)},
           {"code", cw_log_text(cause_word(link->why))}, {"reason", cw_log_text(link->detail)});
}

void cw_link_note(struct cw_link *link, enum cw_err why, const char *detail)
{
    if (remember(link, why, detail)) {
        log_down(link);
    }
}

void cw_link_down(struct cw_link *link, enum cw_err why, const char *detail)
{
    link->connection = NULL;
    if (link->meters.up != NULL) {
        cw_metric_set(link->meters.up, 0.0);
    }
    (void)remember(link, why, detail);
    if (link->session->leaving || link->session->peer_leaving) {
        CW_LOG(link->config->log, LINK_CLOSED, "link was ended in order",
               {"peer", cw_log_text(link->label)}, {"reason", cw_log_text(link->detail)});
    } else {
        log_down(link);
    }
    if (link->events.on_down != NULL) {
        link->events.on_down(link, why, detail, link->user);
    }
}
