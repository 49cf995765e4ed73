/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_record.h"

#include "tls_context.h"
#include "tls_pipe.h"

#include <causeway/tls.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>

enum { PROBLEM_LEN = 192 };

struct cw_tls_record {
    SSL *ssl;
    struct cw_tls *tls;
    struct cw_tls *chosen; /**< by SNI, see cw_tls_choose_by_name() */
    struct cw_tls_pipe pipe;
    char problem[PROBLEM_LEN];
};

static void note_problem(struct cw_tls_record *record)
{
    const unsigned long error = ERR_get_error();
    const char *reason = ERR_reason_error_string(error);
    const long verdict = SSL_get_verify_result(record->ssl);
    if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK) {
        (void)snprintf(record->problem, sizeof(record->problem), "certificate refused: %s",
                       X509_verify_cert_error_string(verdict));
    } else if (reason != NULL || record->problem[0] == '\0') {
        (void)snprintf(record->problem, sizeof(record->problem), "%s",
                       reason == NULL ? "TLS protocol error" : reason);
    }
    ERR_clear_error();
}

static enum cw_tls_step step_of(struct cw_tls_record *record, int result)
{
    switch (SSL_get_error(record->ssl, result)) {
    case SSL_ERROR_NONE:
        return CW_TLS_DONE;
    case SSL_ERROR_WANT_READ:
        return CW_TLS_WANT;
    case SSL_ERROR_ZERO_RETURN:
        return CW_TLS_END;
    default:
        note_problem(record);
        return CW_TLS_FAIL;
    }
}

/* Both sides name the protocol, so a stranger's TLS client or server is found out here. */
static bool alpn_agreed(struct cw_tls_record *record)
{
    const unsigned char *name = NULL;
    unsigned len = 0;
    if (record->tls->alpn[0] == 0 || !record->tls->required) {
        return true;
    }
    SSL_get0_alpn_selected(record->ssl, &name, &len);
    return len > 0;
}

static void send_name(SSL *ssl, const char *server_name)
{
    char name[TLSEXT_MAXLEN_host_name + 1]; /* OpenSSL wants it writable */
    if (server_name != NULL && strlen(server_name) < sizeof(name)) {
        memcpy(name, server_name, strlen(server_name) + 1);
        (void)SSL_set_tlsext_host_name(ssl, name);
    }
}

struct cw_tls_record *cw_tls_record_new(struct cw_tls *tls, const char *server_name,
                                        struct cw_byte_queue *wire)
{
    struct cw_tls_record *record = calloc(1, sizeof(*record));
    if (record == NULL) {
        abort();
    }
    record->tls = cw_tls_share(tls);
    record->pipe.out = wire;
    record->ssl = SSL_new(tls->context);
    BIO *bio = BIO_new(tls->pipe);
    if (record->ssl == NULL || bio == NULL) {
        abort();
    }
    BIO_set_data(bio, &record->pipe);
    BIO_set_init(bio, 1);
    SSL_set_bio(record->ssl, bio, bio);
    if (tls->server) {
        SSL_set_accept_state(record->ssl);
    } else {
        SSL_set_connect_state(record->ssl);
        send_name(record->ssl, server_name);
    }
    (void)SSL_set_app_data(record->ssl, &record->chosen);
    ERR_clear_error();
    return record;
}

void cw_tls_record_free(struct cw_tls_record **record)
{
    if (*record == NULL) {
        return;
    }
    SSL_free((*record)->ssl);
    cw_tls_free(&(*record)->chosen);
    cw_tls_free(&(*record)->tls);
    free(*record);
    *record = NULL;
}

void cw_tls_record_feed(struct cw_tls_record *record, struct cw_bytes data)
{
    record->pipe.in = data;
}

struct cw_bytes cw_tls_record_left(const struct cw_tls_record *record)
{
    return record->pipe.in;
}

enum cw_tls_step cw_tls_record_handshake(struct cw_tls_record *record)
{
    ERR_clear_error();
    const enum cw_tls_step step = step_of(record, SSL_do_handshake(record->ssl));
    if (step == CW_TLS_DONE && !alpn_agreed(record)) {
        (void)snprintf(record->problem, sizeof(record->problem), "the peer did not agree on %.*s",
                       (int)record->tls->alpn[0], (const char *)record->tls->alpn + 1);
        return CW_TLS_FAIL;
    }
    if (step == CW_TLS_END) {
        (void)snprintf(record->problem, sizeof(record->problem), "closed during the handshake");
        return CW_TLS_FAIL;
    }
    return step;
}

enum cw_tls_step cw_tls_record_read(struct cw_tls_record *record, char *out, size_t size,
                                    size_t *len)
{
    enum cw_tls_step step = CW_TLS_DONE;
    *len = 0;
    while (step == CW_TLS_DONE && *len < size) {
        size_t got = 0;
        ERR_clear_error();
        step = step_of(record, SSL_read_ex(record->ssl, out + *len, size - *len, &got));
        *len += got;
    }
    /* What came before an end or an error is the peer's honest word; the end is met again. */
    return *len > 0 ? CW_TLS_DONE : step;
}

enum cw_tls_step cw_tls_record_write(struct cw_tls_record *record, struct cw_bytes data)
{
    size_t written = 0;
    if (data.len == 0) {
        return CW_TLS_DONE;
    }
    ERR_clear_error();
    const enum cw_tls_step step =
        step_of(record, SSL_write_ex(record->ssl, data.base, data.len, &written));
    return step == CW_TLS_DONE ? CW_TLS_DONE : CW_TLS_FAIL;
}

void cw_tls_record_close(struct cw_tls_record *record)
{
    ERR_clear_error();
    (void)SSL_shutdown(record->ssl);
    ERR_clear_error();
}

const char *cw_tls_record_problem(const struct cw_tls_record *record)
{
    return record->problem;
}

struct x509_st *cw_tls_record_certificate(const struct cw_tls_record *record)
{
    return SSL_get0_peer_certificate(record->ssl);
}

bool cw_tls_record_trusted(const struct cw_tls_record *record, const char **problem)
{
    const char *words = "the peer sent no certificate";
    bool trusted = false;
    if (SSL_get0_peer_certificate(record->ssl) != NULL) {
        const long verdict = SSL_get_verify_result(record->ssl);
        trusted = verdict == X509_V_OK;
        words = X509_verify_cert_error_string(verdict);
    }
    if (problem != NULL) {
        *problem = words;
    }
    return trusted;
}

const char *cw_tls_record_version(const struct cw_tls_record *record)
{
    return SSL_get_version(record->ssl);
}

const char *cw_tls_record_server_name(const struct cw_tls_record *record)
{
    return SSL_get_servername(record->ssl, TLSEXT_NAMETYPE_host_name);
}
