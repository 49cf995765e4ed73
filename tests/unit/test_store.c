/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include "store.h"

#include <causeway/metrics.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

struct world {
    uv_loop_t loop;
    uv_timer_t alive; /* the store alone keeps no loop alive */
    struct cw_metrics *metrics;
    struct cw_store *store;
    char path[128];
    unsigned done;
    enum cw_err last;
};

static void tick(uv_timer_t *timer)
{
    (void)timer;
}

static void open_store(struct world *w)
{
    const char *problem = "";

    assert_int_equal(uv_loop_init(&w->loop), 0);
    assert_int_equal(uv_timer_init(&w->loop, &w->alive), 0);
    assert_int_equal(uv_timer_start(&w->alive, tick, 1, 1), 0);
    w->metrics = cw_metrics_new("gateway");
    assert_int_equal(cw_store_open(&w->loop, w->path, NULL, w->metrics, &w->store, &problem),
                     CW_OK);
}

static void close_store(struct world *w)
{
    cw_store_close(&w->store);
    uv_close((uv_handle_t *)&w->alive, NULL);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    cw_metrics_free(&w->metrics);
}

static int set_up(void **state)
{
    struct world *const w = calloc(1, sizeof(*w));
    char directory[] = "/tmp/cw-store-XXXXXX";

    if (w == NULL || mkdtemp(directory) == NULL) {
        return -1;
    }
    (void)snprintf(w->path, sizeof(w->path), "%s/causeway.db", directory);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *const w = *state;
    static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
    char path[160];

    for (size_t i = 0; i < CW_COUNT(SUFFIXES); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", w->path, SUFFIXES[i]);
        (void)unlink(path);
    }
    *strrchr(w->path, '/') = '\0';
    (void)rmdir(w->path);
    free(w);
    return 0;
}

static void note_done(enum cw_err err, void *user)
{
    struct world *const w = user;

    w->done++;
    w->last = err;
}

static struct cw_relation relation(const char *local, const char *remote)
{
    return (struct cw_relation){
        .local = {local, strlen(local)},
        .remote = {remote, strlen(remote)},
        .xmpp_watches = CW_GRANT_GRANTED,
        .sip_watches = CW_GRANT_ASKED,
        .invited = true,
        .changed_s = 1790000000,
    };
}

struct seen {
    unsigned count;
    struct cw_relation last;
    char local[64], remote[64];
};

static void see(const struct cw_relation *found, void *user)
{
    struct seen *const seen = user;

    seen->count++;
    seen->last = *found;
    memcpy(seen->local, found->local.base, found->local.len);
    memcpy(seen->remote, found->remote.base, found->remote.len);
}

static struct seen load(struct world *w)
{
    struct seen seen = {0};

    assert_int_equal(cw_store_load(w->store, see, &seen), CW_OK);
    return seen;
}

/* Runs the loop until `count` writes were confirmed. */
static void wait_for(struct world *w, unsigned count)
{
    for (unsigned turn = 0; w->done < count && turn < 2000; turn++) {
        uv_run(&w->loop, UV_RUN_NOWAIT);
        uv_sleep(1);
    }
    assert_int_equal(w->done, count);
}

static void keeps_a_relation_over_a_restart(void **state)
{
    struct world *const w = *state;
    const struct cw_relation in = relation("sip:romeo@contoso.example", "juliet@fabrikam.example");

    open_store(w);
    cw_store_put(w->store, &in, note_done, w);
    close_store(w);
    assert_int_equal(w->done, 1);
    assert_int_equal(w->last, CW_OK);

    open_store(w);

    const struct seen seen = load(w);

    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.local, "sip:romeo@contoso.example");
    assert_string_equal(seen.remote, "juliet@fabrikam.example");
    assert_int_equal(seen.last.xmpp_watches, CW_GRANT_GRANTED);
    assert_int_equal(seen.last.sip_watches, CW_GRANT_ASKED);
    assert_true(seen.last.invited);
    assert_false(seen.last.blocked);
    assert_int_equal(seen.last.changed_s, 1790000000);
    close_store(w);
}

static void the_last_of_many_writes_of_a_pair_stays(void **state)
{
    struct world *const w = *state;
    struct cw_relation in = relation("sip:romeo@contoso.example", "juliet@fabrikam.example");

    open_store(w);
    for (unsigned i = 0; i < 500; i++) {
        in.sip_watches = (enum cw_grant)(i % CW_GRANTS);
        in.changed_s = i;
        cw_store_put(w->store, &in, note_done, w);
    }
    wait_for(w, 500);
    close_store(w);
    open_store(w);

    const struct seen seen = load(w);

    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.last.changed_s, 499);
    close_store(w);
}

static void an_empty_relation_is_deleted(void **state)
{
    struct world *const w = *state;
    struct cw_relation in = relation("sip:romeo@contoso.example", "juliet@fabrikam.example");

    open_store(w);
    cw_store_put(w->store, &in, note_done, w);
    in.xmpp_watches = CW_GRANT_NONE;
    in.sip_watches = CW_GRANT_NONE;
    in.invited = false;
    cw_store_put(w->store, &in, note_done, w);
    wait_for(w, 2);
    close_store(w);
    open_store(w);
    assert_int_equal(load(w).count, 0);
    close_store(w);
}

/* What was confirmed is there although the process was killed (DESIGN: durable before visible). */
static void a_confirmed_write_survives_a_kill(void **state)
{
    struct world *const w = *state;
    const struct cw_relation in = relation("sip:romeo@contoso.example", "juliet@fabrikam.example");
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        open_store(w);
        cw_store_put(w->store, &in, note_done, w);
        wait_for(w, 1);
        (void)kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    open_store(w);
    assert_int_equal(load(w).count, 1);
    close_store(w);
}

static void a_file_that_is_no_store_is_refused(void **state)
{
    struct world *const w = *state;
    FILE *const file = fopen(w->path, "w");
    const char *problem = "";
    uv_loop_t loop;
    struct cw_store *store = NULL;

    assert_non_null(file);
    for (unsigned i = 0; i < 4096; i++) {
        assert_true(fputs("not a database ", file) >= 0);
    }
    assert_int_equal(fclose(file), 0);
    assert_int_equal(uv_loop_init(&loop), 0);
    w->metrics = cw_metrics_new("gateway");
    assert_int_equal(cw_store_open(&loop, w->path, NULL, w->metrics, &store, &problem), CW_ERR_IO);
    assert_non_null(strstr(problem, "causeway.db"));
    assert_null(store);
    assert_int_equal(uv_loop_close(&loop), 0);
    cw_metrics_free(&w->metrics);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(keeps_a_relation_over_a_restart),
        STORE_TEST(the_last_of_many_writes_of_a_pair_stays),
        STORE_TEST(an_empty_relation_is_deleted),
        STORE_TEST(a_confirmed_write_survives_a_kill),
        STORE_TEST(a_file_that_is_no_store_is_refused),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
