/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The store in one SQLite file. A writer thread owns the connection: it takes everything that
 * waits, writes it in one transaction and hands the outcomes back to the loop. So a commit's cost
 * is shared by all writes of the time it took (group commit), and the loop never waits for a disk.
 */

#include "store_private.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <uv.h>

#define SCHEMA_VERSION "1"

static const char *const SCHEMA =
    "CREATE TABLE IF NOT EXISTS cw_meta(k text PRIMARY KEY, v text NOT NULL);"
    "CREATE TABLE IF NOT EXISTS cw_relation("
    " local_user text NOT NULL, remote_user text NOT NULL,"
    " xmpp_watches int NOT NULL, sip_watches int NOT NULL,"
    " invited int NOT NULL, blocked int NOT NULL, changed_s bigint NOT NULL,"
    " PRIMARY KEY(local_user, remote_user));"
    "CREATE TABLE IF NOT EXISTS cw_policy("
    " revision bigint PRIMARY KEY, created_s bigint NOT NULL, author text NOT NULL,"
    " comment text NOT NULL, document text NOT NULL);"
    "INSERT INTO cw_meta(k, v) VALUES('schema', '" SCHEMA_VERSION "') ON CONFLICT DO NOTHING;";

static const char *const UPSERT =
    "INSERT INTO cw_relation(local_user, remote_user, xmpp_watches, sip_watches, invited, blocked,"
    " changed_s) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    " ON CONFLICT(local_user, remote_user) DO UPDATE SET"
    " xmpp_watches = excluded.xmpp_watches, sip_watches = excluded.sip_watches,"
    " invited = excluded.invited, blocked = excluded.blocked, changed_s = excluded.changed_s";

static const char *const DELETE =
    "DELETE FROM cw_relation WHERE local_user = ?1 AND remote_user = ?2";

static const char *const SELECT =
    "SELECT local_user, remote_user, xmpp_watches, sip_watches, invited, blocked, changed_s"
    " FROM cw_relation ORDER BY local_user, remote_user";

struct write {
    struct cw_store_job job;
    struct cw_relation relation; /* bytes follow the struct */
    cw_store_done_fn *done;
    void *user;
};

/* First in, first out. */
struct queue {
    struct cw_store_job *head;
    struct cw_store_job **tail;
};

struct cw_store {
    sqlite3 *db; /* the writer thread's after cw_store_load() */
    sqlite3_stmt *upsert;
    sqlite3_stmt *delete;
    struct cw_log *log;
    struct cw_metrics *metrics;
    uv_thread_t thread;
    uv_async_t wake_loop;
    uv_mutex_t lock; /* of the four below */
    uv_cond_t work;
    struct queue waiting;
    struct queue finished;
    bool stopping;
    bool up; /* the loop's own */
};

static void queue_init(struct queue *queue)
{
    queue->head = NULL;
    queue->tail = &queue->head;
}

static void queue_add(struct queue *queue, struct cw_store_job *job)
{
    job->next = NULL;
    *queue->tail = job;
    queue->tail = &job->next;
}

/* Moves all of `from` behind `to`. */
static void queue_move(struct queue *to, struct queue *from)
{
    if (from->head != NULL) {
        *to->tail = from->head;
        to->tail = from->tail;
        queue_init(from);
    }
}

static bool is_empty(const struct cw_relation *relation)
{
    return relation->xmpp_watches == CW_GRANT_NONE && relation->sip_watches == CW_GRANT_NONE &&
           !relation->invited && !relation->blocked;
}

static bool bind_key(sqlite3_stmt *statement, const struct cw_relation *relation)
{
    return sqlite3_bind_text(statement, 1, relation->local.base, (int)relation->local.len,
                             SQLITE_STATIC) == SQLITE_OK &&
           sqlite3_bind_text(statement, 2, relation->remote.base, (int)relation->remote.len,
                             SQLITE_STATIC) == SQLITE_OK;
}

static bool bind_values(sqlite3_stmt *statement, const struct cw_relation *relation)
{
    return sqlite3_bind_int(statement, 3, (int)relation->xmpp_watches) == SQLITE_OK &&
           sqlite3_bind_int(statement, 4, (int)relation->sip_watches) == SQLITE_OK &&
           sqlite3_bind_int(statement, 5, relation->invited) == SQLITE_OK &&
           sqlite3_bind_int(statement, 6, relation->blocked) == SQLITE_OK &&
           sqlite3_bind_int64(statement, 7, relation->changed_s) == SQLITE_OK;
}

