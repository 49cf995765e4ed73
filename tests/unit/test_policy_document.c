/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "policy_document.h"
#include "settings_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* northwind.example is a partner of the file, in line 6. */
#define SETTINGS                                                                                   \
    "version: 1\n"                                                                                 \
    "node: {name: gw1, sip_domains: [contoso.example]}\n"                                          \
    "edge: {connect: [\"127.0.0.1:23456\"], peer_names: [edge1.example], "                         \
    "tls: {certificate: a.crt, key: \"file:a.key\", ca: ca.crt}}\n"                                \
    "sip: {listen: [\"tcp:127.0.0.1:5060\"], routes: [{name: k1, uri: \"sip:127.0.0.2\"}]}\n"      \
    "partners:\n"                                                                                  \
    "  - domain: northwind.example\n"                                                              \
    "    additional_domains: [corp.northwind.example]\n"

/* What the defaults make of a record, behind "additional_domains". */
#define USUAL(proxy)                                                                               \
    "\"type\":\"public_unverified\",\"tls\":\"required\",\"sasl\":\"optional\","                   \
    "\"dialback\":true,\"enabled\":true,\"keep_alive\":true,\"connection_limit\":20,"              \
    "\"proxy\":\"" proxy "\",\"accept\":\"default\",\"rate\":{\"invites_per_minute\":0,"           \
    "\"messages_per_second\":0,\"presence_per_second\":0},\"max_stanza\":0,\"pins\":"
#define RECORD(domain, additional)                                                                 \
    "{\"domain\":\"" domain "\",\"description\":\"\",\"additional_domains\":[" additional          \
    "]," USUAL("") "[]}"

static char path[64];
static struct cw_gateway_settings *settings;

static int set_up(void **state)
{
    char *report = NULL;
    FILE *file;
    int fd;

    (void)state;
    (void)snprintf(path, sizeof(path), "/tmp/cw-policy-XXXXXX");
    fd = mkstemp(path);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    assert_non_null(file);
    assert_true(fputs(SETTINGS, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cw_gateway_settings_read(path, true, &report, &settings), CW_OK);
    free(report);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cw_gateway_settings_free(&settings);
    return unlink(path);
}

/* Reads `text`, which has no error. */
static struct cw_policy_document *read_good(struct cw_bytes text)
{
    struct cw_policy_document *document;
    json_t *findings;

    if (cw_policy_document_read_text(settings, text, "p.yaml", &findings, &document) != CW_OK) {
        fail_msg("%s", json_dumps(findings, 0));
    }
    json_decref(findings);
    assert_non_null(document);
    return document;
}

static char *dump(const struct cw_policy_document *document)
{
    char *const text = json_dumps(document->json, JSON_COMPACT);

    assert_non_null(text);
    return text;
}

struct form_case {
    const char *name, *text, *json;
};

static const struct form_case FORM_CASES[] = {
    {"nothing", "", "{\"partners\":[]}"},
    {"an empty object", "{}", "{\"partners\":[]}"},
    {"no partners", "partners:\n", "{\"partners\":[]}"},
    {"a whole record", "partners:\n  - domain: fabrikam.example\n",
     "{\"partners\":[" RECORD("fabrikam.example", "") "]}"},
    {"the same as JSON", "{\"partners\":[{\"domain\":\"fabrikam.example\"}]}",
     "{\"partners\":[" RECORD("fabrikam.example", "") "]}"},
    {"A-labels in lower case, without the dot at the end",
     "partners: [{domain: B\xc3\x9c"
     "CHER.Example., additional_domains: [Shop.XN--bcher-kva.example]}]\n",
     "{\"partners\":[" RECORD("xn--bcher-kva.example", "\"shop.xn--bcher-kva.example\"") "]}"},
    {"ordered by domain, a shorter one first",
     "partners: [{domain: b.example}, {domain: a.example.net}, {domain: a.example}]\n",
     "{\"partners\":[" RECORD("a.example", "") "," RECORD("a.example.net",
                                                          "") "," RECORD("b.example", "") "]}"},
    {"additional domains stay in their order",
     "partners: [{domain: c.example, additional_domains: [b.example, a.example]}]\n",
     "{\"partners\":[" RECORD("c.example", "\"b.example\",\"a.example\"") "]}"},
    {"all that a record may say",
     "partners:\n"
     "  - rate: {presence_per_second: 3, messages_per_second: 2, invites_per_minute: 1}\n"
     "    pins: [000102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f]\n"
     "    max_stanza: 10000\n    accept: ask\n    proxy: xmpp.fabrikam.example\n"
     "    connection_limit: 7\n    keep_alive: false\n    enabled: false\n    dialback: false\n"
     "    sasl: required\n    tls: required\n    type: federated\n    description: 'A: \"b\"'\n"
     "    domain: fabrikam.example\n",
     "{\"partners\":[{\"domain\":\"fabrikam.example\",\"description\":\"A: \\\"b\\\"\","
     "\"additional_domains\":[],\"type\":\"federated\",\"tls\":\"required\","
     "\"sasl\":\"required\",\"dialback\":false,\"enabled\":false,\"keep_alive\":false,"
     "\"connection_limit\":7,\"proxy\":\"xmpp.fabrikam.example:5269\",\"accept\":\"ask\","
     "\"rate\":{\"invites_per_minute\":1,\"messages_per_second\":2,\"presence_per_second\":3},"
     "\"max_stanza\":10000,"
     "\"pins\":[\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"]}]}"},
    {"users by default", "users: {}\n",
     "{\"partners\":[],\"users\":{\"federation\":true,\"default\":\"allow\",\"allow\":[],"
     "\"deny\":[],\"groups\":[]}}"},
    {"users without a value are not said", "users:\n", "{\"partners\":[]}"},
    {"users and groups",
     "users:\n  default: deny\n  federation: false\n  allow: [romeo@contoso.example]\n"
     "  deny: [paris@Contoso.Example]\n  groups:\n    - access: allow\n      name: sales\n"
     "      members: [\"@contoso.example\", rosaline@contoso.example]\n"
     "    - {name: guests, access: deny}\n",
     "{\"partners\":[],\"users\":{\"federation\":false,\"default\":\"deny\","
     "\"allow\":[\"romeo@contoso.example\"],\"deny\":[\"paris@Contoso.Example\"],"
     "\"groups\":[{\"name\":\"sales\",\"access\":\"allow\","
     "\"members\":[\"@contoso.example\",\"rosaline@contoso.example\"]},"
     "{\"name\":\"guests\",\"access\":\"deny\",\"members\":[]}]}}"},
};

