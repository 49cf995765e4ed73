/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Bytes of a stream in, stream header and complete first-level elements out. The guard cuts, so
 * that libxml2 sees complete and small pieces only; both must agree, or the stream is refused.
 *
 * A stanza is handed up as its own bytes, not re-serialised; what it inherits from the header
 * (namespaces, xml:lang) is declared in its first tag (STREAM-116, STREAM-117).
 */

#include "condition.h"
#include "element.h"
#include "limits.h"

struct cw_stream_parser;

enum cw_parsed_kind {
    CW_PARSED_MORE, /**< input used up */
    CW_PARSED_HEADER,
    CW_PARSED_ELEMENT,
    CW_PARSED_END,
    CW_PARSED_REFUSED /**< for good; see `condition` */
};

struct cw_parsed {
    enum cw_parsed_kind kind;
    enum cw_condition condition;
    const struct cw_stream_header *header; /**< borrowed until the next call, like all of it */
    const struct cw_element *element;
};

/** A parser at the start of a stream. Never NULL. */
struct cw_stream_parser *cw_stream_parser_new(struct cw_limits limits);

/** Frees and sets NULL. */
void cw_stream_parser_free(struct cw_stream_parser **parser);

/** Other limits from the next tag on. */
void cw_stream_parser_set_limits(struct cw_stream_parser *parser, struct cw_limits limits);

/** Takes bytes off the front of `*input` until something is complete or the input is used up. */
struct cw_parsed cw_stream_parser_next(struct cw_stream_parser *parser, struct cw_bytes *input);
