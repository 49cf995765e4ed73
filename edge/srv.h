/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Where a partner's server is: the answers of DNS for _xmpp-server and _xmpps-server become an
 * ordered list of targets, or the reason why there is none (RFC 2782, RFC 6120 section 3.2,
 * XEP-0368; STREAM-1 to STREAM-7).
 *
 * Pure: chance is a seed that the caller owns.
 */

#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

#define CW_SRV_MAX_RECORDS 32u  /* of one look-up; what a partner lists beyond is not tried */
#define CW_SRV_NAME_SIZE   256u /* octets of a name as text with its NUL */
#define CW_SRV_PORT        5269u

/** What DNS said. */
enum cw_dns_status {
    CW_DNS_FOUND,
    CW_DNS_NONE,    /**< NXDOMAIN, or no record of the type */
    CW_DNS_UNKNOWN, /**< SERVFAIL or no answer: says nothing about the domain */
    CW_DNS_BOGUS    /**< DNSSEC validation failed */
};

struct cw_srv_record {
    uint16_t priority;
    uint16_t weight;
    uint16_t port;
    bool direct_tls;               /**< from _xmpps-server: TLS from byte 0 */
    char target[CW_SRV_NAME_SIZE]; /**< lower case, no final dot; "" is the root: no service */
};

/** The answer to one SRV look-up. */
struct cw_srv_answer {
    enum cw_dns_status status;
    struct cw_srv_record records[CW_SRV_MAX_RECORDS];
    size_t count;
};

enum cw_srv_verdict {
    CW_SRV_USE,        /**< try the targets in order */
    CW_SRV_FALLBACK,   /**< no SRV at all: addresses of the domain itself, port CW_SRV_PORT */
    CW_SRV_NO_SERVICE, /**< the domain says that it has no XMPP server */
    CW_SRV_RETRY,      /**< DNS did not answer: try again later, no fallback */
    CW_SRV_ABORT       /**< bogus */
};

struct cw_srv_plan {
    struct cw_srv_record targets[2 * CW_SRV_MAX_RECORDS];
    size_t count;
};

/**
 * Reads the data of one SRV record: three numbers and a name in wire form, not compressed. A name
 * with octets other than letters, digits, '-' and '_' is refused, since it cannot be looked up.
 *
 * @return CW_OK or CW_ERR_MALFORMED; `out->direct_tls` is left alone
 */
CW_MUST_USE enum cw_err cw_srv_read(struct cw_bytes data, struct cw_srv_record *out);

/** Orders by RFC 2782: lowest priority first, by weighted chance inside a priority. */
void cw_srv_order(struct cw_srv_record *records, size_t count, uint64_t *seed);

/**
 * Mixes both answers as one set and decides.
 *
 * @param xmpps  answer for _xmpps-server; status CW_DNS_NONE when TLS is not to be used
 * @param plan   written on CW_SRV_USE
 */
enum cw_srv_verdict cw_srv_decide(const struct cw_srv_answer *xmpp,
                                  const struct cw_srv_answer *xmpps, uint64_t *seed,
                                  struct cw_srv_plan *plan);

/** A number from 0 to `below` - 1 by the seed (splitmix64); `below` is not 0. */
uint64_t cw_srv_chance(uint64_t *seed, uint64_t below);
