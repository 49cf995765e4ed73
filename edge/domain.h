/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Domains as the edge compares them: A-labels, lower case, no dot at the end (STREAM-91).
 */

#include <causeway/bytes.h>

#define CW_DOMAIN_MAX 253u /* octets of a DNS name */

/** One domain, owned by value. Empty when `len` is 0. */
struct cw_domain {
    char text[CW_DOMAIN_MAX + 1]; /**< NUL-terminated */
    size_t len;
};

/** Borrowed bytes of `domain`; absent when it is empty. */
struct cw_bytes cw_domain_bytes(const struct cw_domain *domain);

/** Reads a bare domain as it came from the wire, U-labels too. False: it is none; `*out` is
 * untouched. */
bool cw_domain_read(struct cw_bytes text, struct cw_domain *out);

/** The domain of the JID `text`; local part and resource are split off, not judged, but not empty.
 */
bool cw_domain_of_jid(struct cw_bytes text, struct cw_domain *out);
