/* SPDX-License-Identifier: Apache-2.0 */
#include "admin.h"

#include "admin_answer.h"
#include "admin_import.h"
#include "admin_json.h"
#include "admin_partners.h"
#include "admin_policy.h"
#include "explain.h"
#include "flow.h"
#include "notify.h"
#include "restraint.h"
#include "watch.h"

#include <causeway/loop_lag.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT    "text/plain; charset=utf-8"
#define METRICS "text/plain; version=0.0.4; charset=utf-8"

static void get_livez(const struct cw_http_request *request, struct cw_http_response *response,
                      void *user)
{
    const struct cw_process *const p = user;
    const bool alive = cw_loop_lag_age_ms(p->lag) < 5000;

    (void)request;
    cw_http_text(response, alive ? 200 : 503, TEXT, alive ? "ok\n" : "the loop stands still\n");
}

static void get_readyz(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    struct cw_ready_check checks[CW_READY_CHECKS];
    const bool ready = cw_process_ready(user, checks);
    const bool verbose = cw_http_query(request, "verbose") != NULL;
    char text[CW_READY_CHECKS * 160];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < CW_READY_CHECKS && verbose; i++) {
        const int written =
            snprintf(text + len, sizeof(text) - len, "[%c]%s %s: %s\n", checks[i].ok ? '+' : '-',
                     checks[i].name, checks[i].ok ? "ok" : "failed", checks[i].detail);

        len += written > 0 ? (size_t)written : 0;
    }
    (void)snprintf(text + len, sizeof(text) - len, "%s\n", ready ? "ready" : "not ready");
    cw_http_text(response, ready ? 200 : 503, TEXT, text);
}

static void get_startupz(const struct cw_http_request *request, struct cw_http_response *response,
                         void *user)
{
    const struct cw_process *const p = user;

    (void)request;
    cw_http_text(response, p->was_ready ? 200 : 503, TEXT, p->was_ready ? "ok\n" : "starting\n");
}

static void get_metrics(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    const struct cw_process *const p = user;

    (void)request;
    response->status = 200;
    response->content_type = METRICS;
    response->body = cw_metrics_text(p->gw.metrics, &response->body_len);
}

static void get_status(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    (void)request;
    cw_answer_json(response, 200, cw_admin_status(user));
}

static void get_streams(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    (void)request;
    cw_answer_json(response, 200, cw_admin_streams(user));
}

static void get_subscriptions(const struct cw_http_request *request,
                              struct cw_http_response *response, void *user)
{
    (void)request;
    cw_answer_json(response, 200, cw_admin_subscriptions(user));
}

static void get_knocks(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    (void)request;
    cw_answer_json(response, 200, cw_admin_knocks(user));
}

static void get_quarantine(const struct cw_http_request *request, struct cw_http_response *response,
                           void *user)
{
    (void)request;
    cw_answer_json(response, 200, cw_admin_quarantine(user));
}

static void post_reload(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    char *report = NULL;
    const enum cw_err err = cw_process_reload(user, "api", &report);

    (void)request;
    if (err == CW_OK) {
        json_t *const out = json_object();

        json_object_set_new(out, "result", json_string("applied"));
        json_object_set_new(out, "report", json_string_nocheck(report));
        cw_answer_json(response, 200, out);
    } else {
        cw_answer_problem(response, err == CW_ERR_BUSY ? 409 : 422,
                          err == CW_ERR_BUSY ? "A commit is under way"
                                             : "The configuration has errors; nothing was changed",
                          report);
    }
    free(report);
}

static void post_drain(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    struct cw_process *const p = user;
    json_t *const out = json_object();

    (void)request;
    if (!p->gw.draining) {
        cw_process_drain(p);
    }
    json_object_set_new(out, "result", json_string("draining"));
    cw_answer_json(response, 202, out);
}

/* What a change of one pair names: {"local": "sip:romeo@contoso.example", "remote": "juliet@..."}
 */
struct pair {
    json_t *document;
    struct cw_bytes local, remote;
    bool block;
};

static bool read_text(const json_t *document, const char *key, struct cw_bytes *out)
{
    const json_t *const value = json_object_get(document, key);

    if (!json_is_string(value)) {
        return false;
    }
    *out = (struct cw_bytes){json_string_value(value), json_string_length(value)};
    return true;
}

static bool read_pair(const struct cw_http_request *request, struct cw_http_response *response,
                      struct pair *pair)
{
    *pair = (struct pair){0};
    pair->document =
        json_loadb(request->body.base, request->body.len, JSON_REJECT_DUPLICATES, NULL);
    if (pair->document != NULL && read_text(pair->document, "local", &pair->local) &&
        read_text(pair->document, "remote", &pair->remote)) {
        pair->block = !json_is_false(json_object_get(pair->document, "block"));
        return true;
    }
    json_decref(pair->document);
    cw_answer_problem(response, 400, "The pair is not understood",
                      "send {\"local\": \"sip:user@own.example\", \"remote\": "
                      "\"user@partner.example\"}");
    return false;
}

