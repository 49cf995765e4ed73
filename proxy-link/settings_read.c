/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_private.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATH_LEN = 4096 };
#define MAX_FILE_LEN  ((size_t)1024 * 1024)
#define MAX_TOTAL_LEN ((size_t)16 * 1024 * 1024)
/* A node is 10 times the shortest text that makes one. */
#define OWN_LIMIT ((size_t)512 * 1024 * 1024)

static bool is_read(const struct cw_settings_file *file, const char *path)
{
    for (const struct cw_yaml_document *document = file->documents; document != NULL;
         document = document->next) {
        if (strcmp(document->path, path) == 0) {
            return true;
        }
    }
    return false;
}

/** Reads one more file. @return its document, NULL with a finding at `from` (NULL: as a whole) */
static struct cw_yaml_document *load(struct cw_settings_file *file, const char *path,
                                     const struct cw_yaml_node *from)
{
    struct cw_bytes source;
    char text[CW_SETTINGS_TEXT_LEN];
    const enum cw_err err = cw_settings_slurp(path, MAX_FILE_LEN, file->own, &source);
    if (err != CW_OK) {
        (void)snprintf(text, sizeof(text), "%.120s cannot be read: %s", path,
                       err == CW_ERR_LIMIT ? "it is larger than 1 MiB"
                                           : strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        cw_settings_find(file, from, "E001", text,
                         err == CW_ERR_LIMIT
                             ? "split it: included files may hold the partners"
                             : "correct the path, or let the user of this process read it");
        return NULL;
    }
    if (source.len > MAX_TOTAL_LEN - file->source_len) {
        cw_settings_find(file, from, "E001", "all files together are larger than 16 MiB",
                         "include fewer or smaller files");
        return NULL;
    }
    return cw_settings_add_document(file, path, source);
}

static void add_part(struct cw_settings_file *file, const struct cw_key *key,
                     const struct cw_yaml_node *value)
{
    if (value->kind != CW_YAML_SEQUENCE) {
        cw_settings_complain_kind(file, value, key);
        return;
    }
    struct cw_list_part *part = cw_settings_take(file, file->own, sizeof(*part));
    if (part == NULL) {
        return;
    }
    part->key = key;
    part->sequence = value;
    if (file->last_part == NULL) {
        file->parts = part;
    } else {
        file->last_part->next = part;
    }
    file->last_part = part;
}

static void collect_lists(struct cw_settings_file *file, const struct cw_yaml_node *root,
                          const struct cw_key *keys)
{
    for (const struct cw_key *key = keys; key->name != NULL; key++) {
        const struct cw_yaml_node *value =
            key->type == CW_KEY_LIST ? cw_yaml_lookup(root, key->name) : NULL;
        if (value != NULL) {
            add_part(file, key, value);
        }
    }
}

static void check_included_key(struct cw_settings_file *file, const struct cw_yaml_node *root,
                               const struct cw_yaml_node *name, const struct cw_key *keys)
{
    char text[CW_SETTINGS_TEXT_LEN];
    bool list = false;
    for (const struct cw_key *key = keys; key->name != NULL; key++) {
        list = list || (key->type == CW_KEY_LIST && strcmp(key->name, name->text) == 0);
    }
    if (!list) {
        (void)snprintf(text, sizeof(text), "%.60s does not belong into an included file",
                       name->text);
        cw_settings_find(file, name, "E013", text, "write it into the main file");
    }
    for (const struct cw_yaml_node *other = root->first; other != name; other = other->next->next) {
        if (strcmp(other->text, name->text) == 0) {
            (void)snprintf(text, sizeof(text), "%.60s is written twice; first in line %d",
                           name->text, other->line);
            cw_settings_find(file, name, "E004", text, "keep one of them");
            return;
        }
    }
}

static bool has_mapping(struct cw_settings_file *file, const struct cw_yaml_document *document)
{
    if (document->root == NULL || cw_yaml_is_null(document->root)) {
        return false;
    }
    if (document->root->kind != CW_YAML_MAPPING) {
        cw_settings_find(file, document->root, "E003", "a file is a mapping of keys",
                         "write KEY: VALUE in each line, without a dash before it");
        return false;
    }
    return true;
}

static void include_file(struct cw_settings_file *file, const char *path,
                         const struct cw_yaml_node *from, const struct cw_key *keys)
{
    enum { MOST_KEYS = 16 };
    if (is_read(file, path)) {
        return;
    }
    const struct cw_yaml_document *document = load(file, path, from);
    if (document == NULL || !has_mapping(file, document)) {
        return;
    }
    unsigned count = 0;
    for (const struct cw_yaml_node *name = document->root->first; name != NULL;
         name = name->next->next) {
        if (++count > MOST_KEYS) {
            cw_settings_find(file, name, "E003", "too many keys in one mapping",
                             "an included file holds the key partners only");
            return;
        }
        check_included_key(file, document->root, name, keys);
    }
    collect_lists(file, document->root, keys);
}

/** Relative patterns count from the main file's directory. @return false: too long */
static bool pattern_of(const struct cw_settings_file *file, const char *text,
                       char out[MAX_PATH_LEN])
{
    const char *slash = strrchr(file->main_path, '/');
    const int folder_len = text[0] == '/' || slash == NULL ? 0 : (int)(slash - file->main_path) + 1;
    const int len = snprintf(out, MAX_PATH_LEN, "%.*s%s", folder_len, file->main_path, text);
    return len >= 0 && len < MAX_PATH_LEN;
}

static void include_pattern(struct cw_settings_file *file, const struct cw_yaml_node *node,
                            const struct cw_key *keys)
{
    char pattern[MAX_PATH_LEN];
    glob_t found;
    memset(&found, 0, sizeof(found));
    if (node->kind != CW_YAML_SCALAR || node->len == 0 || !pattern_of(file, node->text, pattern)) {
        cw_settings_find(file, node, "E014", "an include is a path, with * or not",
                         "write e.g. partners.d/*.yaml");
        return;
    }
    const int result = glob(pattern, 0, NULL, &found);
    if (result == GLOB_NOMATCH && strpbrk(pattern, "*?[") == NULL) {
        cw_settings_find(file, node, "E014", "there is no such file",
                         "correct the path; relative ones count from the main file's folder");
    } else if (result != 0 && result != GLOB_NOMATCH) {
        cw_settings_find(file, node, "E014", "this cannot be searched for files",
                         "let the user of this process read the folder");
    }
    for (size_t i = 0; result == 0 && i < found.gl_pathc; i++) {
        include_file(file, found.gl_pathv[i], node, keys);
    }
    globfree(&found);
}

static void include_all(struct cw_settings_file *file, const struct cw_yaml_node *root,
                        const struct cw_key *keys)
{
    const struct cw_yaml_node *value = cw_yaml_lookup(root, "include");
    if (value == NULL) {
        return;
    }
    if (value->kind != CW_YAML_SEQUENCE) {
        cw_settings_find(file, value, "E007", "include is a sequence", "write [path, ...]");
        return;
    }
    for (const struct cw_yaml_node *item = value->first; item != NULL; item = item->next) {
        include_pattern(file, item, keys);
    }
}

static void read_document(struct cw_settings_file *file, const struct cw_yaml_document *document,
                          const struct cw_key *keys, void *out)
{
    const size_t errors = cw_settings_count(file, CW_ERROR);
    const struct cw_yaml_node *root =
        document != NULL && has_mapping(file, document) ? document->root : NULL;
    cw_settings_set_defaults(file, keys, out);
    if (root == NULL && cw_settings_count(file, CW_ERROR) > errors) {
        return; /* what is missing in a file that is no configuration is no news */
    }
    cw_settings_bind(file, root, keys, out, "");
    collect_lists(file, root, keys);
    if (!file->from_memory) {
        include_all(file, root, keys);
    }
    for (const struct cw_key *key = keys; key->name != NULL; key++) {
        if (key->type != CW_KEY_LIST) {
            continue;
        }
        struct cw_list list = {NULL, 0};
        cw_settings_bind_list(file, key, file->parts, &list);
        if (list.count > 0 || key->fallback == NULL) {
            memcpy((char *)out + key->offset, &list, sizeof(list));
        }
        if (list.count == 0 && key->required) {
            cw_settings_miss(file, NULL, key, "");
        }
    }
}

void *cw_settings_take(struct cw_settings_file *file, struct cw_arena *arena, size_t size)
{
    void *memory = cw_arena_alloc(arena, size);
    if (memory == NULL && !file->full) {
        file->full = true;
        cw_settings_finding(file, NULL, CW_ERROR, "E001", "the configuration is too large",
                            "remove entries, or include fewer files");
    }
    return memory;
}

const char *cw_settings_copy(struct cw_settings_file *file, struct cw_arena *arena,
                             struct cw_bytes text)
{
    char *copy = cw_settings_take(file, arena, text.len + 1);
    if (copy != NULL && text.len > 0) {
        memcpy(copy, text.base, text.len);
    }
    return copy;
}

struct cw_yaml_document *cw_settings_add_document(struct cw_settings_file *file, const char *path,
                                                  struct cw_bytes source)
{
    struct cw_yaml_problem problem = {.text = ""};
    struct cw_yaml_document *document = cw_settings_take(file, file->own, sizeof(*document));
    const char *name = cw_settings_copy(file, file->values, (struct cw_bytes){path, strlen(path)});
    if (document == NULL || name == NULL) {
        return NULL;
    }
    document->path = name;
    document->source = source;
    if (file->last == NULL) {
        file->documents = document;
    } else {
        file->last->next = document;
    }
    file->last = document;
    file->file_count++;
    file->source_len += source.len;
    const enum cw_err err = cw_yaml_read(document, file->own, &problem);
    if (err != CW_OK) {
        const struct cw_place place = {name, problem.line, problem.column, NULL};
        document->root = NULL;
        cw_settings_finding(file, &place, CW_ERROR, "E002",
                            err == CW_ERR_LIMIT ? "the file is too large" : problem.text,
                            problem.remedy);
        return NULL;
    }
    return document;
}

enum cw_err cw_settings_slurp(const char *path, size_t max_len, struct cw_arena *arena,
                              struct cw_bytes *out)
{
    FILE *in = fopen(path, "re");
    char *text = in == NULL ? NULL : malloc(max_len + 1);
    if (in == NULL) {
        return CW_ERR_IO;
    }
    if (text == NULL) {
        abort();
    }
    errno = 0;
    const size_t len = fread(text, 1, max_len + 1, in);
    enum cw_err err = ferror(in) != 0 ? CW_ERR_IO : CW_OK;
    const int cause = errno;
    (void)fclose(in);
    char *copy = len > max_len ? NULL : cw_arena_alloc(arena, len + 1);
    if (err == CW_OK && copy == NULL) {
        err = CW_ERR_LIMIT;
    }
    if (err == CW_OK) {
        memcpy(copy, text, len);
        *out = (struct cw_bytes){copy, len};
    }
    free(text);
    errno = cause;
    return err;
}

struct cw_settings_file *cw_settings_new(struct cw_arena *arena)
{
    struct cw_settings_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        abort();
    }
    file->values = arena;
    file->own = cw_arena_new(OWN_LIMIT);
    return file;
}

