/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The exact set of (own domain, remote domain) pairs of one stream and what is known of each
 * (STREAM-81, STREAM-110, STREAM-111). No pair widens another.
 */

#include "domain.h"
#include "limits.h"

#include <causeway/permit.h>

enum cw_pair_state {
    CW_PAIR_PENDING, /**< a dialback key was sent or is being verified */
    CW_PAIR_PROVEN
};

struct cw_stream_pair {
    struct cw_domain own;
    struct cw_domain remote;
    enum cw_pair_state state;
    enum cw_method method; /**< of the proof */
    uint64_t deadline_ms;  /**< of a pending one */
};

struct cw_pair_set {
    struct cw_stream_pair *pairs; /**< owned; at most CW_LIMIT_PAIRS */
    size_t count;
};

/** Frees what the set holds and empties it: a restart proves nothing. */
void cw_pair_set_clear(struct cw_pair_set *set);

/** The pair, or NULL. */
struct cw_stream_pair *cw_pair_set_find(const struct cw_pair_set *set, struct cw_bytes own,
                                        struct cw_bytes remote);

/** Adds or replaces. NULL: the set is full, or too many are pending. */
struct cw_stream_pair *cw_pair_set_put(struct cw_pair_set *set, struct cw_bytes own,
                                       struct cw_bytes remote, enum cw_pair_state state,
                                       enum cw_method method);

/** Takes `pair` out of the set. */
void cw_pair_set_remove(struct cw_pair_set *set, struct cw_stream_pair *pair);

/** How many are in `state`. */
size_t cw_pair_set_count(const struct cw_pair_set *set, enum cw_pair_state state);

/** Proven pairs with this remote domain. */
size_t cw_pair_set_remote(const struct cw_pair_set *set, struct cw_bytes remote);

/** A pending pair whose deadline is over, or NULL. */
struct cw_stream_pair *cw_pair_set_overdue(const struct cw_pair_set *set, uint64_t now_ms);

/** Earliest deadline of a pending pair; UINT64_MAX without one. */
uint64_t cw_pair_set_deadline(const struct cw_pair_set *set);
