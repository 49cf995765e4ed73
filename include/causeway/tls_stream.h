/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One TCP connection on the loop, in clear or under TLS, upgradable in between (STARTTLS).
 *
 * Writes are gathered and leave at the end of the loop turn as few TLS records and one system
 * call. Reads are handed up as they come, decrypted. All callbacks come from the loop, never
 * from inside a call of this interface.
 *
 * Life: owned by itself; after `on_closed` (called once, last) the pointer is dead. A peer that
 * ends its direction ends the connection: what is queued still leaves, then `on_closed` comes.
 */

#include <causeway/tls.h>

struct cw_tls_stream;
struct uv_loop_s;
struct sockaddr;
struct ssl_st;

struct cw_tls_stream_events {
    /** Connected (client), or taken over (server). Then data may be written. */
    void (*on_open)(struct cw_tls_stream *stream, void *user);
    /** TLS handshake done; peer facts are available. */
    void (*on_secure)(struct cw_tls_stream *stream, void *user);
    /** Bytes arrived; borrowed until return. */
    void (*on_read)(struct cw_tls_stream *stream, struct cw_bytes data, void *user);
    /** Queued bytes fell under the low-water mark after having passed the high one. May be NULL. */
    void (*on_drain)(struct cw_tls_stream *stream, void *user);
    /** Gone. CW_OK: orderly end by either side (under TLS: with close_notify); CW_ERR_TLS,
     * CW_ERR_IO, CW_ERR_TIMEOUT otherwise. `detail` is one line for the log, never NULL. */
    void (*on_closed)(struct cw_tls_stream *stream, enum cw_err why, const char *detail,
                      void *user);
};

/** Connects to `to`. `timeout_ms` bounds the connect. Never NULL. */
struct cw_tls_stream *cw_tls_stream_connect(struct uv_loop_s *loop, const struct sockaddr *to,
                                            uint32_t timeout_ms,
                                            const struct cw_tls_stream_events *events, void *user);

/** The same from the local address `from` (its port is taken, too; 0: any); NULL: the kernel's
 * choice. */
struct cw_tls_stream *cw_tls_stream_connect_from(struct uv_loop_s *loop,
                                                 const struct sockaddr *from,
                                                 const struct sockaddr *to, uint32_t timeout_ms,
                                                 const struct cw_tls_stream_events *events,
                                                 void *user);

struct cw_tls_listener;

/** A connection was accepted; set its events with cw_tls_stream_adopt() before returning, or it is
 * closed at once. */
typedef void cw_tls_accept_fn(struct cw_tls_stream *stream, void *user);

/** Listens on `address`. @return CW_OK or CW_ERR_IO (`*problem`: one line) */
CW_MUST_USE enum cw_err cw_tls_listen(struct uv_loop_s *loop, const struct sockaddr *address,
                                      cw_tls_accept_fn *on_accept, void *user,
                                      struct cw_tls_listener **out, const char **problem);

/** Port in network use, also when `address` left the choice to the system. */
uint16_t cw_tls_listener_port(const struct cw_tls_listener *listener);

/** Stops listening and sets `*listener` to NULL. Accepted connections go on. */
void cw_tls_listener_close(struct cw_tls_listener **listener);

/** Gives an accepted stream its events; `on_open` follows from the loop. */
void cw_tls_stream_adopt(struct cw_tls_stream *stream, const struct cw_tls_stream_events *events,
                         void *user);

/**
 * Starts TLS now (once, on an open stream); clear-text bytes written before leave first. `on_read`
 * hands up whole reads: the caller sees to it that nothing followed `<starttls/>` in the same read
 * (STREAM-30). All that arrives later is TLS. Bytes written before `on_secure` wait for it.
 *
 * @param tls          shared while the stream lives; its `server` flag gives the role
 * @param server_name  SNI and nothing else, A-labels, NUL-terminated; NULL for none
 * @param timeout_ms   of the handshake
 */
void cw_tls_stream_start_tls(struct cw_tls_stream *stream, struct cw_tls *tls,
                             const char *server_name, uint32_t timeout_ms);

/** Queues `data` (copied). Nothing happens after close or abort was asked for. */
void cw_tls_stream_write(struct cw_tls_stream *stream, struct cw_bytes data);

/** Bytes queued and not yet taken by the kernel. High-water mark: CW_TLS_STREAM_HIGH. */
size_t cw_tls_stream_queued(const struct cw_tls_stream *stream);
#define CW_TLS_STREAM_HIGH ((size_t)1024 * 1024)

/** Stops reading (TCP back-pressure), or goes on. What is in hand waits, `on_read` stays silent. */
void cw_tls_stream_pause(struct cw_tls_stream *stream, bool pause);

/** Ends in order: queued bytes leave, close_notify, FIN; `on_closed` within 5 s. Nothing is read
 * any more. During a connect or a handshake: ends at once. */
void cw_tls_stream_close(struct cw_tls_stream *stream);

/** Ends at once; `on_closed` follows from the loop with `why`. */
void cw_tls_stream_abort(struct cw_tls_stream *stream, enum cw_err why, const char *detail);

/** Peer address as text "ip:port" or "[v6]:port"; valid while the stream lives. */
const char *cw_tls_stream_peer(const struct cw_tls_stream *stream);

/** The peer's network address, borrowed; NULL if unknown. */
const struct sockaddr *cw_tls_stream_peer_address(const struct cw_tls_stream *stream);

/** Peer certificate, borrowed; NULL without TLS or certificate. */
struct x509_st *cw_tls_stream_certificate(const struct cw_tls_stream *stream);

/** Did the peer's chain verify? `*problem` (may be NULL) gets OpenSSL's words if not. */
bool cw_tls_stream_trusted(const struct cw_tls_stream *stream, const char **problem);

/** "TLSv1.3" and the like, or "none". */
const char *cw_tls_stream_version(const struct cw_tls_stream *stream);

/** SNI that the client sent (server side), or NULL. */
const char *cw_tls_stream_server_name(const struct cw_tls_stream *stream);
