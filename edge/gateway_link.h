/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The gateways, as the edge sees them: who is linked, what they permit, what they send, and which
 * one takes a stanza. The gateways dial; the edge listens.
 */

#include "shell.h"

#include <causeway/link.h>

#define CW_GATEWAY_LINK_MAX 32u /* gateways of a pool that one edge serves */
#define CW_GATEWAY_LINK_AWAY_MS                                                                    \
    10000u /* a gateway may be away so long without loss (DESIGN section 7) */

struct cw_gateway_link;

/** What the edge hears of its gateways; all from the loop. */
struct cw_gateway_link_events {
    /** A stanza to send; its fate is told by cw_link_settle(link, stanza->seq, ...). */
    void (*on_stanza)(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user);
    /** New permits are in force. */
    void (*on_permits)(void *user);
    /** Other permits are in force than those of `before`; the gateway is told that they are applied
     * when this has returned. */
    void (*on_change)(const struct cw_permits_table *before, void *user);
    /** A gateway came or went, or has room again for `partner` (absent: for all). */
    void (*on_room)(struct cw_bytes partner, void *user);
    /** The fate of a stanza that cw_gateway_link_send() took. */
    void (*on_fate)(void *cookie, enum cw_fate fate, void *user);
};

struct cw_gateway_link_settings {
    const char *address; /**< "host:port" */
    const char *node;
    const char *pool;
    struct cw_tls *tls; /**< shared */
    const char *const *peer_names;
    size_t peer_name_count;
};

/** @return CW_OK or CW_ERR_IO, `*problem` one line */
CW_MUST_USE enum cw_err cw_gateway_link_new(struct cw_shell *shell,
                                            const struct cw_gateway_link_settings *settings,
                                            const struct cw_gateway_link_events *events, void *user,
                                            struct cw_gateway_link **out, const char **problem);

/** Ends all links, frees and sets NULL. */
void cw_gateway_link_free(struct cw_gateway_link **gateways);

/**
 * Gives a stanza to a gateway.
 * @return CW_OK; CW_ERR_BUSY: wait for on_room; CW_ERR_NO_ROUTE: no gateway is linked;
 *         CW_ERR_LIMIT: no frame can carry it
 */
CW_MUST_USE enum cw_err cw_gateway_link_send(struct cw_gateway_link *gateways,
                                             const struct cw_frame_stanza *stanza, void *cookie);

/** Tells all gateways that are linked about a stream. */
void cw_gateway_link_report(struct cw_gateway_link *gateways, const struct cw_frame_report *report);

/** Tells all gateways that are linked who was turned away. */
void cw_gateway_link_knocks(struct cw_gateway_link *gateways, const struct cw_frame_knocks *knocks);

/** Gateways that are linked now. */
size_t cw_gateway_link_count(const struct cw_gateway_link *gateways);

/** Milliseconds since the last gateway went; 0 while one is linked. */
uint64_t cw_gateway_link_away_ms(const struct cw_gateway_link *gateways);

/** Stanzas given to gateways and not yet answered for. */
size_t cw_gateway_link_unsettled(const struct cw_gateway_link *gateways);

/** Says GOAWAY to all. */
void cw_gateway_link_goaway(struct cw_gateway_link *gateways, const char *reason);

/** Twice a second: renews the lease of the permits while a gateway is linked, ends it else. */
void cw_gateway_link_tick(struct cw_gateway_link *gateways);

/** The i-th linked gateway, for lists. */
const struct cw_link *cw_gateway_link_at(const struct cw_gateway_link *gateways, size_t i);
