/* SPDX-License-Identifier: Apache-2.0 */
#include "map.h"

#include <stdlib.h>

#define FIRST_BUCKETS ((size_t)16) /* a power of two */

struct entry {
    struct entry *next;
    uint64_t hash;
    void *value;
    size_t len;
    char key[];
};

struct cw_map {
    struct entry **buckets;
    size_t bucket_count; /**< a power of two */
    size_t count;
    uint64_t seed;
};

static struct entry **buckets_new(size_t count)
{
    struct entry **const buckets = calloc(count, sizeof(struct entry *));

    if (buckets == NULL) {
        abort();
    }
    return buckets;
}

/* FNV-1a from a seeded start, with a final mix so that the low bits depend on all of the key. */
static uint64_t hash_of(uint64_t seed, struct cw_bytes key)
{
    uint64_t hash = seed ^ UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < key.len; i++) {
        hash = (hash ^ (uint8_t)key.base[i]) * UINT64_C(0x100000001b3);
    }
    hash = (hash ^ (hash >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    return hash ^ (hash >> 33);
}

/* The place that points at the entry of `key`, or at the NULL that ends its chain. */
static struct entry **place_of(const struct cw_map *map, struct cw_bytes key, uint64_t hash)
{
    struct entry **place = &map->buckets[hash & (map->bucket_count - 1)];

    while (*place != NULL &&
           ((*place)->hash != hash ||
            !cw_bytes_equal((struct cw_bytes){(*place)->key, (*place)->len}, key))) {
        place = &(*place)->next;
    }
    return place;
}

static void grow(struct cw_map *map)
{
    const size_t bucket_count = map->bucket_count * 2;
    struct entry **const buckets = buckets_new(bucket_count);

    for (size_t i = 0; i < map->bucket_count; i++) {
        for (struct entry *entry = map->buckets[i], *next; entry != NULL; entry = next) {
            struct entry **const head = &buckets[entry->hash & (bucket_count - 1)];

            next = entry->next;
            entry->next = *head;
            *head = entry;
        }
    }
    free(map->buckets);
    map->buckets = buckets;
    map->bucket_count = bucket_count;
}

struct cw_map *cw_map_new(uint64_t seed)
{
    struct cw_map *const map = malloc(sizeof(*map));

    if (map == NULL) {
        abort();
    }
    *map = (struct cw_map){
        .buckets = buckets_new(FIRST_BUCKETS), .bucket_count = FIRST_BUCKETS, .seed = seed};
    return map;
}

void cw_map_free(struct cw_map **map, void (*free_value)(void *value))
{
    if (*map == NULL) {
        return;
    }
    for (size_t i = 0; i < (*map)->bucket_count; i++) {
        for (struct entry *entry = (*map)->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            if (free_value != NULL) {
                free_value(entry->value);
            }
            free(entry);
        }
    }
    free((*map)->buckets);
    free(*map);
    *map = NULL;
}

void cw_map_each(const struct cw_map *map, void (*each)(void *value, void *user), void *user)
{
    for (size_t i = 0; i < map->bucket_count; i++) {
        for (struct entry *entry = map->buckets[i]; entry != NULL; entry = entry->next) {
            each(entry->value, user);
        }
    }
}

void *cw_map_get(const struct cw_map *map, struct cw_bytes key)
{
    const struct entry *const entry = *place_of(map, key, hash_of(map->seed, key));

    return entry != NULL ? entry->value : NULL;
}

void cw_map_put(struct cw_map *map, struct cw_bytes key, void *value)
{
    const uint64_t hash = hash_of(map->seed, key);
    struct entry **const place = place_of(map, key, hash);

    if (*place != NULL) {
        (*place)->value = value;
        return;
    }

    struct entry *const entry = malloc(sizeof(*entry) + key.len);

    if (entry == NULL) {
        abort();
    }
    *entry = (struct entry){.hash = hash, .value = value, .len = key.len};
    if (key.len > 0) {
        memcpy(entry->key, key.base, key.len);
    }
    *place = entry;
    map->count++;
    if (map->count > map->bucket_count) {
        grow(map);
    }
}

void *cw_map_take(struct cw_map *map, struct cw_bytes key)
{
    struct entry **const place = place_of(map, key, hash_of(map->seed, key));
    struct entry *const entry = *place;

    if (entry == NULL) {
        return NULL;
    }

    void *const value = entry->value;

    *place = entry->next;
    free(entry);
    map->count--;
    return value;
}

size_t cw_map_count(const struct cw_map *map)
{
    return map->count;
}
