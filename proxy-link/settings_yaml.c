/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_yaml.h"

#include <causeway/utf8.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 16 };

struct reader {
    struct cw_yaml_document *document;
    struct cw_arena *arena;
    struct cw_yaml_problem *problem;
    struct cw_yaml_node *open[MAX_DEPTH]; /**< collections not closed yet */
    unsigned depth;
    unsigned documents;
};

static enum cw_err complain(struct reader *reader, int line, int column, const char *text,
                            const char *remedy)
{
    reader->problem->line = line;
    reader->problem->column = column;
    reader->problem->remedy = remedy;
    (void)snprintf(reader->problem->text, sizeof(reader->problem->text), "%s", text);
    return CW_ERR_MALFORMED;
}

/* A block that is the value of a key begins at its first child: it has no sign of its own. */
static bool is_block_value(const struct cw_yaml_node *node, const struct cw_yaml_node *parent,
                           const struct fy_mark *start, const struct fy_mark *end)
{
    return node->kind != CW_YAML_SCALAR && start->input_pos == end->input_pos && parent != NULL &&
           parent->kind == CW_YAML_MAPPING && parent->odd;
}

/* Without a sign of its own a value stands where its key does, or its collection. */
static void place_beside(struct cw_yaml_node *node, const struct cw_yaml_node *parent)
{
    const struct cw_yaml_node *before =
        parent != NULL && parent->last != NULL ? parent->last : parent;
    node->line = before != NULL ? before->line : 1;
    node->column = before != NULL ? before->column : 1;
    node->width = before != NULL ? before->width : 1;
}

static void place(struct reader *reader, struct fy_event *event, struct cw_yaml_node *node)
{
    const struct fy_mark *start = fy_event_start_mark(event);
    const struct fy_mark *end = fy_event_end_mark(event);
    const struct cw_yaml_node *parent = reader->depth > 0 ? reader->open[reader->depth - 1] : NULL;
    if (start == NULL || end == NULL || is_block_value(node, parent, start, end)) {
        place_beside(node, parent);
        return;
    }
    node->line = start->line + 1;
    node->column = start->column + 1;
    node->width =
        end->line == start->line && end->column > start->column ? end->column - start->column : 1;
}

static void attach(struct reader *reader, struct cw_yaml_node *node)
{
    if (reader->depth == 0) {
        reader->document->root = node;
        return;
    }
    struct cw_yaml_node *parent = reader->open[reader->depth - 1];
    if (parent->last == NULL) {
        parent->first = node;
    } else {
        parent->last->next = node;
    }
    parent->last = node;
    parent->odd = !parent->odd;
}

static enum cw_err new_node(struct reader *reader, struct fy_event *event, enum cw_yaml_kind kind,
                            struct cw_yaml_node **out)
{
    struct cw_yaml_node *node = cw_arena_alloc(reader->arena, sizeof(*node));
    if (node == NULL) {
        return CW_ERR_LIMIT;
    }
    node->kind = kind;
    node->document = reader->document;
    node->text = "";
    place(reader, event, node);
    *out = node;
    return CW_OK;
}

static enum cw_err read_scalar(struct reader *reader, struct fy_event *event)
{
    struct cw_yaml_node *node = NULL;
    CW_TRY(new_node(reader, event, CW_YAML_SCALAR, &node));
    if (event->scalar.anchor != NULL || event->scalar.tag != NULL) {
        return complain(reader, node->line, node->column, "anchors and tags are not used here",
                        "write the value alone; quote it if it begins with & or !");
    }
    size_t len = 0;
    const char *text = fy_token_get_text(event->scalar.value, &len);
    if (text != NULL && len > 0) {
        char *copy = cw_arena_alloc(reader->arena, len + 1);
        if (copy == NULL) {
            return CW_ERR_LIMIT;
        }
        memcpy(copy, text, len);
        if (memchr(copy, '\0', len) != NULL) {
            return complain(reader, node->line, node->column, "a NUL character is not text",
                            "take it out");
        }
        node->text = copy;
        node->len = len;
    }
    node->plain =
        event->scalar.value == NULL || fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
    attach(reader, node);
    return CW_OK;
}

static enum cw_err open_collection(struct reader *reader, struct fy_event *event,
                                   enum cw_yaml_kind kind, bool marked)
{
    struct cw_yaml_node *node = NULL;
    CW_TRY(new_node(reader, event, kind, &node));
    if (marked) {
        return complain(reader, node->line, node->column, "anchors and tags are not used here",
                        "write the value alone; quote it if it begins with & or !");
    }
    if (reader->depth == MAX_DEPTH) {
        return complain(reader, node->line, node->column, "nested too deep",
                        "16 levels are the most; close what was opened before");
    }
    attach(reader, node);
    reader->open[reader->depth++] = node;
    return CW_OK;
}

