/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * All edges of the configuration as one: a link to each, permits pushed to each, stanzas sent
 * through one that is up, their fates brought back.
 */

#include "edge_stream.h"
#include "gateway.h"

struct cw_edge_pool;

/** A stanza came from a partner: cw_inbound_stanza() in the product. The link settles nothing by
 * itself. */
typedef void cw_edge_stanza_fn(struct cw_gateway *gw, struct cw_link *link,
                               const struct cw_frame_stanza *stanza);

/** Final fate of a stanza that was sent: HANDED, FAILED or AMBIGUOUS. Called once. */
typedef void cw_edge_fate_fn(enum cw_fate fate, enum cw_fail reason, void *user);

struct cw_edge_stanza {
    enum cw_stanza_class class;
    struct cw_jid from; /**< our user or domain */
    struct cw_jid to;
    struct cw_bytes xml;
    const uint8_t *trace;     /**< 16 octets; NULL: a fresh one */
    cw_edge_fate_fn *on_fate; /**< may be NULL */
    void *user;
};

/** One link for status and readiness. */
struct cw_edge_state {
    const char *address;
    const char *peer;
    bool up;
    uint32_t round_trip_us;
    size_t unsettled;
    uint64_t applied_revision;
    uint64_t lag_ms;        /**< for how long it has owed us the newest revision; 0: it has it */
    uint64_t applied_in_ms; /**< how long it took for the last one */
    const char *detail;     /**< why it is down; "" */
};

/** Borrowed until return. */
typedef void cw_edge_visit_fn(const struct cw_edge_state *edge, void *user);

/** @param tls  client context of the links, shared; borrowed */
struct cw_edge_pool *cw_edge_pool_new(struct cw_gateway *gw, struct cw_tls *tls,
                                      cw_edge_stanza_fn *on_stanza);

/** Dials every edge of settings->edge.connect and pushes the permits. */
void cw_edge_pool_start(struct cw_edge_pool *pool);

/** Closes all links and sets NULL. */
void cw_edge_pool_free(struct cw_edge_pool **pool);

/** gw->partners, gw->settings or gw->revision changed: pushes new permits. */
void cw_edge_pool_policy_changed(struct cw_edge_pool *pool);

/** Says GOAWAY to every edge. */
void cw_edge_pool_goaway(struct cw_edge_pool *pool, const char *reason);

/** Is at least one link up? */
bool cw_edge_pool_is_up(const struct cw_edge_pool *pool);

/** Stanzas sent and without final fate. */
size_t cw_edge_pool_unsettled(const struct cw_edge_pool *pool);

/**
 * Sends through one edge, the same one for a domain pair as long as it is up.
 * @return CW_OK: `on_fate` comes once; CW_ERR_CLOSED (a message, and no edge is up), CW_ERR_BUSY,
 * CW_ERR_ADDRESS, CW_ERR_LIMIT: it does not come
 */
CW_MUST_USE enum cw_err cw_edge_pool_send(struct cw_edge_pool *pool,
                                          const struct cw_edge_stanza *stanza);

/** A stanza of an edge was acted on; `write` is the last one that it began (gateway/ledger.h), 0
 * for none. It is settled when it is durable. */
void cw_edge_pool_taken(struct cw_edge_pool *pool, struct cw_link *link, uint64_t seq,
                        uint64_t write);

/** Writes became durable. */
void cw_edge_pool_durable(struct cw_edge_pool *pool);

/** Looks for edges that are up and owe us the newest revision for too long, and logs each once. */
void cw_edge_pool_watch_lag(struct cw_edge_pool *pool);

/** Visits each edge of the configuration. */
void cw_edge_pool_edges(const struct cw_edge_pool *pool, cw_edge_visit_fn *visit, void *user);

/** Visits each stream that the edges have reported. */
void cw_edge_pool_streams(const struct cw_edge_pool *pool, cw_stream_visit_fn *visit, void *user);
