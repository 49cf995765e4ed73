/* SPDX-License-Identifier: Apache-2.0 */
#include "byte_queue.h"
#include "http_route.h"
#include "http_socket.h"

#include <causeway/clock.h>
#include <causeway/http.h>
#include <causeway/metrics.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

enum { MAX_CONNECTIONS = 256, IDLE_TIMEOUT_S = 30, CONNECTION_MEMORY = 64 * 1024, DOORS = 2 };
#define MAX_BODY_LEN ((size_t)1024 * 1024)

static const char PROBLEM_TYPE[] = "application/problem+json";
static const char POLICY[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** One listening socket with its daemon. */
struct door {
    struct cw_http *http;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned handles;
    bool local;
    bool resumed; /**< the library has to run once more: it does not count it as a timeout */
};

struct cw_http {
    struct cw_http_settings settings;
    char *socket;
    struct door *doors[DOORS];
    unsigned door_count;
    struct cw_http_later *waiting;
};

/** One request while its body arrives. */
struct exchange {
    const struct cw_http_route *route;
    unsigned refusal; /**< 0: none */
    bool answered;
    uint64_t begun_ms;
    struct cw_byte_queue body;
    char id[17]; /**< X-Request-Id */
    struct door *door;
    struct cw_http_later *later;  /**< the answer is to come */
    struct cw_http_response made; /**< the answer that came */
};

struct cw_http_later {
    struct cw_http *http; /**< NULL: stopped */
    struct exchange *exchange;
    struct door *door;
    struct MHD_Connection *connection;
    struct cw_http_later *next;
    struct cw_http_later **place;
};

static const char *status_words(unsigned status)
{
    static const struct {
        unsigned status;
        const char *words;
    } ROWS[] = {
        {400, "Bad Request"},        {403, "Forbidden"},         {404, "Not Found"},
        {405, "Method Not Allowed"}, {413, "Content Too Large"}, {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        if (ROWS[i].status == status) {
            return ROWS[i].words;
        }
    }
    return "Error";
}

static void refuse(struct cw_http_response *response, unsigned status)
{
    char text[128];
    (void)snprintf(text, sizeof(text), "{\"title\":\"%s\",\"status\":%u}\n", status_words(status),
                   status);
    cw_http_text(response, status, PROBLEM_TYPE, text);
}

static void count_request(const struct cw_http *http, const struct exchange *exchange,
                          const char *method, unsigned status)
{
    static const char *const METHODS[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    const char *known = "other"; /* label words are a closed set */
    char code[16];
    if (http->settings.metrics == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
        known = strcmp(method, METHODS[i]) == 0 ? METHODS[i] : known;
    }
    const char *handler = exchange->route == NULL ? "none" : exchange->route->path;
    (void)snprintf(code, sizeof(code), "%u", status);
    CW_METRIC_INC(http->settings.metrics, HTTP_REQUESTS_TOTAL, handler, known, code);
    cw_metric_observe(cw_metrics_child(http->settings.metrics,
                                       CW_METRIC_HTTP_REQUEST_DURATION_SECONDS,
                                       (const char *const[]){handler}),
                      (double)(cw_clock_now_ms() - exchange->begun_ms) / 1e3);
}

static enum MHD_Result answer(struct MHD_Connection *connection, const struct exchange *exchange,
                              const struct cw_http_response *response)
{
    struct MHD_Response *made =
        MHD_create_response_from_buffer(response->body_len, response->body, MHD_RESPMEM_MUST_FREE);
    if (made == NULL) {
        abort();
    }
    if (response->content_type != NULL) {
        (void)MHD_add_response_header(made, "Content-Type", response->content_type);
    }
    (void)MHD_add_response_header(made, "Cache-Control", "no-store");
    (void)MHD_add_response_header(made, "X-Content-Type-Options", "nosniff");
    (void)MHD_add_response_header(made, "Content-Security-Policy", POLICY);
    (void)MHD_add_response_header(made, "X-Request-Id", exchange->id);
    for (size_t i = 0; i < response->field_count; i++) {
        (void)MHD_add_response_header(made, response->fields[i].name, response->fields[i].value);
    }
    const enum MHD_Result queued =
        MHD_queue_response(connection, response->status == 0 ? 500 : response->status, made);
    MHD_destroy_response(made);
    return queued;
}

static unsigned check(const struct door *door, struct MHD_Connection *connection,
                      const char *method, const char *path, struct exchange *exchange)
{
    const struct cw_http_settings *settings = &door->http->settings;
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    if (!door->local && (!cw_http_host_is_loopback(
                             MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host")) ||
                         !cw_http_origin_is_loopback(
                             MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Origin")))) {
        return 403;
    }
    const unsigned refusal = cw_http_find_route(settings->routes, settings->route_count, method,
                                                path, door->local, &exchange->route);
    if (refusal == 0 && length != NULL && strtoull(length, NULL, 10) > MAX_BODY_LEN) {
        return 413;
    }
    return refusal;
}

static void take_body(struct exchange *exchange, const char *data, size_t len)
{
    if (exchange->refusal != 0) {
        return;
    }
    if (len > MAX_BODY_LEN - exchange->body.len) {
        exchange->refusal = 413;
        cw_byte_queue_clear(&exchange->body);
        return;
    }
    cw_byte_queue_append(&exchange->body, (struct cw_bytes){data, len});
}

static int64_t peer_uid(const struct door *door, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        door->local ? MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD) : NULL;
    return info == NULL ? -1 : cw_http_peer_uid(info->connect_fd);
}

static enum MHD_Result serve(const struct door *door, struct MHD_Connection *connection,
                             const char *method, const char *path, struct exchange *exchange)
{
    struct cw_http_response response = {.status = 0};
    const struct cw_http_request request = {.method = method,
                                            .path = path,
                                            .body = cw_byte_queue_bytes(&exchange->body),
                                            .local = door->local,
                                            .connection = connection,
                                            .exchange = exchange,
                                            .id = exchange->id,
                                            .peer_uid = peer_uid(door, connection)};
    if (exchange->refusal != 0) {
        refuse(&response, exchange->refusal);
    } else if (exchange->made.status != 0) {
        response = exchange->made;
        exchange->made.body = NULL;
    } else {
        exchange->route->handle(&request, &response, door->http->settings.user);
        if (exchange->later != NULL || exchange->made.status != 0) { /* comes, or came already */
            free(response.body);
            return MHD_YES;
        }
    }
    exchange->answered = true;
    count_request(door->http, exchange, method, response.status);
    return answer(connection, exchange, &response);
}

static struct exchange *begin(struct door *door)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    uint64_t id;
    if (exchange == NULL) {
        abort();
    }
    cw_clock_random(&id, sizeof(id));
    (void)snprintf(exchange->id, sizeof(exchange->id), "%016llx", (unsigned long long)id);
    exchange->begun_ms = cw_clock_now_ms();
    exchange->door = door;
    return exchange;
}

// NOLINTNEXTLINE(readability-function-size): the library's signature
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_len, void **state)
{
    (void)version;
    struct door *door = user;
    struct exchange *exchange = *state;
    if (exchange == NULL) {
        exchange = begin(door);
        *state = exchange;
        exchange->refusal = check(door, connection, method, path, exchange);
        /* A body nobody wants is not waited for. */
        return exchange->refusal == 0 ? MHD_YES : serve(door, connection, method, path, exchange);
    }
    if (*data_len > 0) {
        take_body(exchange, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    return exchange->answered ? MHD_YES : serve(door, connection, method, path, exchange);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)user;
    (void)connection;
    (void)why;
    struct exchange *exchange = *state;
    if (exchange != NULL) {
        cw_byte_queue_clear(&exchange->body);
        free(exchange->made.body);
        if (exchange->later != NULL) {
            exchange->later->exchange = NULL;
        }
        free(exchange);
        *state = NULL;
    }
}

static void on_timer(uv_timer_t *timer);

static void run(struct door *door)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    door->resumed = false;
    (void)MHD_run(door->daemon);
    if (door->resumed || MHD_get_timeout(door->daemon, &timeout_ms) == MHD_YES) {
        (void)uv_timer_start(&door->timer, on_timer, timeout_ms, 0);
    } else {
        (void)uv_timer_stop(&door->timer);
    }
}

static void on_timer(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

static void on_closed(uv_handle_t *handle)
{
    struct door *door = handle->data;
    if (--door->handles == 0) {
        free(door);
    }
}

static enum cw_err open_door(struct cw_http *http, uv_loop_t *loop, int fd, bool local,
                             const char **problem)
{
    struct door *door = calloc(1, sizeof(*door));
    if (door == NULL) {
        abort();
    }
    door->http = http;
    door->local = local;
    door->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, door,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        door->daemon == NULL ? NULL : MHD_get_daemon_info(door->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL || uv_poll_init(loop, &door->poll, info->epoll_fd) != 0) {
        if (door->daemon != NULL) {
            MHD_stop_daemon(door->daemon);
        } else {
            (void)close(fd);
        }
        free(door);
        *problem = "the HTTP server cannot be started";
        return CW_ERR_IO;
    }
    (void)uv_timer_init(loop, &door->timer);
    door->poll.data = door;
    door->timer.data = door;
    door->handles = 2;
    (void)uv_poll_start(&door->poll, UV_READABLE, on_poll);
    http->doors[http->door_count++] = door;
    return CW_OK;
}

static void close_door(struct door *door)
{
    uv_close((uv_handle_t *)&door->poll, on_closed);
    uv_close((uv_handle_t *)&door->timer, on_closed);
    MHD_stop_daemon(door->daemon);
}

static enum cw_err open_doors(struct cw_http *http, uv_loop_t *loop, const char **problem)
{
    int fd = -1;
    if (http->settings.socket != NULL) {
        CW_TRY(cw_http_listen_unix(http->settings.socket, &fd, problem));
        const size_t size = strlen(http->settings.socket) + 1;
        http->socket = malloc(size);
        if (http->socket == NULL) {
            abort();
        }
        memcpy(http->socket, http->settings.socket, size);
        CW_TRY(open_door(http, loop, fd, true, problem));
    }
    if (http->settings.listen != NULL) {
        CW_TRY(cw_http_listen_tcp(http->settings.listen, &fd, problem));
        CW_TRY(open_door(http, loop, fd, false, problem));
    }
    return CW_OK;
}

enum cw_err cw_http_start(struct uv_loop_s *loop, const struct cw_http_settings *settings,
                          struct cw_http **out, const char **problem)
{
    struct cw_http *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        abort();
    }
    http->settings = *settings;
    const enum cw_err err = open_doors(http, loop, problem);
    if (err != CW_OK) {
        cw_http_stop(&http);
        return err;
    }
    *out = http;
    return CW_OK;
}

struct cw_http_later *cw_http_later(const struct cw_http_request *request)
{
    struct exchange *const exchange = request->exchange;
    struct cw_http *const http = exchange->door->http;
    struct cw_http_later *const later = calloc(1, sizeof(*later));
    if (later == NULL) {
        abort();
    }
    *later = (struct cw_http_later){.http = http,
                                    .exchange = exchange,
                                    .door = exchange->door,
                                    .connection = request->connection,
                                    .next = http->waiting,
                                    .place = &http->waiting};
    if (later->next != NULL) {
        later->next->place = &later->next;
    }
    http->waiting = later;
    exchange->later = later;
    MHD_suspend_connection(later->connection);
    return later;
}

/* Takes it out of the list and lets the library call on_request() once more. */
static void resume(struct cw_http_later *later, const struct cw_http_response *response)
{
    *later->place = later->next;
    if (later->next != NULL) {
        later->next->place = later->place;
    }
    later->http = NULL;
    if (later->exchange == NULL) { /* the connection is gone */
        free(response->body);
        return;
    }
    later->exchange->made = *response;
    later->exchange->made.status = response->status == 0 ? 500 : response->status;
    later->exchange->later = NULL;
    later->exchange = NULL;
    MHD_resume_connection(later->connection);
    later->door->resumed = true;
    (void)uv_timer_start(&later->door->timer, on_timer, 0, 0);
}

void cw_http_answer(struct cw_http_later **later, struct cw_http_response *response)
{
    if ((*later)->http != NULL) {
        resume(*later, response);
    } else {
        free(response->body);
    }
    free(*later);
    *later = NULL;
}

/* A daemon must not be stopped with somebody waiting. */
static void answer_all(struct cw_http *http)
{
    while (http->waiting != NULL) {
        struct cw_http_response response = {.status = 0};
        refuse(&response, 503);
        resume(http->waiting, &response);
    }
    for (unsigned i = 0; i < http->door_count; i++) {
        (void)MHD_run(http->doors[i]->daemon);
    }
}

void cw_http_stop(struct cw_http **http)
{
    if (*http == NULL) {
        return;
    }
    answer_all(*http);
    for (unsigned i = 0; i < (*http)->door_count; i++) {
        close_door((*http)->doors[i]);
    }
    if ((*http)->socket != NULL) {
        (void)unlink((*http)->socket);
        free((*http)->socket);
    }
    free(*http);
    *http = NULL;
}

const char *cw_http_query(const struct cw_http_request *request, const char *name)
{
    const char *value = NULL;
    size_t len = 0;
    if (MHD_lookup_connection_value_n(request->connection, MHD_GET_ARGUMENT_KIND, name,
                                      strlen(name), &value, &len) != MHD_YES) {
        return NULL;
    }
    return value == NULL ? "" : value;
}

const char *cw_http_header(const struct cw_http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void cw_http_add_field(struct cw_http_response *response, const char *name, const char *value)
{
    if (response->field_count == CW_HTTP_FIELDS_MAX) {
        abort(); /* our own answers have fewer */
    }
    struct cw_http_field *field = &response->fields[response->field_count++];
    field->name = name;
    (void)snprintf(field->value, sizeof(field->value), "%s", value);
}

void cw_http_text(struct cw_http_response *response, unsigned status, const char *content_type,
                  const char *text)
{
    const size_t len = strlen(text);
    response->status = status;
    response->content_type = content_type;
    response->body = malloc(len + 1);
    if (response->body == NULL) {
        abort();
    }
    memcpy(response->body, text, len + 1);
    response->body_len = len;
}
