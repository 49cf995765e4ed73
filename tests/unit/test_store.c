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

/** What came of policy work, in the order in which it came. */
struct story {
    unsigned done, visits;
    enum cw_err errs[16];
    uint64_t revisions[16];
    char documents[4][64]; /* "-" for none */
    char author[32], comment[32];
    int64_t created_s;
};

static void note_policy_done(enum cw_err err, void *user)
{
    struct story *const story = user;

    assert_true(story->done < CW_COUNT(story->errs));
    story->errs[story->done++] = err;
}

static void see_policy(const struct cw_store_policy *policy, void *user)
{
    struct story *const story = user;

    assert_true(story->visits < CW_COUNT(story->revisions));
    if (story->visits < CW_COUNT(story->documents)) {
        (void)snprintf(story->documents[story->visits], sizeof(story->documents[0]), "%s",
                       policy->document == NULL ? "-" : policy->document);
    }
    (void)snprintf(story->author, sizeof(story->author), "%s", policy->author);
    (void)snprintf(story->comment, sizeof(story->comment), "%s", policy->comment);
    story->created_s = policy->created_s;
    story->revisions[story->visits++] = policy->revision;
}

static void run_until_done(struct world *w, const struct story *story, unsigned count)
{
    for (unsigned turn = 0; story->done < count && turn < 2000; turn++) {
        uv_run(&w->loop, UV_RUN_NOWAIT);
        uv_sleep(1);
    }
    assert_int_equal(story->done, count);
}

static void commit(struct world *w, struct story *story, uint64_t revision)
{
    char document[32];
    char comment[32];

    (void)snprintf(document, sizeof(document), "{\"n\":%u}", (unsigned)revision);
    (void)snprintf(comment, sizeof(comment), "number %u", (unsigned)revision);
    cw_store_commit_policy(w->store,
                           &(struct cw_store_policy){.revision = revision,
                                                     .created_s = 1790000000 + (int64_t)revision,
                                                     .author = "mercutio",
                                                     .comment = comment,
                                                     .document = document},
                           note_policy_done, story);
    memset(document, 'x', sizeof(document) - 1); /* a copy was taken */
}

static void commit_many(struct world *w, uint64_t count)
{
    struct story story = {0};

    for (uint64_t i = 1; i <= count; i++) {
        commit(w, &story, i);
    }
    run_until_done(w, &story, (unsigned)count);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(story.errs[i], CW_OK);
    }
}

static struct story read_back(struct world *w, uint64_t revision, uint64_t before, unsigned limit)
{
    struct story story = {0};

    cw_store_read_policy(
        w->store, &(struct cw_store_query){.revision = revision, .before = before, .limit = limit},
        see_policy, note_policy_done, &story);
    run_until_done(w, &story, 1);
    assert_int_equal(story.errs[0], CW_OK);
    return story;
}

static struct story load_newest(struct world *w)
{
    struct story story = {0};

    assert_int_equal(cw_store_load_policy(w->store, see_policy, &story), CW_OK);
    return story;
}

static void a_new_store_has_no_revision(void **state)
{
    struct world *const w = *state;

    open_store(w);
    assert_int_equal(load_newest(w).visits, 0);
    assert_int_equal(read_back(w, 0, 0, 10).visits, 0);
    assert_int_equal(read_back(w, 1, 0, 0).visits, 0);
    close_store(w);
}

static void the_newest_revision_is_loaded_at_start(void **state)
{
    struct world *const w = *state;
    struct story story;

    open_store(w);
    commit_many(w, 3);
    close_store(w);
    open_store(w);
    story = load_newest(w);
    assert_int_equal(story.visits, 1);
    assert_int_equal(story.revisions[0], 3);
    assert_string_equal(story.documents[0], "{\"n\":3}");
    assert_string_equal(story.author, "mercutio");
    assert_string_equal(story.comment, "number 3");
    assert_int_equal(story.created_s, 1790000003);
    close_store(w);
}

/* From 1, without gaps, none twice: whoever saw another state than the newest is told. */
static void only_the_next_revision_is_taken(void **state)
{
    static const struct {
        uint64_t revision;
        enum cw_err err;
    } ROWS[] = {
        {0, CW_ERR_CONFLICT}, {2, CW_ERR_CONFLICT}, {1, CW_OK}, {1, CW_ERR_CONFLICT},
        {3, CW_ERR_CONFLICT}, {2, CW_OK},           {3, CW_OK}, {2, CW_ERR_CONFLICT},
    };
    struct world *const w = *state;
    struct story story = {0};

    open_store(w);
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        commit(w, &story, ROWS[i].revision);
    }
    run_until_done(w, &story, CW_COUNT(ROWS));
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        assert_int_equal(story.errs[i], ROWS[i].err);
    }
    story = read_back(w, 0, 0, 10);
    assert_int_equal(story.visits, 3);
    close_store(w);
}

