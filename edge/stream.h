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
 *
 * The stream itself logs dialback.invalid and xml.rejected, and counts s2s_bytes,
 * s2s_stream_errors and dialback_verifications. All else that is logged or counted is the edge's.
 *
 * Environment and events are copied; what they point at outlives the stream. A stream never goes
 * away inside a call of this interface: on_closed comes from the loop. Callbacks may call any
 * function of it.
 */

#include "stream_types.h"

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

/** Outbound: proves one more pair by dialback on a stream that is up, or as soon as it is
 * (piggybacking, STREAM-80). Too many: on_pair_failed before it returns. */
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

/** Inbound: a pair is proven no more; the peer's next stanza of it is that of a stranger
 * (STREAM-110). Other pairs go on. */
void cw_stream_withdraw(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote);

/** Back-pressure on an inbound stream. */
void cw_stream_pause(struct cw_stream *stream, bool pause);

/** Ends with a stream error (a condition of RFC 6120 section 4.9.3) or, with NULL, in order. */
void cw_stream_close(struct cw_stream *stream, const char *condition, const char *text);

/** Waits for nothing more, neither the peer's closing tag nor the end of its connection. */
void cw_stream_abandon(struct cw_stream *stream);

/** Facts for reports and `causewayctl streams`; strings live as long as the stream. */
struct cw_stream_facts {
    bool outgoing;
    bool secure;           /**< under TLS */
    const uint8_t *key;    /**< SPKI SHA-256 of the peer's certificate, or NULL */
    enum cw_method method; /**< strongest proven */
    const char *tls_version;
    const char *peer; /**< "ip:port" */
    uint64_t number;  /**< unique in this process */
    uint64_t stanzas;
    size_t pairs;             /**< proven */
    const char *own, *remote; /**< of the header; empty while unknown */
    const char *peer_error;   /**< condition of the peer's stream error, or NULL (STREAM-123) */
    bool asked;               /**< incoming: it served to verify a key of ours */
    bool orderly;             /**< it ends by a closing tag: the peer's, or ours without an error */
};

/** Facts of `stream`. */
struct cw_stream_facts cw_stream_facts(const struct cw_stream *stream);
