/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_context.h"
#include "tls_pipe.h"

#include <causeway/tls.h>

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_DEPTH = 10, MAX_NAMES = 100, PROBLEM_LEN = 512, SECONDS_A_DAY = 86400 };

/* Forward secrecy always, AEAD first; the last two for Windows servers of the Lync years. */
static const char TLS12_SUITES[] =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES256:ECDHE+AES128:"
    "!aNULL:!eNULL:!PSK:!SRP:!SHA1";

static _Thread_local char last_problem[PROBLEM_LEN];

/* The oldest error of the queue is the cause, the others tell how it travelled. */
static enum cw_err complain(const char *what, const char *file, const char **problem)
{
    const unsigned long error = ERR_get_error();
    const char *reason = ERR_reason_error_string(error);
    if (file != NULL && access(file, R_OK) != 0) {
        reason = strerror(errno); // NOLINT(concurrency-mt-unsafe): start and reload, one thread
    }
    (void)snprintf(last_problem, sizeof(last_problem), "%s %s: %s", what, file == NULL ? "" : file,
                   reason == NULL ? "not usable" : reason);
    ERR_clear_error();
    *problem = last_problem;
    return CW_ERR_CONFIG;
}

/* A key with a pass phrase would make OpenSSL ask at the terminal. */
// NOLINTNEXTLINE(readability-non-const-parameter): the library's signature
static int no_pass_phrase(char *buffer, int size, int writing, void *user)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

/* STREAM-95: CAs stop issuing clientAuth, so serverAuth serves in both directions and OpenSSL's own
 * purpose check (which wants clientAuth of a client) is off. */
static bool usage_fits(X509 *certificate, const struct cw_tls *tls)
{
    const uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_INVALID) != 0) {
        return false;
    }
    if ((flags & EXFLAG_XKUSAGE) == 0) {
        return true;
    }
    uint32_t wanted = XKU_SSL_SERVER | XKU_ANYEKU;
    if (tls->server && tls->required) {
        wanted |= XKU_SSL_CLIENT;
    }
    return (X509_get_extended_key_usage(certificate) & wanted) != 0;
}

static bool chain_fits(X509_STORE_CTX *store, const struct cw_tls *tls)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
    for (int i = 0; i < sk_X509_num(chain); i++) {
        if (!usage_fits(sk_X509_value(chain, i), tls)) {
            return false;
        }
    }
    X509 *leaf = sk_X509_value(chain, 0);
    const uint32_t signs = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT;
    return (X509_get_key_usage(leaf) & signs) != 0;
}

/* STREAM-34, STREAM-37: asked for, a bad chain is noted (OpenSSL keeps the error as the verify
 * result) and the caller judges; required, it ends the handshake. */
static int verify_chain(X509_STORE_CTX *store, void *user)
{
    const struct cw_tls *tls = user;
    bool good = X509_verify_cert(store) > 0;
    if (!good && X509_STORE_CTX_get_error(store) == X509_V_OK) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
    }
    if (good && !chain_fits(store, tls)) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_INVALID_PURPOSE);
        good = false;
    }
    return good || !tls->required ? 1 : 0;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *user)
{
    (void)ssl;
    const struct cw_tls *tls = user;
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_len, tls->alpn, tls->alpn[0] + 1U, in, in_len) ==
        OPENSSL_NPN_NEGOTIATED) {
        *out = chosen;
        return SSL_TLSEXT_ERR_OK;
    }
    return tls->required ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

/* STREAM-35 */
// NOLINTNEXTLINE(readability-non-const-parameter): the library's signature
static int on_server_name(SSL *ssl, int *alert, void *user)
{
    (void)alert;
    const struct cw_tls *tls = user;
    struct cw_tls **chosen = SSL_get_app_data(ssl);
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == NULL || tls->choose == NULL || chosen == NULL || *chosen != NULL) {
        return SSL_TLSEXT_ERR_OK;
    }
    struct cw_tls *other = tls->choose(name, tls->choose_user);
    if (other != NULL && other != tls) {
        *chosen = cw_tls_share(other); /* its callbacks point at it as long as the session lives */
        (void)SSL_set_SSL_CTX(ssl, other->context);
    }
    return SSL_TLSEXT_ERR_OK;
}

