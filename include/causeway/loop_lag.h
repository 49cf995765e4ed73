/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Health of an event loop: a 100 ms timer that tells how late it fires. Feeds
 * event_loop_lag_seconds and event_loop_busy_seconds_total, and answers "did the loop tick lately?"
 * for /livez.
 */

#include <causeway/metrics.h>

struct cw_loop_lag;
struct uv_loop_s;

/** Starts the probe on `loop`; it keeps no loop alive. @param thread label value, e.g. "0" */
struct cw_loop_lag *cw_loop_lag_start(struct uv_loop_s *loop, struct cw_metrics *metrics,
                                      const char *thread);

/** Milliseconds since the last tick. */
uint64_t cw_loop_lag_age_ms(const struct cw_loop_lag *lag);

/** Stops and sets NULL; the memory goes when the loop has closed the timer. */
void cw_loop_lag_stop(struct cw_loop_lag **lag);
