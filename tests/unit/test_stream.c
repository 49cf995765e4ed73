/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_world.h"

#include "cw_test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define SASL (1u << CW_METHOD_SASL_TLS)
#define TLSD (1u << CW_METHOD_TLS_DIALBACK)
#define TCPD (1u << CW_METHOD_TCP_DIALBACK)

#define HEADER(from, to)                                                                           \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' "           \
    "from='" from "' to='" to "' version='1.0' xml:lang='de'>"
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define AUTH(text)                                                                                 \
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>" text "</auth>"
#define MESSAGE(from, to) "<message from='" from "' to='" to "'><body>smuggled</body></message>"

static struct cw_mint *mint;

static struct cw_bytes of(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

static void send_one(struct world *w)
{
    assert_int_equal(cw_stream_send(w->corp.opened, of("corp.example"), of("partner.example"),
                                    CW_LIT("<message xmlns='jabber:server' from='a@corp.example' "
                                           "to='b@partner.example'><body>hi</body></message>")),
                     CW_OK);
}

/* Two servers of ours: each row of permits leads to its method, and stanzas arrive by it. */
static void proves_the_pair_by_the_best_method(void **state)
{
    static const struct {
        const char *name;
        unsigned methods;
        bool tls;
        const char *certificate; /* of corp, the initiator */
        const char *method;
    } ROWS[] = {
        {"EXTERNAL", SASL, true, "corp", "sasl_tls"},
        {"EXTERNAL first", SASL | TLSD | TCPD, true, "corp", "sasl_tls"},
        {"certificate and dialback", TLSD, true, "corp", "tls_dialback"}, /* STREAM-72 */
        {"self-signed", SASL | TLSD, true, "stranger", "tls_dialback"},   /* STREAM-142 */
        {"another name", SASL | TLSD, true, "wrong", "tls_dialback"},     /* STREAM-V08 */
        {"in clear", TCPD, false, "corp", "tcp_dialback"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world w;
        char line[128] = "pair partner.example corp.example ";

        cw_case(ROWS[i].name);
        world_open(&w, mint, ROWS[i].methods, ROWS[i].tls);
        cw_tls_free(&w.corp.connects);
        w.corp.connects = raw_tls(mint, ROWS[i].certificate);
        world_connect(&w);
        strcat(line, ROWS[i].method);
        assert_true(world_until(&w, &w.partner, line));
        assert_true(world_until(&w, &w.corp, "pair corp.example partner.example"));
        send_one(&w);
        assert_true(world_until(&w, &w.partner, "stanza corp.example"));
        assert_non_null(strstr(w.partner.stanza, "<body>hi</body>"));
        world_close(&w);
    }
}

/* XEP-0368: TLS from the first octet, and the peer shows its features at once (STREAM-5,
 * STREAM-20). */
static void speaks_direct_tls(void **state)
{
    struct world w;
    struct cw_stream_facts facts;

    (void)state;
    world_open(&w, mint, SASL, true);
    w.partner.direct_tls = true;
    world_connect(&w);
    assert_true(world_until(&w, &w.partner, "pair partner.example corp.example sasl_tls"));
    assert_true(world_until(&w, &w.corp, "pair corp.example partner.example sasl_tls"));
    facts = cw_stream_facts(w.corp.opened);
    assert_true(facts.outgoing);
    assert_string_equal(facts.tls_version, "TLSv1.3");
    assert_string_equal(facts.remote, "partner.example");
    assert_int_equal(facts.method, CW_METHOD_SASL_TLS);
    assert_int_equal(facts.pairs, 1);
    world_close(&w);
}

/* The key that the partner was given is the only one (STREAM-97), both ways. */
static void keeps_to_pins(void **state)
{
    struct world w;

    (void)state;
    for (unsigned inbound = 0; inbound < 2; inbound++) {
        world_open(&w, mint, SASL | TLSD, true);
        (inbound ? &w.partner : &w.corp)->permits[0].pin_count = 1;
        world_connect(&w);
        assert_true(world_until(&w, &w.corp,
                                inbound ? "closed 5 not-authorized"
                                        : "closed 4 the "
                                          "peer's key"));
        assert_null(strstr(w.corp.log, "pair corp"));
        assert_null(strstr(w.partner.log, "pair partner"));
        world_close(&w);
    }
}

/** A certificate for partner.example that is its own authority and ends in `left_s`. */
static void make_short_lived(const char *certificate_file, const char *key_file, long left_s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *made = X509_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    FILE *out;

    assert_int_equal(ASN1_STRING_set(text, "partner.example", 15), 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    assert_true(sk_GENERAL_NAME_push(names, name) > 0);
    assert_int_equal(X509_set_version(made, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made), -10));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made), left_s));
    assert_int_equal(X509_set_pubkey(made, key), 1);
    assert_int_equal(X509_add1_ext_i2d(made, NID_subject_alt_name, names, 1, 0), 1);
    assert_true(X509_sign(made, key, EVP_sha256()) > 0);
    out = fopen(certificate_file, "we");
    assert_true(out != NULL && PEM_write_X509(out, made) == 1 && fclose(out) == 0);
    out = fopen(key_file, "we");
    assert_true(out != NULL && PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                fclose(out) == 0);
    GENERAL_NAMES_free(names);
    X509_free(made);
    EVP_PKEY_free(key);
}

