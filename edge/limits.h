/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What a peer may make us hold and parse (STREAM-131, STREAM-132): little before it has proven who
 * it is, one stanza of the configured size after.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CW_LIMIT_PRE_AUTH_MS      30000u /* an inbound connection that proves nothing */
#define CW_LIMIT_CLOSE_WAIT_MS    5000u  /* for the peer's closing tag, STREAM-120 */
#define CW_LIMIT_DIALBACK_MS      30000u /* for one answer, STREAM-63 */
#define CW_LIMIT_TLS_MS           10000u /* one handshake */
#define CW_LIMIT_CONNECT_MS       10000u /* one address */
#define CW_LIMIT_SASL_ATTEMPTS    3u     /* STREAM-45 */
#define CW_LIMIT_PENDING_DIALBACK 8u     /* verifications at a time on one stream */
#define CW_LIMIT_INVALID_KEYS     5u     /* on one stream: who guesses goes */
#define CW_LIMIT_PAIRS            64u    /* proven on one stream */
#define CW_LIMIT_STANZA_MIN       10000u /* octets: no stanza limit may be smaller (STREAM-131) */

struct cw_limits {
    size_t element_bytes;    /**< of one first-level element, from '<' to '>' */
    size_t total_bytes;      /**< of all input since the last restart, 0: no bound */
    uint32_t elements;       /**< tags in one first-level element */
    uint32_t total_elements; /**< since the last restart, 0: no bound */
    uint32_t depth;          /**< the first-level element is 1 */
    uint32_t attributes;     /**< of one tag, namespace declarations included */
    uint32_t name_bytes;
};

/** Limits of a peer that has (not yet) proven itself. `max_stanza_size` in octets. */
struct cw_limits cw_limits_for(bool authenticated, uint32_t max_stanza_size);
