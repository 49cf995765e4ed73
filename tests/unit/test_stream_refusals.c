/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_world.h"

#include "cw_test.h"

#include <stdio.h>
#include <string.h>

#define SASL (1u << CW_METHOD_SASL_TLS)
#define TLSD (1u << CW_METHOD_TLS_DIALBACK)
#define TCPD (1u << CW_METHOD_TCP_DIALBACK)

#define OPEN "<?xml version='1.0'?><stream:stream xmlns='jabber:server' " NAMESPACES
#define NAMESPACES                                                                                 \
    "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' "
#define HEADER(from, to) OPEN "from='" from "' to='" to "' version='1.0' xml:lang='de'>"
#define GOOD_HEADER      HEADER("corp.example", "partner.example")
#define STARTTLS         "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define AUTH(text)                                                                                 \
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>" text "</auth>"
#define MESSAGE(from, to) "<message from='" from "' to='" to "'><body>x</body></message>"
#define FEATURES          "</stream:features>"

static struct cw_mint *mint;

/** What a server that serves partner.example says to one piece of input in clear. */
static void refuses_headers(void **state)
{
    static const struct {
        const char *name, *input, *answer;
    } ROWS[] = {
        {"V04 unknown host", HEADER("corp.example", "nothere.example"), "<host-unknown "},
        {"no 'to'", OPEN "from='corp.example' version='1.0'>", "<host-unknown "}, /* STREAM-13 */
        {"'to' is no domain", HEADER("corp.example", "a b"), "<host-unknown "},
        {"'from' is no domain", HEADER("a@corp.example", "partner.example"), "<invalid-from "},
        {"stream namespace", /* STREAM-15 */
         "<stream:stream xmlns='jabber:server' xmlns:stream='urn:x' to='partner.example'>",
         "<invalid-namespace "},
        {"content namespace",
         "<stream:stream xmlns='jabber:client' " NAMESPACES "to='partner.example' version='1.0'>",
         "<invalid-namespace "},
        {"no prefix", "<stream xmlns='jabber:server' to='partner.example' version='1.0'>",
         "<bad-namespace-prefix "},
        {"undeclared prefix", "<stream:stream xmlns='jabber:server' to='partner.example'>",
         "<not-well-formed "},
        {"other root", "<stream:strom xmlns='jabber:server' " NAMESPACES ">", "<bad-format "},
        {"version 0.9", OPEN "from='corp.example' to='partner.example'>",
         "<unsupported-version "}, /* STREAM-12 */
        {"version words", OPEN "to='partner.example' version='one'>", "<unsupported-version "},
        {"closed at once", "<stream:stream xmlns='jabber:server' " NAMESPACES "/>", "<bad-format "},
        {"UTF-8 mark", "\xef\xbb\xbf<stream:stream ", "<unsupported-encoding "}, /* STREAM-114 */
        {"UTF-16 mark", "\xff\xfe<", "<unsupported-encoding "},
        {"Latin 1", "<?xml version='1.0' encoding='ISO-8859-1'?>", "<unsupported-encoding "},
        {"no XML", "GET / HTTP/1.1\r\n\r\n", "<not-well-formed "},
        {"DTD", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e 'x'>]>", "<restricted-xml "},
        {"comment", "<!-- c -->", "<restricted-xml "},
        {"instruction", "<?pi x?>", "<restricted-xml "},
        {"V10 message", GOOD_HEADER MESSAGE("a@corp.example", "b@partner.example"),
         "<not-authorized "}, /* STREAM-25 */
        {"text", GOOD_HEADER "text", "<bad-format "},
        {"two headers", GOOD_HEADER GOOD_HEADER, "<restricted-xml "},
        {"features", GOOD_HEADER "<stream:features/>", "<policy-violation "},
        {"answer of STARTTLS", GOOD_HEADER "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
         "<not-authorized "},
        {"compression", /* STREAM-27 */
         GOOD_HEADER "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method>"
                     "</compress>",
         "<unsupported-stanza-type "},
        {"entity", GOOD_HEADER "<x xmlns='jabber:server'>&foo;</x>", "<restricted-xml "},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct step steps[] = {{ROWS[i].input, "</stream:stream>"}};
        struct world w;
        const char *got;

        cw_case(ROWS[i].name);
        world_open(&w, mint, SASL | TLSD, true);
        got = raw_play(&w, &w.partner, NULL, steps, 1);
        assert_non_null(strstr(got, "<stream:stream ")); /* STREAM-121: header first */
        assert_non_null(strstr(got, ROWS[i].answer));
        assert_null(strstr(w.partner.log, "stanza corp.example"));
        world_close(&w);
    }
}

