/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A hash table of things that carry their own node. It grows by doubling and owns only its buckets.
 */

#include <causeway/bytes.h>
#include <stdint.h>

struct cw_sip_node {
    struct cw_sip_node *next;
    uint64_t hash;
    struct cw_bytes key; /**< lives in the thing that holds the node; absent: not in a table */
};

struct cw_sip_table {
    struct cw_sip_node **buckets;
    size_t size; /**< a power of two */
    size_t count;
    uint64_t seed; /**< keeps others from choosing keys that meet in one bucket */
};

/** Empty. */
void cw_sip_table_init(struct cw_sip_table *table, uint64_t seed);

/** Gives the buckets back; the nodes are the caller's. */
void cw_sip_table_clear(struct cw_sip_table *table);

/** Adds `node` under its `key`. Equal keys may stand beside each other; the newest is found. */
void cw_sip_table_add(struct cw_sip_table *table, struct cw_sip_node *node);

/** NULL if there is none. */
struct cw_sip_node *cw_sip_table_find(const struct cw_sip_table *table, struct cw_bytes key);

/** Takes `node` out, if it is in, and makes its key absent. */
void cw_sip_table_remove(struct cw_sip_table *table, struct cw_sip_node *node);

/** Any node, to empty a table; NULL when it is empty. */
struct cw_sip_node *cw_sip_table_any(const struct cw_sip_table *table);

/** Seeded 64-bit hash of `key`. */
uint64_t cw_sip_hash(uint64_t seed, struct cw_bytes key);
