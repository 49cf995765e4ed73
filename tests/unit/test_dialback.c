/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "dialback.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define SASL (1u << CW_METHOD_SASL_TLS)
#define TLSD (1u << CW_METHOD_TLS_DIALBACK)
#define TCPD (1u << CW_METHOD_TCP_DIALBACK)

static void makes_the_keys_of_the_vectors(void **state)
{
    static const struct {
        const char *id, *key;
    } ROWS[] = {
        /* STREAM-V11, STREAM-V12: STREAM-61 */
        {"7b21c0d4", "0ca759e7f2a5afa2b1c2301c93346b1fadbb12efb357e16cfc556725e8092872"},
        {"bbb222", "9f4e2021b16c6052d91200a4991c55e497da788d5bd3165047180a4a7c46cf68"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        char key[CW_DIALBACK_KEY_LEN];
        const struct cw_bytes id = {ROWS[i].id, strlen(ROWS[i].id)};

        cw_dialback_key(CW_LIT("v3ry-s3cret"), CW_LIT("partner.example"), CW_LIT("corp.example"),
                        id, key);
        assert_memory_equal(key, ROWS[i].key, sizeof(key));
    }
}

/** The formula of XEP-0185 once more, with other words of OpenSSL. */
static void agrees_with_the_formula(void **state)
{
    static const char DATA[] = "xmpp.example.com example.org D60000229F";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char mac[EVP_MAX_MD_SIZE];
    char secret_hex[65];
    char want[65];
    char got[CW_DIALBACK_KEY_LEN];
    unsigned len = 0;
    size_t mac_len = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    (void)state;
    assert_int_equal(EVP_DigestInit_ex(context, EVP_sha256(), NULL), 1);
    assert_int_equal(EVP_DigestUpdate(context, "s3cr3tf0rd14lb4ck", 17), 1);
    assert_int_equal(EVP_DigestFinal_ex(context, digest, &len), 1);
    EVP_MD_CTX_free(context);
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(secret_hex + 2 * i, 3, "%02x", digest[i]);
    }
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret_hex, 64,
                              (const unsigned char *)DATA, strlen(DATA), mac, sizeof(mac),
                              &mac_len));
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(want + 2 * i, 3, "%02x", mac[i]);
    }
    cw_dialback_key(CW_LIT("s3cr3tf0rd14lb4ck"), CW_LIT("xmpp.example.com"), CW_LIT("example.org"),
                    CW_LIT("D60000229F"), got);
    assert_memory_equal(got, want, sizeof(got));
}

static void knows_its_own_keys_only(void **state)
{
    char key[CW_DIALBACK_KEY_LEN];
    const struct cw_bytes secret = CW_LIT("secret");
    struct cw_bytes given = {key, sizeof(key)};

    (void)state;
    cw_dialback_key(secret, CW_LIT("a.example"), CW_LIT("b.example"), CW_LIT("id"), key);
    /* STREAM-68 */
    assert_true(cw_dialback_key_valid(secret, CW_LIT("a.example"), CW_LIT("b.example"),
                                      CW_LIT("id"), given));
    assert_false(cw_dialback_key_valid(secret, CW_LIT("b.example"), CW_LIT("a.example"),
                                       CW_LIT("id"), given));
    assert_false(cw_dialback_key_valid(secret, CW_LIT("a.example"), CW_LIT("b.example"),
                                       CW_LIT("id2"), given));
    assert_false(cw_dialback_key_valid(CW_LIT("other"), CW_LIT("a.example"), CW_LIT("b.example"),
                                       CW_LIT("id"), given));
    assert_false(
        cw_dialback_key_valid(secret, CW_LIT("a.example"), CW_LIT("b.example"), CW_LIT(""), given));
    given.len--;
    assert_false(cw_dialback_key_valid(secret, CW_LIT("a.example"), CW_LIT("b.example"),
                                       CW_LIT("id"), given));
    given.len = 0;
    assert_false(cw_dialback_key_valid(secret, CW_LIT("a.example"), CW_LIT("b.example"),
                                       CW_LIT("id"), given));
    for (size_t i = 0; i < sizeof(key); i++) {
        given.len = sizeof(key);
        key[i] ^= 1;
        assert_false(cw_dialback_key_valid(secret, CW_LIT("a.example"), CW_LIT("b.example"),
                                           CW_LIT("id"), given));
        key[i] ^= 1;
    }
}