static enum cw_err load_certificate(struct cw_tls *tls, const struct cw_tls_settings *settings,
                                    const char **problem)
{
    if (settings->certificate == NULL) {
        return settings->server ? complain("certificate", NULL, problem) : CW_OK;
    }
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(tls->context, settings->certificate) != 1) {
        return complain("certificate", settings->certificate, problem);
    }
    const char *key = settings->key == NULL ? settings->certificate : settings->key;
    if (SSL_CTX_use_PrivateKey_file(tls->context, key, SSL_FILETYPE_PEM) != 1) {
        return complain("key", key, problem);
    }
    const ASN1_TIME *end = X509_get0_notAfter(SSL_CTX_get0_certificate(tls->context));
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, end) == 1) {
        tls->not_after_s = (int64_t)days * SECONDS_A_DAY + seconds;
    }
    ASN1_TIME_free(epoch);
    return CW_OK;
}

static enum cw_err load_trust(struct cw_tls *tls, const struct cw_tls_settings *settings,
                              const char **problem)
{
    ERR_clear_error();
    const int loaded = settings->ca == NULL
                           ? SSL_CTX_set_default_verify_paths(tls->context)
                           : SSL_CTX_load_verify_locations(tls->context, settings->ca, NULL);
    if (loaded != 1) {
        return complain("ca", settings->ca, problem);
    }
    int mode = SSL_VERIFY_PEER;
    if (tls->required) {
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    }
    SSL_CTX_set_verify(tls->context, mode, NULL);
    SSL_CTX_set_verify_depth(tls->context, MAX_DEPTH);
    (void)SSL_CTX_set_purpose(tls->context, X509_PURPOSE_ANY);
    SSL_CTX_set_cert_verify_callback(tls->context, verify_chain, tls);
    return CW_OK;
}

static enum cw_err set_alpn(struct cw_tls *tls, const char *name, const char **problem)
{
    if (name == NULL) {
        return CW_OK;
    }
    const size_t len = strlen(name);
    if (len == 0 || len >= sizeof(tls->alpn)) {
        return complain("alpn", NULL, problem);
    }
    tls->alpn[0] = (unsigned char)len;
    memcpy(tls->alpn + 1, name, len);
    if (tls->server) {
        SSL_CTX_set_alpn_select_cb(tls->context, select_alpn, tls);
    } else if (SSL_CTX_set_alpn_protos(tls->context, tls->alpn, (unsigned)len + 1U) != 0) {
        return complain("alpn", NULL, problem);
    }
    return CW_OK;
}

/* STREAM-36 */
static enum cw_err set_rules(struct cw_tls *tls, bool tls13_only, const char **problem)
{
    SSL_CTX *context = tls->context;
    (void)SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                           SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
    if (SSL_CTX_set_min_proto_version(context, tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_max_early_data(context, 0) != 1 || SSL_CTX_set_num_tickets(context, 0) != 1 ||
        SSL_CTX_set_dh_auto(context, 1) != 1 ||
        SSL_CTX_set_cipher_list(context, TLS12_SUITES) != 1) {
        return complain("TLS library", NULL, problem);
    }
    if (tls->server) {
        (void)SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
        (void)SSL_CTX_set_tlsext_servername_arg(context, tls);
    }
    return CW_OK;
}

static enum cw_err fill(struct cw_tls *tls, const struct cw_tls_settings *settings,
                        const char **problem)
{
    CW_TRY(set_rules(tls, settings->tls13_only, problem));
    CW_TRY(load_certificate(tls, settings, problem));
    CW_TRY(load_trust(tls, settings, problem));
    return set_alpn(tls, settings->alpn, problem);
}

static struct cw_bytes bytes_of(const ASN1_STRING *text)
{
    return (struct cw_bytes){(const char *)ASN1_STRING_get0_data(text),
                             (size_t)ASN1_STRING_length(text)};
}

static bool name_is(struct cw_bytes have, struct cw_bytes wanted)
{
    return have.len > 0 && have.len == wanted.len && memchr(have.base, '\0', have.len) == NULL &&
           strncasecmp(have.base, wanted.base, have.len) == 0;
}

enum cw_err cw_tls_new(const struct cw_tls_settings *settings, struct cw_tls **out,
                       const char **problem)
{
    struct cw_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL) {
        abort();
    }
    tls->shares = 1;
    tls->server = settings->server;
    tls->required = settings->verify == CW_TLS_VERIFY_REQUIRE;
    tls->pipe = cw_tls_pipe_method();
    tls->context = SSL_CTX_new(settings->server ? TLS_server_method() : TLS_client_method());
    if (tls->context == NULL || tls->pipe == NULL) {
        abort();
    }
    const enum cw_err err = fill(tls, settings, problem);
    if (err != CW_OK) {
        cw_tls_free(&tls);
        return err;
    }
    *out = tls;
    return CW_OK;
}

