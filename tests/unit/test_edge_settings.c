/* SPDX-License-Identifier: Apache-2.0 */
#include "certificates.h"
#include "cw_mint.h"
#include "cw_test.h"
#include "settings_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct cw_mint *mint;

/* A configuration without findings; "@" stands for the folder of the certificates. */
#define NODE "node: {name: edge1}\n"
#define S2S                                                                                        \
    "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  ca: \"@ca.crt\"\n"                                    \
    "  certificates: [{domain: corp.example, certificate: \"@corp.crt\", "                         \
    "key: \"file:@corp.key\"}]\n"
#define LINK                                                                                       \
    "link:\n  listen: \"127.0.0.1:23456\"\n"                                                       \
    "  tls: {certificate: \"@link.crt\", key: \"file:@link.key\", ca: \"@ca.crt\"}\n"              \
    "  peer_names: [gw1.example]\n"
#define DIALBACK "dialback: {secret: \"file:@corp.key\"}\n"
#define GOOD     "version: 1\n" NODE S2S LINK DIALBACK

/* Each finding must be in the report, with its place. */
static const struct {
    const char *name;
    const char *yaml;
    const char *findings[3];
} BAD[] = {
    {"node name",
     "version: 1\nnode: {name: \"edge 1\"}\n" S2S LINK DIALBACK,
     {":2:15: error: E140"}},
    {"a key too many", GOOD "dns: {server: [\"127.0.0.1:53\"]}\n", {":12:7: error: ", "servers"}},
    {"a missing section", "version: 1\n" NODE S2S DIALBACK, {"error: ", "link"}},
    {"a listener without port",
     "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\", \"127.0.0.1\"]\n"
     "  certificates: [{domain: corp.example, certificate: \"@corp.crt\", key: "
     "\"file:@corp.key\"}]\n" LINK DIALBACK,
     {":4:31: error: E141"}},
    {"a listener with a name",
     "version: 1\n" NODE "s2s:\n  listen: [\"tls:corp.example:5270\"]\n"
     "  certificates: [{domain: corp.example, certificate: \"@corp.crt\", key: "
     "\"file:@corp.key\"}]\n" LINK DIALBACK,
     {":4:13: error: E141"}},
    {"a domain twice",
     "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  certificates:\n"
     "    - {domain: corp.example, certificate: \"@corp.crt\", key: \"file:@corp.key\"}\n"
     "    - {domain: corp.example, certificate: \"@corp.crt\", key: \"file:@corp.key\"}\n" LINK
         DIALBACK,
     {":7:16: error: E142"}},
    {"a domain in capitals",
     "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  certificates:\n"
     "    - {domain: Corp.Example, certificate: \"@corp.crt\", key: \"file:@corp.key\"}\n" LINK
         DIALBACK,
     {":6:16: error: E120", "A-labels"}},
    {"nobody may link",
     "version: 1\n" NODE S2S "link:\n  listen: \"127.0.0.1:23456\"\n"
     "  tls: {certificate: \"@link.crt\", key: \"file:@link.key\", ca: \"@ca.crt\"}\n"
     "  peer_names: []\n" DIALBACK,
     {":8:12: error: E143"}},
    {"a resolver by name",
     GOOD "dns: {servers: [\"127.0.0.1:53\", \"ns.example:53\"]}\n",
     {":12:34: error: E144"}},
    {"a secret that can be guessed",
     "version: 1\n" NODE S2S LINK "dialback: {secret: \"file:@short\"}\n",
     {":11:21: error: E145"}},
    {"a secret written down",
     "version: 1\n" NODE S2S LINK "dialback: {secret: \"0123456789abcdef\"}\n",
     {":11:2"}},
    {"admin for all the world",
     GOOD "admin: {listen: \"0.0.0.0:9270\"}\n",
     {":12:18: error: E146"}},
    {"a key of another certificate",
     "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  certificates:\n"
     "    - {domain: corp.example, certificate: \"@corp.crt\", key: \"file:@link.key\"}\n" LINK
         DIALBACK,
     {":6:44: error: E149"}},
    {"a certificate that is not there",
     "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  certificates:\n"
     "    - {domain: corp.example, certificate: \"@none.crt\", key: \"file:@corp.key\"}\n" LINK
         DIALBACK,
     {":6:44: error: E149", "none.crt"}},
    {"a stanza smaller than the standard allows",
     GOOD "limits: {max_stanza_size: 9KiB}\n",
     {":12:27: error: "}},
    {"all of them at once",
     "version: 1\nnode: {name: \"\"}\n" S2S LINK "dialback: {secret: \"file:@short\"}\n"
     "admin: {listen: \"192.0.2.1:1\"}\n",
     {"error: E140", "error: E145", "error: E146"}},
    {"no YAML", "version: 1\nnode: {name\n", {"error"}},
};

