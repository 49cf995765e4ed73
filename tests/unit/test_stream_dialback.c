/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "dialback.h"
#include "edge_world.h"

#include <stdio.h>
#include <string.h>

#define SASL (1u << CW_METHOD_SASL_TLS)
#define TLSD (1u << CW_METHOD_TLS_DIALBACK)
#define TCPD (1u << CW_METHOD_TCP_DIALBACK)

#define HEADER(from, to)                                                                           \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                   \
    "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' "           \
    "from='" from "' to='" to "' id='their-id' version='1.0' xml:lang='de'>"
#define GOOD_HEADER      HEADER("corp.example", "partner.example")
#define THEIR_HEADER     HEADER("partner.example", "corp.example")
#define STARTTLS         "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define PROCEED          "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define AUTH             "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
#define MESSAGE(from)    "<message from='a@" from "' to='b@partner.example'/>"
#define RESULT(from, to) "<db:result from='" from "' to='" to "'>k</db:result>"
#define FEATURES         "</stream:features>"
#define OFFER                                                                                      \
    "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>"            \
    "EXTERNAL</mechanism></mechanisms></stream:features>"

static struct cw_mint *mint;

static struct cw_bytes of(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

static double dropped(const struct world *w, const char *partner, const char *role)
{
    return cw_metrics_value(w->partner.env.metrics, CW_METRIC_DIALBACK_VERIFICATIONS_TOTAL,
                            (const char *const[]){partner, role, "unsolicited"});
}

/* STREAM-V14, STREAM-65: what nobody asked for proves nothing and is counted. */
static void ignores_answers_nobody_asked_for(void **state)
{
    static const struct step STEPS[] = {
        {GOOD_HEADER, FEATURES},
        {"<db:result from='corp.example' to='partner.example' type='valid'/>"
         "<db:verify from='corp.example' to='partner.example' id='x' type='valid'/>" MESSAGE(
             "corp.example"),
         "<not-authorized "}};
    struct world w;

    (void)state;
    world_open(&w, mint, TCPD, false);
    (void)raw_play(&w, &w.partner, NULL, STEPS, CW_COUNT(STEPS));
    assert_null(strstr(w.partner.log, "pair "));
    assert_true(dropped(&w, "corp.example", "receiver") >= 2.0);
    world_close(&w);
}

/* STREAM-66, STREAM-70: errors leave the stream open. */
static void answers_requests_with_errors(void **state)
{
    static const struct {
        const char *name;
        unsigned methods;
        const char *input, *answer;
    } ROWS[] = {
        {"V15", TCPD, RESULT("corp.example", "unknown.example"),
         "<db:result from='unknown.example' to='corp.example' type='error'><error "
         "type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
         "</db:result>"},
        {"TLS required", SASL | TLSD, RESULT("corp.example", "partner.example"),
         "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"},
        {"no dialback", SASL, RESULT("corp.example", "partner.example"),
         "<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"}, /* STREAM-143 */
        {"verify in clear", SASL | TLSD,
         "<db:verify from='corp.example' to='partner.example' id='i'>k</db:verify>",
         "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"}, /* STREAM-67 */
        {"stranger", TCPD, RESULT("stranger.example", "partner.example"),
         "<stream:error><policy-violation "},
        {"no domain", TCPD, RESULT("a@corp.example", "partner.example"),
         "<stream:error><improper-addressing "},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct step steps[] = {{GOOD_HEADER, FEATURES},
                                     {ROWS[i].input, ROWS[i].answer},
                                     {"</stream:stream>", "</stream:stream>"}};
        struct world w;

        cw_case(ROWS[i].name);
        world_open(&w, mint, ROWS[i].methods, ROWS[i].methods != TCPD);
        (void)raw_play(&w, &w.partner, NULL, steps, strstr(ROWS[i].answer, "<stream:") ? 2 : 3);
        assert_null(strstr(w.partner.log, "verify"));
        assert_int_equal(strstr(w.partner.log, "turned-away") != NULL,
                         strcmp(ROWS[i].name, "stranger") == 0);
        world_close(&w);
    }
}

/* STREAM-V13, STREAM-60, STREAM-68: any stream, any node, from the key alone. */
static void is_the_authoritative_server(void **state)
{
    char request[512];
    char wrong[512];
    char key[CW_DIALBACK_KEY_LEN + 1] = {0};
    const struct step steps[] = {
        {GOOD_HEADER, FEATURES},
        {request, "<db:verify from='partner.example' to='corp.example' id='7b21c0d4' "
                  "type='valid'></db:verify>"},
        {wrong, "id='7b21c0d5' type='invalid'></db:verify>"}};
    struct world w;

    (void)state;
    world_open(&w, mint, TCPD, false);
    cw_dialback_key(w.partner.env.dialback_secret, CW_LIT("corp.example"),
                    CW_LIT("partner.example"), CW_LIT("7b21c0d4"), key);
    (void)snprintf(request, sizeof(request),
                   "<db:verify from='corp.example' to='partner.example' id='7b21c0d4'>\n %s "
                   "</db:verify>",
                   key);
    (void)snprintf(wrong, sizeof(wrong),
                   "<db:verify from='corp.example' to='partner.example' id='7b21c0d5'>%s"
                   "</db:verify>",
                   key);
    (void)raw_play(&w, &w.partner, NULL, steps, CW_COUNT(steps));
    assert_true(w.partner.asked); /* it has not failed, though it proved nothing */
    world_close(&w);
}

/* STREAM-V18, STREAM-72, STREAM-81: a certificate adds its other names, pair by pair. */
static void proves_more_names_by_certificate(void **state)
{
    static const struct step STEPS[] = {
        {GOOD_HEADER, FEATURES},
        {STARTTLS, "<proceed"},
        {"<TLS>", NULL},
        {GOOD_HEADER, FEATURES},
        {AUTH, "<success"},
        {GOOD_HEADER, FEATURES},
        {RESULT("other.example", "partner.example"), "type='valid'"},
        {MESSAGE("other.example") MESSAGE("corp.example"), NULL},
        {MESSAGE("third.example"), "<invalid-from "}};
    struct world w;

    (void)state;
    world_open(&w, mint, SASL | TLSD, true);
    world_permit(&w.partner, "other.example", SASL | TLSD, true);
    world_permit(&w.partner, "third.example", SASL | TLSD, true);
    (void)raw_play(&w, &w.partner, raw_tls(mint, "many"), STEPS, CW_COUNT(STEPS));
    assert_non_null(strstr(w.partner.log, "pair partner.example other.example sasl_tls"));
    assert_non_null(strstr(w.partner.log, "stanza other.example"));
    assert_non_null(strstr(w.partner.log, "stanza corp.example"));
    assert_null(strstr(w.partner.log, "verify"));
    world_close(&w);
}

/* STREAM-71: eight at a time, and the rest of the stream goes on. */
static void bounds_what_is_under_way(void **state)
{
    static const struct step STEPS[] = {
        {GOOD_HEADER, FEATURES},
        {RESULT("p0.example", "partner.example") RESULT("p1.example", "partner.example")
             RESULT("p2.example", "partner.example") RESULT("p3.example", "partner.example") RESULT(
                 "p4.example", "partner.example") RESULT("p5.example", "partner.example")
                 RESULT("p6.example", "partner.example") RESULT("p7.example", "partner.example"),
         NULL},
        {RESULT("p0.example", "partner.example"), NULL}, /* one is under way */
        {RESULT("corp.example", "partner.example"), "<resource-constraint "},
        {RESULT("corp.example", "unknown.example"), "<item-not-found "},
        {NULL, "<remote-server-timeout "}}; /* STREAM-69: and in time */
    static const char *const NAMES[] = {"p0.example", "p1.example", "p2.example", "p3.example",
                                        "p4.example", "p5.example", "p6.example", "p7.example"};
    struct world w;
    size_t asked = 0;

    (void)state;
    world_open(&w, mint, TCPD, false);
    w.partner.deaf = true;
    w.partner.env.establishment_timeout_ms = 1600;
    for (size_t i = 0; i < CW_COUNT(NAMES); i++) {
        world_permit(&w.partner, NAMES[i], TCPD, false);
    }
    (void)raw_play(&w, &w.partner, NULL, STEPS, CW_COUNT(STEPS));
    for (const char *at = w.partner.log; (at = strstr(at, "verify p")) != NULL; at++) {
        asked++;
    }
    assert_int_equal(asked, 8);
    world_close(&w);
}

/* STREAM-69: a key that is disowned, beside a proven pair and without; five are enough. */
static void lets_nobody_guess(void **state)
{
    static const struct step ALONE[] = {
        {GOOD_HEADER, FEATURES},
        {RESULT("corp.example", "partner.example"), "type='invalid'></db:result></stream:stream>"}};
    static const struct step BESIDE[] = {
        {GOOD_HEADER, FEATURES},
        {STARTTLS, "<proceed"},
        {"<TLS>", NULL},
        {GOOD_HEADER, FEATURES},
        {AUTH, "<success"},
        {GOOD_HEADER, FEATURES},
        {RESULT("third.example", "partner.example"), "<forbidden "},
        {RESULT("third.example", "partner.example"), "<forbidden "},
        {RESULT("third.example", "partner.example"), "<forbidden "},
        {RESULT("third.example", "partner.example"), "<forbidden "},
        {RESULT("third.example", "partner.example"),
         "type='invalid'></db:result></stream:stream>"}};
    struct world w;

    (void)state;
    world_open(&w, mint, TCPD, false);
    w.partner.disowns = true;
    (void)raw_play(&w, &w.partner, NULL, ALONE, CW_COUNT(ALONE));
    assert_null(strstr(w.partner.log, "pair "));
    world_close(&w);
    world_open(&w, mint, SASL | TLSD, true);
    w.partner.disowns = true;
    world_permit(&w.partner, "third.example", SASL | TLSD, true);
    (void)raw_play(&w, &w.partner, raw_tls(mint, "many"), BESIDE, CW_COUNT(BESIDE));
    assert_null(strstr(w.partner.log, "third.example tls"));
    world_close(&w);
}

/* What we send as initiator: STREAM-10, STREAM-60, STREAM-63. */
static void sends_a_header_and_a_key(void **state)
{
    static const struct step STEPS[] = {
        {NULL, "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
               "xmlns:stream='http://etherx.jabber.org/streams' "
               "xmlns:db='jabber:server:dialback' from='corp.example' to='partner.example' "
               "version='1.0' xml:lang='en'>"},
        {THEIR_HEADER "<stream:features/>", "</db:result>"},
        {"<db:result from='partner.example' to='corp.example' type='error'><error type='cancel'>"
         "<remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
         "</db:result>",
         "</stream:stream>"}};
    struct world w;
    char key[CW_DIALBACK_KEY_LEN + 1] = {0};
    const char *got;

    (void)state;
    world_open(&w, mint, TCPD, false);
    cw_dialback_key(w.corp.env.dialback_secret, CW_LIT("partner.example"), CW_LIT("corp.example"),
                    CW_LIT("their-id"), key);
    got = raw_serve(&w, NULL, STEPS, CW_COUNT(STEPS));
    assert_non_null(strstr(got, "<db:result from='corp.example' to='partner.example'>"));
    assert_non_null(strstr(got, key));
    assert_true(world_until(&w, &w.corp, "pair-failed corp.example partner.example 5"));
    world_close(&w);
}

/* STREAM-46: the peer does not want our certificate, and dialback is permitted: the same stream. */
static void goes_on_with_dialback_after_external(void **state)
{
    static const struct step STEPS[] = {
        {NULL, "version='1.0'"},
        {THEIR_HEADER "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
                      "</stream:features>",
         "<starttls"},
        {PROCEED, NULL},
        {"<TLS>", "version='1.0'"},
        {THEIR_HEADER OFFER, "mechanism='EXTERNAL'>Y29ycC5leGFtcGxl</auth>"}, /* STREAM-41 */
        {"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
         "</db:result>"},
        {"<db:result from='partner.example' to='corp.example' type='valid'/>", NULL}};
    struct world w;

    (void)state;
    world_open(&w, mint, SASL | TLSD, true);
    (void)raw_serve(&w, raw_server_tls(mint, "partner"), STEPS, CW_COUNT(STEPS));
    assert_non_null(strstr(w.corp.log, "pair corp.example partner.example tls_dialback"));
    world_close(&w);
}

/* STREAM-22: no key goes in clear to a peer that insists on TLS. */
static void proves_nothing_in_clear_to_who_insists_on_tls(void **state)
{
    static const struct step STEPS[] = {
        {NULL, "version='1.0'"},
        {THEIR_HEADER "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
                      "<required/></starttls></stream:features>",
         "</stream:stream>"}};
    struct world w;
    const char *got;

    (void)state;
    world_open(&w, mint, TCPD, false);
    got = raw_serve(&w, NULL, STEPS, CW_COUNT(STEPS));
    assert_null(strstr(got, "db:result"));
    assert_non_null(strstr(got, "<unsupported-feature "));
    assert_true(world_until(&w, &w.corp, "closed 4 the peer requires TLS"));
    world_close(&w);
}

static void stops_where_dialback_is_not_permitted(void **state)
{
    static const struct step STEPS[] = {
        {NULL, "version='1.0'"},
        {THEIR_HEADER "<stream:features/>", "<starttls"}, /* STREAM-33 */
        {PROCEED, NULL},
        {"<TLS>", "version='1.0'"},
        {THEIR_HEADER OFFER, "</auth>"},
        {"<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "</response>"},
        {"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
         "</stream:stream>"}};
    struct world w;
    const char *got;

    (void)state;
    world_open(&w, mint, SASL, true);
    got = raw_serve(&w, raw_server_tls(mint, "partner"), STEPS, CW_COUNT(STEPS));
    assert_null(strstr(got, "db:result"));
    assert_true(
        world_until(&w, &w.corp, "closed 5 the peer refuses our certificate: not-authorized"));
    world_close(&w);
}

/* STREAM-99, STREAM-124, STREAM-30 and others: a receiver that does what it must not. */
static void refuses_receivers(void **state)
{
    static const struct {
        const char *name;
        const char *input, *answer, *log;
    } ROWS[] = {
        {"another domain", HEADER("other.example", "corp.example"), "<invalid-from ", "closed 9"},
        {"see other host",
         THEIR_HEADER "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
                      "127.0.0.1:1</see-other-host></stream:error>",
         "</stream:stream>", "closed 5 see-other-host"},
        {"host unknown",
         THEIR_HEADER "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                      "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>not \nhere</text>"
                      "</stream:error>",
         "</stream:stream>", "closed 2 host-unknown: not  here"}, /* STREAM-123 */
        {"stanza", THEIR_HEADER "<message from='a@partner.example' to='b@corp.example'/>",
         "<not-authorized ", "closed 9"},
        {"mandatory feature",
         THEIR_HEADER "<stream:features><x xmlns='urn:x'><required/></x></stream:features>",
         "<unsupported-feature ", "closed 4 the peer requires a feature"}, /* STREAM-24 */
        {"success out of place", THEIR_HEADER "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
         "<not-authorized ", "closed 9"},
        {"valid out of place", /* STREAM-65 */
         THEIR_HEADER "<db:result from='partner.example' to='corp.example' type='valid'/>",
         "<not-authorized ", "closed 9"},
        {"old version",
         "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>",
         "<unsupported-version ", "closed 9"},
        {"behind proceed", THEIR_HEADER "<stream:features/>" PROCEED "<x/>", "<CLOSED>",
         "closed 4 input behind"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct step steps[] = {{NULL, "version='1.0'"},
                                     {ROWS[i].input, ROWS[i].answer},
                                     {"</stream:stream>", "<CLOSED>"}};
        struct world w;

        cw_case(ROWS[i].name);
        world_open(&w, mint, SASL | TLSD, true);
        (void)raw_serve(&w, NULL, steps, CW_COUNT(steps));
        assert_true(world_until(&w, &w.corp, ROWS[i].log));
        assert_null(strstr(w.corp.log, "pair corp.example"));
        world_close(&w);
    }
}

/* STREAM-64, STREAM-80: further pairs on a stream that is up. */
static void proves_further_pairs(void **state)
{
    struct world w;

    (void)state;
    world_open(&w, mint, SASL | TLSD, true);
    world_permit(&w.corp, "rooms.partner.example", SASL | TLSD, true);
    world_permit(&w.corp, "strict.example", SASL, true);
    world_connect(&w);
    cw_stream_prove(w.corp.opened, of("corp.example"), of("strict.example")); /* before it is up */
    assert_true(world_until(&w, &w.corp, "pair-failed corp.example strict.example 5"));
    assert_true(world_until(&w, &w.corp, "pair corp.example partner.example sasl_tls"));
    cw_stream_prove(w.corp.opened, of("corp.example"), of("rooms.partner.example"));
    assert_false(
        cw_stream_may_send(w.corp.opened, of("corp.example"), of("rooms.partner.example")));
    assert_true(world_until(&w, &w.corp, "pair-failed corp.example rooms.partner.example 5"));
    assert_true(cw_stream_may_send(w.corp.opened, of("corp.example"), of("partner.example")));
    cw_stream_prove(w.corp.opened, of("corp.example"), of("stranger.example"));
    assert_true(world_until(&w, &w.corp, "pair-failed corp.example stranger.example 5"));
    for (unsigned i = 0; i < 9; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "p%u.example", i);
        cw_stream_prove(w.corp.opened, of("corp.example"), of(name));
    }
    assert_non_null(strstr(w.corp.log, "pair-failed corp.example p8.example 7")); /* at once */
    world_close(&w);
}

/* STREAM-125, STREAM-126: silence. */
static void fills_silence_and_ends_it(void **state)
{
    static const struct step STEPS[] = {
        {NULL, "version='1.0'"},
        {THEIR_HEADER "<stream:features/>", "</db:result>"},
        {"<db:result from='partner.example' to='corp.example' type='valid'/>", " "},
        {NULL, "</stream:stream>"}};
    static const struct step OTHER_WAY[] = {
        {GOOD_HEADER, FEATURES},       {STARTTLS, "<proceed"}, {"<TLS>", NULL},
        {GOOD_HEADER, FEATURES},       {AUTH, "<success"},     {GOOD_HEADER, FEATURES},
        {NULL, "<connection-timeout "}};
    struct world w;

    (void)state;
    world_open(&w, mint, TCPD, false);
    w.corp.env.keep_alive_interval_ms = 100;
    w.corp.env.inactivity_timeout_ms = 350;
    (void)raw_serve(&w, NULL, STEPS, CW_COUNT(STEPS));
    assert_true(world_until(&w, &w.corp, "closed 9 idle"));
    world_close(&w);
    world_open(&w, mint, SASL, true);
    w.partner.env.inactivity_timeout_ms = 200;
    (void)raw_play(&w, &w.partner, raw_tls(mint, "many"), OTHER_WAY, CW_COUNT(OTHER_WAY));
    world_close(&w);
}

/* Sends `text` and turns the loop until `answer` has come since. */
static void say(struct world *w, struct raw *raw, const char *text, const char *answer)
{
    const size_t before = strlen(raw_got(raw));

    raw_send(raw, of(text));
    world_calm(w);
    while (strstr(raw_got(raw) + before, answer) == NULL) {
        assert_true(world_turn(w));
    }
}

/* corp.example by EXTERNAL, other.example by dialback. */
static struct raw *prove_two(struct world *w, struct cw_tls *context)
{
    struct raw *const raw = raw_connect(w, &w->partner);

    say(w, raw, GOOD_HEADER, FEATURES);
    say(w, raw, STARTTLS, "<proceed");
    assert_true(raw_secure_now(w, raw, context));
    say(w, raw, GOOD_HEADER, FEATURES);
    say(w, raw, AUTH, "<success");
    say(w, raw, GOOD_HEADER, FEATURES);
    say(w, raw, RESULT("other.example", "partner.example"), "type='valid'");
    return raw;
}

/* The permit of the header's domain goes, another domain of the stream stays: silence ends it all
 * the same (STREAM-125). A pair that is withdrawn is that of a stranger (STREAM-110). */
static void outlives_the_domain_of_its_header(void **state)
{
    static const struct {
        const char *input, *end;
    } ROWS[] = {{"", "<connection-timeout "}, {MESSAGE("corp.example"), "<invalid-from "}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_tls *context = raw_tls(mint, "many");
        struct world w;
        struct raw *raw;

        world_open(&w, mint, SASL | TLSD, true);
        world_permit(&w.partner, "other.example", SASL | TLSD, true);
        w.partner.env.inactivity_timeout_ms = 400;
        raw = prove_two(&w, context);
        cw_stream_withdraw(w.partner.accepted, of("partner.example"), of("corp.example"));
        w.partner.permits[0].domain = CW_LIT("gone.example");
        raw_send(raw, of(MESSAGE("other.example")));
        assert_true(world_until(&w, &w.partner, "stanza other.example"));
        say(&w, raw, ROWS[i].input, ROWS[i].end);
        raw_close(&w, raw);
        cw_tls_free(&context);
        world_close(&w);
    }
}

/* STREAM-97: a pin that comes while the authoritative server is asked. */
static void asks_for_the_pin_again_at_the_proof(void **state)
{
    struct cw_tls *context = raw_tls(mint, "partner");
    struct world w;
    struct raw *raw;

    (void)state;
    world_open(&w, mint, SASL | TLSD, true);
    w.partner.deaf = true;
    raw = raw_connect(&w, &w.partner);
    say(&w, raw, GOOD_HEADER, FEATURES);
    say(&w, raw, STARTTLS, "<proceed");
    assert_true(raw_secure_now(&w, raw, context));
    say(&w, raw, GOOD_HEADER, FEATURES);
    raw_send(raw, of(RESULT("corp.example", "partner.example")));
    assert_true(world_until(&w, &w.partner, "verify"));
    w.partner.permits[0].pin_count = 1;
    cw_stream_verified(w.partner.accepted, of("partner.example"), of("corp.example"), true,
                       CW_FAIL_NONE);
    say(&w, raw, "", "<policy-violation ");
    assert_null(strstr(w.partner.log, "pair partner.example corp.example"));
    raw_close(&w, raw);
    cw_tls_free(&context);
    world_close(&w);
}

/* STREAM-11, STREAM-14, STREAM-16, STREAM-17: each header is answered anew, with a new id. */
static void answers_each_header_anew(void **state)
{
    static const struct step STEPS[] = {
        {HEADER("lax.example", "partner.example"), FEATURES},
        {STARTTLS, "<proceed"},
        {"<TLS>", NULL},
        {GOOD_HEADER, FEATURES},
    };
    struct world w;
    const char *first;
    const char *second;

    (void)state;
    world_open(&w, mint, SASL, true);
    world_permit(&w.partner, "lax.example", SASL | TLSD | TCPD, true);
    first = raw_play(&w, &w.partner, raw_tls(mint, "many"), STEPS, CW_COUNT(STEPS));
    assert_non_null(strstr(first, "from='partner.example' to='lax.example'"));
    assert_non_null(strstr(first, "<dialback "));
    second = strstr(first, "from='partner.example' to='corp.example'");
    assert_non_null(second);
    assert_null(strstr(second, "<dialback ")); /* the strict partner's rules count now */
    first = strstr(first, " id='");
    second = strstr(strstr(first + 1, "<proceed"), " id='");
    assert_memory_not_equal(first, second, strlen(" id='") + 32);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ignores_answers_nobody_asked_for),
        cmocka_unit_test(answers_requests_with_errors),
        cmocka_unit_test(is_the_authoritative_server),
        cmocka_unit_test(proves_more_names_by_certificate),
        cmocka_unit_test(bounds_what_is_under_way),
        cmocka_unit_test(lets_nobody_guess),
        cmocka_unit_test(sends_a_header_and_a_key),
        cmocka_unit_test(goes_on_with_dialback_after_external),
        cmocka_unit_test(proves_nothing_in_clear_to_who_insists_on_tls),
        cmocka_unit_test(stops_where_dialback_is_not_permitted),
        cmocka_unit_test(refuses_receivers),
        cmocka_unit_test(proves_further_pairs),
        cmocka_unit_test(fills_silence_and_ends_it),
        cmocka_unit_test(outlives_the_domain_of_its_header),
        cmocka_unit_test(asks_for_the_pin_again_at_the_proof),
        cmocka_unit_test(answers_each_header_anew),
    };
    int failed;

    mint = cw_mint_new();
    cw_mint_make(mint, "corp", &(struct cw_mint_leaf){.names = "DNS:corp.example"});
    cw_mint_make(mint, "partner", &(struct cw_mint_leaf){.names = "DNS:partner.example"});
    cw_mint_make(mint, "many",
                 &(struct cw_mint_leaf){.names = "DNS:corp.example,DNS:other.example"});
    failed = cmocka_run_group_tests_name("stream_dialback", tests, NULL, NULL);
    cw_mint_free(&mint);
    return failed;
}
