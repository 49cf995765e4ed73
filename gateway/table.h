/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Values by bytes: an open-addressing hash table with a keyed hash, so that nobody outside can aim
 * at one bucket. Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

struct cw_table;

/** Keyed 64-bit hash of `data` (SipHash-2-4). */
uint64_t cw_table_hash(const uint64_t key[2], struct cw_bytes data);

/** @param key  secret of this table, random for each process */
struct cw_table *cw_table_new(const uint64_t key[2]);

/** Frees and sets NULL; the values are the caller's. */
void cw_table_free(struct cw_table **table);

/** The value of `key`, or NULL. */
void *cw_table_find(const struct cw_table *table, struct cw_bytes key);

/** Adds `value`; `key` must not be in the table and is borrowed until it is removed. */
void cw_table_add(struct cw_table *table, struct cw_bytes key, void *value);

/** Removes `key` if it is there; returns its value or NULL. */
void *cw_table_remove(struct cw_table *table, struct cw_bytes key);

size_t cw_table_count(const struct cw_table *table);

/** The next value from `*cursor` (start at 0) on; NULL at the end. Adding or removing ends the
 * walk. */
void *cw_table_next(const struct cw_table *table, size_t *cursor);
