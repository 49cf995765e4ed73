/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <stdlib.h>

#define FIRST_ROOM 16u /* a power of two, as every later size */

struct slot {
    struct cw_bytes key; /* base NULL: free */
    uint64_t hash;
    void *value;
};

struct cw_table {
    uint64_t secret[2];
    struct slot *slots;
    size_t room;
    size_t count;
};

static uint64_t turn(uint64_t x, unsigned by)
{
    return (x << by) | (x >> (64 - by));
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = turn(v[1], 13) ^ v[0];
    v[3] = turn(v[3], 16) ^ v[2];
    v[0] = turn(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = turn(v[1], 17) ^ v[2];
    v[3] = turn(v[3], 21) ^ v[0];
    v[2] = turn(v[2], 32);
}

/* Up to eight octets, little-endian, as the algorithm's authors defined it. */
static uint64_t word(const unsigned char *at, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

static void absorb(uint64_t v[4], uint64_t block)
{
    v[3] ^= block;
    mix(v);
    mix(v);
    v[0] ^= block;
}

uint64_t cw_table_hash(const uint64_t key[2], struct cw_bytes data)
{
    const unsigned char *at = (const unsigned char *)data.base;
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    size_t left = data.len;

    for (; left >= 8; left -= 8, at += 8) {
        absorb(v, word(at, 8));
    }
    absorb(v, word(at, left) | (uint64_t)(data.len & 0xFF) << 56);
    v[2] ^= 0xFF;
    for (int i = 0; i < 4; i++) {
        mix(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct cw_table *cw_table_new(const uint64_t key[2])
{
    struct cw_table *table = calloc(1, sizeof(*table));

    if (table == NULL) {
        abort();
    }
    table->secret[0] = key[0];
    table->secret[1] = key[1];
    return table;
}

void cw_table_free(struct cw_table **table)
{
    if (*table != NULL) {
        free((*table)->slots);
    }
    free(*table);
    *table = NULL;
}

/* The slot of `key`, or the free one where it would go. */
static struct slot *seek(const struct cw_table *table, struct cw_bytes key, uint64_t hash)
{
    size_t at = (size_t)hash & (table->room - 1);

    while (table->slots[at].key.base != NULL &&
           (table->slots[at].hash != hash || !cw_bytes_equal(table->slots[at].key, key))) {
        at = (at + 1) & (table->room - 1);
    }
    return &table->slots[at];
}

static void grow(struct cw_table *table)
{
    struct slot *old = table->slots;
    const size_t count = table->room;

    table->room = count == 0 ? FIRST_ROOM : count * 2;
    table->slots = calloc(table->room, sizeof(struct slot));
    if (table->slots == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        if (old[i].key.base != NULL) {
            *seek(table, old[i].key, old[i].hash) = old[i];
        }
    }
    free(old);
}

void *cw_table_find(const struct cw_table *table, struct cw_bytes key)
{
    if (table->count == 0 || key.base == NULL) {
        return NULL;
    }
    return seek(table, key, cw_table_hash(table->secret, key))->value;
}

void cw_table_add(struct cw_table *table, struct cw_bytes key, void *value)
{
    const uint64_t hash = cw_table_hash(table->secret, key);

    if ((table->count + 1) * 4 > table->room * 3) {
        grow(table);
    }
    *seek(table, key, hash) = (struct slot){.key = key, .hash = hash, .value = value};
    table->count++;
}

/* Moves later members of the chain into the hole, so that no search ends there. */
static void close_hole(struct cw_table *table, size_t hole)
{
    const size_t mask = table->room - 1;
    size_t at = hole;

    for (;;) {
        size_t home;

        at = (at + 1) & mask;
        if (table->slots[at].key.base == NULL) {
            break;
        }
        home = (size_t)table->slots[at].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            table->slots[hole] = table->slots[at];
            hole = at;
        }
    }
    table->slots[hole] = (struct slot){0};
}

void *cw_table_remove(struct cw_table *table, struct cw_bytes key)
{
    struct slot *slot;
    void *value;

    if (table->count == 0 || key.base == NULL) {
        return NULL;
    }
    slot = seek(table, key, cw_table_hash(table->secret, key));
    value = slot->value;
    if (slot->key.base != NULL) {
        close_hole(table, (size_t)(slot - table->slots));
        table->count--;
    }
    return value;
}

size_t cw_table_count(const struct cw_table *table)
{
    return table->count;
}

void *cw_table_next(const struct cw_table *table, size_t *cursor)
{
    while (*cursor < table->room) {
        const struct slot *slot = &table->slots[(*cursor)++];

        if (slot->key.base != NULL) {
            return slot->value;
        }
    }
    return NULL;
}
