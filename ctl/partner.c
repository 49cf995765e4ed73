/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"
#include "commands.h"
#include "file.h"
#include "yaml.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, SWITCH, NUMBER, LIST };

/* Options that set something, and where. */
static const struct {
    enum ctl_option option;
    enum kind kind;
    const char *within; /* NULL: of the record itself */
    const char *key;
} SETTINGS[] = {
    {CTL_TYPE, TEXT, NULL, "type"},
    {CTL_TLS, TEXT, NULL, "tls"},
    {CTL_SASL, TEXT, NULL, "sasl"},
    {CTL_DIALBACK, SWITCH, NULL, "dialback"},
    {CTL_ENABLED, SWITCH, NULL, "enabled"},
    {CTL_KEEP_ALIVE, SWITCH, NULL, "keep_alive"},
    {CTL_ACCEPT, TEXT, NULL, "accept"},
    {CTL_DESCRIPTION, TEXT, NULL, "description"},
    {CTL_ADDITIONAL, LIST, NULL, "additional_domains"},
    {CTL_PROXY, TEXT, NULL, "proxy"},
    {CTL_PINS, LIST, NULL, "pins"},
    {CTL_CONNECTION_LIMIT, NUMBER, NULL, "connection_limit"},
    {CTL_MAX_STANZA, NUMBER, NULL, "max_stanza"},
    {CTL_INVITES, NUMBER, "rate", "invites_per_minute"},
    {CTL_MESSAGES, NUMBER, "rate", "messages_per_second"},
    {CTL_PRESENCE, NUMBER, "rate", "presence_per_second"},
};

static json_t *list_of(const char *value)
{
    json_t *const list = json_array();

    while (*value != '\0') {
        const size_t len = strcspn(value, ",");

        if (len > 0) {
            json_array_append_new(list, json_stringn(value, len));
        }
        value += len + (value[len] == ',' ? 1 : 0);
    }
    return list;
}

/* NULL: told what is wrong. What is a fault of the record itself is the daemon's to tell. */
static json_t *value_of(enum kind kind, enum ctl_option option, const char *value)
{
    char *end = NULL;

    if (kind == LIST) {
        return list_of(value);
    }
    if (kind == TEXT) {
        json_t *const text = json_string(value);

        if (text == NULL) {
            (void)fprintf(stderr, "causewayctl: --%s is not UTF-8\n", ctl_option_name(option));
        }
        return text;
    }
    if (kind == SWITCH && (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)) {
        return json_boolean(strcmp(value, "true") == 0);
    }
    if (kind == NUMBER) {
        const long long number = strtoll(value, &end, 10);

        if (end != value && *end == '\0') {
            return json_integer(number);
        }
    }
    (void)fprintf(stderr, "causewayctl: --%s is %s, not \"%s\"\n", ctl_option_name(option),
                  kind == SWITCH ? "true or false" : "a number", value);
    return NULL;
}

/* What the options set, as JSON; NULL: told what is wrong. */
static json_t *settings_of(const struct ctl_call *call)
{
    json_t *const out = json_object();

    for (size_t i = 0; i < sizeof(SETTINGS) / sizeof(SETTINGS[0]); i++) {
        const char *const given = call->options[SETTINGS[i].option];
        json_t *const value =
            given == NULL ? NULL : value_of(SETTINGS[i].kind, SETTINGS[i].option, given);
        json_t *within = out;

        if (given != NULL && value == NULL) {
            json_decref(out);
            return NULL;
        }
        if (value != NULL && SETTINGS[i].within != NULL) {
            within = json_object_get(out, SETTINGS[i].within);
            if (within == NULL) {
                within = json_object();
                json_object_set_new(out, SETTINGS[i].within, within);
            }
        }
        if (value != NULL) {
            json_object_set_new(within, SETTINGS[i].key, value);
        }
    }
    return out;
}

enum ctl_exit ctl_partner_add(const struct ctl_call *call)
{
    json_t *const record = settings_of(call);

    if (record == NULL ||
        json_object_set_new(record, "domain", json_string(call->arguments[0])) != 0) {
        json_decref(record);
        return CTL_USAGE;
    }
    return ctl_change(
        call, &(struct ctl_request){.method = "POST", .path = "/v1/partners", .json = record});
}

static enum ctl_exit patch(const struct ctl_call *call, json_t *changes)
{
    return ctl_change(call, &(struct ctl_request){.method = "PATCH",
                                                  .path = "/v1/partners/",
                                                  .below = call->arguments[0],
                                                  .json = changes});
}

enum ctl_exit ctl_partner_set(const struct ctl_call *call)
{
    json_t *const changes = settings_of(call);

    if (changes == NULL) {
        return CTL_USAGE;
    }
    if (json_object_size(changes) == 0) {
        json_decref(changes);
        (void)fputs("causewayctl: partner set: name what to set, e.g. --type federated\n", stderr);
        return CTL_USAGE;
    }
    return patch(call, changes);
}

