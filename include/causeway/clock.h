/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The only place that reads a clock. Pure code gets `now_ms` as an argument.
 */

#include <stdint.h>

/** Monotonic milliseconds; never goes back, starts anywhere. */
uint64_t cw_clock_now_ms(void);

/** Wall clock, milliseconds since 1970-01-01 UTC. For stamps in documents and logs only. */
int64_t cw_clock_wall_ms(void);

/** `len` bytes from the system's random source; aborts the process when there is none. */
void cw_clock_random(void *out, unsigned len);
