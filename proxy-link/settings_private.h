/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Inside of the configuration reader: settings_read.c (files and includes), settings_bind.c (tree
 * and table to struct), settings_value.c (scalars), settings_secret.c, settings_report.c.
 */

#include "settings_yaml.h"

#include <causeway/settings_file.h>

struct cw_finding {
    struct cw_place place;
    int width;
    enum cw_severity severity;
    const char *code;
    const char *text;
    const char *remedy;
    bool hide; /**< the line holds a secret */
    unsigned file_order;
    unsigned order;
};

/** One file's value of a list key of the top level, until all files are read. */
struct cw_list_part {
    const struct cw_key *key;
    const struct cw_yaml_node *sequence;
    struct cw_list_part *next;
};

struct cw_settings_file {
    struct cw_arena *values; /**< the caller's */
    struct cw_arena *own;    /**< sources, trees, findings */
    const char *main_path;
    struct cw_yaml_document *documents; /**< in order of reading */
    struct cw_yaml_document *last;
    unsigned file_count;
    size_t source_len;
    struct cw_list_part *parts;
    struct cw_list_part *last_part;
    struct cw_finding *findings;
    size_t finding_count;
    size_t finding_cap;
    bool full;        /**< the arena's limit was met, and told */
    bool from_memory; /**< text of somebody else: it must not name files */
};

enum { CW_SETTINGS_TEXT_LEN = 256 };

/** Memory of `arena`; NULL with a finding when its limit is passed. */
void *cw_settings_take(struct cw_settings_file *file, struct cw_arena *arena, size_t size);

/** A copy in `arena`, NUL-terminated; NULL as above. */
const char *cw_settings_copy(struct cw_settings_file *file, struct cw_arena *arena,
                             struct cw_bytes text);

/** A finding at `node`; NULL: the main file as a whole. `remedy` may be NULL. */
void cw_settings_find(struct cw_settings_file *file, const struct cw_yaml_node *node,
                      const char *code, const char *text, const char *remedy);

/** The same as a warning. */
void cw_settings_warn(struct cw_settings_file *file, const struct cw_yaml_node *node,
                      const char *code, const char *text, const char *remedy);

/** The document that was read from `path`; NULL if none was. */
const struct cw_yaml_document *cw_settings_document(const struct cw_settings_file *file,
                                                    const char *path);

/** Puts the findings into the order of files and places. */
void cw_settings_sort(const struct cw_settings_file *file);

/** The last finding's line is not to be shown. */
void cw_settings_hide_last(struct cw_settings_file *file);

/** Where `node` was written; all zero for NULL. */
struct cw_place cw_settings_place(struct cw_settings_file *file, const struct cw_yaml_node *node);

/** Reads a mapping by `keys` into `out`. `node` NULL: absent. `path` of the mapping: "sip." or "".
 */
void cw_settings_bind(struct cw_settings_file *file, const struct cw_yaml_node *node,
                      const struct cw_key *keys, void *out, const char *path);

/** Sets the defaults of `keys` in `out`, nested maps included. */
void cw_settings_set_defaults(struct cw_settings_file *file, const struct cw_key *keys, void *out);

/** Converts the items of `parts`, all of one key, into one list. */
void cw_settings_bind_list(struct cw_settings_file *file, const struct cw_key *key,
                           const struct cw_list_part *parts, void *out);

/** Converts a scalar node into the struct; a finding if it does not fit. */
void cw_settings_bind_scalar(struct cw_settings_file *file, const struct cw_yaml_node *node,
                             const struct cw_key *key, void *value);

/** The value of a default's text; the table is ours, so a bad one aborts. */
void cw_settings_bind_fallback(struct cw_settings_file *file, const struct cw_key *key,
                               void *value);

/** CW_KEY_SECRET and CW_KEY_SECRET_PATH. */
void cw_settings_bind_secret(struct cw_settings_file *file, const struct cw_yaml_node *node,
                             const struct cw_key *key, void *value);

/** The finding "PATHkey is missing"; `mapping` as in cw_settings_find(). */
void cw_settings_miss(struct cw_settings_file *file, const struct cw_yaml_node *mapping,
                      const struct cw_key *key, const char *path);

/** The finding that `node` is not of the kind that `key` wants. */
void cw_settings_complain_kind(struct cw_settings_file *file, const struct cw_yaml_node *node,
                               const struct cw_key *key);

/** The word nearest to `word` among `count` words at `words`, or NULL if none is near. */
const char *cw_settings_nearest(const char *word, const char *const *words, size_t count);

/** Adds a document of `source` (owned by `file->own`) and reads its tree. */
struct cw_yaml_document *cw_settings_add_document(struct cw_settings_file *file, const char *path,
                                                  struct cw_bytes source);

/** Reads a whole file into memory of `arena`, at most `max_len` octets. @return CW_OK, CW_ERR_IO,
 * CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_settings_slurp(const char *path, size_t max_len, struct cw_arena *arena,
                                          struct cw_bytes *out);
