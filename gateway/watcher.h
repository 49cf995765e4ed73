/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One SIP dialog in which we are the notifier: the device of a SIP user that watches an XMPP user.
 */

#include "alarm.h"
#include "gateway.h"
#include "leg.h"

struct cw_notify_pair;
struct cw_watcher;

/** The dialog's lifetime is over, or a NOTIFY said that it is gone. */
typedef void cw_watcher_event_fn(struct cw_watcher *watcher);

struct cw_watcher {
    struct cw_gateway *gw;
    struct cw_notify_pair *pair;
    struct cw_watcher *next; /**< of the pair */
    struct cw_leg leg;
    struct cw_bytes event_id; /**< owned; absent if the Event header had none */
    struct cw_alarm expiry;
    cw_watcher_event_fn *on_expired;
    cw_watcher_event_fn *on_dropped;
    uint64_t expires_at_ms;
    uint16_t in_flight; /**< NOTIFYs without final response */
    uint8_t failures;
    bool over; /**< terminated was sent; freed after the last response */
};

/** What a NOTIFY says. */
struct cw_watcher_state {
    const char *substate;     /**< "active", "pending", "terminated" */
    const char *reason;       /**< of terminated; NULL for none */
    struct cw_bytes body;     /**< PIDF; absent for an empty NOTIFY */
    struct cw_bytes language; /**< of its notes; absent if unknown or several (PRES-12) */
};

/** A dialog made by `request`, whose answer bears `local_tag`. */
struct cw_watcher *cw_watcher_new(struct cw_gateway *gw, struct cw_notify_pair *pair,
                                  const struct cw_sip_message *request, struct cw_bytes local_tag);

/** Sets the lifetime. */
void cw_watcher_live(struct cw_watcher *watcher, int64_t lifetime_s);

/** Sends a NOTIFY; `terminated` ends the dialog, the watcher may be freed then. */
void cw_watcher_notify(struct cw_watcher *watcher, const struct cw_watcher_state *state);

/** Forgets the dialog without a word; frees it now or after the last response. */
void cw_watcher_drop(struct cw_watcher *watcher);

/** Seconds of life left. */
int64_t cw_watcher_left_s(const struct cw_watcher *watcher);
