/* SPDX-License-Identifier: Apache-2.0 */
#include "pair_set.h"

#include <stdlib.h>

static bool is_pair(const struct cw_stream_pair *pair, struct cw_bytes own, struct cw_bytes remote)
{
    return cw_bytes_equal(cw_domain_bytes(&pair->remote), remote) &&
           cw_bytes_equal(cw_domain_bytes(&pair->own), own);
}

void cw_pair_set_clear(struct cw_pair_set *set)
{
    free(set->pairs);
    *set = (struct cw_pair_set){NULL, 0};
}

struct cw_stream_pair *cw_pair_set_find(const struct cw_pair_set *set, struct cw_bytes own,
                                        struct cw_bytes remote)
{
    for (size_t i = 0; i < set->count; i++) {
        if (is_pair(&set->pairs[i], own, remote)) {
            return &set->pairs[i];
        }
    }
    return NULL;
}

size_t cw_pair_set_count(const struct cw_pair_set *set, enum cw_pair_state state)
{
    size_t count = 0;

    for (size_t i = 0; set->pairs != NULL && i < set->count; i++) {
        count += set->pairs[i].state == state ? 1 : 0;
    }
    return count;
}

size_t cw_pair_set_remote(const struct cw_pair_set *set, struct cw_bytes remote)
{
    size_t count = 0;

    for (size_t i = 0; set->pairs != NULL && i < set->count; i++) {
        count += set->pairs[i].state == CW_PAIR_PROVEN &&
                         cw_bytes_equal(cw_domain_bytes(&set->pairs[i].remote), remote)
                     ? 1
                     : 0;
    }
    return count;
}

static struct cw_stream_pair *add_place(struct cw_pair_set *set, enum cw_pair_state state)
{
    if (set->count >= CW_LIMIT_PAIRS ||
        (state == CW_PAIR_PENDING &&
         cw_pair_set_count(set, CW_PAIR_PENDING) >= CW_LIMIT_PENDING_DIALBACK)) {
        return NULL;
    }
    if ((set->count & (set->count - 1)) == 0) { /* 0, 1, 2, 4 ...: it is full */
        const size_t room = set->count == 0 ? 1 : 2 * set->count;
        struct cw_stream_pair *grown = realloc(set->pairs, room * sizeof(*grown));

        if (grown == NULL) {
            abort();
        }
        set->pairs = grown;
    }
    return &set->pairs[set->count++];
}

struct cw_stream_pair *cw_pair_set_put(struct cw_pair_set *set, struct cw_bytes own,
                                       struct cw_bytes remote, enum cw_pair_state state,
                                       enum cw_method method)
{
    struct cw_stream_pair *pair = cw_pair_set_find(set, own, remote);
    struct cw_stream_pair made = {.state = state, .method = method, .deadline_ms = UINT64_MAX};

    if (!cw_domain_read(own, &made.own) || !cw_domain_read(remote, &made.remote)) {
        return NULL;
    }
    if (pair == NULL) {
        pair = add_place(set, state);
    }
    if (pair != NULL) {
        *pair = made;
    }
    return pair;
}

void cw_pair_set_remove(struct cw_pair_set *set, struct cw_stream_pair *pair)
{
    *pair = set->pairs[set->count - 1];
    set->count--;
}

struct cw_stream_pair *cw_pair_set_overdue(const struct cw_pair_set *set, uint64_t now_ms)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->pairs[i].state == CW_PAIR_PENDING && set->pairs[i].deadline_ms <= now_ms) {
            return &set->pairs[i];
        }
    }
    return NULL;
}

uint64_t cw_pair_set_deadline(const struct cw_pair_set *set)
{
    uint64_t earliest = UINT64_MAX;

    for (size_t i = 0; i < set->count; i++) {
        if (set->pairs[i].state == CW_PAIR_PENDING && set->pairs[i].deadline_ms < earliest) {
            earliest = set->pairs[i].deadline_ms;
        }
    }
    return earliest;
}
