/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Many timers at the price of one: a ring of slots of 8 ms, entries linked into the slot of their
 * time. Setting, moving and stopping cost the same however many there are (a busy gateway keeps a
 * million transactions for 32 s over UDP). Pure: the caller asks when to come back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CW_SIP_WHEEL_SLOTS   4096u /* 32.8 s in one turn; later times wait for a further turn */
#define CW_SIP_WHEEL_SLOT_MS 8u

/** Sits inside the thing that waits. All zero: not waiting. */
struct cw_sip_wheel_entry {
    struct cw_sip_wheel_entry *next, *prev;
    uint64_t due_ms;
};

/** An entry that knows what to do. */
struct cw_sip_timer {
    struct cw_sip_wheel_entry entry; /**< first */
    void (*fire)(void *owner, uint64_t now_ms);
    void *owner;
};

struct cw_sip_wheel {
    struct cw_sip_wheel_entry slots[CW_SIP_WHEEL_SLOTS]; /**< heads of rings */
    uint64_t used[CW_SIP_WHEEL_SLOTS / 64];              /**< bit: the slot may hold something */
    uint64_t tick;                                       /**< slot number reached */
    size_t count;
};

/** Empty, at `now_ms`. */
void cw_sip_wheel_init(struct cw_sip_wheel *wheel, uint64_t now_ms);

/** Fires at `due_ms` or up to a slot later; moves `entry` if it waits already. UINT64_MAX: stops
 * it. */
void cw_sip_wheel_set(struct cw_sip_wheel *wheel, struct cw_sip_wheel_entry *entry,
                      uint64_t due_ms);

/** Takes one entry that is due at `now_ms`; NULL if none is left. */
struct cw_sip_wheel_entry *cw_sip_wheel_take(struct cw_sip_wheel *wheel, uint64_t now_ms);

/** When to look again; UINT64_MAX if nothing waits. */
uint64_t cw_sip_wheel_next_ms(const struct cw_sip_wheel *wheel);
