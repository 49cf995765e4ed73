/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The permits in force: an own copy of the gateway's last document, looked up by domain, with a
 * lease. No permit, no stream; no gateway for the length of the lease, no permits.
 *
 * Pure: the clock is an argument.
 */

#include <causeway/permit.h>

struct cw_permits_table;

/** Other permits are in force from now on; `before`, to be read until return, has those until now.
 */
typedef void cw_permits_change_fn(const struct cw_permits_table *before, void *user);

/** Nothing permitted, no own domains. */
struct cw_permits_table *cw_permits_table_new(void);

/** Frees and sets NULL. */
void cw_permits_table_free(struct cw_permits_table **table);

/**
 * Puts the document `payload` of a PERMITS frame in force and starts its lease at `now_ms`; then
 * tells `on_change` (may be NULL). Runs that cw_permits_table_find() gave out before are dead
 * afterwards. When the document cannot be read, or names a domain twice, the old one stays in
 * force.
 *
 * @return CW_OK, CW_ERR_MALFORMED or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_permits_table_apply(struct cw_permits_table *table,
                                               struct cw_bytes payload, uint64_t now_ms,
                                               cw_permits_change_fn *on_change, void *user);

/** A gateway is there: the lease begins anew. */
void cw_permits_table_renew(struct cw_permits_table *table, uint64_t now_ms);

/** Drops all permits when the lease is over. @return were there any that it dropped now? */
bool cw_permits_table_expire(struct cw_permits_table *table, uint64_t now_ms,
                             cw_permits_change_fn *on_change, void *user);

/** The permit of a remote domain, borrowed until the next apply or expire; NULL: none. */
const struct cw_permit *cw_permits_table_find(const struct cw_permits_table *table,
                                              struct cw_bytes domain);

/** Is `domain` served here? */
bool cw_permits_table_is_own(const struct cw_permits_table *table, struct cw_bytes domain);

/** The whole document in force, for timeouts, limits and lists; never NULL. */
const struct cw_permits *cw_permits_table_document(const struct cw_permits_table *table);
