/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FOLLOW_STEPS 40 /* 2 s */
#define FOLLOW_NS    50000000L

static const char *member(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

/* A value in one line. */
static void print_value(const json_t *value)
{
    char *const text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);

    (void)fputs(text == NULL ? "?" : text, stdout);
    free(text);
}

static void print_record(char sign, const char *path, const json_t *record)
{
    (void)printf("%c %s", sign, path);
    if (json_object_get(record, "type") != NULL) {
        (void)printf("  %s, tls %s, sasl %s, dialback %s", member(record, "type"),
                     member(record, "tls"), member(record, "sasl"),
                     json_is_true(json_object_get(record, "dialback")) ? "true" : "false");
    }
    (void)printf("\n");
}

/* "/partners/fabrikam.example/tls" is read as "fabrikam.example tls". */
static const char *shorten(const char *path)
{
    const char prefix[] = "/partners/";

    return strncmp(path, prefix, sizeof(prefix) - 1) == 0 ? path + sizeof(prefix) - 1 : path;
}

void ctl_print_changes(const json_t *changes)
{
    const json_t *change;
    size_t index;

    json_array_foreach(changes, index, change)
    {
        const char *const path = shorten(member(change, "path"));
        const char *const op = member(change, "op");

        if (strcmp(op, "add") == 0) {
            print_record('+', path, json_object_get(change, "new"));
        } else if (strcmp(op, "remove") == 0) {
            print_record('-', path, json_object_get(change, "old"));
        } else {
            (void)printf("~ %s: ", path);
            print_value(json_object_get(change, "old"));
            (void)printf(" -> ");
            print_value(json_object_get(change, "new"));
            (void)printf("\n");
        }
    }
}

void ctl_print_findings(const json_t *findings)
{
    const json_t *finding;
    size_t index;

    json_array_foreach(findings, index, finding)
    {
        const json_int_t record = json_integer_value(json_object_get(finding, "record"));

        (void)printf("%s %s ", member(finding, "severity"), member(finding, "code"));
        if (record > 0) {
            (void)printf("record %lld: ", (long long)record);
        } else if (member(finding, "pointer")[0] != '\0') {
            (void)printf("%s: ", member(finding, "pointer"));
        }
        (void)printf("%s\n    %s\n", member(finding, "detail"), member(finding, "help"));
    }
}

static bool has_applied(const json_t *link, json_int_t revision)
{
    return json_integer_value(json_object_get(link, "revision")) >= revision;
}

static bool is_up(const json_t *link)
{
    return json_is_true(json_object_get(link, "up"));
}

/* Have all edges that are there put it in force? */
static bool have_all(const json_t *status, json_int_t revision)
{
    const json_t *link;
    size_t index;

    json_array_foreach(json_object_get(status, "links"), index, link)
    {
        if (is_up(link) && !has_applied(link, revision)) {
            return false;
        }
    }
    return true;
}

static void print_edges(const json_t *status, json_int_t revision)
{
    const json_t *link;
    size_t index;

    json_array_foreach(json_object_get(status, "links"), index, link)
    {
        const char *const node = member(link, "node");
        const char *const name = node[0] != '\0' ? node : member(link, "address");

        if (has_applied(link, revision)) {
            (void)printf("applied at %s in %lld ms\n", name,
                         (long long)json_integer_value(json_object_get(link, "applied_in_ms")));
        } else {
            (void)printf("pending at %s: %s\n", name,
                         is_up(link) ? "no answer yet" : member(link, "detail"));
        }
    }
}

/* The commit is in force here; the edges follow within milliseconds. */
static void follow(const struct ctl_call *call, json_int_t revision)
{
    const struct timespec step = {0, FOLLOW_NS};
    json_t *status = NULL;

    for (int i = 0; i < FOLLOW_STEPS; i++) {
        json_decref(status);
        if (ctl_request(call->target, &(struct ctl_request){.method = "GET", .path = "/v1/status"},
                        &status) != CTL_OK) {
            return;
        }
        if (have_all(status, revision)) {
            break;
        }
        (void)nanosleep(&step, NULL);
    }
    print_edges(status, revision);
    json_decref(status);
}

static void print_outcome(const struct ctl_call *call, const json_t *answer)
{
    const long long revision = (long long)json_integer_value(json_object_get(answer, "revision"));

    ctl_print_changes(json_object_get(answer, "changes"));
    ctl_print_findings(json_object_get(answer, "findings"));
    if (!json_is_true(json_object_get(answer, "changed"))) {
        (void)printf("nothing to change; revision %lld is in force\n", revision);
    } else if (json_is_true(json_object_get(answer, "dry_run"))) {
        (void)printf("dry run: nothing was changed; revision %lld is in force\n", revision);
    } else {
        (void)printf("revision %lld is in force\n", revision);
        follow(call, json_integer_value(json_object_get(answer, "in_force")));
    }
}

enum ctl_exit ctl_change(const struct ctl_call *call, const struct ctl_request *request)
{
    struct ctl_request whole = *request;
    json_t *answer = NULL;
    enum ctl_exit code;

    whole.if_match = call->options[CTL_IF_MATCH] != NULL ? call->options[CTL_IF_MATCH] : "*";
    whole.queries[0] = (struct ctl_query){"comment", call->options[CTL_COMMENT]};
    whole.queries[1] =
        (struct ctl_query){"dry_run", call->options[CTL_DRY_RUN] != NULL ? "true" : NULL};
    code = ctl_request(call->target, &whole, &answer);
    if (code != CTL_OK) {
        return code;
    }
    if (call->json) {
        code = ctl_show_json(answer);
    } else {
        print_outcome(call, answer);
        code = fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
    }
    json_decref(answer);
    return code;
}
