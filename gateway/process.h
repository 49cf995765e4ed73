/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One gateway process: made of its configuration, reloaded, drained, ended.
 */

#include "gateway.h"
#include "policy_document.h"

#include <causeway/http.h>

/** The revision of the policy document that is in force. */
struct cw_policy_head {
    uint64_t revision; /**< 0: nothing was ever committed */
    int64_t created_s;
    char author[CW_POLICY_AUTHOR_MAX + 1];
    char comment[CW_POLICY_COMMENT_MAX + 1];
};

struct cw_process {
    struct cw_gateway gw;
    struct cw_policy_document *document; /**< in force beside the files */
    struct cw_policy_head head;          /**< its revision */
    bool committing;                     /**< another one is on its way into the store */
    bool reload_due;                     /**< a signal came meanwhile */
    const char *config;                  /**< path, borrowed */
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
 * @return CW_OK, CW_ERR_CONFIG (nothing changed) or CW_ERR_BUSY (a commit is under way; the reload
 * follows it)
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
