/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * All S2S streams of the edge: who they belong to, which pairs they carry, how many each partner
 * has. Every stream event passes here first, so that metrics, log and the gateways' reports are
 * complete whoever uses the stream.
 */

#include "back_off.h"
#include "pair.h"
#include "shell.h"

struct cw_streams;
struct cw_live;

/** What the user of a stream hears; any may be NULL. All from the loop. */
struct cw_live_events {
    void (*on_pair)(struct cw_live *live, struct cw_pair pair, void *user);
    void (*on_pair_failed)(struct cw_live *live, struct cw_pair pair, enum cw_fail why,
                           const char *detail, void *user);
    void (*on_stanza)(struct cw_live *live, const struct cw_authenticated_stanza *stanza,
                      void *user);
    void (*on_verify)(struct cw_live *live, struct cw_pair pair, struct cw_bytes id,
                      struct cw_bytes key, void *user);
    void (*on_verify_answer)(struct cw_live *live, bool valid, enum cw_fail fail, void *user);
    void (*on_drain)(struct cw_live *live, void *user);
    /** Last; `live` is dead after return. */
    void (*on_closed)(struct cw_live *live, enum cw_fail why, const char *detail, void *user);
};

/** A pair that is proven on a stream. */
struct cw_live_pair {
    struct cw_pair_key key;
    enum cw_method method;
};

/** One stream. Fields are for reading. */
struct cw_live {
    struct cw_streams *streams;
    struct cw_live *next;
    struct cw_live **place;
    struct cw_stream *stream;
    bool outgoing;
    bool verify_only;                     /**< a dialback question, carries no stanzas */
    bool closed_by_us;                    /**< cw_live_close() was asked for */
    uint64_t cut_ms;                      /**< it is to be gone by then; 0: no such haste */
    bool counted;                         /**< it stands in s2s_streams and among its partner's */
    const char *tls_version;              /**< as counted */
    enum cw_method method;                /**< as counted */
    char partner[CW_PAIR_DOMAIN_MAX + 1]; /**< "" before the first pair of a stream that came in */
    struct cw_live_pair *pairs;
    size_t pair_count;
    uint64_t opened_ms;
    char peer[64];     /**< "ip:port" */
    enum cw_loss loss; /**< in on_closed: what the peer's stream error means */
    bool orderly;      /**< in on_closed: ended by a closing tag, or for idleness */
    const struct cw_live_events *events;
    void *user;
};

/** Tells the gateways that a stream came or went; `report` borrowed. */
typedef void cw_streams_report_fn(const struct cw_frame_report *report, void *user);

/** No streams. */
struct cw_streams *cw_streams_new(struct cw_shell *shell, cw_streams_report_fn *on_report,
                                  void *user);

/** Frees and sets NULL; there must be no stream left. */
void cw_streams_free(struct cw_streams **streams);

/** A connection that was accepted becomes a stream. */
struct cw_live *cw_streams_accept(struct cw_streams *streams, struct cw_tls_stream *connection,
                                  bool direct_tls, const struct cw_live_events *events, void *user);

/** What is to be opened. */
struct cw_streams_target {
    struct cw_pair pair;
    const struct sockaddr *address;
    bool direct_tls;
    bool verify_only;
};

/** Opens a stream; `events` say what comes of it. */
struct cw_live *cw_streams_open(struct cw_streams *streams, const struct cw_streams_target *target,
                                const struct cw_live_events *events, void *user);

/** Another part of the shell uses the stream from now on. */
void cw_live_hand_over(struct cw_live *live, const struct cw_live_events *events, void *user);

/** Closes it: `condition` of RFC 6120 section 4.9.3, or NULL for an orderly end. */
void cw_live_close(struct cw_live *live, const char *condition, const char *text);

/** The same for one that the rules do not allow any more: it is gone within 5 s whatever the peer
 * does, who may not even read. */
void cw_live_expel(struct cw_live *live, const char *condition, const char *text);

/** Incoming: `live->pairs[i]` is proven no more. */
void cw_live_withdraw(struct cw_live *live, size_t i, const char *detail);

/** Twice a second: cuts off what was expelled and lingers. */
void cw_streams_tick(struct cw_streams *streams);

/** Streams of `partner`, both directions, dialback questions not counted. */
size_t cw_streams_of_partner(const struct cw_streams *streams, struct cw_bytes partner);

/** All streams, also those under way. */
size_t cw_streams_count(const struct cw_streams *streams);

/** First of the list; then `next`. */
struct cw_live *cw_streams_first(const struct cw_streams *streams);

/** Reports every stream that is up, for a gateway that has just come. */
void cw_streams_report_all(struct cw_streams *streams);

/** Label of `partner` in metrics: its primary domain, "_unlisted" without one. */
const char *cw_live_partner(const struct cw_live *live);
