/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The process: owns every part of the edge, ties them together, and knows whether it starts,
 * serves, drains or ends.
 */

#include "certificates.h"
#include "connector.h"
#include "gateway_link.h"
#include "inbound.h"
#include "listener.h"
#include "sender.h"
#include "settings.h"
#include "streams.h"
#include "turned_away.h"

#include <causeway/daemon.h>
#include <causeway/loop_lag.h>
#include <uv.h>

enum cw_edge_phase {
    CW_EDGE_SERVING,
    CW_EDGE_DRAINING, /**< no new work; what is in flight ends */
    CW_EDGE_LEAVING,  /**< streams close */
    CW_EDGE_ENDED     /**< all parts are gone but the loop */
};

struct cw_admin;

struct cw_edge {
    const char *config; /**< path */
    bool strict;
    struct uv_loop_s loop;
    struct cw_shell shell;
    struct cw_edge_settings
        *boot; /**< those that the process started with; parts borrow from them */
    struct cw_edge_settings *settings; /**< those in force; the same until a reload */
    struct cw_certificates *certificates;
    struct cw_tls *link_tls;
    struct cw_dns *dns;
    struct cw_streams *streams;
    struct cw_connector *connector;
    struct cw_sender *sender;
    struct cw_turned_away *turned_away; /**< whom the gateways have not been told of yet */
    uint64_t told_ms;                   /**< when they were told last */
    struct cw_gateway_link *gateways;
    struct cw_inbound *inbound;
    struct cw_listener *listener;
    struct cw_admin *admin;
    struct cw_daemon *daemon;
    struct cw_loop_lag *lag;
    uv_timer_t tick;
    enum cw_edge_phase phase;
    bool ready;     /**< as last told */
    bool was_ready; /**< ever */
    uint64_t started_ms;
    uint64_t phase_until_ms; /**< end of the wait in DRAINING and LEAVING */
    uint64_t settled_ms;     /**< since when there are only closing tags to wait for; 0: not yet */
};
