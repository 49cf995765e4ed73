/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * SIP URIs (RFC 3261 section 19.1) as far as the gateway needs them.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

enum cw_uri_scheme { CW_URI_SIP, CW_URI_SIPS, CW_URI_IM, CW_URI_PRES, CW_URI_TEL, CW_URI_OTHER };

struct cw_sip_uri {
    enum cw_uri_scheme scheme;
    struct cw_bytes user;      /**< raw, still percent-encoded, without password; absent if none */
    struct cw_bytes host;      /**< lower case; IPv6 in brackets */
    uint16_t port;             /**< 0: none */
    struct cw_bytes gr;        /**< raw value of the `gr` parameter; absent if there is none */
    bool gr_flag;              /**< `gr` is present (with or without value) */
    struct cw_bytes transport; /**< raw value of the `transport` parameter; absent if none */
    bool lr;                   /**< `lr` is present */
};

/**
 * Reads a URI, without angle brackets (ADDR-21 steps 1 and 2).
 * @return CW_OK, CW_ERR_MALFORMED, or CW_ERR_LIMIT (arena)
 */
CW_MUST_USE enum cw_err cw_sip_uri_read(struct cw_bytes text, struct cw_arena *arena,
                                        struct cw_sip_uri *out);

/**
 * Canonical address of record "sip:user@host", the state key of the SIP side (ADDR-7): user decoded
 * and encoded again by ADDR-20 step 5, host in lower case, nothing else.
 * @return CW_OK, CW_ERR_ADDRESS (no user, bad encoding) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_sip_uri_aor(const struct cw_sip_uri *uri, struct cw_arena *arena,
                                       struct cw_bytes *out);
