/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The order of messages: a lane for each (from bare, to bare), one message of it on its way at a
 * time (MSG-29, MSG-30), bounded in number, each with an end of its life. Pure; parcels are the
 * caller's.
 */

#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

struct cw_delivery;
struct cw_lane;

/** First member of what the caller delivers. Zero before the first use. */
struct cw_parcel {
    struct cw_lane *lane;            /**< NULL: not in a queue */
    struct cw_parcel *next;          /**< in the lane */
    struct cw_parcel *older, *newer; /**< among all that wait, by age */
    uint64_t expires_ms;
};

/** @param per_lane  most parcels of one lane, the one on its way included */
struct cw_delivery *cw_delivery_new(const uint64_t hash_key[2], size_t per_lane);

/** Frees and sets NULL; the parcels are the caller's. */
void cw_delivery_free(struct cw_delivery **delivery);

/**
 * Queues `parcel`, which ends at `expires_ms` (not before those already queued).
 * @return CW_OK or CW_ERR_BUSY (the lane is full)
 */
CW_MUST_USE enum cw_err cw_delivery_put(struct cw_delivery *delivery, struct cw_bytes from,
                                        struct cw_bytes to, struct cw_parcel *parcel,
                                        uint64_t expires_ms);

/** Does anything wait in that lane, besides what is on its way? */
bool cw_delivery_waits(const struct cw_delivery *delivery, struct cw_bytes from,
                       struct cw_bytes to);

/** A parcel whose turn it is; it is on its way until cw_delivery_done(). NULL: none. */
struct cw_parcel *cw_delivery_ready(struct cw_delivery *delivery);

/** The parcel on its way has its outcome; the next of its lane becomes ready. */
void cw_delivery_done(struct cw_delivery *delivery, struct cw_parcel *parcel);

/** Takes out a waiting parcel whose life is over at `now_ms`; NULL: none. */
struct cw_parcel *cw_delivery_expired(struct cw_delivery *delivery, uint64_t now_ms);

/** When the next waiting parcel ends; UINT64_MAX: none waits. */
uint64_t cw_delivery_next_ms(const struct cw_delivery *delivery);

/** Takes out any parcel, waiting or on its way; NULL: there are none. For the end of the process.
 */
struct cw_parcel *cw_delivery_drop(struct cw_delivery *delivery);

/** Parcels waiting or on their way. */
size_t cw_delivery_count(const struct cw_delivery *delivery);
