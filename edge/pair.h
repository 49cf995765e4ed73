/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A domain pair: one of our domains and a remote one, A-labels in lower case. Streams are proven,
 * routes are kept and stanzas are queued by pair.
 *
 * Pure.
 */

#include <causeway/bytes.h>
#include <causeway/error.h>

#define CW_PAIR_DOMAIN_MAX 255u /* octets of a domain, RFC 1035 */

struct cw_pair {
    struct cw_bytes own;
    struct cw_bytes remote;
};

/** A pair as one run of bytes, the key of tables. */
struct cw_pair_key {
    char text[2 * CW_PAIR_DOMAIN_MAX + 1]; /**< own, NUL, remote */
    size_t len;
};

/** @return CW_OK, or CW_ERR_ADDRESS when a domain is empty, too long or holds a NUL */
CW_MUST_USE enum cw_err cw_pair_key(struct cw_pair pair, struct cw_pair_key *out);

/** The bytes of a key, borrowed. */
struct cw_bytes cw_pair_bytes(const struct cw_pair_key *key);

/** The pair that `key` was made of, borrowed from it. */
struct cw_pair cw_pair_of(const struct cw_pair_key *key);

/** Same own, same remote domain. */
bool cw_pair_equal(struct cw_pair a, struct cw_pair b);
