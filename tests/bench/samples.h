/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Latencies of a run, and the CPU time of the processes under test.
 */

#include <stddef.h>
#include <stdint.h>

struct samples {
    uint32_t *us;
    size_t count;
    size_t room;
};

/** Room for `room` samples; later ones are not kept. */
void samples_init(struct samples *samples, size_t room);

/** Adds one latency. */
void samples_add(struct samples *samples, uint64_t ns);

/** The `permille`-th of the sorted samples, microseconds; 0 without any. Sorts. */
uint32_t samples_at(struct samples *samples, unsigned permille);

/** User and system time that `pid` has used, microseconds; 0 if it cannot be read. */
uint64_t cpu_us(long pid);

/** Resident memory of `pid`, KiB; 0 if it cannot be read. */
uint64_t rss_kib(long pid);
