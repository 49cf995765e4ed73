/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_drain.h"

#include "edge_health.h"

#include <causeway/clock.h>
#include <causeway/notify.h>

#include <stdlib.h>

#define LEAVE_MS 6000u /* streams close in order within 5 s */

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
    if (cw_streams_count(edge->streams) > 0 && now_ms >= edge->phase_until_ms) {
        _Exit(CW_EXIT_OK); /* a peer that does not let go does not keep us */
    }
    return cw_streams_count(edge->streams) == 0;
}