static void revisions_are_listed_newest_first(void **state)
{
    static const struct {
        uint64_t before;
        unsigned limit;
        unsigned count;
        uint64_t revisions[7];
    } ROWS[] = {
        {0, 10, 7, {7, 6, 5, 4, 3, 2, 1}},
        {0, 3, 3, {7, 6, 5}},
        {5, 2, 2, {4, 3}},
        {3, 10, 2, {2, 1}},
        {1, 10, 0, {0}},
        {100, 1, 1, {7}},
        {0, 0, 0, {0}},
    };
    struct world *const w = *state;

    open_store(w);
    commit_many(w, 7);
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        const struct story story = read_back(w, 0, ROWS[i].before, ROWS[i].limit);

        assert_int_equal(story.visits, ROWS[i].count);
        for (unsigned k = 0; k < story.visits; k++) {
            assert_int_equal(story.revisions[k], ROWS[i].revisions[k]);
        }
        if (story.visits > 0) {
            assert_string_equal(story.documents[0], "-"); /* a list is short */
        }
    }
    close_store(w);
}

static void one_revision_is_read_whole(void **state)
{
    struct world *const w = *state;
    struct story story;

    open_store(w);
    commit_many(w, 3);
    story = read_back(w, 2, 0, 0);
    assert_int_equal(story.visits, 1);
    assert_int_equal(story.revisions[0], 2);
    assert_string_equal(story.documents[0], "{\"n\":2}");
    assert_string_equal(story.comment, "number 2");
    assert_int_equal(story.created_s, 1790000002);
    assert_int_equal(read_back(w, 4, 0, 10).visits, 0);
    assert_int_equal(read_back(w, UINT64_MAX >> 1, 0, 10).visits, 0);
    close_store(w);
}

/* Both ride in one group of writes; what one of them meets is not the other's. */
static void a_conflict_fails_no_relation_beside_it(void **state)
{
    struct world *const w = *state;
    struct cw_relation in = relation("sip:romeo@contoso.example", "juliet@fabrikam.example");
    struct story story = {0};

    open_store(w);
    cw_store_put(w->store, &in, note_done, w);
    commit(w, &story, 1);
    in.remote = CW_LIT("rosaline@fabrikam.example");
    cw_store_put(w->store, &in, note_done, w);
    commit(w, &story, 1);
    in.remote = CW_LIT("paris@fabrikam.example");
    cw_store_put(w->store, &in, note_done, w);
    commit(w, &story, 2);
    wait_for(w, 3);
    run_until_done(w, &story, 3);
    assert_int_equal(w->last, CW_OK);
    assert_int_equal(story.errs[0], CW_OK);
    assert_int_equal(story.errs[1], CW_ERR_CONFLICT);
    assert_int_equal(story.errs[2], CW_OK);
    close_store(w);
    open_store(w);
    assert_int_equal(load(w).count, 3);
    assert_int_equal(load_newest(w).revisions[0], 2);
    close_store(w);
}

/* Closing waits for what is on its way, and tells. */
static void closing_waits_for_a_commit(void **state)
{
    struct world *const w = *state;
    struct story story = {0};

    open_store(w);
    commit(w, &story, 1);
    close_store(w);
    assert_int_equal(story.done, 1);
    assert_int_equal(story.errs[0], CW_OK);
    open_store(w);
    assert_int_equal(load_newest(w).revisions[0], 1);
    close_store(w);
}

static void a_confirmed_revision_survives_a_kill(void **state)
{
    struct world *const w = *state;
    const pid_t child = fork();
    struct story story;
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        open_store(w);
        commit_many(w, 2);
        (void)kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    open_store(w);
    story = load_newest(w);
    assert_int_equal(story.visits, 1);
    assert_int_equal(story.revisions[0], 2);
    assert_string_equal(story.documents[0], "{\"n\":2}");
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
        STORE_TEST(a_new_store_has_no_revision),
        STORE_TEST(the_newest_revision_is_loaded_at_start),
        STORE_TEST(only_the_next_revision_is_taken),
        STORE_TEST(revisions_are_listed_newest_first),
        STORE_TEST(one_revision_is_read_whole),
        STORE_TEST(a_conflict_fails_no_relation_beside_it),
        STORE_TEST(closing_waits_for_a_commit),
        STORE_TEST(a_confirmed_revision_survives_a_kill),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
