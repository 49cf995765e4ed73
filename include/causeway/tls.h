/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * TLS contexts: certificates, keys and trust of one listener or dialler, made from files and
 * replaceable at run time. Connections that exist keep the context they began with.
 *
 * TLS 1.2 and 1.3, forward-secret suites, no compression, renegotiation, early data or tickets.
 * A peer's certificate is good for us when its extended key usage is absent, "any" or contains
 * serverAuth, in either direction; where verification is required, a server also takes clientAuth.
 *
 * Rules: STREAM-34, STREAM-36, STREAM-95; DESIGN section 6 (link: TLS 1.3, both certificates).
 */

#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

struct cw_tls;
struct ssl_ctx_st;
struct x509_st;

enum cw_tls_verify {
    CW_TLS_VERIFY_ASK,    /**< ask for a certificate and note the result; the caller judges (S2S) */
    CW_TLS_VERIFY_REQUIRE /**< no valid chain to `ca`: the handshake fails (link, SIP) */
};

struct cw_tls_settings {
    const char
        *certificate; /**< PEM chain file, leaf first; NULL only for a client that has none */
    const char *key;  /**< PEM key file, without a pass phrase */
    const char *ca;   /**< PEM file of trust anchors; NULL: the system's */
    const char *alpn; /**< one protocol name, e.g. "causeway-link/1"; NULL for none.
                           With CW_TLS_VERIFY_REQUIRE the peer must agree on it */
    enum cw_tls_verify verify;
    bool tls13_only;
    bool server; /**< the context accepts; else it connects */
};

/**
 * Makes a context; all files are read now. On failure `*problem` is one line that names the file
 * and what is wrong (owned by the thread; valid until the next call), for the operator.
 *
 * @return CW_OK or CW_ERR_CONFIG
 */
CW_MUST_USE enum cw_err cw_tls_new(const struct cw_tls_settings *settings, struct cw_tls **out,
                                   const char **problem);

/** Takes one more share of `tls`; each is given back by cw_tls_free(). */
struct cw_tls *cw_tls_share(struct cw_tls *tls);

/** Gives a share back and sets `*tls` to NULL; the last one frees it. `*tls` may be NULL. */
void cw_tls_free(struct cw_tls **tls);

/** Borrowed; for the code that needs OpenSSL itself. */
struct ssl_ctx_st *cw_tls_context(const struct cw_tls *tls);

/** End of the leaf certificate's validity, seconds since the epoch; 0 without certificate. */
int64_t cw_tls_not_after_s(const struct cw_tls *tls);

/**
 * Which certificate answers a client that asks for `server_name`? Another server context, borrowed,
 * or NULL to stay with the one that it began with.
 */
typedef struct cw_tls *cw_tls_choose_fn(const char *server_name, void *user);

/** Asks `choose` during each handshake of `tls` that carries SNI (direct TLS, STREAM-35). */
void cw_tls_choose_by_name(struct cw_tls *tls, cw_tls_choose_fn *choose, void *user);

/**
 * Does the certificate carry one of `names` as DNS-ID (exact, ASCII case ignored, no wildcard)?
 * A name that is an IP address is looked for among the IP addresses: an operator may configure a
 * next hop so. Peers of the link are checked so; CN never counts. The first 100 names of the
 * certificate are looked at.
 */
bool cw_tls_names_match(struct x509_st *certificate, const struct cw_bytes *names, size_t count);

/**
 * Does the certificate identify the SIP domain or host `name` (RFC 5922 section 7; STREAM-98)? Its
 * identities are the hosts of SIP URIs without a user; only if it has none, its DNS names are. No
 * wildcard, no CN. An IP address as cw_tls_names_match().
 */
bool cw_tls_sip_match(struct x509_st *certificate, struct cw_bytes name);