static enum cw_err write_one(struct cw_store *store, struct cw_store_job *job)
{
    const struct cw_relation *const relation = &((const struct write *)job)->relation;
    sqlite3_stmt *const statement = is_empty(relation) ? store->delete : store->upsert;
    const bool bound = bind_key(statement, relation) &&
                       (statement == store->delete || bind_values(statement, relation));
    const bool ok = bound && sqlite3_step(statement) == SQLITE_DONE;

    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return ok ? CW_OK : CW_ERR_IO;
}

static bool run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* All or nothing: what fails for want of a disk takes the whole group with it, and each is told so.
 * A revision that came too late fails alone. */
static void write_group(struct cw_store *store, const struct queue *group)
{
    bool ok = run(store->db, "BEGIN IMMEDIATE");

    for (struct cw_store_job *job = group->head; ok && job != NULL; job = job->next) {
        job->err = job->run(store, job);
        ok = job->err != CW_ERR_IO;
    }
    if (ok && run(store->db, "COMMIT")) {
        return;
    }
    if (sqlite3_get_autocommit(store->db) == 0) {
        (void)run(store->db, "ROLLBACK");
    }
    for (struct cw_store_job *job = group->head; job != NULL; job = job->next) {
        job->err = CW_ERR_IO;
    }
}

/* Waits for work. False: nothing waits and the store closes. */
static bool take_group(struct cw_store *store, struct queue *group)
{
    uv_mutex_lock(&store->lock);
    while (store->waiting.head == NULL && !store->stopping) {
        uv_cond_wait(&store->work, &store->lock);
    }
    queue_move(group, &store->waiting);
    uv_mutex_unlock(&store->lock);
    return group->head != NULL;
}

static void writer(void *user)
{
    struct cw_store *const store = user;
    struct queue group;

    queue_init(&group);
    while (take_group(store, &group)) {
        write_group(store, &group);
        uv_mutex_lock(&store->lock);
        queue_move(&store->finished, &group);
        uv_mutex_unlock(&store->lock);
        (void)uv_async_send(&store->wake_loop);
    }
}

static void note_health(struct cw_store *store, enum cw_err err)
{
    const bool up = err != CW_ERR_IO;

    if (up == store->up) {
        return;
    }
    store->up = up;
    CW_METRIC_SET(store->metrics, STORE_UP, up ? 1.0 : 0.0, NULL);
    if (up) {
        CW_LOG(store->log, STORE_UP, "the store takes writes again", {"store", CW_LIT("sqlite")});
    } else {
        CW_LOG(store->log, STORE_DOWN,
               "the store refuses writes: look at free space and rights of state_dir",
               {"store", CW_LIT("sqlite")});
    }
}

static void report_finished(struct cw_store *store)
{
    struct queue finished;

    queue_init(&finished);
    uv_mutex_lock(&store->lock);
    queue_move(&finished, &store->finished);
    uv_mutex_unlock(&store->lock);
    while (finished.head != NULL) {
        struct cw_store_job *const job = finished.head;

        finished.head = job->next;
        note_health(store, job->err);
        job->finish(job);
    }
}

static void on_wake(uv_async_t *async)
{
    report_finished(async->data);
}

static enum cw_err fail(struct cw_store *store, const char **problem)
{
    *problem = store->db == NULL ? "out of memory" : sqlite3_errmsg(store->db);
    return CW_ERR_IO;
}

static enum cw_err prepare(struct cw_store *store, const char *path, const char **problem)
{
    if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(store->db, 2000) != SQLITE_OK ||
        !run(store->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL") ||
        !run(store->db, SCHEMA) ||
        sqlite3_prepare_v2(store->db, UPSERT, -1, &store->upsert, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(store->db, DELETE, -1, &store->delete, NULL) != SQLITE_OK) {
        return fail(store, problem);
    }
    return CW_OK;
}

static void close_database(struct cw_store *store)
{
    sqlite3_finalize(store->upsert);
    sqlite3_finalize(store->delete);
    sqlite3_close(store->db);
}

static void start_writer(struct cw_store *store, struct uv_loop_s *loop)
{
    queue_init(&store->waiting);
    queue_init(&store->finished);
    store->up = true;
    store->wake_loop.data = store;
    if (uv_mutex_init(&store->lock) != 0 || uv_cond_init(&store->work) != 0 ||
        uv_async_init(loop, &store->wake_loop, on_wake) != 0 ||
        uv_thread_create(&store->thread, writer, store) != 0) {
        abort(); /* no thread, no store: the supervisor restarts */
    }
    uv_unref((uv_handle_t *)&store->wake_loop);
}

enum cw_err cw_store_open(struct uv_loop_s *loop, const char *path, struct cw_log *log,
                          struct cw_metrics *metrics, struct cw_store **out, const char **problem)
{
    static _Thread_local char text[256]; /* outlives the failed store */
    struct cw_store *store = calloc(1, sizeof(*store));