static enum cw_err read_event(struct reader *reader, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    const int line = mark != NULL ? mark->line + 1 : 1;
    const int column = mark != NULL ? mark->column + 1 : 1;
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return reader->documents++ == 0
                   ? CW_OK
                   : complain(reader, line, column, "a file holds one document",
                              "take out the line --- and what follows it");
    case FYET_SCALAR:
        return read_scalar(reader, event);
    case FYET_MAPPING_START:
        return open_collection(reader, event, CW_YAML_MAPPING,
                               event->mapping_start.anchor != NULL ||
                                   event->mapping_start.tag != NULL);
    case FYET_SEQUENCE_START:
        return open_collection(reader, event, CW_YAML_SEQUENCE,
                               event->sequence_start.anchor != NULL ||
                                   event->sequence_start.tag != NULL);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        reader->depth--;
        return CW_OK;
    case FYET_ALIAS:
        return complain(reader, line, column, "aliases are not used here",
                        "write the value itself; quote it if it begins with *");
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
    return CW_OK;
}

static enum cw_err first_error(struct reader *reader, struct fy_diag *diag)
{
    void *at = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
    if (error == NULL) {
        return complain(reader, 1, 1, "this is not YAML", NULL);
    }
    return complain(reader, error->line, error->column, error->msg,
                    "indent with spaces, alike in one mapping; quote text with : # [ ] { }");
}

static enum cw_err read_events(struct reader *reader, struct fy_parser *parser,
                               struct fy_diag *diag)
{
    for (;;) {
        struct fy_event *event = fy_parser_parse(parser);
        if (event == NULL) {
            return fy_parser_get_stream_error(parser) ? first_error(reader, diag) : CW_OK;
        }
        const enum cw_err err = read_event(reader, event);
        fy_parser_event_free(parser, event);
        if (err != CW_OK) {
            return err;
        }
    }
}

/* libfyaml takes bytes that are no UTF-8, or a NUL, for the end of a value. */
static enum cw_err check_bytes(struct reader *reader, struct cw_bytes source)
{
    int line = 1;
    size_t start = 0;
    for (size_t i = 0; i <= source.len; i++) {
        if (i < source.len && source.base[i] != '\n') {
            continue;
        }
        const struct cw_bytes text = {source.base + start, i - start};
        if (!cw_utf8_valid(text)) {
            return complain(reader, line, 1, "this line is not UTF-8", "save the file as UTF-8");
        }
        if (text.len > 0 && memchr(text.base, '\0', text.len) != NULL) {
            return complain(reader, line, 1, "this line holds a NUL character",
                            "save the file as UTF-8, without NUL characters");
        }
        start = i + 1;
        line++;
    }
    return CW_OK;
}

enum cw_err cw_yaml_read(struct cw_yaml_document *document, struct cw_arena *arena,
                         struct cw_yaml_problem *problem)
{
    struct reader reader = {.document = document, .arena = arena, .problem = problem};
    if (document->source.len == 0) {
        return CW_OK;
    }
    CW_TRY(check_bytes(&reader, document->source));
    struct fy_diag_cfg diag_settings;
    fy_diag_cfg_default(&diag_settings);
    diag_settings.fp = NULL;
    diag_settings.colorize = false;
    struct fy_diag *diag = fy_diag_create(&diag_settings);
    if (diag == NULL) {
        abort();
    }
    fy_diag_set_collect_errors(diag, true);
    const struct fy_parse_cfg settings = {
        .flags =
            (enum fy_parse_cfg_flags)(FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2),
        .diag = diag};
    struct fy_parser *parser = fy_parser_create(&settings);
    if (parser == NULL ||
        fy_parser_set_string(parser, document->source.base, document->source.len) != 0) {
        abort();
    }
    const enum cw_err err = read_events(&reader, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return err;
}

bool cw_yaml_is_null(const struct cw_yaml_node *node)
{
    return node->kind == CW_YAML_SCALAR && node->plain &&
           (node->len == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const struct cw_yaml_node *cw_yaml_lookup(const struct cw_yaml_node *mapping, const char *name)
{
    const struct cw_yaml_node *word = mapping == NULL ? NULL : mapping->first;
    for (; word != NULL; word = word->next->next) {
        if (word->kind == CW_YAML_SCALAR && strcmp(word->text, name) == 0) {
            return cw_yaml_is_null(word->next) ? NULL : word->next;
        }
    }
    return NULL;
}
