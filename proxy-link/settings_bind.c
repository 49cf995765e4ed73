/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS = 64, PATH_LEN = 160 };

static void *at(void *out, size_t offset)
{
    return (char *)out + offset;
}

static const struct cw_key *key_named(const struct cw_key *keys, const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (strcmp(keys->name, name) == 0) {
            return keys;
        }
    }
    return NULL;
}

void cw_settings_complain_kind(struct cw_settings_file *file, const struct cw_yaml_node *node,
                               const struct cw_key *key)
{
    char text[CW_SETTINGS_TEXT_LEN];
    const char *wanted = "a single value";
    const char *remedy = "write one value behind the colon";
    if (key->type == CW_KEY_MAP) {
        wanted = "a mapping";
        remedy = "write its keys below it, indented, or as {key: value, ...}";
    } else if (key->type == CW_KEY_LIST) {
        wanted = "a sequence of mappings";
        remedy = "begin each item with a dash";
    } else if (key->type == CW_KEY_TEXTS) {
        wanted = "a sequence";
        remedy = "write [a, b], or each item on a line of its own with a dash";
    }
    (void)snprintf(text, sizeof(text), "%s is %s", key->name, wanted);
    cw_settings_find(file, node, "E007", text, remedy);
}

static void bind_texts(struct cw_settings_file *file, const struct cw_yaml_node *node,
                       const struct cw_key *key, void *value)
{
    size_t count = 0;
    for (const struct cw_yaml_node *item = node->first; item != NULL; item = item->next) {
        count++;
    }
    const char **items = cw_settings_take(file, file->values, count * sizeof(*items) + 1);
    struct cw_place *places = cw_settings_take(file, file->values, count * sizeof(*places) + 1);
    if (items == NULL || places == NULL) {
        return;
    }
    count = 0;
    for (const struct cw_yaml_node *item = node->first; item != NULL; item = item->next) {
        if (item->kind != CW_YAML_SCALAR || cw_yaml_is_null(item)) {
            char text[CW_SETTINGS_TEXT_LEN];
            (void)snprintf(text, sizeof(text), "each item of %s is a single value", key->name);
            cw_settings_find(file, item, "E007", text,
                             "write [a, b], or each item on a line of its own with a dash");
            continue;
        }
        places[count] = cw_settings_place(file, item);
        items[count] =
            cw_settings_copy(file, file->values, (struct cw_bytes){item->text, item->len});
        count += items[count] != NULL ? 1 : 0;
    }
    const struct cw_texts texts = {items, places, count};
    memcpy(value, &texts, sizeof(texts));
}

static void bind_value(struct cw_settings_file *file, const struct cw_yaml_node *node,
                       const struct cw_key *key, void *out)
{
    const bool sequence = key->type == CW_KEY_TEXTS || key->type == CW_KEY_LIST;
    const enum cw_yaml_kind wanted = sequence ? CW_YAML_SEQUENCE : CW_YAML_SCALAR;
    if (key->place_offset != CW_NO_PLACE) {
        const struct cw_place place = cw_settings_place(file, node);
        memcpy(at(out, key->place_offset), &place, sizeof(place));
    }
    if (node->kind != wanted) {
        cw_settings_complain_kind(file, node, key);
    } else if (key->type == CW_KEY_TEXTS) {
        bind_texts(file, node, key, at(out, key->offset));
    } else if (key->type == CW_KEY_LIST) {
        const struct cw_list_part part = {key, node, NULL};
        cw_settings_bind_list(file, key, &part, at(out, key->offset));
    } else {
        cw_settings_bind_scalar(file, node, key, at(out, key->offset));
    }
}

static void bind_map(struct cw_settings_file *file, const struct cw_yaml_node *node,
                     const struct cw_key *key, void *out, const char *path)
{
    char below[PATH_LEN];
    (void)snprintf(below, sizeof(below), "%s%s.", path, key->name);
    if (node != NULL && key->place_offset != CW_NO_PLACE) {
        const struct cw_place place = cw_settings_place(file, node);
        memcpy(at(out, key->place_offset), &place, sizeof(place));
    }
    if (node != NULL && node->kind != CW_YAML_MAPPING) {
        cw_settings_complain_kind(file, node, key);
        return;
    }
    cw_settings_bind(file, node, key->keys, at(out, key->offset), below);
}

