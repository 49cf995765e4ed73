/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_edit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PATH_MAX_LEN 512u

/* The library walks objects by pointers that could change them; here they do not. */
static json_t *writable(const json_t *json)
{
    union {
        const json_t *from;
        json_t *to;
    } both = {.from = json};

    return both.to;
}

static bool is_of(const json_t *record, const char *domain)
{
    const char *const name = json_string_value(json_object_get(record, "domain"));

    return name != NULL && strcmp(name, domain) == 0;
}

json_t *cw_policy_edit_find(const json_t *document, const char *domain)
{
    json_t *record;
    size_t index;

    json_array_foreach(json_object_get(document, "partners"), index, record)
    {
        if (is_of(record, domain)) {
            return record;
        }
    }
    return NULL;
}

static json_t *without(const json_t *document, const char *domain)
{
    json_t *const out = json_deep_copy(document);
    json_t *const list = json_object_get(out, "partners");

    for (size_t i = json_array_size(list); i > 0; i--) {
        if (is_of(json_array_get(list, i - 1), domain)) {
            json_array_remove(list, i - 1);
        }
    }
    return out;
}

json_t *cw_policy_edit_remove(const json_t *document, const char *domain)
{
    return without(document, domain);
}

json_t *cw_policy_edit_put(const json_t *document, const char *domain, const json_t *record)
{
    json_t *const out = without(document, domain);

    json_array_append_new(json_object_get(out, "partners"), json_deep_copy(record));
    return out;
}

// NOLINTNEXTLINE(misc-no-recursion): the reader bounds the depth of what comes in
json_t *cw_policy_edit_merge(const json_t *target, const json_t *patch)
{
    json_t *out;
    const char *key;
    json_t *value;

    if (!json_is_object(patch)) {
        return json_deep_copy(patch);
    }
    out = json_is_object(target) ? json_deep_copy(target) : json_object();
    json_object_foreach(writable(patch), key, value)
    {
        if (json_is_null(value)) {
            json_object_del(out, key);
        } else {
            json_object_set_new(out, key, cw_policy_edit_merge(json_object_get(out, key), value));
        }
    }
    return out;
}

static void note(json_t *diff, const char *path, const json_t *old, const json_t *new)
{
    json_t *const out = json_object();
    const char *op = "change";

    if (old == NULL) {
        op = "add";
    } else if (new == NULL) {
        op = "remove";
    }
    json_object_set_new(out, "op", json_string(op));
    json_object_set_new(out, "path", json_string_nocheck(path));
    if (old != NULL) {
        json_object_set_new(out, "old", json_deep_copy(old));
    }
    if (new != NULL) {
        json_object_set_new(out, "new", json_deep_copy(new));
    }
    json_array_append_new(diff, out);
}

/* Both are objects: key by key. */
static void compare(json_t *diff, const char *path, json_t *old, const json_t *new)
{
    char below[PATH_MAX_LEN];
    const char *key;
    json_t *value;

    json_object_foreach(old, key, value)
    {
        const json_t *const other = json_object_get(new, key);

        if (!json_equal(value, other)) {
            (void)snprintf(below, sizeof(below), "%s/%s", path, key);
            note(diff, below, value, other);
        }
    }
    json_object_foreach(writable(new), key, value)
    {
        if (json_object_get(old, key) == NULL) {
            (void)snprintf(below, sizeof(below), "%s/%s", path, key);
            note(diff, below, NULL, value);
        }
    }
}

static const char *domain_of(const json_t *record)
{
    const char *const domain = json_string_value(json_object_get(record, "domain"));

    return domain == NULL ? "" : domain;
}

static void compare_partners(json_t *diff, const json_t *before, const json_t *after)
{
    char path[PATH_MAX_LEN];
    json_t *record;
    size_t index;

    json_array_foreach(json_object_get(before, "partners"), index, record)
    {
        const json_t *const other = cw_policy_edit_find(after, domain_of(record));

        (void)snprintf(path, sizeof(path), "/partners/%s", domain_of(record));
        if (other == NULL) {
            note(diff, path, record, NULL);
        } else {
            compare(diff, path, record, other);
        }
    }
    json_array_foreach(json_object_get(after, "partners"), index, record)
    {
        if (cw_policy_edit_find(before, domain_of(record)) == NULL) {
            (void)snprintf(path, sizeof(path), "/partners/%s", domain_of(record));
            note(diff, path, NULL, record);
        }
    }
}

json_t *cw_policy_edit_diff(const json_t *before, const json_t *after)
{
    json_t *const diff = json_array();
    json_t *const old = json_object_get(before, "users");
    json_t *const new = json_object_get(after, "users");

    compare_partners(diff, before, after);
    if (old != NULL && new != NULL) {
        compare(diff, "/users", old, new);
    } else if (old != NULL || new != NULL) {
        note(diff, "/users", old, new);
    }
    return diff;
}
