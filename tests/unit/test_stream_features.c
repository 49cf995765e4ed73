/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"
#include "cw_test.h"
#include "domain.h"
#include "header.h"
#include "pair_set.h"
#include "sasl.h"
#include "stream_features.h"

#include <stdio.h>
#include <string.h>

#define SASL (1u << CW_METHOD_SASL_TLS)
#define TLSD (1u << CW_METHOD_TLS_DIALBACK)
#define TCPD (1u << CW_METHOD_TCP_DIALBACK)

static struct cw_bytes of(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

static struct cw_permit make_permit(unsigned methods)
{
    return (struct cw_permit){.methods = (uint8_t)methods,
                              .tls_offered = (methods & (SASL | TLSD)) != 0,
                              .tls_required = (methods & TCPD) == 0};
}

/* STREAM-22, STREAM-143: features by row of the negotiation matrix. "r": required. */
static void offers_by_permit(void **state)
{
    static const struct {
        unsigned methods;
        bool secure, certificate, proven;
        const char *offer; /* tls, external, dialback */
    } ROWS[] = {
        {SASL, false, false, false, "T r"},
        {SASL | TLSD, false, false, false, "T r"},
        {SASL | TLSD | TCPD, false, false, false, "T D"},
        {TCPD, false, false, false, "D"},
        {SASL, true, true, false, "E"},
        {SASL, true, false, false, ""},
        {SASL | TLSD, true, true, false, "E D"},
        {SASL | TLSD, true, false, false, "D"},
        {TLSD, true, true, false, "D"},
        {SASL | TLSD | TCPD, true, true, false, "E D"},
        {SASL | TLSD, true, true, true, "D"},
        {SASL, true, true, true, ""},
        {0, true, true, false, ""},
        {0, false, true, false, "T r"}, /* STREAM-140 */
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_permit permit = make_permit(ROWS[i].methods);
        const struct cw_features_peer peer = {
            .permit = ROWS[i].methods == 0 ? NULL : &permit,
            .named = true,
            .secure = ROWS[i].secure,
            .proven = ROWS[i].proven,
            .certificate = ROWS[i].certificate,
        };
        const struct cw_features offer = cw_features_offer(&peer);
        char got[16];

        (void)snprintf(got, sizeof(got), "%s%s%s%s", offer.starttls ? "T " : "",
                       offer.starttls_required ? "r " : "", offer.external ? "E " : "",
                       offer.dialback ? "D " : "");
        got[strlen(got) > 0 ? strlen(got) - 1 : 0] = '\0';
        assert_string_equal(got, ROWS[i].offer);
    }
}

/* STREAM-13: who does not say who it is decides later. */
static void offers_to_the_nameless(void **state)
{
    struct cw_features_peer peer = {.secure = true, .certificate = true};

    (void)state;
    assert_true(cw_features_offer(&peer).external);
    assert_true(cw_features_offer(&peer).dialback);
    peer.certificate = false;
    assert_false(cw_features_offer(&peer).external);
    peer.secure = false;
    assert_true(cw_features_offer(&peer).starttls_required);
    assert_false(cw_features_offer(&peer).dialback);
}

static void never_serves_a_pinned_partner_in_clear(void **state)
{
    struct cw_permit permit = make_permit(TLSD | TCPD);

    (void)state;
    assert_true(cw_features_permits(&permit, CW_METHOD_TCP_DIALBACK));
    permit.pin_count = 1;
    assert_false(cw_features_permits(&permit, CW_METHOD_TCP_DIALBACK));
    assert_true(cw_features_permits(&permit, CW_METHOD_TLS_DIALBACK));
    assert_false(cw_features_permits(NULL, CW_METHOD_TLS_DIALBACK));
    assert_false(cw_features_permits(&permit, CW_METHOD_NONE));
}

static void chooses_the_best_way(void **state)
{
    static const struct {
        const char *name;
        unsigned methods;
        bool secure, proven, certificate, clear, verify_only;
        bool starttls, external;
        enum cw_stream_event event, insisted; /* on TLS by the peer */
    } ROWS[] = {
        {"TLS first", SASL | TLSD | TCPD, false, false, false, false, false, true, true,
         CW_EV_GO_TLS, CW_EV_GO_TLS}, /* STREAM-21 */
        {"TLS also when not offered", SASL | TCPD, false, false, false, false, false, false, false,
         CW_EV_GO_TLS, CW_EV_GO_TLS}, /* STREAM-33 */
        {"TLS failed before", SASL | TLSD | TCPD, false, false, false, true, false, true, false,
         CW_EV_GO_DIALBACK, CW_EV_GO_UNSUPPORTED},
        {"TLS failed before, needed", SASL | TLSD, false, false, false, true, false, true, false,
         CW_EV_GO_NOWHERE, CW_EV_GO_UNSUPPORTED},
        {"no TLS at all", TCPD, false, false, false, false, false, true, false, CW_EV_GO_DIALBACK,
         CW_EV_GO_UNSUPPORTED},
        {"EXTERNAL", SASL | TLSD, true, false, true, false, false, false, true, CW_EV_GO_EXTERNAL,
         CW_EV_GO_EXTERNAL}, /* STREAM-46 */
        {"EXTERNAL not offered", SASL | TLSD, true, false, true, false, false, false, false,
         CW_EV_GO_DIALBACK, CW_EV_GO_DIALBACK},
        {"EXTERNAL not offered, needed", SASL, true, false, true, false, false, false, false,
         CW_EV_GO_NOWHERE, CW_EV_GO_NOWHERE},
        {"peer's certificate is bad", SASL | TLSD, true, false, false, false, false, false, true,
         CW_EV_GO_DIALBACK, CW_EV_GO_DIALBACK}, /* STREAM-37 */
        {"EXTERNAL not permitted", TLSD, true, false, true, false, false, false, true,
         CW_EV_GO_DIALBACK, CW_EV_GO_DIALBACK}, /* STREAM-143 */
        {"proven, not permitted any more", TLSD, true, true, true, false, false, false, true,
         CW_EV_GO_NOWHERE, CW_EV_GO_NOWHERE},
        {"proven", SASL, true, true, true, false, false, false, false, CW_EV_GO_READY,
         CW_EV_GO_READY},
        {"to verify", SASL | TLSD, true, false, false, false, true, false, true, CW_EV_GO_READY,
         CW_EV_GO_READY},
        {"to verify, in clear", TCPD, false, false, false, false, true, false, false,
         CW_EV_GO_READY, CW_EV_GO_UNSUPPORTED},
        {"to verify, no dialback", SASL, true, false, true, false, true, false, true,
         CW_EV_GO_NOWHERE, CW_EV_GO_NOWHERE},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct cw_permit permit = make_permit(ROWS[i].methods);
        struct cw_features_choice choice = {
            .permit = &permit,
            .offered = {.starttls = ROWS[i].starttls, .external = ROWS[i].external},
            .secure = ROWS[i].secure,
            .proven = ROWS[i].proven,
            .certificate = ROWS[i].certificate,
            .have_certificate = true,
            .clear = ROWS[i].clear,
            .verify_only = ROWS[i].verify_only,
        };

        cw_case(ROWS[i].name);
        assert_int_equal(cw_features_choose(&choice), ROWS[i].event);
        choice.offered.starttls_required = true; /* STREAM-22 */
        assert_int_equal(cw_features_choose(&choice), ROWS[i].insisted);
        choice.permit = NULL;
        assert_int_equal(cw_features_choose(&choice), CW_EV_GO_NOWHERE);
        choice.permit = &permit;
        choice.offered.unknown_required = true; /* STREAM-24 */
        assert_int_equal(cw_features_choose(&choice), CW_EV_GO_UNSUPPORTED);
    }
}

static void add_node(struct cw_element *e, size_t parent, const char *ns, const char *name,
                     const char *text)
{
    e->nodes[e->node_count++] = (struct cw_element_node){
        .name = of(name), .ns = of(ns), .text = of(text), .parent = parent};
}

static void reads_features(void **state)
{
    static struct cw_element e;
    struct cw_features got;

    (void)state;
    add_node(&e, 0, CW_NS_STREAM, "features", NULL);
    got = cw_features_read(&e);
    assert_false(got.starttls || got.external || got.dialback || got.unknown_required);
    add_node(&e, 0, CW_NS_SASL, "mechanisms", " \n"); /* STREAM-23 */
    assert_false(cw_features_read(&e).external);
    add_node(&e, 1, CW_NS_SASL, "mechanism", "PLAIN");
    add_node(&e, 1, CW_NS_SASL, "mechanism", "EXTERNAL");
    assert_true(cw_features_read(&e).external);
    add_node(&e, 0, CW_NS_TLS, "starttls", NULL);
    assert_true(cw_features_read(&e).starttls);
    assert_false(cw_features_read(&e).starttls_required);
    add_node(&e, 4, CW_NS_TLS, "required", NULL);
    got = cw_features_read(&e);
    assert_true(got.starttls_required && !got.unknown_required);
    add_node(&e, 0, CW_NS_DIALBACK_FEATURE, "dialback", NULL);
    assert_true(cw_features_read(&e).dialback && !cw_features_read(&e).dialback_errors);
    add_node(&e, 6, CW_NS_DIALBACK_FEATURE, "errors", NULL);
    assert_true(cw_features_read(&e).dialback_errors);
    add_node(&e, 0, "urn:new", "thing", NULL); /* STREAM-24 */
    assert_false(cw_features_read(&e).unknown_required);
    add_node(&e, 8, "urn:new", "required", NULL);
    assert_true(cw_features_read(&e).unknown_required);
}

static void reads_authorization_identities(void **state)
{
    static const struct {
        const char *from, *text;
        enum cw_sasl_failure failure;
    } ROWS[] = {
        /* STREAM-41, STREAM-42 */
        {"partner.example", "=", CW_SASL_NONE},
        {"partner.example", "", CW_SASL_NONE},
        {"partner.example", "cGFydG5lci5leGFtcGxl", CW_SASL_NONE},
        {"partner.example", "UEFSVE5FUi5leGFtcGxl", CW_SASL_NONE}, /* PARTNER.example */
        {"partner.example", "b3RoZXIuZXhhbXBsZQ==", CW_SASL_INVALID_AUTHZID},
        {"partner.example", "bWlyYUBwYXJ0bmVyLmV4YW1wbGU=", CW_SASL_INVALID_AUTHZID},
        {"partner.example", "cGFydG5lci5leGFtcGxl=", CW_SASL_INCORRECT_ENCODING},
        {"partner.example", "cGFydG5lci5leGFtcGxl\n", CW_SASL_INCORRECT_ENCODING},
        {"partner.example", "cGFydG5l ci5leGFtcGxl", CW_SASL_INCORRECT_ENCODING},
        {"partner.example", "==", CW_SASL_INCORRECT_ENCODING},
        {"partner.example", "====", CW_SASL_INCORRECT_ENCODING},
        {"partner2.example", "cGFydG5lcjIuZXhhbXBsZQ==", CW_SASL_NONE},
        {"partner2.example", "cGFydG5lcjIuZXhhbXBsZQ", CW_SASL_INCORRECT_ENCODING},
        {"partner2.example", "cGFydG5lcjIuZXhhbXBsZR==", CW_SASL_INCORRECT_ENCODING},
        {"partner.example", "!!notbase64", CW_SASL_INCORRECT_ENCODING},
        {NULL, "=", CW_SASL_INVALID_AUTHZID}, /* STREAM-13 */
        {NULL, "cGFydG5lci5leGFtcGxl", CW_SASL_NONE},
        {NULL, "AA==", CW_SASL_INVALID_AUTHZID},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_domain from = {.len = 0};
        struct cw_domain out;

        cw_case(ROWS[i].text);
        assert_true(ROWS[i].from == NULL || cw_domain_read(of(ROWS[i].from), &from));
        assert_int_equal(cw_sasl_authzid(of(ROWS[i].text), &from, &out), ROWS[i].failure);
    }
    assert_string_equal(cw_sasl_failure_name(CW_SASL_ENCRYPTION_REQUIRED), "encryption-required");
}

static void turns_base64_round(void **state)
{
    char text[64];
    char back[64];
    size_t len = 0;

    (void)state;
    for (size_t n = 0; n < 40; n++) {
        char data[40];

        memset(data, (int)(n * 37), sizeof(data));
        const size_t used = cw_base64_encode((struct cw_bytes){data, n}, text);
        assert_int_equal(used, CW_BASE64_LEN(n));
        assert_true(cw_base64_decode((struct cw_bytes){text, used}, back, sizeof(back), &len));
        cw_assert_bytes(((struct cw_bytes){back, len}), ((struct cw_bytes){data, n}));
        assert_false(n > 0 && cw_base64_decode((struct cw_bytes){text, used}, back, n - 1, &len));
    }
}

static void reads_domains(void **state)
{
    static const struct {
        const char *text, *want;
    } ROWS[] = {
        {"a.example", "a.example"},
        {"A.EXAMPLE", "a.example"},
        {"a.example.", "a.example"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"}, /* STREAM-91 */
        {"", NULL},
        {".", NULL},
        {"a..b", NULL},
        {".a", NULL},
        {"a@b", NULL},
        {"a/b", NULL},
        {"a b", NULL},
        {"a.example..", NULL},
        {"[::1]", NULL},
        {"\xff\xff", NULL},
    };
    static const struct {
        const char *text, *want;
    } JIDS[] = {
        {"a@b.example", "b.example"},
        {"b.example", "b.example"},
        {"a@b.example/c", "b.example"},
        {"b.example/x@y/z", "b.example"},
        {"@b.example", NULL},
        {"b.example/", NULL},
        {"a@", NULL},
        {"a@b@c.example", NULL},
        {"", NULL},
        {"/", NULL},
    };
    struct cw_domain got;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        cw_case(ROWS[i].text);
        assert_int_equal(cw_domain_read(of(ROWS[i].text), &got), ROWS[i].want != NULL);
        assert_true(ROWS[i].want == NULL || strcmp(got.text, ROWS[i].want) == 0);
    }
    for (size_t i = 0; i < CW_COUNT(JIDS); i++) { /* STREAM-110 */
        cw_case(JIDS[i].text);
        assert_int_equal(cw_domain_of_jid(of(JIDS[i].text), &got), JIDS[i].want != NULL);
        assert_true(JIDS[i].want == NULL || strcmp(got.text, JIDS[i].want) == 0);
    }
    char label[70];
    memset(label, 'a', sizeof(label));
    assert_true(cw_domain_read((struct cw_bytes){label, 63}, &got));
    assert_false(cw_domain_read((struct cw_bytes){label, 64}, &got));
    assert_null(cw_domain_bytes(&(struct cw_domain){.len = 0}).base);
}

static void reads_headers(void **state)
{
    struct cw_stream_header h = {.name = CW_LIT("stream"),
                                 .ns = CW_LIT(CW_NS_STREAM),
                                 .content = CW_LIT(CW_NS_SERVER),
                                 .from = CW_LIT("A.example"),
                                 .to = CW_LIT("b.example"),
                                 .version = CW_LIT("1.0"),
                                 .prefixed = true};
    static const struct {
        const char *version;
        bool old;
        enum cw_condition condition;
    } VERSIONS[] = {
        /* STREAM-11, STREAM-12: numbers, not text */
        {"1.0", false, CW_CONDITION_NONE},
        {"99.0", false, CW_CONDITION_NONE},
        {"01.00", false, CW_CONDITION_NONE},
        {"0.9", true, CW_CONDITION_NONE},
        {"1", false, CW_CONDITION_UNSUPPORTED_VERSION},
        {"1.", false, CW_CONDITION_UNSUPPORTED_VERSION},
        {".1", false, CW_CONDITION_UNSUPPORTED_VERSION},
        {"1.0x", false, CW_CONDITION_UNSUPPORTED_VERSION},
        {"99999.0", false, CW_CONDITION_UNSUPPORTED_VERSION},
        {"", false, CW_CONDITION_UNSUPPORTED_VERSION},
    };
    struct cw_header got;

    (void)state;
    for (size_t i = 0; i < CW_COUNT(VERSIONS); i++) {
        cw_case(VERSIONS[i].version);
        h.version = of(VERSIONS[i].version);
        assert_int_equal(cw_header_read(&h, &got), VERSIONS[i].condition);
        assert_true(VERSIONS[i].condition != CW_CONDITION_NONE || got.old == VERSIONS[i].old);
        assert_string_equal(got.from.text, "a.example");
    }
    h.version = (struct cw_bytes){NULL, 0};
    assert_int_equal(cw_header_read(&h, &got), CW_CONDITION_NONE);
    assert_true(got.old);
    h.prefixed = false; /* STREAM-15: a header without prefixes is legal */
    h.content = CW_LIT(CW_NS_STREAM);
    assert_int_equal(cw_header_read(&h, &got), CW_CONDITION_NONE);
    h.content = CW_LIT("jabber:client");
    assert_int_equal(cw_header_read(&h, &got), CW_CONDITION_INVALID_NAMESPACE);
}

static void keeps_pairs_apart(void **state)
{
    struct cw_pair_set set = {NULL, 0};
    const struct cw_bytes own = CW_LIT("own.example");
    char name[32];

    (void)state;
    assert_non_null(
        cw_pair_set_put(&set, own, CW_LIT("a.example"), CW_PAIR_PROVEN, CW_METHOD_SASL_TLS));
    assert_non_null(
        cw_pair_set_put(&set, own, CW_LIT("b.example"), CW_PAIR_PENDING, CW_METHOD_TLS_DIALBACK));
    /* STREAM-81: no pair widens another */
    assert_null(cw_pair_set_find(&set, own, CW_LIT("c.example")));
    assert_null(cw_pair_set_find(&set, CW_LIT("a.example"), own));
    assert_null(cw_pair_set_find(&set, own, CW_LIT("sub.a.example")));
    assert_int_equal(cw_pair_set_find(&set, own, CW_LIT("a.example"))->method, CW_METHOD_SASL_TLS);
    assert_int_equal(cw_pair_set_remote(&set, CW_LIT("a.example")), 1);
    assert_int_equal(cw_pair_set_remote(&set, CW_LIT("b.example")), 0); /* only asked */
    cw_pair_set_find(&set, own, CW_LIT("b.example"))->deadline_ms = 50;
    assert_int_equal(cw_pair_set_deadline(&set), 50);
    assert_null(cw_pair_set_overdue(&set, 49));
    cw_pair_set_remove(&set, cw_pair_set_overdue(&set, 50));
    assert_int_equal(set.count, 1);
    for (unsigned i = 0; i < CW_LIMIT_PENDING_DIALBACK + 1; i++) {
        (void)snprintf(name, sizeof(name), "p%u.example", i);
        assert_int_equal(
            cw_pair_set_put(&set, own, of(name), CW_PAIR_PENDING, CW_METHOD_TLS_DIALBACK) != NULL,
            i < CW_LIMIT_PENDING_DIALBACK);
    }
    for (unsigned i = 0; i < CW_LIMIT_PAIRS; i++) {
        (void)snprintf(name, sizeof(name), "q%u.example", i);
        assert_int_equal(cw_pair_set_put(&set, own, of(name), CW_PAIR_PROVEN, CW_METHOD_SASL_TLS) !=
                             NULL,
                         i < CW_LIMIT_PAIRS - 1 - CW_LIMIT_PENDING_DIALBACK);
    }
    cw_pair_set_clear(&set);
    assert_int_equal(set.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offers_by_permit),
        cmocka_unit_test(offers_to_the_nameless),
        cmocka_unit_test(never_serves_a_pinned_partner_in_clear),
        cmocka_unit_test(chooses_the_best_way),
        cmocka_unit_test(reads_features),
        cmocka_unit_test(reads_authorization_identities),
        cmocka_unit_test(turns_base64_round),
        cmocka_unit_test(reads_domains),
        cmocka_unit_test(reads_headers),
        cmocka_unit_test(keeps_pairs_apart),
    };

    return cmocka_run_group_tests_name("stream_features", tests, NULL, NULL);
}
