/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event.h"

enum {
    LOGIN_DEADLINE_S = 20,
    /* libstrophe reads 4,096 bytes a turn and does not see what OpenSSL still holds. */
    TURNS_AFTER_DRY = 4,
    CONNECTING_POLL_MS = 5,
    REASON_SIZE = 128,
};

struct cw_client {
    xmpp_ctx_t *ctx;
    xmpp_conn_t *conn;
    xmpp_log_t log;
    cw_client_event_fn on_event;
    void *user;
    int fd;
    bool reached; /* TCP is up: what fails after it is the log-in */
    bool online;
    bool closed;
};

/* The TLS handshake of libstrophe blocks and has no deadline: the alarm shuts its socket down. A
 * signal handler can reach nothing but a global. */
static volatile sig_atomic_t g_watched_fd = -1;

static void on_alarm(int signal_number)
{
    (void)signal_number;
    if (g_watched_fd >= 0) {
        shutdown(g_watched_fd, SHUT_RDWR);
    }
}

static void watch_login(int fd)
{
    struct sigaction action = {.sa_handler = on_alarm};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    g_watched_fd = fd;
    alarm(LOGIN_DEADLINE_S);
}

static void unwatch_login(void)
{
    alarm(0);
    g_watched_fd = -1;
}

static void emit(struct cw_client *client, json_t *event)
{
    client->on_event(client->user, event);
    json_decref(event);
}

static void emit_text(struct cw_client *client, const char *name, const char *key, const char *text)
{
    json_t *event = cw_event_new(name);
    if (text != NULL) {
        json_object_set_new(event, key, json_string(text));
    }
    emit(client, event);
}

/* Nobody but the handler has it at hand: libstrophe gives the user pointer of the handlers only. */
static int on_socket(xmpp_conn_t *conn, void *sock)
{
    (void)conn;
    int fd = *(int *)sock;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch_login(fd);
    return 0;
}

static void add_refusal(xmpp_ctx_t *ctx, xmpp_stanza_t *reply)
{
    xmpp_stanza_t *error = xmpp_stanza_new(ctx);
    xmpp_stanza_set_name(error, "error");
    xmpp_stanza_set_type(error, "cancel");
    xmpp_stanza_t *condition = xmpp_stanza_new(ctx);
    xmpp_stanza_set_name(condition, "service-unavailable");
    xmpp_stanza_set_ns(condition, "urn:ietf:params:xml:ns:xmpp-stanzas");
    xmpp_stanza_add_child_ex(error, condition, 0);
    xmpp_stanza_add_child_ex(reply, error, 0);
}

/* xmpp_stanza_reply() gives NULL for a stanza without 'from', which a roster push may be. */
static void answer_iq(struct cw_client *client, xmpp_stanza_t *stanza)
{
    const char *type = xmpp_stanza_get_type(stanza);
    const char *id = xmpp_stanza_get_id(stanza);
    if (type == NULL || id == NULL || (strcmp(type, "get") != 0 && strcmp(type, "set") != 0)) {
        return;
    }
    bool known = xmpp_stanza_get_child_by_ns(stanza, "urn:xmpp:ping") != NULL ||
                 xmpp_stanza_get_child_by_ns(stanza, "jabber:iq:roster") != NULL;
    xmpp_stanza_t *reply = xmpp_iq_new(client->ctx, known ? "result" : "error", id);
    if (xmpp_stanza_get_from(stanza) != NULL) {
        xmpp_stanza_set_to(reply, xmpp_stanza_get_from(stanza));
    }
    if (!known) {
        add_refusal(client->ctx, reply);
    }
    xmpp_send(client->conn, reply);
    xmpp_stanza_release(reply);
}

static int on_stanza(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *user)
{
    (void)conn;
    struct cw_client *client = user;
    emit(client, cw_event_of_stanza(stanza));
    const char *name = xmpp_stanza_get_name(stanza);
    if (name != NULL && strcmp(name, "iq") == 0) {
        answer_iq(client, stanza);
    }
    return 1;
}

