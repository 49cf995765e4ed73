/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * <db:result/> and <db:verify/>, requests and answers (STREAM-60 to STREAM-73).
 */

#include "stream_private.h"

/** One element of dialback that came. */
void cw_stream_take_dialback(struct cw_stream *stream, const struct cw_element *element);

/** Incoming: the word of the authoritative server. */
void cw_stream_take_verdict(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                            bool valid, enum cw_fail fail);

/** Ends what has waited too long. */
void cw_stream_expire_dialback(struct cw_stream *stream, uint64_t now_ms);

/** Outgoing: everything that waits gets `why` (the stream is gone). */
void cw_stream_end_dialback(struct cw_stream *stream, enum cw_fail why);
