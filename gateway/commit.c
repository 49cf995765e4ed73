/* SPDX-License-Identifier: Apache-2.0 */
#include "commit.h"

#include "force.h"

#include <causeway/clock.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One commit on its way. */
struct under_way {
    struct cw_process *process;
    struct cw_policy_document *document;
    struct cw_policy_head head; /* what it becomes */
    uint64_t rolled_back_to;
    cw_commit_done_fn *done;
    void *user;
};

static const char *word_of(enum cw_err err)
{
    if (err == CW_OK) {
        return "ok";
    }
    return err == CW_ERR_CONFLICT ? "conflict" : "error";
}

static void log_commit(const struct under_way *commit)
{
    const struct cw_gateway *const gw = &commit->process->gw;
    char revision[24];
    char repeated[24];

    (void)snprintf(revision, sizeof(revision), "%" PRIu64, commit->head.revision);
    (void)snprintf(repeated, sizeof(repeated), "%" PRIu64, commit->rolled_back_to);
    if (commit->rolled_back_to != 0) {
        CW_LOG(gw->log, POLICY_ROLLED_BACK, "an old revision is in force again",
               {"revision", cw_log_text(revision)}, {"as", cw_log_text(repeated)},
               {"author", cw_log_text(commit->head.author)},
               {"comment", cw_log_text(commit->head.comment)});
    } else {
        CW_LOG(gw->log, POLICY_COMMITTED, "a new revision of the policy is in force",
               {"revision", cw_log_text(revision)}, {"author", cw_log_text(commit->head.author)},
               {"comment", cw_log_text(commit->head.comment)});
    }
}

static void reload_if_due(struct cw_process *p)
{
    char *report = NULL;

    if (!p->reload_due) {
        return;
    }
    p->reload_due = false;
    if (cw_process_reload(p, "signal", &report) != CW_OK) {
        (void)fputs(report, stderr);
    }
    free(report);
}

static void on_stored(enum cw_err err, void *user)
{
    struct under_way *const commit = user;
    struct cw_process *const p = commit->process;

    p->committing = false;
    CW_METRIC_INC(p->gw.metrics, POLICY_COMMITS_TOTAL, word_of(err));
    if (err == CW_OK && p->gw.edges != NULL) {
        p->head = commit->head;
        cw_force(p, p->gw.settings, commit->document);
        log_commit(commit);
    } else { /* it failed; or the process ends, and finds it in the store when it starts again */
        cw_policy_document_free(&commit->document);
    }
    commit->done(p, err, commit->user);
    free(commit);
    reload_if_due(p);
}

static void copy_text(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text);
}

enum cw_err cw_commit_begin(struct cw_process *process, const struct cw_commit *commit,
                            cw_commit_done_fn *done, void *user)
{
    struct under_way *under_way;
    char *text;

    if (process->committing) {
        return CW_ERR_BUSY;
    }
    under_way = calloc(1, sizeof(*under_way));
    text = json_dumps(commit->document->json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (under_way == NULL || text == NULL) {
        abort();
    }
    *under_way = (struct under_way){
        .process = process,
        .document = commit->document,
        .head = {.revision = process->head.revision + 1, .created_s = cw_clock_wall_ms() / 1000},
        .rolled_back_to = commit->rolled_back_to,
        .done = done,
        .user = user,
    };
    copy_text(under_way->head.author, sizeof(under_way->head.author), commit->author);
    copy_text(under_way->head.comment, sizeof(under_way->head.comment), commit->comment);
    process->committing = true;
    cw_store_commit_policy(process->gw.store,
                           &(struct cw_store_policy){
                               .revision = under_way->head.revision,
                               .created_s = under_way->head.created_s,
                               .author = under_way->head.author,
                               .comment = under_way->head.comment,
                               .document = text,
                           },
                           on_stored, under_way);
    free(text);
    return CW_OK;
}

struct newest {
    struct cw_policy_head head;
    json_t *json;
};

static void take_newest(const struct cw_store_policy *policy, void *user)
{
    struct newest *const newest = user;

    newest->head.revision = policy->revision;
    newest->head.created_s = policy->created_s;
    copy_text(newest->head.author, sizeof(newest->head.author), policy->author);
    copy_text(newest->head.comment, sizeof(newest->head.comment), policy->comment);
    newest->json = json_loads(policy->document, JSON_REJECT_DUPLICATES, NULL);
}

enum cw_err cw_commit_resume(struct cw_process *process, char **problem)
{
    struct newest newest = {.json = NULL};
    struct cw_policy_document *document;
    json_t *findings;
    enum cw_err err;

    *problem = NULL;
    CW_TRY(cw_store_load_policy(process->gw.store, take_newest, &newest));
    if (newest.head.revision != 0 && newest.json == NULL) {
        return CW_ERR_IO; /* what we wrote is JSON; this is damage */
    }
    if (newest.json == NULL) {
        newest.json = cw_policy_document_empty();
    }
    err = cw_policy_document_read(process->gw.settings, newest.json, &findings, &document);
    json_decref(newest.json);
    if (err == CW_OK) {
        process->head = newest.head;
        cw_force_first(process, document);
    } else {
        *problem = cw_policy_findings_text(findings);
    }
    json_decref(findings);
    return err;
}
