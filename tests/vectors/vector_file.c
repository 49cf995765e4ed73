/* SPDX-License-Identifier: Apache-2.0 */
#include "vector_file.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)32 << 20)
#define CASES_MAX  200
#define ASKED_MAX  64

struct vector_file {
    const char *path;
    char *text;
    struct cw_yaml_document document;
    struct cw_arena *memory;
    const struct cw_yaml_node *cases[CASES_MAX];
    size_t count;
};

/* Names that say what a case is, and nothing about how it is played. */
static const char *const HEADINGS[] = {"id",   "rules", "level", "dir",    "title",
                                       "note", "run",   "table", "not_run"};

/* What the case in hand was asked for; a process plays one case at a time. */
static const char *asked[ASKED_MAX];
static size_t asked_count;

_Noreturn static void refuse(const struct vector_file *file, int line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)fprintf(stderr, "%s:%d: ", file->path, line);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

_Noreturn void vector_fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    (void)fflush(stdout);
    _Exit(1);
}

/* ---- reading ---- */

static struct cw_bytes read_all(struct vector_file *file)
{
    FILE *in = fopen(file->path, "rb");
    long len;

    if (in == NULL || fseek(in, 0, SEEK_END) != 0 || (len = ftell(in)) < 0) {
        refuse(file, 0, "cannot be read");
    }
    rewind(in);
    file->text = malloc((size_t)len + 1);
    if (file->text == NULL || fread(file->text, 1, (size_t)len, in) != (size_t)len) {
        refuse(file, 0, "cannot be read");
    }
    (void)fclose(in);
    return (struct cw_bytes){file->text, (size_t)len};
}

static bool is_list(const struct cw_yaml_node *node)
{
    return node != NULL && node->kind == CW_YAML_SEQUENCE && node->first != NULL;
}

static void check_table(const struct vector_file *file, const struct cw_yaml_node *node)
{
    const struct cw_yaml_node *table = cw_yaml_lookup(node, "table");

    if (table != NULL && !is_list(table)) {
        refuse(file, table->line, "`table` is a list of mappings");
    }
    for (const struct cw_yaml_node *row = table == NULL ? NULL : table->first; row != NULL;
         row = row->next) {
        if (row->kind != CW_YAML_MAPPING) {
            refuse(file, row->line, "a row of `table` is a mapping");
        }
    }
}

static void check_case(const struct vector_file *file, const struct cw_yaml_node *node)
{
    static const char *const NEEDED[] = {"id", "level"};

    for (size_t i = 0; i < sizeof(NEEDED) / sizeof(NEEDED[0]); i++) {
        const struct cw_yaml_node *value = cw_yaml_lookup(node, NEEDED[i]);

        if (value == NULL || value->kind != CW_YAML_SCALAR) {
            refuse(file, node->line, "a case needs `%s`", NEEDED[i]);
        }
    }
    if (!is_list(cw_yaml_lookup(node, "rules"))) {
        refuse(file, node->line, "a case needs `rules`, a list of tags");
    }
    if ((cw_yaml_lookup(node, "run") == NULL) == (cw_yaml_lookup(node, "not_run") == NULL)) {
        refuse(file, node->line, "a case has either `run` or `not_run`");
    }
    check_table(file, node);
}

static void check_unique(const struct vector_file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        const char *id = cw_yaml_lookup(file->cases[i], "id")->text;

        for (size_t j = 0; j < i; j++) {
            if (strcmp(cw_yaml_lookup(file->cases[j], "id")->text, id) == 0) {
                refuse(file, file->cases[i]->line, "%s stands here twice", id);
            }
        }
    }
}

static void collect(struct vector_file *file)
{
    if (!is_list(file->document.root)) {
        refuse(file, 1, "a file is a list of cases");
    }
    for (const struct cw_yaml_node *at = file->document.root->first; at != NULL; at = at->next) {
        if (at->kind != CW_YAML_MAPPING) {
            refuse(file, at->line, "a case is a mapping");
        }
        if (cw_yaml_lookup(at, "define") != NULL) {
            continue;
        }
        if (file->count == CASES_MAX) {
            refuse(file, at->line, "more than %d cases", CASES_MAX);
        }
        check_case(file, at);
        file->cases[file->count++] = at;
    }
    check_unique(file);
}

struct vector_file *vector_file_read(const char *path)
{
    struct vector_file *file = calloc(1, sizeof(*file));
    struct cw_yaml_problem problem = {0};

    if (file == NULL) {
        abort();
    }
    file->path = path;
    file->memory = cw_arena_new(MEMORY_MAX);
    file->document.path = path;
    file->document.source = read_all(file);
    if (cw_yaml_read(&file->document, file->memory, &problem) != CW_OK) {
        refuse(file, problem.line, "%s", problem.text);
    }
    collect(file);
    return file;
}

void vector_file_free(struct vector_file **file)
{
    cw_arena_free(&(*file)->memory);
    free((*file)->text);
    free(*file);
    *file = NULL;
}

/* ---- cases ---- */

size_t vector_count(const struct vector_file *file)
{
    return file->count;
}

static const char *heading(const struct cw_yaml_node *node, const char *name)
{
    const struct cw_yaml_node *value = cw_yaml_lookup(node, name);

    return value == NULL ? NULL : value->text;
}

struct vector vector_at(const struct vector_file *file, size_t index, size_t row)
{
    const struct cw_yaml_node *body = file->cases[index];
    const struct cw_yaml_node *table = cw_yaml_lookup(body, "table");
    struct vector vector = {
        .id = heading(body, "id"),
        .run = heading(body, "run"),
        .not_run = heading(body, "not_run"),
        .path = file->path,
        .line = body->line,
        .row = row,
        .body = body,
        .file = file,
    };