static void on_disconnect(struct cw_client *client, int error, xmpp_stream_error_t *stream_error)
{
    unwatch_login();
    client->closed = true;
    json_t *event = cw_event_new("closed");
    json_object_set_new(event, "was_online", json_boolean(client->online));
    if (error != 0) {
        char reason[REASON_SIZE] = "";
        (void)strerror_r(error, reason, sizeof reason);
        json_object_set_new(event, "reason", json_string(reason));
    }
    if (stream_error != NULL && stream_error->text != NULL) {
        json_object_set_new(event, "text", json_string(stream_error->text));
    }
    client->online = false;
    client->fd = -1;
    emit(client, event);
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t status, int error,
                          xmpp_stream_error_t *stream_error, void *user)
{
    struct cw_client *client = user;
    if (status == XMPP_CONN_DISCONNECT) {
        on_disconnect(client, error, stream_error);
        return;
    }
    if (status != XMPP_CONN_CONNECT) {
        return;
    }
    client->fd = (int)g_watched_fd;
    unwatch_login();
    client->online = true;
    xmpp_handler_add(conn, on_stanza, NULL, NULL, NULL, client);
    emit_text(client, "online", "jid", xmpp_conn_get_bound_jid(conn));
}

static void on_log(void *user, xmpp_log_level_t level, const char *area, const char *message)
{
    struct cw_client *client = user;
    (void)area;
    if (level >= XMPP_LEVEL_ERROR) {
        emit_text(client, "error", "text", message);
    }
}

/* OpenSSL's default places are trusted beside the file given: take them away. */
static void trust_only(const char *ca_file)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): the probe has one thread */
    setenv("SSL_CERT_FILE", ca_file, 1);
    setenv("SSL_CERT_DIR", "/nonexistent", 1);
    /* NOLINTEND(concurrency-mt-unsafe) */
}

static void note_reached(struct cw_client *client)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    if (!client->reached && g_watched_fd >= 0) {
        client->reached = getpeername(g_watched_fd, (struct sockaddr *)&peer, &len) == 0;
    }
}

static void set_up(struct cw_client *client, const struct cw_client_options *options)
{
    unsigned long tls = options->plain ? XMPP_CONN_FLAG_DISABLE_TLS : XMPP_CONN_FLAG_MANDATORY_TLS;
    xmpp_conn_set_flags(client->conn, (long)(tls | XMPP_CONN_FLAG_DISABLE_SM));
    xmpp_conn_set_jid(client->conn, options->jid);
    xmpp_conn_set_pass(client->conn, options->password);
    xmpp_conn_set_sockopt_callback(client->conn, on_socket);
    if (options->ca_file != NULL) {
        trust_only(options->ca_file);
        xmpp_conn_set_cafile(client->conn, options->ca_file);
    }
}

struct cw_client *cw_client_new(const struct cw_client_options *options,
                                cw_client_event_fn on_event, void *user)
{
    struct cw_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        abort();
    }
    client->on_event = on_event;
    client->user = user;
    client->fd = -1;
    client->log = (xmpp_log_t){.handler = on_log, .userdata = client};
    (void)signal(SIGPIPE, SIG_IGN);
    xmpp_initialize();
    client->ctx = xmpp_ctx_new(NULL, &client->log);
    client->conn = xmpp_conn_new(client->ctx);
    set_up(client, options);
    if (xmpp_connect_client(client->conn, options->host, options->port, on_connection, client) !=
        XMPP_EOK) {
        cw_client_free(&client);
    }
    return client;
}

void cw_client_free(struct cw_client **client)
{
    if (*client == NULL) {
        return;
    }
    unwatch_login();
    xmpp_conn_release((*client)->conn);
    xmpp_ctx_free((*client)->ctx);
    xmpp_shutdown();
    free(*client);
    *client = NULL;
}

bool cw_client_step(struct cw_client *client, int other_fd, int timeout_ms)
{
    struct pollfd fds[2] = {{.fd = other_fd, .events = POLLIN},
                            {.fd = client->fd, .events = POLLIN}};
    int wait_ms = timeout_ms;
    bool connecting = !client->online && !client->closed;
    if (connecting || xmpp_conn_send_queue_len(client->conn) > 0) {
        wait_ms = CONNECTING_POLL_MS;
    }
    int ready = poll(fds, 2, wait_ms);
    for (int i = 0; i <= TURNS_AFTER_DRY; i++) {
        xmpp_run_once(client->ctx, 0);
        note_reached(client);
    }
    return ready > 0 && (fds[0].revents & (POLLIN | POLLHUP)) != 0;
}

void cw_client_close(struct cw_client *client)
{
    xmpp_disconnect(client->conn);
}

bool cw_client_is_online(const struct cw_client *client)
{
    return client->online;
}

bool cw_client_was_reached(const struct cw_client *client)
{
    return client->reached;
}

bool cw_client_is_closed(const struct cw_client *client)
{
    return client->closed;
}

xmpp_conn_t *cw_client_connection(const struct cw_client *client)
{
    return client->conn;
}
