/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_pair.h"
#include "flow_record.h"

#include "notify.h"

#include <stdio.h>
#include <stdlib.h>

#define CASES_SHORT 20000u
#define WORLD_CASES 1000u /* of one world, whose memory only grows */
#define SEED        UINT64_C(20261128)

#define BOOKS "xn--bcher-kva.example" /* b\u00fccher.example */
#define BOOKS_U                                                                                    \
    "b\xC3\xBC"                                                                                    \
    "cher.example"

static struct flow_record record;

/* The partner and all its names; unverified, so that a wrong decision is heard. */
static struct world *world_of(enum cw_partner_type type)
{
    struct world *w = world_new_as(&(struct world_options){
        .own = {"contoso.example"},
        .partner = "fabrikam.example",
        .additional = {"corp.fabrikam.example", BOOKS},
        .type = type,
        .accept = CW_ACCEPT_ASK,
        .observer = &FLOW_RECORDER,
        .observer_user = &record,
    });

    flow_record_clear(&record);
    return w;
}

/* ---- SIP requests of romeo, to anybody ---- */

static void he_sends(struct world *w, enum cw_sip_method method, const char *to)
{
    static uint32_t cseq;
    struct cw_sip_message request;

    cw_sip_message_init(&request);
    request.method = method;
    request.request_uri = cw_log_text(to);
    request.from.uri = CW_LIT(LOCAL);
    request.from.tag = CW_LIT("phone");
    request.to.uri = request.request_uri;
    request.call_id = CW_LIT("c");
    request.cseq = ++cseq;
    request.contact = CW_LIT("sip:romeo@127.0.0.3");
    request.contact_count = 1;
    if (method == CW_SIP_SUBSCRIBE) {
        request.event = CW_LIT("presence");
        request.expires_s = 3600;
    } else {
        request.content_type = CW_LIT("text/plain");
        request.body = CW_LIT("Good even");
    }
    (void)world_request(w, &request);
}

/* ---- CASE 49, CASE 58: spellings of one name, and names that are others ---- */

static const struct {
    const char *name;
    const char *pair; /* the domain that the edge proved */
    const char *from;
    bool same; /* as juliet@fabrikam.example, whom romeo has invited */
} SENDERS[] = {
    {"as it is", "fabrikam.example", "juliet@fabrikam.example", true},
    {"resource", "fabrikam.example", "juliet@fabrikam.example/balcony", true},
    {"resource that is an address", "fabrikam.example", "juliet@fabrikam.example/a@b.example/c",
     true},
    {"case", "fabrikam.example", "JULIET@Fabrikam.EXAMPLE/r", true},
    {"trailing dot", "fabrikam.example", "juliet@fabrikam.example./r", true},
    {"full width", "fabrikam.example", "\xEF\xBD\x8Auliet@fabrikam.example", true},
    {"ideographic full stop", "fabrikam.example",
     "juliet@fabrikam\xE3\x80\x82"
     "example",
     true},
    {"soft hyphen in the domain", "fabrikam.example", "juliet@fab\xC2\xADrikam.example", true},
    {"sub-domain in the stanza only", "fabrikam.example", "juliet@corp2.fabrikam.example", false},
    {"sub-domain", "sub.fabrikam.example", "juliet@sub.fabrikam.example", false},
    {"parent domain", "example", "juliet@example", false},
    {"prefix", "evilfabrikam.example", "juliet@evilfabrikam.example", false},
    {"suffix", "fabrikam.example.evil.example", "juliet@fabrikam.example.evil.example", false},
    {"another domain of the partner", "corp.fabrikam.example", "juliet@corp.fabrikam.example",
     false},
    {"Cyrillic a in the domain", "xn--fbrikam-2fg.example",
     "juliet@f\xD0\xB0"
     "brikam.example",
     false},
    {"Cyrillic j", "fabrikam.example", "\xD1\x98uliet@fabrikam.example", false},
    {"zero width joiner", "fabrikam.example", "jul\xE2\x80\x8Diet@fabrikam.example", false},
    {"right to left override", "fabrikam.example", "\xE2\x80\xAEjuliet@fabrikam.example", false},
    {"escaped @", "evil.example", "juliet\\40fabrikam.example@evil.example", false},
    {"escaped @, in the domain", "fabrikam.example", "juliet\\40fabrikam.example@fabrikam.example",
     false},
    {"escaped /", "fabrikam.example", "juliet\\2fbalcony@fabrikam.example", false},
    {"needless escape", "fabrikam.example", "juliet\\5c@fabrikam.example", false},
    {"percent escape", "fabrikam.example", "%6auliet@fabrikam.example", false},
    {"two @", "fabrikam.example", "juliet@fabrikam.example@fabrikam.example", false},
    {"the domain as resource", "evil.example", "juliet@evil.example/fabrikam.example", false},
    {"the other domain, her resource", "evil.example", "evil.example/juliet@fabrikam.example",
     false},
    {"no localpart", "fabrikam.example", "fabrikam.example/juliet", false},
    {"the pair of another", "evil.example", "juliet@fabrikam.example", false},
    {"our own domain", "contoso.example", "juliet@contoso.example", false},
    {"our own domain, by a partner", "fabrikam.example", "juliet@contoso.example", false},
    {"romeo himself", "fabrikam.example", "romeo@contoso.example", false},
    {"an address literal", "fabrikam.example", "juliet@[::1]", false},
    {"NUL escaped", "fabrikam.example", "juliet\\00@fabrikam.example", false},
};

