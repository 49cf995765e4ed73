/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The parts of a multipart body (RFC 2046 section 5.1). Our own, because sofia-sip's reads past its
 * buffer. One pass over the octets.
 */

#include "mime_header.h"

#define CW_MULTIPART_BOUNDARY_MAX 70u /* RFC 2046 section 5.1.1 */

struct cw_part {
    struct cw_mime_headers headers;
    struct cw_bytes content; /**< as it came, without the line end that belongs to the boundary */
};

/**
 * @param boundary  value of the parameter
 * @param parts     room for `max`
 * @return CW_OK (one part or more); CW_ERR_MALFORMED (no usable boundary, no part, the closing
 * boundary is missing, broken headers), CW_ERR_LIMIT (more than `max` parts, the arena)
 */
CW_MUST_USE enum cw_err cw_multipart_read(struct cw_bytes bytes, struct cw_bytes boundary,
                                          struct cw_arena *arena, struct cw_part *parts, size_t max,
                                          size_t *count);
