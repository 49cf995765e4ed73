/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/settings_file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct item {
    const char *domain;
    int tls;
    int64_t limit;
    struct cw_texts names;
    struct cw_place place;
};

struct values {
    int64_t version;
    const char *name;
    struct cw_texts domains;
    struct {
        int64_t hold_ms;
        int64_t body;
        bool safe;
        struct {
            const char *key;
            const char *secret;
        } tls;
    } sip;
    struct cw_list partners;
    struct cw_texts listen;
    struct cw_place name_place;
};

static const char *const TLS_WORDS[] = {"required", "optional", "not_supported", NULL};

#define NOWHERE         .place_offset = CW_NO_PLACE
#define IN(type, field) .offset = offsetof(struct type, field)

/* clang-format off */
static const struct cw_key ITEM_KEYS[] = {
    {"domain", CW_KEY_TEXT, IN(item, domain), .place_offset = offsetof(struct item, place), .required = true, .help = "primary domain"},
    {"tls", CW_KEY_CHOICE, IN(item, tls), NOWHERE, .fallback = "optional", .choices = TLS_WORDS, .help = "TLS"},
    {"limit", CW_KEY_INTEGER, IN(item, limit), NOWHERE, .fallback = "20", .min = 1, .max = 100, .help = "streams"},
    {"names", CW_KEY_TEXTS, IN(item, names), NOWHERE, .help = "more domains"},
    {.name = NULL}};

static const struct cw_key TLS_KEYS[] = {
    {"key", CW_KEY_SECRET_PATH, .offset = 0, NOWHERE, .help = "PEM key"},
    {"secret", CW_KEY_SECRET, .offset = sizeof(const char *), NOWHERE, .help = "a secret"},
    {.name = NULL}};

static const struct cw_key SIP_KEYS[] = {
    {"hold", CW_KEY_DURATION, IN(values, sip.hold_ms), NOWHERE, .fallback = "1s", .min = 0, .max = 3000, .help = "hold"},
    {"max_body", CW_KEY_SIZE, IN(values, sip.body), NOWHERE, .fallback = "16KiB", .min = 1024, .max = 131072, .help = "body"},
    {"safe", CW_KEY_BOOL, IN(values, sip.safe), NOWHERE, .fallback = "true", .help = "safe"},
    {"tls", CW_KEY_MAP, IN(values, sip.tls), NOWHERE, .keys = TLS_KEYS, .help = "TLS"},
    {.name = NULL}};

static const struct cw_key KEYS[] = {
    {"version", CW_KEY_INTEGER, IN(values, version), NOWHERE, .fallback = "1", .min = 1, .max = 1, .help = "of this format"},
    {"name", CW_KEY_TEXT, IN(values, name), .place_offset = offsetof(struct values, name_place), .required = true, .help = "a name in the pool"},
    {"domains", CW_KEY_TEXTS, IN(values, domains), NOWHERE, .help = "ours"},
    {"sip", CW_KEY_MAP, .offset = 0, NOWHERE, .keys = SIP_KEYS, .help = "SIP"},
    {"listen", CW_KEY_TEXTS, IN(values, listen), NOWHERE, .fallback = "[udp:0.0.0.0:5060, tcp:0.0.0.0:5060]", .help = "sockets"},
    {"partners", CW_KEY_LIST, IN(values, partners), NOWHERE, .keys = ITEM_KEYS, .item_size = sizeof(struct item), .help = "partners"},
    {.name = NULL}};
/* clang-format on */

static struct cw_arena *arena;
static char folder[64];

static int set_up(void **state)
{
    (void)state;
    arena = cw_arena_new((size_t)1024 * 1024);
    (void)snprintf(folder, sizeof(folder), "/tmp/cw-settings-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    cw_arena_free(&arena);
    (void)snprintf(command, sizeof(command), "rm -r '%s'", folder);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c)
    return 0;
}

