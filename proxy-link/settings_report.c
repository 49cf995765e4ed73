/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A hopeless file is not worth more; the count line tells the rest. */
enum { MAX_FINDINGS = 1000, MAX_LINE_LEN = 200 };

static const char *const SEVERITY_WORD[] = {
    [CW_NOTE] = "note", [CW_WARNING] = "warning", [CW_ERROR] = "error"};

const struct cw_yaml_document *cw_settings_document(const struct cw_settings_file *file,
                                                    const char *path)
{
    const struct cw_yaml_document *document = file->documents;
    while (document != NULL && path != NULL && strcmp(document->path, path) != 0) {
        document = document->next;
    }
    return path == NULL ? NULL : document;
}

static unsigned order_of(const struct cw_settings_file *file, const char *path)
{
    unsigned order = 0;
    for (const struct cw_yaml_document *document = file->documents; document != NULL;
         document = document->next) {
        if (path == NULL || strcmp(document->path, path) == 0) {
            return order;
        }
        order++;
    }
    return order;
}

static struct cw_finding *add(struct cw_settings_file *file)
{
    if (file->finding_count == file->finding_cap) {
        file->finding_cap = file->finding_cap == 0 ? 16 : file->finding_cap * 2;
        file->findings = realloc(file->findings, file->finding_cap * sizeof(*file->findings));
        if (file->findings == NULL) {
            abort();
        }
    }
    struct cw_finding *finding = &file->findings[file->finding_count];
    memset(finding, 0, sizeof(*finding));
    finding->order = (unsigned)file->finding_count++;
    return finding;
}

static const char *copy(struct cw_settings_file *file, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *made = cw_arena_alloc(file->own, size);
    if (made == NULL) {
        return "";
    }
    memcpy(made, text, size);
    return made;
}

static void record(struct cw_settings_file *file, const struct cw_finding *what)
{
    if (file->finding_count >= MAX_FINDINGS) {
        return;
    }
    struct cw_finding *finding = add(file);
    const unsigned order = finding->order;
    *finding = *what;
    finding->order = order;
    finding->file_order = order_of(file, what->place.file);
    finding->code = copy(file, what->code);
    finding->text = copy(file, what->text);
    finding->remedy = what->remedy == NULL ? NULL : copy(file, what->remedy);
}

static int compare(const void *left, const void *right)
{
    const struct cw_finding *a = left;
    const struct cw_finding *b = right;
    const int differences[] = {
        (a->file_order > b->file_order) - (a->file_order < b->file_order),
        (a->place.line > b->place.line) - (a->place.line < b->place.line),
        (a->place.column > b->place.column) - (a->place.column < b->place.column),
        (a->order > b->order) - (a->order < b->order),
    };
    for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
        if (differences[i] != 0) {
            return differences[i];
        }
    }
    return 0;
}

void cw_settings_sort(const struct cw_settings_file *file)
{
    if (file->finding_count > 0) {
        qsort(file->findings, file->finding_count, sizeof(*file->findings), compare);
    }
}

static struct cw_bytes line_of(struct cw_bytes source, int line)
{
    const char *at = source.base;
    const char *end = source.base + source.len;
    for (int i = 1; i < line && at != NULL && at < end; i++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at == NULL ? end : at + 1;
    }
    if (at == NULL || at >= end) {
        return (struct cw_bytes){NULL, 0};
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    size_t len = (size_t)((stop == NULL ? end : stop) - at);
    if (len > 0 && at[len - 1] == '\r') {
        len--;
    }
    return (struct cw_bytes){at, len};
}

static bool begins_character(char octet)
{
    return ((unsigned char)octet & 0xC0U) != 0x80U;
}

static void put_safe(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char octet = (unsigned char)text[i];
        (void)fputc(octet == 0x7F || (octet < ' ' && octet != '\t') ? '?' : octet, out);
    }
}

/* The caret stands under the place whatever came before it: tabs stay tabs, and a character of
 * several octets counts once. */
static void put_line(FILE *out, struct cw_bytes line, int column, int width)
{
    size_t len = line.len < MAX_LINE_LEN ? line.len : MAX_LINE_LEN;
    while (len > 0 && len < line.len && !begins_character(line.base[len])) {
        len--;
    }
    put_safe(out, line.base, len);
    (void)fputc('\n', out);
    int passed = 1;
    for (size_t at = 0; at < len && passed < column; at++) {
        if (begins_character(line.base[at])) {
            (void)fputc(line.base[at] == '\t' ? '\t' : ' ', out);
            passed++;
        }
    }
    (void)fputc('^', out);
    for (int i = 1; i < width && (size_t)i < MAX_LINE_LEN; i++) {
        (void)fputc('~', out);
    }
    (void)fputc('\n', out);
}