/* STREAM-96: a proof does not outlive the certificate it rests on. */
static void ends_with_the_certificate(void **state)
{
    const struct cw_tls_settings server = {.certificate = cw_mint_path(mint, "short.crt"),
                                           .key = cw_mint_path(mint, "short.key"),
                                           .ca = cw_mint_path(mint, "ca.crt"),
                                           .verify = CW_TLS_VERIFY_ASK,
                                           .server = true};
    const struct cw_tls_settings client = {.certificate = cw_mint_path(mint, "corp.crt"),
                                           .key = cw_mint_path(mint, "corp.key"),
                                           .ca = cw_mint_path(mint, "short.crt"),
                                           .verify = CW_TLS_VERIFY_ASK};
    const char *problem = NULL;
    struct world w;

    (void)state;
    make_short_lived(server.certificate, server.key, 2);
    world_open(&w, mint, SASL, true);
    cw_tls_free(&w.partner.accepts);
    cw_tls_free(&w.corp.connects);
    assert_int_equal(cw_tls_new(&server, &w.partner.accepts, &problem), CW_OK);
    assert_int_equal(cw_tls_new(&client, &w.corp.connects, &problem), CW_OK);
    world_connect(&w);
    assert_true(world_until(&w, &w.corp, "pair corp.example partner.example sasl_tls"));
    assert_true(world_until(&w, &w.partner, "closed 9 reset"));
    assert_true(world_until(&w, &w.corp, "closed 9 the peer's certificate has expired"));
    world_close(&w);
}

/* A permit that is taken away counts from the next stanza on. */
static void obeys_a_permit_that_changes(void **state)
{
    struct world w;

    (void)state;
    world_open(&w, mint, SASL | TLSD, true);
    world_connect(&w);
    assert_true(world_until(&w, &w.corp, "pair corp.example partner.example sasl_tls"));
    w.partner.permits[0].methods = TLSD;
    send_one(&w);
    assert_true(world_until(&w, &w.corp, "closed 9 policy-violation"));
    assert_null(strstr(w.partner.log, "stanza corp.example"));
    world_close(&w);
}

static void forgets_nothing_and_closes_in_order(void **state)
{
    struct world w;

    (void)state;
    world_open(&w, mint, SASL, true);
    world_connect(&w);
    assert_true(world_until(&w, &w.corp, "pair corp.example partner.example sasl_tls"));
    send_one(&w);
    cw_stream_close(w.corp.opened, NULL, NULL);
    assert_false(cw_stream_may_send(w.corp.opened, of("corp.example"), of("partner.example")));
    assert_true(world_until(&w, &w.partner, "stanza corp.example")); /* STREAM-120 */
    assert_true(world_until(&w, &w.partner, "closed"));
    assert_true(world_until(&w, &w.corp, "closed"));
    world_close(&w);
}

