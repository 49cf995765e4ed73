/* SPDX-License-Identifier: Apache-2.0 */
#include "peer_cert.h"

#include "domain.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define MAX_NAMES 100 /* a certificate may not make us compare for long */

static char lower(char c)
{
    static const char LOWER[] = "abcdefghijklmnopqrstuvwxyz";

    if (c >= 'A' && c <= 'Z') {
        return LOWER[c - 'A'];
    }
    return c;
}

static bool equal_ascii(struct cw_bytes a, struct cw_bytes b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.base[i]) != lower(b.base[i])) {
            return false;
        }
    }
    return true;
}

/** The content of a string of exactly this type; absent for another one or with a NUL inside. */
static struct cw_bytes string_of(const ASN1_STRING *string, int type)
{
    struct cw_bytes text = {NULL, 0};

    if (string == NULL || ASN1_STRING_type(string) != type || ASN1_STRING_length(string) <= 0) {
        return text;
    }
    text.base = (const char *)ASN1_STRING_get0_data(string);
    text.len = (size_t)ASN1_STRING_length(string);
    return memchr(text.base, '\0', text.len) == NULL ? text : (struct cw_bytes){NULL, 0};
}

/** SRV-ID: "_xmpp-server." and the domain, no wildcard (STREAM-91). */
static bool srv_match(struct cw_bytes name, struct cw_bytes domain)
{
    static const struct cw_bytes PREFIX = {"_xmpp-server.", 13};

    return name.len > PREFIX.len && equal_ascii((struct cw_bytes){name.base, PREFIX.len}, PREFIX) &&
           equal_ascii((struct cw_bytes){name.base + PREFIX.len, name.len - PREFIX.len}, domain);
}

/** XmppAddr: a bare domain (STREAM-91). */
static bool xmpp_addr_match(struct cw_bytes name, struct cw_bytes domain)
{
    struct cw_domain got;

    return name.base != NULL && cw_domain_read(name, &got) &&
           cw_bytes_equal(cw_domain_bytes(&got), domain);
}

static bool is_oid(const ASN1_OBJECT *oid, const unsigned char *der, size_t len)
{
    return OBJ_length(oid) == len && memcmp(OBJ_get0_data(oid), der, len) == 0;
}

static bool other_name_match(const OTHERNAME *other, struct cw_bytes domain)
{
    /* 1.3.6.1.5.5.7.8.5 and .7 */
    static const unsigned char XMPP_ADDR[] = {0x2b, 6, 1, 5, 5, 7, 8, 5};
    static const unsigned char DNS_SRV[] = {0x2b, 6, 1, 5, 5, 7, 8, 7};
    const ASN1_TYPE *value = other->value;

    if (value == NULL) {
        return false;
    }
    if (is_oid(other->type_id, XMPP_ADDR, sizeof(XMPP_ADDR)) && value->type == V_ASN1_UTF8STRING) {
        return xmpp_addr_match(string_of(value->value.utf8string, V_ASN1_UTF8STRING), domain);
    }
    if (is_oid(other->type_id, DNS_SRV, sizeof(DNS_SRV)) && value->type == V_ASN1_IA5STRING) {
        return srv_match(string_of(value->value.ia5string, V_ASN1_IA5STRING), domain);
    }
    return false;
}

static bool names_match(X509 *certificate, struct cw_bytes domain)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    const int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);
    bool match = false;

    for (int i = 0; i < count && i < MAX_NAMES && !match; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type == GEN_DNS) {
            match = cw_peer_cert_dns_match(string_of(name->d.dNSName, V_ASN1_IA5STRING), domain);
        } else if (name->type == GEN_OTHERNAME) {
            match = other_name_match(name->d.otherName, domain);
        }
    }
    GENERAL_NAMES_free(names);
    return match; /* STREAM-93: nothing else is asked */
}

