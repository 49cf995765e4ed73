/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XMPP resource -> xs:ID of a PIDF tuple (PRES-5, PRES-6).
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

/** "ID-" + resource, or "ID-x" + hex, or the digest form where those do not fit.
 *  An absent resource gives "ID-none" (PRES-17). @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_tuple_id(struct cw_bytes resource, struct cw_arena *arena,
                                    struct cw_bytes *out);

/** "ID-h" + SHA-1 of `resource` in hex. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_tuple_id_digest(struct cw_bytes resource, struct cw_arena *arena,
                                           struct cw_bytes *out);
