/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One connection of the link: TLS, trust, greeting, heartbeat, frames off the stream.
 */

#include "link_state.h"

/** Events of its stream, for cw_tls_stream_connect() and cw_tls_stream_adopt(). */
extern const struct cw_tls_stream_events cw_link_connection_events;

/** A connection without a stream: set `stream` at once. Lives until its stream is closed. */
struct cw_link_connection *cw_link_connection_new(uv_loop_t *loop,
                                                  const struct cw_link_config *config,
                                                  const struct cw_link_role *role, void *owner);

/** Writes a whole frame. */
void cw_link_connection_write(struct cw_link_connection *connection, const uint8_t *frame,
                              size_t len);

/** Writes HELLO or WELCOME for `link`. */
void cw_link_connection_greet(struct cw_link_connection *connection, enum cw_frame_type type,
                              const struct cw_link *link);

/** Sends PING with a new mark. */
void cw_link_connection_ping(struct cw_link_connection *connection);

/** There is something to be flushed at the end of this turn. */
void cw_link_connection_dirty(struct cw_link_connection *connection);

/** Ends at once. */
void cw_link_connection_abort(struct cw_link_connection *connection, enum cw_err why,
                              const char *detail);

/** Nobody is told of its end any more; queued bytes leave. */
void cw_link_connection_let_go(struct cw_link_connection *connection);
