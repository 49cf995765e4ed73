/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A map from a run of bytes to a pointer, for the edge's tables. Keys are copied, values stay the
 * caller's. The hash takes a seed, so that peers who choose keys cannot choose collisions.
 *
 * Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

struct cw_map;

/** An empty map. */
struct cw_map *cw_map_new(uint64_t seed);

/** Frees the map, its keys and, with `free_value`, its values; sets NULL. `*map` may be NULL. */
void cw_map_free(struct cw_map **map, void (*free_value)(void *value));

/** Calls `each` with all values, in no order; the map must not change meanwhile. */
void cw_map_each(const struct cw_map *map, void (*each)(void *value, void *user), void *user);

/** Value of `key`, or NULL. */
void *cw_map_get(const struct cw_map *map, struct cw_bytes key);

/** Sets `key` to `value`, which is not NULL. */
void cw_map_put(struct cw_map *map, struct cw_bytes key, void *value);

/** Takes `key` out. @return its value, or NULL */
void *cw_map_take(struct cw_map *map, struct cw_bytes key);

/** Number of keys. */
size_t cw_map_count(const struct cw_map *map);
