/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One XMPP user watching one SIP user: the two machines (gateway/authorization.h, gateway/dialog.h)
 * run to rest after each event, and what they want done is done. gateway/watch.c brings the events.
 *
 * What the XMPP user could take for an answer leaves only after the roster's change is durable.
 */

#include "alarm.h"
#include "authorization.h"
#include "dialog.h"
#include "gateway.h"
#include "leg.h"
#include "roster.h"
#include "showing.h"

struct cw_table;

struct cw_watch {
    struct cw_gateway *gw;
    struct cw_table *dialogs; /**< pairs by Call-ID */
    size_t writes;            /**< commits that are awaited */
};

struct cw_watch_pair {
    struct cw_watch *owner;
    struct cw_contact *contact;
    struct cw_dialog dialog;
    struct cw_leg leg; /**< empty unless the pair is in owner->dialogs */
    struct cw_showing showing;
    struct cw_alarm step;  /**< the dialog's due time */
    struct cw_alarm grace; /**< the authorization's */
    uint32_t serial;       /**< of the dialog: responses to an older one mean nothing */
    uint16_t in_flight;    /**< callbacks that still hold the pair */
    uint16_t writes;       /**< of them, commits */
    uint8_t owed;          /**< effects of gateway/authorization.h that wait for the commits */
    bool owed_whole;       /**< of presence everything, not only what changed */
    bool confirmed;        /**< `subscribed` was sent in this life of the process */
    bool inherited;        /**< it was granted in an earlier life of the process */
    bool close_owed;       /**< Expires 0 as soon as the peer's tag is known */
};

/** The runtime of `contact`, made if it has none. */
struct cw_watch_pair *cw_watch_pair_get(struct cw_watch *watch, struct cw_contact *contact);

/** Frees the runtime whatever hangs on it, at the end of the process. */
void cw_watch_pair_free(struct cw_watch_pair *pair);

/** An event for the authorization; runs both machines to rest. */
void cw_watch_pair_authorize(struct cw_watch_pair *pair, enum cw_auth_event event);

/** An event for the dialog, with what came with it; NULL: nothing. Runs both machines to rest. */
void cw_watch_pair_dialog(struct cw_watch_pair *pair, enum cw_dialog_event event,
                          const struct cw_sip_message *message);

/** Asks for a dialog at `at_ms`, not now. */
void cw_watch_pair_later(struct cw_watch_pair *pair, uint64_t at_ms);

/** Last call of each entry: frees the pair, and its contact, when nothing is left in it. */
void cw_watch_pair_settle(struct cw_watch_pair *pair);
