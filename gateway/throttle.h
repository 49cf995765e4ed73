/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Token buckets by name in bounded memory (SEC-6). When there is no room for a name, it goes on
 * with the fullest bucket of its place, as it is: an eviction never gives anybody a token, so
 * inventing names does not help, and those who asked for little lose little. Pure.
 */

#include <causeway/bytes.h>
#include <stdbool.h>
#include <stdint.h>

struct cw_throttle_rate {
    uint32_t interval_ms; /**< one token comes back */
    uint32_t burst;       /**< tokens of a full bucket */
};

struct cw_throttle;

/** @param key  secret of the hashes, so that nobody outside can aim at a bucket */
struct cw_throttle *cw_throttle_new(const uint64_t key[2], struct cw_throttle_rate rate);

/** Frees and sets NULL. */
void cw_throttle_free(struct cw_throttle **throttle);

/** Has the bucket of `who` a token? Takes none. */
bool cw_throttle_allows(const struct cw_throttle *throttle, struct cw_bytes who, uint64_t now_ms);

/** Takes a token that cw_throttle_allows() has seen. */
void cw_throttle_spend(struct cw_throttle *throttle, struct cw_bytes who, uint64_t now_ms);
