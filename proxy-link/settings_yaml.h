/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * YAML text as a tree in which every node knows where it was written.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

enum cw_yaml_kind { CW_YAML_SCALAR, CW_YAML_SEQUENCE, CW_YAML_MAPPING };

struct cw_yaml_document {
    const char *path;
    struct cw_bytes source;
    struct cw_yaml_node *root; /**< NULL for an empty document */
    struct cw_yaml_document *next;
};

struct cw_yaml_node {
    enum cw_yaml_kind kind;
    bool plain;       /**< scalar without quotes */
    bool odd;         /**< mapping: its last child is a key */
    const char *text; /**< of a scalar, NUL-terminated */
    size_t len;
    int line;
    int column;
    int width; /**< characters on its first line, 1 at least */
    const struct cw_yaml_document *document;
    struct cw_yaml_node *first; /**< children; of a mapping: key, value, key, value ... */
    struct cw_yaml_node *last;
    struct cw_yaml_node *next;
};

/** What stopped the reading. */
struct cw_yaml_problem {
    int line; /**< from 1; 0 for none */
    int column;
    char text[200];
    const char *remedy; /**< literal; NULL for none */
};

/**
 * Reads `document->source` (which must outlive the tree) into nodes in `arena`.
 * @return CW_OK, CW_ERR_MALFORMED (`*problem` says what and where) or CW_ERR_LIMIT (arena)
 */
CW_MUST_USE enum cw_err cw_yaml_read(struct cw_yaml_document *document, struct cw_arena *arena,
                                     struct cw_yaml_problem *problem);

/** Is it a value that was left out: nothing, "~" or "null" without quotes? */
bool cw_yaml_is_null(const struct cw_yaml_node *node);

/** The value of the first key `name` of `mapping` (NULL: none); NULL when absent or left out. */
const struct cw_yaml_node *cw_yaml_lookup(const struct cw_yaml_node *mapping, const char *name);
