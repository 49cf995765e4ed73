/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Rate limit of one log event: a bucket of 50 that fills with 10 a second. What is withheld is
 * counted, and told by one log.suppressed.
 */

#include <stdbool.h>
#include <stdint.h>

enum { CW_LOG_BURST = 50, CW_LOG_PER_SECOND = 10 };

struct cw_log_rate {
    uint64_t last_ms;
    uint32_t spent_thousandths; /**< of a line; 0: the bucket is full */
    uint32_t withheld;          /**< since the last summary */
};

/** May the event be written at `now_ms`? Else it is counted as withheld. */
bool cw_log_rate_take(struct cw_log_rate *rate, uint64_t now_ms);
