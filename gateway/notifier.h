/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * SIP users watch an XMPP user: what each event means for the authorization of the pair and for its
 * SIP dialogs (MAPPING 8.4; RFC 6665 as notifier). The authorization is one for the pair, dialogs
 * are as many as devices.
 *
 *   NONE --SUBSCRIBE--> ASKED --subscribed--> GRANTED
 *     ^-------------------+---unsubscribed, removal--'
 *
 * Pure: a table of (state, event) -> (state, effects, reason); gateway/notify.c performs the
 * effects.
 */

#include <causeway/bytes.h>
#include <stdint.h>

enum cw_notifier_state {
    CW_NOTIFIER_NONE,
    CW_NOTIFIER_ASKED,
    CW_NOTIFIER_GRANTED,
    CW_NOTIFIER_STATES
};

enum cw_notifier_event {
    /* from SIP */
    CW_NOTIFIER_SUBSCRIBE, /**< opens a dialog */
    CW_NOTIFIER_POLL,      /**< outside a dialog, Expires 0 */
    CW_NOTIFIER_REFRESH,   /**< in a dialog */
    CW_NOTIFIER_LEAVE,     /**< in a dialog, Expires 0 */
    CW_NOTIFIER_EXPIRED,   /**< no refresh in time */
    /* from XMPP */
    CW_NOTIFIER_SUBSCRIBED,
    CW_NOTIFIER_UNSUBSCRIBED,
    CW_NOTIFIER_PRESENCE,
    CW_NOTIFIER_NO_CONTACT, /**< error to our `subscribe`: not found, gone, unavailable service */
    CW_NOTIFIER_FORBIDDEN,  /**< error to our `subscribe`: not allowed, policy */
    CW_NOTIFIER_TROUBLE,    /**< error to our `subscribe` that may pass */
    /* from the local user or the administrator */
    CW_NOTIFIER_REMOVED, /**< the user removed the contact (SUB-92) */
    CW_NOTIFIER_DELETED, /**< the user is no more, or may not federate any more (SUB-93) */
    CW_NOTIFIER_EVENTS
};

enum cw_notifier_effect {
    CW_NOTIFIER_INVITE = 1 << 0,        /**< `subscribe`, after the invitation is durable */
    CW_NOTIFIER_REMIND = 1 << 1,        /**< `subscribe` again if the last one is a day old */
    CW_NOTIFIER_PROBE_UNKNOWN = 1 << 2, /**< probe if nothing is cached */
    CW_NOTIFIER_PROBE_STALE = 1 << 3,   /**< probe if the cache is over an hour old */
    CW_NOTIFIER_CACHE = 1 << 4,
    CW_NOTIFIER_DROP_CACHE = 1 << 5,
    CW_NOTIFIER_NOTIFY_IT = 1 << 6,     /**< NOTIFY with the current state in the dialog at hand */
    CW_NOTIFIER_NOTIFY_ALL = 1 << 7,    /**< in all dialogs, at once */
    CW_NOTIFIER_NOTIFY_SPACED = 1 << 8, /**< in all dialogs, not more often than PRES-22 allows */
    CW_NOTIFIER_END_IT = 1 << 9,        /**< NOTIFY terminated in the dialog at hand */
    CW_NOTIFIER_END_ALL = 1 << 10,      /**< NOTIFY terminated in all dialogs */
    CW_NOTIFIER_TELL_UNSUBSCRIBE = 1 << 11,
    CW_NOTIFIER_FORGET_INVITE = 1 << 12,
};

/** What a terminated NOTIFY carries beside its reason. */
enum cw_notifier_body { CW_NOTIFIER_NO_BODY, CW_NOTIFIER_CLOSED_BODY, CW_NOTIFIER_REAL_BODY };

struct cw_notifier_step {
    enum cw_notifier_state next;
    uint16_t effects;   /**< enum cw_notifier_effect, or-ed */
    const char *reason; /**< of Subscription-State terminated; NULL unless END_IT or END_ALL */
    enum cw_notifier_body body; /**< of END_IT */
    bool expected;
};

struct cw_notifier_step cw_notifier_step(enum cw_notifier_state state,
                                         enum cw_notifier_event event);

#define CW_NOTIFIER_MIN_EXPIRES_S 60u
#define CW_NOTIFIER_MAX_EXPIRES_S 7200u

/**
 * Lifetime of a dialog for what the SUBSCRIBE asked (below 0: nothing, which means 3600).
 * @return seconds, 0 for a poll or an end; -1: too brief, 423 with CW_NOTIFIER_MIN_EXPIRES_S
 * (SUB-70)
 */
int64_t cw_notifier_lifetime_s(int64_t asked_s);

/** Does this outcome of a NOTIFY end the dialog (SUB-88 to SUB-90)? `*failures` in a row; 408: no
 * answer. */
bool cw_notifier_drops(unsigned status, uint8_t *failures);

/** When a change of `now_ms` may be notified: after `merge_ms`, and 5 s after the last NOTIFY
 * (PRES-22). */
uint64_t cw_notifier_space_ms(uint64_t now_ms, uint64_t last_ms, uint64_t merge_ms);

/** Which event an error to our `subscribe` is (SUB-79). */
enum cw_notifier_event cw_notifier_of_error(struct cw_bytes condition, struct cw_bytes type);
