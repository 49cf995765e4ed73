/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Everything that a stream writes, as bytes to its connection.
 */

#include "stream_private.h"

/** Bytes as they are. */
void cw_stream_write(struct cw_stream *stream, struct cw_bytes bytes);

/** Stream header: ours as initiator, or the response with a fresh id (STREAM-10, STREAM-11). */
void cw_stream_write_header(struct cw_stream *stream);

/** <features/> with what `features` says. */
void cw_stream_write_features(struct cw_stream *stream, const struct cw_features *features);

/** `element` without content, in namespace `ns`. */
void cw_stream_write_empty(struct cw_stream *stream, const char *element, const char *ns);

/** SASL <failure/>. */
void cw_stream_write_sasl_failure(struct cw_stream *stream, enum cw_sasl_failure failure);

/** <auth/> or, after a challenge, <response/>, with our domain as authorization identity. */
void cw_stream_write_external(struct cw_stream *stream);

/** Stream error; the header goes first where it has not been sent (STREAM-121). */
void cw_stream_write_error(struct cw_stream *stream, enum cw_condition condition, const char *text);

/** Closing tag, once, and only behind a header. */
void cw_stream_write_end(struct cw_stream *stream);

/** One element of dialback. Absent parts are left out. */
struct cw_stream_dialback {
    const char *name; /**< "db:result" or "db:verify" */
    struct cw_bytes from, to, id;
    struct cw_bytes key;   /**< of a request */
    const char *type;      /**< of an answer: "valid", "invalid", "error" */
    const char *condition; /**< of type error */
};

/** The element, malloc'ed, the caller frees. */
char *cw_stream_dialback_text(const struct cw_stream_dialback *element, size_t *len);

/** Writes the element. */
void cw_stream_write_dialback(struct cw_stream *stream, const struct cw_stream_dialback *element);
