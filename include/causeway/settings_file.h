/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Reads YAML configuration against a table of keys and reports every finding at once, each with
 * file, line, column, the line itself with a caret, a code and a remedy (OPERATOR.md 2.1).
 *
 * A table (struct cw_key[], ended by a NULL name) describes a mapping: scalars are converted and
 * bounded, unknown and repeated keys are errors with "did you mean". Values land in a caller's
 * struct by offset; a value with a finding, an absent key and a key without a value leave the
 * default. Tables nest: the offsets in the table of a CW_KEY_MAP count from the map's own offset,
 * those of a CW_KEY_LIST from the start of each item. Required keys of an absent map are missed
 * too.
 *
 * Of YAML 1.2 anchors, aliases, tags and several documents in a file are refused. Sizes: 1 MiB a
 * file, 16 MiB all together, depth 16.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

enum cw_key_type {
    CW_KEY_TEXT,        /**< const char *, in the arena; NULL when absent without default */
    CW_KEY_BOOL,        /**< bool; true or false */
    CW_KEY_INTEGER,     /**< int64_t, bounds min..max */
    CW_KEY_DURATION,    /**< int64_t milliseconds, bounds min..max; units ms s m h d */
    CW_KEY_SIZE,        /**< int64_t octets, bounds min..max; units B KiB MiB GiB */
    CW_KEY_CHOICE,      /**< int, index into `choices` */
    CW_KEY_TEXTS,       /**< struct cw_texts: sequence of strings */
    CW_KEY_SECRET,      /**< const char *: contents of "file:PATH" or "credential:NAME", without
                             white space at the end; at most 64 KiB */
    CW_KEY_SECRET_PATH, /**< const char *: the path that "file:PATH" or "credential:NAME" means */
    CW_KEY_MAP,         /**< nested table at offset */
    CW_KEY_LIST         /**< struct cw_list: sequence of mappings, each read by the nested table */
};

struct cw_texts {
    const char *const *items;
    const struct cw_place *places; /**< where each was written */
    size_t count;
};

struct cw_list {
    void *items; /**< `count` structs of `item_size`; NULL when empty */
    size_t count;
};

/** Where a value was written; `file` is NULL for a default. */
struct cw_place {
    const char *file;
    int line;
    int column; /**< in characters, from 1 */
    void *node; /**< for cw_settings_finding() only */
};

struct cw_key {
    const char *name;
    enum cw_key_type type;
    size_t offset;       /**< of the value in the struct */
    size_t place_offset; /**< of a struct cw_place, or CW_NO_PLACE */
    bool required;
    const char *fallback;       /**< default: the scalar's text, or a flow sequence; NULL: zero */
    const char *const *choices; /**< CW_KEY_CHOICE, ends with NULL */
    int64_t min, max;           /**< both 0: no bounds */
    const struct cw_key *keys;  /**< CW_KEY_MAP, CW_KEY_LIST; ends with a NULL name */
    size_t item_size;           /**< CW_KEY_LIST: size of one struct */
    const char *help;           /**< one line, for --print-default-config and the man page */
};
#define CW_NO_PLACE ((size_t)-1)

enum cw_severity { CW_NOTE, CW_WARNING, CW_ERROR };

struct cw_settings_file;

/** An empty set of documents; `arena` owns all values read. */
struct cw_settings_file *cw_settings_new(struct cw_arena *arena);

/** Frees and sets NULL; values stay in the arena, places lose their node. */
void cw_settings_free(struct cw_settings_file **file);

/**
 * Reads `path` by `keys` into `out`. Findings are collected, not printed.
 *
 * The key `include` of the main file (a sequence of globs; relative ones from the main file's
 * directory) is followed in name order, a file at most once. An included file may hold the top
 * level's CW_KEY_LIST keys only, and their items are appended.
 *
 * @return CW_OK (also with findings), CW_ERR_IO when `path` cannot be read (a finding says so)
 */
CW_MUST_USE enum cw_err cw_settings_read(struct cw_settings_file *file, const char *path,
                                         const struct cw_key *keys, void *out);

/** The same for text that is in memory; `path` names it in findings. An `include` is an unknown key
 * there: text of others must not name our files. @return CW_OK */
CW_MUST_USE enum cw_err cw_settings_read_text(struct cw_settings_file *file, const char *path,
                                              struct cw_bytes text, const struct cw_key *keys,
                                              void *out);

/**
 * Adds a finding of the caller at `place`: "E104", what is wrong, and what to do about it (NULL:
 * nothing to add). Texts are copied. A place without file, or NULL, means the main file as a whole.
 */
void cw_settings_finding(struct cw_settings_file *file, const struct cw_place *place,
                         enum cw_severity severity, const char *code, const char *text,
                         const char *remedy);

/** Number of findings of at least `severity`. */
size_t cw_settings_count(const struct cw_settings_file *file, enum cw_severity severity);

/** One finding, for programs; all borrowed until return. */
struct cw_settings_told {
    enum cw_severity severity;
    const char *code;
    const char *text;
    const char *remedy;  /**< "" without */
    const char *pointer; /**< JSON Pointer (RFC 6901) of the place, e.g. "/partners/0/sasl"; "" for
                            the whole */
    struct cw_place place;
};
typedef void cw_settings_visit_fn(const struct cw_settings_told *told, void *user);

/** Visits all findings by file and place. */
void cw_settings_visit(const struct cw_settings_file *file, cw_settings_visit_fn *visit,
                       void *user);

/**
 * All findings as printed by --check-config, by file and line, each with line and caret, and the
 * count line at the end. The line of a secret is not shown.
 * @return malloc'ed text, the caller frees; empty without findings
 */
char *cw_settings_report(const struct cw_settings_file *file);

/** The table with its defaults as commented YAML (--print-default-config); malloc'ed. */
char *cw_settings_defaults(const struct cw_key *keys);

/** Reads "host:port" or "[v6]:port"; port 0 to 65535. @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_settings_address(const char *text, char *host, size_t host_size,
                                            uint16_t *port);
