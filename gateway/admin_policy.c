/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_policy.h"

#include "admin_answer.h"
#include "change.h"
#include "policy_edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIST_DEFAULT 50u
#define LIST_MAX     1000u

/* Revisions that are being read for an answer. */
struct reading {
    struct cw_process *process;
    struct cw_http_later *later;
    json_t *answer;    /* list of revisions, or the one that was asked for */
    json_t *documents; /* of a diff: the first one, or the only one of a rollback */
    uint64_t to;       /* of a diff: the other one; 0: what is in force */
    bool missing;      /* of the other one of a diff */
};

/* A number of a query; `fallback` when absent. @return false: it is no number, and 400 was answered
 */
static bool number_of(const struct cw_http_request *request, const char *name, uint64_t fallback,
                      struct cw_http_response *response, uint64_t *out)
{
    const char *const text = cw_http_query(request, name);
    char *end;

    *out = fallback;
    if (text == NULL) {
        return true;
    }
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out <= INT64_MAX) {
        return true;
    }
    cw_answer_problem(response, 400, "A query parameter is not understood",
                      "revision, before, limit, from and to are numbers");
    return false;
}

static json_t *time_json(int64_t seconds)
{
    const time_t at = (time_t)seconds;
    struct tm parts;
    char text[32];

    if (gmtime_r(&at, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        return json_null();
    }
    return json_string(text);
}

static json_t *revision_json(uint64_t revision, int64_t created_s, const char *author,
                             const char *comment)
{
    json_t *const out = json_object();

    json_object_set_new(out, "revision", json_integer((json_int_t)revision));
    json_object_set_new(out, "created_at", revision == 0 ? json_null() : time_json(created_s));
    json_object_set_new(out, "author", json_string_nocheck(author));
    json_object_set_new(out, "comment", json_string_nocheck(comment));
    return out;
}

static json_t *head_json(const struct cw_process *p)
{
    return revision_json(p->head.revision, p->head.created_s, p->head.author, p->head.comment);
}

static json_t *row_json(const struct cw_store_policy *policy)
{
    json_t *const out =
        revision_json(policy->revision, policy->created_s, policy->author, policy->comment);

    if (policy->document != NULL) {
        json_object_set_new(out, "document",
                            json_loads(policy->document, JSON_REJECT_DUPLICATES, NULL));
    }
    return out;
}

static struct reading *new_reading(struct cw_process *p, const struct cw_http_request *request)
{
    struct reading *const reading = calloc(1, sizeof(*reading));

    if (reading == NULL) {
        abort();
    }
    reading->process = p;
    reading->later = cw_http_later(request);
    return reading;
}

static void free_reading(struct reading *reading)
{
    json_decref(reading->answer);
    json_decref(reading->documents);
    free(reading);
}

static void answer_unread(enum cw_err err, struct cw_http_response *response)
{
    if (err == CW_OK) {
        cw_answer_problem(response, 404, "No such revision", "see GET /v1/policy/revisions");
    } else {
        cw_answer_problem(response, 503, "The store cannot be read",
                          "look at free space and rights of state_dir");
    }
}

/* ---- one revision ---- */

static void take_one(const struct cw_store_policy *policy, void *user)
{
    struct reading *const reading = user;

    reading->answer = row_json(policy);
}

static void answer_one(enum cw_err err, void *user)
{
    struct reading *const reading = user;
    struct cw_http_response response = {.status = 0};

    if (reading->answer != NULL) {
        cw_answer_json(&response, 200, json_incref(reading->answer));
    } else {
        answer_unread(err, &response);
    }
    cw_http_answer(&reading->later, &response);
    free_reading(reading);
}

void cw_admin_get_policy(const struct cw_http_request *request, struct cw_http_response *response,
                         void *user)
{
    struct cw_process *const p = user;
    uint64_t revision;

    if (!number_of(request, "revision", p->head.revision, response, &revision)) {
        return;
    }
    if (revision == p->head.revision) {
        json_t *const out = head_json(p);

        json_object_set(out, "document", p->document->json);
        cw_answer_json(response, 200, out);
        cw_change_tag(p, response);
    } else {
        cw_store_read_policy(p->gw.store, &(struct cw_store_query){.revision = revision}, take_one,
                             answer_one, new_reading(p, request));
    }
}

void cw_admin_put_policy(const struct cw_http_request *request, struct cw_http_response *response,
                         void *user)
{
    json_t *const draft = cw_answer_body(request, response);

    if (draft != NULL) {
        cw_change_begin(user, request, response,
                        &(struct cw_change){.draft = draft, .status = 200});
    }
}

/* ---- the history ---- */

static void take_row(const struct cw_store_policy *policy, void *user)
{
    const struct reading *const reading = user;

    json_array_append_new(reading->answer, row_json(policy));
}

static void answer_rows(enum cw_err err, void *user)
{
    struct reading *const reading = user;
    struct cw_http_response response = {.status = 0};

    if (err == CW_OK) {
        cw_answer_json(&response, 200, json_incref(reading->answer));
    } else {
        answer_unread(err, &response);
    }
    cw_http_answer(&reading->later, &response);
    free_reading(reading);
}

void cw_admin_get_revisions(const struct cw_http_request *request,
                            struct cw_http_response *response, void *user)
{
    struct cw_process *const p = user;
    struct reading *reading;
    uint64_t before;
    uint64_t limit;

    if (!number_of(request, "before", 0, response, &before) ||
        !number_of(request, "limit", LIST_DEFAULT, response, &limit)) {
        return;
    }
    reading = new_reading(p, request);
    reading->answer = json_array();
    cw_store_read_policy(
        p->gw.store,
        &(struct cw_store_query){.before = before,
                                 .limit = limit < LIST_MAX ? (unsigned)limit : LIST_MAX},
        take_row, answer_rows, reading);
}

/* ---- what differs ---- */

static void take_document(const struct cw_store_policy *policy, void *user)
{
    struct reading *const reading = user;

    reading->documents = json_loads(policy->document, JSON_REJECT_DUPLICATES, NULL);
}

static void take_other(const struct cw_store_policy *policy, void *user)
{
    struct reading *const reading = user;
    json_t *const other = json_loads(policy->document, JSON_REJECT_DUPLICATES, NULL);

    reading->answer = cw_policy_edit_diff(reading->documents, other);
    json_decref(other);
}

static void read_other(enum cw_err err, void *user)
{
    struct reading *const reading = user;
    struct cw_process *const p = reading->process;

    if (reading->documents == NULL || err != CW_OK) {
        answer_one(err, reading);
    } else if (reading->to == p->head.revision) {
        reading->answer = cw_policy_edit_diff(reading->documents, p->document->json);
        answer_one(CW_OK, reading);
    } else {
        cw_store_read_policy(p->gw.store, &(struct cw_store_query){.revision = reading->to},
                             take_other, answer_one, reading);
    }
}

void cw_admin_get_diff(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    struct cw_process *const p = user;
    struct reading *reading;
    uint64_t from;
    uint64_t to;

    if (!number_of(request, "from", 0, response, &from) ||
        !number_of(request, "to", p->head.revision, response, &to)) {
        return;
    }
    reading = new_reading(p, request);
    reading->to = to;
    if (from == 0) { /* before anything was committed */
        reading->documents = cw_policy_document_empty();
        read_other(CW_OK, reading);
    } else {
        cw_store_read_policy(p->gw.store, &(struct cw_store_query){.revision = from}, take_document,
                             read_other, reading);
    }
}

void cw_admin_validate_policy(const struct cw_http_request *request,
                              struct cw_http_response *response, void *user)
{
    const struct cw_process *const p = user;
    struct cw_policy_document *document;
    json_t *findings;
    json_t *out;

    if (cw_policy_document_read_text(p->gw.settings, request->body, "policy", &findings,
                                     &document) != CW_OK) {
        cw_answer_findings(response, "The policy has errors", findings);
        return;
    }
    out = json_object();
    json_object_set_new(out, "changes", cw_policy_edit_diff(p->document->json, document->json));
    json_object_set_new(out, "findings", findings);
    cw_answer_json(response, 200, out);
    cw_policy_document_free(&document);
}

/* ---- back to an old one ---- */

/* A rollback that waits for its document. */
struct rollback {
    json_t *document;
    struct cw_change_later *change;
    uint64_t revision;
};

static void take_target(const struct cw_store_policy *policy, void *user)
{
    struct rollback *const rollback = user;

    rollback->document = json_loads(policy->document, JSON_REJECT_DUPLICATES, NULL);
}

static void roll_back(enum cw_err err, void *user)
{
    struct rollback *const rollback = user;
    struct cw_http_response response = {.status = 0};

    if (rollback->document == NULL) {
        answer_unread(err, &response);
        cw_change_drop(&rollback->change, &response);
    } else {
        cw_change_go_on(&rollback->change, &(struct cw_change){
                                               .draft = rollback->document,
                                               .status = 200,
                                               .rolled_back_to = rollback->revision,
                                           });
    }
    free(rollback);
}

void cw_admin_roll_back(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    struct cw_process *const p = user;
    json_t *const body = cw_answer_body(request, response);
    const json_int_t revision = json_integer_value(json_object_get(body, "revision"));
    struct rollback *rollback;

    json_decref(body);
    if (body == NULL) {
        return;
    }
    if (revision < 1) {
        cw_answer_problem(response, 400, "The revision is not understood",
                          "send {\"revision\": n}");
        return;
    }
    if (!cw_change_is_current(p, request, response)) {
        return;
    }
    rollback = calloc(1, sizeof(*rollback));
    if (rollback == NULL) {
        abort();
    }
    rollback->revision = (uint64_t)revision;
    rollback->change = cw_change_later(p, request);
    cw_store_read_policy(p->gw.store, &(struct cw_store_query){.revision = rollback->revision},
                         take_target, roll_back, rollback);
}

/* ---- users ---- */

/* What the document says of users, or the files; the caller's. */
static json_t *users_of(const struct cw_process *p)
{
    json_t *const users = json_object_get(p->document->json, "users");

    return users != NULL ? json_deep_copy(users) : cw_policy_users_json(&p->gw.settings->users);
}

void cw_admin_get_users(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    const struct cw_process *const p = user;
    json_t *const out = users_of(p);

    (void)request;
    json_object_set_new(out, "origin", json_string(p->document->access != NULL ? "store" : "file"));
    cw_answer_json(response, 200, out);
    cw_change_tag(p, response);
}

void cw_admin_patch_users(const struct cw_http_request *request, struct cw_http_response *response,
                          void *user)
{
    struct cw_process *const p = user;
    json_t *const changes = cw_answer_body(request, response);
    json_t *users;
    json_t *draft;

    if (changes == NULL) {
        return;
    }
    users = users_of(p);
    draft = json_deep_copy(p->document->json);
    json_object_set_new(draft, "users", cw_policy_edit_merge(users, changes));
    json_decref(users);
    json_decref(changes);
    cw_change_begin(p, request, response, &(struct cw_change){.draft = draft, .status = 200});
}

void cw_admin_delete_users(const struct cw_http_request *request, struct cw_http_response *response,
                           void *user)
{
    struct cw_process *const p = user;
    json_t *const draft = json_deep_copy(p->document->json);

    json_object_del(draft, "users");
    cw_change_begin(p, request, response, &(struct cw_change){.draft = draft, .status = 200});
}