/* The canonical form says the same when it is read again, as JSON and as text. */
static void assert_stable(const struct cw_policy_document *document, const char *json)
{
    struct cw_policy_document *again;
    json_t *findings;
    char *text = json_dumps(document->json, JSON_INDENT(2));

    assert_int_equal(cw_policy_document_read(settings, document->json, &findings, &again), CW_OK);
    json_decref(findings);
    assert_true(json_equal(again->json, document->json));
    cw_policy_document_free(&again);
    assert_null(again);
    again = read_good((struct cw_bytes){text, strlen(text)});
    free(text);
    text = dump(again);
    assert_string_equal(text, json);
    free(text);
    cw_policy_document_free(&again);
}

static void writes_one_canonical_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(FORM_CASES); i++) {
        const struct form_case *const row = &FORM_CASES[i];
        struct cw_policy_document *document;
        char *text;

        cw_case(row->name);
        document = read_good((struct cw_bytes){row->text, strlen(row->text)});
        text = dump(document);
        assert_string_equal(text, row->json);
        assert_stable(document, text);
        free(text);
        cw_policy_document_free(&document);
    }
}

/* What people write is kept, octet by octet. */
static void keeps_any_text(void **state)
{
    static const char *const TEXTS[] = {
        "",
        " blanks ",
        "~",
        "null",
        "true",
        "- a: [b] {c} # d & * ! | > ' \" % @ ` \\",
        "line\nline\n\n",
        "tab\tcarriage\r",
        "\x01\x1f\x7f",
        "Stra\xc3\x9f"
        "e \xf0\x9f\x99\x82",
        "\xc2\x85 \xe2\x80\xa8 \xe2\x80\xa9 \xef\xbb\xbf \xef\xbf\xbe",
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(TEXTS); i++) {
        json_t *const json = json_pack("{s:[{s:s, s:s}]}", "partners", "domain", "a.example",
                                       "description", TEXTS[i]);
        struct cw_policy_document *document;
        json_t *findings;

        cw_case(TEXTS[i]);
        assert_non_null(json);
        assert_int_equal(cw_policy_document_read(settings, json, &findings, &document), CW_OK);
        assert_int_equal(document->partner_count, 1);
        cw_assert_bytes(document->partners[0].description,
                        ((struct cw_bytes){TEXTS[i], strlen(TEXTS[i])}));
        assert_string_equal(
            json_string_value(json_object_get(
                json_array_get(json_object_get(document->json, "partners"), 0), "description")),
            TEXTS[i]);
        json_decref(findings);
        json_decref(json);
        cw_policy_document_free(&document);
    }
}

