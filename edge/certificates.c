/* SPDX-License-Identifier: Apache-2.0 */
#include "certificates.h"

#include "peer_cert.h"

#include <causeway/clock.h>

#include <openssl/ssl.h>
#include <stdlib.h>

#define ALPN      "xmpp-server" /* STREAM-5 */
#define LINK_ALPN "causeway-link/1"

struct entry {
    char *domain;
    struct cw_tls *server;
    struct cw_tls *client;
};

struct cw_certificates {
    struct entry *entries;
    size_t count;
};

static struct cw_tls_settings s2s_settings(const struct cw_edge_certificate *certificate,
                                           const char *ca)
{
    return (struct cw_tls_settings){
        .certificate = certificate->certificate,
        .key = certificate->key,
        .ca = ca != NULL && ca[0] != '\0' ? ca : NULL,
        .alpn = ALPN,
        .verify = CW_TLS_VERIFY_ASK,
        .server = true,
    };
}

static enum cw_err entry_read(struct entry *entry, const struct cw_edge_certificate *certificate,
                              const char *ca, const char **problem)
{
    struct cw_tls_settings tls = s2s_settings(certificate, ca);

    CW_TRY(cw_tls_new(&tls, &entry->server, problem));
    tls.server = false;
    CW_TRY(cw_tls_new(&tls, &entry->client, problem));
    entry->domain = malloc(strlen(certificate->domain) + 1);
    if (entry->domain == NULL) {
        abort();
    }
    memcpy(entry->domain, certificate->domain, strlen(certificate->domain) + 1);
    return CW_OK;
}

enum cw_certificate_verdict cw_certificates_try(const struct cw_edge_certificate *certificate,
                                                const char *ca, const char **problem)
{
    const struct cw_tls_settings settings = s2s_settings(certificate, ca);
    const struct cw_bytes domain = {certificate->domain, strlen(certificate->domain)};
    struct cw_tls *tls = NULL;
    enum cw_peer_cert_verdict verdict;

    if (cw_tls_new(&settings, &tls, problem) != CW_OK) {
        return CW_CERTIFICATE_UNUSABLE;
    }
    verdict = cw_peer_cert_check(SSL_CTX_get0_certificate(cw_tls_context(tls)), domain,
                                 cw_clock_wall_ms() / 1000);
    cw_tls_free(&tls);
    return verdict == CW_CERT_OK ? CW_CERTIFICATE_GOOD : CW_CERTIFICATE_OTHER_NAME;
}

enum cw_err cw_certificates_link(const struct cw_edge_settings *settings, struct cw_tls **out,
                                 const char **problem)
{
    const struct cw_tls_settings tls = {
        .certificate = settings->link.certificate,
        .key = settings->link.key,
        .ca = settings->link.ca,
        .alpn = LINK_ALPN,
        .verify = CW_TLS_VERIFY_REQUIRE,
        .tls13_only = true,
        .server = true,
    };

    return cw_tls_new(&tls, out, problem);
}

/* The set in force answers, not the one that the handshake began with, which may be gone. */
static struct cw_tls *choose(const char *server_name, void *user)
{
    struct cw_certificates **const in_force = user;

    return cw_certificates_find(*in_force, (struct cw_bytes){server_name, strlen(server_name)},
                                true);
}

enum cw_err cw_certificates_new(const struct cw_edge_settings *settings,
                                struct cw_certificates **in_force, struct cw_certificates **out,
                                const char **problem)
{
    const struct cw_list *const list = &settings->s2s.certificates;
    const struct cw_edge_certificate *const items = list->items;
    struct cw_certificates *certificates = calloc(1, sizeof(*certificates));

    if (certificates == NULL) {
        abort();
    }
    certificates->entries = calloc(list->count + 1, sizeof(*certificates->entries));
    if (certificates->entries == NULL) {
        abort();
    }
    for (size_t i = 0; i < list->count; i++) {
        struct entry *const entry = &certificates->entries[certificates->count++];

        if (entry_read(entry, &items[i], settings->s2s.ca, problem) != CW_OK) {
            cw_certificates_free(&certificates);
            return CW_ERR_CONFIG;
        }
        cw_tls_choose_by_name(entry->server, choose, in_force);
    }
    *out = certificates;
    return CW_OK;
}

void cw_certificates_free(struct cw_certificates **certificates)
{
    if (*certificates == NULL) {
        return;
    }
    for (size_t i = 0; i < (*certificates)->count; i++) {
        free((*certificates)->entries[i].domain);
        cw_tls_free(&(*certificates)->entries[i].server);
        cw_tls_free(&(*certificates)->entries[i].client);
    }
    free((*certificates)->entries);
    free(*certificates);
    *certificates = NULL;
}

struct cw_tls *cw_certificates_find(const struct cw_certificates *certificates, struct cw_bytes own,
                                    bool server)
{
    const struct entry *found = certificates->count > 0 ? &certificates->entries[0] : NULL;

    for (size_t i = 0; i < certificates->count; i++) {
        const char *const domain = certificates->entries[i].domain;

        if (cw_bytes_equal((struct cw_bytes){domain, strlen(domain)}, own)) {
            found = &certificates->entries[i];
        }
    }
    if (found == NULL) {
        return NULL;
    }
    return server ? found->server : found->client;
}

void cw_certificates_note(const struct cw_certificates *certificates, struct cw_metrics *metrics)
{
    for (size_t i = 0; i < certificates->count; i++) {
        CW_METRIC_SET(metrics, CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS,
                      (double)cw_tls_not_after_s(certificates->entries[i].server),
                      certificates->entries[i].domain);
    }
}
