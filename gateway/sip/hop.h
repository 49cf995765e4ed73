/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A configured next hop: its addresses, its state, what is under way to it. Only hops are believed.
 */

#include "field.h"
#include "route.h"
#include "sip.h"
#include "wheel.h"

#include <sys/socket.h>

#define CW_SIP_HOP_ADDRESSES    8u
#define CW_SIP_RESOLVE_AGAIN_MS 60000u

struct cw_sip_call;

struct cw_sip_hop {
    struct cw_sip *sip;
    char *name;
    char *host;
    enum cw_sip_transport transport;
    uint16_t port;
    struct cw_sip_route_fsm route;
    struct sockaddr_storage addresses[CW_SIP_HOP_ADDRESSES];
    size_t address_count;
    size_t address_at; /**< the one in use; moves on when it does not answer */
    bool literal;      /**< `host` is an address */
    bool resolving;    /**< a look-up is out */
    bool probing;      /**< an OPTIONS is out */
    bool retired;      /**< not configured any more */
    struct cw_sip_timer probe_timer;
    struct cw_sip_timer resolve_timer;
    struct cw_sip_call *calls; /**< requests in flight to it */
    uint64_t connection;       /**< the stream that leads to it; 0: none */
    uint64_t probe_sent_us;
    uint32_t round_trip_us;
    char detail[96];         /**< why it is down */
    struct cw_sip_hop *next; /**< in the list of retired ones */
};

/** Makes a hop and begins to look its name up. */
struct cw_sip_hop *cw_sip_hop_new(struct cw_sip *sip, const struct cw_sip_route *route,
                                  uint64_t now_ms);

/** Does `route` lead to this hop? Priority and weight may differ. */
bool cw_sip_hop_is(const struct cw_sip_hop *hop, const struct cw_sip_route *route);

/** Frees it and sets NULL; no look-up may be out. */
void cw_sip_hop_free(struct cw_sip_hop **hop);

/** The address in use; the hop has one. */
const struct sockaddr *cw_sip_hop_address(const struct cw_sip_hop *hop);

/** Is `address` (its port left out) one of the hop's? */
bool cw_sip_hop_has(const struct cw_sip_hop *hop, const struct sockaddr *address);

/** Does a Route or Request-URI name this hop? */
bool cw_sip_hop_named(const struct cw_sip_hop *hop, const struct cw_sip_hop_address *address);
