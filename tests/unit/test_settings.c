/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "settings_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A configuration without findings; cases replace one line of it or add to its end. */
#define HEAD                                                                                       \
    "version: 1\n"                                                                                 \
    "node: {name: gw1, sip_domains: [contoso.example]}\n"                                          \
    "edge: {connect: [\"127.0.0.1:23456\"], peer_names: [edge1.example], "                         \
    "tls: {certificate: a.crt, key: \"file:a.key\", ca: ca.crt}}\n"
#define SIP                                                                                        \
    "sip:\n"                                                                                       \
    "  listen: [\"tcp:127.0.0.1:5060\"]\n"                                                         \
    "  routes: [{name: k1, uri: \"sip:127.0.0.2:5060;transport=tcp\"}]\n"

static char path[128];

static int set_up(void **state)
{
    char name[] = "/tmp/cw-settings-XXXXXX";
    const int fd = mkstemp(name);

    (void)state;
    (void)snprintf(path, sizeof(path), "%s", name);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static enum cw_err read_text(const char *yaml, bool strict, char **report,
                             struct cw_gateway_settings **out)
{
    FILE *const file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(yaml, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return cw_gateway_settings_read(path, strict, report, out);
}

static const struct {
    const char *name;
    const char *yaml;
    const char *findings[3]; /* each must be in the report, with its place */
} BAD[] = {
    {"SASL without TLS",
     HEAD SIP
     "partners:\n  - domain: fabrikam.example\n    tls: not_supported\n    sasl: required\n",
     {":10:11: error: E104 SASL needs TLS, and tls is not_supported",
      "set tls to required (recommended) or optional, or sasl to not_supported",
      "nothing was changed"}},
    {"no method at all",
     HEAD SIP "partners:\n  - domain: fabrikam.example\n    sasl: not_supported\n"
              "    dialback: false\n",
     {"error: E105"}},
    {"the floor leaves nothing",
     HEAD SIP "security: {floor: sasl}\npartners:\n  - domain: fabrikam.example\n"
              "    sasl: not_supported\n",
     {"error: E110"}},
    {"an own domain as partner",
     HEAD SIP "partners:\n  - domain: contoso.example\n",
     {":8:13: error: E121"}},
    {"an own domain in other case with a dot",
     HEAD SIP "partners:\n  - domain: Contoso.EXAMPLE.\n",
     {"error: E121"}},
    {"one domain, two partners",
     HEAD SIP "partners:\n  - domain: fabrikam.example\n  - domain: northwind.example\n"
              "    additional_domains: [fabrikam.example]\n",
     {":10:26: error: E122"}},
    {"no domain name", HEAD SIP "partners:\n  - domain: \"not a domain\"\n", {"error: E120"}},
    {"a pin that is none",
     HEAD SIP "partners:\n  - domain: fabrikam.example\n    pins: [abc]\n",
     {"error: E123"}},
    {"a proxy with a port that is none",
     HEAD SIP "partners:\n  - domain: fabrikam.example\n    proxy: xmpp.fabrikam.example:s2s\n",
     {"error: E125"}},
    {"an unknown key", HEAD SIP "partner:\n  - domain: fabrikam.example\n", {"partners"}},
    {"a listener without transport",
     HEAD "sip:\n  listen: [\"127.0.0.1:5060\"]\n"
          "  routes: [{name: k1, uri: \"sip:127.0.0.2\"}]\n",
     {":5:13: error: E131"}},
    {"a route that is no URI",
     HEAD "sip:\n  listen: [\"tcp:127.0.0.1:5060\"]\n  routes: [{name: k1, uri: \"kamailio\"}]\n",
     {"error: E132"}},
    {"a TLS route without certificate",
     HEAD "sip:\n  listen: [\"tcp:127.0.0.1:5060\"]\n"
          "  routes: [{name: k1, uri: \"sip:127.0.0.2;transport=tls\"}]\n",
     {"error: E130"}},
    {"an edge without port",
     "version: 1\nnode: {name: gw1, sip_domains: [contoso.example]}\n"
     "edge: {connect: [edge1], peer_names: [edge1.example], "
     "tls: {certificate: a.crt, key: \"file:a.key\", ca: ca.crt}}\n" SIP,
     {":3:18: error: E125"}},
    {"an abuse contact that is no URI", /* XEP-0157 */
     "version: 1\nnode: {name: gw1, sip_domains: [contoso.example], "
     "abuse_contact: [abuse@contoso.example]}\n" SIP,
     {"error: E134", "mailto:abuse@contoso.example"}},
    {"an abuse contact of another scheme",
     "version: 1\nnode: {name: gw1, sip_domains: [contoso.example], "
     "abuse_contact: [\"ftp://contoso.example\"]}\n" SIP,
     {"error: E134"}},
    {"nine abuse contacts",
     "version: 1\nnode: {name: gw1, sip_domains: [contoso.example], abuse_contact: "
     "[\"xmpp:a\", \"xmpp:b\", \"xmpp:c\", \"xmpp:d\", \"xmpp:e\", \"xmpp:f\", "
     "\"xmpp:g\", \"xmpp:h\", \"xmpp:i\"]}\n" SIP,
     {"error: E136"}},
    {"two things wrong, both told",
     HEAD SIP "partners:\n  - domain: contoso.example\n  - domain: fabrikam.example\n"
              "    tls: not_supported\n",
     {"E121", "E104", "2 errors"}},
    {"a wrong word",
     HEAD SIP "partners:\n  - domain: fabrikam.example\n    type: federates\n",
     {":9:11: error:", "federated"}},
    {"a duration without unit", HEAD SIP "messages: {ttl: 120}\n", {":7:17: error:"}},
    {"a window of more than a day", HEAD SIP "messages: {reply_window: 25h}\n", {":7:26: error:"}},
    {"an activity that RFC 4480 has not",
     HEAD SIP "presence: {show_map: {activity_to_show: {on-the-fone: dnd}}}\n",
     {":7:42: error: E005 unknown key on-the-fone", "did you mean on-the-phone"}},
    {"a show that is none",
     HEAD SIP "presence: {show_map: {activity_to_show: {meeting: ddn}}}\n",
     {":7:51: error: E010 meeting knows no value ddn", "did you mean dnd?"}},
    {"a show's activity that is none",
     HEAD SIP "presence: {show_map: {show_to_activity: {dnd: bussy}}}\n",
     {":7:47: error: E010 dnd knows no value bussy", "did you mean busy?"}},
    {"a show's name that is none",
     HEAD SIP "presence: {show_map: {show_to_activity: {invisible: none}}}\n",
     {":7:42: error: E005 unknown key invisible", "known here: none, away, chat, dnd, xa"}},
    {"required keys are missing", "version: 1\n", {"node", "sip", "edge"}},
    {"pins where no key is shown",
     HEAD SIP "security: {floor: none}\npartners:\n  - domain: fabrikam.example\n"
              "    tls: not_supported\n    sasl: not_supported\n    pins: "
              "[000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f]\n",
     {":11:11: error: E112 pins need TLS"}},
    {"an address as partner",
     HEAD SIP "partners:\n  - domain: 192.0.2.7\n",
     {":8:13: error: E127"}},
    {"a stanza limit that the standard forbids",
     HEAD SIP "partners:\n  - domain: fabrikam.example\n    max_stanza: 9999\n",
     {":9:17: error: E128"}},
    {"who holds a domain is told",
     HEAD SIP "partners:\n  - domain: fabrikam.example\n  - domain: FABRIKAM.example.\n",
     {":9:13: error: E122 fabrikam.example belongs to the partner fabrikam.example already (",
      ":8)"}},
    {"a user of nobody we know",
     HEAD SIP "users: {deny: [romeo@elsewhere.example]}\n",
     {":7:16: error: E133"}},
    {"a whole domain as a user",
     HEAD SIP "users: {allow: [\"@contoso.example\"]}\n",
     {":7:18: error: E133"}},
    {"two groups of one name",
     HEAD SIP "users: {groups: [{name: a, access: deny}, {name: a, access: allow}]}\n",
     {"error: E135"}},
    {"a group without a verdict",
     HEAD SIP "users: {groups: [{name: a}]}\n",
     {"error: E006", "access is missing"}},
};

static void tells_every_finding_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(BAD); i++) {
        struct cw_gateway_settings *settings;
        char *report;

        cw_case(BAD[i].name);
        assert_int_equal(read_text(BAD[i].yaml, false, &report, &settings), CW_ERR_CONFIG);
        assert_null(settings);
        for (size_t k = 0; k < 3 && BAD[i].findings[k] != NULL; k++) {
            if (strstr(report, BAD[i].findings[k]) == NULL) {
                print_message("missing: %s\nin:\n%s\n", BAD[i].findings[k], report);
                fail();
            }
        }
        free(report);
    }
}

