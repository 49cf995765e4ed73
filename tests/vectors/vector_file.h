/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A file of conformance cases (README.md says how one is written) and access to what a case says.
 * A case that is broken ends the program or the case at once: tests are not asked to go on.
 */

#include <causeway/bytes.h>
#include <stdbool.h>
#include <stddef.h>

#include "settings_yaml.h"

/** One case, or one row of a case that has a table: what the row says goes before. */
struct vector {
    const char *id;
    const char *run;     /**< name of the driver that plays it; NULL with `not_run` */
    const char *not_run; /**< why it is not run; NULL if it is */
    const char *path;
    int line;
    size_t row;       /**< from 1; 0: no table */
    size_t row_count; /**< 0: no table */
    const struct cw_yaml_node *body;
    const struct cw_yaml_node *fields; /**< of the row; NULL: no table */
    const struct vector_file *file;
};

struct vector_file;

/** Reads and checks `path`; what is wrong with it is printed, and the program exits with 2. */
struct vector_file *vector_file_read(const char *path);

/** Frees and sets NULL. */
void vector_file_free(struct vector_file **file);

/** Number of cases, and one by position with its row (0 if it has no table). */
size_t vector_count(const struct vector_file *file);
struct vector vector_at(const struct vector_file *file, size_t index, size_t row);

/** Value of the entry `define: name`; NULL if there is none. */
const struct cw_yaml_node *vector_definition(const struct vector *vector, const char *name);

/** Ends the case as failed; the text is printed beside its id. */
_Noreturn void vector_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** What the case says under `name`, of the row before of the case; NULL if nothing, or null. */
const struct cw_yaml_node *vector_get(const struct vector *vector, const char *name);

/** As vector_get(), for a text or number; NULL if there is none. */
const char *vector_text(const struct vector *vector, const char *name);

/** As vector_text(); the case fails if there is none. */
const char *vector_need(const struct vector *vector, const char *name);

/** Is there such a key, even with the value null? */
bool vector_has(const struct vector *vector, const char *name);

/** true, false, or `otherwise` if it is not there. */
bool vector_flag(const struct vector *vector, const char *name, bool otherwise);

/** Keys of the case that nobody has asked for: a misspelt expectation. NULL when there is none. */
const char *vector_unasked(const struct vector *vector);

/** Text of a scalar; the case fails if it is none. */
struct cw_bytes vector_scalar(const struct cw_yaml_node *node);

/** Octets of text like "4b fc f1"; the caller frees the base. */
struct cw_bytes vector_octets(const struct cw_yaml_node *node);

/** The case fails unless each key of `mapping` is one of `names`, which ends with NULL. */
void vector_allow(const struct cw_yaml_node *mapping, const char *const *names);

/** Does `text` fit `pattern`, in which `*` stands for any run? */
bool vector_fits(struct cw_bytes pattern, struct cw_bytes text);
