/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XMPP addresses (RFC 7622). A `struct cw_jid` always holds enforced (canonical) parts: localpart
 * by UsernameCaseMapped, domain as U-labels in lower case without trailing dot, resource by
 * OpaqueString. Two equal JIDs have equal bytes.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

#define CW_JID_PART_MAX 1023u /* octets of one part after enforcement, RFC 7622 section 3.1 */

struct cw_jid {
    struct cw_bytes local;    /**< absent for a bare domain */
    struct cw_bytes domain;   /**< never absent in a JID that was read */
    struct cw_bytes resource; /**< absent for a bare JID */
};

/**
 * Splits and enforces `text` (ADDR-1 to ADDR-5).
 * @return CW_OK, CW_ERR_ADDRESS (not a JID) or CW_ERR_LIMIT (arena)
 */
CW_MUST_USE enum cw_err cw_jid_read(struct cw_bytes text, struct cw_arena *arena,
                                    struct cw_jid *out);

/** Text form "local@domain/resource" in `arena`. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_jid_write(const struct cw_jid *jid, struct cw_arena *arena,
                                     struct cw_bytes *out);

/** `jid` without its resource; borrows the same bytes. */
struct cw_jid cw_jid_bare(const struct cw_jid *jid);

/** All three parts equal. */
bool cw_jid_equal(const struct cw_jid *a, const struct cw_jid *b);

/**
 * Resourcepart by OpaqueString (ADDR-5), borrowed from `text` or in `arena`.
 * @return CW_OK, CW_ERR_ADDRESS or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_jid_resource(struct cw_bytes text, struct cw_arena *arena,
                                        struct cw_bytes *out);

/**
 * Canonical domain: IDNA U-labels, lower case, no trailing dot (ADDR-4).
 * @return CW_OK, CW_ERR_ADDRESS or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_jid_domain(struct cw_bytes text, struct cw_arena *arena,
                                      struct cw_bytes *out);

/** `domain` as A-labels, for DNS, certificates and SIP hosts. @return as cw_jid_domain() */
CW_MUST_USE enum cw_err cw_jid_domain_ascii(struct cw_bytes domain, struct cw_arena *arena,
                                            struct cw_bytes *out);

/**
 * Does `local` mix scripts that no one language writes together, so that it may pass for another
 * (SEC-4; the "highly restrictive" profile of UTS 39)? Not UTF-8: true.
 */
bool cw_jid_mixes_scripts(struct cw_bytes local);
