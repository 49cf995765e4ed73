/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The SIP side as the gateway uses it: send a non-INVITE request and get its final response,
 * receive requests and answer them. Transports, transactions, routes and syntax are behind it.
 *
 * Everything foreign that goes into a header passes one function (sip/header.h) that refuses or
 * cleans CR, LF and controls (SEC-16).
 */

#include "sip_message.h"

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <causeway/log.h>
#include <causeway/metrics.h>
#include <causeway/tls.h>

struct cw_sip;
struct cw_sip_server_transaction;
struct uv_loop_s;

/**
 * Final outcome of a request, called once. `response` is borrowed until return; NULL when nobody
 * answered: `why` is then CW_ERR_TIMEOUT (timer F, all next hops tried) or CW_ERR_NO_ROUTE (no
 * route is up).
 */
typedef void cw_sip_done_fn(const struct cw_sip_message *response, enum cw_err why, void *user);

/**
 * A request arrived from a believed next hop, past the guard and new (no retransmission). Answer
 * with cw_sip_respond() now or later. `request` is borrowed until return.
 */
typedef void cw_sip_request_fn(struct cw_sip_server_transaction *transaction,
                               const struct cw_sip_message *request, void *user);

struct cw_sip_listen {
    enum cw_sip_transport transport;
    const char *host;
    uint16_t port;
};

struct cw_sip_route {
    const char *name;
    enum cw_sip_transport transport;
    const char *host; /**< address or name; the name is what a TLS certificate must carry */
    uint16_t port;
    unsigned priority; /**< lower first */
    unsigned weight;
};

struct cw_sip_settings {
    const struct cw_sip_listen *listen;
    size_t listen_count;
    const struct cw_sip_route *routes;
    size_t route_count;
    const char *advertise; /**< "host[:port]" for Contact and Via; NULL: address of the socket */
    struct cw_tls *tls_server; /**< NULL without a tls listener */
    struct cw_tls *tls_client;
    uint32_t t1_ms;
    uint32_t options_interval_ms;
    size_t max_message_size;
    bool path_congestion_safe;
    const char *dns_server; /**< not read: names of routes go to the system's resolver */
    struct cw_log *log;
    struct cw_metrics *metrics;
};

/** Opens all listeners and begins to probe the routes. @return CW_OK, CW_ERR_IO, CW_ERR_CONFIG
 * (`*problem`) */
CW_MUST_USE enum cw_err cw_sip_start(struct uv_loop_s *loop, const struct cw_sip_settings *settings,
                                     cw_sip_request_fn *on_request, void *user, struct cw_sip **out,
                                     const char **problem);

/** Closes everything; requests in flight end with CW_ERR_CLOSED, server transactions are gone,
 * answered or not. Sets NULL. Runs on with the loop until freed. */
void cw_sip_stop(struct cw_sip **sip);

/** New routes from a reload; transactions in flight go on. @return CW_OK or CW_ERR_CONFIG (nothing
 * changed) */
CW_MUST_USE enum cw_err cw_sip_set_routes(struct cw_sip *sip, const struct cw_sip_route *routes,
                                          size_t count);

/** While draining, OPTIONS is answered 503 with Retry-After. */
void cw_sip_set_draining(struct cw_sip *sip, bool draining);

/** Our Contact URI for dialogs, on the listener of the best route's transport (without one: TLS,
 * then TCP, then UDP), with `user` as user part ("" for none), in `arena`. @return CW_OK or
 * CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_sip_contact(const struct cw_sip *sip, struct cw_bytes user,
                                       struct cw_arena *arena, struct cw_bytes *out);

/**
 * Sends a non-INVITE request. Next hop: topmost Route or the Request-URI if it names a configured
 * next hop, else by priority and weight among the routes that are up; fail-over to the next one on
 * transport error, time-out of a probe-dead hop, or 503 with the same Call-ID. `request` is only
 * read.
 *
 * @return CW_OK: `done` will be called once; CW_ERR_MALFORMED (a header value cannot be made safe),
 *         CW_ERR_LIMIT (on a path that is not congestion-safe: a MESSAGE over 1300 octets, or
 * anything over 1300 without a stream route; or over the maximum; MSG-26 to MSG-28), CW_ERR_CLOSED
 * (stopped)
 */
CW_MUST_USE enum cw_err cw_sip_send(struct cw_sip *sip, const struct cw_sip_message *request,
                                    cw_sip_done_fn *done, void *user);

/** Answers and ends the pointer's life (1xx: ignored; 408: silence, MSG-49); `response` needs
 * `status`; From, To (+ our tag), Call-ID, CSeq, Via, Record-Route come from the request. Once. */
void cw_sip_respond(struct cw_sip_server_transaction *transaction,
                    const struct cw_sip_message *response);

/** To-tag that the answer will bear (made at once, so that a dialog can be set up); borrowed. */
struct cw_bytes cw_sip_local_tag(const struct cw_sip_server_transaction *transaction);

/** State of one route for status, readyz and metrics. */
struct cw_sip_route_state {
    const char *name;
    bool up;
    uint32_t round_trip_us;
    const char *detail; /**< why it is down; "" */
};

/** Fills up to `max`; returns the number of routes. */
size_t cw_sip_routes(const struct cw_sip *sip, struct cw_sip_route_state *out, size_t max);

/** A fresh Call-ID, tag or branch token of `len` characters (letters and digits), in `arena`; NULL
 * when full. */
const char *cw_sip_token(struct cw_arena *arena, size_t len);
