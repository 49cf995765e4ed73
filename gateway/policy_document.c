/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_document.h"

#include "settings_keys.h"
#include "settings_partners.h"
#include "settings_users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_LIMIT ((size_t)256 * 1024 * 1024)

static const char *const TYPES[CW_PARTNER_TYPES] = {"federated", "public_verified",
                                                    "public_unverified"};
static const char *const NEGOTIATIONS[CW_NEGOTIATIONS] = {"required", "optional", "not_supported"};
static const char *const VERDICTS[] = {"allow", "deny"};
static const char *const ACCEPTS[] = {"default", "auto", "ask"};

const char *cw_policy_type_word(enum cw_partner_type type)
{
    return TYPES[type];
}

const char *cw_policy_negotiation_word(enum cw_negotiation negotiation)
{
    return NEGOTIATIONS[negotiation];
}

const char *cw_policy_accept_word(enum cw_accept accept)
{
    return ACCEPTS[accept];
}

static json_t *text(struct cw_bytes value)
{
    return json_stringn_nocheck(value.base == NULL ? "" : value.base, value.len);
}

static json_t *additional_json(const struct cw_partner *partner)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < partner->additional_count; i++) {
        json_array_append_new(list, text(partner->additional[i]));
    }
    return list;
}

static json_t *pins_json(const struct cw_partner *partner)
{
    static const char DIGITS[] = "0123456789abcdef";
    json_t *const list = json_array();

    for (size_t i = 0; i < partner->pin_count; i++) {
        char pin[2 * sizeof(partner->pins[0])];

        for (size_t k = 0; k < sizeof(partner->pins[0]); k++) {
            pin[2 * k] = DIGITS[partner->pins[i][k] >> 4];
            pin[2 * k + 1] = DIGITS[partner->pins[i][k] & 15];
        }
        json_array_append_new(list, json_stringn(pin, sizeof(pin)));
    }
    return list;
}

static json_t *rates_json(const struct cw_rates *rates)
{
    json_t *const out = json_object();

    json_object_set_new(out, "invites_per_minute", json_integer(rates->invites_per_minute));
    json_object_set_new(out, "messages_per_second", json_integer(rates->messages_per_second));
    json_object_set_new(out, "presence_per_second", json_integer(rates->presence_per_second));
    return out;
}

json_t *cw_policy_partner_json(const struct cw_partner *partner)
{
    json_t *const out = json_object();

    json_object_set_new(out, "domain", text(partner->domain));
    json_object_set_new(out, "description", text(partner->description));
    json_object_set_new(out, "additional_domains", additional_json(partner));
    json_object_set_new(out, "type", json_string(TYPES[partner->type]));
    json_object_set_new(out, "tls", json_string(NEGOTIATIONS[partner->tls]));
    json_object_set_new(out, "sasl", json_string(NEGOTIATIONS[partner->sasl]));
    json_object_set_new(out, "dialback", json_boolean(partner->dialback));
    json_object_set_new(out, "enabled", json_boolean(partner->enabled));
    json_object_set_new(out, "keep_alive", json_boolean(partner->keep_alive));
    json_object_set_new(out, "connection_limit", json_integer(partner->connection_limit));
    json_object_set_new(out, "proxy", text(partner->proxy));
    json_object_set_new(out, "accept", json_string(ACCEPTS[partner->accept]));
    json_object_set_new(out, "rate", rates_json(&partner->rates));
    json_object_set_new(out, "max_stanza", json_integer(partner->max_stanza));
    json_object_set_new(out, "pins", pins_json(partner));
    return out;
}

json_t *cw_policy_document_empty(void)
{
    json_t *const out = json_object();

    json_object_set_new(out, "partners", json_array());
    return out;
}

static int compare_partners(const void *a, const void *b)
{
    return cw_bytes_order(((const struct cw_partner *)a)->domain,
                          ((const struct cw_partner *)b)->domain);
}

static json_t *texts_json(const struct cw_texts *texts)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < texts->count; i++) {
        json_array_append_new(list, json_string_nocheck(texts->items[i]));
    }
    return list;
}

static json_t *group_json(const struct cw_gateway_group *group)
{
    json_t *const out = json_object();

    json_object_set_new(out, "name", json_string_nocheck(group->name));
    json_object_set_new(out, "access", json_string(VERDICTS[group->access]));
    json_object_set_new(out, "members", texts_json(&group->members));
    return out;
}

json_t *cw_policy_users_json(const struct cw_gateway_users *users)
{
    const struct cw_gateway_group *const groups = users->groups.items;
    json_t *const out = json_object();
    json_t *const list = json_array();

    for (size_t i = 0; i < users->groups.count; i++) {
        json_array_append_new(list, group_json(&groups[i]));
    }
    json_object_set_new(out, "federation", json_boolean(users->federation));
    json_object_set_new(out, "default", json_string(VERDICTS[users->default_access]));
    json_object_set_new(out, "allow", texts_json(&users->allow));
    json_object_set_new(out, "deny", texts_json(&users->deny));
    json_object_set_new(out, "groups", list);
    return out;
}