static const char *path_of(const char *name)
{
    static char paths[4][160];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static void save(const char *name, const char *text)
{
    FILE *out = fopen(path_of(name), "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

/** Reads `text` as "c.yaml". @return the report; the caller frees */
static char *read_text(const char *text, struct values *out, size_t *errors)
{
    struct cw_settings_file *file = cw_settings_new(arena);
    memset(out, 0, sizeof(*out));
    assert_int_equal(
        cw_settings_read_text(file, "c.yaml", (struct cw_bytes){text, strlen(text)}, KEYS, out),
        CW_OK);
    char *report = cw_settings_report(file);
    *errors = cw_settings_count(file, CW_ERROR);
    cw_settings_free(&file);
    assert_null(file);
    return report;
}

static void test_values(void **state)
{
    (void)state;
    struct values v;
    size_t errors = 0;
    char *report = read_text("version: 1\n"
                             "name: gw1\n"
                             "domains: [contoso.example, \"b.example\"]\n"
                             "sip: {hold: 1500ms, max_body: 64KiB, safe: false}\n"
                             "partners:\n"
                             "  - domain: fabrikam.example\n"
                             "    tls: required\n"
                             "    names:\n"
                             "      - corp.fabrikam.example\n"
                             "  - {domain: litware.example, limit: 7}\n",
                             &v, &errors);
    assert_string_equal(report, "");
    assert_string_equal(v.name, "gw1");
    assert_string_equal(v.name_place.file, "c.yaml");
    assert_int_equal(v.name_place.line, 2);
    assert_int_equal(v.name_place.column, 7);
    assert_int_equal(v.domains.count, 2);
    assert_string_equal(v.domains.items[1], "b.example");
    assert_int_equal(v.domains.places[1].line, 3);
    assert_int_equal(v.sip.hold_ms, 1500);
    assert_int_equal(v.sip.body, 65536);
    assert_false(v.sip.safe);
    assert_int_equal(v.listen.count, 2);
    assert_string_equal(v.listen.items[0], "udp:0.0.0.0:5060");
    assert_null(v.listen.places[0].file);
    assert_int_equal(v.partners.count, 2);
    const struct item *items = v.partners.items;
    assert_string_equal(items[0].domain, "fabrikam.example");
    assert_int_equal(items[0].tls, 0);
    assert_int_equal(items[0].limit, 20);
    assert_int_equal(items[0].names.count, 1);
    assert_int_equal(items[0].place.line, 6);
    assert_int_equal(items[1].tls, 1);
    assert_int_equal(items[1].limit, 7);
    free(report);
}

static void test_defaults_stay(void **state)
{
    (void)state;
    struct values v;
    size_t errors = 0;
    char *report = read_text("name: x\nsip:\n  hold:\n  max_body: ~\npartners:\n", &v, &errors);
    assert_string_equal(report, "");
    assert_int_equal(v.version, 1);
    assert_int_equal(v.sip.hold_ms, 1000);
    assert_int_equal(v.sip.body, 16384);
    assert_true(v.sip.safe);
    assert_int_equal(v.partners.count, 0);
    assert_null(v.partners.items);
    free(report);
}

struct finding_case {
    const char *name;
    const char *text;
    const char *report;
};

static const struct finding_case FINDING_CASES[] = {
    {"unknown key, near", "name: x\nsip:\n  holt: 1s\n",
     "c.yaml:3:3: error: E005 unknown key holt\n"
     "  holt: 1s\n"
     "  ^~~~\n"
     "    did you mean hold\n"
     "1 error in 1 file; nothing was changed\n"},
    {"unknown key, far", "name: x\nsip: {colour: red}\n",
     "c.yaml:2:7: error: E005 unknown key colour\n"
     "sip: {colour: red}\n"
     "      ^~~~~~\n"
     "    known here: hold, max_body, safe, tls\n"
     "1 error in 1 file; nothing was changed\n"},
    {"swapped letters", "naem: x\nname: y\n",
     "c.yaml:1:1: error: E005 unknown key naem\n"
     "naem: x\n"
     "^~~~\n"
     "    did you mean name\n"
     "1 error in 1 file; nothing was changed\n"},
    {"missing key", "version: 1\n",
     "c.yaml: error: E006 name is missing\n"
     "    a name in the pool\n"
     "1 error in 1 file; nothing was changed\n"},
    {"missing in an item", "name: x\npartners:\n  - tls: optional\n",
     "c.yaml:3:5: error: E006 partners[].domain is missing\n"
     "  - tls: optional\n"
     "    ^\n"
     "    primary domain\n"
     "1 error in 1 file; nothing was changed\n"},
    {"mapping among words",
     "name: x\npartners:\n  - domain: a.example\n    names:\n      - {a: b}\n",
     "c.yaml:5:9: error: E007 each item of names is a single value\n"
     "      - {a: b}\n"
     "        ^\n"
     "    write [a, b], or each item on a line of its own with a dash\n"
     "1 error in 1 file; nothing was changed\n"},
    {"sequence for a map", "name: x\nsip:\n  - a\n",
     "c.yaml:2:1: error: E007 sip is a mapping\n"
     "sip:\n"
     "^~~\n"
     "    write its keys below it, indented, or as {key: value, ...}\n"
     "1 error in 1 file; nothing was changed\n"},
    {"written twice", "name: x\nversion: 1\nname: y\n",
     "c.yaml:3:1: error: E004 name is written twice; first in line 1\n"
     "name: y\n"
     "^~~~\n"
     "    keep one of them\n"
     "1 error in 1 file; nothing was changed\n"},
    {"out of range", "name: x\nsip: {hold: 5s}\n",
     "c.yaml:2:13: error: E009 hold must lie between 0ms and 3s\n"
     "sip: {hold: 5s}\n"
     "            ^~\n"
     "1 error in 1 file; nothing was changed\n"},
    {"duration without unit", "name: x\nsip: {hold: 30}\n",
     "c.yaml:2:13: error: E008 this is not a duration\n"
     "sip: {hold: 30}\n"
     "            ^~\n"
     "    write a number with a unit: ms, s, m, h or d, such as 30s\n"
     "1 error in 1 file; nothing was changed\n"},
    {"overflow", "name: x\nsip: {hold: 9999999999999999999d}\n",
     "c.yaml:2:13: error: E008 this is not a duration\n"
     "sip: {hold: 9999999999999999999d}\n"
     "            ^~~~~~~~~~~~~~~~~~~~\n"
     "    write a number with a unit: ms, s, m, h or d, such as 30s\n"
     "1 error in 1 file; nothing was changed\n"},
    {"choice", "name: x\npartners:\n  - domain: a.example\n    tls: requierd\n",
     "c.yaml:4:10: error: E010 tls knows no value requierd\n"
     "    tls: requierd\n"
     "         ^~~~~~~~\n"
     "    did you mean required? It is required, optional or not_supported\n"
     "1 error in 1 file; nothing was changed\n"},
    {"no bool", "name: x\nsip: {safe: yes}\n",
     "c.yaml:2:13: error: E008 this is neither true nor false\n"
     "sip: {safe: yes}\n"
     "            ^~~\n"
     "    write true or false\n"
     "1 error in 1 file; nothing was changed\n"},
    {"scalar for a map", "name: x\nsip: on\n",
     "c.yaml:2:6: error: E007 sip is a mapping\n"
     "sip: on\n"
     "     ^~\n"
     "    write its keys below it, indented, or as {key: value, ...}\n"
     "1 error in 1 file; nothing was changed\n"},
    {"scalar for a sequence", "name: x\ndomains: a.example\n",
     "c.yaml:2:10: error: E007 domains is a sequence\n"
     "domains: a.example\n"
     "         ^~~~~~~~~\n"
     "    write [a, b], or each item on a line of its own with a dash\n"
     "1 error in 1 file; nothing was changed\n"},
    {"map for a scalar", "name: {a: b}\n",
     "c.yaml:1:7: error: E007 name is a single value\n"
     "name: {a: b}\n"
     "      ^\n"
     "    write one value behind the colon\n"
     "1 error in 1 file; nothing was changed\n"},
    {"syntax", "name: [x\n",
     "c.yaml:2:1: error: E002 flow sequence without a closing bracket\n"
     "    indent with spaces, alike in one mapping; quote text with : # [ ] { }\n"
     "1 error in 1 file; nothing was changed\n"},
    {"alias", "name: &a x\nversion: *a\n",
     "c.yaml:1:10: error: E002 anchors and tags are not used here\n"
     "name: &a x\n"
     "         ^\n"
     "    write the value alone; quote it if it begins with & or !\n"
     "1 error in 1 file; nothing was changed\n"},
    {"two documents", "name: x\n---\nname: y\n",
     "c.yaml:2:1: error: E002 a file holds one document\n"
     "---\n"
     "^\n"
     "    take out the line --- and what follows it\n"
     "1 error in 1 file; nothing was changed\n"},
    {"not UTF-8", "name: x\nversion: \xff\n",
     "c.yaml:2:1: error: E002 this line is not UTF-8\n"
     "version: \xff\n"
     "^\n"
     "    save the file as UTF-8\n"
     "1 error in 1 file; nothing was changed\n"},
    {"not a mapping", "- a\n- b\n",
     "c.yaml:1:1: error: E003 a file is a mapping of keys\n"
     "- a\n"
     "^\n"
     "    write KEY: VALUE in each line, without a dash before it\n"
     "1 error in 1 file; nothing was changed\n"},
    {"caret under wide characters", "name: x\nsip: {\"h\xc3\xb6ld\": 1s, colour: 1}\n",
     "c.yaml:2:8: error: E005 unknown key h\xc3\xb6ld\n"
     "sip: {\"h\xc3\xb6ld\": 1s, colour: 1}\n"
     "       ^~~~\n"
     "    did you mean hold\n"
     "c.yaml:2:19: error: E005 unknown key colour\n"
     "sip: {\"h\xc3\xb6ld\": 1s, colour: 1}\n"
     "                  ^~~~~~\n"
     "    known here: hold, max_body, safe, tls\n"
     "2 errors in 1 file; nothing was changed\n"},
    {"a secret is not shown", "name: x\nsip: {tls: {secret: hunter2}}\n",
     "c.yaml:2:21: error: E011 a secret is not written into the configuration\n"
     "    write file:PATH, or credential:NAME for a credential of systemd\n"
     "1 error in 1 file; nothing was changed\n"},
};

static void test_findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(FINDING_CASES); i++) {
        struct values v;
        size_t errors = 0;
        cw_case(FINDING_CASES[i].name);
        char *report = read_text(FINDING_CASES[i].text, &v, &errors);
        assert_string_equal(report, FINDING_CASES[i].report);
        assert_true(errors > 0);
        free(report);
    }
}

/* All at once, in the order of the file, also when found in another order. */
static void test_all_findings_and_the_callers(void **state)
{
    (void)state;
    struct values v;
    static const char TEXT[] = "name: gw1\n"
                               "sip:\n"
                               "  hold: never\n"
                               "partners:\n"
                               "  - domain: a.example\n"
                               "    tls: required\n"
                               "    limit: 0\n";
    struct cw_settings_file *file = cw_settings_new(arena);
    memset(&v, 0, sizeof(v));
    assert_int_equal(cw_settings_read_text(file, "c.yaml", CW_LIT(TEXT), KEYS, &v), CW_OK);
    const struct item *items = v.partners.items;
    cw_settings_finding(file, &items[0].place, CW_WARNING, "W101", "a word of the caller",
                        "do this");
    assert_int_equal(cw_settings_count(file, CW_ERROR), 2);
    assert_int_equal(cw_settings_count(file, CW_WARNING), 3);
    char *report = cw_settings_report(file);
    assert_string_equal(report, "c.yaml:3:9: error: E008 this is not a duration\n"
                                "  hold: never\n"
                                "        ^~~~~\n"
                                "    write a number with a unit: ms, s, m, h or d, such as 30s\n"
                                "c.yaml:5:13: warning: W101 a word of the caller\n"
                                "  - domain: a.example\n"
                                "            ^~~~~~~~~\n"
                                "    do this\n"
                                "c.yaml:7:12: error: E009 limit must lie between 1 and 100\n"
                                "    limit: 0\n"
                                "           ^\n"
                                "2 errors, 1 warning in 1 file; nothing was changed\n");
    free(report);
    cw_settings_free(&file);
    assert_int_equal(v.sip.hold_ms, 1000); /* a bad value leaves the default */
}

static void test_includes(void **state)
{
    (void)state;
    struct values v;
    char expected[1024];
    save("main.yaml", "name: x\ninclude: [p.d/*.yaml, none.d/*.yaml, missing.yaml]\n"
                      "partners:\n  - domain: first.example\n");
    assert_int_equal(mkdir(path_of("p.d"), 0700), 0);
    save("p.d/b.yaml", "partners:\n  - domain: third.example\n    tls: maybe\n");
    save("p.d/a.yaml", "partners:\n  - domain: second.example\nsip: {hold: 1s}\n");
    save("p.d/empty.yaml", "");
    save("p.d/ignored.txt", "nonsense: [");
    struct cw_settings_file *file = cw_settings_new(arena);
    memset(&v, 0, sizeof(v));
    assert_int_equal(cw_settings_read(file, path_of("main.yaml"), KEYS, &v), CW_OK);
    const struct item *items = v.partners.items;
    assert_int_equal(v.partners.count, 3);
    assert_string_equal(items[0].domain, "first.example");
    assert_string_equal(items[1].domain, "second.example");
    assert_string_equal(items[2].domain, "third.example");
    assert_string_equal(items[2].place.file, path_of("p.d/b.yaml"));
    char *report = cw_settings_report(file);
    (void)snprintf(expected, sizeof(expected),
                   "%s/main.yaml:2:38: error: E014 there is no such file\n"
                   "include: [p.d/*.yaml, none.d/*.yaml, missing.yaml]\n"
                   "                                     ^~~~~~~~~~~~\n"
                   "    correct the path; relative ones count from the main file's folder\n"
                   "%s/p.d/a.yaml:3:1: error: E013 sip does not belong into an included file\n"
                   "sip: {hold: 1s}\n"
                   "^~~\n"
                   "    write it into the main file\n"
                   "%s/p.d/b.yaml:3:10: error: E010 tls knows no value maybe\n"
                   "    tls: maybe\n"
                   "         ^~~~~\n"
                   "    it is required, optional or not_supported\n"
                   "3 errors in 4 files; nothing was changed\n",
                   folder, folder, folder);
    assert_string_equal(report, expected);
    free(report);
    cw_settings_free(&file);
}

static void test_unreadable(void **state)
{
    (void)state;
    struct values v;
    struct cw_settings_file *file = cw_settings_new(arena);
    memset(&v, 0, sizeof(v));
    assert_int_equal(cw_settings_read(file, path_of("absent.yaml"), KEYS, &v), CW_ERR_IO);
    char *report = cw_settings_report(file);
    assert_non_null(strstr(report, "error: E001"));
    assert_non_null(strstr(report, "No such file or directory"));
    free(report);
    cw_settings_free(&file);
}

static void test_secrets(void **state)
{
    (void)state;
    struct values v;
    size_t errors = 0;
    char text[512];
    save("secret", "  s3cr3t \n\n");
    save("blank", "\n");
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    (void)snprintf(text, sizeof(text),
                   "name: x\nsip: {tls: {secret: \"file:%s\", key: \"file:%s\"}}\n",
                   path_of("secret"), path_of("no-such"));
    char *report = read_text(text, &v, &errors);
    assert_string_equal(report, "");
    assert_string_equal(v.sip.tls.secret, "  s3cr3t");
    assert_string_equal(v.sip.tls.key, path_of("no-such"));
    free(report);

    (void)snprintf(text, sizeof(text), "name: x\nsip: {tls: {secret: \"file:%s\"}}\n",
                   path_of("blank"));
    report = read_text(text, &v, &errors);
    assert_int_equal(errors, 1);
    assert_non_null(strstr(report, "E012 the secret is empty"));
    free(report);

    static const char CREDENTIALS[] =
        "name: x\nsip: {tls: {secret: credential:secret, key: credential:secret}}\n";
    report = read_text(CREDENTIALS, &v, &errors);
    assert_int_equal(errors, 1); /* the key's path is a warning only */
    assert_non_null(strstr(report, "1 error, 1 warning in 1 file"));
    assert_string_equal(v.sip.tls.key, "credential:secret");
    free(report);

    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    report = read_text(CREDENTIALS, &v, &errors);
    assert_string_equal(report, "");
    assert_string_equal(v.sip.tls.secret, "  s3cr3t");
    assert_string_equal(v.sip.tls.key, path_of("secret"));
    free(report);
    report = read_text("name: x\nsip: {tls: {key: credential:../secret}}\n", &v, &errors);
    assert_int_equal(errors, 1);
    free(report);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
}

/* What is printed is read again, and says the defaults. */
static void test_defaults_round_trip(void **state)
{
    (void)state;
    struct values v;
    size_t errors = 0;
    char *text = cw_settings_defaults(KEYS);
    assert_non_null(strstr(text, "version: 1 "));
    assert_non_null(strstr(text, "# name:"));
    assert_non_null(strstr(text, "# REQUIRED; a name in the pool"));
    assert_non_null(strstr(text, "  hold: 1s "));
    assert_non_null(strstr(text, "\n#   - domain: "));
    assert_non_null(strstr(text, "\n#     limit: 20 "));
    assert_non_null(strstr(text, "TLS: required | optional | not_supported"));
    char *report = read_text(text, &v, &errors);
    assert_string_equal(report, "c.yaml: error: E006 name is missing\n"
                                "    a name in the pool\n"
                                "1 error in 1 file; nothing was changed\n");
    assert_int_equal(v.sip.body, 16384);
    assert_int_equal(v.listen.count, 2);
    free(report);

    /* Without the signs it is YAML, too: nothing but values is missed. */
    for (char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1) {
        char *sign = line + strspn(line, " ");
        if (sign[0] == '#') {
            memmove(sign, sign + 2, strlen(sign + 2) + 1);
        }
    }
    report = read_text(text, &v, &errors);
    assert_int_equal(errors, 2);
    assert_non_null(strstr(report, "E006 name is missing"));
    assert_non_null(strstr(report, "E006 partners[].domain is missing"));
    assert_int_equal(v.partners.count, 1);
    free(report);
    free(text);
}

static void test_address(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cw_err err;
        const char *host;
        uint16_t port;
    } ROWS[] = {
        {"edge1.example:23456", CW_OK, "edge1.example", 23456},
        {"127.0.0.1:0", CW_OK, "127.0.0.1", 0},
        {"[::1]:5060", CW_OK, "::1", 5060},
        {"host:65535", CW_OK, "host", 65535},
        {"host:65536", CW_ERR_MALFORMED, "", 0},
        {"host:", CW_ERR_MALFORMED, "", 0},
        {"host", CW_ERR_MALFORMED, "", 0},
        {":5060", CW_ERR_MALFORMED, "", 0},
        {"::1:5060", CW_ERR_MALFORMED, "", 0},
        {"[::1]5060", CW_ERR_MALFORMED, "", 0},
        {"[::1", CW_ERR_MALFORMED, "", 0},
        {"ho st:1", CW_ERR_MALFORMED, "", 0},
        {"host:12x", CW_ERR_MALFORMED, "", 0},
        {"host:-1", CW_ERR_MALFORMED, "", 0},
        {"a-name-that-is-too-long:1", CW_ERR_MALFORMED, "", 0},
    };
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        char host[16] = "";
        uint16_t port = 0;
        cw_case(ROWS[i].text);
        assert_int_equal(cw_settings_address(ROWS[i].text, host, sizeof(host), &port), ROWS[i].err);
        assert_string_equal(host, ROWS[i].host);
        assert_int_equal(port, ROWS[i].port);
    }
}