enum ctl_exit ctl_partner_enable(const struct ctl_call *call)
{
    return patch(call, json_pack("{s:b}", "enabled", 1));
}

enum ctl_exit ctl_partner_disable(const struct ctl_call *call)
{
    return patch(call, json_pack("{s:b}", "enabled", 0));
}

enum ctl_exit ctl_partner_remove(const struct ctl_call *call)
{
    return ctl_change(call, &(struct ctl_request){.method = "DELETE",
                                                  .path = "/v1/partners/",
                                                  .below = call->arguments[0]});
}

/* ---- lint ---- */

static const char *member(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

static void print_methods(const char *title, const json_t *methods)
{
    const json_t *method;
    size_t index;

    (void)printf("%s ", title);
    json_array_foreach(methods, index, method)
    {
        (void)printf("%s%s", index > 0 ? ", " : "", json_string_value(method));
    }
    if (json_array_size(methods) == 0) {
        (void)printf("nothing");
    }
}

static void lint_one(const json_t *partner)
{
    const json_t *const effective = json_object_get(partner, "effective");

    (void)printf("%s: row %lld", member(partner, "domain"),
                 (long long)json_integer_value(json_object_get(effective, "matrix_row")));
    print_methods(", permits", json_object_get(effective, "permits"));
    print_methods("; will use", json_object_get(effective, "will_use"));
    (void)printf("\n");
    if (member(effective, "code")[0] != '\0') {
        (void)printf("    %s %s %s\n", member(effective, "severity"), member(effective, "code"),
                     member(effective, "finding"));
    }
    if (member(effective, "remedy")[0] != '\0') {
        (void)printf("    %s\n", member(effective, "remedy"));
    }
}

static bool is_of(const json_t *partner, const struct ctl_call *call)
{
    return call->count == 0 || strcmp(member(partner, "domain"), call->arguments[0]) == 0;
}

static bool warns(const json_t *partner)
{
    const char *const severity = member(json_object_get(partner, "effective"), "severity");

    return strcmp(severity, "warning") == 0 || strcmp(severity, "error") == 0;
}

enum ctl_exit ctl_partner_lint(const struct ctl_call *call)
{
    json_t *partners = NULL;
    const json_t *partner;
    size_t index;
    size_t seen = 0;
    size_t warnings = 0;
    const enum ctl_exit code = ctl_request(
        call->target, &(struct ctl_request){.method = "GET", .path = "/v1/partners"}, &partners);

    if (code != CTL_OK) {
        return code;
    }
    json_array_foreach(partners, index, partner)
    {
        if (is_of(partner, call)) {
            seen++;
            warnings += warns(partner) ? 1 : 0;
            if (!call->json) {
                lint_one(partner);
            }
        }
    }
    if (call->json) {
        (void)ctl_show_json(partners);
    } else {
        (void)printf("%zu partner%s, %zu with a warning\n", seen, seen == 1 ? "" : "s", warnings);
    }
    json_decref(partners);
    if (call->count > 0 && seen == 0) {
        (void)fprintf(stderr, "causewayctl: no partner %s\n", call->arguments[0]);
        return CTL_NOT_FOUND;
    }
    return warnings > 0 && call->options[CTL_STRICT] != NULL ? CTL_FAILED : CTL_OK;
}

/* ---- files ---- */

enum ctl_exit ctl_partner_export(const struct ctl_call *call)
{
    const bool all = call->options[CTL_ALL] != NULL;
    json_t *answer = NULL;
    const json_t *partners;
    enum ctl_exit code = ctl_request(
        call->target,
        &(struct ctl_request){.method = "GET", .path = all ? "/v1/partners" : "/v1/policy"},
        &answer);

    if (code != CTL_OK) {
        return code;
    }
    partners = all ? answer : json_object_get(json_object_get(answer, "document"), "partners");
    if (call->json) {
        code = ctl_show_json(partners);
    } else {
        ctl_print_yaml(partners);
        code = fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
    }
    json_decref(answer);
    return code;
}

static enum ctl_exit import(const struct ctl_call *call, const char *path)
{
    size_t len;
    char *const text = ctl_file_read(call->arguments[0], &len);
    enum ctl_exit code;

    if (text == NULL) {
        return CTL_USAGE;
    }
    code = ctl_change(
        call, &(struct ctl_request){.method = "POST", .path = path, .text = text, .text_len = len});
    free(text);
    return code;
}

enum ctl_exit ctl_partner_import(const struct ctl_call *call)
{
    return import(call, "/v1/partners/import");
}

enum ctl_exit ctl_import_lync(const struct ctl_call *call)
{
    return import(call, "/v1/partners/import/lync");
}
