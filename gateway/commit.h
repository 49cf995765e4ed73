/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The way of a policy document from a draft into force: durable first, then in force here, then
 * pushed to the edges.
 */

#include "process.h"

struct cw_commit {
    struct cw_policy_document *document; /**< judged by the settings in force; taken over */
    const char *author;
    const char *comment;
    uint64_t rolled_back_to; /**< the revision that it repeats; 0: it is a new one */
};

/** CW_OK: it is in force, process->head says which revision it became; CW_ERR_CONFLICT: somebody
 * else committed first; CW_ERR_IO: the store refuses. */
typedef void cw_commit_done_fn(struct cw_process *process, enum cw_err err, void *user);

/**
 * Begins; `done` comes later, once, from the loop.
 * @return CW_OK, or CW_ERR_BUSY (another commit is under way): `document` stays the caller's and
 * `done` does not come
 */
CW_MUST_USE enum cw_err cw_commit_begin(struct cw_process *process, const struct cw_commit *commit,
                                        cw_commit_done_fn *done, void *user);

/**
 * Reads the newest revision from the store, or an empty one, and puts it in force with the
 * settings; at start.
 * @param problem  malloc'ed findings, the caller frees; NULL unless CW_ERR_CONFIG
 * @return CW_OK, CW_ERR_IO, CW_ERR_CONFIG (it does not go with the files)
 */
CW_MUST_USE enum cw_err cw_commit_resume(struct cw_process *process, char **problem);