/* Whole records in one order, so that two revisions differ only where they mean something else. */
static json_t *canonical(struct cw_policy_document *document,
                         const struct cw_policy_entries *entries)
{
    json_t *const out = json_object();
    json_t *const list = json_array();

    qsort(document->partners, document->partner_count, sizeof(*document->partners),
          compare_partners);
    for (size_t i = 0; i < document->partner_count; i++) {
        json_array_append_new(list, cw_policy_partner_json(&document->partners[i]));
    }
    json_object_set_new(out, "partners", list);
    if (document->access != NULL) {
        json_object_set_new(out, "users", cw_policy_users_json(&entries->users));
    }
    return out;
}

static void judge(const struct cw_gateway_settings *settings,
                  const struct cw_policy_entries *entries, struct cw_settings_file *findings,
                  struct cw_policy_document *document)
{
    const struct cw_partner_entries partners = {
        .entries = &entries->partners,
        .file = findings,
        .arena = document->arena,
        .others = settings->partner_list,
        .other_count = settings->partner_count,
        .stored = true,
    };

    document->partner_count = cw_settings_partners(settings, &partners, &document->partners);
    if (entries->users_place.file != NULL) {
        document->access = cw_settings_users(settings, &entries->users, findings, document->arena);
    }
}

static struct cw_policy_document *new_document(void)
{
    struct cw_arena *const arena = cw_arena_new(ARENA_LIMIT);
    struct cw_policy_document *const document = cw_arena_alloc(arena, sizeof(*document));

    if (document == NULL) {
        abort();
    }
    memset(document, 0, sizeof(*document));
    document->arena = arena;
    return document;
}

static void add_finding(const struct cw_settings_told *told, void *user)
{
    static const char *const SEVERITIES[] = {
        [CW_NOTE] = "note", [CW_WARNING] = "warning", [CW_ERROR] = "error"};
    json_t *const out = json_object();

    json_object_set_new(out, "pointer", json_string_nocheck(told->pointer));
    json_object_set_new(out, "line", json_integer(told->place.line));
    json_object_set_new(out, "severity", json_string(SEVERITIES[told->severity]));
    json_object_set_new(out, "code", json_string(told->code));
    json_object_set_new(out, "detail", json_string_nocheck(told->text));
    json_object_set_new(out, "help", json_string_nocheck(told->remedy));
    json_array_append_new(user, out);
}

enum cw_err cw_policy_document_read_text(const struct cw_gateway_settings *settings,
                                         struct cw_bytes text, const char *name, json_t **findings,
                                         struct cw_policy_document **out)
{
    struct cw_policy_document *document = new_document();
    struct cw_settings_file *file = cw_settings_new(document->arena);
    struct cw_policy_entries entries = {0};
    size_t errors;

    *out = NULL;
    *findings = json_array();
    if (text.len > CW_POLICY_MAX_LEN) {
        cw_settings_finding(file, NULL, CW_ERROR, "E129", "the policy is larger than 1 MiB",
                            "split it among partners.d and the store");
    } else if (cw_settings_read_text(file, name, text, CW_POLICY_KEYS, &entries) == CW_OK) {
        judge(settings, &entries, file, document);
    }
    cw_settings_visit(file, add_finding, *findings);
    errors = cw_settings_count(file, CW_ERROR);
    cw_settings_free(&file);
    if (errors > 0) {
        cw_policy_document_free(&document);
        return CW_ERR_CONFIG;
    }
    document->json = canonical(document, &entries);
    *out = document;
    return CW_OK;
}

/* JSON is YAML too, if it is written one value a line. */
enum cw_err cw_policy_document_read(const struct cw_gateway_settings *settings, const json_t *json,
                                    json_t **findings, struct cw_policy_document **out)
{
    char *const dump = json_dumps(json, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
    enum cw_err err;

    if (dump == NULL) {
        abort();
    }
    err = cw_policy_document_read_text(settings, (struct cw_bytes){dump, strlen(dump)}, "policy",
                                       findings, out);
    free(dump);
    return err;
}

void cw_policy_document_free(struct cw_policy_document **document)
{
    if (*document != NULL) {
        struct cw_arena *arena = (*document)->arena; /* owns the document itself, too */

        json_decref((*document)->json);
        cw_arena_free(&arena);
        *document = NULL;
    }
}

static const char *member(const json_t *finding, const char *key)
{
    const char *const value = json_string_value(json_object_get(finding, key));

    return value == NULL ? "" : value;
}

char *cw_policy_findings_text(const json_t *findings)
{
    char *out = NULL;
    size_t len = 0;
    FILE *const stream = open_memstream(&out, &len);
    const json_t *finding;
    size_t index;

    if (stream == NULL) {
        abort();
    }
    json_array_foreach(findings, index, finding)
    {
        (void)fprintf(stream, "policy%s: %s: %s %s\n    %s\n", member(finding, "pointer"),
                      member(finding, "severity"), member(finding, "code"),
                      member(finding, "detail"), member(finding, "help"));
    }
    if (fclose(stream) != 0) {
        abort();
    }
    return out;
}