struct finding_case {
    const char *name, *text;
    const char *findings[3]; /* "CODE POINTER LINE: DETAIL", the last may end early */
};

static const struct finding_case FINDING_CASES[] = {
    {"SASL without TLS",
     "partners:\n  - domain: a.example\n    tls: not_supported\n",
     {"E104 /partners/0/tls 3: SASL needs TLS"}},
    {"the same as JSON",
     "{\n\"partners\": [\n{\"domain\": \"a.example\"},\n"
     "{\"domain\": \"b.example\", \"sasl\": \"required\", \"tls\": \"not_supported\"}]}",
     {"E104 /partners/1/sasl 4: SASL needs TLS"}},
    {"an own domain",
     "partners: [{domain: contoso.example}]\n",
     {"E121 /partners/0/domain 1: an own SIP domain"}},
    {"twice",
     "partners:\n  - domain: a.example\n  - domain: b.example\n"
     "    additional_domains: [c.example, A.Example.]\n",
     {"E122 /partners/1/additional_domains/1 4: a.example belongs to the partner a.example "
      "already"}},
    {"no domain name",
     "partners:\n  - domain: a.example\n  - domain: a b\n",
     {"E120 /partners/1/domain 3: this is not a domain name"}},
    {"a pin", "partners:\n  - domain: a.example\n    pins: [x]\n", {"E123 /partners/0/pins/0 3: "}},
    {"an unknown key of the top", "partner: []\n", {"E005 /partner 1: unknown key partner"}},
    {"a key of gateway.yaml", "node: {name: gw2}\n", {"E005 /node 1: unknown key node"}},
    {"an unknown key of a record",
     "partners:\n  - domian: a.example\n    domain: b.example\n",
     {"E005 /partners/0/domian 2: unknown key domian"}},
    {"an unknown key of users", "users: {alow: []}\n", {"E005 /users/alow 1: unknown key alow"}},
    {"no domain",
     "{\"partners\": [{\"type\": \"federated\"}]}",
     {"E006 /partners/0 1: partners[].domain is missing"}},
    {"a mapping for a list", "partners: {a.example: {}}\n", {"E007 /partners 1: "}},
    {"a list for a mapping", "users: []\n", {"E007 /users 1: "}},
    {"a list at the top", "[]", {"E003  1: a file is a mapping of keys"}},
    {"a word at the top", "partners", {"E003  1: a file is a mapping of keys"}},
    {"a key twice",
     "{\"partners\": [], \"partners\": []}",
     {"E004 /partners 1: partners is written twice; first in line 1"}},
    {"a key of a record twice",
     "partners:\n  - domain: a.example\n    domain: b.example\n",
     {"E004 /partners/0/domain 3: domain is written twice; first in line 2"}},
    {"a user of elsewhere",
     "users:\n  groups: [{name: a, access: deny, members: [b@c.example]}]\n",
     {"E133 /users/groups/0/members/0 2: "}},
    {"a group twice",
     "users:\n  groups: [{name: a, access: deny}, {name: a, access: deny}]\n",
     {"E135 /users/groups/1/name 2: "}},
    {"nested too deep",
     "{\"partners\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
     {"E002  1: nested too deep"}},
    {"cut off", "{\"partners\": [", {"E002  2: flow sequence without"}},
    {"not UTF-8", "partners:\n# \xff\n", {"E002  2: this line is not UTF-8"}},
    {"several, in the order of the text",
     "partners:\n  - domain: contoso.example\n    type: x\n  - domain: a.example\n"
     "    connection_limit: 10001\n",
     {"E121 /partners/0/domain 2: ", "E010 /partners/0/type 3: type knows no value x",
      "E009 /partners/1/connection_limit 5: "}},
};

