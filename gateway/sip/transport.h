/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Octets from and to next hops over UDP, TCP and TLS. It asks who may be believed, frames streams,
 * keeps connections open and reuses them; it knows nothing of transactions.
 */

#include "hop.h"

struct cw_sip_transports;

/** Where a message came from, and so where its answer goes. */
struct cw_sip_origin {
    struct cw_sip_hop *hop; /**< who is believed to have sent it; do not keep */
    uint64_t connection;    /**< stream; 0 over UDP */
    enum cw_sip_transport transport;
    uint8_t socket; /**< UDP: which one */
    struct sockaddr_storage address;
};

struct cw_sip_transport_events {
    /** Which hop may have sent this? NULL: nobody we believe. */
    struct cw_sip_hop *(*believe)(const struct sockaddr *address, enum cw_sip_transport transport,
                                  struct x509_st *certificate, void *user);
    /** One whole message, or what was to become one when `broken`; borrowed until return. */
    void (*on_message)(struct cw_bytes data, const struct cw_sip_origin *origin, bool broken,
                       void *user);
    /** A connection to a hop is gone. */
    void (*on_lost)(struct cw_sip_hop *hop, uint64_t connection, bool was_open, const char *detail,
                    void *user);
    /** Everything has been closed after cw_sip_transports_stop(). */
    void (*on_stopped)(void *user);
};

/** Opens all listeners. @return CW_OK, CW_ERR_IO or CW_ERR_CONFIG (`*problem`) */
CW_MUST_USE enum cw_err cw_sip_transports_start(struct cw_sip *sip,
                                                const struct cw_sip_settings *settings,
                                                const struct cw_sip_transport_events *events,
                                                struct cw_sip_transports **out,
                                                const char **problem);

/** Closes everything; `on_stopped` follows from the loop, then the pointer is dead. */
void cw_sip_transports_stop(struct cw_sip_transports *transports);

/** Two parts of a message, written one after the other with `via` between them. */
struct cw_sip_parts {
    struct cw_bytes start;
    struct cw_bytes via;
    struct cw_bytes rest;
};

/**
 * Sends to a hop over its transport, connecting first if need be.
 * @param connection  the stream it went over, for on_lost; 0 over UDP
 * @return CW_OK; CW_ERR_IO (no address, send failed), CW_ERR_BUSY (the hop does not read)
 */
CW_MUST_USE enum cw_err cw_sip_transports_send(struct cw_sip_transports *transports,
                                               struct cw_sip_hop *hop,
                                               const struct cw_sip_parts *parts,
                                               uint64_t *connection);

/**
 * Sends an answer back (RFC 3261 section 18.2.2): over the same connection if it stands, else over
 * one to the same hop. @param via_port of the request's Via without rport, or 0: the source port
 */
void cw_sip_transports_reply(struct cw_sip_transports *transports,
                             const struct cw_sip_origin *origin, uint16_t via_port,
                             struct cw_bytes data);

/** The hop has shown that it listens where it is configured: use this connection for requests too.
 */
void cw_sip_transports_bind(struct cw_sip_transports *transports,
                            const struct cw_sip_origin *origin, struct cw_sip_hop *hop);

/** No more requests go out to `hop`: closes its connection in order. */
void cw_sip_transports_release(struct cw_sip_transports *transports, struct cw_sip_hop *hop);

/** "host:port" for Via and Contact of a transport. */
struct cw_bytes cw_sip_transports_sent_by(const struct cw_sip_transports *transports,
                                          enum cw_sip_transport transport);

/** Is this Via ours? */
bool cw_sip_transports_is_own(const struct cw_sip_transports *transports,
                              const struct cw_sip_via *via);

/** Is there a listener of `transport`? */
bool cw_sip_transports_listens(const struct cw_sip_transports *transports,
                               enum cw_sip_transport transport);

/** The transport that dialogs prefer: TLS, then TCP, then UDP, of those that listen. */
enum cw_sip_transport cw_sip_transports_preferred(const struct cw_sip_transports *transports);
