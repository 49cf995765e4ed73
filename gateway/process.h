/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One gateway process: made of its configuration, reloaded, drained, ended.
 */

#include "gateway.h"

#include <causeway/http.h>

struct cw_process {
    struct cw_gateway gw;
    const char *config; /**< path, borrowed */
    bool strict;
    struct cw_gateway_settings
        *boot_settings; /**< what listeners and links were made of; lives as long */
    struct cw_tls *link_tls, *sip_server_tls, *sip_client_tls;
    struct cw_http *http;
    struct cw_loop_lag *lag;
    struct cw_daemon *daemon;
    struct uv_timer_s *tick; /**< readiness, gauges, progress of a drain */
    uint64_t started_ms;
    uint64_t drain_deadline_ms; /**< 0: not draining */
    bool was_ready;             /**< /startupz */
    bool is_ready;
};

/**
 * Reads the configuration again and puts it in force, all or nothing.
 *
 * @param trigger  "signal" or "api", for the metric
 * @param report   malloc'ed findings, and the keys that wait for a restart; the caller frees
 * @return CW_OK or CW_ERR_CONFIG (nothing changed)
 */
CW_MUST_USE enum cw_err cw_process_reload(struct cw_process *process, const char *trigger,
                                          char **report);

/** Stops in order: no new work, what is in flight ends within drain.timeout, then the loop ends.
 * Twice: now. */
void cw_process_drain(struct cw_process *process);

/** One check of /readyz. */
struct cw_ready_check {
    const char *name;
    bool ok;
    char detail[96];
};
#define CW_READY_CHECKS 4u

/** Fills all checks; true when every one passes. */
bool cw_process_ready(const struct cw_process *process,
                      struct cw_ready_check checks[CW_READY_CHECKS]);
