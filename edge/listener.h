/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The S2S listeners: who may connect at all (STREAM-130). An address that has too many connections,
 * or one more than the process can hold, is closed at TCP level, without a word of XMPP.
 */

#include "inbound.h"

struct cw_listener;

struct cw_listener_settings {
    const char *const *addresses; /**< "host:port", "tls:host:port" for TLS from byte 0 */
    size_t address_count;
    size_t total_max;
    size_t address_max;
};

/** @param inbound  borrowed @return CW_OK or CW_ERR_IO, `*problem` one line */
CW_MUST_USE enum cw_err cw_listener_new(struct cw_shell *shell,
                                        const struct cw_listener_settings *settings,
                                        struct cw_inbound *inbound,
                                        struct cw_gateway_link *gateways, struct cw_listener **out,
                                        const char **problem);

/** Stops listening; connections go on. */
void cw_listener_stop(struct cw_listener *listener);

/** Frees and sets NULL; the streams must be gone. */
void cw_listener_free(struct cw_listener **listener);

/** New limits. */
void cw_listener_limit(struct cw_listener *listener, size_t total_max, size_t address_max);

/** A connection is gone; `cookie` as handed to cw_inbound_accept(). */
void cw_listener_gone(struct cw_listener *listener, void *cookie);

/** Connections that came in and are open. */
size_t cw_listener_count(const struct cw_listener *listener);
