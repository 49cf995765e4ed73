/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Indication of message composition: application/im-iscomposing+xml (RFC 3994), document <->
 * struct.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

#define CW_IS_COMPOSING_TYPE "application/im-iscomposing+xml"

struct cw_is_composing {
    bool active;                  /**< any other state token counts as idle (CT-2) */
    uint32_t refresh_s;           /**< 0: none given (then 120 s, CT-5); capped at a day */
    struct cw_bytes content_type; /**< of what is composed; absent if none */
    struct cw_bytes last_active;  /**< RFC 3339; absent if none or not one */
};

/**
 * Reads a document (CT-3). Unknown extension elements are skipped.
 * @return CW_OK, CW_ERR_MALFORMED (not well-formed, DTD, wrong root, no state), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_is_composing_read(struct cw_bytes xml, struct cw_arena *arena,
                                             struct cw_is_composing *out);

/** Writes a document (CT-3). @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_is_composing_write(const struct cw_is_composing *in,
                                              struct cw_arena *arena, struct cw_bytes *out);