void cw_settings_free(struct cw_settings_file **file)
{
    if (*file == NULL) {
        return;
    }
    cw_arena_free(&(*file)->own);
    free((*file)->findings);
    free(*file);
    *file = NULL;
}

enum cw_err cw_settings_read(struct cw_settings_file *file, const char *path,
                             const struct cw_key *keys, void *out)
{
    file->main_path = cw_settings_copy(file, file->values, (struct cw_bytes){path, strlen(path)});
    const size_t before = cw_settings_count(file, CW_ERROR);
    const struct cw_yaml_document *document = load(file, path, NULL);
    if (document == NULL && file->documents == NULL) {
        return CW_ERR_IO;
    }
    if (cw_settings_count(file, CW_ERROR) == before) {
        read_document(file, document, keys, out);
    }
    return CW_OK;
}

enum cw_err cw_settings_read_text(struct cw_settings_file *file, const char *path,
                                  struct cw_bytes text, const struct cw_key *keys, void *out)
{
    file->main_path = cw_settings_copy(file, file->values, (struct cw_bytes){path, strlen(path)});
    file->from_memory = true;
    const struct cw_bytes source = {cw_settings_copy(file, file->own, text), text.len};
    const size_t before = cw_settings_count(file, CW_ERROR);
    const struct cw_yaml_document *document = cw_settings_add_document(file, path, source);
    if (cw_settings_count(file, CW_ERROR) == before) {
        read_document(file, document, keys, out);
    }
    return CW_OK;
}
