/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include "admin_answer.h"
#include "admin_json.h"
#include "commit.h"
#include "force.h"
#include "losses.h"
#include "policy_edit.h"

#include <causeway/utf8.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A change that is under way: what the request said, and what its answer is to be. */
struct cw_change_later {
    struct cw_process *process;
    struct cw_http_later *later;
    uint64_t base; /* the revision that the caller saw */
    bool dry_run;
    char author[CW_POLICY_AUTHOR_MAX + 1];
    char comment[CW_POLICY_COMMENT_MAX + 1];
    unsigned status;
    char domain[256]; /* "" for none */
    json_t *answer;
};

static void tag_of(const struct cw_process *p, char out[32])
{
    (void)snprintf(out, 32, "\"%" PRIu64 "\"", p->head.revision);
}

void cw_change_tag(const struct cw_process *process, struct cw_http_response *response)
{
    char tag[32];

    tag_of(process, tag);
    cw_http_add_field(response, "ETag", tag);
}

/* One tag, quoted or not: revisions are numbers, so nothing else can be in a list worth reading. */
static bool names(const char *field, const char *tag)
{
    const size_t len = strlen(tag);

    return strcmp(field, "*") == 0 || strcmp(field, tag) == 0 ||
           (strlen(field) == len - 2 && strncmp(field, tag + 1, len - 2) == 0);
}

/* One line of UTF-8, without what would move a terminal's cursor. @return false: it is none */
static bool comment_of(const struct cw_process *p, const struct cw_http_request *request,
                       char out[CW_POLICY_COMMENT_MAX + 1])
{
    const char *const written = cw_http_query(request, "comment");
    struct cw_bytes line = {0};

    out[0] = '\0';
    if (written == NULL) {
        return true;
    }
    if (cw_utf8_one_line((struct cw_bytes){written, strlen(written)}, CW_POLICY_COMMENT_MAX,
                         p->gw.arena, &line) != CW_OK) {
        return false;
    }
    (void)snprintf(out, CW_POLICY_COMMENT_MAX + 1, "%.*s", (int)line.len,
                   line.base == NULL ? "" : line.base);
    return true;
}

static void answer_stale(const struct cw_process *p, struct cw_http_response *response)
{
    char detail[160];

    (void)snprintf(detail, sizeof(detail),
                   "revision %" PRIu64 " is in force; read it and try again", p->head.revision);
    cw_answer_problem(response, 412, "Somebody else changed the policy meanwhile", detail);
}

bool cw_change_creates(const struct cw_http_request *request)
{
    const char *const field = cw_http_header(request, "If-None-Match");

    return field != NULL && strcmp(field, "*") == 0;
}

bool cw_change_is_current(const struct cw_process *process, const struct cw_http_request *request,
                          struct cw_http_response *response)
{
    const char *const field = cw_http_header(request, "If-Match");
    char comment[CW_POLICY_COMMENT_MAX + 1];
    char tag[32];

    tag_of(process, tag);
    if (!comment_of(process, request, comment)) {
        cw_answer_problem(response, 400, "The comment is not understood", "send UTF-8");
    } else if (field != NULL ? names(field, tag) : cw_change_creates(request)) {
        return true;
    } else if (field == NULL) {
        cw_answer_problem(response, 428, "If-Match is missing",
                          "send the ETag of the revision that you saw, or * for any");
    } else {
        answer_stale(process, response);
    }
    cw_change_tag(process, response);
    return false;
}

/* Whose process it is that asks. */
static void author_of(const struct cw_http_request *request, char out[CW_POLICY_AUTHOR_MAX + 1])
{
    struct passwd entry;
    struct passwd *found = NULL;
    char room[1024];

    if (request->peer_uid < 0 ||
        getpwuid_r((uid_t)request->peer_uid, &entry, room, sizeof(room), &found) != 0 ||
        found == NULL) {
        (void)snprintf(out, CW_POLICY_AUTHOR_MAX + 1, "uid %" PRId64, request->peer_uid);
    } else {
        (void)snprintf(out, CW_POLICY_AUTHOR_MAX + 1, "%s", found->pw_name);
    }
}