/* The arena is the caller's limit: passing it is a finding, no crash. */
static void test_arena_limit(void **state)
{
    (void)state;
    struct values v;
    struct cw_arena *small = cw_arena_new(512);
    struct cw_settings_file *file = cw_settings_new(small);
    memset(&v, 0, sizeof(v));
    assert_int_equal(
        cw_settings_read_text(
            file, "c.yaml",
            CW_LIT("name: x\npartners: [{domain: a}, {domain: b}, {domain: c}, {domain: d}]\n"),
            KEYS, &v),
        CW_OK);
    char *report = cw_settings_report(file);
    assert_non_null(strstr(report, "E001 the configuration is too large"));
    free(report);
    cw_settings_free(&file);
    cw_arena_free(&small);
}

struct pointer_case {
    const char *name;
    const char *text;
    const char *pointers[4]; /* of the findings by their place; NULL: no more */
};

static const struct pointer_case POINTER_CASES[] = {
    {"the whole", "version: 1\n", {""}},
    {"a key of the top", "name: x\nversion: 2\n", {"/version"}},
    {"the first key of the top", "naem: x\nname: y\n", {"/naem"}},
    {"block in block", "name: x\nsip:\n  hold: never\n  safe: maybe\n", {"/sip/hold", "/sip/safe"}},
    {"flow in flow", "{name: x, sip: {tls: {key: plain}}}\n", {"/sip/tls/key"}},
    {"a mapping where none is wanted", "name: {a: b}\n", {"/name"}},
    {"a mapping in a block sequence",
     "name: x\npartners:\n  - domain: a.example\n  - domain: b.example\n    limit: 0\n",
     {"/partners/1/limit"}},
    {"a mapping in a flow sequence",
     "name: x\npartners: [{domain: a.example, limit: 0}, {domain: b.example, tls: no}]\n",
     {"/partners/0/limit", "/partners/1/tls"}},
    {"what a mapping in a sequence lacks",
     "name: x\npartners:\n  - domain: a.example\n  - limit: 3\n",
     {"/partners/1"}},
    {"the first key of a mapping in a sequence",
     "name: x\npartners:\n  - domian: a.example\n    domain: b.example\n",
     {"/partners/0/domian"}},
    {"a word in a sequence in a mapping in a sequence",
     "name: x\npartners:\n  - domain: a.example\n    names: [b.example, {c: d}]\n",
     {"/partners/0/names/1"}},
    {"the same in blocks",
     "name: x\npartners:\n  - domain: a.example\n    names:\n      - b.example\n      - c: d\n",
     {"/partners/0/names/1"}},
    {"as JSON",
     "{\n \"name\": \"x\",\n \"partners\": [\n  {\n   \"domain\": \"a.example\",\n"
     "   \"limit\": 101,\n   \"tls\": 7\n  }\n ]\n}\n",
     {"/partners/0/limit", "/partners/0/tls"}},
    {"tilde and slash", "name: x\n\"a/b~c\": 1\nsip: {\"~1\": 2}\n", {"/a~1b~0c", "/sip/~01"}},
    {"no tree", "name: [x\n", {""}},
    {"several in the order of the text",
     "name: x\nversion: 0\nsip: {hold: 1}\npartners: [{limit: 9}]\n",
     {"/version", "/sip/hold", "/partners/0"}},
};

