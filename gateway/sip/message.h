/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Octets to struct cw_sip_message: the guard has passed them, sofia-sip parses them.
 */

#include "guard.h"
#include "sip.h"

/**
 * Reads a message that cw_sip_guard() has let through; everything is copied into `arena`, except
 * the body and what `guarded` holds, which stay where they are.
 *
 * @return CW_OK, CW_ERR_MALFORMED (`*problem`: a constant) or CW_ERR_LIMIT (arena)
 */
CW_MUST_USE enum cw_err cw_sip_message_read(const struct cw_sip_guarded *guarded,
                                            struct cw_arena *arena, struct cw_sip_message *out,
                                            const char **problem);
