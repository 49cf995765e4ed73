/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_mint.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_LEN = 256, MAX_PATHS = 64, DAY_S = 86400 };

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

struct cw_mint {
    char folder[PATH_LEN];
    struct authority known;
    struct authority stranger;
    long serial;
    char paths[MAX_PATHS][PATH_LEN * 2];
    unsigned path_count;
};

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void set_name(X509_NAME *name, const char *text)
{
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1,
                                    0) == 1);
}

static void add_extension(X509 *certificate, const struct authority *issuer, int kind,
                          const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer->certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* OpenSSL's words have no UTF-8. */
static void add_xmpp_address(X509 *certificate, const char *address)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_TYPE *value = ASN1_TYPE_new();
    ASN1_STRING *text = ASN1_STRING_type_new(V_ASN1_UTF8STRING);
    must(names != NULL && name != NULL && value != NULL && text != NULL);
    must(ASN1_STRING_set(text, address, -1) == 1);
    ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
    must(GENERAL_NAME_set0_othername(name, OBJ_txt2obj("1.3.6.1.5.5.7.8.5", 1), value) == 1);
    must(sk_GENERAL_NAME_push(names, name) > 0);
    must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1);
    GENERAL_NAMES_free(names);
}

static X509 *new_certificate(struct cw_mint *mint, EVP_PKEY *key, const char *name, long from_s,
                             long to_s)
{
    X509 *certificate = X509_new();
    must(certificate != NULL);
    (void)X509_set_version(certificate, X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++mint->serial);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
    (void)X509_set_pubkey(certificate, key);
    set_name(X509_get_subject_name(certificate), name);
    return certificate;
}

static void make_authority(struct cw_mint *mint, struct authority *out, const char *name)
{
    out->key = EVP_EC_gen("P-256");
    must(out->key != NULL);
    out->certificate = new_certificate(mint, out->key, name, -DAY_S, 30L * DAY_S);
    (void)X509_set_issuer_name(out->certificate, X509_get_subject_name(out->certificate));
    add_extension(out->certificate, out, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(out->certificate, out, NID_key_usage, "critical,keyCertSign,cRLSign");
    must(X509_sign(out->certificate, out->key, EVP_sha256()) != 0);
}

static void save_certificate(struct cw_mint *mint, const char *file, X509 *certificate)
{
    FILE *out = fopen(cw_mint_path(mint, file), "we");
    must(out != NULL && PEM_write_X509(out, certificate) == 1 && fclose(out) == 0);
}

static void save_key(struct cw_mint *mint, const char *file, EVP_PKEY *key)
{
    FILE *out = fopen(cw_mint_path(mint, file), "we");
    must(out != NULL && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 &&
         fclose(out) == 0);
}

struct cw_mint *cw_mint_new(void)
{
    struct cw_mint *mint = calloc(1, sizeof(*mint));
    must(mint != NULL);
    const char *temporary = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe)
    (void)snprintf(mint->folder, sizeof(mint->folder), "%s/cw-mint-XXXXXX",
                   temporary == NULL ? "/tmp" : temporary);
    must(mkdtemp(mint->folder) != NULL);
    make_authority(mint, &mint->known, "Known CA");
    make_authority(mint, &mint->stranger, "Stranger CA");
    save_certificate(mint, "ca.crt", mint->known.certificate);
    return mint;
}

void cw_mint_free(struct cw_mint **mint)
{
    struct cw_mint *gone = *mint;
    char path[PATH_LEN * 3];
    DIR *folder = opendir(gone->folder);
    must(folder != NULL);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        (void)snprintf(path, sizeof(path), "%s/%s", gone->folder, entry->d_name);
        (void)unlink(path);
    }
    (void)closedir(folder);
    (void)rmdir(gone->folder);
    X509_free(gone->known.certificate);
    X509_free(gone->stranger.certificate);
    EVP_PKEY_free(gone->known.key);
    EVP_PKEY_free(gone->stranger.key);
    free(gone);
    *mint = NULL;
}

void cw_mint_make(struct cw_mint *mint, const char *name, const struct cw_mint_leaf *leaf)
{
    const struct authority *issuer = leaf->stranger ? &mint->stranger : &mint->known;
    char file[PATH_LEN];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key != NULL);
    X509 *made = new_certificate(mint, key, name, -2L * DAY_S, leaf->expired ? -DAY_S : DAY_S);
    (void)X509_set_issuer_name(made, X509_get_subject_name(issuer->certificate));
    if (leaf->xmpp_address != NULL) {
        add_xmpp_address(made, leaf->xmpp_address);
    } else if (leaf->names == NULL || leaf->names[0] != '\0') {
        add_extension(made, issuer, NID_subject_alt_name,
                      leaf->names == NULL ? "DNS:peer.example" : leaf->names);
    }
    const char *usage = leaf->usage == NULL ? "serverAuth" : leaf->usage;
    if (usage[0] != '\0') {
        add_extension(made, issuer, NID_ext_key_usage, usage);
    }
    must(X509_sign(made, issuer->key, EVP_sha256()) != 0);
    (void)snprintf(file, sizeof(file), "%s.crt", name);
    save_certificate(mint, file, made);
    (void)snprintf(file, sizeof(file), "%s.key", name);
    save_key(mint, file, key);
    X509_free(made);
    EVP_PKEY_free(key);
}

const char *cw_mint_path(struct cw_mint *mint, const char *file)
{
    char wanted[PATH_LEN * 2];
    (void)snprintf(wanted, sizeof(wanted), "%s/%s", mint->folder, file);
    for (unsigned i = 0; i < mint->path_count; i++) {
        if (strcmp(mint->paths[i], wanted) == 0) {
            return mint->paths[i];
        }
    }
    must(mint->path_count < MAX_PATHS);
    memcpy(mint->paths[mint->path_count], wanted, sizeof(wanted));
    return mint->paths[mint->path_count++];
}