static void reads_a_partner_with_its_defaults(void **state)
{
    struct cw_gateway_settings *settings;
    char *report;

    (void)state;
    assert_int_equal(read_text(HEAD SIP "partner_defaults: {type: public_verified}\n"
                                        "partners:\n"
                                        "  - domain: Fabrikam.Example\n"
                                        "    additional_domains: [corp.fabrikam.example]\n"
                                        "  - domain: northwind.example\n"
                                        "    type: federated\n"
                                        "    tls: required\n"
                                        "    sasl: required\n"
                                        "    dialback: false\n"
                                        "    enabled: false\n",
                               true, &report, &settings),
                     CW_OK);
    assert_string_equal(report, "");
    assert_int_equal(settings->partner_count, 2);

    const struct cw_partner *const fabrikam = &settings->partner_list[0];
    const struct cw_partner *const northwind = &settings->partner_list[1];

    cw_assert_bytes(fabrikam->domain, CW_LIT("fabrikam.example"));
    assert_int_equal(fabrikam->type, CW_PARTNER_PUBLIC_VERIFIED);
    assert_int_equal(fabrikam->tls, CW_REQUIRED);
    assert_int_equal(fabrikam->sasl, CW_OPTIONAL);
    assert_true(fabrikam->dialback);
    assert_true(fabrikam->enabled);
    assert_int_equal(fabrikam->connection_limit, 20);
    assert_int_equal(fabrikam->additional_count, 1);
    assert_int_equal(northwind->type, CW_PARTNER_FEDERATED);
    assert_int_equal(northwind->sasl, CW_REQUIRED);
    assert_false(northwind->dialback);
    assert_false(northwind->enabled);
    cw_gateway_settings_free(&settings);
    free(report);
}

