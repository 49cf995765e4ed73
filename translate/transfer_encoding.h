/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Content-Transfer-Encoding of a body part (RFC 2045 section 6). SIP sends octets as they are, but
 * a part that came by mail or from an old client may not be.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

/**
 * @param encoding  as printed; absent: 8bit
 * @param out       `bytes` itself, or in `arena`
 * @return CW_OK, CW_ERR_UNSUPPORTED (unknown encoding), CW_ERR_MALFORMED (not what it says) or
 * CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_transfer_decode(struct cw_bytes bytes, struct cw_bytes encoding,
                                           struct cw_arena *arena, struct cw_bytes *out);
