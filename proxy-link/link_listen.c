/* SPDX-License-Identifier: Apache-2.0 */
#include "link_address.h"
#include "link_connection.h"

#include <stdlib.h>

enum {
    MAX_SESSIONS = 256, /* gateway nodes of one pool, over the life of the edge */
    MAX_GREETING = 64   /* connections that have not proven themselves */
};

struct cw_link_listener {
    struct cw_link_config *config;
    struct cw_link_events events;
    void *user;
    uv_loop_t *loop;
    struct cw_tls_listener *tcp;
    uv_timer_t last; /* its close callback ends the memory, when no call of ours is under way */
    struct cw_link *sessions[MAX_SESSIONS];
    size_t session_count;
    struct cw_link_connection *greeting[MAX_GREETING];
    size_t greeting_count;
};

static void forget_greeting(struct cw_link_listener *listener,
                            const struct cw_link_connection *connection)
{
    for (size_t i = 0; i < listener->greeting_count; i++) {
        if (listener->greeting[i] == connection) {
            listener->greeting[i] = listener->greeting[--listener->greeting_count];
            return;
        }
    }
}

static void on_trusted(struct cw_link_connection *connection)
{
    (void)connection; /* the gateway speaks first */
}

static struct cw_link *find_session(const struct cw_link_listener *listener, struct cw_bytes node)
{
    for (size_t i = 0; i < listener->session_count; i++) {
        const char *const peer = listener->sessions[i]->session->peer;

        if (cw_bytes_equal(node, (struct cw_bytes){peer, strlen(peer)})) {
            return listener->sessions[i];
        }
    }
    return NULL;
}

static struct cw_link *add_session(struct cw_link_listener *listener, struct cw_bytes node,
                                   size_t name_index)
{
    char label[CW_FRAME_MAX_NODE + 1];

    memcpy(label, node.base, node.len);
    label[node.len] = '\0';

    struct cw_link *const link =
        cw_link_new(listener->config, true, label, &listener->events, listener->user);

    link->owner = listener;
    link->name_index = name_index;
    memcpy(link->session->peer, label, node.len + 1);
    listener->sessions[listener->session_count++] = link;
    return link;
}

/* The gateway's older connection is dead, only nobody has noticed yet. */
static void replace_connection(struct cw_link *link)
{
    struct cw_link_connection *const older = link->connection;

    if (older != NULL) {
        cw_link_down(link, CW_ERR_CLOSED, "the gateway came back on another connection");
        older->owner = NULL;
        older->link = NULL;
        cw_link_connection_abort(older, CW_ERR_CLOSED, "replaced");
    }
}

static const char *attach(struct cw_link *link, struct cw_link_connection *connection,
                          const struct cw_frame_hello *hello)
{
    replace_connection(link);
    if (link->closed || connection->ended) {
        return NULL; /* on_down closed the listener */
    }
    if (cw_session_meet(link->session, hello) != CW_OK) {
        return "HELLO does not fit what was sent before";
    }
    forget_greeting(link->owner, connection);
    cw_link_connection_greet(connection, CW_FRAME_WELCOME, link);
    cw_link_up(link, connection, hello);
    return NULL;
}

static const char *no_home(struct cw_link_listener *listener,
                           const struct cw_link_connection *connection, const struct cw_link *link)
{
    if (link == NULL) {
        return listener->session_count == MAX_SESSIONS ? "too many gateway nodes" : NULL;
    }
    return cw_link_config_bears(listener->config, cw_tls_stream_certificate(connection->stream),
                                link->name_index)
               ? NULL
               : "the node is known under another certificate name";
}

static const char *on_hello(struct cw_link_connection *connection,
                            const struct cw_frame_hello *hello)
{
    struct cw_link_listener *const listener = connection->owner;
    struct cw_link *link = find_session(listener, hello->node);
    const char *objection = no_home(listener, connection, link);

    if (objection != NULL) {
        return objection;
    }
    if (link != NULL) {
        objection = cw_session_objection(link->session, hello);
        return objection != NULL ? objection : attach(link, connection, hello);
    }
    link = add_session(listener, hello->node, connection->name_index);
    objection = cw_session_objection(link->session, hello);
    if (objection != NULL) {
        listener->session_count--;
        cw_link_free(link);
        return objection;
    }
    return attach(link, connection, hello);
}