static void warnings_stop_only_the_strict(void **state)
{
    static const char LOOSE[] = HEAD SIP "partners:\n  - domain: fabrikam.example\n"
                                         "    tls: optional\n";
    struct cw_gateway_settings *settings;
    char *report;

    (void)state;
    assert_int_equal(read_text(LOOSE, false, &report, &settings), CW_OK);
    assert_non_null(strstr(report, "warning: W103"));
    cw_gateway_settings_free(&settings);
    free(report);
    assert_int_equal(read_text(LOOSE, true, &report, &settings), CW_ERR_CONFIG);
    free(report);
}

static void knows_who_may_federate(void **state)
{
    struct cw_gateway_settings *settings;
    char *report;

    (void)state;
    assert_int_equal(read_text(HEAD SIP "users: {default: deny, allow: [romeo@Contoso.Example, "
                                        "paris@contoso.example], deny: [paris@contoso.example]}\n",
                               true, &report, &settings),
                     CW_OK);
    assert_true(cw_access_entitled(settings->access, CW_LIT("sip:romeo@contoso.example")));
    assert_false(cw_access_entitled(settings->access, CW_LIT("sip:paris@contoso.example")));
    assert_false(cw_access_entitled(settings->access, CW_LIT("sip:tybalt@contoso.example")));
    assert_true(cw_gateway_settings_is_own(settings, CW_LIT("contoso.example")));
    assert_false(cw_gateway_settings_is_own(settings, CW_LIT("corp.contoso.example")));
    cw_gateway_settings_free(&settings);
    free(report);
}

/* Global, overridden by group, overridden by user. */
static void asks_groups_after_the_user_himself(void **state)
{
    static const struct {
        const char *aor;
        enum cw_access_verdict verdict;
        const char *group;
    } WANT[] = {
        {"sip:romeo@contoso.example", CW_ACCESS_ALLOW, NULL},      /* his own entry */
        {"sip:juliet@contoso.example", CW_ACCESS_DENY, "sales"},   /* one group refuses */
        {"sip:mercutio@contoso.example", CW_ACCESS_ALLOW, "desk"}, /* named before his domain */
        {"sip:tybalt@contoso.example", CW_ACCESS_DENY, "all"},
        {"sip:rosaline@corp.contoso.example", CW_ACCESS_ALLOW, NULL},
    };
    struct cw_gateway_settings *settings;
    char *report;

    (void)state;
    assert_int_equal(
        read_text("version: 1\nnode: {name: gw1, sip_domains: [contoso.example, "
                  "corp.contoso.example]}\n"
                  "edge: {connect: [\"127.0.0.1:23456\"], peer_names: [edge1.example], "
                  "tls: {certificate: a.crt, key: \"file:a.key\", ca: ca.crt}}\n" SIP
                  "users:\n  allow: [romeo@contoso.example]\n  groups:\n"
                  "    - {name: all, access: deny, members: [\"@CONTOSO.example\"]}\n"
                  "    - {name: desk, access: allow, members: [romeo@contoso.example, "
                  "juliet@contoso.example, mercutio@contoso.example]}\n"
                  "    - {name: sales, access: deny, members: [juliet@contoso.example, "
                  "romeo@contoso.example]}\n",
                  true, &report, &settings),
        CW_OK);
    for (size_t i = 0; i < CW_COUNT(WANT); i++) {
        const struct cw_access_answer got =
            cw_access_of(settings->access, (struct cw_bytes){WANT[i].aor, strlen(WANT[i].aor)});

        cw_case(WANT[i].aor);
        assert_int_equal(got.verdict, WANT[i].verdict);
        if (WANT[i].group == NULL) {
            assert_null(got.group.base);
        } else {
            cw_assert_bytes(got.group, ((struct cw_bytes){WANT[i].group, strlen(WANT[i].group)}));
        }
    }
    assert_true(cw_access_federates(settings->access));
    cw_gateway_settings_free(&settings);
    free(report);
}

