/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include "edge_pool.h"
#include "flow.h"

#include <causeway/clock.h>
#include <causeway/loop_lag.h>
#include <causeway/notify.h>

#include <stdio.h>
#include <uv.h>

static void check_config(const struct cw_process *p, struct cw_ready_check *check)
{
    check->name = "config";
    check->ok = !p->gw.draining;
    (void)snprintf(check->detail, sizeof(check->detail), "%s",
                   p->gw.draining ? "draining" : "loaded");
}

static void check_links(const struct cw_process *p, struct cw_ready_check *check)
{
    check->name = "link";
    check->ok = cw_edge_pool_is_up(p->gw.edges);
    (void)snprintf(check->detail, sizeof(check->detail), "%s",
                   check->ok ? "an edge is connected" : "no edge is connected");
}

static void check_routes(const struct cw_process *p, struct cw_ready_check *check)
{
    struct cw_sip_route_state routes[CW_SIP_MAX_ROUTES];
    const size_t count = cw_sip_routes(p->gw.sip, routes, CW_SIP_MAX_ROUTES);
    size_t up = 0;

    for (size_t i = 0; i < count && i < CW_SIP_MAX_ROUTES; i++) {
        up += routes[i].up ? 1u : 0u;
    }
    check->name = "sip";
    check->ok = up > 0;
    (void)snprintf(check->detail, sizeof(check->detail), "%zu of %zu routes up", up, count);
}

static void check_loop(const struct cw_process *p, struct cw_ready_check *check)
{
    const uint64_t age_ms = cw_loop_lag_age_ms(p->lag);

    check->name = "loop";
    check->ok = age_ms < 5000;
    (void)snprintf(check->detail, sizeof(check->detail), "last tick %llu ms ago",
                   (unsigned long long)age_ms);
}

bool cw_process_ready(const struct cw_process *process,
                      struct cw_ready_check checks[CW_READY_CHECKS])
{
    bool ready = true;

    check_config(process, &checks[0]);
    check_links(process, &checks[1]);
    check_routes(process, &checks[2]);
    check_loop(process, &checks[3]);
    for (size_t i = 0; i < CW_READY_CHECKS; i++) {
        ready = ready && checks[i].ok;
    }
    return ready;
}

void cw_process_drain(struct cw_process *process)
{
    if (process->drain_deadline_ms != 0) {
        uv_stop(process->gw.loop);
        return;
    }
    CW_LOG(process->gw.log, NODE_DRAIN, "draining", {"role", CW_LIT("gateway")});
    (void)cw_notify_stopping();
    process->gw.draining = true;
    process->drain_deadline_ms =
        cw_clock_now_ms() + (uint64_t)process->gw.settings->drain.timeout_ms + 1;
    CW_METRIC_SET(process->gw.metrics, DRAINING, 1.0, NULL);
    cw_sip_set_draining(process->gw.sip, true);
    cw_flow_drain(&process->gw);
}
