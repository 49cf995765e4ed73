/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What tls.c makes and the record layer uses.
 */

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#define CW_TLS_MAX_ALPN 64u

struct cw_tls {
    SSL_CTX *context;
    BIO_METHOD *pipe; /**< the BIO between OpenSSL and our queues */
    unsigned shares;
    bool required; /**< a peer without a good chain is refused */
    bool server;
    int64_t not_after_s;
    struct cw_tls *(*choose)(const char *server_name, void *user);
    void *choose_user;
    unsigned char alpn[CW_TLS_MAX_ALPN]; /**< length octet and name; empty: first octet 0 */
};
