/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What tls.c makes and the record layer uses.
 */

#include <causeway/tls.h>
#include <openssl/ssl.h>

#define CW_TLS_MAX_ALPN 64u

struct cw_tls {
    SSL_CTX *context;
    BIO_METHOD *pipe; /**< the BIO between OpenSSL and our queues */
    unsigned shares;
    enum cw_tls_verify verify;
    bool server;
    int64_t not_after_s;
    cw_tls_choose_fn *choose;
    void *choose_user;
    unsigned char alpn[CW_TLS_MAX_ALPN]; /**< length octet and name; empty: first octet 0 */
};