static const struct {
    const char *name;
    const char *yaml;
    const char *finding;
} WARNINGS[] = {
    {"a certificate for another domain",
     "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  certificates:\n"
     "    - {domain: other.example, certificate: \"@corp.crt\", key: \"file:@corp.key\"}\n" LINK
         DIALBACK,
     ":6:45: warning: W150"},
    {"an address with more than all", GOOD "limits: {connections: 5, connections_per_address: 6}\n",
     ":12:51: warning: W147"},
    {"a partner with more than all",
     GOOD "limits: {queue_bytes: 64KiB, queue_per_partner: 128KiB}\n", ":12:49: warning: W148"},
};

/* Writes `yaml` with the folder in place of "@". */
static void write_yaml(const char *path, const char *yaml)
{
    FILE *const file = fopen(path, "w");

    assert_non_null(file);
    for (; *yaml != '\0'; yaml++) {
        if (*yaml == '@') {
            (void)fputs(cw_mint_path(mint, ""), file);
        } else {
            (void)fputc(*yaml, file);
        }
    }
    assert_int_equal(fclose(file), 0);
}

static enum cw_err read_yaml(const char *yaml, bool strict, char **report,
                             struct cw_edge_settings **out)
{
    const char *const path = cw_mint_path(mint, "edge.yaml");

    write_yaml(path, yaml);
    return cw_edge_settings_read(path, CW_EDGE_CHECK_ALL, strict, report, out);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(BAD); i++) {
        struct cw_edge_settings *settings = NULL;
        char *report = NULL;

        cw_case(BAD[i].name);
        assert_int_equal(read_yaml(BAD[i].yaml, false, &report, &settings), CW_ERR_CONFIG);
        assert_null(settings);
        for (size_t k = 0; k < CW_COUNT(BAD[i].findings) && BAD[i].findings[k] != NULL; k++) {
            if (strstr(report, BAD[i].findings[k]) == NULL) {
                print_message("%s\n", report);
            }
            assert_non_null(strstr(report, BAD[i].findings[k]));
        }
        free(report);
    }
}

static void warns_and_goes_on_unless_strict(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(WARNINGS); i++) {
        struct cw_edge_settings *settings = NULL;
        char *report = NULL;

        cw_case(WARNINGS[i].name);
        assert_int_equal(read_yaml(WARNINGS[i].yaml, false, &report, &settings), CW_OK);
        if (strstr(report, WARNINGS[i].finding) == NULL) {
            print_message("%s\n", report);
        }
        assert_non_null(strstr(report, WARNINGS[i].finding));
        free(report);
        cw_edge_settings_free(&settings);
        assert_int_equal(read_yaml(WARNINGS[i].yaml, true, &report, &settings), CW_ERR_CONFIG);
        free(report);
    }
}

static void reads_a_good_file(void **state)
{
    struct cw_edge_settings *settings = NULL;
    char *report = NULL;

    (void)state;
    assert_int_equal(read_yaml(GOOD "dns: {servers: [\"[::1]:5353\"], dnssec: true}\n"
                                    "limits: {queue_ttl: 90s, max_stanza_size: 100KiB}\n",
                               true, &report, &settings),
                     CW_OK);
    assert_string_equal(report, "");
    assert_string_equal(settings->node.name, "edge1");
    assert_string_equal(settings->node.pool, "default");
    assert_int_equal(settings->s2s.certificates.count, 1);
    assert_string_equal(settings->link.peer_names.items[0], "gw1.example");
    assert_true(settings->dns.dnssec);
    assert_int_equal(settings->limits.queue_ttl_ms, 90000);
    assert_int_equal(settings->limits.max_stanza_size, 102400);
    assert_int_equal(settings->limits.connections, 5000);
    assert_int_equal(settings->drain.timeout_ms, 30000);
    assert_string_equal(settings->admin.listen, "127.0.0.1:9270");
    free(report);
    cw_edge_settings_free(&settings);
    assert_null(settings);
}

static void a_file_that_is_not_there_is_a_finding(void **state)
{
    struct cw_edge_settings *settings = NULL;
    char *report = NULL;

    (void)state;
    assert_int_equal(cw_edge_settings_read(cw_mint_path(mint, "nothing.yaml"), CW_EDGE_CHECK_VALUES,
                                           false, &report, &settings),
                     CW_ERR_CONFIG);
    assert_non_null(strstr(report, "nothing.yaml"));
    free(report);
}