struct pointers {
    const struct pointer_case *row;
    size_t count;
};

static void see_pointer(const struct cw_settings_told *told, void *user)
{
    struct pointers *seen = user;
    assert_true(seen->count < CW_COUNT(seen->row->pointers));
    assert_non_null(seen->row->pointers[seen->count]);
    assert_string_equal(told->pointer, seen->row->pointers[seen->count]);
    assert_int_equal(told->severity, CW_ERROR);
    assert_int_equal(told->code[0], 'E');
    assert_true(told->text[0] != '\0');
    assert_non_null(told->remedy);
    seen->count++;
}

/* RFC 6901: where a program finds what the report shows to people. */
static void test_pointers(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(POINTER_CASES); i++) {
        const char *text = POINTER_CASES[i].text;
        struct pointers seen = {&POINTER_CASES[i], 0};
        struct values v;
        struct cw_settings_file *file = cw_settings_new(arena);
        memset(&v, 0, sizeof(v));
        cw_case(POINTER_CASES[i].name);
        assert_int_equal(
            cw_settings_read_text(file, "c.yaml", (struct cw_bytes){text, strlen(text)}, KEYS, &v),
            CW_OK);
        cw_settings_visit(file, see_pointer, &seen);
        assert_true(seen.count == 4 || seen.row->pointers[seen.count] == NULL);
        cw_settings_free(&file);
    }
}

/* A name that is too long for a pointer is left out of it, with its slash. */
static void test_long_pointer(void **state)
{
    (void)state;
    static const struct pointer_case ROW = {"long", NULL, {"/sip"}};
    struct pointers seen = {&ROW, 0};
    struct values v;
    char text[512];
    struct cw_settings_file *file = cw_settings_new(arena);
    memset(&v, 0, sizeof(v));
    (void)snprintf(text, sizeof(text), "name: x\nsip: {%0300d: 1}\n", 0);
    assert_int_equal(
        cw_settings_read_text(file, "c.yaml", (struct cw_bytes){text, strlen(text)}, KEYS, &v),
        CW_OK);
    cw_settings_visit(file, see_pointer, &seen);
    assert_int_equal(seen.count, 1);
    cw_settings_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),   cmocka_unit_test(test_defaults_stay),
        cmocka_unit_test(test_findings), cmocka_unit_test(test_all_findings_and_the_callers),
        cmocka_unit_test(test_includes), cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_secrets),  cmocka_unit_test(test_defaults_round_trip),
        cmocka_unit_test(test_address),  cmocka_unit_test(test_arena_limit),
        cmocka_unit_test(test_pointers), cmocka_unit_test(test_long_pointer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