static void offers_by_permit_in_clear(void **state)
{
    static const struct {
        const char *name;
        const char *from;
        unsigned methods;
        bool tls;
        const char *features;
    } ROWS[] = {
        {"V05 required", "corp.example", SASL | TLSD, true,
         "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>"
         "</starttls></stream:features>"}, /* STREAM-22 */
        {"stranger", "stranger.example", SASL, true,
         "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>"
         "</starttls></stream:features>"}, /* STREAM-140 */
        {"optional", "corp.example", SASL | TLSD | TCPD, true,
         "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'></starttls><dialback "
         "xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>"},
        {"not supported", "corp.example", TCPD, false,
         "<stream:features><dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
         "</stream:features>"}, /* STREAM-143 */
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        char header[512];
        const struct step steps[] = {{header, FEATURES}};
        struct world w;

        cw_case(ROWS[i].name);
        (void)snprintf(header, sizeof(header), OPEN "from='%s' to='partner.example' version='1.0'>",
                       ROWS[i].from);
        world_open(&w, mint, ROWS[i].methods, ROWS[i].tls);
        assert_non_null(strstr(raw_play(&w, &w.partner, NULL, steps, 1), ROWS[i].features));
        world_close(&w);
    }
}

/* V06: what stands behind <starttls/> is never looked at (STREAM-30). */
static void drops_what_is_smuggled_behind_starttls(void **state)
{
    static const struct step STEPS[] = {
        {GOOD_HEADER, FEATURES},
        {STARTTLS MESSAGE("x@corp.example", "tomasz@partner.example"), "<CLOSED>"}};
    struct world w;
    const char *got;

    (void)state;
    world_open(&w, mint, SASL, true);
    got = raw_play(&w, &w.partner, NULL, STEPS, CW_COUNT(STEPS));
    assert_null(strstr(got, "<proceed"));
    assert_null(strstr(w.partner.log, "stanza corp.example"));
    world_close(&w);
}

/* STREAM-V09: authorization identities. */
static void judges_authorization_identities(void **state)
{
    static const struct {
        const char *from, *input, *answer;
    } ROWS[] = {
        {"partner1.example", AUTH("="), "<success "},
        {"partner1.example", AUTH("cGFydG5lcjEuZXhhbXBsZQ=="), "<success "},
        {"partner1.example", AUTH("b3RoZXIuZXhhbXBsZQ=="), "<invalid-authzid/>"},
        {"partner1.example", AUTH("bWlyYUBwYXJ0bmVyLmV4YW1wbGU="), "<invalid-authzid/>"},
        {"partner1.example", AUTH("cGFydG5lcjEuZXhhbXBsZQ==="), "<incorrect-encoding/>"},
        {"partner1.example", AUTH("cGFydG5lcjEuZXhhbXBsZQ"), "<incorrect-encoding/>"},
        {"partner1.example", AUTH("cGFydG5lcjEuZXhhbXBsZR=="), "<incorrect-encoding/>"},
        {"partner1.example", AUTH("!!notbase64"), "<incorrect-encoding/>"},
        {"partner1.example", AUTH(" ="), "<incorrect-encoding/>"}, /* STREAM-42 */
        {"partner1.example", AUTH(""), "<challenge "},             /* STREAM-41 */
        {"partner1.example", AUTH("<x/>"), "<malformed-request/>"},
        {"partner1.example",
         "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>=</auth>",
         "<invalid-mechanism/>"}, /* STREAM-44 */
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        char header[512];
        const struct step steps[] = {{header, FEATURES},
                                     {STARTTLS, "<proceed"},
                                     {"<TLS>", NULL},
                                     {header, "<mechanism>EXTERNAL</mechanism>"},
                                     {ROWS[i].input, ROWS[i].answer}};
        struct world w;

        cw_case(ROWS[i].input);
        (void)snprintf(header, sizeof(header), OPEN "from='%s' to='partner.example' version='1.0'>",
                       ROWS[i].from);
        world_open(&w, mint, SASL | TLSD, true);
        w.partner.permits[0].domain = CW_LIT("partner1.example");
        (void)raw_play(&w, &w.partner, raw_tls(mint, "many"), steps, CW_COUNT(steps));
        world_close(&w);
    }
}

