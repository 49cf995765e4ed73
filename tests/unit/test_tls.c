/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_mint.h"
#include "cw_test.h"

#include <causeway/tls.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct cw_mint *mint;

static X509 *load(const char *file)
{
    FILE *in = fopen(cw_mint_path(mint, file), "re");
    assert_non_null(in);
    X509 *certificate = PEM_read_X509(in, NULL, NULL, NULL);
    assert_non_null(certificate);
    (void)fclose(in);
    return certificate;
}

static void test_names_match(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *name;
        bool match;
    } ROWS[] = {
        {"two.crt", "edge1.example", true},
        {"two.crt", "EDGE1.Example", true},
        {"two.crt", "edge2.example", true},
        {"two.crt", "edge3.example", false},
        {"two.crt", "edge1.example.", false},
        {"two.crt", "edge1", false},
        {"two.crt", "", false},
        {"wild.crt", "edge1.example", false}, /* no wildcard among ourselves */
        {"wild.crt", "*.example", true},      /* nobody configures that; exact is exact */
        {"common.crt", "common", false},      /* CN never counts */
        {"mail.crt", "edge1.example", false}, /* other kinds of names never count */
        {"address.crt", "127.0.0.1", true},
        {"address.crt", "::1", true},
        {"address.crt", "127.0.0.2", false},
        {"address.crt", "127.0.0.1x", false},
        {"two.crt", "127.0.0.1", false},
    };
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        X509 *certificate = load(ROWS[i].file);
        const struct cw_bytes names[] = {CW_LIT("none.example"),
                                         {ROWS[i].name, strlen(ROWS[i].name)}};
        cw_case(ROWS[i].name);
        assert_int_equal(cw_tls_names_match(certificate, names, 2), ROWS[i].match);
        assert_false(cw_tls_names_match(certificate, names, 0));
        X509_free(certificate);
    }
}

/* STREAM-98 (CERT-V04): RFC 5922 section 7 */
static void test_sip_match(void **state)
{
    (void)state;
    static const struct {
        const char *names;
        const char *name;
        bool match;
    } ROWS[] = {
        {"URI:sip:corp.example", "corp.example", true},
        {"URI:SIP:Corp.Example:5061;transport=tls", "corp.example", true},
        {"URI:sip:corp.example?x=y", "corp.example", true},
        {"URI:sip:other.example,URI:sip:corp.example", "corp.example", true},
        {"DNS:corp.example", "corp.example", true},
        {"URI:sip:other.example,DNS:corp.example", "corp.example", false},
        {"DNS:corp.example,URI:sip:other.example", "corp.example", false},
        {"DNS:*.example", "corp.example", false},
        {"URI:sip:*.example", "corp.example", false},
        {"URI:sip:ops@corp.example", "corp.example", false},
        {"URI:sip:ops@corp.example,DNS:corp.example", "corp.example", true},
        {"URI:sips:corp.example", "corp.example", false},
        {"URI:xmpp:corp.example,DNS:corp.example", "corp.example", true},
        {"URI:sip:", "", false},
        {"email:corp.example@x.example", "corp.example", false},
        {"IP:127.0.0.1", "127.0.0.1", true},
        {"IP:127.0.0.1,URI:sip:other.example", "127.0.0.1", true}, /* the operator wrote it */
        {"DNS:corp.example", "127.0.0.1", false},
    };
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_mint_leaf leaf = {.names = ROWS[i].names};
        cw_case(ROWS[i].names);
        cw_mint_make(mint, "sip", &leaf);
        X509 *certificate = load("sip.crt");
        const struct cw_bytes name = {ROWS[i].name, strlen(ROWS[i].name)};
        assert_int_equal(cw_tls_sip_match(certificate, name), ROWS[i].match);
        X509_free(certificate);
    }
}

static void test_context(void **state)
{
    (void)state;
    struct cw_tls *tls = NULL;
    const char *problem = NULL;
    const struct cw_tls_settings settings = {.certificate = cw_mint_path(mint, "two.crt"),
                                             .key = cw_mint_path(mint, "two.key"),
                                             .ca = cw_mint_path(mint, "ca.crt"),
                                             .alpn = "causeway-link/1",
                                             .tls13_only = true,
                                             .server = true};
    assert_int_equal(cw_tls_new(&settings, &tls, &problem), CW_OK);
    SSL_CTX *context = cw_tls_context(tls);
    /* STREAM-36 */
    assert_int_equal(SSL_CTX_get_min_proto_version(context), TLS1_3_VERSION);
    assert_int_equal(SSL_CTX_get_max_early_data(context), 0);
    assert_true((SSL_CTX_get_options(context) & SSL_OP_NO_RENEGOTIATION) != 0);
    assert_true((SSL_CTX_get_options(context) & SSL_OP_NO_COMPRESSION) != 0);
    assert_int_equal(SSL_CTX_get_num_tickets(context), 0);
    const int64_t left_s = cw_tls_not_after_s(tls) - (int64_t)time(NULL);
    assert_true(left_s > 86400 - 120 && left_s <= 86400);
    struct cw_tls *share = cw_tls_share(tls);
    cw_tls_free(&tls);
    assert_null(tls);
    assert_ptr_equal(cw_tls_context(share), context);
    cw_tls_free(&share);
    cw_tls_free(&share);
}

