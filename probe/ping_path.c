/* SPDX-License-Identifier: Apache-2.0 */
#include "ping_path.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "exit_code.h"

enum {
    STEP_MS = 100,
    CLOSE_MS = 1000,
    BODY_SIZE = 64,
};

static const char k_presence[] = "<presence><priority>127</priority></presence>";

struct ping {
    struct cw_client *client;
    const char *to;
    char *id;
    char body[BODY_SIZE];
    long long sent_ms;
    const char *result; /* NULL while open */
    int exit_code;
    json_t *answer;
};

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void finish(struct ping *ping, const char *result, int exit_code, const json_t *event)
{
    if (ping->result != NULL) {
        return;
    }
    ping->result = result;
    ping->exit_code = exit_code;
    ping->answer = json_deep_copy(event);
}

static void send_ping(struct ping *ping)
{
    xmpp_conn_t *conn = cw_client_connection(ping->client);
    xmpp_ctx_t *ctx = xmpp_conn_get_context(conn);
    /* An echo that forgets our resource comes to the bare JID: be the one who gets it. */
    xmpp_send_raw(conn, k_presence, sizeof k_presence - 1);
    ping->id = xmpp_uuid_gen(ctx);
    (void)snprintf(ping->body, sizeof ping->body, "causeway-probe %s", ping->id);
    xmpp_stanza_t *message = xmpp_message_new(ctx, "chat", ping->to, ping->id);
    xmpp_message_set_body(message, ping->body);
    xmpp_send(conn, message);
    xmpp_stanza_release(message);
    ping->sent_ms = now_ms();
}

static bool is_from(const json_t *event, const char *bare)
{
    const char *from = json_string_value(json_object_get(event, "from"));
    size_t len = strlen(bare);
    return from != NULL && strncmp(from, bare, len) == 0 && (from[len] == '\0' || from[len] == '/');
}

static bool has(const json_t *event, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(event, key));
    return value != NULL && text != NULL && strcmp(value, text) == 0;
}

static void on_event(void *user, const json_t *event)
{
    struct ping *ping = user;
    if (has(event, "event", "closed")) {
        bool reached = cw_client_was_reached(ping->client);
        finish(ping, "closed", reached ? CW_EXIT_REFUSED : CW_EXIT_UNREACHABLE, event);
    }
    if (!has(event, "event", "message") || ping->id == NULL) {
        return;
    }
    if (has(event, "type", "error") && has(event, "id", ping->id)) {
        finish(ping, "error", CW_EXIT_FAILED, event);
    } else if (is_from(event, ping->to) && has(event, "body", ping->body)) {
        finish(ping, "echo", CW_EXIT_OK, event);
    }
}

static void print_result(const struct ping *ping)
{
    json_t *line = cw_event_new("result");
    json_object_set_new(line, "result", json_string(ping->result));
    json_object_set_new(line, "to", json_string(ping->to));
    if (ping->sent_ms != 0) {
        json_object_set_new(line, "round_trip_ms", json_integer(now_ms() - ping->sent_ms));
    }
    if (ping->answer != NULL) {
        json_object_set(line, "answer", ping->answer);
    }
    cw_event_print(line);
    json_decref(line);
}

static void close_client(struct ping *ping)
{
    if (!cw_client_is_closed(ping->client)) {
        cw_client_close(ping->client);
    }
    long long end_ms = now_ms() + CLOSE_MS;
    while (!cw_client_is_closed(ping->client) && now_ms() < end_ms) {
        cw_client_step(ping->client, -1, STEP_MS);
    }
}

int cw_ping_path_run(const struct cw_options *options)
{
    struct ping ping = {.to = options->to};
    ping.client = cw_client_new(&options->client, on_event, &ping);
    if (ping.client == NULL) {
        (void)fputs("causeway-probe: cannot start to connect\n", stderr);
        return CW_EXIT_UNREACHABLE;
    }
    long long end_ms = now_ms() + options->deadline_ms;
    while (ping.result == NULL && now_ms() < end_ms) {
        cw_client_step(ping.client, -1, STEP_MS);
        if (cw_client_is_online(ping.client) && ping.id == NULL) {
            send_ping(&ping);
        }
    }
    finish(&ping, "deadline", CW_EXIT_DEADLINE, NULL);
    print_result(&ping);
    close_client(&ping);
    xmpp_free(xmpp_conn_get_context(cw_client_connection(ping.client)), ping.id);
    json_decref(ping.answer);
    cw_client_free(&ping.client);
    return ping.exit_code;
}
