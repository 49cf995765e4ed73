/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What an XMPP server for SIP users answers to `<iq/>` (MAPPING 10). Pure.
 */

#include <causeway/arena.h>
#include <causeway/stanza.h>

/**
 * Answers `in`, an iq of any type.
 *
 * @param granted  the sender holds an authorization for the user in 'to' (IQ-5)
 * @param out      the stanza to send back, in `arena`; absent: no answer is due (result, error)
 * @return CW_OK or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_iq_answer(const struct cw_stanza *in, bool granted,
                                     struct cw_arena *arena, struct cw_bytes *out);