static void check_sender(struct world *w, size_t row)
{
    char xml[512];

    flow_record_clear(&record);
    (void)snprintf(xml, sizeof(xml),
                   "<message from='%s' to='romeo@contoso.example' type='chat' id='m1'><body>hi"
                   "</body></message>",
                   SENDERS[row].from);
    world_stanza_from(w, SENDERS[row].pair, "contoso.example", xml);
    pair_settle(w, 400);
    assert_int_equal(record.requests[CW_SIP_MESSAGE], SENDERS[row].same ? 1 : 0);
    assert_int_equal(flow_record_requests(&record), SENDERS[row].same ? 1 : 0);
    assert_true(!SENDERS[row].same ||
                strncmp(record.senders, "sip:juliet@fabrikam.example", 27) == 0);
    (void)snprintf(xml, sizeof(xml),
                   "<presence from='%s' to='romeo@contoso.example' type='subscribe'/>",
                   SENDERS[row].from);
    flow_record_clear(&record);
    world_stanza_from(w, SENDERS[row].pair, "contoso.example", xml);
    assert_int_equal(record.requests[CW_SIP_SUBSCRIBE], SENDERS[row].same ? 1 : 0);
    assert_int_equal(cw_roster_count(world_gateway(w)->roster), 1);
    if (strcmp(SENDERS[row].pair, "evil.example") == 0) {
        assert_int_equal(record.stanza_count, 0);
    }
}

/* ADDR-1, ADDR-3, ADDR-4, ADDR-19, SUB-2: the decision of the one name, or that of a stranger. */
static void knows_a_sender_by_one_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(SENDERS); i++) {
        struct world *w = world_of(CW_PARTNER_PUBLIC_UNVERIFIED);

        cw_case(SENDERS[i].name);
        pair_invite(w);
        check_sender(w, i);
        world_free(w);
    }
}

/* ARCH-6: whom it is for is one of ours, and in the pair that was proven. */
static void takes_nothing_for_others(void **state)
{
    static const struct {
        const char *name, *pair, *to;
        bool ours;
    } CASES[] = {
        {"ours", "contoso.example", "romeo@contoso.example", true},
        {"case and dot", "contoso.example", "ROMEO@CONTOSO.example.", true},
        {"not the pair", "contoso.example", "romeo@northwind.example", false},
        {"not ours", "northwind.example", "romeo@northwind.example", false},
        {"a sub-domain of ours", "sub.contoso.example", "romeo@sub.contoso.example", false},
        {"the partner's own", "fabrikam.example", "romeo@fabrikam.example", false},
        {"relay by escaping", "contoso.example", "a\\40northwind.example@contoso.example", false},
        {"relay by percent", "contoso.example", "romeo%northwind.example@contoso.example", false},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct world *w = world_of(CW_PARTNER_FEDERATED);
        char xml[256];

        cw_case(CASES[i].name);
        (void)snprintf(xml, sizeof(xml),
                       "<message from='juliet@fabrikam.example' to='%s'><body>hi</body></message>",
                       CASES[i].to);
        world_stanza_from(w, "fabrikam.example", CASES[i].pair, xml);
        pair_settle(w, 400);
        if (CASES[i].ours) {
            assert_string_equal(record.targets, "sip:romeo@contoso.example ");
        } else { /* at most to a strange user of ours, never to another host */
            assert_null(strstr(record.targets, "@northwind"));
            assert_null(strstr(record.targets, "sip:romeo@"));
        }
        assert_int_equal(record.stanza_count, 0);
        world_free(w);
    }
}