static void ends_after_three_attempts(void **state)
{
    static const struct step STEPS[] = {
        {GOOD_HEADER, FEATURES},
        {STARTTLS, "<proceed"},
        {"<TLS>", NULL},
        {GOOD_HEADER, FEATURES},
        {AUTH("!"), "</failure>"},
        {AUTH(""), "<challenge"},
        {"<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "<aborted/>"},
        {AUTH("!"), "<policy-violation"}}; /* STREAM-45 */
    struct world w;

    (void)state;
    world_open(&w, mint, SASL, true);
    (void)raw_play(&w, &w.partner, raw_tls(mint, "corp"), STEPS, CW_COUNT(STEPS));
    world_close(&w);
}

/* After TLS: who shows what, and what is left of the permit. */
static void judges_the_protected_header(void **state)
{
    static const struct {
        const char *name, *certificate, *from;
        unsigned methods;
        const char *answer;
        const char *never;
    } ROWS[] = {
        {"V07 match", "corp", "corp.example", SASL | TLSD, "<mechanism>EXTERNAL", "<starttls"},
        {"limits", "corp", "corp.example", SASL | TLSD, /* STREAM-131 */
         "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>65536</max-bytes><idle-seconds>60"
         "</idle-seconds></limits>",
         "<starttls"},
        {"V08 other name", "wrong", "corp.example", SASL | TLSD, "<dialback ", "<mechanism"},
        {"other name, nothing else", "wrong", "corp.example", SASL, "<policy-violation ",
         "<stream:features>"}, /* STREAM-49 */
        {"no certificate", NULL, "corp.example", SASL | TLSD, "<dialback ", "<mechanism"},
        {"unknown authority", "stranger", "corp.example", SASL | TLSD, "<dialback ", "<mechanism"},
        {"expired", "expired", "corp.example", SASL | TLSD, "<dialback ", "<mechanism"},
        {"client only", "client", "corp.example", SASL | TLSD, "<dialback ",
         "<mechanism"}, /* CERT-V05, STREAM-95 */
        {"no usage", "any", "corp.example", SASL | TLSD, "<mechanism>EXTERNAL", "<starttls"},
        {"SASL not supported", "corp", "corp.example", TLSD, "<dialback ", "<mechanism"},
        {"only SASL", "corp", "corp.example", SASL, "<mechanism>EXTERNAL", "<dialback "},
        {"a stranger", "wrong", "other.example", SASL, "<policy-violation ",
         "<stream:features>"}, /* STREAM-140 */
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        char header[512];
        const struct step steps[] = {{GOOD_HEADER, FEATURES},
                                     {STARTTLS, "<proceed"},
                                     {"<TLS>", NULL},
                                     {header, "</stream:"}};
        struct world w;
        const char *got;

        cw_case(ROWS[i].name);
        (void)snprintf(header, sizeof(header), OPEN "from='%s' to='partner.example' version='1.0'>",
                       ROWS[i].from);
        world_open(&w, mint, ROWS[i].methods, true);
        got = raw_play(&w, &w.partner, raw_tls(mint, ROWS[i].certificate), steps, CW_COUNT(steps));
        got = strstr(got, "<proceed");
        assert_non_null(got);
        assert_non_null(strstr(got, ROWS[i].answer));
        assert_null(strstr(got, ROWS[i].never));
        assert_int_equal(strstr(w.partner.log, "turned-away other.example") != NULL,
                         strcmp(ROWS[i].name, "a stranger") == 0);
        world_close(&w);
    }
}

/* STREAM-49: where only SASL is left, the certificate is what was wrong, and what is counted. */
static void blames_the_certificate(void **state)
{
    static const struct step STEPS[] = {{GOOD_HEADER, FEATURES},
                                        {STARTTLS, "<proceed"},
                                        {"<TLS>", NULL},
                                        {GOOD_HEADER, "</stream:stream>"},
                                        {"</stream:stream>", "<CLOSED>"}};
    static const struct {
        const char *certificate, *log;
    } ROWS[] = {
        {"wrong", "closed 4 certificate is for another domain"},
        {"expired", "closed 4 certificate"},
        {"client", "closed 4 "},
        {NULL, "closed 4 peer showed no certificate"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world w;

        cw_case(ROWS[i].log);
        world_open(&w, mint, SASL, true);
        (void)raw_play(&w, &w.partner, raw_tls(mint, ROWS[i].certificate), STEPS, CW_COUNT(STEPS));
        assert_true(world_until(&w, &w.partner, ROWS[i].log));
        world_close(&w);
    }
}

/* A change of mind after EXTERNAL is refused (STREAM-47, STREAM-48). */
static void wants_the_same_pair_after_external(void **state)
{
    static const struct {
        const char *header, *answer;
    } ROWS[] = {
        {GOOD_HEADER, "</stream:features>"},
        {HEADER("other.example", "partner.example"), "<invalid-from "},
        {HEADER("corp.example", "corp.example"), "<host-unknown "},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct step steps[] = {{GOOD_HEADER, FEATURES}, {STARTTLS, "<proceed"},
                                     {"<TLS>", NULL},         {GOOD_HEADER, FEATURES},
                                     {AUTH("="), "<success"}, {ROWS[i].header, ROWS[i].answer}};
        struct world w;

        cw_case(ROWS[i].answer);
        world_open(&w, mint, SASL, true);
        (void)raw_play(&w, &w.partner, raw_tls(mint, "many"), steps, CW_COUNT(steps));
        assert_int_equal(strstr(w.partner.log, "pair ") != NULL, i == 0);
        world_close(&w);
    }
}

/* STREAM-V19, STREAM-110, STREAM-111: the exact pair and nothing else. */
static void checks_every_stanza(void **state)
{
    static const struct {
        const char *stanza, *answer;
    } ROWS[] = {
        {MESSAGE("x@corp.example", "y@partner.example"), NULL},
        {MESSAGE("x@CORP.example/r", "y@Partner.Example"), NULL},
        {MESSAGE("corp.example", "partner.example"), NULL},
        {MESSAGE("x@evilcorp.example", "y@partner.example"), "<invalid-from "},
        {MESSAGE("x@sub.corp.example", "y@partner.example"), "<invalid-from "},
        {MESSAGE("x@corp.example", "y@other.example"), "<host-unknown "},
        {MESSAGE("x@corp.example", ""), "<improper-addressing "},
        {MESSAGE("@corp.example", "y@partner.example"), "<improper-addressing "},
        {MESSAGE("x@corp.example/", "y@partner.example"), "<improper-addressing "},
        {"<message from='x@corp.example'/>", "<improper-addressing "},
        {"<message xmlns='jabber:client' from='x@corp.example' to='y@partner.example'/>",
         "<unsupported-stanza-type "}, /* STREAM-115 */
        {"<!-- c -->", "<restricted-xml "},
        {"<message from='x@corp.example' to='y@partner.example'><!-- c --></message>",
         "<restricted-xml "}, /* STREAM-113 */
        {"<message from='x@corp.example' to='y@partner.example'><?pi x?></message>",
         "<restricted-xml "},
        {"<message from='x@corp.example' to='y@partner.example'><p:a/></message>",
         "<not-well-formed "},
        {"<message from='x@corp.example' to='y@partner.example'></messag></message>",
         "<not-well-formed "},
        {"<message from='x@corp.example' to='y@partner.example'>&#0;</message>",
         "<not-well-formed "},
        {"<message from='x@corp.example' to='y@partner.example'>\xff</message>",
         "<unsupported-encoding "}, /* STREAM-114 */
        {GOOD_HEADER, "<restricted-xml "},
        {STARTTLS, "<not-authorized "},
        {AUTH("="), "<not-authorized "},
    };
    static const struct step UP[] = {{GOOD_HEADER, FEATURES}, {STARTTLS, "<proceed"},
                                     {"<TLS>", NULL},         {GOOD_HEADER, FEATURES},
                                     {AUTH("="), "<success"}, {GOOD_HEADER, FEATURES}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct step steps[CW_COUNT(UP) + 2];
        struct world w;

        cw_case(ROWS[i].stanza);
        memcpy(steps, UP, sizeof(UP));
        steps[CW_COUNT(UP)] = (struct step){ROWS[i].stanza, ROWS[i].answer};
        steps[CW_COUNT(UP) + 1] = (struct step){"</stream:stream>", "<CLOSED>"};
        world_open(&w, mint, SASL, true);
        (void)raw_play(&w, &w.partner, raw_tls(mint, "corp"), steps, CW_COUNT(steps));
        assert_int_equal(strstr(w.partner.log, "stanza corp.example") != NULL,
                         ROWS[i].answer == NULL);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_headers),
        cmocka_unit_test(offers_by_permit_in_clear),
        cmocka_unit_test(drops_what_is_smuggled_behind_starttls),
        cmocka_unit_test(judges_authorization_identities),
        cmocka_unit_test(ends_after_three_attempts),
        cmocka_unit_test(judges_the_protected_header),
        cmocka_unit_test(blames_the_certificate),
        cmocka_unit_test(wants_the_same_pair_after_external),
        cmocka_unit_test(checks_every_stanza),
    };
    int failed;

    mint = cw_mint_new();
    cw_mint_make(mint, "corp", &(struct cw_mint_leaf){.names = "DNS:corp.example"});
    cw_mint_make(mint, "partner", &(struct cw_mint_leaf){.names = "DNS:partner.example"});
    cw_mint_make(
        mint, "many",
        &(struct cw_mint_leaf){.names = "DNS:corp.example,DNS:other.example,DNS:partner1.example"});
    cw_mint_make(mint, "wrong", &(struct cw_mint_leaf){.names = "DNS:other.example"});
    cw_mint_make(mint, "client",
                 &(struct cw_mint_leaf){.names = "DNS:corp.example", .usage = "clientAuth"});
    cw_mint_make(mint, "any", &(struct cw_mint_leaf){.names = "DNS:corp.example", .usage = ""});
    cw_mint_make(mint, "expired",
                 &(struct cw_mint_leaf){.names = "DNS:corp.example", .expired = true});
    cw_mint_make(mint, "stranger",
                 &(struct cw_mint_leaf){.names = "DNS:corp.example", .stranger = true});
    failed = cmocka_run_group_tests_name("stream_refusals", tests, NULL, NULL);
    cw_mint_free(&mint);
    return failed;
}