    if (store == NULL) {
        abort();
    }
    store->log = log;
    store->metrics = metrics;
    if (prepare(store, path, problem) != CW_OK) {
        (void)sqlite3_snprintf((int)sizeof(text), text, "%s: %s", path, *problem);
        *problem = text;
        close_database(store);
        free(store);
        return CW_ERR_IO;
    }
    start_writer(store, loop);
    CW_METRIC_SET(metrics, STORE_UP, 1.0, NULL);
    *out = store;
    return CW_OK;
}

static struct cw_bytes column(sqlite3_stmt *statement, int index)
{
    const char *const text = (const char *)sqlite3_column_text(statement, index);

    return (struct cw_bytes){text, (size_t)sqlite3_column_bytes(statement, index)};
}

static enum cw_grant grant(sqlite3_stmt *statement, int index)
{
    const int value = sqlite3_column_int(statement, index);

    return value > CW_GRANT_NONE && value < CW_GRANTS ? (enum cw_grant)value : CW_GRANT_NONE;
}

enum cw_err cw_store_load(struct cw_store *store, cw_store_visit_fn *visit, void *user)
{
    sqlite3_stmt *statement = NULL;
    int step = SQLITE_ERROR;

    if (sqlite3_prepare_v2(store->db, SELECT, -1, &statement, NULL) != SQLITE_OK) {
        return CW_ERR_IO;
    }
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct cw_relation relation = {
            .local = column(statement, 0),
            .remote = column(statement, 1),
            .xmpp_watches = grant(statement, 2),
            .sip_watches = grant(statement, 3),
            .invited = sqlite3_column_int(statement, 4) != 0,
            .blocked = sqlite3_column_int(statement, 5) != 0,
            .changed_s = sqlite3_column_int64(statement, 6),
        };

        visit(&relation, user);
    }
    sqlite3_finalize(statement);
    return step == SQLITE_DONE ? CW_OK : CW_ERR_IO;
}

void cw_store_add_job(struct cw_store *store, struct cw_store_job *job)
{
    uv_mutex_lock(&store->lock);
    queue_add(&store->waiting, job);
    uv_cond_signal(&store->work);
    uv_mutex_unlock(&store->lock);
}

struct sqlite3 *cw_store_database(struct cw_store *store)
{
    return store->db;
}

static void finish_write(struct cw_store_job *job)
{
    struct write *const write = (struct write *)job;

    if (write->done != NULL) {
        write->done(job->err, write->user);
    }
    free(write);
}

static struct write *copy_write(const struct cw_relation *relation)
{
    struct write *const write =
        calloc(1, sizeof(*write) + relation->local.len + relation->remote.len);

    if (write == NULL) {
        abort();
    }

    char *const bytes = (char *)(write + 1);

    write->relation = *relation;
    write->relation.local.base = memcpy(bytes, relation->local.base, relation->local.len);
    write->relation.remote.base =
        memcpy(bytes + relation->local.len, relation->remote.base, relation->remote.len);
    return write;
}

void cw_store_put(struct cw_store *store, const struct cw_relation *relation,
                  cw_store_done_fn *done, void *user)
{
    struct write *const write = copy_write(relation);

    write->job.run = write_one;
    write->job.finish = finish_write;
    write->done = done;
    write->user = user;
    cw_store_add_job(store, &write->job);
}

static void on_handle_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void cw_store_close(struct cw_store **store)
{
    struct cw_store *const closing = *store;

    if (closing == NULL) {
        return;
    }
    *store = NULL;
    uv_mutex_lock(&closing->lock);
    closing->stopping = true;
    uv_cond_signal(&closing->work);
    uv_mutex_unlock(&closing->lock);
    (void)uv_thread_join(&closing->thread);
    report_finished(closing);
    close_database(closing);
    uv_mutex_destroy(&closing->lock);
    uv_cond_destroy(&closing->work);
    uv_close((uv_handle_t *)&closing->wake_loop, on_handle_closed);
}