static const struct {
    const char *name, *uri;
    const char *to;  /* the one name that it means; NULL: none of a partner */
    unsigned status; /* where there is none */
} TARGETS[] = {
    {"as it is", "sip:juliet@fabrikam.example", "juliet@fabrikam.example", 0},
    {"case", "sip:JULIET@FABRIKAM.Example", "juliet@fabrikam.example", 0},
    {"port and parameters", "sip:juliet@fabrikam.example:5061;transport=tls;lr",
     "juliet@fabrikam.example", 0},
    {"percent escapes", "sip:%6a%75liet@fabrikam.example", "juliet@fabrikam.example", 0},
    {"password", "sip:juliet:secret@fabrikam.example", "juliet@fabrikam.example", 0},
    {"resource", "sip:juliet@fabrikam.example;gr=balcony", "juliet@fabrikam.example/balcony", 0},
    {"another scheme", "im:juliet@fabrikam.example", "juliet@fabrikam.example", 0},
    {"further domain", "sip:juliet@corp.fabrikam.example", "juliet@corp.fabrikam.example", 0},
    {"A-label", "sip:juliet@" BOOKS, "juliet@" BOOKS_U, 0},
    {"sub-domain", "sip:juliet@sub.fabrikam.example", NULL, 404},
    {"parent", "sip:juliet@example", NULL, 404},
    {"suffix", "sip:juliet@fabrikam.example.evil.example", NULL, 404},
    {"escaped @", "sip:juliet%40fabrikam.example@evil.example", NULL, 404},
    {"our own", "sip:tybalt@contoso.example", NULL, 404},
    {"host in a parameter", "sip:juliet@evil.example;maddr=fabrikam.example", NULL, 404},
    {"homograph", "sip:juliet@xn--fbrikam-2fg.example", NULL, 404},
    {"bad escape", "sip:juliet%4@fabrikam.example", NULL, 400},
    {"control character", "sip:juliet%00@fabrikam.example", NULL, 404},
};

/* ADDR-9, ADDR-17, ADDR-21, ADDR-22: the same of SIP URIs. */
static void knows_a_receiver_by_one_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(TARGETS); i++) {
        struct world *w = world_of(CW_PARTNER_PUBLIC_UNVERIFIED);
        char want[128];

        cw_case(TARGETS[i].name);
        he_sends(w, CW_SIP_MESSAGE, TARGETS[i].uri);
        pair_settle(w, 0);
        assert_int_equal(record.stanza_count, TARGETS[i].to != NULL ? 1 : 0);
        assert_int_equal(record.status, TARGETS[i].to != NULL ? 202 : TARGETS[i].status);
        if (TARGETS[i].to != NULL) {
            (void)snprintf(want, sizeof(want), "to='%s'", TARGETS[i].to);
            assert_non_null(strstr(record.stanzas, want));
        }
        world_free(w);
    }
}

/* An invitation by one spelling is one of the user, by whatever name he comes. */
static void invites_by_any_spelling(void **state)
{
    static const char *const SPELLINGS[] = {"sip:JULIET@Fabrikam.example:5060;transport=tcp",
                                            "sip:%6Auliet@fabrikam.example",
                                            "pres:juliet@fabrikam.example"};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(SPELLINGS); i++) {
        struct world *w = world_of(CW_PARTNER_PUBLIC_UNVERIFIED);

        cw_case(SPELLINGS[i]);
        he_sends(w, CW_SIP_SUBSCRIBE, SPELLINGS[i]);
        pair_settle(w, 0);
        assert_non_null(strstr(record.stanzas, "to='juliet@fabrikam.example'"));
        check_sender(w, 0);
        world_free(w);
    }
}

/* ---- a partner whose name needs an A-label ---- */

#define SHE "from='juliet@" BOOKS_U "/shop' to='romeo@contoso.example'"

static void she_sends(struct world *w, const char *xml)
{
    world_stanza_from(w, BOOKS, "contoso.example", xml);
    pair_settle(w, 400);
}

static void befriend(struct world *w)
{
    he_sends(w, CW_SIP_SUBSCRIBE, "sip:juliet@" BOOKS);
    pair_settle(w, 0);
    assert_non_null(strstr(record.stanzas, "type='subscribe'"));
    she_sends(w, "<presence " SHE " type='subscribed'/>");
    she_sends(w, "<presence " SHE " type='subscribe'/>");
    assert_int_equal(record.requests[CW_SIP_SUBSCRIBE], 1);
    world_notify(w, "active", NULL,
                 PAIR_DOCUMENT("<tuple id='ID-desk'><status><basic>open</basic></status>"
                               "<note>secret</note></tuple>"));
    pair_settle(w, 0);
}

