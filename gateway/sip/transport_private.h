/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Shared by transport_layer, transport_udp and transport_stream only.
 */

#include "framing.h"
#include "transport.h"

#include <causeway/tls_stream.h>
#include <uv.h>

#define CW_SIP_UDP_BATCH          16u
#define CW_SIP_LISTENERS          8u
#define CW_SIP_CONNECTIONS        1024u
#define CW_SIP_CONNECTIONS_IP     64u    /* from one address */
#define CW_SIP_HEADER_DEADLINE_MS 10000u /* a message that has begun must end */
#define CW_SIP_CONNECT_MS         4000u
#define CW_SIP_HANDSHAKE_MS       6000u

struct cw_sip_udp {
    struct cw_sip_transports *owner;
    uv_udp_t handle;
    struct sockaddr_storage local;
    uint8_t index;
    char buffer[CW_SIP_UDP_BATCH * 65536u];
};

enum cw_sip_connection_state {
    CW_SIP_CONNECTION_STARTING, /**< connecting, or under its TLS handshake */
    CW_SIP_CONNECTION_OPEN,
    CW_SIP_CONNECTION_CLOSING
};

struct cw_sip_connection {
    struct cw_sip_transports *owner;
    struct cw_tls_stream *stream;
    const struct cw_tls_stream_events *events;
    struct cw_sip_hop *hop; /**< whose requests it carries; NULL: only answers */
    uint64_t id;
    uint64_t generation; /**< of the routes by which `origin.hop` is believed */
    enum cw_sip_connection_state state;
    enum cw_sip_transport transport;
    bool inbound;
    bool was_open;
    size_t attempts; /**< addresses of the hop that did not take the connection */
    struct cw_sip_framing framing;
    struct cw_sip_timer deadline;
    char *pending; /**< octets that wait for the connection to open */
    size_t pending_len;
    char *held; /**< the beginning of a message */
    size_t held_len, held_cap;
    struct cw_sip_origin origin;
};

struct cw_sip_transports {
    struct cw_sip *sip;
    struct cw_sip_transport_events events;
    struct cw_tls *tls_server, *tls_client;
    struct cw_sip_udp *udp[CW_SIP_LISTENERS + 2]; /**< listeners; then one a family to send from */
    size_t udp_count;
    struct cw_tls_listener *listeners[CW_SIP_LISTENERS];
    size_t listener_count;
    bool listens[CW_SIP_TRANSPORTS];
    struct sockaddr_in source_v4; /**< what we listen on; family 0 where that is no one address */
    struct sockaddr_in6 source_v6;
    char sent_by[CW_SIP_TRANSPORTS][264];
    struct cw_sip_connection *connections[CW_SIP_CONNECTIONS];
    size_t connection_count;
    uint64_t next_id;
    unsigned open; /**< handles and connections that still have to close */
    bool stopped;
};

/* transport_layer.c */

/** Counts and logs somebody who was turned away. */
void cw_sip_transports_reject(struct cw_sip_transports *transports, const char *reason,
                              const struct sockaddr *from);

/** One handle or connection less. */
void cw_sip_transports_closed(struct cw_sip_transports *transports);

/* transport_udp.c */

/** Binds a socket. @return CW_OK or CW_ERR_IO (`*problem`) */
CW_MUST_USE enum cw_err cw_sip_udp_open(struct cw_sip_transports *transports,
                                        const struct sockaddr *address, const char **problem);

/** Sends parts to `to` from socket `index`. @return CW_OK or CW_ERR_IO */
CW_MUST_USE enum cw_err cw_sip_udp_send(struct cw_sip_transports *transports, size_t index,
                                        const struct sockaddr *to,
                                        const struct cw_sip_parts *parts);

/** The socket to send from to an address of this family; opened if there is none. SIZE_MAX: cannot.
 */
size_t cw_sip_udp_for(struct cw_sip_transports *transports, int family);

/** Closes all sockets. */
void cw_sip_udp_close(struct cw_sip_transports *transports);

/* transport_stream.c */

/** Listens. @return CW_OK or CW_ERR_IO (`*problem`) */
CW_MUST_USE enum cw_err cw_sip_stream_listen(struct cw_sip_transports *transports,
                                             const struct sockaddr *address, bool tls,
                                             const char **problem);

/** The connection to `hop`: the one that stands, else a new one. Never NULL. */
struct cw_sip_connection *cw_sip_stream_to(struct cw_sip_transports *transports,
                                           struct cw_sip_hop *hop);

/** The connection of this id; NULL when it is gone or going. */
struct cw_sip_connection *cw_sip_stream_find(const struct cw_sip_transports *transports,
                                             uint64_t id);

/** Writes, or keeps until the connection is open. @return CW_OK or CW_ERR_BUSY */
CW_MUST_USE enum cw_err cw_sip_stream_write(struct cw_sip_connection *connection,
                                            const struct cw_sip_parts *parts);

/** Closes all. */
void cw_sip_stream_close_all(struct cw_sip_transports *transports);
