/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Presence of one XMPP resource, as carried by a `<presence/>` that is a notification
 * (no 'type', or type='unavailable'; RFC 8048 section 6.2 note 1).
 */

#include <causeway/arena.h>
#include <causeway/error.h>
#include <causeway/text.h>
#include <stdint.h>

/** RFC 6121 section 4.7.2.1; CW_SHOW_NONE is the absent `<show/>`, that is, plainly online. */
enum cw_show { CW_SHOW_NONE, CW_SHOW_AWAY, CW_SHOW_CHAT, CW_SHOW_DND, CW_SHOW_XA };
#define CW_SHOWS (CW_SHOW_XA + 1)

struct cw_presence {
    bool available;           /**< false: type='unavailable' */
    enum cw_show show;        /**< meaningless unless available */
    bool has_priority;        /**< false: no `<priority/>`, which means 0 */
    int8_t priority;          /**< RFC 6121 section 4.7.2.3, -128..127 */
    struct cw_bytes resource; /**< resourcepart of 'from', UTF-8; absent: all resources (PRES-18) */
    struct cw_text_list statuses; /**< human-readable, one a language (PRES-11, PRES-29) */
    struct cw_bytes stamp;        /**< delay stamp, RFC 3339; absent if none */
    struct cw_bytes idle_since;   /**< XEP-0319, RFC 3339 in UTC; absent: not idle, or unknown */
    uint32_t idle_s; /**< read only: seconds of XEP-0256 at the time of sending; 0: none */
    unsigned caps;   /**< write only: set of enum cw_cap (caps.h); 0: nothing is said of them */
};

/** When `presence` was true, by its stamp, in Unix milliseconds. @return false: it bears none */
bool cw_presence_stamp_ms(const struct cw_presence *presence, int64_t *unix_ms);

/**
 * Makes `idle_since` of `idle_s`, counted from the stamp, else from `now_unix_ms` (PRES-33). An
 * `idle_since` that is there stays.
 * @return CW_OK or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_presence_set_idle(struct cw_presence *presence, int64_t now_unix_ms,
                                             struct cw_arena *arena);