/* ADDR-4, ADDR-7: JIDs bear U-labels and partners are named by A-labels; the rules hold for both.
 */
static void rules_a_partner_of_any_script(void **state)
{
    (void)state;
    for (enum cw_partner_type type = 0; type < CW_PARTNER_TYPES; type++) {
        struct world *w = world_of(type);

        befriend(w);
        assert_int_equal(strstr(record.stanzas, "secret") != NULL, type == CW_PARTNER_FEDERATED);
        assert_non_null(strstr(record.stanzas, "romeo@contoso.example/desk"));
        world_policy(w, type, true); /* nobody loses anything */
        flow_record_clear(&record);
        she_sends(w, "<message " SHE "><body>hi</body></message>");
        assert_int_equal(record.requests[CW_SIP_MESSAGE], 1);
        assert_int_equal(record.requests[CW_SIP_SUBSCRIBE], 0);
        assert_true(
            cw_notify_remove(world_gateway(w)->notify, CW_LIT(LOCAL), CW_LIT("juliet@" BOOKS_U)));
        flow_record_clear(&record);
        pair_settle(w, 0);
        assert_int_equal(strstr(record.stanzas, "type='unsubscribed'") != NULL,
                         type == CW_PARTNER_PUBLIC_UNVERIFIED);
        world_free(w);
    }
}

/* ---- any spelling of any name, against a model (CASE 49) ---- */

static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

/* A domain in A-labels, and its U-labels where they are others. */
static const struct {
    const char *ascii, *unicode;
    bool partner;
} DOMAINS[] = {
    {"fabrikam.example", "fabrikam.example", true},
    {"corp.fabrikam.example", "corp.fabrikam.example", true},
    {BOOKS, BOOKS_U, true},
    {"sub.fabrikam.example", "sub.fabrikam.example", false},
    {"fabrikam.example.evil.example", "fabrikam.example.evil.example", false},
    {"evil-fabrikam.example", "evil-fabrikam.example", false},
    {"xn--fbrikam-2fg.example",
     "f\xD0\xB0"
     "brikam.example",
     false},
    {"bucher.example", "bucher.example", false},
    {"fabrikam.examp1e", "fabrikam.examp1e", false},
    {"contoso.example", "contoso.example", false},
};

/* A localpart as it is, and whether it is the one that was invited. */
static const struct {
    const char *text;
    bool invited;
} USERS[] = {
    {"juliet", true},
    {"juliet", true},
    {"nurse", false},
    {"juliet\\20x", false},
    {"juliet\\40fabrikam.example", false},
    {"\xD1\x98uliet", false},
    {"juliet%2", false},
    {"julie", false},
};

/* `text` with letters of either case and, at times, of full width, which mean the same. */
static size_t spell(uint64_t *seed, const char *text, char *to)
{
    size_t len = 0;
    bool escaped = false; /* XEP-0106 is in small letters */

    for (const char *at = text; *at != '\0'; at++) {
        const bool letter = *at >= 'a' && *at <= 'z';
        const unsigned how = draw(seed, 8);

        escaped = escaped || *at == '\\';
        if (letter && !escaped && how == 0) { /* U+FF41 and on */
            to[len++] = '\xEF';
            to[len++] = '\xBD';
            to[len++] = (char)('\x81' + (*at - 'a'));
        } else if (letter && !escaped && how < 4) {
            to[len++] = (char)(*at - 32);
        } else {
            to[len++] = *at;
        }
    }
    to[len] = '\0';
    return len;
}

static size_t spell_domain(uint64_t *seed, size_t domain, char *to)
{
    const bool ascii = draw(seed, 2) == 0;
    size_t len = spell(seed, ascii ? DOMAINS[domain].ascii : DOMAINS[domain].unicode, to);

    if (draw(seed, 4) == 0) {
        to[len++] = '.';
        to[len] = '\0';
    }
    return len;
}

struct name {
    size_t user, domain, proven; /* rows; the pair is usually that of the domain */
    char jid[512];
};

static struct name draw_name(uint64_t *seed)
{
    static const char *const RESOURCES[] = {
        "", "", "/r", "/fabrikam.example", "/a@b/c", "/juliet@fabrikam.example"};
    struct name name = {.user = draw(seed, CW_COUNT(USERS)),
                        .domain = draw(seed, 3) == 0 ? draw(seed, CW_COUNT(DOMAINS)) : 0};
    size_t len = spell(seed, USERS[name.user].text, name.jid);

