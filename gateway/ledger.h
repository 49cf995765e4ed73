/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * How many writes were begun and how many are durable. The store reports them in the order in
 * which they were begun, so one number tells which. A write that failed for good counts as
 * reported: nothing is gained by waiting for it. Pure.
 */

#include "store.h"

struct cw_ledger;

struct cw_ledger *cw_ledger_new(void);

/** Ends it and sets NULL; its memory goes with the last write that is still under way. */
void cw_ledger_free(struct cw_ledger **ledger);

/** `on_report` is called after each report from now on. */
void cw_ledger_watch(struct cw_ledger *ledger, void (*on_report)(void *user), void *user);

/** A write begins; give cw_ledger_report() and the result to cw_store_put(). `done` may be NULL. */
void *cw_ledger_begin(struct cw_ledger *ledger, cw_store_done_fn *done, void *user);

/** A cw_store_done_fn for what cw_ledger_begin() made: counts, calls what was given to
 * cw_ledger_begin(), tells the watcher. */
void cw_ledger_report(enum cw_err err, void *user);

uint64_t cw_ledger_begun(const struct cw_ledger *ledger);
uint64_t cw_ledger_reported(const struct cw_ledger *ledger);
