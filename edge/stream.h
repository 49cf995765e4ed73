/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One S2S stream (RFC 6120, XEP-0220) over one connection, either role. The shell around the pure
 * machine stream_fsm: bytes come from cw_tls_stream, pass the guard and the parser, become events
 * of the machine; its effects become bytes, TLS upgrades and calls of `struct cw_stream_events`.
 *
 * Without bidi a stream carries stanzas one way: accepted ones bring the peer's, opened ones take
 * ours. A pair is (own domain, remote domain). A stanza can leave a stream only as a struct
 * cw_authenticated_stanza, which is made in one place, from a stream and a pair that was proven on
 * it.
 *
 * Domains are A-labels in lower case everywhere in edge/.
 */

#include <causeway/frame.h>
#include <causeway/log.h>
#include <causeway/metrics.h>
#include <causeway/permit.h>
#include <causeway/tls_stream.h>

struct cw_stream;

/** What a stream asks of the edge; all pointers borrowed, called on the loop. */
struct cw_stream_environment {
    struct uv_loop_s *loop;
    /** Permit of a remote domain in force now, or NULL: no permit, no stream. */
    const struct cw_permit *(*permit)(struct cw_bytes remote, void *user);
    /** Is it a domain that we serve? */
    bool (*is_own)(struct cw_bytes domain, void *user);
    /** TLS context for one of our domains; `server` by role. NULL: none configured. */
    struct cw_tls *(*tls)(struct cw_bytes own, bool server, void *user);
    /** Key of XEP-0185: hex SHA-256 of the shared secret is made by dialback.c from this. */
    struct cw_bytes dialback_secret;
    uint32_t establishment_timeout_ms; /**< whole negotiation, STREAM-128 */
    uint32_t inactivity_timeout_ms;
    uint32_t keep_alive_interval_ms;
    uint32_t max_stanza_size; /**< octets, STREAM-131 */
    uint16_t peer_port;       /**< unused by the stream; kept for logs */
    struct cw_log *log;
    struct cw_metrics *metrics;
    void *user;
};

/** Proof that the stanza came over an authenticated pair; only stream.c makes one. */
struct cw_authenticated_stanza {
    struct cw_bytes own;    /**< domain of 'to' */
    struct cw_bytes remote; /**< domain of 'from' */
    enum cw_method method;
    enum cw_stanza_class class;
    struct cw_bytes xml; /**< complete, namespaces and xml:lang declared, borrowed */
};

struct cw_stream_events {
    /** A pair is proven: inbound, the peer may send as `remote`; outbound, we may send as `own`. */
    void (*on_pair)(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                    enum cw_method method, void *user);
    /** Outbound: cw_stream_prove() failed for this pair; the stream may live on. */
    void (*on_pair_failed)(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                           enum cw_fail why, const char *detail, void *user);
    /** Inbound: a stanza of a proven pair. */
    void (*on_stanza)(struct cw_stream *stream, const struct cw_authenticated_stanza *stanza,
                      void *user);
    /** Inbound: the peer asserts `remote` by dialback with `key` for stream id `id`; find out at
     * the authoritative server and call cw_stream_verified() once. */
    void (*on_verify)(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key, void *user);
    /** Outbound: the authoritative server's word on a cw_stream_verify(). `fail` is CW_FAIL_NONE
     * with an answer. */
    void (*on_verify_answer)(struct cw_stream *stream, struct cw_bytes id, bool valid,
                             enum cw_fail fail, void *user);
    /** Queued bytes drained after having been above the high-water mark. */
    void (*on_drain)(struct cw_stream *stream, void *user);
    /** Gone, called once, last. `detail`: peer's stream error text or our reason. */
    void (*on_closed)(struct cw_stream *stream, enum cw_fail why, const char *detail, void *user);
};

/** Takes over an accepted connection. `direct_tls`: TLS from byte 0 (XEP-0368). */
struct cw_stream *cw_stream_accept(const struct cw_stream_environment *env,
                                   struct cw_tls_stream *connection, bool direct_tls,
                                   const struct cw_stream_events *events, void *user);

/**
 * Opens a stream to `remote` at `address` as `own`. With a permit that allows several methods, they
 * are tried in order of preference on this stream. The pair (own, remote) is proven by itself
 * unless `verify_only`.
 */
struct cw_stream *cw_stream_open(const struct cw_stream_environment *env,
                                 const struct sockaddr *address, bool direct_tls, bool verify_only,
                                 struct cw_bytes own, struct cw_bytes remote,
                                 const struct cw_stream_events *events, void *user);

/** Outbound: proves one more pair by dialback on a stream that is up (piggybacking, STREAM-80). */
void cw_stream_prove(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote);

/** Outbound: asks the authoritative server about a key (db:verify); answer by on_verify_answer. */
void cw_stream_verify(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key);

/** Inbound: outcome of on_verify. `fail` other than CW_FAIL_NONE: could not be found out
 * (STREAM-69). */
void cw_stream_verified(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                        bool valid, enum cw_fail fail);

/** May `own` send to `remote` on this stream now (pair proven, not closing)? */
bool cw_stream_may_send(const struct cw_stream *stream, struct cw_bytes own,
                        struct cw_bytes remote);

/** Outbound: queues a stanza of a proven pair. @return CW_OK, CW_ERR_REFUSED (pair not proven),
 * CW_ERR_CLOSED */
CW_MUST_USE enum cw_err cw_stream_send(struct cw_stream *stream, struct cw_bytes own,
                                       struct cw_bytes remote, struct cw_bytes xml);

/** Bytes that the kernel has not taken yet. */
size_t cw_stream_queued(const struct cw_stream *stream);

/** Back-pressure on an inbound stream. */
void cw_stream_pause(struct cw_stream *stream, bool pause);

/** Ends with a stream error (a condition of RFC 6120 section 4.9.3) or, with NULL, in order. */
void cw_stream_close(struct cw_stream *stream, const char *condition, const char *text);

/** Facts for reports and `causewayctl streams`; strings live as long as the stream. */
struct cw_stream_facts {
    bool outgoing;
    enum cw_method method; /**< strongest proven */
    const char *tls_version;
    const char *peer; /**< "ip:port" */
    uint64_t number;  /**< unique in this process */
    uint64_t stanzas;
    size_t pairs;
};

/** Facts of `stream`. */
struct cw_stream_facts cw_stream_facts(const struct cw_stream *stream);
