/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Percent-encoding of SIP URIs (RFC 3261 section 25.1). The user part and the value of a URI
 * parameter have different sets of characters that stay raw.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

enum cw_percent_set {
    CW_PERCENT_USER = 1, /**< ADDR-20 step 5 */
    CW_PERCENT_PARAM = 2 /**< ADDR-23 */
};

/** Does `c` stay raw in `set`? */
bool cw_percent_raw(char c, enum cw_percent_set set);

/** Encodes with upper-case digits; `text` itself when nothing has to. @return CW_OK, CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_percent_encode(struct cw_bytes text, enum cw_percent_set set,
                                          struct cw_arena *arena, struct cw_bytes *out);

/**
 * Decodes once; `text` itself when there is nothing to decode (ADDR-17).
 * @return CW_OK, CW_ERR_MALFORMED (stray percent sign, or not UTF-8) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_percent_decode(struct cw_bytes text, struct cw_arena *arena,
                                          struct cw_bytes *out);

/** Value of a hexadecimal digit, -1 for another character. */
int cw_percent_digit(char c);
