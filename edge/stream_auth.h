/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * From header to proof: headers, features, STARTTLS and SASL EXTERNAL, both roles. Each function
 * judges one thing that came and hands the machine its event.
 */

#include "stream_private.h"

/** Stream header of the peer. */
void cw_stream_take_header(struct cw_stream *stream, const struct cw_stream_header *header);

/** <features/> */
void cw_stream_take_features(struct cw_stream *stream, const struct cw_element *element);

/** <starttls/>; `more`: input follows in the same read. */
void cw_stream_take_starttls(struct cw_stream *stream, bool more);

/** <proceed/>; `more` as above. */
void cw_stream_take_proceed(struct cw_stream *stream, bool more);

/** <failure/> of STARTTLS */
void cw_stream_take_tls_failure(struct cw_stream *stream);

/** <auth/> and <response/> */
void cw_stream_take_auth(struct cw_stream *stream, const struct cw_element *element);

/** <abort/> */
void cw_stream_take_abort(struct cw_stream *stream);

/** <challenge/> */
void cw_stream_take_challenge(struct cw_stream *stream);

/** <success/> */
void cw_stream_take_success(struct cw_stream *stream);

/** <failure/> of SASL */
void cw_stream_take_failure(struct cw_stream *stream, const struct cw_element *element);

/** The handshake is done. */
void cw_stream_take_secure(struct cw_stream *stream);