struct cw_tls *cw_tls_share(struct cw_tls *tls)
{
    tls->shares++;
    return tls;
}

void cw_tls_free(struct cw_tls **tls)
{
    struct cw_tls *share = *tls;
    *tls = NULL;
    if (share == NULL || --share->shares > 0) {
        return;
    }
    SSL_CTX_free(share->context);
    BIO_meth_free(share->pipe);
    free(share);
}

struct ssl_ctx_st *cw_tls_context(const struct cw_tls *tls)
{
    return tls->context;
}

int64_t cw_tls_not_after_s(const struct cw_tls *tls)
{
    return tls->not_after_s;
}

void cw_tls_choose_by_name(struct cw_tls *tls, cw_tls_choose_fn *choose, void *user)
{
    tls->choose = choose;
    tls->choose_user = user;
}

/* A configured address is an identity, too: the operator wrote it, no DNS answer did. */
static bool address_is(const ASN1_OCTET_STRING *have, struct cw_bytes name)
{
    char text[64];
    unsigned char address[16];
    const int len = ASN1_STRING_length(have);

    if (name.len >= sizeof(text)) {
        return false;
    }
    memcpy(text, name.base, name.len);
    text[name.len] = '\0';
    return inet_pton(len == 4 ? AF_INET : AF_INET6, text, address) == 1 &&
           (len == 4 || len == 16) &&
           memcmp(ASN1_STRING_get0_data(have), address, (size_t)len) == 0;
}

static bool general_name_is(const GENERAL_NAME *have, struct cw_bytes name)
{
    if (have->type == GEN_DNS) {
        return name_is(bytes_of(have->d.dNSName), name);
    }
    return have->type == GEN_IPADD && address_is(have->d.iPAddress, name);
}

bool cw_tls_names_match(struct x509_st *certificate, const struct cw_bytes *names, size_t count)
{
    GENERAL_NAMES *have = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool match = false;

    for (int i = 0; i < sk_GENERAL_NAME_num(have) && i < MAX_NAMES && !match; i++) {
        for (size_t n = 0; n < count && !match; n++) {
            match = general_name_is(sk_GENERAL_NAME_value(have, i), names[n]);
        }
    }
    GENERAL_NAMES_free(have);
    ERR_clear_error();
    return match;
}

static bool ends_host(char c)
{
    return c == ':' || c == ';' || c == '?';
}

/* The host of a SIP URI; false if it is none, or names a user. */
static bool sip_host(const GENERAL_NAME *have, struct cw_bytes *host)
{
    static const char SCHEME[] = "sip:";
    const size_t skip = sizeof(SCHEME) - 1;

    if (have->type != GEN_URI) {
        return false;
    }
    const struct cw_bytes uri = bytes_of(have->d.uniformResourceIdentifier);

    if (uri.len <= skip || strncasecmp(uri.base, SCHEME, skip) != 0 ||
        memchr(uri.base, '@', uri.len) != NULL) {
        return false;
    }
    *host = (struct cw_bytes){uri.base + skip, 0};
    while (skip + host->len < uri.len && !ends_host(host->base[host->len])) {
        host->len++;
    }
    return true;
}

/* STREAM-98 */
bool cw_tls_sip_match(struct x509_st *certificate, struct cw_bytes name)
{
    GENERAL_NAMES *have = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool by_uri = false;
    bool by_name = false;
    bool has_uri = false;

    for (int i = 0; i < sk_GENERAL_NAME_num(have) && i < MAX_NAMES; i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(have, i);
        struct cw_bytes host;

        if (sip_host(one, &host)) {
            has_uri = true;
            by_uri = by_uri || name_is(host, name);
        } else if (general_name_is(one, name)) {
            by_uri = by_uri || one->type == GEN_IPADD;
            by_name = true;
        }
    }
    GENERAL_NAMES_free(have);
    ERR_clear_error();
    return has_uri ? by_uri : by_name;
}