static void test_floor_is_12(void **state)
{
    (void)state;
    struct cw_tls *tls = NULL;
    const char *problem = NULL;
    const struct cw_tls_settings settings = {.ca = cw_mint_path(mint, "ca.crt")};
    assert_int_equal(cw_tls_new(&settings, &tls, &problem), CW_OK);
    assert_int_equal(SSL_CTX_get_min_proto_version(cw_tls_context(tls)), TLS1_2_VERSION);
    assert_int_equal(cw_tls_not_after_s(tls), 0);
    STACK_OF(SSL_CIPHER) *suites = SSL_CTX_get_ciphers(cw_tls_context(tls));
    assert_true(sk_SSL_CIPHER_num(suites) > 0);
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
        const int exchange = SSL_CIPHER_get_kx_nid(sk_SSL_CIPHER_value(suites, i));
        assert_true(exchange == NID_kx_ecdhe || exchange == NID_kx_dhe || exchange == NID_kx_any);
    }
    cw_tls_free(&tls);
}

struct problem_case {
    const char *name;
    const char *certificate;
    const char *key;
    const char *ca;
    const char *problem; /**< part of it, behind the path */
};

static const struct problem_case PROBLEM_CASES[] = {
    {"no certificate file", "absent.crt", "two.key", "ca.crt",
     "absent.crt: No such file or directory"},
    {"no key file", "two.crt", "absent.key", "ca.crt", "absent.key: No such file or directory"},
    {"no ca file", "two.crt", "two.key", "absent.crt", "absent.crt: No such file or directory"},
    {"key of another", "two.crt", "wild.key", "ca.crt", "wild.key: key values mismatch"},
    {"not PEM", "text", "two.key", "ca.crt", "text: no start line"},
    {"ca not PEM", "two.crt", "two.key", "text", "text: "},
    {"server without", NULL, NULL, "ca.crt", "certificate"},
};

static void test_problems(void **state)
{
    (void)state;
    FILE *text = fopen(cw_mint_path(mint, "text"), "we");
    assert_non_null(text);
    assert_true(fputs("hello\n", text) >= 0);
    assert_int_equal(fclose(text), 0);
    for (size_t i = 0; i < CW_COUNT(PROBLEM_CASES); i++) {
        const struct problem_case *row = &PROBLEM_CASES[i];
        struct cw_tls *tls = NULL;
        const char *problem = NULL;
        const struct cw_tls_settings settings = {
            .certificate = row->certificate == NULL ? NULL : cw_mint_path(mint, row->certificate),
            .key = row->key == NULL ? NULL : cw_mint_path(mint, row->key),
            .ca = cw_mint_path(mint, row->ca),
            .server = true};
        cw_case(row->name);
        assert_int_equal(cw_tls_new(&settings, &tls, &problem), CW_ERR_CONFIG);
        assert_null(tls);
        if (strstr(problem, row->problem) == NULL) {
            fail_msg("%s", problem);
        }
    }
}

static int make_certificates(void **state)
{
    (void)state;
    mint = cw_mint_new();
    const struct cw_mint_leaf two = {.names = "DNS:edge1.example,DNS:edge2.example"};
    const struct cw_mint_leaf address = {.names = "IP:127.0.0.1,IP:::1"};
    const struct cw_mint_leaf wild = {.names = "DNS:*.example"};
    const struct cw_mint_leaf common = {.names = "DNS:other.example"};
    const struct cw_mint_leaf mail = {.names = "email:edge1.example@x.example,URI:edge1.example"};
    cw_mint_make(mint, "two", &two);
    cw_mint_make(mint, "address", &address);
    cw_mint_make(mint, "wild", &wild);
    cw_mint_make(mint, "common", &common);
    cw_mint_make(mint, "mail", &mail);
    return 0;
}

static int remove_certificates(void **state)
{
    (void)state;
    cw_mint_free(&mint);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_match), cmocka_unit_test(test_sip_match),
        cmocka_unit_test(test_context),     cmocka_unit_test(test_floor_is_12),
        cmocka_unit_test(test_problems),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