static bool same_map(const struct cw_show_map *a, const struct cw_show_map *b)
{
    return memcmp(a->show_of, b->show_of, sizeof(a->show_of)) == 0 && a->driving == b->driving &&
           memcmp(a->activity_of, b->activity_of, sizeof(a->activity_of)) == 0 &&
           a->words == b->words;
}

/* PRES-30: without a word the default table; with some, these rows and no others. */
static void makes_the_table_of_shows(void **state)
{
    struct cw_show_map want = CW_SHOW_MAP_DEFAULT;
    struct cw_gateway_settings *settings;
    char *report;

    (void)state;
    assert_int_equal(read_text(HEAD SIP, true, &report, &settings), CW_OK);
    assert_true(same_map(&settings->presence.show_map, &CW_SHOW_MAP_DEFAULT));
    assert_false(settings->presence.pep);
    assert_false(settings->presence.capabilities);
    assert_false(settings->presence.software_version);
    cw_gateway_settings_free(&settings);
    free(report);
    assert_int_equal(read_text(HEAD SIP "presence:\n  activity_text: false\n  show_map:\n"
                                        "    activity_to_show: {meeting: away, working: chat, "
                                        "in-transit+steering: xa}\n"
                                        "    show_to_activity: {chat: working, away: none}\n",
                               true, &report, &settings),
                     CW_OK);
    want.show_of[CW_ACTIVITY_MEETING] = CW_SHOW_AWAY;
    want.show_of[CW_ACTIVITY_WORKING] = CW_SHOW_CHAT;
    want.driving = CW_SHOW_XA;
    want.activity_of[CW_SHOW_CHAT] = CW_ACTIVITY_WORKING;
    want.activity_of[CW_SHOW_AWAY] = CW_ACTIVITIES;
    want.words = false;
    assert_true(same_map(&settings->presence.show_map, &want));
    cw_gateway_settings_free(&settings);
    free(report);
}

/* PARTNERS section 3: closed unless somebody opens it. */
static void opens_the_reply_window_on_demand(void **state)
{
    static const struct {
        const char *yaml;
        int64_t want_ms;
    } CASES[] = {
        {HEAD SIP, 0},
        {HEAD SIP "messages: {reply_window: 0s}\n", 0},
        {HEAD SIP "messages: {reply_window: 5m}\n", 300000},
        {HEAD SIP "messages: {reply_window: 24h}\n", 86400000},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(CASES); i++) {
        struct cw_gateway_settings *settings = NULL;
        char *report = NULL;

        assert_int_equal(read_text(CASES[i].yaml, true, &report, &settings), CW_OK);
        assert_int_equal(settings->messages.reply_window_ms, CASES[i].want_ms);
        cw_gateway_settings_free(&settings);
        free(report);
    }
}

static void the_shipped_example_has_no_findings(void **state)
{
    struct cw_gateway_settings *settings;
    char *report;

    (void)state;
    assert_int_equal(cw_gateway_settings_read(CAUSEWAY_EXAMPLE, true, &report, &settings), CW_OK);
    assert_string_equal(report, "");
    assert_true(same_map(&settings->presence.show_map, &CW_SHOW_MAP_DEFAULT));
    assert_int_equal(settings->sip_listen_count, 3);
    assert_int_equal(settings->sip_routes[0].transport, CW_SIP_TLS);
    assert_int_equal(settings->sip_routes[0].port, 5061);
    cw_gateway_settings_free(&settings);
    free(report);
}

static void the_defaults_name_every_key(void **state)
{
    static const char *const KEYS[] = {
        "sip_domains",       "options_interval", "hold: 1s",           "fail_after: 6s",
        "floor: tls",        "partner_defaults", "additional_domains", "timeout: 30s",
        "on-the-phone: dnd", "software_version"};
    char *const text = cw_gateway_settings_defaults();

    (void)state;
    for (size_t i = 0; i < CW_COUNT(KEYS); i++) {
        cw_case(KEYS[i]);
        assert_non_null(strstr(text, KEYS[i]));
    }
    free(text);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(tells_every_finding_with_its_place),
        FILE_TEST(reads_a_partner_with_its_defaults),
        FILE_TEST(warnings_stop_only_the_strict),
        FILE_TEST(knows_who_may_federate),
        FILE_TEST(asks_groups_after_the_user_himself),
        FILE_TEST(makes_the_table_of_shows),
        cmocka_unit_test(opens_the_reply_window_on_demand),
        cmocka_unit_test(the_shipped_example_has_no_findings),
        cmocka_unit_test(the_defaults_name_every_key),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
