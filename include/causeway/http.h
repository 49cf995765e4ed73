/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The local HTTP surface of a process: health, metrics and the API, on a unix socket and on
 * loopback TCP. libmicrohttpd in the libuv loop; handlers run on the loop.
 */

#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

struct cw_http;
struct cw_metrics;
struct uv_loop_s;

struct cw_http_request {
    const char *method; /**< "GET" ...; HEAD is served as GET */
    const char *path;   /**< without query, decoded */
    struct cw_bytes body;
    bool local;       /**< came over the unix socket: may change things */
    void *connection; /**< for cw_http_query() and the like */
    void *exchange;   /**< for cw_http_later() */
    const char *id;   /**< X-Request-Id of the answer */
    int64_t peer_uid; /**< whose process asks over the unix socket; -1 over TCP */
};

#define CW_HTTP_FIELDS_MAX 3u

/** One header field of an answer. */
struct cw_http_field {
    const char *name; /**< literal */
    char value[300];
};

struct cw_http_response {
    unsigned status;
    const char *content_type;
    char *body; /**< malloc'ed, taken over; NULL for none */
    size_t body_len;
    struct cw_http_field fields[CW_HTTP_FIELDS_MAX];
    size_t field_count;
};

/** A request whose answer comes later. */
struct cw_http_later;

/** Answers one request; fills `response` (zeroed before). */
typedef void cw_http_fn(const struct cw_http_request *request, struct cw_http_response *response,
                        void *user);

/** One route. `path` ending in "/" takes everything below it; the first that fits wins. */
struct cw_http_route {
    const char *method;
    const char *path;
    cw_http_fn *handle;
    bool local_only; /**< only over the unix socket */
};

struct cw_http_settings {
    const char *socket;                 /**< path of the unix socket (mode 0660), NULL for none */
    const char *listen;                 /**< "127.0.0.1:9269", loopback only; NULL for none */
    const struct cw_http_route *routes; /**< borrowed as long as it serves */
    size_t route_count;
    void *user;
    struct cw_metrics *metrics; /**< for http_requests_total and its duration; NULL for none */
};

/**
 * Starts serving. Unknown paths get 404, other methods 405, bodies over 1 MiB 413, `local_only`
 * over TCP 403; so does TCP with a Host or Origin that is not loopback (a web page must not reach
 * us by a name of its own). A stale socket file is replaced, one that is served is an error.
 *
 * @return CW_OK, CW_ERR_IO or CW_ERR_CONFIG, `*problem` one line
 */
CW_MUST_USE enum cw_err cw_http_start(struct uv_loop_s *loop,
                                      const struct cw_http_settings *settings, struct cw_http **out,
                                      const char **problem);

/** Stops, removes the socket file, frees and sets NULL. */
void cw_http_stop(struct cw_http **http);

/** Value of a query parameter of the request in hand, "" when it has none; NULL when absent. */
const char *cw_http_query(const struct cw_http_request *request, const char *name);

/** Value of a header field of the request in hand; NULL when absent. */
const char *cw_http_header(const struct cw_http_request *request, const char *name);

/**
 * For a handler that cannot answer yet: what it does with `response` is ignored, and the request
 * waits for cw_http_answer(), which must come once; it may come from the handler itself.
 */
struct cw_http_later *cw_http_later(const struct cw_http_request *request);

/** Answers, frees and sets NULL. After cw_http_stop(), which answered with 503, it only frees. */
void cw_http_answer(struct cw_http_later **later, struct cw_http_response *response);

/** Adds a header field; a value that is too long is cut. */
void cw_http_add_field(struct cw_http_response *response, const char *name, const char *value);

/** Fills `response` with a copy of `text`. */
void cw_http_text(struct cw_http_response *response, unsigned status, const char *content_type,
                  const char *text);
