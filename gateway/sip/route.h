/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Which next hop is tried, and which are up: a table over the results of OPTIONS and of requests.
 * Randomness and time are arguments.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CW_SIP_ROUTE_NONE        SIZE_MAX
#define CW_SIP_PROBE_FIRST_MS    2000u /* between probes of a hop that has just gone down */
#define CW_SIP_RETRY_AFTER_S     10u   /* rest after a 503 that names no time */
#define CW_SIP_RETRY_AFTER_MAX_S 300u  /* a peer cannot send us away for longer */

enum cw_sip_route_mode {
    CW_SIP_ROUTE_UNKNOWN, /**< not probed yet: used when no route is up */
    CW_SIP_ROUTE_UP,
    CW_SIP_ROUTE_DOWN,
    CW_SIP_ROUTE_RESTING, /**< said 503: left alone for a while */
    CW_SIP_ROUTE_MODES
};

enum cw_sip_route_event {
    CW_SIP_ROUTE_ANSWERED,    /**< any final response but 503 */
    CW_SIP_ROUTE_UNAVAILABLE, /**< 503 */
    CW_SIP_ROUTE_SILENT,      /**< a probe timed out */
    CW_SIP_ROUTE_DOUBTED,     /**< a request timed out: it may be the far end's fault, so probe */
    CW_SIP_ROUTE_BROKEN,      /**< transport error */
    CW_SIP_ROUTE_RESTED,      /**< the time of a 503 is over */
    CW_SIP_ROUTE_EVENTS
};

enum cw_sip_route_effect {
    CW_SIP_ROUTE_TELL_UP = 1,
    CW_SIP_ROUTE_TELL_DOWN = 2,
    CW_SIP_ROUTE_PROBE_NOW = 4,
    CW_SIP_ROUTE_PROBE_SOON =
        8, /**< internal: after CW_SIP_PROBE_FIRST_MS, then longer each time */
    CW_SIP_ROUTE_PROBE_LATER = 16, /**< internal: after the regular interval */
    CW_SIP_ROUTE_REST = 32         /**< internal: for the time the 503 asked for */
};

struct cw_sip_route_fsm {
    unsigned priority; /**< lower first */
    unsigned weight;   /**< 0 counts as a share that is drawn only when all are 0 */
    uint32_t interval_ms;
    uint32_t pause_ms; /**< before the next probe while down */
    uint64_t probe_at_ms;
    uint64_t rest_until_ms;
    uint8_t mode;
};

/** A route of unknown state, to be probed at once. */
struct cw_sip_route_fsm cw_sip_route_new(unsigned priority, unsigned weight, uint32_t interval_ms,
                                         uint64_t now_ms);

/** @param retry_after_s  of a 503; negative: not given. @return set of cw_sip_route_effect */
unsigned cw_sip_route_step(struct cw_sip_route_fsm *route, enum cw_sip_route_event event,
                           int64_t retry_after_s, uint64_t now_ms);

/**
 * Picks one by priority, then by weight, among the routes that are up, else among those of unknown
 * state; `tried` (bit i: route i) are left out. @return index or CW_SIP_ROUTE_NONE
 */
size_t cw_sip_route_select(const struct cw_sip_route_fsm *const *routes, size_t count,
                           uint32_t tried, uint32_t random);
