/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Stanzas that wait for a stream, queued by pair. Bounded by count a pair and by bytes a partner
 * and in all; when a bound is met, the oldest presence of the pair makes room first. Every stanza
 * leaves in exactly one way: taken with cw_outbox_take(), or told to `on_failed`.
 *
 * Within a pair, presence waits behind all else; else the order of arrival holds.
 *
 * Pure: the clock is an argument.
 */

#include "pair.h"

#include <causeway/frame.h>

struct cw_outbox;

struct cw_outbox_limits {
    size_t per_pair;      /**< stanzas */
    size_t partner_bytes; /**< octets of stanzas of one partner */
    size_t bytes;         /**< octets in all */
    uint64_t ttl_ms;      /**< how long a stanza waits */
};

/** One stanza; `xml` is the outbox's own copy while it waits. */
struct cw_outbox_item {
    void *owner;  /**< who is told its fate, as the caller likes */
    uint64_t seq; /**< the owner's number for it */
    enum cw_stanza_class class;
    struct cw_bytes xml;
};

/** A stanza leaves without having been sent; borrowed until return. The outbox must not be called.
 */
typedef void cw_outbox_failed_fn(const struct cw_outbox_item *item, enum cw_fail why, void *user);

/** An empty outbox. */
struct cw_outbox *cw_outbox_new(const struct cw_outbox_limits *limits, uint64_t seed,
                                cw_outbox_failed_fn *on_failed, void *user);

/** Frees and sets NULL; what still waits fails with CW_FAIL_SHUTDOWN. */
void cw_outbox_free(struct cw_outbox **outbox);

/** New limits, for what comes from now on. */
void cw_outbox_limit(struct cw_outbox *outbox, const struct cw_outbox_limits *limits);

/** Queues a copy of `item`; when there is no room for it, it fails with CW_FAIL_QUEUE_FULL. */
void cw_outbox_put(struct cw_outbox *outbox, struct cw_pair pair, struct cw_bytes partner,
                   const struct cw_outbox_item *item, uint64_t now_ms);

/** The stanza to send next for `pair`, borrowed until the next call; NULL: none waits. */
const struct cw_outbox_item *cw_outbox_first(const struct cw_outbox *outbox, struct cw_pair pair);

/** Takes out what cw_outbox_first() gave: it is sent. */
void cw_outbox_take(struct cw_outbox *outbox, struct cw_pair pair);

/** All stanzas of `pair` fail. */
void cw_outbox_fail(struct cw_outbox *outbox, struct cw_pair pair, enum cw_fail why);

/** Asked about a pair; the outbox must not be called. */
typedef bool cw_outbox_keep_fn(struct cw_pair pair, const void *user);

/** All stanzas of the pairs fail of which `keep` does not say that they may stay. */
void cw_outbox_fail_unless(struct cw_outbox *outbox, cw_outbox_keep_fn *keep, const void *user,
                           enum cw_fail why);

/** All stanzas fail. */
void cw_outbox_fail_all(struct cw_outbox *outbox, enum cw_fail why);

/** Stanzas whose time is over fail with CW_FAIL_TIMEOUT. */
void cw_outbox_expire(struct cw_outbox *outbox, uint64_t now_ms);

/** Does something wait for `pair` that a user did, a message or an invitation? (STREAM-127) */
bool cw_outbox_has_user_act(const struct cw_outbox *outbox, struct cw_pair pair);

/** Stanzas waiting in all. */
size_t cw_outbox_count(const struct cw_outbox *outbox);

/** Octets waiting in all. */
size_t cw_outbox_bytes(const struct cw_outbox *outbox);