/** STREAM-95: no extended key usage at all, any, or server authentication. */
static bool purpose_fits(X509 *certificate)
{
    int critical = 0;
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, NULL);
    bool fits = usage == NULL && critical == -1; /* -1: there is none; -2: two of them */

    for (int i = 0; usage != NULL && i < sk_ASN1_OBJECT_num(usage); i++) {
        const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, i));

        fits = fits || nid == NID_server_auth || nid == NID_anyExtendedKeyUsage;
    }
    EXTENDED_KEY_USAGE_free(usage);
    return fits && (X509_get_extension_flags(certificate) & EXFLAG_CA) == 0; /* STREAM-94 */
}

static bool is_valid_now(const X509 *certificate, int64_t now_s)
{
    time_t now = (time_t)now_s;

    return X509_cmp_time(X509_get0_notBefore(certificate), &now) == -1 &&
           X509_cmp_time(X509_get0_notAfter(certificate), &now) == 1;
}

bool cw_peer_cert_dns_match(struct cw_bytes pattern, struct cw_bytes domain)
{
    const char *dot;

    if (pattern.base == NULL || pattern.len == 0 || domain.len == 0) {
        return false;
    }
    if (pattern.len < 2 || pattern.base[0] != '*' || pattern.base[1] != '.') {
        return memchr(pattern.base, '*', pattern.len) == NULL && equal_ascii(pattern, domain);
    }
    /* STREAM-92: one whole label, and at least two labels behind it */
    pattern.base += 2;
    pattern.len -= 2;
    dot = memchr(domain.base, '.', domain.len);
    if (dot == NULL || pattern.len == 0 || memchr(pattern.base, '*', pattern.len) != NULL ||
        memchr(pattern.base, '.', pattern.len) == NULL) {
        return false;
    }
    domain.len -= (size_t)(dot - domain.base) + 1;
    domain.base = dot + 1;
    return equal_ascii(pattern, domain);
}

const char *cw_peer_cert_text(enum cw_peer_cert_verdict verdict)
{
    switch (verdict) {
    case CW_CERT_OK:
        return "certificate matches";
    case CW_CERT_NONE:
        return "peer showed no certificate";
    case CW_CERT_NAME:
        return "certificate is for another domain";
    case CW_CERT_PURPOSE:
        return "certificate is not for servers";
    case CW_CERT_EXPIRED:
    default:
        return "certificate is not valid now";
    }
}

enum cw_peer_cert_verdict cw_peer_cert_check(struct x509_st *certificate, struct cw_bytes domain,
                                             int64_t now_s)
{
    if (certificate == NULL) {
        return CW_CERT_NONE;
    }
    if (!names_match(certificate, domain)) { /* STREAM-90 */
        return CW_CERT_NAME;
    }
    if (!purpose_fits(certificate)) {
        return CW_CERT_PURPOSE;
    }
    return is_valid_now(certificate, now_s) ? CW_CERT_OK : CW_CERT_EXPIRED;
}

int64_t cw_peer_cert_not_after_s(struct x509_st *certificate)
{
    ASN1_TIME *epoch = certificate == NULL ? NULL : ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    const bool read = epoch != NULL &&
                      ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1;

    ASN1_TIME_free(epoch);
    return read ? (int64_t)days * 86400 + seconds : 0;
}

bool cw_peer_cert_key(struct x509_st *certificate, uint8_t out[CW_PEER_CERT_KEY_LEN])
{
    unsigned char *der = NULL;
    const int len =
        certificate == NULL ? 0 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    const bool done = len > 0 && EVP_Digest(der, (size_t)len, out, NULL, EVP_sha256(), NULL) == 1;

    OPENSSL_free(der);
    return done;
}

bool cw_peer_cert_key_pinned(const uint8_t *key, const struct cw_permit *permit)
{
    bool found = permit->pin_count == 0;

    for (size_t i = 0; key != NULL && i < permit->pin_count && i < CW_PERMIT_MAX_PINS; i++) {
        found = found || memcmp(key, permit->pins[i], CW_PEER_CERT_KEY_LEN) == 0;
    }
    return found;
}
