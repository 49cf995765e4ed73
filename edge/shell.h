/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What the parts of the edge's shell share: the loop, the log, the metrics, the permits, chance.
 * Owned by struct cw_edge, borrowed by all parts, older than each of them.
 */

#include "permits.h"
#include "stream.h"

#include <causeway/log.h>
#include <causeway/metrics.h>

struct uv_loop_s;

struct cw_shell {
    struct uv_loop_s *loop;
    struct cw_log *log;
    struct cw_metrics *metrics;
    struct cw_permits_table *permits;
    struct cw_stream_environment environment; /**< of all streams */
    uint64_t seed;                            /**< of all chance; changes with each use */
    uint64_t streams_made;                    /**< numbers of streams */
    bool draining;
};