/* The values alone can be judged where the certificates are not. */
static void leaves_certificates_alone_when_told(void **state)
{
    const char *const path = cw_mint_path(mint, "edge.yaml");
    struct cw_edge_settings *settings = NULL;
    char *report = NULL;

    (void)state;
    write_yaml(path, "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  certificates:\n"
                     "    - {domain: corp.example, certificate: \"@none.crt\", "
                     "key: \"file:@corp.key\"}\n" LINK DIALBACK);
    assert_int_equal(cw_edge_settings_read(path, CW_EDGE_CHECK_VALUES, false, &report, &settings),
                     CW_OK);
    free(report);
    cw_edge_settings_free(&settings);
}

static void knows_what_waits_for_a_restart(void **state)
{
    static const struct {
        const char *more;
        const char *key;
    } changes[] = {
        {"", NULL},
        {"limits: {connections: 700}\n", NULL},
        {"log: {level: debug}\n", NULL},
        {"log: {format: json}\n", "log.format"},
        {"admin: {listen: \"127.0.0.1:9999\"}\n", "admin"},
        {"dns: {servers: [\"127.0.0.1:53\"]}\n", "dns"},
    };
    struct cw_edge_settings *first = NULL;
    char *report = NULL;

    (void)state;
    assert_int_equal(read_yaml(GOOD, true, &report, &first), CW_OK);
    free(report);
    for (size_t i = 0; i < CW_COUNT(changes); i++) {
        struct cw_edge_settings *second = NULL;
        char text[2048];
        const char *key;

        (void)snprintf(text, sizeof(text), "%s%s", GOOD, changes[i].more);
        assert_int_equal(read_yaml(text, true, &report, &second), CW_OK);
        key = cw_edge_settings_needs_restart(first, second);
        assert_string_equal(key != NULL ? key : "", changes[i].key != NULL ? changes[i].key : "");
        free(report);
        cw_edge_settings_free(&second);
    }
    cw_edge_settings_free(&first);
}

static void certificates_are_found_by_domain(void **state)
{
    struct cw_certificates *certificates = NULL;
    struct cw_edge_settings *settings = NULL;
    char *report = NULL;
    const char *problem = NULL;
    struct cw_tls *first;

    (void)state;
    assert_int_equal(
        read_yaml(
            "version: 1\n" NODE "s2s:\n  listen: [\"127.0.0.1:5269\"]\n  certificates:\n"
            "    - {domain: corp.example, certificate: \"@corp.crt\", key: \"file:@corp.key\"}\n"
            "    - {domain: link.example, certificate: \"@link.crt\", key: "
            "\"file:@link.key\"}\n" LINK DIALBACK,
            true, &report, &settings),
        CW_OK);
    assert_int_equal(cw_certificates_new(settings, &certificates, &certificates, &problem), CW_OK);
    first = cw_certificates_find(certificates, CW_LIT("corp.example"), true);
    assert_non_null(first);
    assert_ptr_not_equal(first, cw_certificates_find(certificates, CW_LIT("corp.example"), false));
    assert_ptr_not_equal(first, cw_certificates_find(certificates, CW_LIT("link.example"), true));
    assert_ptr_equal(first, cw_certificates_find(certificates, CW_LIT("more.example"), true));
    assert_ptr_equal(first, cw_certificates_find(certificates, (struct cw_bytes){0}, true));
    cw_certificates_free(&certificates);
    cw_edge_settings_free(&settings);
    free(report);
}

static void prints_every_key(void **state)
{
    char *const text = cw_edge_settings_defaults();

    (void)state;
    for (const struct cw_key *key = CW_EDGE_KEYS; key->name != NULL; key++) {
        assert_non_null(strstr(text, key->name));
        for (const struct cw_key *inner = key->keys; inner != NULL && inner->name != NULL;
             inner++) {
            assert_non_null(strstr(text, inner->name));
        }
    }
    free(text);
}

static int set_up(void **state)
{
    const struct cw_mint_leaf corp = {.names = "DNS:corp.example"};
    const struct cw_mint_leaf link = {.names = "DNS:link.example"};
    FILE *file;

    (void)state;
    mint = cw_mint_new();
    cw_mint_make(mint, "corp", &corp);
    cw_mint_make(mint, "link", &link);
    file = fopen(cw_mint_path(mint, "short"), "w");
    return file == NULL || fputs("fifteen-letters\n", file) < 0 || fclose(file) != 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(cw_mint_path(mint, "short"));
    (void)unlink(cw_mint_path(mint, "edge.yaml"));
    cw_mint_free(&mint);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(warns_and_goes_on_unless_strict),
        cmocka_unit_test(reads_a_good_file),
        cmocka_unit_test(a_file_that_is_not_there_is_a_finding),
        cmocka_unit_test(leaves_certificates_alone_when_told),
        cmocka_unit_test(knows_what_waits_for_a_restart),
        cmocka_unit_test(certificates_are_found_by_domain),
        cmocka_unit_test(prints_every_key),
    };

    return cmocka_run_group_tests_name("edge_settings", tests, set_up, tear_down);
}
