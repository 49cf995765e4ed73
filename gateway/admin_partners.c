/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_partners.h"

#include "admin_answer.h"
#include "admin_json.h"
#include "change.h"
#include "policy_edit.h"

#include <causeway/jid.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX     "/v1/partners/"
#define NAME_MAX   256u
#define NOT_STORED "this partner stands in %.300s:%d; change it there and reload"

void cw_admin_get_partners(const struct cw_http_request *request, struct cw_http_response *response,
                           void *user)
{
    const struct cw_process *const p = user;
    json_t *const list = json_array();

    (void)request;
    for (size_t i = 0; i < cw_partners_count(p->gw.partners); i++) {
        json_array_append_new(list, cw_admin_partner(p, cw_partners_at(p->gw.partners, i)));
    }
    cw_answer_json(response, 200, list);
    cw_change_tag(p, response);
}

/* A domain as the document writes it. @return false: it is none */
static bool canonical(struct cw_process *p, const char *written, char out[NAME_MAX])
{
    struct cw_bytes domain;

    cw_arena_reset(p->gw.arena);
    if (cw_jid_domain_ascii((struct cw_bytes){written, strlen(written)}, p->gw.arena, &domain) !=
            CW_OK ||
        domain.len >= NAME_MAX) {
        return false;
    }
    (void)snprintf(out, NAME_MAX, "%.*s", (int)domain.len, domain.base);
    return true;
}

static void answer_missing(struct cw_http_response *response)
{
    cw_answer_problem(response, 404, "No such partner",
                      "no partner has this domain; see GET /v1/partners");
}

void cw_admin_get_partner(const struct cw_http_request *request, struct cw_http_response *response,
                          void *user)
{
    struct cw_process *const p = user;
    const struct cw_partner *partner = NULL;
    char name[NAME_MAX];

    if (canonical(p, request->path + strlen(PREFIX), name)) {
        partner = cw_partners_find(p->gw.partners, (struct cw_bytes){name, strlen(name)});
    }
    if (partner == NULL) {
        answer_missing(response);
        return;
    }
    cw_answer_json(response, 200, cw_admin_partner(p, partner));
    cw_change_tag(p, response);
}

/* The partner of a file that has `name` among its domains; NULL if none. */
static const struct cw_partner *in_file(const struct cw_process *p, const char *name)
{
    const struct cw_partner *const partner =
        cw_partners_find(p->gw.partners, (struct cw_bytes){name, strlen(name)});

    return partner != NULL && partner->file.base != NULL ? partner : NULL;
}

/* What the path names, if it may be changed here; else the refusal was answered. */
static bool target(struct cw_process *p, const struct cw_http_request *request,
                   struct cw_http_response *response, char name[NAME_MAX])
{
    const struct cw_partner *owner;
    char detail[400];

    if (!canonical(p, request->path + strlen(PREFIX), name)) {
        answer_missing(response);
        return false;
    }
    owner = in_file(p, name);
    if (owner != NULL) {
        (void)snprintf(detail, sizeof(detail), NOT_STORED, owner->file.base, owner->line);
        cw_answer_problem(response, 409, "Files are read-only here", detail);
        return false;
    }
    return true;
}

/* The record's own domain must be `name`; without one it becomes that. */
static bool fit_domain(struct cw_process *p, json_t *record, const char *name,
                       struct cw_http_response *response)
{
    const json_t *const written = json_object_get(record, "domain");
    char own[NAME_MAX];

    if (written == NULL) {
        json_object_set_new(record, "domain", json_string_nocheck(name));
        return true;
    }
    if (json_is_string(written) && canonical(p, json_string_value(written), own) &&
        strcmp(own, name) == 0) {
        json_object_set_new(record, "domain", json_string_nocheck(name));
        return true;
    }
    cw_answer_problem(response, 422, "The domain of a partner is never changed",
                      "remove this partner and add the other one");
    return false;
}

void cw_admin_post_partner(const struct cw_http_request *request, struct cw_http_response *response,
                           void *user)
{
    struct cw_process *const p = user;
    json_t *const record = cw_answer_body(request, response);
    const char *const written = json_string_value(json_object_get(record, "domain"));
    char name[NAME_MAX] = "";

    if (record == NULL) {
        return;
    }
    if (written != NULL && canonical(p, written, name) &&
        (cw_policy_edit_find(p->document->json, name) != NULL || in_file(p, name) != NULL)) {
        cw_answer_problem(response, 409, "There is such a partner already",
                          "change it with PATCH, or replace it with PUT");
    } else {
        cw_change_begin(p, request, response,
                        &(struct cw_change){
                            .draft = cw_policy_edit_put(p->document->json, name, record),
                            .status = 201,
                            .domain = name,
                        });
    }
    json_decref(record);
}

static void put(struct cw_process *p, const struct cw_http_request *request,
                struct cw_http_response *response, const char *name, const json_t *record)
{
    const bool known = cw_policy_edit_find(p->document->json, name) != NULL;

    if (known && cw_change_creates(request)) {
        cw_answer_problem(response, 412, "There is such a partner already",
                          "without If-None-Match it is replaced");
        cw_change_tag(p, response);
        return;
    }
    cw_change_begin(p, request, response,
                    &(struct cw_change){
                        .draft = cw_policy_edit_put(p->document->json, name, record),
                        .status = known ? 200 : 201,
                        .domain = name,
                    });
}

void cw_admin_put_partner(const struct cw_http_request *request, struct cw_http_response *response,
                          void *user)
{
    struct cw_process *const p = user;
    json_t *const record = cw_answer_body(request, response);
    char name[NAME_MAX];

    if (record != NULL && target(p, request, response, name) &&
        fit_domain(p, record, name, response)) {
        put(p, request, response, name, record);
    }
    json_decref(record);
}

static void patch(struct cw_process *p, const struct cw_http_request *request,
                  struct cw_http_response *response, const char *name, const json_t *changes)
{
    const json_t *const known = cw_policy_edit_find(p->document->json, name);
    json_t *record;

    if (known == NULL) {
        answer_missing(response);
        return;
    }
    record = cw_policy_edit_merge(known, changes);
    if (fit_domain(p, record, name, response)) {
        cw_change_begin(p, request, response,
                        &(struct cw_change){
                            .draft = cw_policy_edit_put(p->document->json, name, record),
                            .status = 200,
                            .domain = name,
                        });
    }
    json_decref(record);
}

void cw_admin_patch_partner(const struct cw_http_request *request,
                            struct cw_http_response *response, void *user)
{
    struct cw_process *const p = user;
    json_t *const changes = cw_answer_body(request, response);
    char name[NAME_MAX];

    if (changes != NULL && target(p, request, response, name)) {
        patch(p, request, response, name, changes);
    }
    json_decref(changes);
}

void cw_admin_delete_partner(const struct cw_http_request *request,
                             struct cw_http_response *response, void *user)
{
    struct cw_process *const p = user;
    char name[NAME_MAX];

    if (!target(p, request, response, name)) {
        return;
    }
    if (cw_policy_edit_find(p->document->json, name) == NULL) {
        answer_missing(response);
        return;
    }
    cw_change_begin(p, request, response,
                    &(struct cw_change){
                        .draft = cw_policy_edit_remove(p->document->json, name),
                        .status = 200,
                    });
}
