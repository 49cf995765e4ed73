/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_mint.h"
#include "cw_test.h"
#include "peer_cert.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SRV  "otherName:1.3.6.1.5.5.7.8.7;IA5:"
#define ADDR "otherName:1.3.6.1.5.5.7.8.5;UTF8:"

static struct cw_mint *mint;
static int64_t now_s;

static struct cw_bytes of(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

static X509 *load(const struct cw_mint_leaf *leaf)
{
    X509 *certificate;
    FILE *in;

    cw_mint_make(mint, "leaf", leaf);
    in = fopen(cw_mint_path(mint, "leaf.crt"), "re");
    assert_non_null(in);
    certificate = PEM_read_X509(in, NULL, NULL, NULL);
    assert_non_null(certificate);
    (void)fclose(in);
    return certificate;
}

/* CERT-V01 to CERT-V03: STREAM-90, STREAM-91, STREAM-92, STREAM-93 */
static void matches_identities(void **state)
{
    static const struct {
        const char *san, *domain;
        bool match;
    } ROWS[] = {
        {"DNS:partner.example", "partner.example", true},
        {"DNS:PARTNER.Example", "partner.example", true},
        {SRV "_xmpp-server.partner.example", "partner.example", true},
        {SRV "_XMPP-Server.Partner.example", "partner.example", true},
        {SRV "_xmpp-client.partner.example", "partner.example", false},
        {SRV "_xmpp-server.", "partner.example", false},
        {SRV "_xmpp-server.*.partner.example", "im.partner.example", false},
        {SRV "partner.example", "partner.example", false},
        {ADDR "partner.example", "partner.example", true},
        {ADDR "Partner.Example", "partner.example", true},
        {ADDR "admin@partner.example", "partner.example", false},
        {ADDR "partner.example/x", "partner.example", false},
        {ADDR "*.partner.example", "im.partner.example", false},
        {"DNS:*.partner.example", "partner.example", false},
        {"DNS:host1.partner.example", "partner.example", false},
        {"DNS:other.example", "partner.example", false}, /* CN is "leaf"; never looked at */
        {"DNS:*.example", "partner.example", false},
        {"DNS:*.partner.example", "im.partner.example", true},
        {"DNS:*.partner.example", "a.b.partner.example", false},
        {"DNS:*.example", "im.partner.example", false},
        {"DNS:i*.partner.example", "im.partner.example", false},
        {"DNS:*m.partner.example", "im.partner.example", false},
        {"DNS:*.*.example", "im.partner.example", false},
        {"DNS:im.*.example", "im.partner.example", false},
        {"DNS:*", "example", false},
        {"DNS:xn--bcher-kva.example", "xn--bcher-kva.example", true},
        {"IP:127.0.0.1", "127.0.0.1", false},
        {"email:partner.example@x.example", "partner.example", false},
        {"URI:xmpp:partner.example", "partner.example", false},
        {"DNS:a.example,DNS:b.example,DNS:partner.example", "partner.example", true},
        /* wrong type of string: no match, never a conversion */
        {"otherName:1.3.6.1.5.5.7.8.5;IA5:partner.example", "partner.example", false},
        {"otherName:1.3.6.1.5.5.7.8.5;BMP:partner.example", "partner.example", false},
        {"otherName:1.3.6.1.5.5.7.8.7;UTF8:_xmpp-server.partner.example", "partner.example", false},
        {"otherName:1.3.6.1.5.5.7.8.9;UTF8:partner.example", "partner.example", false},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        X509 *certificate = load(&(struct cw_mint_leaf){.names = ROWS[i].san});

        cw_case(ROWS[i].san);
        assert_int_equal(cw_peer_cert_check(certificate, of(ROWS[i].domain), now_s),
                         ROWS[i].match ? CW_CERT_OK : CW_CERT_NAME);
        X509_free(certificate);
    }
    assert_int_equal(cw_peer_cert_check(NULL, of("partner.example"), now_s), CW_CERT_NONE);
}

/* CERT-V05: STREAM-95 */
static void wants_a_server(void **state)
{
    static const struct {
        const char *usage;
        enum cw_peer_cert_verdict verdict;
    } ROWS[] = {
        {"serverAuth", CW_CERT_OK},
        {"serverAuth,clientAuth", CW_CERT_OK},
        {"", CW_CERT_OK},
        {"anyExtendedKeyUsage", CW_CERT_OK},
        {"clientAuth", CW_CERT_PURPOSE},
        {"emailProtection", CW_CERT_PURPOSE},
        {"clientAuth,codeSigning", CW_CERT_PURPOSE},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        X509 *certificate =
            load(&(struct cw_mint_leaf){.names = "DNS:partner.example", .usage = ROWS[i].usage});

        cw_case(ROWS[i].usage);
        assert_int_equal(cw_peer_cert_check(certificate, of("partner.example"), now_s),
                         ROWS[i].verdict);
        X509_free(certificate);
    }
}

static void minds_the_time(void **state)
{
    X509 *certificate = load(&(struct cw_mint_leaf){.names = "DNS:partner.example"});
    const int64_t left_s = cw_peer_cert_not_after_s(certificate) - now_s;

    (void)state;
    assert_true(left_s > 86400 - 60 && left_s <= 86400 + 60); /* the mint's day, STREAM-96 */
    assert_int_equal(cw_peer_cert_not_after_s(NULL), 0);
    assert_int_equal(cw_peer_cert_check(certificate, of("partner.example"), now_s), CW_CERT_OK);
    assert_int_equal(
        cw_peer_cert_check(certificate, of("partner.example"), now_s + 3 * (int64_t)86400),
        CW_CERT_EXPIRED);
    assert_int_equal(
        cw_peer_cert_check(certificate, of("partner.example"), now_s - 3 * (int64_t)86400),
        CW_CERT_EXPIRED);
    X509_free(certificate);
    certificate = load(&(struct cw_mint_leaf){.names = "DNS:partner.example", .expired = true});
    assert_int_equal(cw_peer_cert_check(certificate, of("partner.example"), now_s),
                     CW_CERT_EXPIRED);
    X509_free(certificate);
}

static void add_name(GENERAL_NAMES *names, int type, const char *text, size_t len)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *value = ASN1_STRING_type_new(type);

    assert_int_equal(ASN1_STRING_set(value, text, (int)len), 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, value);
    assert_true(sk_GENERAL_NAME_push(names, name) > 0);
}