/* Which ends are nobody's fault. */
static void tells_an_orderly_end(void **state)
{
    static const struct {
        const char *name;
        bool by_us;
        const char *condition, *text;
        const char *log; /* of corp */
        bool orderly;
    } ROWS[] = {
        {"ours", true, NULL, NULL, "closed 9 closed by us", true},
        {"ours, in other words", true, NULL, "for a reason", "closed 9 for a reason", true},
        {"the peer's", false, NULL, NULL, "closed 9 the peer closed", true},
        {"our error", true, "reset", NULL, "closed 9 refused: reset", false},
        {"the peer's error", false, "system-shutdown", NULL, "closed 9 system-shutdown", false},
        {"the peer's error in words of an end", false, "reset", "idle", "closed 9 reset: idle",
         false},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world w;

        cw_case(ROWS[i].name);
        world_open(&w, mint, SASL, true);
        world_connect(&w);
        assert_true(world_until(&w, &w.corp, "pair corp.example partner.example sasl_tls"));
        assert_true(world_until(&w, &w.partner, "pair partner.example corp.example"));
        assert_false(cw_stream_facts(w.corp.opened).orderly);
        cw_stream_close(ROWS[i].by_us ? w.corp.opened : w.partner.accepted, ROWS[i].condition,
                        ROWS[i].text);
        assert_true(world_until(&w, &w.corp, ROWS[i].log));
        assert_int_equal(w.corp.orderly, ROWS[i].orderly);
        world_close(&w);
    }
}

