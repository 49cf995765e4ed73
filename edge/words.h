/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The closed words that metrics, log and API of the edge use (OPERATOR.md 2.4).
 *
 * Pure.
 */

#include <causeway/frame.h>

/** Where a set-up failed: "dns", "tcp", "tls", "sasl", "stream", "policy", "limit". */
const char *cw_word_stage(enum cw_fail fail);

/** Why: "no_permit", "not_resolved" ...; "none" for CW_FAIL_NONE. */
const char *cw_word_fail(enum cw_fail fail);

/** Stage of OPERATOR.md's diagnosis codes as its first code: "D201", "D302" ...; NULL for none. */
const char *cw_word_diagnosis(enum cw_fail fail);

/** "sasl_external", "tls_dialback", "tcp_dialback", "none". */
const char *cw_word_auth(enum cw_method method);

/** "message", "subscription", "iq", "presence". */
const char *cw_word_kind(enum cw_stanza_class class);

/** "out" or "in". */
const char *cw_word_direction(bool outgoing);
