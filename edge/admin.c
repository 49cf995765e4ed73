/* SPDX-License-Identifier: Apache-2.0 */
#include "admin.h"

#include "edge_drain.h"
#include "edge_health.h"
#include "edge_reload.h"
#include "words.h"

#include <causeway/clock.h>
#include <causeway/http.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT         "text/plain; charset=utf-8"
#define JSON         "application/json"
#define METRICS      "text/plain; version=0.0.4; charset=utf-8"
#define STALL_MS     5000u /* a loop that has not ticked for so long is stuck */
#define VERBOSE_SIZE 1024u

struct cw_admin {
    struct cw_http *http;
};

static void answer_json(struct cw_http_response *response, unsigned status, json_t *document)
{
    char *const text = json_dumps(document, JSON_COMPACT);

    json_decref(document);
    if (text == NULL) {
        abort();
    }
    cw_http_text(response, status, JSON, text);
    free(text);
}

static void get_livez(const struct cw_http_request *request, struct cw_http_response *response,
                      void *user)
{
    const struct cw_edge *const edge = user;
    const bool alive = cw_loop_lag_age_ms(edge->lag) < STALL_MS;

    (void)request;
    cw_http_text(response, alive ? 200 : 503, TEXT, alive ? "ok\n" : "the loop does not turn\n");
}

/* "[+]policy ok", or "[-]policy failed: no gateway has sent permits" */
static size_t write_check(const struct cw_edge_check_result *result, char *text, size_t size)
{
    const int len = result->ok ? snprintf(text, size, "[+]%s ok\n", result->name)
                               : snprintf(text, size, "[-]%s failed: %s\n", result->name,
                                          result->detail != NULL ? result->detail : "no reason");

    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}

static void get_readyz(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    const struct cw_edge *const edge = user;
    struct cw_edge_check_result results[CW_EDGE_CHECKS];
    const bool ready = cw_edge_checks(edge, results);
    char text[VERBOSE_SIZE] = "";
    size_t len = 0;

    if (cw_http_query(request, "verbose") == NULL) {
        cw_http_text(response, ready ? 200 : 503, TEXT, ready ? "ok\n" : "not ready\n");
        return;
    }
    for (size_t i = 0; i < CW_EDGE_CHECKS; i++) {
        len += write_check(&results[i], text + len, sizeof(text) - len);
    }
    cw_http_text(response, ready ? 200 : 503, TEXT, text);
}

static void get_startupz(const struct cw_http_request *request, struct cw_http_response *response,
                         void *user)
{
    const struct cw_edge *const edge = user;

    (void)request;
    cw_http_text(response, edge->was_ready ? 200 : 503, TEXT,
                 edge->was_ready ? "ok\n" : "not yet ready\n");
}

static void get_metrics(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    struct cw_edge *const edge = user;
    size_t waiting_bytes;
    const size_t waiting = cw_sender_waiting(edge->sender, &waiting_bytes);

    (void)request;
    CW_METRIC_SET(edge->shell.metrics, QUEUE_DEPTH, (double)waiting, "out");
    CW_METRIC_SET(edge->shell.metrics, QUEUE_BYTES, (double)waiting_bytes, "out");
    response->status = 200;
    response->content_type = METRICS;
    response->body = cw_metrics_text(edge->shell.metrics, &response->body_len);
}

static const char *state_word(const struct cw_edge *edge)
{
    if (edge->phase != CW_EDGE_SERVING) {
        return "draining";
    }
    return edge->ready ? "ready" : "starting";
}

static json_t *links_json(const struct cw_edge *edge)
{
    json_t *const links = json_array();

    for (size_t i = 0; i < cw_gateway_link_count(edge->gateways); i++) {
        const struct cw_link *const link = cw_gateway_link_at(edge->gateways, i);

        (void)json_array_append_new(
            links, json_pack("{s:s, s:b, s:I, s:I}", "peer", cw_link_peer(link), "up", 1,
                             "round_trip_us", (json_int_t)cw_link_round_trip_us(link), "unsettled",
                             (json_int_t)cw_link_unsettled(link)));
    }
    return links;
}