static enum cw_peer_cert_verdict check_names(GENERAL_NAMES *names)
{
    X509 *certificate = X509_new();
    enum cw_peer_cert_verdict verdict;

    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -10));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 1000));
    assert_int_equal(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   (const unsigned char *)"partner.example", -1, -1, 0),
        1);
    assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
    verdict = cw_peer_cert_check(certificate, of("partner.example"), now_s);
    X509_free(certificate);
    GENERAL_NAMES_free(names);
    return verdict;
}

static void is_not_fooled_by_bytes(void **state)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    char many[32];

    (void)state;
    add_name(names, V_ASN1_IA5STRING, "partner.example\0.evil.example", 29);
    add_name(names, V_ASN1_IA5STRING, "partner.example\0", 16);
    add_name(names, V_ASN1_IA5STRING, "partner.example.", 16);
    add_name(names, V_ASN1_IA5STRING, " partner.example", 16);
    assert_int_equal(check_names(names), CW_CERT_NAME);
    names = GENERAL_NAMES_new(); /* the hundredth name is looked at, the next is not */
    for (unsigned i = 0; i < 99; i++) {
        (void)snprintf(many, sizeof(many), "n%u.example", i);
        add_name(names, V_ASN1_IA5STRING, many, strlen(many));
    }
    add_name(names, V_ASN1_IA5STRING, "partner.example", 15);
    assert_int_equal(check_names(names), CW_CERT_OK);
    names = GENERAL_NAMES_new();
    for (unsigned i = 0; i < 10000; i++) {
        (void)snprintf(many, sizeof(many), "n%u.example", i);
        add_name(names, V_ASN1_IA5STRING, many, strlen(many));
    }
    add_name(names, V_ASN1_IA5STRING, "partner.example", 15);
    assert_int_equal(check_names(names), CW_CERT_NAME);
    assert_int_equal(check_names(GENERAL_NAMES_new()), CW_CERT_NAME); /* STREAM-93: CN matches */
}

