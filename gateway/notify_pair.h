/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One SIP user watching one XMPP user: performs what gateway/notifier.h says after each event.
 * gateway/notify.c brings the events.
 */

#include "alarm.h"
#include "gateway.h"
#include "notifier.h"
#include "roster.h"
#include "watcher.h"

#include <causeway/pep.h>

struct cw_presence_cache;
struct cw_table;

struct cw_notify {
    struct cw_gateway *gw;
    struct cw_table *dialogs; /**< watchers by our tag */
    size_t writes;            /**< commits that are awaited */
};

struct cw_notify_pair {
    struct cw_notify *owner;
    struct cw_contact *contact;
    struct cw_watcher *watchers;
    struct cw_presence_cache *cache;
    struct cw_pep pep;      /**< mood and activity that the contact told (PRES-40) */
    struct cw_alarm spaced; /**< the NOTIFY that waits (PRES-22) */
    struct cw_alarm again;  /**< the `subscribe` that waits (SUB-79) */
    struct cw_alarm missed; /**< the probe for presence that was dropped (SEC-6) */
    uint64_t cached_at_ms;
    uint64_t notified_at_ms; /**< last NOTIFY that a change of presence caused; 0: none */
    uint32_t watcher_count;
    uint16_t in_flight; /**< callbacks that still hold the pair */
    uint8_t refusals;   /**< of our `subscribe`, in a row */
    bool asked;         /**< `subscribe` was sent in this life of the process */
    bool known;         /**< the contact has said anything about himself */
};

/** The runtime of `contact`, made if it has none. */
struct cw_notify_pair *cw_notify_pair_get(struct cw_notify *notify, struct cw_contact *contact);

/** An event; `at_hand` is the dialog it came in, or NULL. */
void cw_notify_pair_act(struct cw_notify_pair *pair, enum cw_notifier_event event,
                        struct cw_watcher *at_hand);

/** Takes a presence notification over and says whether a watcher would see a difference. */
bool cw_notify_pair_cache(struct cw_notify_pair *pair, const struct cw_presence *presence);

/** A presence notification was dropped: what the contact shows is asked for a little later. */
void cw_notify_pair_missed(struct cw_notify_pair *pair);

/** Takes mood or activity over and says whether a watcher would see a difference. */
bool cw_notify_pair_headline(struct cw_notify_pair *pair, const struct cw_pep *news);

/** Opens a dialog for `request`. @return NULL: the pair has as many as it may have */
struct cw_watcher *cw_notify_pair_open(struct cw_notify_pair *pair,
                                       const struct cw_sip_message *request,
                                       struct cw_bytes local_tag);

/** May a SUBSCRIBE of the pair pass now? */
bool cw_notify_pair_is_served(const struct cw_notify_pair *pair);

/** NOTIFY terminated in all dialogs; the authorization is untouched. */
void cw_notify_pair_end_all(struct cw_notify_pair *pair, const char *reason);

/** Frees the runtime whatever hangs on it, at the end of the process. */
void cw_notify_pair_free(struct cw_notify_pair *pair);

/** Last call of each entry: frees the pair, and its contact, when nothing is left in it. */
void cw_notify_pair_settle(struct cw_notify_pair *pair);