static void on_end(struct cw_link_connection *connection, enum cw_err why, const char *detail)
{
    struct cw_link_listener *const listener = connection->owner;

    (void)why;
    forget_greeting(listener, connection);
    if (!connection->up) {
        CW_LOG(listener->config->log, LINK_DOWN, "a gateway was turned away",
               {"address", cw_log_text(cw_tls_stream_peer(connection->stream))},
               {"reason", cw_log_text(detail)});
    }
}

static const char *no_server_name(const struct cw_link_connection *connection)
{
    (void)connection;
    return NULL;
}

static const struct cw_link_role EDGE = {
    .on_trusted = on_trusted,
    .on_hello = on_hello,
    .on_end = on_end,
    .server_name = no_server_name,
    .greeting = CW_FRAME_HELLO,
};

static void on_accept(struct cw_tls_stream *stream, void *user)
{
    struct cw_link_listener *const listener = user;
    struct cw_link_connection *const connection =
        cw_link_connection_new(listener->loop, listener->config, &EDGE, listener);

    connection->stream = stream;
    cw_tls_stream_adopt(stream, &cw_link_connection_events, connection);
    if (listener->greeting_count == MAX_GREETING) {
        cw_link_connection_abort(connection, CW_ERR_LIMIT, "too many connections are being set up");
        return;
    }
    listener->greeting[listener->greeting_count++] = connection;
}

/* NOLINTNEXTLINE(readability-function-size): all of it is the contract's */
enum cw_err cw_link_listen(struct uv_loop_s *loop, const struct cw_link_settings *settings,
                           const char *address, const struct cw_link_events *events, void *user,
                           struct cw_link_listener **out, const char **problem)
{
    struct cw_link_address where;
    struct sockaddr_storage literal;

    if (cw_link_address_read(address, &where) != CW_OK ||
        !cw_link_address_literal(&where, &literal)) {
        *problem = "the address to listen on is not IP:PORT or [IP]:PORT";
        return CW_ERR_IO;
    }

    struct cw_link_listener *const listener = calloc(1, sizeof(*listener));

    if (listener == NULL) {
        abort();
    }
    if (cw_tls_listen(loop, (const struct sockaddr *)&literal, on_accept, listener, &listener->tcp,
                      problem) != CW_OK) {
        free(listener);
        return CW_ERR_IO;
    }
    listener->config = cw_link_config_new(settings);
    listener->events = *events;
    listener->user = user;
    listener->loop = loop;
    (void)uv_timer_init(loop, &listener->last);
    listener->last.data = listener;
    *out = listener;
    return CW_OK;
}

void cw_link_listener_set_tls(struct cw_link_listener *listener, struct cw_tls *tls)
{
    cw_link_config_set_tls(listener->config, tls);
}

uint16_t cw_link_listener_port(const struct cw_link_listener *listener)
{
    return cw_tls_listener_port(listener->tcp);
}

static void on_last(uv_handle_t *handle)
{
    struct cw_link_listener *const listener = handle->data;

    for (size_t i = 0; i < listener->session_count; i++) {
        cw_link_free(listener->sessions[i]);
    }
    cw_link_config_free(&listener->config);
    free(listener);
}

void cw_link_listener_close(struct cw_link_listener **listener)
{
    struct cw_link_listener *const closing = *listener;

    *listener = NULL;
    if (closing == NULL) {
        return;
    }
    cw_tls_listener_close(&closing->tcp);
    for (size_t i = 0; i < closing->session_count; i++) {
        cw_link_shut(closing->sessions[i]);
    }
    while (closing->greeting_count > 0) {
        cw_link_connection_let_go(closing->greeting[--closing->greeting_count]);
    }
    uv_close((uv_handle_t *)&closing->last, on_last);
}
