/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The stream as its own files see it. Order of calls: stream (interface, connection, time) >
 * stream_read (what came) > stream_auth, stream_dialback (judgements) > stream_act (effects of the
 * machine) > stream_write (bytes).
 */

#include "dialback.h"
#include "header.h"
#include "pair_set.h"
#include "peer_cert.h"
#include "sasl.h"
#include "stream_features.h"
#include "stream_fsm.h"
#include "stream_parser.h"
#include "stream_types.h"

#include <uv.h>

#define CW_STREAM_ID_LEN     32u /* hex digits of 16 random octets */
#define CW_STREAM_DETAIL_MAX 200u

struct cw_stream {
    struct cw_stream_environment env;
    struct cw_stream_events events;
    void *user;
    struct cw_tls_stream *connection; /**< NULL once it is gone */
    uv_timer_t timer;
    const struct cw_tls_stream_events *connection_events;
    uv_timer_cb on_due;              /**< what the timer calls */
    struct sockaddr_storage address; /**< outgoing: where to */
    uint64_t number;

    enum cw_stream_state state;
    bool outgoing, direct_tls, verify_only;
    bool secure;      /**< under TLS */
    bool clear;       /**< TLS failed before: this connection goes without (STREAM-32, STREAM-33) */
    bool retry;       /**< reconnect in clear when the connection is gone */
    bool external;    /**< EXTERNAL succeeded */
    bool challenged;  /**< the next EXTERNAL is a <response/> */
    bool certificate; /**< peer's is trusted and valid for `remote` */
    bool header_sent; /**< since the last restart */
    bool end_sent;
    bool was_ready;
    bool barred; /**< the peer called a key invalid: no further pairs (STREAM-64) */
    bool paused;
    bool tls_begun; /**< outgoing: <starttls/> was sent */
    bool saw_certificate;
    bool has_key; /**< the peer showed a certificate with a key that can be read */
    bool asked;   /**< incoming: we answered whether a key is ours */

    uint8_t key[CW_PEER_CERT_KEY_LEN]; /**< SPKI SHA-256, with `has_key` */
    struct cw_domain own, remote;      /**< of the header; empty while unknown */
    struct cw_domain sasl;         /**< proven by EXTERNAL, the header of the restart must match */
    char id[CW_STREAM_ID_LEN + 1]; /**< incoming: the stream id that we gave */
    char peer_id[CW_DIALBACK_ID_MAX]; /**< outgoing: the one we were given */
    size_t peer_id_len;
    struct cw_features peer_features; /**< outgoing */
    struct cw_stream_parser *parser;
    struct cw_pair_set pairs;
    struct cw_verifications verifications;
    char *later; /**< verifications that wait for the stream to be ready; malloc'ed */
    size_t later_len;
    unsigned sasl_attempts;
    unsigned invalid_keys; /**< incoming: dialback keys that turned out wrong */
    enum cw_sasl_failure sasl_failure;

    struct cw_metric_child *bytes_in, *bytes_out; /**< of the partner; NULL: look them up */
    uint64_t establish_ms;                        /**< deadlines on cw_clock_now_ms() */
    uint64_t close_ms;
    uint64_t expires_ms; /**< end of the peer certificate that a proof rests on; 0: none */
    uint64_t last_read_ms, last_write_ms, last_stanza_ms;
    uint64_t stanzas;

    enum cw_fail fail; /**< why it ends; the first reason stays */
    char detail[CW_STREAM_DETAIL_MAX];
    bool orderly;                 /**< that reason is a closing tag, of the peer or of ours */
    enum cw_condition peer_error; /**< NONE: it sent none */
};

/** Permit of the remote domain of the header, or NULL. */
const struct cw_permit *cw_stream_permit(const struct cw_stream *stream);

/** Does silence end the stream? Also where the header named no partner, or one that has gone while
 * other pairs go on. */
bool cw_stream_keeps_alive(const struct cw_permit *permit);

/** Is the peer's key one that `permit` lets in? */
bool cw_stream_pinned(const struct cw_stream *stream, const struct cw_permit *permit);

/** Notes why the stream ends, unless it is known already. */
void cw_stream_blame(struct cw_stream *stream, enum cw_fail why, const char *what,
                     struct cw_bytes more);

/** The same for an end that is nobody's fault: a closing tag. */
void cw_stream_end_in_order(struct cw_stream *stream, const char *what);

/** Tells the edge if `domain`, which the peer calls itself, has no permit. */
void cw_stream_note_stranger(const struct cw_stream *stream, struct cw_bytes domain);

/** Label of metrics: the partner of `permit`, or "other". */
struct cw_stream_label {
    char text[CW_DOMAIN_MAX + 1];
};
struct cw_stream_label cw_stream_label(const struct cw_permit *permit);

/** Counts octets of stanzas and negotiation; the partner is that of the header. */
void cw_stream_count_bytes(struct cw_stream *stream, bool in, size_t len);

/** The remote domain is another one: its partner is not looked up again before the next count. */
void cw_stream_forget_partner(struct cw_stream *stream);
