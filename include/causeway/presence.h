/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Presence of one XMPP resource, as carried by a `<presence/>` that is a notification
 * (no 'type', or type='unavailable'; RFC 8048 section 6.2 note 1).
 */

#include <causeway/bytes.h>
#include <stdint.h>

/** RFC 6121 section 4.7.2.1; CW_SHOW_NONE is the absent `<show/>`, that is, plainly online. */
enum cw_show { CW_SHOW_NONE, CW_SHOW_AWAY, CW_SHOW_CHAT, CW_SHOW_DND, CW_SHOW_XA };

struct cw_presence {
    bool available;           /**< false: type='unavailable' */
    enum cw_show show;        /**< meaningless unless available */
    bool has_priority;        /**< false: no `<priority/>`, which means 0 */
    int8_t priority;          /**< RFC 6121 section 4.7.2.3, -128..127 */
    struct cw_bytes resource; /**< resourcepart of 'from', UTF-8; absent: all resources (PRES-18) */
    struct cw_bytes status;   /**< human-readable, UTF-8; absent if there was none */
    struct cw_bytes lang;     /**< xml:lang of status; absent if there was none */
    struct cw_bytes stamp;    /**< delay stamp, RFC 3339; absent if none */
};
