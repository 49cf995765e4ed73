/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The way of messages as one part of the process: made, started, told of changes, drained, freed.
 *
 *   cw_flow_new()   after settings, partners, store, log and metrics; fills roster, edges, watch
 * ... of `gw` cw_sip_start(loop, settings, cw_outbound_request, gw, ...) cw_flow_start() dials the
 * edges and resumes subscriptions
 *   ...
 *   cw_flow_drain(), then when cw_flow_pending() is 0: cw_sip_stop(), cw_flow_free(),
 * cw_store_close()
 */

#include "gateway.h"

/** @param link_tls  client context of the links, borrowed. @return CW_OK or CW_ERR_IO (the store
 * cannot be read) */
CW_MUST_USE enum cw_err cw_flow_new(struct cw_gateway *gw, struct cw_tls *link_tls);

/** Dials the edges and takes the subscriptions up again. `gw->sip` runs. */
void cw_flow_start(struct cw_gateway *gw);

/** gw->partners, gw->settings and gw->revision were replaced by a reload. */
void cw_flow_policy_changed(struct cw_gateway *gw);

/** No new work: GOAWAY to the edges. */
void cw_flow_drain(struct cw_gateway *gw);

/** Units that have no final outcome yet. */
size_t cw_flow_pending(const struct cw_gateway *gw);

/** Frees all parts and sets them NULL in `gw`; after cw_sip_stop(). */
void cw_flow_free(struct cw_gateway *gw);

/** One direction of one pair, for the admin surface. */
struct cw_flow_subscription {
    struct cw_bytes local, remote;
    enum cw_direction direction; /**< CW_FROM_XMPP: the XMPP user watches */
    enum cw_grant state;
    const char *dialog; /**< see cw_watch_dialog_state(); "active" or "none" for CW_FROM_SIP */
    int64_t expires_s;  /**< of the dialog or its next step; -1 for none */
    int64_t changed_s;  /**< wall clock */
    bool invited, blocked;
};

/** Borrowed until return. */
typedef void cw_flow_visit_fn(const struct cw_flow_subscription *subscription, void *user);

/** Visits each direction of each pair that has a state, a dialog, an invitation or a block. */
void cw_flow_subscriptions(const struct cw_gateway *gw, cw_flow_visit_fn *visit, void *user);

/** The user's own block of a contact, durable. Takes rights away at once when set. */
void cw_flow_block(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                   bool block);