static bool is_dry_run(const struct cw_http_request *request)
{
    const char *const value = cw_http_query(request, "dry_run");

    return value != NULL && strcmp(value, "false") != 0;
}

static void append_all(json_t *list, json_t *more)
{
    if (more != NULL) {
        (void)json_array_extend(list, more);
        json_decref(more);
    }
}

static void add_partner(const struct cw_process *p, const char *domain, json_t *answer)
{
    const struct cw_partner *const partner =
        cw_partners_find(p->gw.partners, (struct cw_bytes){domain, strlen(domain)});

    if (partner != NULL) {
        json_object_set_new(answer, "partner", cw_admin_partner(p, partner));
    }
}

/* The answer of success; the revision is filled in when it is known. */
static json_t *outcome(const struct cw_process *p, const struct cw_policy_document *document,
                       json_t *findings, bool dry_run)
{
    json_t *const out = json_object();
    json_t *const diff = cw_policy_edit_diff(p->document->json, document->json);

    json_object_set_new(out, "revision", json_integer((json_int_t)p->head.revision));
    json_object_set_new(out, "changed", json_boolean(json_array_size(diff) > 0));
    json_object_set_new(out, "dry_run", json_boolean(dry_run));
    json_object_set_new(out, "changes", diff);
    json_object_set_new(out, "findings", findings);
    return out;
}

static void add_location(const struct cw_change_later *change, struct cw_http_response *response)
{
    char path[sizeof(change->domain) + 16];

    if (change->status == 201) {
        (void)snprintf(path, sizeof(path), "/v1/partners/%s", change->domain);
        cw_http_add_field(response, "Location", path);
    }
}

static void finish(const struct cw_change_later *change, enum cw_err err,
                   struct cw_http_response *response)
{
    const struct cw_process *const p = change->process;

    if (err == CW_OK) {
        json_object_set_new(change->answer, "revision", json_integer((json_int_t)p->head.revision));
        json_object_set_new(change->answer, "in_force", json_integer((json_int_t)p->gw.revision));
        if (change->domain[0] != '\0') {
            add_partner(p, change->domain, change->answer);
        }
        cw_answer_json(response, change->status, json_incref(change->answer));
        add_location(change, response);
    } else if (err == CW_ERR_CONFLICT) {
        answer_stale(p, response);
    } else {
        cw_answer_problem(response, 503, "The store refuses the change; nothing was changed",
                          "look at free space and rights of state_dir");
    }
}

static void answer_later(struct cw_change_later *change, struct cw_http_response *response)
{
    cw_change_tag(change->process, response);
    cw_http_answer(&change->later, response);
    json_decref(change->answer);
    free(change);
}

static void on_committed(struct cw_process *p, enum cw_err err, void *user)
{
    struct cw_change_later *const change = user;
    struct cw_http_response response = {.status = 0};

    (void)p;
    finish(change, err, &response);
    answer_later(change, &response);
}

/* Who sent one record reads of "/sasl", not of the place that it has among all; it is the last. */
static void point_into_record(json_t *findings, const json_t *draft)
{
    char prefix[64];
    json_t *finding;
    size_t index;
    const size_t count = json_array_size(json_object_get(draft, "partners"));
    const size_t len = (size_t)snprintf(prefix, sizeof(prefix), "/partners/%zu/", count - 1) - 1;

    json_array_foreach(findings, index, finding)
    {
        const char *const pointer = json_string_value(json_object_get(finding, "pointer"));

        if (count > 0 && strncmp(pointer, prefix, len + 1) == 0) {
            json_object_set_new(finding, "pointer", json_string_nocheck(pointer + len));
        }
        json_object_del(finding, "line"); /* of a text that nobody has seen */
    }
}

/* The draft as a document that can be put in force; NULL: it was refused. */
static struct cw_policy_document *judge(const struct cw_process *p, const struct cw_change *wanted,
                                        json_t **findings, struct cw_http_response *response)
{
    struct cw_policy_document *document;
    const enum cw_err err =
        cw_policy_document_read(p->gw.settings, wanted->draft, findings, &document);

    if (wanted->domain != NULL) {
        point_into_record(*findings, wanted->draft);
    }
    if (err != CW_OK) {
        cw_answer_findings(response, "The policy has errors; nothing was changed", *findings);
        return NULL;
    }
    if (cw_force_fits(p->gw.settings, document) != CW_OK) {
        json_decref(*findings);
        cw_policy_document_free(&document);
        cw_answer_problem(response, 422, "There are too many partners; nothing was changed",
                          "E126: all together do not fit into one frame of the link");
        return NULL;
    }
    return document;
}