/** "known here: a, b, c", and " ..." for those that do not fit. */
static void list_known(char out[CW_SETTINGS_TEXT_LEN], const char *const *names, size_t count)
{
    static const char MORE[] = " ...";
    const size_t room = CW_SETTINGS_TEXT_LEN - sizeof(MORE);
    size_t len = (size_t)snprintf(out, CW_SETTINGS_TEXT_LEN, "known here:");
    for (size_t i = 0; i < count; i++) {
        if (len + strlen(names[i]) + 2 > room) {
            memcpy(out + len, MORE, sizeof(MORE));
            return;
        }
        len += (size_t)snprintf(out + len, CW_SETTINGS_TEXT_LEN - len, "%s %s", i == 0 ? "" : ",",
                                names[i]);
    }
}

static void complain_unknown(struct cw_settings_file *file, const struct cw_yaml_node *name,
                             const struct cw_key *keys)
{
    const char *names[MAX_KEYS] = {NULL};
    size_t count = 0;
    char text[CW_SETTINGS_TEXT_LEN];
    char remedy[CW_SETTINGS_TEXT_LEN];
    for (; count < MAX_KEYS && keys[count].name != NULL; count++) {
        names[count] = keys[count].name;
    }
    const char *near = cw_settings_nearest(name->text, names, count);
    (void)snprintf(text, sizeof(text), "unknown key %.60s", name->text);
    if (near != NULL) {
        (void)snprintf(remedy, sizeof(remedy), "did you mean %s", near);
    } else {
        list_known(remedy, names, count);
    }
    cw_settings_find(file, name, "E005", text, remedy);
}

static void complain_repeated(struct cw_settings_file *file, const struct cw_yaml_node *name,
                              const struct cw_yaml_node *before)
{
    char text[CW_SETTINGS_TEXT_LEN];
    (void)snprintf(text, sizeof(text), "%.60s is written twice; first in line %d", name->text,
                   before->line);
    cw_settings_find(file, name, "E004", text, "keep one of them");
}

static const struct cw_yaml_node *same_before(const struct cw_yaml_node *mapping,
                                              const struct cw_yaml_node *name)
{
    for (const struct cw_yaml_node *at_name = mapping->first; at_name != name;
         at_name = at_name->next->next) {
        if (strcmp(at_name->text, name->text) == 0) {
            return at_name;
        }
    }
    return NULL;
}

/** The top level's lists and its `include` are the business of settings_read.c. */
static bool is_top(const char *path)
{
    return path[0] == '\0';
}

/** @return the key and its value; false with a finding, or when there is nothing to be bound */
static bool take_pair(struct cw_settings_file *file, const struct cw_yaml_node *mapping,
                      const struct cw_yaml_node *name, const struct cw_key *keys, const char *path)
{
    if (name->kind != CW_YAML_SCALAR) {
        cw_settings_find(file, name, "E003", "a key is a single word", "write KEY: VALUE");
        return false;
    }
    const struct cw_yaml_node *before = same_before(mapping, name);
    if (before != NULL) {
        complain_repeated(file, name, before);
        return false;
    }
    const struct cw_key *key = key_named(keys, name->text);
    if (key == NULL) {
        if (!is_top(path) || file->from_memory || strcmp(name->text, "include") != 0) {
            complain_unknown(file, name, keys);
        }
        return false;
    }
    return !cw_yaml_is_null(name->next) && key->type != CW_KEY_MAP &&
           !(is_top(path) && key->type == CW_KEY_LIST);
}

void cw_settings_miss(struct cw_settings_file *file, const struct cw_yaml_node *mapping,
                      const struct cw_key *key, const char *path)
{
    char text[CW_SETTINGS_TEXT_LEN];
    (void)snprintf(text, sizeof(text), "%s%s is missing", path, key->name);
    cw_settings_find(file, mapping, "E006", text, key->help);
}

