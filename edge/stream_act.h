/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Steps of the machine and their effects on the wire.
 */

#include "stream_private.h"

/**
 * Takes one step and carries out what it says, except CW_FX_DIALBACK and CW_FX_DELIVER, which are
 * the caller's.
 *
 * @param condition  of the event, where it has one; used when the step says "stream error"
 * @param text       for that error's <text/> and the log; NULL for none
 * @return the effects of the step
 */
uint32_t cw_stream_act(struct cw_stream *stream, enum cw_stream_event event,
                       enum cw_condition condition, const char *text);

/** What the peer is offered now (incoming). */
struct cw_features cw_stream_offer(const struct cw_stream *stream);

/** Is the peer's certificate trusted and valid for `domain`? */
bool cw_stream_certified(const struct cw_stream *stream, struct cw_bytes domain,
                         const char **problem);

/** Outgoing, ready: sends our key for a pair that is pending and unsent, or lets it fail from the
 * loop where dialback is not for it. */
void cw_stream_prove_pair(struct cw_stream *stream, struct cw_stream_pair *pair);

/** Sets the timer to the next deadline. */
void cw_stream_arm(struct cw_stream *stream);

/** A pair is proven: notes it, tells the edge. */
void cw_stream_grant(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                     enum cw_method method);
