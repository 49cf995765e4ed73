/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Cuts the bytes of a stream into the stream header, complete first-level elements and the closing
 * tag, before any XML parser sees them. Refuses what XMPP forbids (STREAM-113, STREAM-114) and what
 * passes a limit. Gives the same verdict however the input is cut.
 *
 * It knows tags, quotes and CDATA only; whether a piece is well-formed is the parser's question.
 */

#include "condition.h"
#include "limits.h"

struct cw_guard;

enum cw_guard_kind {
    CW_GUARD_MORE,    /**< input used up */
    CW_GUARD_HEADER,  /**< opening tag of the stream, without XML declaration */
    CW_GUARD_ELEMENT, /**< one complete first-level element */
    CW_GUARD_END,     /**< closing tag of the stream; all that follows is ignored */
    CW_GUARD_REFUSED  /**< see `condition`; stays so */
};

struct cw_guard_piece {
    enum cw_guard_kind kind;
    enum cw_condition condition;
    struct cw_bytes bytes; /**< borrowed from the guard or the input until the next call */
};

/** A guard at the start of a stream. Never NULL. */
struct cw_guard *cw_guard_new(struct cw_limits limits);

/** Frees and sets NULL. */
void cw_guard_free(struct cw_guard **guard);

/** Other limits from the next tag on. */
void cw_guard_set_limits(struct cw_guard *guard, struct cw_limits limits);

/** Takes bytes off the front of `*input` until a piece is complete or the input is used up. */
struct cw_guard_piece cw_guard_next(struct cw_guard *guard, struct cw_bytes *input);

/** Bytes held back now. */
size_t cw_guard_held(const struct cw_guard *guard);