void cw_settings_bind(struct cw_settings_file *file, const struct cw_yaml_node *node,
                      const struct cw_key *keys, void *out, const char *path)
{
    const struct cw_yaml_node *name = node == NULL ? NULL : node->first;
    unsigned count = 0;
    for (; name != NULL; name = name->next->next) {
        if (++count > MAX_KEYS) {
            cw_settings_find(file, name, "E003", "too many keys in one mapping",
                             "remove what is unknown; a mapping has 64 keys at most");
            return;
        }
        if (take_pair(file, node, name, keys, path)) {
            bind_value(file, name->next, key_named(keys, name->text), out);
        }
    }
    for (const struct cw_key *key = keys; key->name != NULL; key++) {
        const struct cw_yaml_node *value = cw_yaml_lookup(node, key->name);
        if (key->type == CW_KEY_MAP) {
            bind_map(file, value, key, out, path);
        } else if (value == NULL && key->required && !(is_top(path) && key->type == CW_KEY_LIST)) {
            cw_settings_miss(file, is_top(path) ? NULL : node, key, path);
        }
    }
}

void cw_settings_set_defaults(struct cw_settings_file *file, const struct cw_key *keys, void *out)
{
    for (; keys->name != NULL; keys++) {
        void *value = at(out, keys->offset);
        if (keys->type == CW_KEY_MAP) {
            cw_settings_set_defaults(file, keys->keys, value);
        } else if (keys->fallback != NULL) {
            cw_settings_bind_fallback(file, keys, value);
        }
    }
}

void cw_settings_bind_fallback(struct cw_settings_file *file, const struct cw_key *key, void *value)
{
    struct cw_yaml_node node = {
        .kind = CW_YAML_SCALAR, .plain = true, .text = key->fallback, .len = strlen(key->fallback)};
    const size_t before = file->finding_count;
    if (key->type == CW_KEY_TEXTS || key->type == CW_KEY_LIST) {
        struct cw_yaml_problem problem;
        struct cw_yaml_document document = {.path = "default",
                                            .source = {key->fallback, strlen(key->fallback)}};
        if (cw_yaml_read(&document, file->own, &problem) != CW_OK || document.root == NULL) {
            abort();
        }
        node = *document.root;
        if (key->type == CW_KEY_TEXTS) {
            bind_texts(file, &node, key, value);
            struct cw_texts texts;
            memcpy(&texts, value, sizeof(texts));
            struct cw_place *nowhere =
                cw_settings_take(file, file->values, texts.count * sizeof(*nowhere) + 1);
            texts.places = nowhere;
            memcpy(value, &texts, sizeof(texts));
        } else {
            const struct cw_list_part part = {key, &node, NULL};
            cw_settings_bind_list(file, key, &part, value);
        }
    } else {
        cw_settings_bind_scalar(file, &node, key, value);
    }
    if (file->finding_count != before && !file->full) {
        abort(); /* the table's own default does not fit its own type */
    }
}

static void bind_item(struct cw_settings_file *file, const struct cw_yaml_node *item,
                      const struct cw_key *key, void *out)
{
    char path[PATH_LEN];
    (void)snprintf(path, sizeof(path), "%s[].", key->name);
    cw_settings_set_defaults(file, key->keys, out);
    cw_settings_bind(file, item, key->keys, out, path);
}

static size_t count_items(const struct cw_key *key, const struct cw_list_part *parts)
{
    size_t count = 0;
    for (; parts != NULL; parts = parts->next) {
        const struct cw_yaml_node *item = parts->key == key ? parts->sequence->first : NULL;
        for (; item != NULL; item = item->next) {
            count++;
        }
    }
    return count;
}

void cw_settings_bind_list(struct cw_settings_file *file, const struct cw_key *key,
                           const struct cw_list_part *parts, void *out)
{
    const size_t count = count_items(key, parts);
    struct cw_list list = {NULL, 0};
    list.items = count == 0 ? NULL : cw_settings_take(file, file->values, count * key->item_size);
    for (; parts != NULL && list.items != NULL; parts = parts->next) {
        const struct cw_yaml_node *item = parts->key == key ? parts->sequence->first : NULL;
        for (; item != NULL; item = item->next) {
            if (item->kind != CW_YAML_MAPPING) {
                cw_settings_complain_kind(file, item, key);
                continue;
            }
            bind_item(file, item, key, (char *)list.items + list.count * key->item_size);
            list.count++;
        }
    }
    memcpy(out, &list, sizeof(list));
}