static void assert_findings(const json_t *findings, const struct finding_case *row)
{
    char got[600];
    const json_t *finding;
    size_t index;

    json_array_foreach(findings, index, finding)
    {
        (void)snprintf(got, sizeof(got), "%s %s %d: %s",
                       json_string_value(json_object_get(finding, "code")),
                       json_string_value(json_object_get(finding, "pointer")),
                       (int)json_integer_value(json_object_get(finding, "line")),
                       json_string_value(json_object_get(finding, "detail")));
        if (index >= CW_COUNT(row->findings) || row->findings[index] == NULL ||
            strncmp(got, row->findings[index], strlen(row->findings[index])) != 0) {
            fail_msg("unexpected: %s", got);
        }
        assert_string_equal(json_string_value(json_object_get(finding, "severity")), "error");
        assert_true(json_is_string(json_object_get(finding, "help")));
        assert_int_equal(json_object_size(finding), 6);
    }
    assert_true(index == CW_COUNT(row->findings) || row->findings[index] == NULL);
}

static void tells_each_finding_with_its_pointer(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(FINDING_CASES); i++) {
        const struct finding_case *const row = &FINDING_CASES[i];
        struct cw_policy_document *document;
        json_t *findings;

        cw_case(row->name);
        assert_int_equal(
            cw_policy_document_read_text(settings, (struct cw_bytes){row->text, strlen(row->text)},
                                         "p.yaml", &findings, &document),
            CW_ERR_CONFIG);
        assert_null(document);
        assert_findings(findings, row);
        json_decref(findings);
    }
}

/* The pointers are those of the caller's JSON, however it was written. */
static void points_into_the_json_it_was_given(void **state)
{
    static const struct {
        const char *json, *finding;
    } ROWS[] = {
        {"{\"partners\":[{\"domain\":\"a.example\"},{\"domain\":\"b.example\",\"pins\":[\"x\"]}]}",
         "E123 /partners/1/pins/0 "},
        {"{\"partners\":[{\"domain\":\"a.example\",\"rate\":{\"messages_per_second\":1.5}}]}",
         "E008 /partners/0/rate/messages_per_second "},
        {"{\"partners\":[{\"domain\":\"a.example\",\"a/b~c\":1}]}", "E005 /partners/0/a~1b~0c "},
        {"{\"partners\":[{\"domain\":null}]}", "E006 /partners/0 "},
        {"{\"partners\":[7]}", "E007 /partners/0 "},
        {"[]", "E003  "},
        {"\"partners\"", "E003  "},
        {"7", "E003  "},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        json_t *const json = json_loads(ROWS[i].json, JSON_DECODE_ANY, NULL);
        const struct finding_case row = {NULL, NULL, {ROWS[i].finding}};
        struct cw_policy_document *document;
        json_t *findings;

        cw_case(ROWS[i].json);
        assert_non_null(json);
        assert_int_equal(cw_policy_document_read(settings, json, &findings, &document),
                         CW_ERR_CONFIG);
        assert_null(document);
        assert_findings(findings, &row);
        json_decref(findings);
        json_decref(json);
    }
}

static void a_domain_of_the_files_is_taken(void **state)
{
    static const char *const ROWS[][2] = {
        {"partners: [{domain: Northwind.Example}]\n", "/partners/0/domain"},
        {"partners: [{domain: a.example, additional_domains: [corp.northwind.example]}]\n",
         "/partners/0/additional_domains/0"},
    };
    static const char *const TAKEN[] = {"northwind.example", "corp.northwind.example"};
    char detail[256];

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_policy_document *document;
        const json_t *finding;
        json_t *findings;

        cw_case(ROWS[i][0]);
        assert_int_equal(cw_policy_document_read_text(
                             settings, (struct cw_bytes){ROWS[i][0], strlen(ROWS[i][0])}, "p.yaml",
                             &findings, &document),
                         CW_ERR_CONFIG);
        assert_int_equal(json_array_size(findings), 1);
        finding = json_array_get(findings, 0);
        (void)snprintf(detail, sizeof(detail),
                       "%s belongs to the partner northwind.example already (%s:6)", TAKEN[i],
                       path);
        assert_string_equal(json_string_value(json_object_get(finding, "detail")), detail);
        assert_string_equal(json_string_value(json_object_get(finding, "code")), "E122");
        assert_string_equal(json_string_value(json_object_get(finding, "pointer")), ROWS[i][1]);
        json_decref(findings);
    }
}

