/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * May this XMPP user see that SIP user's presence? One answer for each pair, kept for years.
 *
 *   NONE --subscribe--> ASKED --NOTIFY active, or 2xx where the partner is accepted at once-->
 * GRANTED
 *     ^-------------------+----unsubscribe, refusal, revocation----------------------------------'
 *
 * The authorization outlives the SIP notification dialogs that serve it (gateway/dialog.h), so
 * the two are separate machines; this one only says when a dialog is wanted.
 *
 * Pure: a step maps (state, event) to (state, effects); gateway/watch.c performs the effects,
 * lowest bit first. Rule tags SUB-n: docs/mapping.md. Source: RFC 8048 section 5.2.
 */

#include <stdbool.h>
#include <stdint.h>

enum cw_auth_state { CW_AUTH_NONE, CW_AUTH_ASKED, CW_AUTH_GRANTED, CW_AUTH_STATES };

enum cw_auth_event {
    CW_AUTH_SUBSCRIBE,   /**< from XMPP, already allowed by gateway/policy.c */
    CW_AUTH_UNSUBSCRIBE, /**< from XMPP */
    CW_AUTH_PROBE,       /**< from XMPP */
    CW_AUTH_ACCEPTED,    /**< 2xx to SUBSCRIBE; sent to this machine only where `accept` is auto */
    CW_AUTH_PENDING,     /**< NOTIFY, the SIP user has not decided */
    CW_AUTH_ACTIVE,      /**< NOTIFY, presence flows */
    CW_AUTH_REFUSED,     /**< for good: 403, 404, 489, 603; NOTIFY terminated, reason rejected */
    CW_AUTH_LOST,        /**< for now: no answer, 5xx, dialog gone */
    CW_AUTH_AWAY,        /**< for now, and the SIP side said so: 480; reason giveup */
    CW_AUTH_SILENT,      /**< the grace time after LOST or PENDING ran out */
    CW_AUTH_REVOKED,     /**< by the administrator, or by the user's removal of the contact */
    CW_AUTH_BROKEN,      /**< the partner's server says that the watcher does not exist */
    CW_AUTH_CROWDED_OUT, /**< too many requests of its partner wait, and this is the oldest */
    CW_AUTH_EVENTS
};

enum cw_auth_effect {
    CW_AUTH_CLOSE_DIALOG = 1 << 0, /**< SUBSCRIBE with Expires: 0 */
    CW_AUTH_WANT_DIALOG = 1 << 1,  /**< SUBSCRIBE unless a dialog lives */
    CW_AUTH_START_GRACE = 1 << 2,  /**< SILENT in 60 s unless ACTIVE comes first */
    CW_AUTH_START_DAY = 1 << 3,    /**< SILENT in 24 h unless ACTIVE comes first */
    CW_AUTH_TELL_SUBSCRIBED = 1 << 4,
    CW_AUTH_TELL_PRESENCE = 1 << 5, /**< what changed; after a probe or `subscribe`, everything */
    CW_AUTH_TELL_UNAVAILABLE = 1 << 6,
    CW_AUTH_TELL_UNSUBSCRIBED = 1 << 7,
};

struct cw_auth_step {
    enum cw_auth_state next;
    uint8_t effects; /**< enum cw_auth_effect, or-ed */
    bool expected;   /**< false: the event does not belong in this state; count it */
};

struct cw_auth_step cw_auth_step(enum cw_auth_state state, enum cw_auth_event event);
