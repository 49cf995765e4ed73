/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One SIP notification dialog in which we are the subscriber (RFC 6665; MAPPING 8.3): when to
 * SUBSCRIBE, refresh, try again, give up, and what that means for the authorization that it serves.
 *
 *   NONE --want--> WAIT --NOTIFY--> PENDING <-> ACTIVE --close--> CLOSING --timer N--> NONE
 *                   ^ |                 | lost       | lost
 *                   | '------lost-------+------------'
 *                   '---- RETRY <-------'             FROZEN: reason invariant, the last document
 * is for ever
 *
 * Pure: a table of (state, event) -> (state, effects, delay); time and chance are arguments.
 */

#include <causeway/bytes.h>
#include <stdint.h>

enum cw_dialog_state {
    CW_DIALOG_NONE,
    CW_DIALOG_WAIT, /**< SUBSCRIBE is out, no NOTIFY yet */
    CW_DIALOG_PENDING,
    CW_DIALOG_ACTIVE,
    CW_DIALOG_RETRY,   /**< no dialog; a new one at the due time */
    CW_DIALOG_FROZEN,  /**< no dialog and none to come, the last document stays (SUB-47) */
    CW_DIALOG_CLOSING, /**< Expires 0 is out; the last NOTIFY is still answered 200 (SUB-32) */
    CW_DIALOG_STATES
};

enum cw_dialog_event {
    CW_DIALOG_WANT,  /**< somebody needs it */
    CW_DIALOG_RENEW, /**< the operator wants a fresh answer */
    CW_DIALOG_CLOSE,
    CW_DIALOG_DUE,     /**< the delay is over */
    CW_DIALOG_OVERDUE, /**< the delay is over and a NOTIFY or the refresh did not come in time */
    /* final responses to SUBSCRIBE */
    CW_DIALOG_ACCEPTED,
    CW_DIALOG_REFUSED,   /**< 403, 489, 603, 405, 501 */
    CW_DIALOG_TOO_BRIEF, /**< 423 */
    CW_DIALOG_GONE,      /**< 481 */
    CW_DIALOG_NO_USER,   /**< 404, 410, 604 */
    CW_DIALOG_CONFUSED,  /**< 416, 482 to 485: our own side is wrong */
    CW_DIALOG_AWAY,      /**< 480 */
    CW_DIALOG_FAILED,    /**< everything else, and no answer */
    /* NOTIFY */
    CW_DIALOG_SAID_PENDING,
    CW_DIALOG_SAID_ACTIVE,
    CW_DIALOG_REJECTED, /**< terminated: rejected, noresource */
    CW_DIALOG_DEACTIVATED,
    CW_DIALOG_PROBATION,
    CW_DIALOG_GIVEUP,
    CW_DIALOG_TIMED_OUT,
    CW_DIALOG_INVARIANT,
    CW_DIALOG_VANISHED, /**< terminated without a reason that is known */
    CW_DIALOG_EVENTS
};

enum cw_dialog_effect {
    CW_DIALOG_SEND_FRESH = 1 << 0, /**< initial SUBSCRIBE: new Call-ID and tag */
    CW_DIALOG_SEND_AGAIN = 1 << 1, /**< SUBSCRIBE in the dialog */
    CW_DIALOG_SEND_CLOSE = 1 << 2, /**< SUBSCRIBE in the dialog with Expires 0 */
    CW_DIALOG_FORGET = 1 << 3,     /**< the dialog does not exist any more */
    CW_DIALOG_ALARM = 1 << 4,      /**< tell the operator */
    /* events for gateway/authorization.h */
    CW_DIALOG_TELL_ACCEPTED = 1 << 5,
    CW_DIALOG_TELL_PENDING = 1 << 6,
    CW_DIALOG_TELL_ACTIVE = 1 << 7,
    CW_DIALOG_TELL_REFUSED = 1 << 8,
    CW_DIALOG_TELL_LOST = 1 << 9,
    CW_DIALOG_TELL_AWAY = 1 << 10,
};

/** How the next due time is found. */
enum cw_dialog_delay {
    CW_DIALOG_KEEP, /**< as it was */
    CW_DIALOG_OFF,
    CW_DIALOG_TIMER_N,  /**< 32 s: a NOTIFY must come (SUB-6) */
    CW_DIALOG_REFRESH,  /**< SUB-28 */
    CW_DIALOG_JITTER,   /**< 0 to 2 s; the second time in a row BACK_OFF (SUB-43) */
    CW_DIALOG_BACK_OFF, /**< 30 s doubling to 1 h, or Retry-After (SUB-59) */
    CW_DIALOG_MINUTE,   /**< retry-after, else 60 s doubling (SUB-44) */
    CW_DIALOG_HOUR,     /**< retry-after, else 1 h (SUB-45, SUB-55) */
    CW_DIALOG_SECONDS,  /**< retry-after, else 5 s doubling to 1 h (SUB-48) */
    CW_DIALOG_IN_TIME,  /**< BACK_OFF, but before the dialog expires (SUB-59) */
};

struct cw_dialog {
    enum cw_dialog_state state;
    bool awaiting;          /**< a SUBSCRIBE went out and its NOTIFY did not come yet */
    uint8_t failures;       /**< in a row */
    uint32_t asked_s;       /**< Expires of the next SUBSCRIBE */
    uint64_t expires_at_ms; /**< of the dialog; 0: unknown */
    uint64_t due_ms;        /**< when to call with DUE; UINT64_MAX: never */
};

/** What came with the event; numbers below 0 were not there. */
struct cw_dialog_input {
    uint64_t now_ms;
    uint32_t random; /**< any value */
    int64_t expires_s;
    int64_t retry_after_s;
    int64_t min_expires_s;
};

struct cw_dialog_cell {
    enum cw_dialog_state next;
    enum cw_dialog_delay delay;
    uint16_t effects; /**< enum cw_dialog_effect, or-ed */
    bool expected;
};

/** The table itself. */
struct cw_dialog_cell cw_dialog_look(enum cw_dialog_state state, enum cw_dialog_event event);

/** A new dialog that asks for `asked_s`. */
void cw_dialog_init(struct cw_dialog *dialog, uint32_t asked_s);

/** One step; returns the effects. */
unsigned cw_dialog_step(struct cw_dialog *dialog, enum cw_dialog_event event,
                        const struct cw_dialog_input *in);

/** DUE or OVERDUE: what the passing of due_ms means. */
enum cw_dialog_event cw_dialog_due(const struct cw_dialog *dialog, uint64_t now_ms);

/** The event of a final response; 408 stands for no answer. */
enum cw_dialog_event cw_dialog_of_status(unsigned status);

/** The event of a NOTIFY. */
enum cw_dialog_event cw_dialog_of_notify(struct cw_bytes substate, struct cw_bytes reason);