/* STREAM-91, CERT-V03: U-labels of an XmppAddr become A-labels. */
static void compares_international_names(void **state)
{
    static const char NAME[] = "b\xc3\xbc"
                               "cher.example";
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_TYPE *value = ASN1_TYPE_new();
    ASN1_STRING *text = ASN1_STRING_type_new(V_ASN1_UTF8STRING);
    X509 *certificate = X509_new();

    (void)state;
    assert_int_equal(ASN1_STRING_set(text, NAME, (int)strlen(NAME)), 1);
    ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
    assert_int_equal(GENERAL_NAME_set0_othername(name, OBJ_txt2obj("1.3.6.1.5.5.7.8.5", 1), value),
                     1);
    assert_true(sk_GENERAL_NAME_push(names, name) > 0);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -10));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 1000));
    assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
    assert_int_equal(cw_peer_cert_check(certificate, of("xn--bcher-kva.example"), now_s),
                     CW_CERT_OK);
    assert_int_equal(cw_peer_cert_check(certificate, of("bcher.example"), now_s), CW_CERT_NAME);
    GENERAL_NAMES_free(names);
    X509_free(certificate);
}

static void compares_pins(void **state)
{
    X509 *certificate = load(&(struct cw_mint_leaf){.names = "DNS:partner.example"});
    struct cw_permit permit = {.pin_count = 0};
    unsigned len = 0;
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    unsigned char *der = NULL;
    uint8_t shown[CW_PEER_CERT_KEY_LEN];
    const int der_len = i2d_PUBKEY(key, &der);

    (void)state;
    assert_true(der_len > 0);
    assert_true(cw_peer_cert_key(certificate, shown));
    assert_false(cw_peer_cert_key(NULL, shown));
    assert_true(cw_peer_cert_key_pinned(shown, &permit));
    assert_true(cw_peer_cert_key_pinned(NULL, &permit));
    permit.pin_count = 1;
    assert_false(cw_peer_cert_key_pinned(shown, &permit)); /* STREAM-97 */
    assert_false(cw_peer_cert_key_pinned(NULL, &permit));
    permit.pin_count = 2;
    assert_int_equal(EVP_Digest(der, (size_t)der_len, permit.pins[1], &len, EVP_sha256(), NULL), 1);
    assert_true(cw_peer_cert_key_pinned(shown, &permit));
    permit.pins[1][31] ^= 1;
    assert_false(cw_peer_cert_key_pinned(shown, &permit));
    OPENSSL_free(der);
    X509_free(certificate);
}

/* STREAM-94: an authority is no server. */
static void refuses_an_authority(void **state)
{
    X509 *certificate = load(&(struct cw_mint_leaf){.names = "DNS:partner.example", .usage = ""});
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
    X509 *copy;

    (void)state;
    constraints->ca = 0xff;
    copy = X509_new();
    assert_int_equal(X509_set_version(copy, X509_VERSION_3), 1);
    assert_int_equal(X509_set1_notBefore(copy, X509_get0_notBefore(certificate)), 1);
    assert_int_equal(X509_set1_notAfter(copy, X509_get0_notAfter(certificate)), 1);
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    add_name(names, V_ASN1_IA5STRING, "partner.example", 15);
    assert_int_equal(X509_add1_ext_i2d(copy, NID_subject_alt_name, names, 0, 0), 1);
    assert_int_equal(X509_add1_ext_i2d(copy, NID_basic_constraints, constraints, 1, 0), 1);
    assert_int_equal(cw_peer_cert_check(copy, of("partner.example"), now_s), CW_CERT_PURPOSE);
    GENERAL_NAMES_free(names);
    BASIC_CONSTRAINTS_free(constraints);
    X509_free(copy);
    X509_free(certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_identities),   cmocka_unit_test(wants_a_server),
        cmocka_unit_test(minds_the_time),       cmocka_unit_test(is_not_fooled_by_bytes),
        cmocka_unit_test(compares_pins),        cmocka_unit_test(compares_international_names),
        cmocka_unit_test(refuses_an_authority),
    };
    int failed;

    now_s = (int64_t)time(NULL);
    mint = cw_mint_new();
    failed = cmocka_run_group_tests_name("peer_cert", tests, NULL, NULL);
    cw_mint_free(&mint);
    return failed;
}
