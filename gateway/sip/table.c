/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdlib.h>

static void grow(struct cw_sip_table *table)
{
    const size_t size = table->size == 0 ? 64 : table->size * 2;
    struct cw_sip_node **const buckets = calloc(size, sizeof(struct cw_sip_node *));

    if (buckets == NULL) {
        abort();
    }
    for (size_t i = 0; i < table->size; i++) {
        struct cw_sip_node *node = table->buckets[i];

        while (node != NULL) {
            struct cw_sip_node *const next = node->next;

            node->next = buckets[node->hash & (size - 1)];
            buckets[node->hash & (size - 1)] = node;
            node = next;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->size = size;
}

uint64_t cw_sip_hash(uint64_t seed, struct cw_bytes key)
{
    uint64_t hash = seed ^ 0x9e3779b97f4a7c15ull ^ key.len;
    size_t at = 0;

    for (; at + 8 <= key.len; at += 8) {
        uint64_t word = 0;

        memcpy(&word, key.base + at, 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccdull;
        hash ^= hash >> 32;
    }
    for (; at < key.len; at++) {
        hash = (hash ^ (unsigned char)key.base[at]) * 0x100000001b3ull;
    }
    hash *= 0xc4ceb9fe1a85ec53ull;
    return hash ^ (hash >> 29);
}

void cw_sip_table_init(struct cw_sip_table *table, uint64_t seed)
{
    *table = (struct cw_sip_table){.seed = seed};
}

void cw_sip_table_clear(struct cw_sip_table *table)
{
    free(table->buckets);
    table->buckets = NULL;
    table->size = 0;
    table->count = 0;
}

void cw_sip_table_add(struct cw_sip_table *table, struct cw_sip_node *node)
{
    if (table->count >= table->size) {
        grow(table);
    }
    node->hash = cw_sip_hash(table->seed, node->key);
    struct cw_sip_node **const bucket = &table->buckets[node->hash & (table->size - 1)];
    node->next = *bucket;
    *bucket = node;
    table->count++;
}

struct cw_sip_node *cw_sip_table_find(const struct cw_sip_table *table, struct cw_bytes key)
{
    if (table->count == 0) {
        return NULL;
    }
    const uint64_t hash = cw_sip_hash(table->seed, key);
    struct cw_sip_node *node = table->buckets[hash & (table->size - 1)];
    while (node != NULL && (node->hash != hash || !cw_bytes_equal(node->key, key))) {
        node = node->next;
    }
    return node;
}

void cw_sip_table_remove(struct cw_sip_table *table, struct cw_sip_node *node)
{
    if (node->key.base == NULL) {
        return;
    }
    struct cw_sip_node **at = &table->buckets[node->hash & (table->size - 1)];
    while (*at != node) {
        at = &(*at)->next;
    }
    *at = node->next;
    node->key = (struct cw_bytes){NULL, 0};
    table->count--;
}

struct cw_sip_node *cw_sip_table_any(const struct cw_sip_table *table)
{
    for (size_t i = 0; i < table->size && table->count != 0; i++) {
        if (table->buckets[i] != NULL) {
            return table->buckets[i];
        }
    }
    return NULL;
}
