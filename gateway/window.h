/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * How many there were within the last minute, never too few: a second counts whole until the minute
 * after its end is over. A bucket would let twice its size through in its first minute. Pure.
 */

#include <stdint.h>

#define CW_WINDOW_SLOTS 61u

/** All zero: none. */
struct cw_window {
    uint64_t second; /**< of the last look */
    uint32_t sum;
    uint32_t slots[CW_WINDOW_SLOTS]; /**< by second */
};

/** How many within the last 60 s. */
uint32_t cw_window_sum(struct cw_window *window, uint64_t now_ms);

/** One more. */
void cw_window_add(struct cw_window *window, uint64_t now_ms);
