/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Inside of the SQLite store: store_sqlite.c (the writer thread and its queue, relations) and
 * store_policy.c (revisions of the policy).
 */

#include "store.h"

struct sqlite3;

/** A piece of work for the writer thread, and its outcome for the loop. Begins a larger struct. */
struct cw_store_job {
    struct cw_store_job *next;
    /** On the thread, in the transaction of its group. CW_ERR_IO takes the group with it. */
    enum cw_err (*run)(struct cw_store *store, struct cw_store_job *job);
    /** On the loop; frees the job. */
    void (*finish)(struct cw_store_job *job);
    enum cw_err err;
};

/** Queues `job`, which the store owns until `finish`. */
void cw_store_add_job(struct cw_store *store, struct cw_store_job *job);

/** The connection: the writer thread's once it runs. */
struct sqlite3 *cw_store_database(struct cw_store *store);