    for (const struct cw_yaml_node *at = table == NULL ? NULL : table->first; at != NULL;
         at = at->next) {
        vector.row_count++;
        if (vector.row_count == row) {
            vector.fields = at;
            vector.line = at->line;
        }
    }
    asked_count = 0;
    return vector;
}

const struct cw_yaml_node *vector_definition(const struct vector *vector, const char *name)
{
    for (const struct cw_yaml_node *at = vector->file->document.root->first; at != NULL;
         at = at->next) {
        const struct cw_yaml_node *define = cw_yaml_lookup(at, "define");

        if (define != NULL && strcmp(define->text, name) == 0) {
            return cw_yaml_lookup(at, "is");
        }
    }
    return NULL;
}

/* The key `name`; its value is the next node, which may be null. */
static const struct cw_yaml_node *find(const struct cw_yaml_node *mapping, const char *name)
{
    const struct cw_yaml_node *key = mapping == NULL ? NULL : mapping->first;

    while (key != NULL && strcmp(key->text, name) != 0) {
        key = key->next->next;
    }
    return key;
}

static const struct cw_yaml_node *look(const struct vector *vector, const char *name)
{
    const struct cw_yaml_node *key = find(vector->fields, name);

    if (key == NULL) {
        key = find(vector->body, name);
    }
    if (key != NULL && asked_count < ASKED_MAX) {
        asked[asked_count++] = key->text;
    }
    return key == NULL ? NULL : key->next;
}

bool vector_has(const struct vector *vector, const char *name)
{
    return look(vector, name) != NULL;
}

const struct cw_yaml_node *vector_get(const struct vector *vector, const char *name)
{
    const struct cw_yaml_node *node = look(vector, name);

    return node == NULL || cw_yaml_is_null(node) ? NULL : node;
}

const char *vector_text(const struct vector *vector, const char *name)
{
    const struct cw_yaml_node *node = vector_get(vector, name);

    if (node != NULL && node->kind != CW_YAML_SCALAR) {
        vector_fail("line %d: `%s` is a text", node->line, name);
    }
    return node == NULL ? NULL : node->text;
}

const char *vector_need(const struct vector *vector, const char *name)
{
    const char *text = vector_text(vector, name);

    if (text == NULL) {
        vector_fail("`%s` is missing", name);
    }
    return text;
}

bool vector_flag(const struct vector *vector, const char *name, bool otherwise)
{
    const char *text = vector_text(vector, name);

    if (text == NULL) {
        return otherwise;
    }
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
        vector_fail("`%s` is true or false", name);
    }
    return strcmp(text, "true") == 0;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *unasked_of(const struct cw_yaml_node *mapping)
{
    for (const struct cw_yaml_node *key = mapping == NULL ? NULL : mapping->first; key != NULL;
         key = key->next->next) {
        if (!is_one_of(key->text, HEADINGS, sizeof(HEADINGS) / sizeof(HEADINGS[0])) &&
            !is_one_of(key->text, asked, asked_count)) {
            return key->text;
        }
    }
    return NULL;
}

const char *vector_unasked(const struct vector *vector)
{
    const char *name = unasked_of(vector->fields);

    return name != NULL ? name : unasked_of(vector->body);
}

void vector_allow(const struct cw_yaml_node *mapping, const char *const *names)
{
    size_t count = 0;

    while (names[count] != NULL) {
        count++;
    }
    for (const struct cw_yaml_node *key = mapping->first; key != NULL; key = key->next->next) {
        if (!is_one_of(key->text, names, count)) {
            vector_fail("line %d: `%s` is not understood here", key->line, key->text);
        }
    }
}

/* ---- values ---- */

struct cw_bytes vector_scalar(const struct cw_yaml_node *node)
{
    if (node->kind != CW_YAML_SCALAR) {
        vector_fail("line %d: a text belongs here", node->line);
    }
    return (struct cw_bytes){node->text, node->len};
}

static int digit(char c)
{
    const char *const digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);

    return at == NULL ? -1 : (int)(at - digits);
}

struct cw_bytes vector_octets(const struct cw_yaml_node *node)
{
    const struct cw_bytes text = vector_scalar(node);
    char *made = malloc(text.len + 1);
    size_t digits = 0;

    if (made == NULL) {
        abort();
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] == ' ' || text.base[i] == '\n') {
            continue;
        }
        if (digit(text.base[i]) < 0) {
            vector_fail("line %d: not hex", node->line);
        }
        if (digits % 2 == 0) {
            made[digits / 2] = (char)(digit(text.base[i]) << 4);
        } else {
            made[digits / 2] = (char)(made[digits / 2] | digit(text.base[i]));
        }
        digits++;
    }
    if (digits % 2 != 0) {
        vector_fail("line %d: half an octet", node->line);
    }
    made[digits / 2] = '\0';
    return (struct cw_bytes){made, digits / 2};
}

bool vector_fits(struct cw_bytes pattern, struct cw_bytes text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX; /* behind the last `*` ... */
    size_t mark = 0;        /* ... and how much of the text it has eaten */

    while (t < text.len) {
        if (p < pattern.len && pattern.base[p] == '*') {
            star = ++p;
            mark = t;
        } else if (p < pattern.len && pattern.base[p] == text.base[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.base[p] == '*') {
        p++;
    }
    return p == pattern.len;
}
