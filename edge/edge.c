/* SPDX-License-Identifier: Apache-2.0 */
#include "edge.h"

#include "admin.h"
#include "edge_drain.h"
#include "edge_health.h"
#include "edge_reload.h"
#include "edge_wiring.h"
#include "settings_read.h"

#include <causeway/clock.h>
#include <causeway/notify.h>

#include <stdio.h>
#include <stdlib.h>

#define TICK_MS 500u

/* Takes the parts down that only streams kept; the loop ends when their handles are closed. */
static void end(struct cw_edge *edge)
{
    edge->phase = CW_EDGE_ENDED;
    cw_sender_stop(edge->sender);
    cw_gateway_link_free(&edge->gateways);
    cw_inbound_free(&edge->inbound);
    cw_listener_free(&edge->listener);
    cw_sender_free(&edge->sender);
    cw_connector_free(&edge->connector);
    cw_streams_free(&edge->streams);
    cw_dns_free(&edge->dns);
    cw_admin_free(&edge->admin);
    cw_daemon_stop(&edge->daemon);
    cw_loop_lag_stop(&edge->lag);
    uv_close((uv_handle_t *)&edge->tick, NULL);
}

static void on_tick(uv_timer_t *timer)
{
    struct cw_edge *const edge = timer->data;

    cw_gateway_link_tick(edge->gateways);
    cw_sender_tick(edge->sender);
    cw_inbound_tick(edge->inbound);
    cw_edge_tell_knocks(edge);
    cw_streams_tick(edge->streams);
    cw_edge_note_ready(edge);
    if (cw_edge_drain_tick(edge)) {
        end(edge);
    }
}

static void on_stop(void *user)
{
    struct cw_edge *const edge = user;

    if (edge->phase != CW_EDGE_SERVING) {
        _Exit(CW_EXIT_OK); /* told a second time: now */
    }
    cw_edge_drain(edge);
}

static void on_reload(void *user)
{
    (void)cw_notify_reloading();
    if (cw_edge_reload(user, "signal") != CW_OK) {
        (void)cw_notify_status("the new configuration was rejected; the old one is in force");
    }
    (void)cw_notify_ready(NULL);
}

static const struct cw_daemon_events DAEMON_EVENTS = {.on_reload = on_reload, .on_stop = on_stop};

static const char *or_unnamed(const char *problem)
{
    return problem != NULL ? problem : "no reason given";
}

/* @return CW_OK, or the error with `*problem` */
static enum cw_err build_outward(struct cw_edge *edge, const char **problem)
{
    const struct cw_edge_settings *const s = edge->settings;
    const struct cw_dns_settings dns = {.servers = s->dns.servers.items,
                                        .server_count = s->dns.servers.count,
                                        .dnssec = s->dns.dnssec};
    const struct cw_outbox_limits limits = cw_edge_outbox_limits(s);

    CW_TRY(cw_dns_new(&edge->loop, &dns, edge->shell.metrics, &edge->dns, problem));
    edge->streams = cw_streams_new(&edge->shell, cw_edge_on_report, edge);
    edge->connector = cw_connector_new(&edge->shell, edge->dns, edge->streams);
    edge->sender = cw_sender_new(&edge->shell, edge->connector, &limits, cw_edge_on_fate, edge);
    return CW_OK;
}

static enum cw_err build_inward(struct cw_edge *edge, const char **problem)
{
    const struct cw_edge_settings *const s = edge->settings;
    const struct cw_gateway_link_settings link = {.address = s->link.listen,
                                                  .node = s->node.name,
                                                  .pool = s->node.pool,
                                                  .tls = edge->link_tls,
                                                  .peer_names = s->link.peer_names.items,
                                                  .peer_name_count = s->link.peer_names.count};
    const struct cw_listener_settings ports = {
        .addresses = s->s2s.listen.items,
        .address_count = s->s2s.listen.count,
        .total_max = (size_t)s->limits.connections,
        .address_max = (size_t)s->limits.connections_per_address,
    };

    CW_TRY(cw_gateway_link_new(&edge->shell, &link, &CW_EDGE_GATEWAY_EVENTS, edge, &edge->gateways,
                               problem));
    edge->inbound = cw_inbound_new(&edge->shell, edge->streams, edge->connector, edge->gateways,
                                   &CW_EDGE_INBOUND_EVENTS, edge);
    CW_TRY(cw_listener_new(&edge->shell, &ports, edge->inbound, edge->gateways, &edge->listener,
                           problem));
    return cw_admin_new(edge, &edge->admin, problem);
}

