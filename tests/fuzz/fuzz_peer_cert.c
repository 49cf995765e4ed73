/* SPDX-License-Identifier: Apache-2.0 */
/* DER of a certificate. The names asked for are in no corpus file but the good ones; here only
 * memory and time are at stake, and that a wildcard never matches the bare domain. */
#include "peer_cert.h"

#include <openssl/x509.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cw_bytes NAMES[] = {
        {"partner.example", 15}, {"im.partner.example", 18}, {"xn--bcher-kva.example", 21}};
    struct cw_permit permit = {.pin_count = 1};
    const unsigned char *at = data;
    uint8_t key[CW_PEER_CERT_KEY_LEN];
    X509 *certificate = d2i_X509(NULL, &at, (long)size);

    if (size > 0) {
        (void)cw_peer_cert_dns_match((struct cw_bytes){(const char *)data, size}, NAMES[1]);
    }
    for (size_t i = 0; certificate != NULL && i < 3; i++) {
        (void)cw_peer_cert_check(certificate, NAMES[i], 1700000000);
    }
    if (cw_peer_cert_key(certificate, key)) {
        (void)cw_peer_cert_key_pinned(key, &permit);
    }
    X509_free(certificate);
    return 0;
}
