/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Records by key that are worth keeping for a while: bounded in number and age, the oldest goes
 * first. Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

struct cw_shelf;

/** A record leaves the shelf, for whatever reason; `record` is freed afterwards. */
typedef void cw_shelf_gone_fn(void *record, void *user);

/**
 * @param hash_key  random
 * @param max       most records
 * @param ttl_ms    age at which one is as good as gone
 * @param gone      NULL: nobody cares
 */
struct cw_shelf *cw_shelf_new(const uint64_t hash_key[2], size_t max, uint64_t ttl_ms,
                              cw_shelf_gone_fn *gone, void *user);

/** Frees all and sets NULL; `*shelf` may be NULL. */
void cw_shelf_free(struct cw_shelf **shelf);

/** A new record of `size` octets under `key`, zeroed and aligned for any type; one that is there
 * already goes. Lives until it is too old, pushed out, removed or replaced. */
void *cw_shelf_put(struct cw_shelf *shelf, struct cw_bytes key, size_t size, uint64_t now_ms);

/** The record of `key`, or NULL. */
void *cw_shelf_find(struct cw_shelf *shelf, struct cw_bytes key, uint64_t now_ms);

/** No effect if there is none. */
void cw_shelf_remove(struct cw_shelf *shelf, struct cw_bytes key);

size_t cw_shelf_count(const struct cw_shelf *shelf);
