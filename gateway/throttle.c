/* SPDX-License-Identifier: Apache-2.0 */
#include "throttle.h"

#include "table.h"

#include <stdlib.h>

#define SETS 2048u
#define WAYS 8u

/* A bucket is the time when it will be full: a past one is full, and 0 has never been used. */
struct bucket {
    uint64_t hash;
    uint64_t full_at_ms;
};

struct cw_throttle {
    uint64_t key[2];
    struct cw_throttle_rate rate;
    struct bucket sets[SETS][WAYS];
};

struct cw_throttle *cw_throttle_new(const uint64_t key[2], struct cw_throttle_rate rate)
{
    struct cw_throttle *throttle = calloc(1, sizeof(*throttle));

    if (throttle == NULL) {
        abort();
    }
    throttle->key[0] = key[0];
    throttle->key[1] = key[1];
    throttle->rate = rate;
    return throttle;
}

void cw_throttle_free(struct cw_throttle **throttle)
{
    free(*throttle);
    *throttle = NULL;
}

/* The way of `hash` in its set, or the fullest one there, which it may take over. */
static size_t way_of(const struct bucket *set, uint64_t hash)
{
    size_t fullest = 0;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].hash == hash) {
            return i;
        }
        if (set[i].full_at_ms < set[fullest].full_at_ms) {
            fullest = i;
        }
    }
    return fullest;
}

static uint64_t hash_of(const struct cw_throttle *throttle, struct cw_bytes who)
{
    return cw_table_hash(throttle->key, who);
}

/* When the bucket would be full with one token less. */
static uint64_t full_after(const struct cw_throttle *throttle, const struct bucket *bucket,
                           uint64_t now_ms)
{
    return (bucket->full_at_ms > now_ms ? bucket->full_at_ms : now_ms) + throttle->rate.interval_ms;
}

bool cw_throttle_allows(const struct cw_throttle *throttle, struct cw_bytes who, uint64_t now_ms)
{
    const uint64_t hash = hash_of(throttle, who);
    const struct bucket *set = throttle->sets[hash % SETS];
    const uint64_t whole_ms = (uint64_t)throttle->rate.interval_ms * throttle->rate.burst;

    return full_after(throttle, &set[way_of(set, hash)], now_ms) <= now_ms + whole_ms;
}

void cw_throttle_spend(struct cw_throttle *throttle, struct cw_bytes who, uint64_t now_ms)
{
    const uint64_t hash = hash_of(throttle, who);
    struct bucket *set = throttle->sets[hash % SETS];
    struct bucket *bucket = &set[way_of(set, hash)];

    *bucket = (struct bucket){.hash = hash, .full_at_ms = full_after(throttle, bucket, now_ms)};
}
