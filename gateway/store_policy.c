/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Revisions of the policy in the SQLite store. They are never changed nor removed: the history is
 * the record of who did what.
 */

#include "store_private.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "SELECT revision, created_s, author, comment, "

static const char *const NEWEST = COLUMNS "document FROM cw_policy ORDER BY revision DESC LIMIT 1";
static const char *const ONE = COLUMNS "document FROM cw_policy WHERE revision = ?1";
static const char *const SOME =
    COLUMNS "NULL FROM cw_policy WHERE ?1 = 0 OR revision < ?1 ORDER BY revision DESC LIMIT ?2";
static const char *const INSERT =
    "INSERT INTO cw_policy(revision, created_s, author, comment, document)"
    " SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT coalesce(max(revision), 0) FROM cw_policy) = ?1 - 1";

struct commit {
    struct cw_store_job job;
    struct cw_store_policy policy; /* its texts are owned */
    cw_store_done_fn *done;
    void *user;
};

/* A row that was read, for the loop. */
struct row {
    struct row *next;
    struct cw_store_policy policy; /* its texts are owned */
};

struct reading {
    struct cw_store_job job;
    struct cw_store_query query;
    struct row *rows;
    struct row **tail;
    cw_store_policy_visit_fn *visit;
    cw_store_done_fn *done;
    void *user;
};

static void *take(size_t size)
{
    void *const memory = calloc(1, size);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static char *copy(const char *text)
{
    const size_t size = strlen(text) + 1;

    return memcpy(take(size), text, size);
}

static struct cw_store_policy copy_policy(const struct cw_store_policy *in)
{
    struct cw_store_policy out = *in;

    out.author = copy(in->author);
    out.comment = copy(in->comment);
    out.document = in->document == NULL ? NULL : copy(in->document);
    return out;
}

/* The texts of a copy are ours, whatever the type says. */
static void free_text(const char *text)
{
    union {
        const char *from;
        char *to;
    } both = {.from = text};

    free(both.to);
}

static void clear_policy(const struct cw_store_policy *policy)
{
    free_text(policy->author);
    free_text(policy->comment);
    free_text(policy->document);
}

static const char *text_at(sqlite3_stmt *statement, int index)
{
    const char *const text = (const char *)sqlite3_column_text(statement, index);

    return text == NULL ? "" : text;
}

static struct cw_store_policy row_of(sqlite3_stmt *statement)
{
    return (struct cw_store_policy){
        .revision = (uint64_t)sqlite3_column_int64(statement, 0),
        .created_s = sqlite3_column_int64(statement, 1),
        .author = text_at(statement, 2),
        .comment = text_at(statement, 3),
        .document = sqlite3_column_type(statement, 4) == SQLITE_NULL ? NULL : text_at(statement, 4),
    };
}

enum cw_err cw_store_load_policy(struct cw_store *store, cw_store_policy_visit_fn *visit,
                                 void *user)
{
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_ERROR;

    if (sqlite3_prepare_v2(cw_store_database(store), NEWEST, -1, &statement, NULL) == SQLITE_OK) {
        step = sqlite3_step(statement);
    }
    if (step == SQLITE_ROW) {
        const struct cw_store_policy policy = row_of(statement);

        visit(&policy, user);
        step = SQLITE_DONE;
    }
    sqlite3_finalize(statement);
    return step == SQLITE_DONE ? CW_OK : CW_ERR_IO;
}

static bool bind_commit(sqlite3_stmt *statement, const struct cw_store_policy *policy)
{
    return sqlite3_bind_int64(statement, 1, (sqlite3_int64)policy->revision) == SQLITE_OK &&
           sqlite3_bind_int64(statement, 2, policy->created_s) == SQLITE_OK &&
           sqlite3_bind_text(statement, 3, policy->author, -1, SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_bind_text(statement, 4, policy->comment, -1, SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_bind_text(statement, 5, policy->document, -1, SQLITE_STATIC) == SQLITE_OK;
}

static enum cw_err run_commit(struct cw_store *store, struct cw_store_job *job)
{
    const struct commit *const commit = (const struct commit *)job;
    sqlite3 *const db = cw_store_database(store);
    sqlite3_stmt *statement = NULL;
    enum cw_err err = CW_ERR_IO;

    if (sqlite3_prepare_v2(db, INSERT, -1, &statement, NULL) == SQLITE_OK &&
        bind_commit(statement, &commit->policy) && sqlite3_step(statement) == SQLITE_DONE) {
        err = sqlite3_changes(db) == 1 ? CW_OK : CW_ERR_CONFLICT;
    }
    sqlite3_finalize(statement);
    return err;
}

static void finish_commit(struct cw_store_job *job)
{
    struct commit *const commit = (struct commit *)job;

    commit->done(job->err, commit->user);
    clear_policy(&commit->policy);
    free(commit);
}

void cw_store_commit_policy(struct cw_store *store, const struct cw_store_policy *policy,
                            cw_store_done_fn *done, void *user)
{
    struct commit *const commit = take(sizeof(*commit));

    commit->job.run = run_commit;
    commit->job.finish = finish_commit;
    commit->policy = copy_policy(policy);
    commit->done = done;
    commit->user = user;
    cw_store_add_job(store, &commit->job);
}

static void keep_row(struct reading *reading, sqlite3_stmt *statement)
{
    const struct cw_store_policy policy = row_of(statement);
    struct row *const row = take(sizeof(*row));

    row->policy = copy_policy(&policy);
    *reading->tail = row;
    reading->tail = &row->next;
}

static bool bind_query(sqlite3_stmt *statement, const struct cw_store_query *query)
{
    const uint64_t first = query->revision != 0 ? query->revision : query->before;

    return sqlite3_bind_int64(statement, 1, (sqlite3_int64)first) == SQLITE_OK &&
           (query->revision != 0 || sqlite3_bind_int64(statement, 2, query->limit) == SQLITE_OK);
}

static enum cw_err run_reading(struct cw_store *store, struct cw_store_job *job)
{
    struct reading *const reading = (struct reading *)job;
    const char *const sql = reading->query.revision != 0 ? ONE : SOME;
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_ERROR;

    if (sqlite3_prepare_v2(cw_store_database(store), sql, -1, &statement, NULL) == SQLITE_OK &&
        bind_query(statement, &reading->query)) {
        while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
            keep_row(reading, statement);
        }
    }
    sqlite3_finalize(statement);
    return step == SQLITE_DONE ? CW_OK : CW_ERR_IO;
}

static void finish_reading(struct cw_store_job *job)
{
    struct reading *const reading = (struct reading *)job;

    while (reading->rows != NULL) {
        struct row *const row = reading->rows;

        reading->rows = row->next;
        if (job->err == CW_OK) {
            reading->visit(&row->policy, reading->user);
        }
        clear_policy(&row->policy);
        free(row);
    }
    reading->done(job->err, reading->user);
    free(reading);
}

void cw_store_read_policy(struct cw_store *store, const struct cw_store_query *query,
                          cw_store_policy_visit_fn *visit, cw_store_done_fn *done, void *user)
{
    struct reading *const reading = take(sizeof(*reading));

    *reading = (struct reading){.job = {.run = run_reading, .finish = finish_reading},
                                .query = *query,
                                .tail = &reading->rows,
                                .visit = visit,
                                .done = done,
                                .user = user};
    cw_store_add_job(store, &reading->job);
}