static void answer_pair(struct cw_http_response *response, struct pair *pair, bool found,
                        const char *result)
{
    if (found) {
        json_t *const out = json_object();

        json_object_set_new(out, "result", json_string(result));
        cw_answer_json(response, 200, out);
    } else {
        cw_answer_problem(response, 404, "No such subscription",
                          "these two have nothing to do with each other");
    }
    json_decref(pair->document);
}

static void post_remove(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    struct cw_process *const p = user;
    struct pair pair;

    if (read_pair(request, response, &pair)) {
        cw_arena_reset(p->gw.arena);
        answer_pair(response, &pair, cw_notify_remove(p->gw.notify, pair.local, pair.remote),
                    "removed");
    }
}

static void post_refresh(const struct cw_http_request *request, struct cw_http_response *response,
                         void *user)
{
    struct cw_process *const p = user;
    struct pair pair;

    if (read_pair(request, response, &pair)) {
        cw_arena_reset(p->gw.arena);
        answer_pair(response, &pair, cw_watch_refresh(p->gw.watch, pair.local, pair.remote),
                    "asked again");
    }
}

static void post_block(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    struct cw_process *const p = user;
    struct pair pair;

    if (read_pair(request, response, &pair)) {
        cw_arena_reset(p->gw.arena);
        cw_flow_block(&p->gw, pair.local, pair.remote, pair.block);
        answer_pair(response, &pair, true, pair.block ? "blocked" : "unblocked");
    }
}

static void post_release(const struct cw_http_request *request, struct cw_http_response *response,
                         void *user)
{
    struct cw_process *const p = user;
    json_t *const document =
        json_loadb(request->body.base, request->body.len, JSON_REJECT_DUPLICATES, NULL);
    struct cw_bytes who;

    if (document == NULL || !read_text(document, "who", &who)) {
        cw_answer_problem(response, 400, "It is not understood who is meant",
                          "send {\"who\": \"user@partner.example\"} or {\"who\": "
                          "\"partner.example\"}");
    } else if (!cw_restraint_release(p->gw.restraint, who)) {
        cw_answer_problem(response, 404, "Not in quarantine",
                          "nobody of this name is in quarantine; see GET /v1/quarantine");
    } else {
        json_t *const out = json_object();

        json_object_set_new(out, "result", json_string("released"));
        cw_answer_json(response, 200, out);
    }
    json_decref(document);
}

static const struct cw_http_route ROUTES[] = {
    {"GET", "/livez", get_livez, false},
    {"GET", "/readyz", get_readyz, false},
    {"GET", "/startupz", get_startupz, false},
    {"GET", "/metrics", get_metrics, false},
    {"GET", "/v1/status", get_status, true},
    {"GET", "/v1/partners", cw_admin_get_partners, true},
    {"POST", "/v1/partners", cw_admin_post_partner, true},
    {"POST", "/v1/partners/import", cw_admin_import_partners, true},
    {"POST", "/v1/partners/import/lync", cw_admin_import_lync, true},
    {"GET", "/v1/partners/", cw_admin_get_partner, true},
    {"PUT", "/v1/partners/", cw_admin_put_partner, true},
    {"PATCH", "/v1/partners/", cw_admin_patch_partner, true},
    {"DELETE", "/v1/partners/", cw_admin_delete_partner, true},
    {"GET", "/v1/policy", cw_admin_get_policy, true},
    {"PUT", "/v1/policy", cw_admin_put_policy, true},
    {"GET", "/v1/policy/revisions", cw_admin_get_revisions, true},
    {"GET", "/v1/policy/diff", cw_admin_get_diff, true},
    {"POST", "/v1/policy/validate", cw_admin_validate_policy, true},
    {"POST", "/v1/policy/rollback", cw_admin_roll_back, true},
    {"GET", "/v1/users", cw_admin_get_users, true},
    {"PATCH", "/v1/users", cw_admin_patch_users, true},
    {"DELETE", "/v1/users", cw_admin_delete_users, true},
    {"POST", "/v1/explain", cw_explain, true},
    {"GET", "/v1/streams", get_streams, true},
    {"GET", "/v1/subscriptions", get_subscriptions, true},
    {"POST", "/v1/reload", post_reload, true},
    {"POST", "/v1/drain", post_drain, true},
    {"POST", "/v1/subscriptions/remove", post_remove, true},
    {"POST", "/v1/subscriptions/refresh", post_refresh, true},
    {"POST", "/v1/blocks", post_block, true},
    {"GET", "/v1/knocks", get_knocks, true},
    {"GET", "/v1/quarantine", get_quarantine, true},
    {"POST", "/v1/quarantine/release", post_release, true},
};

enum cw_err cw_admin_start(struct cw_process *process, const char **problem)
{
    const struct cw_gateway_settings *const s = process->gw.settings;
    const struct cw_http_settings settings = {
        .socket = s->admin.socket[0] == '\0' ? NULL : s->admin.socket,
        .listen = s->admin.listen[0] == '\0' ? NULL : s->admin.listen,
        .routes = ROUTES,
        .route_count = sizeof(ROUTES) / sizeof(ROUTES[0]),
        .user = process,
    };

    return cw_http_start(process->gw.loop, &settings, &process->http, problem);
}
