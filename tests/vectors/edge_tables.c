/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_vectors.h"

#include "cw_mint.h"
#include "dialback.h"
#include "domain.h"
#include "peer_cert.h"
#include "sha1.h"

#include <causeway/tls.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAMES_MAX 1024

static struct cw_bytes bytes(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

void play_dialback_key(const struct vector *vector)
{
    const struct cw_bytes secret = bytes(vector_need(vector, "secret"));
    const struct cw_bytes receiving = bytes(vector_need(vector, "receiving"));
    const struct cw_bytes originating = bytes(vector_need(vector, "originating"));
    const char *wanted = vector_need(vector, "key");
    const char *other = vector_text(vector, "invalid_id");
    char key[CW_DIALBACK_KEY_LEN + 1] = "";

    cw_dialback_key(secret, receiving, originating, bytes(vector_need(vector, "stream_id")), key);
    if (strcmp(key, wanted) != 0) {
        vector_fail("key: %s", key);
    }
    if (!cw_dialback_key_valid(secret, receiving, originating,
                               bytes(vector_need(vector, "stream_id")), bytes(wanted))) {
        vector_fail("the key is not taken");
    }
    if (other != NULL &&
        cw_dialback_key_valid(secret, receiving, originating, bytes(other), bytes(wanted))) {
        vector_fail("the key is taken for %s, too", other);
    }
}

static X509 *mint(const struct cw_mint_leaf *leaf, const char *common_name)
{
    struct cw_mint *mint = cw_mint_new();
    char file[NAMES_MAX];
    X509 *certificate;
    FILE *in;

    cw_mint_make(mint, common_name, leaf);
    (void)snprintf(file, sizeof(file), "%s.crt", common_name);
    in = fopen(cw_mint_path(mint, file), "re");
    certificate = in == NULL ? NULL : PEM_read_X509(in, NULL, NULL, NULL);
    if (certificate == NULL) {
        vector_fail("no certificate");
    }
    (void)fclose(in);
    cw_mint_free(&mint);
    return certificate;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The words of the case in those of the mint. */
static struct cw_mint_leaf leaf_of(const char *san, char *names)
{
    if (san == NULL) {
        return (struct cw_mint_leaf){.names = ""};
    }
    if (begins(san, "XmppAddr:")) {
        return (struct cw_mint_leaf){.names = "", .xmpp_address = san + strlen("XmppAddr:")};
    }
    if (begins(san, "SRV:")) {
        (void)snprintf(names, NAMES_MAX, "otherName:1.3.6.1.5.5.7.8.7;IA5:%s",
                       san + strlen("SRV:"));
        return (struct cw_mint_leaf){.names = names};
    }
    return (struct cw_mint_leaf){.names = san};
}

void play_certificate(const struct vector *vector)
{
    char names[NAMES_MAX];
    const char *common_name = vector_text(vector, "common_name");
    const struct cw_mint_leaf leaf = leaf_of(vector_text(vector, "san"), names);
    const bool match = vector_flag(vector, "match", false);
    struct cw_domain reference;
    enum cw_peer_cert_verdict verdict;
    X509 *certificate;

    if (!vector_has(vector, "san") || !vector_has(vector, "match")) {
        vector_fail("`san` and `match` are needed");
    }
    if (!cw_domain_read(bytes(vector_need(vector, "reference")), &reference)) {
        vector_fail("`reference` is no domain");
    }
    certificate = mint(&leaf, common_name == NULL ? "leaf" : common_name);
    verdict = cw_peer_cert_check(certificate, cw_domain_bytes(&reference), (int64_t)time(NULL));
    X509_free(certificate);
    if (verdict != (match ? CW_CERT_OK : CW_CERT_NAME)) {
        vector_fail("%s", cw_peer_cert_text(verdict));
    }
}

void play_sip_certificate(const struct vector *vector)
{
    const struct cw_yaml_node *san = vector_get(vector, "san");
    const bool match = vector_flag(vector, "match", false);
    char names[NAMES_MAX] = "";
    X509 *certificate;
    bool got;

    for (san = san == NULL ? NULL : san->first; san != NULL; san = san->next) {
        const size_t used = strlen(names);

        (void)snprintf(names + used, sizeof(names) - used, "%s%s", used == 0 ? "" : ",", san->text);
    }
    if (names[0] == '\0' || !vector_has(vector, "match")) {
        vector_fail("`san` and `match` are needed");
    }
    certificate = mint(&(struct cw_mint_leaf){.names = names}, "leaf");
    got = cw_tls_sip_match(certificate, bytes(vector_need(vector, "reference")));
    X509_free(certificate);
    if (got != match) {
        vector_fail("it %s", got ? "matches" : "does not match");
    }
}

/* COMP-1: no product code speaks it; the formula is that of the test peers' configuration. */
void play_component_handshake(const struct vector *vector)
{
    char text[NAMES_MAX];
    char digest[CW_SHA1_HEX_LEN + 1] = "";

    (void)snprintf(text, sizeof(text), "%s%s", vector_need(vector, "stream_id"),
                   vector_need(vector, "secret"));
    cw_sha1_hex(bytes(text), digest);
    if (strcmp(digest, vector_need(vector, "handshake")) != 0) {
        vector_fail("handshake: %s", digest);
    }
}
