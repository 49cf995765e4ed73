/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The way in: connections of remote servers, whose stanzas go to a gateway. While no gateway has
 * room, a stream is not read (TCP back-pressure); when there is none for 10 s (1 s while draining),
 * what is held bounces and the streams close (DESIGN section 7). A dialback key that a peer asserts
 * is judged by its own server.
 */

#include "connector.h"
#include "gateway_link.h"
#include "outbox.h"

struct cw_inbound;

/** Sends an error stanza back to the remote domain of `pair`; borrowed until return. */
typedef void cw_inbound_bounce_fn(struct cw_pair pair, const struct cw_outbox_item *stanza,
                                  void *user);

/** A stream that came in has ended; `cookie` as given to cw_inbound_accept(). */
typedef void cw_inbound_gone_fn(void *cookie, void *user);

/** `remote` has proven itself: its server is up. Borrowed until return. */
typedef void cw_inbound_alive_fn(struct cw_bytes remote, void *user);

struct cw_inbound_events {
    cw_inbound_bounce_fn *on_bounce;
    cw_inbound_alive_fn *on_alive;
    cw_inbound_gone_fn *on_gone;
};

/** @param streams, connector, gateways  borrowed */
struct cw_inbound *cw_inbound_new(struct cw_shell *shell, struct cw_streams *streams,
                                  struct cw_connector *connector, struct cw_gateway_link *gateways,
                                  const struct cw_inbound_events *events, void *user);

/** Frees and sets NULL; its streams must be gone. */
void cw_inbound_free(struct cw_inbound **inbound);

/** Takes over a connection that was accepted. */
void cw_inbound_accept(struct cw_inbound *inbound, struct cw_tls_stream *connection,
                       bool direct_tls, void *cookie);

/** A gateway came or went, or has room for `partner` (absent: all): what is held goes on. */
void cw_inbound_room(struct cw_inbound *inbound, struct cw_bytes partner);

/** The fate of a stanza, told by its gateway. */
void cw_inbound_fate(struct cw_inbound *inbound, void *cookie, enum cw_fate fate);

/** Twice a second: what has waited too long bounces. */
void cw_inbound_tick(struct cw_inbound *inbound);

/** Draining: streams that hold nothing close with `<system-shutdown/>`. */
void cw_inbound_close_idle(struct cw_inbound *inbound);
