/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *member(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static void print_partner(const json_t *partner)
{
    if (!json_is_object(partner)) {
        (void)printf("%-12s none: the domain is no partner\n", "partner");
        return;
    }
    (void)printf("%-12s %s (%s), ", "partner", member(partner, "domain"), member(partner, "type"));
    if (member(partner, "file")[0] != '\0') {
        (void)printf("file %s:%lld", member(partner, "file"),
                     (long long)json_integer_value(json_object_get(partner, "line")));
    } else {
        (void)printf("in the store");
    }
    (void)printf(", %s\n", is_true(partner, "enabled") ? "enabled" : "disabled");
}

static void print_relation(const json_t *relation)
{
    (void)printf("%-12s the user %s the contact%s\n", "invitation",
                 is_true(relation, "invited") ? "has invited" : "has not invited",
                 is_true(relation, "blocked") ? ", and has blocked him" : "");
    (void)printf("%-12s contact watches user: %s; user watches contact: %s\n", "presence",
                 member(relation, "xmpp_watches"), member(relation, "sip_watches"));
}

static void print_streams(const json_t *streams)
{
    const json_t *stream;
    size_t index;

    json_array_foreach(streams, index, stream)
    {
        (void)printf("%-12s %s through %s, %s, up %lld s\n", "stream",
                     strcmp(member(stream, "direction"), "out") == 0 ? "-->" : "<--",
                     member(stream, "edge"), member(stream, "method"),
                     (long long)json_integer_value(json_object_get(stream, "up_s")));
    }
    if (json_array_size(streams) == 0) {
        (void)printf("%-12s none open; one is opened when it is needed\n", "stream");
    }
}

static bool allows(const json_t *check)
{
    return strcmp(member(check, "verdict"), "allow") == 0;
}

static void print_check(const json_t *check)
{
    const bool inward = strcmp(member(check, "direction"), "xmpp_to_sip") == 0;

    (void)printf("%-12s %s: %-17s (rule %s: %s)\n", member(check, "kind"),
                 inward ? "contact -> user" : "user -> contact",
                 allows(check) ? "allowed" : member(check, "verdict"), member(check, "rule"),
                 member(check, "why"));
    if (member(check, "remedy")[0] != '\0') {
        (void)printf("%-12s   to allow: %s\n", "", member(check, "remedy"));
    }
}

static size_t print_checks(const json_t *checks)
{
    const json_t *check;
    size_t index;
    size_t refused = 0;

    json_array_foreach(checks, index, check)
    {
        print_check(check);
        refused += allows(check) ? 0 : 1;
    }
    return refused;
}

enum ctl_exit ctl_explain(const struct ctl_call *call)
{
    json_t *const question =
        json_pack("{s:s, s:s}", "local", call->arguments[0], "remote", call->arguments[1]);
    json_t *answer = NULL;
    enum ctl_exit code;
    size_t refused;

    if (question == NULL) {
        (void)fputs("causewayctl: a name is not UTF-8\n", stderr);
        return CTL_USAGE;
    }
    if (call->options[CTL_KIND] != NULL) {
        json_object_set_new(question, "kind", json_string(call->options[CTL_KIND]));
    }
    if (call->options[CTL_DIRECTION] != NULL) {
        json_object_set_new(question, "direction", json_string(call->options[CTL_DIRECTION]));
    }
    code = ctl_request(
        call->target,
        &(struct ctl_request){.method = "POST", .path = "/v1/explain", .json = question}, &answer);
    if (code != CTL_OK) {
        return code;
    }
    if (call->json) {
        code = ctl_show_json(answer);
    } else {
        print_partner(json_object_get(answer, "partner"));
        print_relation(json_object_get(answer, "relation"));
        print_streams(json_object_get(answer, "streams"));
        refused = print_checks(json_object_get(answer, "checks"));
        (void)printf("%-12s %s\n", "verdict",
                     refused == 0 ? "everything asked about is allowed"
                                  : "nothing is broken: the rules above refuse it");
    }
    json_decref(answer);
    return code;
}