static void knows_users_only_if_it_names_them(void **state)
{
    struct cw_policy_document *document = read_good(CW_LIT("partners: []\n"));

    (void)state;
    assert_null(document->access);
    cw_policy_document_free(&document);
    document = read_good(CW_LIT("users: {default: deny, allow: [romeo@contoso.example], groups: "
                                "[{name: sales, access: allow, members: [a@contoso.example]}]}\n"));
    assert_non_null(document->access);
    assert_true(cw_access_entitled(document->access, CW_LIT("sip:romeo@contoso.example")));
    assert_true(cw_access_entitled(document->access, CW_LIT("sip:a@contoso.example")));
    assert_false(cw_access_entitled(document->access, CW_LIT("sip:b@contoso.example")));
    cw_policy_document_free(&document);
}

static void warnings_let_it_pass(void **state)
{
    struct cw_policy_document *document;
    json_t *findings;

    (void)state;
    assert_int_equal(cw_policy_document_read_text(
                         settings,
                         CW_LIT("partners: [{domain: a.example, sasl: required, tls: optional}]\n"),
                         "p.yaml", &findings, &document),
                     CW_OK);
    assert_int_equal(json_array_size(findings), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(findings, 0), "severity")),
                        "warning");
    assert_string_equal(json_string_value(json_object_get(json_array_get(findings, 0), "code")),
                        "W103");
    json_decref(findings);
    cw_policy_document_free(&document);
}

/* Text of others must not name our files. To open a pipe that nobody writes to would last. */
static void an_include_is_unknown_and_opens_nothing(void **state)
{
    char pipe_path[] = "/tmp/cw-policy-pipe-XXXXXX";
    char text[256];
    const int fd = mkstemp(pipe_path);
    const struct finding_case row = {NULL, NULL, {"E005 /include 1: unknown key include"}};
    struct cw_policy_document *document;
    json_t *findings;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(pipe_path), 0);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    (void)snprintf(text, sizeof(text), "include: [\"%s\", \"%s*\"]\npartners: []\n", pipe_path,
                   pipe_path);
    (void)alarm(20);
    assert_int_equal(cw_policy_document_read_text(settings, (struct cw_bytes){text, strlen(text)},
                                                  "p.yaml", &findings, &document),
                     CW_ERR_CONFIG);
    (void)alarm(0);
    assert_null(document);
    assert_findings(findings, &row);
    json_decref(findings);
    assert_int_equal(unlink(pipe_path), 0);
}

static void more_than_1_mib_is_refused_unread(void **state)
{
    static char text[CW_POLICY_MAX_LEN + 2];
    const struct finding_case row = {NULL, NULL, {"E129  0: the policy is larger than 1 MiB"}};
    struct cw_policy_document *document;
    json_t *findings;

    (void)state;
    memset(text, '\n', sizeof(text) - 1);
    memcpy(text, "partners: []", strlen("partners: []"));
    document = read_good((struct cw_bytes){text, CW_POLICY_MAX_LEN});
    cw_policy_document_free(&document);
    assert_int_equal(cw_policy_document_read_text(settings,
                                                  (struct cw_bytes){text, CW_POLICY_MAX_LEN + 1},
                                                  "p.yaml", &findings, &document),
                     CW_ERR_CONFIG);
    assert_null(document);
    assert_findings(findings, &row);
    json_decref(findings);
}

static void an_empty_document_is_canonical(void **state)
{
    json_t *const empty = cw_policy_document_empty();
    struct cw_policy_document *document = read_good(CW_LIT(""));

    (void)state;
    assert_true(json_equal(empty, document->json));
    json_decref(empty);
    cw_policy_document_free(&document);
    cw_policy_document_free(&document); /* a second time is nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_canonical_form),
        cmocka_unit_test(keeps_any_text),
        cmocka_unit_test(tells_each_finding_with_its_pointer),
        cmocka_unit_test(points_into_the_json_it_was_given),
        cmocka_unit_test(a_domain_of_the_files_is_taken),
        cmocka_unit_test(knows_users_only_if_it_names_them),
        cmocka_unit_test(warnings_let_it_pass),
        cmocka_unit_test(an_include_is_unknown_and_opens_nothing),
        cmocka_unit_test(more_than_1_mib_is_refused_unread),
        cmocka_unit_test(an_empty_document_is_canonical),
    };

    return cmocka_run_group_tests_name("policy_document", tests, set_up, tear_down);
}