/* @return true: it is answered; false: the commit will answer */
static bool commit(struct cw_change_later *change, struct cw_policy_document *document,
                   uint64_t rolled_back_to, struct cw_http_response *response)
{
    const struct cw_commit wanted = {
        .document = document,
        .author = change->author,
        .comment = change->comment,
        .rolled_back_to = rolled_back_to,
    };

    if (cw_commit_begin(change->process, &wanted, on_committed, change) == CW_OK) {
        return false;
    }
    cw_policy_document_free(&document);
    cw_answer_problem(response, 409, "Another commit is under way", "try again");
    return true;
}

/* A document that can be put in force. @return as commit() */
static bool settle(struct cw_change_later *change, struct cw_policy_document *document,
                   const struct cw_change *wanted, struct cw_http_response *response)
{
    if (!change->dry_run && json_is_true(json_object_get(change->answer, "changed"))) {
        return commit(change, document, wanted->rolled_back_to, response);
    }
    cw_policy_document_free(&document);
    if (change->domain[0] != '\0' && !change->dry_run) {
        add_partner(change->process, change->domain, change->answer);
    }
    cw_answer_json(response, 200, json_incref(change->answer));
    return true;
}

/* Takes the draft and the notes. @return as commit() */
static bool carry_out(struct cw_change_later *change, const struct cw_change *wanted,
                      struct cw_http_response *response)
{
    const struct cw_process *const p = change->process;
    struct cw_policy_document *document = NULL;
    json_t *findings = NULL;

    if (change->base != p->head.revision) {
        answer_stale(p, response);
    } else {
        document = judge(p, wanted, &findings, response);
    }
    json_decref(wanted->draft);
    if (document == NULL) {
        json_decref(wanted->notes);
        return true;
    }
    append_all(findings, wanted->notes);
    append_all(findings, cw_losses(p, document));
    change->status = wanted->status;
    (void)snprintf(change->domain, sizeof(change->domain), "%s",
                   wanted->domain == NULL ? "" : wanted->domain);
    change->answer = outcome(p, document, findings, change->dry_run);
    return settle(change, document, wanted, response);
}

static struct cw_change_later *new_change(struct cw_process *p,
                                          const struct cw_http_request *request)
{
    struct cw_change_later *const change = calloc(1, sizeof(*change));

    if (change == NULL) {
        abort();
    }
    change->process = p;
    change->base = p->head.revision;
    change->dry_run = is_dry_run(request);
    author_of(request, change->author);
    (void)comment_of(p, request, change->comment);
    return change;
}

void cw_change_begin(struct cw_process *process, const struct cw_http_request *request,
                     struct cw_http_response *response, const struct cw_change *wanted)
{
    struct cw_change_later *change;

    if (!cw_change_is_current(process, request, response)) {
        json_decref(wanted->draft);
        json_decref(wanted->notes);
        return;
    }
    change = new_change(process, request);
    if (!carry_out(change, wanted, response)) {
        change->later = cw_http_later(request);
        return;
    }
    cw_change_tag(process, response);
    json_decref(change->answer);
    free(change);
}

struct cw_change_later *cw_change_later(struct cw_process *process,
                                        const struct cw_http_request *request)
{
    struct cw_change_later *const change = new_change(process, request);

    change->later = cw_http_later(request);
    return change;
}

void cw_change_go_on(struct cw_change_later **later, const struct cw_change *wanted)
{
    struct cw_http_response response = {.status = 0};

    if (carry_out(*later, wanted, &response)) {
        answer_later(*later, &response);
    }
    *later = NULL;
}

void cw_change_drop(struct cw_change_later **later, struct cw_http_response *response)
{
    answer_later(*later, response);
    *later = NULL;
}
