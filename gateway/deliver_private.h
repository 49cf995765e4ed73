/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What the files of gateway/deliver*.c share: the lanes, and how a message gets into one.
 */

#include "deliver.h"
#include "unit.h"

struct cw_deliver {
    struct cw_gateway *gw;
    struct cw_delivery *lanes[CW_DIRECTIONS];
    struct cw_metric_child *depth[CW_DIRECTIONS];
    struct cw_recent *recent;
    struct cw_alarm expiry;
    const struct cw_unit *fresh;     /* just taken over ... */
    const struct cw_stanza *as_read; /* ... and not to be read again if its turn is now */
    cw_sip_done_fn *on_response;     /* for the alarm that it sets itself */
    cw_alarm_fn *on_credit;          /* likewise */
    bool pumping[CW_DIRECTIONS];
    bool closed; /* SIP goes down: nothing new is begun */
};

/** Puts `unit` into its lane. @return CW_OK or CW_ERR_BUSY (the lane is full, MSG-29) */
CW_MUST_USE enum cw_err cw_deliver_enqueue(struct cw_unit *unit);

/** Sends what has its turn. */
void cw_deliver_pump(struct cw_deliver *deliver);

/** Sends to SIP what has its turn; also where the link to an edge is in the middle of a call. */
void cw_deliver_pump_to_sip(struct cw_deliver *deliver);

/** When a SIP sender has waited long enough (MSG-47). */
void cw_deliver_hold(struct cw_unit *unit, uint64_t at_ms);
