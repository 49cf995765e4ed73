/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Which stream takes the stanzas of a domain pair, and what is to be done for a pair that has none.
 * At most one output stream serves a pair (STREAM-84).
 *
 *   IDLE --wanted--> OPENING --proven--> UP --lost--> IDLE
 *     '--wanted, backing off--> WAITING --wanted--> OPENING
 *
 * Pure: the caller performs the effects, lowest bit first, and tells what came of them.
 */

#include "back_off.h"
#include "pair.h"

#include <causeway/frame.h>

enum cw_route_state {
    CW_ROUTE_IDLE,    /**< nothing waits, no stream */
    CW_ROUTE_WAITING, /**< something waits, the remote domain backs off */
    CW_ROUTE_OPENING, /**< a stream is being set up */
    CW_ROUTE_UP,
    CW_ROUTE_STATES
};

enum cw_route_event {
    CW_ROUTE_WANTED_NOW,   /**< a stanza was queued, the remote may be tried */
    CW_ROUTE_WANTED_LATER, /**< the same, it backs off and the stanza can wait */
    CW_ROUTE_WANTED_NEVER, /**< the same, it backs off for too long */
    CW_ROUTE_EMPTIED,      /**< what waited is gone */
    CW_ROUTE_PROVEN,       /**< a stream may send for the pair */
    CW_ROUTE_FAILED,       /**< no stream could be had */
    CW_ROUTE_LOST,         /**< the stream ended, nothing waits */
    CW_ROUTE_LOST_WAITED,  /**< the stream ended, something waits */
    CW_ROUTE_DROPPED,      /**< the permit is gone */
    CW_ROUTE_EVENTS
};

enum cw_route_effect {
    CW_ROUTE_CONNECT = 1 << 0, /**< set up a stream for the pair */
    CW_ROUTE_CANCEL = 1 << 1,  /**< give up the set-up */
    CW_ROUTE_CLOSE = 1 << 2,   /**< end the stream, or its use for the pair */
    CW_ROUTE_FLUSH = 1 << 3,   /**< send what waits */
    CW_ROUTE_BOUNCE = 1 << 4   /**< what waits fails */
};

struct cw_route_step {
    enum cw_route_state next;
    uint8_t effects; /**< enum cw_route_effect, or-ed */
    bool expected;   /**< false: the event does not belong in this state */
};

/** The table of the machine. */
struct cw_route_step cw_route_step(enum cw_route_state state, enum cw_route_event event);

struct cw_routes;

/** What the caller is to do for a pair. */
struct cw_route_order {
    uint8_t effects;  /**< enum cw_route_effect, or-ed */
    enum cw_fail why; /**< with CW_ROUTE_BOUNCE: the reason */
};

/** No routes. */
struct cw_routes *cw_routes_new(uint64_t seed);

/** Frees and sets NULL. */
void cw_routes_free(struct cw_routes **routes);

/** A stanza waits for `pair`; `ttl_ms` is how long it can. */
struct cw_route_order cw_routes_wanted(struct cw_routes *routes, struct cw_pair pair, bool user_act,
                                       uint64_t ttl_ms, uint64_t now_ms);

/** `stream` may send for `pair`. */
struct cw_route_order cw_routes_proven(struct cw_routes *routes, struct cw_pair pair, void *stream,
                                       uint64_t now_ms);

/** No stream could be had for `pair`: the remote domain backs off. */
struct cw_route_order cw_routes_failed(struct cw_routes *routes, struct cw_pair pair,
                                       enum cw_loss loss, enum cw_fail why, uint64_t now_ms);

/** How a stream ended. */
struct cw_route_loss {
    enum cw_loss loss;
    bool orderly; /**< by either side's wish: no reason to back off */
    bool waits;   /**< something waits for the pair */
};

/** The stream of `pair` ended. */
struct cw_route_order cw_routes_lost(struct cw_routes *routes, struct cw_pair pair,
                                     struct cw_route_loss how, uint64_t now_ms);

/** The permit of the pair's remote domain is gone; its back-off is forgotten, too. */
struct cw_route_order cw_routes_dropped(struct cw_routes *routes, struct cw_pair pair);

/** Nothing waits any more for `pair`. */
void cw_routes_emptied(struct cw_routes *routes, struct cw_pair pair);

/**
 * Finds a waiting pair whose back-off is over: the caller says cw_routes_wanted() or
 * cw_routes_emptied() for it, after which it waits no more.
 * @param out  borrowed until the route changes
 */
bool cw_routes_due(const struct cw_routes *routes, uint64_t now_ms, struct cw_pair *out);

/** The remote domain may be tried at once: the operator changed something. */
void cw_routes_forgive(struct cw_routes *routes, struct cw_bytes remote);

/** The remote domain has proven itself on a stream of its own: it is up again (STREAM-127). */
void cw_routes_alive(struct cw_routes *routes, struct cw_bytes remote, uint64_t now_ms);

/** The stream that serves `pair`, or NULL. */
void *cw_routes_stream(const struct cw_routes *routes, struct cw_pair pair);

/** State of `pair`; a pair never heard of is idle. */
enum cw_route_state cw_routes_state(const struct cw_routes *routes, struct cw_pair pair);