static void get_status(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    const struct cw_edge *const edge = user;
    const struct cw_permits *const permits = cw_permits_table_document(edge->shell.permits);
    size_t waiting_bytes;
    const size_t waiting = cw_sender_waiting(edge->sender, &waiting_bytes);

    (void)request;
    answer_json(
        response, 200,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "node",
                  edge->settings->node.name, "pool", edge->settings->node.pool, "role", "edge",
                  "version", CAUSEWAY_VERSION, "state", state_word(edge), "uptime_s",
                  (json_int_t)((cw_clock_now_ms() - edge->started_ms) / 1000), "revision",
                  (json_int_t)permits->revision, "permits", (json_int_t)permits->count, "streams",
                  (json_int_t)cw_streams_count(edge->streams), "connections_in",
                  (json_int_t)cw_listener_count(edge->listener), "waiting", (json_int_t)waiting,
                  "waiting_bytes", (json_int_t)waiting_bytes, "links", links_json(edge)));
}

static const char *stream_word(const struct cw_live *live)
{
    if (live->closed_by_us) {
        return "closing";
    }
    return live->pair_count > 0 ? "up" : "setting_up";
}

static json_t *pairs_json(const struct cw_live *live)
{
    json_t *const pairs = json_array();

    for (size_t i = 0; i < live->pair_count; i++) {
        const struct cw_pair pair = cw_pair_of(&live->pairs[i].key);

        (void)json_array_append_new(pairs, json_pack("{s:s%, s:s%, s:s}", "own", pair.own.base,
                                                     pair.own.len, "remote", pair.remote.base,
                                                     pair.remote.len, "method",
                                                     cw_method_name(live->pairs[i].method)));
    }
    return pairs;
}

static void get_streams(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    const struct cw_edge *const edge = user;
    const uint64_t now_ms = cw_clock_now_ms();
    json_t *const streams = json_array();

    (void)request;
    for (const struct cw_live *live = cw_streams_first(edge->streams); live != NULL;
         live = live->next) {
        const struct cw_stream_facts facts = cw_stream_facts(live->stream);

        (void)json_array_append_new(
            streams,
            json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o}", "id",
                      (json_int_t)facts.number, "direction", cw_word_direction(live->outgoing),
                      "partner", cw_live_partner(live), "peer",
                      facts.peer != NULL ? facts.peer : "", "tls",
                      facts.tls_version != NULL ? facts.tls_version : "none", "method",
                      cw_method_name(facts.method), "state", stream_word(live), "age_s",
                      (json_int_t)((now_ms - live->opened_ms) / 1000), "stanzas",
                      (json_int_t)facts.stanzas, "queued_bytes",
                      (json_int_t)cw_stream_queued(live->stream), "pairs", pairs_json(live)));
    }
    answer_json(response, 200, json_pack("{s:o}", "streams", streams));
}

static void post_reload(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user)
{
    (void)request;
    if (cw_edge_reload(user, "api") == CW_OK) {
        answer_json(response, 200, json_pack("{s:b}", "applied", 1));
    } else {
        answer_json(response, 422,
                    json_pack("{s:s, s:i, s:s}", "title", "The configuration is not valid",
                              "status", 422, "detail",
                              "nothing was changed; causeway-edge --check-config says why"));
    }
}

static void post_drain(const struct cw_http_request *request, struct cw_http_response *response,
                       void *user)
{
    (void)request;
    cw_edge_drain(user);
    answer_json(response, 202, json_pack("{s:s}", "state", "draining"));
}

static const struct cw_http_route ROUTES[] = {
    {"GET", "/livez", get_livez, false},       {"GET", "/readyz", get_readyz, false},
    {"GET", "/startupz", get_startupz, false}, {"GET", "/metrics", get_metrics, false},
    {"GET", "/v1/status", get_status, false},  {"GET", "/v1/streams", get_streams, false},
    {"POST", "/v1/reload", post_reload, true}, {"POST", "/v1/drain", post_drain, true},
};

static const char *or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

enum cw_err cw_admin_new(struct cw_edge *edge, struct cw_admin **out, const char **problem)
{
    const struct cw_http_settings settings = {
        .socket = or_null(edge->settings->admin.socket),
        .listen = or_null(edge->settings->admin.listen),
        .routes = ROUTES,
        .route_count = sizeof(ROUTES) / sizeof(ROUTES[0]),
        .user = edge,
    };
    struct cw_admin *admin = calloc(1, sizeof(*admin));
    enum cw_err err;

    if (admin == NULL) {
        abort();
    }
    err = cw_http_start(&edge->loop, &settings, &admin->http, problem);
    if (err != CW_OK) {
        free(admin);
        return err;
    }
    *out = admin;
    return CW_OK;
}

void cw_admin_free(struct cw_admin **admin)
{
    if (*admin != NULL) {
        cw_http_stop(&(*admin)->http);
        free(*admin);
        *admin = NULL;
    }
}