static void put_finding(FILE *out, const struct cw_settings_file *file,
                        const struct cw_finding *finding)
{
    const struct cw_place *place = &finding->place;
    const char *path = place->file == NULL ? file->main_path : place->file;
    const struct cw_yaml_document *document = cw_settings_document(file, place->file);
    (void)fputs(path == NULL ? "configuration" : path, out);
    if (place->line > 0) {
        (void)fprintf(out, ":%d:%d", place->line, place->column);
    }
    (void)fprintf(out, ": %s: %s ", SEVERITY_WORD[finding->severity], finding->code);
    put_safe(out, finding->text, strlen(finding->text));
    (void)fputc('\n', out);
    if (document != NULL && place->line > 0 && !finding->hide) {
        const struct cw_bytes line = line_of(document->source, place->line);
        if (line.base != NULL) {
            put_line(out, line, place->column, finding->width);
        }
    }
    if (finding->remedy != NULL) {
        (void)fputs("    ", out);
        put_safe(out, finding->remedy, strlen(finding->remedy));
        (void)fputc('\n', out);
    }
}

static size_t count_of(const struct cw_settings_file *file, enum cw_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < file->finding_count; i++) {
        count += file->findings[i].severity == severity ? 1 : 0;
    }
    return count;
}

static void put_count(FILE *out, size_t count, const char *word, bool *any)
{
    if (count > 0) {
        (void)fprintf(out, "%s%zu %s%s", *any ? ", " : "", count, word, count == 1 ? "" : "s");
        *any = true;
    }
}

void cw_settings_find(struct cw_settings_file *file, const struct cw_yaml_node *node,
                      const char *code, const char *text, const char *remedy)
{
    const struct cw_place place = cw_settings_place(file, node);
    cw_settings_finding(file, &place, CW_ERROR, code, text, remedy);
}

void cw_settings_warn(struct cw_settings_file *file, const struct cw_yaml_node *node,
                      const char *code, const char *text, const char *remedy)
{
    const struct cw_place place = cw_settings_place(file, node);
    cw_settings_finding(file, &place, CW_WARNING, code, text, remedy);
}

void cw_settings_hide_last(struct cw_settings_file *file)
{
    if (file->finding_count > 0) {
        file->findings[file->finding_count - 1].hide = true;
    }
}

struct cw_place cw_settings_place(struct cw_settings_file *file, const struct cw_yaml_node *node)
{
    if (node == NULL || node->document == NULL) {
        return (struct cw_place){NULL, 0, 0, NULL};
    }
    const struct cw_place place = {node->document->path, node->line, node->column, NULL};
    struct cw_place marked = place;
    struct cw_yaml_node *own = cw_arena_alloc(file->own, sizeof(*own));
    if (own != NULL) {
        *own = *node;
        marked.node = own;
    }
    return marked;
}

void cw_settings_finding(struct cw_settings_file *file, const struct cw_place *place,
                         enum cw_severity severity, const char *code, const char *text,
                         const char *remedy)
{
    struct cw_finding what = {
        .width = 1, .severity = severity, .code = code, .text = text, .remedy = remedy};
    if (place != NULL && place->file != NULL) {
        const struct cw_yaml_node *node = place->node;
        what.place = *place;
        what.width = node != NULL ? node->width : 1;
    }
    record(file, &what);
}

size_t cw_settings_count(const struct cw_settings_file *file, enum cw_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < file->finding_count; i++) {
        count += file->findings[i].severity >= severity ? 1 : 0;
    }
    return count;
}

char *cw_settings_report(const struct cw_settings_file *file)
{
    char *text = NULL;
    size_t len = 0;
    bool any = false;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        abort();
    }
    if (file->finding_count > 0) {
        cw_settings_sort(file);
        for (size_t i = 0; i < file->finding_count; i++) {
            put_finding(out, file, &file->findings[i]);
        }
        put_count(out, count_of(file, CW_ERROR), "error", &any);
        put_count(out, count_of(file, CW_WARNING), "warning", &any);
        put_count(out, count_of(file, CW_NOTE), "note", &any);
        (void)fprintf(out, " in %u file%s%s\n", file->file_count, file->file_count == 1 ? "" : "s",
                      count_of(file, CW_ERROR) > 0 ? "; nothing was changed" : "");
    }
    if (fclose(out) != 0) {
        abort();
    }
    return text;
}