    name.proven = draw(seed, 8) == 0 ? draw(seed, CW_COUNT(DOMAINS)) : name.domain;
    name.jid[len++] = '@';
    len += spell_domain(seed, name.domain, name.jid + len);
    (void)strcpy(name.jid + len, RESOURCES[draw(seed, CW_COUNT(RESOURCES))]);
    return name;
}

/* He has invited juliet@fabrikam.example and nobody else. */
static void try_sender(struct world *w, uint64_t *seed, unsigned long at)
{
    const struct name name = draw_name(seed);
    const bool same = name.domain == 0 && name.proven == 0 && USERS[name.user].invited;
    char xml[1024];

    (void)snprintf(xml, sizeof(xml),
                   "<message from='%s' to='romeo@contoso.example'><body>hi</body></message>",
                   name.jid);
    world_stanza_from(w, DOMAINS[name.proven].ascii, "contoso.example", xml);
    pair_settle(w, 400);
    if (flow_record_requests(&record) != (same ? 1 : 0) ||
        (same && strncmp(record.senders, "sip:juliet@fabrikam.example", 27) != 0)) {
        fail_msg("case %lu, seed %llu: %s over %s: to SIP: %s of %s", at, (unsigned long long)SEED,
                 name.jid, DOMAINS[name.proven].ascii, record.targets, record.senders);
    }
}

/* As it may stand in a SIP URI: letters of either case, percent escapes where nothing forbids. */
static void spell_uri(uint64_t *seed, const char *user, const char *host, char *to)
{
    size_t len = (size_t)sprintf(to, "sip:");

    for (const char *at = user; *at != '\0'; at++) {
        len += (size_t)sprintf(to + len, draw(seed, 4) == 0 ? "%%%02x" : "%c", (unsigned char)*at);
    }
    to[len++] = '@';
    for (const char *at = host; *at != '\0'; at++) {
        const bool letter = *at >= 'a' && *at <= 'z';

        to[len++] = letter && draw(seed, 3) == 0 ? (char)(*at - 32) : *at;
    }
    (void)strcpy(to + len, draw(seed, 2) == 0 ? "" : ":5061;transport=tls");
}

static void try_receiver(struct world *w, uint64_t *seed, unsigned long at)
{
    static const char *const NAMES[] = {"juliet", "nurse", "a.b"};
    const char *user = NAMES[draw(seed, CW_COUNT(NAMES))];
    const size_t domain = draw(seed, CW_COUNT(DOMAINS));
    char uri[512];
    char want[128];
    bool right;

    spell_uri(seed, user, DOMAINS[domain].ascii, uri);
    (void)snprintf(want, sizeof(want), "to='%s@%s'", user, DOMAINS[domain].unicode);
    he_sends(w, CW_SIP_MESSAGE, uri);
    pair_settle(w, 0);
    right = DOMAINS[domain].partner ? record.status == 202 && record.stanza_count == 1 &&
                                          strstr(record.stanzas, want) != NULL
                                    : record.status == 404 && record.stanza_count == 0;
    if (!right) {
        fail_msg("case %lu, seed %llu: %s: %u %s", at, (unsigned long long)SEED, uri, record.status,
                 record.stanzas);
    }
}

static unsigned long cases = CASES_SHORT;

static void decides_by_the_one_name(void **state)
{
    uint64_t seed = SEED;
    struct world *w = NULL;

    (void)state;
    for (unsigned long i = 0; i < cases; i++) {
        if (i % WORLD_CASES == 0) {
            if (w != NULL) {
                world_free(w);
            }
            w = world_of(CW_PARTNER_PUBLIC_UNVERIFIED);
            pair_invite(w);
        }
        flow_record_clear(&record);
        if (draw(&seed, 4) != 0) {
            try_sender(w, &seed, i);
        } else {
            try_receiver(w, &seed, i);
        }
    }
    if (w != NULL) {
        world_free(w);
    }
    print_message("  %lu names\n", cases);
}

/* test_flow_names [CASES]: how many names the last test draws. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_sender_by_one_name),    cmocka_unit_test(takes_nothing_for_others),
        cmocka_unit_test(knows_a_receiver_by_one_name),  cmocka_unit_test(invites_by_any_spelling),
        cmocka_unit_test(rules_a_partner_of_any_script), cmocka_unit_test(decides_by_the_one_name),
    };

    cases = argc > 1 ? strtoul(argv[1], NULL, 10) : CASES_SHORT;
    return cmocka_run_group_tests_name("flow_names", tests, NULL, NULL);
}
