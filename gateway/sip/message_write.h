/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * struct cw_sip_message to octets. Every text passes cw_sip_header_safe() on its way (SEC-16).
 * Via is left out of requests: it is made anew for each next hop that is tried.
 */

#include "guard.h"
#include "sip.h"

/** A request without its Via, which goes between the two. */
struct cw_sip_wire {
    struct cw_bytes start; /**< Request-Line with CR LF */
    struct cw_bytes rest;  /**< from Max-Forwards to the end of the body */
};

/** In `arena`. @return CW_OK, CW_ERR_MALFORMED or CW_ERR_LIMIT (over `max` octets, or arena full)
 */
CW_MUST_USE enum cw_err cw_sip_write_request(const struct cw_sip_message *request, size_t max,
                                             struct cw_arena *arena, struct cw_sip_wire *out);

/**
 * The lines an answer takes over from a request: Via (with received and rport), From, To, Call-ID,
 * CSeq, Record-Route, each with CR LF. Works on refused requests too (cw_sip_guard()).
 *
 * @param tag       our To tag; added when the request has none
 * @param received  address it came from, text; @param port its port
 */
CW_MUST_USE enum cw_err cw_sip_write_echo(const struct cw_sip_guarded *request, struct cw_bytes tag,
                                          struct cw_bytes received, uint16_t port,
                                          struct cw_arena *arena, struct cw_bytes *out);

/** A whole response: status line, `echo`, the fields of `response`, body. In `arena`. */
CW_MUST_USE enum cw_err cw_sip_write_response(const struct cw_sip_message *response,
                                              struct cw_bytes echo, size_t max,
                                              struct cw_arena *arena, struct cw_bytes *out);

/** "Via: SIP/2.0/TCP host:port;branch=...;rport" with CR LF, in `arena`. */
CW_MUST_USE enum cw_err cw_sip_write_via(enum cw_sip_transport transport, struct cw_bytes sent_by,
                                         struct cw_bytes branch, struct cw_arena *arena,
                                         struct cw_bytes *out);

/** "UDP", "TCP", "TLS". */
const char *cw_sip_transport_name(enum cw_sip_transport transport);

/** "MESSAGE" and so on; "other". */
const char *cw_sip_method_name(enum cw_sip_method method);

/** The method of a name, which is compared exactly (RFC 3261 section 7.1). */
enum cw_sip_method cw_sip_method_read(struct cw_bytes name);
