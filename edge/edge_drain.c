/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_drain.h"

#include "edge_health.h"

#include <causeway/clock.h>
#include <causeway/notify.h>

#define TICK_MS  100u
#define CLOSE_MS 1000u /* many a server never answers our closing tag */

/* `wait_ms`: for the closing tags of streams that are still up. */
static void leave(struct cw_edge *edge, uint64_t now_ms, uint64_t wait_ms)
{
    edge->phase = CW_EDGE_LEAVING;
    edge->phase_until_ms = now_ms + wait_ms;
    cw_sender_stop(edge->sender); /* what still waits is told as failed while the links live */
    for (struct cw_live *live = cw_streams_first(edge->streams); live != NULL; live = live->next) {
        if (!live->closed_by_us) {
            cw_live_close(live, "system-shutdown", NULL);
        }
    }
}

/* Are closing tags all that is awaited? */
static bool is_settled(const struct cw_edge *edge)
{
    if (cw_gateway_link_unsettled(edge->gateways) > 0 || cw_sender_is_busy(edge->sender)) {
        return false;
    }
    for (const struct cw_live *live = cw_streams_first(edge->streams); live != NULL;
         live = live->next) {
        if (!live->closed_by_us) {
            return false;
        }
    }
    return true;
}

static void tick_draining(struct cw_edge *edge, uint64_t now_ms)
{
    cw_inbound_close_idle(edge->inbound);
    if (cw_sender_is_idle(edge->sender)) {
        cw_sender_close_idle(edge->sender);
    }

    const bool settled = is_settled(edge);

    if (!settled) {
        edge->settled_ms = 0;
    } else if (edge->settled_ms == 0) {
        edge->settled_ms = now_ms;
    }
    if (settled &&
        (cw_streams_count(edge->streams) == 0 || now_ms >= edge->settled_ms + CLOSE_MS)) {
        leave(edge, now_ms, 0);
    } else if (now_ms >= edge->phase_until_ms) {
        leave(edge, now_ms, CLOSE_MS);
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
    cw_edge_note_ready(edge);
    uv_timer_set_repeat(&edge->tick, TICK_MS);
    (void)uv_timer_again(&edge->tick);
}

bool cw_edge_drain_tick(struct cw_edge *edge)
{
    const uint64_t now_ms = cw_clock_now_ms();

    if (edge->phase == CW_EDGE_DRAINING) {
        tick_draining(edge, now_ms);
        return false;
    }
    if (edge->phase != CW_EDGE_LEAVING) {
        return false;
    }
    if (now_ms >= edge->phase_until_ms) { /* a peer that does not let go does not keep us */
        for (struct cw_live *live = cw_streams_first(edge->streams); live != NULL;
             live = live->next) {
            cw_stream_abandon(live->stream);
        }
    }
    return cw_streams_count(edge->streams) == 0;
}