static void judges_requests(void **state)
{
    static const struct {
        const char *name;
        unsigned methods; /* 0: no permit */
        bool own, secure, certificate, pinned;
        size_t proven, pending;
        enum cw_dialback_verdict result, verify;
    } ROWS[] = {
        {"over TLS", SASL | TLSD, true, true, false, true, 0, 0, CW_DIALBACK_ASK,
         CW_DIALBACK_VALID},
        {"certificate", SASL | TLSD, true, true, true, true, 0, 0, CW_DIALBACK_VALID,
         CW_DIALBACK_VALID}, /* STREAM-72 */
        {"in clear", TCPD, true, false, false, true, 0, 0, CW_DIALBACK_ASK, CW_DIALBACK_VALID},
        {"in clear, a certificate means nothing", TCPD, true, false, true, true, 0, 0,
         CW_DIALBACK_ASK, CW_DIALBACK_VALID}, /* STREAM-73 */
        {"not ours", TLSD, false, true, true, true, 0, 0, CW_DIALBACK_ITEM_NOT_FOUND,
         CW_DIALBACK_ITEM_NOT_FOUND}, /* STREAM-66 */
        {"TLS required", SASL | TLSD, true, false, false, true, 0, 0, CW_DIALBACK_POLICY_VIOLATION,
         CW_DIALBACK_POLICY_VIOLATION}, /* STREAM-67 */
        {"no dialback", SASL, true, true, true, true, 0, 0, CW_DIALBACK_NOT_AUTHORIZED,
         CW_DIALBACK_NOT_AUTHORIZED}, /* STREAM-143 */
        {"pin", SASL | TLSD, true, true, true, false, 0, 0, CW_DIALBACK_NOT_AUTHORIZED,
         CW_DIALBACK_VALID}, /* STREAM-97 */
        {"too many under way", TLSD, true, true, false, true, 0, 8, CW_DIALBACK_RESOURCE_CONSTRAINT,
         CW_DIALBACK_VALID},
        {"one more under way", TLSD, true, true, false, true, 0, 7, CW_DIALBACK_ASK,
         CW_DIALBACK_VALID},
        {"too many proven", TLSD, true, true, false, true, 64, 0, CW_DIALBACK_RESOURCE_CONSTRAINT,
         CW_DIALBACK_VALID},
        {"stranger", 0, true, true, true, true, 0, 0, CW_DIALBACK_CLOSE, CW_DIALBACK_CLOSE},
        {"stranger asks for a stranger", 0, false, true, true, true, 0, 0, CW_DIALBACK_CLOSE,
         CW_DIALBACK_CLOSE},
        {"stranger beside a partner", 0, true, true, true, true, 1, 0, CW_DIALBACK_FORBIDDEN,
         CW_DIALBACK_FORBIDDEN},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_permit permit = {.methods = (uint8_t)ROWS[i].methods,
                                         .tls_offered = (ROWS[i].methods & (SASL | TLSD)) != 0,
                                         .tls_required = (ROWS[i].methods & TCPD) == 0};
        const struct cw_dialback_request request = {
            .permit = ROWS[i].methods == 0 ? NULL : &permit,
            .own = ROWS[i].own,
            .secure = ROWS[i].secure,
            .certificate = ROWS[i].certificate,
            .pinned = ROWS[i].pinned,
            .proven = ROWS[i].proven,
            .pending = ROWS[i].pending,
        };

        cw_case(ROWS[i].name);
        assert_int_equal(cw_dialback_judge_result(&request), ROWS[i].result);
        assert_int_equal(cw_dialback_judge_verify(&request), ROWS[i].verify);
    }
}

static void records_how_a_certificate_proved(void **state)
{
    struct cw_permit permit = {.methods = SASL | TLSD, .tls_offered = true, .tls_required = true};

    (void)state;
    assert_int_equal(cw_dialback_certificate_method(&permit), CW_METHOD_SASL_TLS);
    permit.methods = TLSD;
    assert_int_equal(cw_dialback_certificate_method(&permit), CW_METHOD_TLS_DIALBACK);
    assert_string_equal(cw_dialback_error(CW_DIALBACK_ITEM_NOT_FOUND), "item-not-found");
    assert_string_equal(cw_dialback_error(CW_DIALBACK_FORBIDDEN), "forbidden");
    assert_null(cw_dialback_error(CW_DIALBACK_VALID));
}

static void takes_each_answer_once(void **state)
{
    struct cw_verifications set = {NULL, 0};
    const struct cw_bytes own = CW_LIT("own.example");
    const struct cw_bytes remote = CW_LIT("a.example");
    char long_id[CW_DIALBACK_ID_MAX + 1];

    (void)state;
    memset(long_id, 'i', sizeof(long_id));
    assert_true(cw_verifications_add(&set, own, remote, CW_LIT("1"), 20));
    assert_false(cw_verifications_add(&set, own, remote, CW_LIT("1"), 20));
    assert_true(cw_verifications_add(&set, own, remote, CW_LIT("2"), 10));
    assert_false(cw_verifications_add(&set, own, remote, CW_LIT(""), 10));
    assert_false(
        cw_verifications_add(&set, own, remote, (struct cw_bytes){long_id, sizeof(long_id)}, 10));
    assert_int_equal(cw_verifications_first(&set)->deadline_ms, 10);
    /* STREAM-65: another domain, another id, twice */
    assert_false(cw_verifications_take(&set, own, CW_LIT("b.example"), CW_LIT("1")));
    assert_false(cw_verifications_take(&set, CW_LIT("b.example"), remote, CW_LIT("1")));
    assert_false(cw_verifications_take(&set, own, remote, CW_LIT("3")));
    assert_true(cw_verifications_take(&set, own, remote, CW_LIT("1")));
    assert_false(cw_verifications_take(&set, own, remote, CW_LIT("1")));
    assert_true(cw_verifications_take(&set, own, remote, CW_LIT("2")));
    assert_null(cw_verifications_first(&set));
    for (unsigned i = 0; i < CW_VERIFICATIONS_MAX; i++) {
        char id[16];

        (void)snprintf(id, sizeof(id), "%u", i);
        assert_true(cw_verifications_add(&set, own, remote, (struct cw_bytes){id, strlen(id)}, i));
    }
    assert_false(cw_verifications_add(&set, own, remote, CW_LIT("more"), 1));
    cw_verifications_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_keys_of_the_vectors),
        cmocka_unit_test(agrees_with_the_formula),
        cmocka_unit_test(knows_its_own_keys_only),
        cmocka_unit_test(judges_requests),
        cmocka_unit_test(records_how_a_certificate_proved),
        cmocka_unit_test(takes_each_answer_once),
    };

    return cmocka_run_group_tests_name("dialback", tests, NULL, NULL);
}
