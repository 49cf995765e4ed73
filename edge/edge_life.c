/* SPDX-License-Identifier: Apache-2.0 */
#include "admin.h"
#include "edge_wiring.h"

#include <causeway/clock.h>
#include <causeway/notify.h>

#include <stdio.h>
#include <stdlib.h>

#define LINK_GRACE_MS 30000u /* without a gateway, before the edge is not ready */
#define LEAVE_MS      6000u  /* streams close in order within 5 s */
#define STATUS_SIZE   96u

static const char *phase_word(enum cw_edge_phase phase)
{
    static const char *const words[] = {[CW_EDGE_SERVING] = "serving",
                                        [CW_EDGE_DRAINING] = "draining",
                                        [CW_EDGE_LEAVING] = "closing streams",
                                        [CW_EDGE_ENDED] = "ended"};

    return words[phase];
}

bool cw_edge_checks(const struct cw_edge *edge, struct cw_edge_check_result results[CW_EDGE_CHECKS])
{
    const bool serving = edge->phase == CW_EDGE_SERVING;
    const bool policy = cw_permits_table_document(edge->shell.permits)->own_count > 0;
    const bool linked = cw_gateway_link_away_ms(edge->gateways) < LINK_GRACE_MS;

    results[0] = (struct cw_edge_check_result){"config", true, NULL};
    results[1] = (struct cw_edge_check_result){"listening", serving,
                                               serving ? NULL : phase_word(edge->phase)};
    results[2] = (struct cw_edge_check_result){"policy", policy,
                                               policy ? NULL : "no gateway has sent permits"};
    results[3] =
        (struct cw_edge_check_result){"link", linked, linked ? NULL : "no gateway for 30 s"};
    return serving && policy && linked;
}

static void note_status(struct cw_edge *edge)
{
    char status[STATUS_SIZE];

    (void)snprintf(status, sizeof(status), "%s, %zu links, %zu streams", phase_word(edge->phase),
                   cw_gateway_link_count(edge->gateways), cw_streams_count(edge->streams));
    if (!edge->was_ready && edge->ready) {
        edge->was_ready = true;
        cw_log_event(edge->shell.log, CW_EVENT_NODE_READY, "serving", NULL, 0);
    }
    (void)cw_notify_status(status);
}

static void note_ready(struct cw_edge *edge)
{
    struct cw_edge_check_result results[CW_EDGE_CHECKS];
    const bool ready = cw_edge_checks(edge, results);

    if (ready != edge->ready) {
        edge->ready = ready;
        CW_METRIC_SET(edge->shell.metrics, READY, ready ? 1.0 : 0.0, NULL);
        note_status(edge);
    }
}

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

static void leave(struct cw_edge *edge, uint64_t now_ms)
{
    edge->phase = CW_EDGE_LEAVING;
    edge->phase_until_ms = now_ms + LEAVE_MS;
    cw_sender_stop(edge->sender); /* what still waits is told as failed while the links live */
    for (struct cw_live *live = cw_streams_first(edge->streams); live != NULL; live = live->next) {
        cw_live_close(live, "system-shutdown", NULL);
    }
}

static void tick_draining(struct cw_edge *edge, uint64_t now_ms)
{
    cw_inbound_close_idle(edge->inbound);
    if (cw_sender_is_idle(edge->sender)) {
        cw_sender_close_idle(edge->sender);
    }
    if ((cw_streams_count(edge->streams) == 0 && cw_gateway_link_unsettled(edge->gateways) == 0) ||
        now_ms >= edge->phase_until_ms) {
        leave(edge, now_ms);
    }
}

void cw_edge_tick(uv_timer_t *timer)
{
    struct cw_edge *const edge = timer->data;
    const uint64_t now_ms = cw_clock_now_ms();

    cw_gateway_link_tick(edge->gateways);
    cw_sender_tick(edge->sender);
    cw_inbound_tick(edge->inbound);
    note_ready(edge);
    if (edge->phase == CW_EDGE_DRAINING) {
        tick_draining(edge, now_ms);
    } else if (edge->phase == CW_EDGE_LEAVING &&
               (cw_streams_count(edge->streams) == 0 || now_ms >= edge->phase_until_ms)) {
        if (cw_streams_count(edge->streams) > 0) {
            _Exit(CW_EXIT_OK); /* a peer that does not let go does not keep us */
        }
        end(edge);
    }
}

void cw_edge_drain(struct cw_edge *edge)
{
    if (edge->phase != CW_EDGE_SERVING) {
        return;
    }
    edge->phase = CW_EDGE_DRAINING;
    edge->shell.draining = true;
    edge->phase_until_ms = cw_clock_now_ms() + (uint64_t)edge->settings->drain.timeout_ms;
    cw_log_event(edge->shell.log, CW_EVENT_NODE_DRAIN, "draining", NULL, 0);
    CW_METRIC_SET(edge->shell.metrics, DRAINING, 1.0, NULL);
    (void)cw_notify_stopping();
    cw_listener_stop(edge->listener);
    cw_gateway_link_goaway(edge->gateways, "drain");
    note_ready(edge);
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

const struct cw_daemon_events CW_EDGE_DAEMON_EVENTS = {.on_reload = on_reload, .on_stop = on_stop};