static void start(struct cw_edge *edge)
{
    edge->lag = cw_loop_lag_start(&edge->loop, edge->shell.metrics, "0");
    edge->daemon = cw_daemon_start(&edge->loop, &DAEMON_EVENTS, edge);
    edge->tick.data = edge;
    (void)uv_timer_init(&edge->loop, &edge->tick);
    (void)uv_timer_start(&edge->tick, on_tick, TICK_MS, TICK_MS);
    CW_LOG(edge->shell.log, NODE_START, "started", {"version", CW_LIT(CAUSEWAY_VERSION)},
           {"config", cw_log_text(edge->config)});
    (void)cw_notify_ready("waiting for a gateway");
}

static void open_base(struct cw_edge *edge)
{
    const struct cw_edge_settings *const s = edge->settings;

    (void)uv_loop_init(&edge->loop);
    edge->started_ms = cw_clock_now_ms();
    edge->shell.loop = &edge->loop;
    edge->shell.log = cw_log_new((enum cw_log_format)s->log.format, (enum cw_log_level)s->log.level,
                                 s->node.name);
    edge->shell.metrics = cw_metrics_new("edge");
    cw_metrics_set_log(edge->shell.metrics, edge->shell.log);
    edge->shell.permits = cw_permits_table_new();
    edge->turned_away = cw_turned_away_new();
    cw_clock_random(&edge->shell.seed, sizeof(edge->shell.seed));
    cw_edge_set_environment(edge);
    cw_certificates_note(edge->certificates, edge->shell.metrics);
    CW_METRIC_SET(edge->shell.metrics, READY, 0.0, NULL);
    CW_METRIC_SET(edge->shell.metrics, DRAINING, 0.0, NULL);
    CW_METRIC_SET(edge->shell.metrics, CONFIG_LAST_RELOAD_SUCCESSFUL, 1.0, NULL);
}

/* After the loop: what the parts borrowed. */
static void close_base(struct cw_edge *edge)
{
    cw_log_event(edge->shell.log, CW_EVENT_NODE_STOP, "stopped", NULL, 0);
    (void)uv_loop_close(&edge->loop);
    cw_permits_table_free(&edge->shell.permits);
    cw_turned_away_free(&edge->turned_away);
    cw_metrics_free(&edge->shell.metrics);
    cw_log_free(&edge->shell.log);
}

static int serve(struct cw_edge *edge)
{
    const char *problem = NULL;
    enum cw_err err;

    open_base(edge);
    err = build_outward(edge, &problem);
    if (err == CW_OK) {
        err = build_inward(edge, &problem);
    }
    if (err != CW_OK) {
        (void)fprintf(stderr, "causeway-edge: cannot start: %s\n", or_unnamed(problem));
        _Exit(err == CW_ERR_CONFIG ? CW_EXIT_CONFIG : CW_EXIT_FAILED); /* nothing to take down */
    }
    start(edge);
    (void)uv_run(&edge->loop, UV_RUN_DEFAULT);
    close_base(edge);
    return CW_EXIT_OK;
}

static bool read_credentials(struct cw_edge *edge)
{
    const char *problem = NULL;

    if (cw_certificates_new(edge->settings, &edge->certificates, &edge->certificates, &problem) ==
            CW_OK &&
        cw_certificates_link(edge->settings, &edge->link_tls, &problem) == CW_OK) {
        return true;
    }
    (void)fprintf(stderr, "causeway-edge: %s\n", or_unnamed(problem));
    return false;
}

int cw_edge_run(const char *config, bool strict)
{
    struct cw_edge edge = {.config = config, .strict = strict};
    char *report = NULL;
    int code = CW_EXIT_CREDENTIALS;

    if (cw_edge_settings_read(config, CW_EDGE_CHECK_VALUES, strict, &report, &edge.boot) != CW_OK) {
        (void)fputs(report, stderr);
        free(report);
        return CW_EXIT_CONFIG;
    }
    (void)fputs(report, stderr);
    free(report);
    edge.settings = edge.boot;
    if (read_credentials(&edge)) {
        code = serve(&edge);
    }
    cw_certificates_free(&edge.certificates);
    cw_tls_free(&edge.link_tls);
    if (edge.settings != edge.boot) {
        cw_edge_settings_free(&edge.settings);
    }
    cw_edge_settings_free(&edge.boot);
    return code;
}
