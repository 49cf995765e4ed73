/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * tests/unit/bad_config: NN-name.yaml is a whole gateway.yaml, NN-name/ one with partners.d;
 * NN-name.expected is the exact report, "DIR" in the place of the folder. What begins with
 * "warning" is served, but not with --strict; nothing is made of the others.
 * The program takes the path of causeway-gateway.
 */

#include "cw_test.h"

#include "settings_read.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_LEN = 512, LEAST_FILES = 40, MOST_CODES = 128, MIB = 1024 * 1024 };

static const char *gateway; /* the program */

/** A set of codes such as "E122". */
struct codes {
    char names[MOST_CODES][5];
    size_t count;
};

static bool is_known(const struct codes *codes, const char *code)
{
    for (size_t i = 0; i < codes->count; i++) {
        if (strncmp(codes->names[i], code, 4) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_code(const char *text)
{
    return strchr("EWI", text[0]) != NULL && text[0] != '\0' && is_digit(text[1]) &&
           is_digit(text[2]) && is_digit(text[3]) && !is_digit(text[4]);
}

static void note_code(struct codes *codes, const char *code)
{
    if (!is_known(codes, code)) {
        assert_true(codes->count < MOST_CODES);
        memcpy(codes->names[codes->count], code, 4);
        codes->names[codes->count++][4] = '\0';
    }
}

/* Codes that stand behind `before`: a quote in sources, ": error: " in reports, "| " in the page.
 */
static void note_codes(struct codes *codes, const char *text, const char *before)
{
    for (const char *at = text; (at = strstr(at, before)) != NULL;) {
        at += strlen(before);
        if (is_code(at)) {
            note_code(codes, at);
        }
    }
}

static char *slurp(const char *path)
{
    FILE *const in = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;

    if (in == NULL) {
        fail_msg("cannot read %s", path);
    }
    if (getdelim(&text, &size, '\0', in) < 0) {
        free(text);
        text = strdup("");
    }
    assert_int_equal(fclose(in), 0);
    assert_non_null(text);
    return text;
}

/* A copy of `text` with `from` replaced. */
static char *replace(const char *text, const char *from, const char *to)
{
    char *out = NULL;
    size_t len = 0;
    FILE *const made = open_memstream(&out, &len);
    const char *next;

    assert_non_null(made);
    for (; (next = strstr(text, from)) != NULL; text = next + strlen(from)) {
        (void)fwrite(text, 1, (size_t)(next - text), made);
        (void)fputs(to, made);
    }
    (void)fputs(text, made);
    assert_int_equal(fclose(made), 0);
    return out;
}

static bool ends_with(const char *name, const char *end)
{
    return strlen(name) >= strlen(end) && strcmp(name + strlen(name) - strlen(end), end) == 0;
}

/** One entry of the folder. */
struct bad {
    char name[PATH_LEN];   /* without .yaml */
    char path[PATH_LEN];   /* of its gateway.yaml */
    char folder[PATH_LEN]; /* "DIR" */
    bool warnings_only;
};

/* A case of `entry`; false: it is none. */
static bool read_entry(const char *entry, struct bad *out)
{
    const bool whole = ends_with(entry, ".yaml");

    if (entry[0] == '.' || ends_with(entry, ".expected")) {
        return false;
    }
    (void)snprintf(out->name, sizeof(out->name), "%.*s",
                   (int)(strlen(entry) - (whole ? strlen(".yaml") : 0)), entry);
    (void)snprintf(out->folder, sizeof(out->folder), "%s%s%s", CAUSEWAY_BAD_CONFIG,
                   whole ? "" : "/", whole ? "" : entry);
    (void)snprintf(out->path, sizeof(out->path), "%.300s/%.200s", out->folder,
                   whole ? entry : "gateway.yaml");
    out->warnings_only = strstr(entry, "-warning-") != NULL;
    return true;
}

static void check_strict_and_lax(const struct bad *bad, const char *expected)
{
    struct cw_gateway_settings *settings;
    char *report;
    char *got;

    assert_int_equal(cw_gateway_settings_read(bad->path, false, &report, &settings),
                     bad->warnings_only ? CW_OK : CW_ERR_CONFIG);
    got = replace(report, bad->folder, "DIR");
    if (strcmp(got, expected) != 0) {
        fail_msg("%s.expected says\n%s\nbut it is\n%s", bad->name, expected, got);
    }
    assert_int_equal(settings != NULL, bad->warnings_only);
    cw_gateway_settings_free(&settings);
    free(got);
    free(report);
    assert_int_equal(cw_gateway_settings_read(bad->path, true, &report, &settings), CW_ERR_CONFIG);
    assert_null(settings);
    free(report);
}

static void check(const struct bad *bad, struct codes *seen)
{
    char path[PATH_LEN + 128];
    char *expected;

    cw_case(bad->name);
    (void)snprintf(path, sizeof(path), "%s/%s.expected", CAUSEWAY_BAD_CONFIG, bad->name);
    expected = slurp(path);
    check_strict_and_lax(bad, expected);
    note_codes(seen, expected, ": error: ");
    note_codes(seen, expected, ": warning: ");
    free(expected);
}

/* @return how many there were */
static size_t check_all(struct codes *seen)
{
    DIR *const folder = opendir(CAUSEWAY_BAD_CONFIG);
    size_t count = 0;
    struct bad bad;

    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (read_entry(entry->d_name, &bad)) {
            check(&bad, seen);
            count++;
        }
    }
    assert_int_equal(closedir(folder), 0);
    return count;
}

/* What a code stands behind where it is made. */
static const char *const MARKS[] = {"\"", "\"error: "};

static void note_sources(struct codes *codes, const char *folder, bool (*wanted)(const char *))
{
    char path[PATH_LEN];
    DIR *at;

    (void)snprintf(path, sizeof(path), "%s/%s", CAUSEWAY_SOURCES, folder);
    at = opendir(path);
    assert_non_null(at);
    for (const struct dirent *entry; (entry = readdir(at)) != NULL;) {
        if (ends_with(entry->d_name, ".c") && wanted(entry->d_name)) {
            char *text;

            (void)snprintf(path, sizeof(path), "%s/%s/%.200s", CAUSEWAY_SOURCES, folder,
                           entry->d_name);
            text = slurp(path);
            for (size_t i = 0; i < CW_COUNT(MARKS); i++) {
                note_codes(codes, text, MARKS[i]);
            }
            free(text);
        }
    }
    assert_int_equal(closedir(at), 0);
}

static bool is_of_the_files(const char *name)
{
    return strncmp(name, "settings", 8) == 0 || strcmp(name, "negotiation.c") == 0;
}

static bool is_any(const char *name)
{
    (void)name;
    return true;
}

static void compare(const struct codes *all, const struct codes *in, const char *what)
{
    bool same = true;

    for (size_t i = 0; i < all->count; i++) {
        if (!is_known(in, all->names[i])) {
            print_message("%s %s\n", all->names[i], what);
            same = false;
        }
    }
    assert_true(same);
}

/* CASES 108. A note (I1xx) is no finding of --check-config. */
static void every_bad_file_is_refused_with_its_findings(void **state)
{
    struct codes seen = {.count = 0};
    struct codes made = {.count = 0};
    struct codes wanted = {.count = 0};

    (void)state;
    assert_true(check_all(&seen) >= LEAST_FILES);
    note_sources(&made, "gateway", is_of_the_files);
    note_sources(&made, "proxy-link", is_of_the_files);
    for (size_t i = 0; i < made.count; i++) {
        if (made.names[i][0] != 'I') {
            note_code(&wanted, made.names[i]);
        }
    }
    assert_true(wanted.count > 30);
    compare(&wanted, &seen, "has no file in tests/unit/bad_config");
    compare(&seen, &wanted, "is in a report, but in no source");
}

static void the_page_has_all_codes(void **state)
{
    struct codes made = {.count = 0};
    struct codes told = {.count = 0};
    char *const page = slurp(CAUSEWAY_FINDINGS);

    (void)state;
    note_sources(&made, "gateway", is_any);
    note_sources(&made, "proxy-link", is_any);
    note_sources(&made, "edge", is_any);
    note_codes(&told, page, "\n| ");
    free(page);
    compare(&made, &told, "is not in docs/reference/configuration-findings.md");
    compare(&told, &made, "is in docs/reference/configuration-findings.md, but in no source");
}

#define HEAD                                                                                       \
    "version: 1\n"                                                                                 \
    "node: {name: gw1, sip_domains: [contoso.example]}\n"                                          \
    "edge: {connect: [\"127.0.0.1:23456\"], peer_names: [edge1.example], "                         \
    "tls: {certificate: a.crt, key: \"file:a.key\", ca: ca.crt}}\n"                                \
    "sip: {listen: [\"tcp:127.0.0.1:5060\"], routes: [{name: k1, uri: \"sip:127.0.0.2\"}]}\n"

/* `text`, and blanks behind it until there are `len` octets. */
static void save(const char *folder, const char *name, const char *text, size_t len)
{
    char path[PATH_LEN];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    out = fopen(path, "we");
    assert_non_null(out);
    (void)fputs(text, out);
    for (size_t i = strlen(text); i < len; i++) {
        (void)fputc('\n', out);
    }
    assert_int_equal(fclose(out), 0);
}

/* Reads gateway.yaml of `folder`. */
static void expect(const char *folder, const char *expected)
{
    struct cw_gateway_settings *settings;
    char path[PATH_LEN];
    char *report;
    char *got;

    (void)snprintf(path, sizeof(path), "%s/gateway.yaml", folder);
    assert_int_equal(cw_gateway_settings_read(path, false, &report, &settings),
                     expected[0] == '\0' ? CW_OK : CW_ERR_CONFIG);
    got = replace(report, folder, "DIR");
    assert_string_equal(got, expected);
    assert_int_equal(settings != NULL, expected[0] == '\0');
    cw_gateway_settings_free(&settings);
    free(got);
    free(report);
}

/* Too large to lie in the tree. */
static void too_large_is_refused(void **state)
{
    char folder[] = "/tmp/cw-bad-config-XXXXXX";
    char command[64];
    char name[16];

    (void)state;
    assert_non_null(mkdtemp(folder));
    save(folder, "gateway.yaml", HEAD, MIB);
    expect(folder, "");
    save(folder, "gateway.yaml", HEAD, MIB + 1);
    expect(folder, "DIR/gateway.yaml: error: E001 DIR/gateway.yaml cannot be read: it is larger "
                   "than 1 MiB\n"
                   "    split it: included files may hold the partners\n"
                   "1 error in 0 files; nothing was changed\n");
    save(folder, "gateway.yaml", "include: [\"p*.yaml\"]\n" HEAD, 0);
    save(folder, "p.yaml", "partners: []\n", MIB + 1);
    expect(folder, "DIR/gateway.yaml:1:12: error: E001 DIR/p.yaml cannot be read: it is larger "
                   "than 1 MiB\n"
                   "include: [\"p*.yaml\"]\n"
                   "           ^~~~~~~\n"
                   "    split it: included files may hold the partners\n"
                   "1 error in 1 file; nothing was changed\n");
    for (unsigned i = 0; i < 16; i++) {
        (void)snprintf(name, sizeof(name), "p%02u.yaml", i);
        save(folder, name, "partners: []\n", MIB);
    }
    save(folder, "p.yaml", "partners: []\n", 0);
    expect(folder, "DIR/gateway.yaml:1:12: error: E001 all files together are larger than 16 MiB\n"
                   "include: [\"p*.yaml\"]\n"
                   "           ^~~~~~~\n"
                   "    include fewer or smaller files\n"
                   "1 error in 17 files; nothing was changed\n");
    (void)snprintf(command, sizeof(command), "rm -r '%s'", folder);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c)
}

static int exit_code(const char *path, bool strict)
{
    const char *const argv[] = {
        gateway, "--config", path, "--check-config", strict ? "--strict" : NULL, NULL};
    const pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        union {
            const char *const *from;
            char *const *to;
        } both = {.from = argv};

        if (freopen("/dev/null", "w", stdout) != NULL &&
            freopen("/dev/null", "w", stderr) != NULL) {
            (void)execv(gateway, both.to);
        }
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_program_says_so_by_its_exit_code(void **state)
{
    DIR *const folder = opendir(CAUSEWAY_BAD_CONFIG);
    unsigned count = 0;
    struct bad bad;

    (void)state;
    assert_non_null(folder);
    assert_non_null(gateway);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (!read_entry(entry->d_name, &bad) ||
            (!bad.warnings_only && strstr(bad.name, "-row-5-") == NULL &&
             strstr(bad.name, "-main-file-missing") == NULL)) {
            continue;
        }
        cw_case(bad.name);
        assert_int_equal(exit_code(bad.path, false), bad.warnings_only ? 0 : 6);
        assert_int_equal(exit_code(bad.path, true), 6);
        count++;
    }
    assert_int_equal(closedir(folder), 0);
    assert_true(count >= 5);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_file_is_refused_with_its_findings),
        cmocka_unit_test(the_page_has_all_codes),
        cmocka_unit_test(too_large_is_refused),
        cmocka_unit_test(the_program_says_so_by_its_exit_code),
    };

    gateway = argc > 1 ? argv[1] : NULL;
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    return cmocka_run_group_tests_name("bad_config", tests, NULL, NULL);
}
