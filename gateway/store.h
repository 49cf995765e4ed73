/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What survives a restart: for each pair of a local SIP user and a remote XMPP user the two
 * authorizations, the invitation and the block. Writes are asynchronous and committed in groups on
 * a thread of their own; `done` comes on the loop after the commit, so that an effect can wait
 * until it is durable (DESIGN section 7).
 */

#include <causeway/bytes.h>
#include <causeway/error.h>
#include <causeway/log.h>
#include <causeway/metrics.h>
#include <stdint.h>

struct cw_store;
struct uv_loop_s;

enum cw_grant { CW_GRANT_NONE, CW_GRANT_ASKED, CW_GRANT_GRANTED, CW_GRANTS };

struct cw_relation {
    struct cw_bytes local;      /**< canonical address of record, "sip:romeo@contoso.example" */
    struct cw_bytes remote;     /**< bare JID, "juliet@fabrikam.example" */
    enum cw_grant xmpp_watches; /**< remote's authorization to see local (MAPPING 8.3) */
    enum cw_grant sip_watches;  /**< local's authorization to see remote (MAPPING 8.4) */
    bool invited;               /**< local has invited remote (PARTNERS section 3) */
    bool blocked;               /**< local has blocked remote */
    int64_t changed_s;          /**< wall clock, seconds since the epoch */
};

/** The write is durable (CW_OK) or failed for good (CW_ERR_IO). */
typedef void cw_store_done_fn(enum cw_err err, void *user);

/** One stored relation; borrowed until return. */
typedef void cw_store_visit_fn(const struct cw_relation *relation, void *user);

/** Opens or makes the database file. @return CW_OK or CW_ERR_IO (`*problem`: one line) */
CW_MUST_USE enum cw_err cw_store_open(struct uv_loop_s *loop, const char *path, struct cw_log *log,
                                      struct cw_metrics *metrics, struct cw_store **out,
                                      const char **problem);

/** Visits everything stored; at start, before the loop runs. @return CW_OK or CW_ERR_IO */
CW_MUST_USE enum cw_err cw_store_load(struct cw_store *store, cw_store_visit_fn *visit, void *user);

/**
 * Writes `relation` (copied); one with nothing granted, asked, invited or blocked is deleted.
 * Writes of one pair take effect in order. `done` may be NULL.
 */
void cw_store_put(struct cw_store *store, const struct cw_relation *relation,
                  cw_store_done_fn *done, void *user);

/** One revision of the policy document (policy_document.h). */
struct cw_store_policy {
    uint64_t revision;  /**< from 1, without gaps */
    int64_t created_s;  /**< wall clock, seconds since the epoch */
    const char *author; /**< who committed it */
    const char *comment;
    const char *document; /**< JSON; NULL in lists */
};

/** One revision; borrowed until return. */
typedef void cw_store_policy_visit_fn(const struct cw_store_policy *policy, void *user);

/** Visits the newest revision, if there is one; at start, before the loop runs. @return CW_OK or
 * CW_ERR_IO */
CW_MUST_USE enum cw_err cw_store_load_policy(struct cw_store *store,
                                             cw_store_policy_visit_fn *visit, void *user);

/**
 * Adds `policy` (copied) if the newest revision is the one before it. `done` comes on the loop:
 * CW_OK (durable), CW_ERR_CONFLICT (another revision came first) or CW_ERR_IO.
 */
void cw_store_commit_policy(struct cw_store *store, const struct cw_store_policy *policy,
                            cw_store_done_fn *done, void *user);

/**
 * Visits revisions, newest first, from the loop: with `revision` that one whole, with 0 at most
 * `limit` of those below `before` (0: of all) without their documents. Then `done`: CW_OK or
 * CW_ERR_IO.
 */
struct cw_store_query {
    uint64_t revision, before;
    unsigned limit;
};
void cw_store_read_policy(struct cw_store *store, const struct cw_store_query *query,
                          cw_store_policy_visit_fn *visit, cw_store_done_fn *done, void *user);

/** Waits for all writes, closes, frees and sets NULL; every `done` has been called then. */
void cw_store_close(struct cw_store **store);
