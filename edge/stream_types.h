/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What a stream (stream.h) and the edge say to each other: surroundings, events, proofs.
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
    /** A peer at `peer` ("ip:port") calls itself `remote`, which has no permit, and is turned away;
     * NULL: nobody wants to know. */
    void (*turned_away)(struct cw_bytes remote, struct cw_bytes peer, void *user);
    /** TLS context for one of our domains; `server` by role. NULL: none configured. `own` is absent
     * where the peer has not said whom it wants (direct TLS). */
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
    uint64_t *next_number; /**< counter of the edge for stream numbers; NULL: random ones */
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