/* What an initiator of ours gets from a server that does not want it, or that it does not want. */
static void refuses_outbound(void **state)
{
    static const struct {
        const char *name;
        unsigned ours, theirs;
        bool tls, their_tls;
        const char *certificate; /* of partner, the receiver */
        const char *log;         /* of corp */
    } ROWS[] = {
        {"no permit there", SASL, 0, true, true, "partner", "closed 5 policy-violation"},
        {"wrong certificate", SASL, SASL, true, true, "wrong", "closed 4"},
        {"unknown authority", SASL, SASL, true, true, "stranger", "closed 4"},
        {"TLS required, not supported there", SASL | TLSD, TCPD, true, false, "partner",
         "closed 4 the peer refuses STARTTLS"}, /* STREAM-33 */
        {"dialback not permitted there", TLSD, SASL, true, true, "partner", "closed 5"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world w;

        cw_case(ROWS[i].name);
        world_open(&w, mint, ROWS[i].ours, ROWS[i].tls);
        w.partner.permits[0].methods = (uint8_t)ROWS[i].theirs;
        w.partner.permits[0].tls_offered = ROWS[i].their_tls;
        w.partner.permits[0].tls_required = (ROWS[i].theirs & TCPD) == 0;
        if (ROWS[i].theirs == 0) {
            w.partner.permit_count = 0;
        }
        cw_tls_free(&w.partner.accepts);
        w.partner.accepts = NULL;
        const struct cw_tls_settings settings = {
            .certificate =
                cw_mint_path(mint, strcmp(ROWS[i].certificate, "partner") == 0 ? "partner.crt"
                                   : strcmp(ROWS[i].certificate, "wrong") == 0 ? "wrong.crt"
                                                                               : "stranger.crt"),
            .key = cw_mint_path(mint, strcmp(ROWS[i].certificate, "partner") == 0 ? "partner.key"
                                      : strcmp(ROWS[i].certificate, "wrong") == 0 ? "wrong.key"
                                                                                  : "stranger.key"),
            .ca = cw_mint_path(mint, "ca.crt"),
            .verify = CW_TLS_VERIFY_ASK,
            .server = true,
        };
        const char *problem = NULL;
        assert_int_equal(cw_tls_new(&settings, &w.partner.accepts, &problem), CW_OK);
        world_connect(&w);
        assert_true(world_until(&w, &w.corp, ROWS[i].log));
        assert_null(strstr(w.corp.log, "pair corp.example"));
        assert_null(strstr(w.partner.log, "pair partner.example"));
        world_close(&w);
    }
}

/* STREAM-33: the partner may be served in clear, and refuses TLS: one more connection. */
static void tries_once_more_in_clear(void **state)
{
    struct world w;

    (void)state;
    world_open(&w, mint, TLSD | TCPD, true);
    w.partner.permits[0].tls_offered = false;
    w.partner.permits[0].methods = TCPD;
    world_connect(&w);
    assert_true(world_until(&w, &w.corp, "pair corp.example partner.example tcp_dialback"));
    world_close(&w);
}

static void passes_on_what_verification_found(void **state)
{
    static const struct {
        enum cw_fail cannot;
        const char *log;
    } ROWS[] = {
        {CW_FAIL_DNS, "pair-failed corp.example partner.example 5"},
        {CW_FAIL_CONNECT, "pair-failed corp.example partner.example 5"},
        {CW_FAIL_TIMEOUT, "pair-failed corp.example partner.example 6"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) { /* STREAM-69 */
        struct world w;

        world_open(&w, mint, TCPD, false);
        w.partner.cannot = ROWS[i].cannot;
        world_connect(&w);
        assert_true(world_until(&w, &w.corp, ROWS[i].log));
        world_close(&w);
    }
}

/* A key made with another secret is invalid (STREAM-64, STREAM-68). */
static void refuses_a_key_of_somebody_else(void **state)
{
    struct world w;

    (void)state;
    world_open(&w, mint, TCPD, false);
    world_connect(&w);
    w.corp.env.dialback_secret = CW_LIT("another"); /* the stream that opens keeps the old one */
    assert_true(world_until(&w, &w.corp, "pair-failed corp.example partner.example 10"));
    assert_true(world_until(&w, &w.partner, "answer no"));
    assert_null(strstr(w.partner.log, "pair partner.example"));
    world_close(&w);
}

static void ends_on_time(void **state)
{
    struct world w;
    static const struct step STEPS[] = {
        {HEADER("corp.example", "partner.example"), "</stream:features>"},
        {"     ", "<connection-timeout"}, /* STREAM-128: white space does not help */
        {NULL, "</stream:stream>"},
        {"</stream:stream>", "<CLOSED>"},
    };

    (void)state;
    world_open(&w, mint, SASL, true);
    w.partner.env.establishment_timeout_ms = 300;
    (void)raw_play(&w, &w.partner, NULL, STEPS, CW_COUNT(STEPS));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proves_the_pair_by_the_best_method),
        cmocka_unit_test(speaks_direct_tls),
        cmocka_unit_test(keeps_to_pins),
        cmocka_unit_test(obeys_a_permit_that_changes),
        cmocka_unit_test(ends_with_the_certificate),
        cmocka_unit_test(forgets_nothing_and_closes_in_order),
        cmocka_unit_test(tells_an_orderly_end),
        cmocka_unit_test(refuses_outbound),
        cmocka_unit_test(tries_once_more_in_clear),
        cmocka_unit_test(passes_on_what_verification_found),
        cmocka_unit_test(refuses_a_key_of_somebody_else),
        cmocka_unit_test(ends_on_time),
    };
    int failed;

    mint = cw_mint_new();
    cw_mint_make(mint, "corp", &(struct cw_mint_leaf){.names = "DNS:corp.example"});
    cw_mint_make(mint, "partner",
                 &(struct cw_mint_leaf){.names = "DNS:partner.example,DNS:rooms.partner.example"});
    cw_mint_make(mint, "wrong", &(struct cw_mint_leaf){.names = "DNS:other.example"});
    cw_mint_make(
        mint, "stranger",
        &(struct cw_mint_leaf){.names = "DNS:corp.example,DNS:partner.example", .stranger = true});
    failed = cmocka_run_group_tests_name("stream", tests, NULL, NULL);
    cw_mint_free(&mint);
    return failed;
}
