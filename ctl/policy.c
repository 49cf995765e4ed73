/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"
#include "commands.h"
#include "file.h"
#include "yaml.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *member(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));

    return text == NULL ? "-" : text;
}

static void print_head(const json_t *revision)
{
    (void)printf("%6lld  %-20s  %-16s  %s\n",
                 (long long)json_integer_value(json_object_get(revision, "revision")),
                 member(revision, "created_at"), member(revision, "author"),
                 member(revision, "comment"));
}

static enum ctl_exit ask(const struct ctl_call *call, const struct ctl_request *request,
                         json_t **answer)
{
    const enum ctl_exit code = ctl_request(call->target, request, answer);

    if (code == CTL_OK && call->json) {
        (void)ctl_show_json(*answer);
    }
    return code;
}

enum ctl_exit ctl_policy_history(const struct ctl_call *call)
{
    json_t *revisions = NULL;
    const json_t *revision;
    size_t index;
    const enum ctl_exit code =
        ask(call,
            &(struct ctl_request){.method = "GET",
                                  .path = "/v1/policy/revisions",
                                  .queries = {{"limit", call->options[CTL_LIMIT]}}},
            &revisions);

    if (code == CTL_OK && !call->json) {
        if (json_array_size(revisions) == 0) {
            (void)printf("nothing was committed yet\n");
        }
        json_array_foreach(revisions, index, revision)
        {
            print_head(revision);
        }
    }
    json_decref(revisions);
    return code;
}

enum ctl_exit ctl_policy_show(const struct ctl_call *call)
{
    json_t *policy = NULL;
    const json_t *users;
    const enum ctl_exit code = ask(
        call,
        &(struct ctl_request){
            .method = "GET", .path = "/v1/policy", .queries = {{"revision", call->arguments[0]}}},
        &policy);

    if (code == CTL_OK && !call->json) {
        const json_t *const document = json_object_get(policy, "document");

        (void)printf("#");
        print_head(policy);
        ctl_print_yaml(json_object_get(document, "partners"));
        users = json_object_get(document, "users");
        if (users != NULL) {
            char *const text = json_dumps(users, JSON_PRESERVE_ORDER);

            (void)printf("users: %s\n", text);
            free(text);
        }
    }
    json_decref(policy);
    return code;
}

enum ctl_exit ctl_policy_diff(const struct ctl_call *call)
{
    json_t *changes = NULL;
    const enum ctl_exit code = ask(call,
                                   &(struct ctl_request){.method = "GET",
                                                         .path = "/v1/policy/diff",
                                                         .queries = {{"from", call->arguments[0]},
                                                                     {"to", call->arguments[1]}}},
                                   &changes);

    if (code == CTL_OK && !call->json) {
        ctl_print_changes(changes);
        if (json_array_size(changes) == 0) {
            (void)printf("no difference\n");
        }
    }
    json_decref(changes);
    return code;
}

enum ctl_exit ctl_policy_rollback(const struct ctl_call *call)
{
    char *end;
    const long long revision = strtoll(call->arguments[0], &end, 10);

    if (end == call->arguments[0] || *end != '\0' || revision < 1) {
        (void)fprintf(stderr,
                      "causewayctl: policy rollback: %s is no revision; see: causewayctl "
                      "policy history\n",
                      call->arguments[0]);
        return CTL_USAGE;
    }
    return ctl_change(
        call, &(struct ctl_request){.method = "POST",
                                    .path = "/v1/policy/rollback",
                                    .json = json_pack("{s:I}", "revision", (json_int_t)revision)});
}

enum ctl_exit ctl_policy_validate(const struct ctl_call *call)
{
    size_t len;
    char *const text = ctl_file_read(call->arguments[0], &len);
    json_t *answer = NULL;
    enum ctl_exit code;

    if (text == NULL) {
        return CTL_USAGE;
    }
    code = ask(call,
               &(struct ctl_request){
                   .method = "POST", .path = "/v1/policy/validate", .text = text, .text_len = len},
               &answer);
    free(text);
    if (code == CTL_OK && !call->json) {
        ctl_print_findings(json_object_get(answer, "findings"));
        (void)printf("valid; beside what is in force it would change:\n");
        ctl_print_changes(json_object_get(answer, "changes"));
    }
    if (code == CTL_OK && call->options[CTL_STRICT] != NULL &&
        json_array_size(json_object_get(answer, "findings")) > 0) {
        code = CTL_FAILED;
    }
    json_decref(answer);
    return code;
}

enum ctl_exit ctl_federation(const struct ctl_call *call)
{
    const char *const word = call->arguments[0];

    if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0) {
        (void)fputs("causewayctl: federation: say on or off\n", stderr);
        return CTL_USAGE;
    }
    return ctl_change(call,
                      &(struct ctl_request){.method = "PATCH",
                                            .path = "/v1/users",
                                            .json = json_pack("{s:b}", "federation",
                                                              strcmp(word, "on") == 0 ? 1 : 0)});
}

/* ---- users ---- */

static void print_names(const char *title, const json_t *names)
{
    const json_t *name;
    size_t index;

    (void)printf("%-12s", title);
    json_array_foreach(names, index, name)
    {
        (void)printf("%s%s", index > 0 ? ", " : "", json_string_value(name));
    }
    (void)printf("%s\n", json_array_size(names) == 0 ? "-" : "");
}

enum ctl_exit ctl_users(const struct ctl_call *call)
{
    json_t *users = NULL;
    const json_t *group;
    size_t index;
    const enum ctl_exit code =
        ask(call, &(struct ctl_request){.method = "GET", .path = "/v1/users"}, &users);

    if (code == CTL_OK && !call->json) {
        (void)printf("%-12s%s (said by the %s)\n", "federation",
                     json_is_true(json_object_get(users, "federation")) ? "on" : "off",
                     member(users, "origin"));
        (void)printf("%-12s%s\n", "default", member(users, "default"));
        print_names("allow", json_object_get(users, "allow"));
        print_names("deny", json_object_get(users, "deny"));
        json_array_foreach(json_object_get(users, "groups"), index, group)
        {
            (void)printf("group %s: %s: ", member(group, "name"), member(group, "access"));
            print_names("", json_object_get(group, "members"));
        }
    }
    json_decref(users);
    return code;
}
