/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who is writing to whom, carried both ways: gateway/typing.h with a clock, and with SIP and the
 * edges to send to.
 */

#include "gateway.h"

#include <causeway/message.h>

struct cw_converse;

struct cw_converse *cw_converse_new(struct cw_gateway *gw);

/** Frees and sets NULL; before gw->timers goes. */
void cw_converse_free(struct cw_converse **converse);

/** A chat state alone came from `remote` (bare), admitted. */
void cw_converse_state(struct cw_converse *converse, const struct cw_stanza *in,
                       struct cw_bytes local, struct cw_bytes remote);

/** The device `resource` of `remote` went away, or all of them if it is absent: nobody types there
 * any more. */
void cw_converse_away(struct cw_converse *converse, struct cw_bytes local, struct cw_bytes remote,
                      struct cw_bytes resource);

/** A message with text came from `remote`. */
void cw_converse_from_xmpp(struct cw_converse *converse, const struct cw_stanza *in,
                           struct cw_bytes local, struct cw_bytes remote);

/** One from `local`. @return true: the stanza bears the state `active` (CT-9) */
bool cw_converse_from_sip(struct cw_converse *converse, struct cw_bytes local,
                          struct cw_bytes remote);

/** An indication of composition came from `local`, admitted. */
void cw_converse_indication(struct cw_converse *converse, const struct cw_sip_message *request,
                            const struct cw_is_composing *state, struct cw_bytes local,
                            struct cw_bytes remote);
