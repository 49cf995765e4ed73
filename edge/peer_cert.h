/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who a peer's certificate says it is (STREAM-90 to STREAM-95): DNS-ID, SRV-ID and XmppAddr of the
 * subject alternative names, never the common name. Whether the chain is trusted is TLS's word.
 */

#include <causeway/bytes.h>
#include <causeway/permit.h>

struct x509_st;

enum cw_peer_cert_verdict {
    CW_CERT_OK,
    CW_CERT_NONE,    /**< no certificate */
    CW_CERT_NAME,    /**< no identity matches */
    CW_CERT_PURPOSE, /**< extended key usage without server authentication, or a CA */
    CW_CERT_EXPIRED, /**< before or after its validity */
};

/** For logs: "no certificate", "name does not match", ... */
const char *cw_peer_cert_text(enum cw_peer_cert_verdict verdict);

/**
 * Does `certificate` (NULL: none) identify the S2S service of `domain` (A-labels, lower case)?
 * At most 100 names are looked at.
 *
 * @param now_s  seconds since the epoch
 */
enum cw_peer_cert_verdict cw_peer_cert_check(struct x509_st *certificate, struct cw_bytes domain,
                                             int64_t now_s);

/** End of validity, seconds since the epoch; 0 without certificate or for a time beyond reading. */
int64_t cw_peer_cert_not_after_s(struct x509_st *certificate);

#define CW_PEER_CERT_KEY_LEN 32u /* SHA-256 */

/** SHA-256 of the certificate's SPKI. False, and `out` untouched: no certificate, or none that can
 * be read. */
bool cw_peer_cert_key(struct x509_st *certificate, uint8_t out[CW_PEER_CERT_KEY_LEN]);

/** Has `permit` no pins, or is `key` (NULL: none was shown) one of them? (STREAM-97) */
bool cw_peer_cert_key_pinned(const uint8_t *key, const struct cw_permit *permit);

/** Does the DNS-ID `pattern` match `domain`? Wildcards by STREAM-92. */
bool cw_peer_cert_dns_match(struct cw_bytes pattern, struct cw_bytes domain);
