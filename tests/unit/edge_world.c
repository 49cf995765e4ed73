/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_world.h"

#include "cw_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 8000 };

static void note(struct server *server, const char *what, struct cw_bytes detail)
{
    const size_t used = strlen(server->log);

    (void)snprintf(server->log + used, sizeof(server->log) - used, "%s " CW_FMT "\n", what,
                   CW_ARG(detail));
}

static struct cw_bytes of(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

static const struct cw_permit *permit(struct cw_bytes remote, void *user)
{
    struct server *server = user;

    for (size_t i = 0; i < server->permit_count; i++) {
        if (cw_bytes_equal(server->permits[i].domain, remote)) {
            return &server->permits[i];
        }
    }
    return NULL;
}

static bool is_own(struct cw_bytes domain, void *user)
{
    const struct server *server = user;

    return cw_bytes_equal(domain, of(server->domain));
}

static void turned_away(struct cw_bytes remote, struct cw_bytes peer, void *user)
{
    assert_memory_equal(peer.base, "127.0.0.1:", 10);
    note(user, "turned-away", remote);
}

static struct cw_tls *tls(struct cw_bytes own, bool as_server, void *user)
{
    struct server *server = user;

    (void)own;
    return as_server ? server->accepts : server->connects;
}

static void on_pair(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                    enum cw_method method, void *user)
{
    static const char *const NAMES[] = {"none", "sasl_tls", "tls_dialback", "tcp_dialback"};
    char line[256];

    (void)stream;
    (void)snprintf(line, sizeof(line), CW_FMT " " CW_FMT " %s", CW_ARG(own), CW_ARG(remote),
                   NAMES[method]);
    note(user, "pair", of(line));
}

static void on_pair_failed(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                           enum cw_fail why, const char *detail, void *user)
{
    char line[300];

    (void)stream;
    (void)snprintf(line, sizeof(line), CW_FMT " " CW_FMT " %d %s", CW_ARG(own), CW_ARG(remote),
                   (int)why, detail);
    note(user, "pair-failed", of(line));
}

static void on_stanza(struct cw_stream *stream, const struct cw_authenticated_stanza *stanza,
                      void *user)
{
    struct server *server = user;

    (void)stream;
    (void)snprintf(server->stanza, sizeof(server->stanza), CW_FMT, CW_ARG(stanza->xml));
    note(server, "stanza", stanza->remote);
}

static void on_verify(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key, void *user);

static void on_verify_answer(struct cw_stream *stream, struct cw_bytes id, bool valid,
                             enum cw_fail fail, void *user)
{
    struct server *server = user;

    note(server, valid ? "answer valid" : "answer no", id);
    cw_stream_close(stream, NULL, NULL);
    if (server->accepted != NULL) {
        cw_stream_verified(server->accepted, of(server->wanted_own), of(server->wanted_remote),
                           valid, fail);
    }
}

static void on_closed(struct cw_stream *stream, enum cw_fail why, const char *detail, void *user)
{
    struct server *server = user;
    char line[300];

    server->orderly = cw_stream_facts(stream).orderly;
    server->asked = cw_stream_facts(stream).asked;
    (void)snprintf(line, sizeof(line), "%d %s", (int)why, detail);
    note(server, stream == server->verifier ? "verifier-closed" : "closed", of(line));
    if (stream == server->accepted) {
        server->accepted = NULL;
    }
    if (stream == server->opened) {
        server->opened = NULL;
    }
    if (stream == server->verifier) {
        server->verifier = NULL;
    }
}

static const struct cw_stream_events EVENTS = {
    .on_pair = on_pair,
    .on_pair_failed = on_pair_failed,
    .on_stanza = on_stanza,
    .on_verify = on_verify,
    .on_verify_answer = on_verify_answer,
    .on_closed = on_closed,
};

static void on_verify(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key, void *user)
{
    struct server *server = user;

    note(server, "verify", remote);
    (void)snprintf(server->wanted_own, sizeof(server->wanted_own), CW_FMT, CW_ARG(own));
    (void)snprintf(server->wanted_remote, sizeof(server->wanted_remote), CW_FMT, CW_ARG(remote));
    if (server->cannot != CW_FAIL_NONE || server->disowns) {
        cw_stream_verified(stream, own, remote, false, server->cannot);
    } else if (!server->deaf) {
        server->verifier =
            cw_stream_open(&server->env, (const struct sockaddr *)&server->peer->address, false,
                           true, own, remote, &EVENTS, server);
        cw_stream_verify(server->verifier, own, remote, id, key);
    }
}

static void on_accept(struct cw_tls_stream *connection, void *user)
{
    struct server *server = user;
    struct cw_stream *stream =
        cw_stream_accept(&server->env, connection, server->direct_tls, &EVENTS, server);

    server->accepted = stream;
    note(server, "accepted", of(""));
}

static struct cw_tls *make_tls(struct cw_mint *mint, const char *name, bool as_server)
{
    char certificate[64];
    char key[64];
    const char *problem = NULL;
    struct cw_tls *made = NULL;

    (void)snprintf(certificate, sizeof(certificate), "%s.crt", name == NULL ? "" : name);
    (void)snprintf(key, sizeof(key), "%s.key", name == NULL ? "" : name);
    const struct cw_tls_settings settings = {
        .certificate = name == NULL ? NULL : cw_mint_path(mint, certificate),
        .key = name == NULL ? NULL : cw_mint_path(mint, key),
        .ca = cw_mint_path(mint, "ca.crt"),
        .verify = CW_TLS_VERIFY_ASK,
        .server = as_server,
    };
    assert_int_equal(cw_tls_new(&settings, &made, &problem), CW_OK);
    return made;
}

struct cw_tls *raw_tls(struct cw_mint *mint, const char *name)
{
    return make_tls(mint, name, false);
}

struct cw_tls *raw_server_tls(struct cw_mint *mint, const char *name)
{
    return make_tls(mint, name, true);
}

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    uv_loop_t loop;
    uv_tcp_t tcp;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_tcp_init(&loop, &tcp), 0);
    assert_int_equal(uv_tcp_bind(&tcp, (const struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_tcp_getsockname(&tcp, (struct sockaddr *)&address, (int *)&len), 0);
    uv_close((uv_handle_t *)&tcp, NULL);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return ntohs(address.sin_port);
}

static void server_open(struct world *world, struct server *server, struct cw_mint *mint,
                        const char *domain, const char *certificate)
{
    const char *problem = NULL;

    server->world = world;
    server->domain = domain;
    server->accepts = make_tls(mint, certificate, true);
    server->connects = make_tls(mint, certificate, false);
    server->env = (struct cw_stream_environment){
        .loop = &world->loop,
        .permit = permit,
        .is_own = is_own,
        .turned_away = turned_away,
        .tls = tls,
        .dialback_secret = of(domain),
        .establishment_timeout_ms = 5000,
        .inactivity_timeout_ms = 60000,
        .keep_alive_interval_ms = 60000,
        .max_stanza_size = 65536,
        .metrics = cw_metrics_new("edge"),
        .user = server,
    };
    server->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(free_port())};
    server->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(cw_tls_listen(&world->loop, (const struct sockaddr *)&server->address,
                                   on_accept, server, &server->listener, &problem),
                     CW_OK);
}

void world_permit(struct server *server, const char *domain, unsigned methods, bool offered)
{
    server->permits[server->permit_count++] = (struct cw_permit){
        .domain = of(domain),
        .partner = of(domain),
        .methods = (uint8_t)methods,
        .tls_required = (methods & (1u << CW_METHOD_TCP_DIALBACK)) == 0,
        .tls_offered = offered,
        .keep_alive = true,
        .connection_limit = 20,
    };
}

static void on_patience(uv_timer_t *timer)
{
    struct world *world = timer->data;

    world->late = true;
    uv_stop(&world->loop);
}

void world_open(struct world *world, struct cw_mint *mint, unsigned methods, bool tls_offered)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    memset(world, 0, sizeof(*world));
    assert_int_equal(uv_loop_init(&world->loop), 0);
    assert_int_equal(uv_timer_init(&world->loop, &world->patience), 0);
    world->patience.data = world;
    server_open(world, &world->corp, mint, "corp.example", "corp");
    server_open(world, &world->partner, mint, "partner.example", "partner");
    world->corp.peer = &world->partner;
    world->partner.peer = &world->corp;
    world_permit(&world->corp, "partner.example", methods, tls_offered);
    world_permit(&world->partner, "corp.example", methods, tls_offered);
}

static void server_close(struct server *server)
{
    struct cw_stream *const streams[] = {server->accepted, server->opened, server->verifier};

    for (size_t i = 0; i < CW_COUNT(streams); i++) {
        if (streams[i] != NULL) {
            cw_stream_close(streams[i], NULL, NULL);
        }
    }
    cw_tls_listener_close(&server->listener);
}

void world_close(struct world *world)
{
    server_close(&world->corp);
    server_close(&world->partner);
    uv_close((uv_handle_t *)&world->patience, NULL);
    (void)uv_run(&world->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world->loop), 0);
    for (size_t i = 0; i < 2; i++) {
        struct server *server = i == 0 ? &world->corp : &world->partner;

        cw_tls_free(&server->accepts);
        cw_tls_free(&server->connects);
        cw_metrics_free(&server->env.metrics);
    }
}

static bool run_until(struct world *world, const char *buffer, const char *text)
{
    world->late = false;
    assert_int_equal(uv_timer_start(&world->patience, on_patience, PATIENCE_MS, 0), 0);
    while (!world->late && strstr(buffer, text) == NULL) {
        (void)uv_run(&world->loop, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&world->patience);
    return strstr(buffer, text) != NULL;
}

bool world_until(struct world *world, struct server *server, const char *text)
{
    const bool came = run_until(world, server->log, text);

    if (!came) {
        print_message("corp:\n%s\npartner:\n%s\nawaited: %s\n", world->corp.log, world->partner.log,
                      text);
    }
    return came;
}

void world_connect(struct world *world)
{
    world->corp.opened =
        cw_stream_open(&world->corp.env, (const struct sockaddr *)&world->partner.address,
                       world->partner.direct_tls, false, of("corp.example"), of("partner.example"),
                       &EVENTS, &world->corp);
}

/** The raw client. */
struct raw {
    struct cw_tls_stream *connection;
    char got[65536];
    size_t len;
    size_t seen;
    char flags[64];
};

static struct raw the_raw; /* one at a time */

static void raw_open(struct cw_tls_stream *connection, void *user)
{
    struct raw *raw = user;

    (void)connection;
    (void)strcat(raw->flags, "open ");
}

static void raw_secure(struct cw_tls_stream *connection, void *user)
{
    struct raw *raw = user;

    (void)connection;
    (void)strcat(raw->flags, "secure ");
}

static void raw_read(struct cw_tls_stream *connection, struct cw_bytes data, void *user)
{
    struct raw *raw = user;

    (void)connection;
    assert_true(raw->len + data.len < sizeof(raw->got));
    memcpy(raw->got + raw->len, data.base, data.len);
    raw->len += data.len;
    raw->got[raw->len] = '\0';
}

static void raw_closed(struct cw_tls_stream *connection, enum cw_err why, const char *detail,
                       void *user)
{
    struct raw *raw = user;

    (void)connection;
    (void)why;
    (void)detail;
    raw->connection = NULL;
    (void)strcat(raw->flags, "closed ");
}

static const struct cw_tls_stream_events RAW_EVENTS = {
    .on_open = raw_open, .on_secure = raw_secure, .on_read = raw_read, .on_closed = raw_closed};

/** Plays the script on a connection that is there. */
static void raw_run(struct world *world, struct raw *raw, struct cw_tls *context,
                    const struct step *steps, size_t count)
{
    assert_true(run_until(world, raw->flags, "open"));
    for (size_t i = 0; i < count; i++) {
        bool came = true;

        if (steps[i].send != NULL && strcmp(steps[i].send, "<TLS>") == 0) {
            cw_tls_stream_start_tls(raw->connection, context, NULL, 3000);
            raw->seen = raw->len; /* the peer's next bytes may come with the handshake's end */
            came = run_until(world, raw->flags, "secure");
        } else if (steps[i].send != NULL && raw->connection != NULL) {
            raw->seen = raw->len;
            cw_tls_stream_write(raw->connection, of(steps[i].send));
        }
        if (steps[i].expect != NULL && strcmp(steps[i].expect, "<CLOSED>") == 0) {
            came = run_until(world, raw->flags, "closed");
        } else if (steps[i].expect != NULL) {
            came = run_until(world, raw->got + raw->seen, steps[i].expect);
        }
        if (!came) {
            print_message("step %zu: awaited %s, got: %s\n", i, steps[i].expect,
                          raw->got + raw->seen);
        }
        assert_true(came);
    }
}

void raw_close(struct world *world, struct raw *raw)
{
    if (raw->connection != NULL) {
        cw_tls_stream_close(raw->connection);
    }
    assert_true(run_until(world, raw->flags, "closed"));
}

struct raw *raw_connect(struct world *world, struct server *server)
{
    struct raw *const raw = &the_raw;

    memset(raw, 0, sizeof(*raw));
    raw->connection = cw_tls_stream_connect(&world->loop, (const struct sockaddr *)&server->address,
                                            3000, &RAW_EVENTS, raw);
    assert_true(run_until(world, raw->flags, "open"));
    return raw;
}

const char *raw_play(struct world *world, struct server *server, struct cw_tls *context,
                     const struct step *steps, size_t count)
{
    struct raw *const raw = raw_connect(world, server);

    raw_run(world, raw, context, steps, count);
    raw_close(world, raw);
    cw_tls_free(&context);
    return raw->got;
}

static void raw_accept(struct cw_tls_stream *connection, void *user)
{
    struct raw *raw = user;

    raw->connection = connection;
    cw_tls_stream_adopt(connection, &RAW_EVENTS, raw);
}

struct raw *raw_await(struct world *world)
{
    struct raw *const raw = &the_raw;
    const char *problem = NULL;

    memset(raw, 0, sizeof(*raw));
    cw_tls_listener_close(&world->partner.listener);
    world->partner.address.sin_port = htons(free_port());
    assert_int_equal(cw_tls_listen(&world->loop, (const struct sockaddr *)&world->partner.address,
                                   raw_accept, raw, &world->partner.listener, &problem),
                     CW_OK);
    world_connect(world);
    assert_true(run_until(world, raw->flags, "open"));
    return raw;
}

const char *raw_serve(struct world *world, struct cw_tls *context, const struct step *steps,
                      size_t count)
{
    struct raw *const raw = raw_await(world);

    raw_run(world, raw, context, steps, count);
    raw_close(world, raw);
    cw_tls_free(&context);
    return raw->got;
}

const char *raw_got(const struct raw *raw)
{
    return raw->got;
}

bool raw_is_closed(const struct raw *raw)
{
    return raw->connection == NULL;
}

void raw_send(struct raw *raw, struct cw_bytes text)
{
    if (raw->connection != NULL) {
        cw_tls_stream_write(raw->connection, text);
    }
}

bool raw_secure_now(struct world *world, struct raw *raw, struct cw_tls *context)
{
    cw_tls_stream_start_tls(raw->connection, context, NULL, 3000);
    return run_until(world, raw->flags, "secure");
}

bool world_turn(struct world *world)
{
    if (uv_is_active((uv_handle_t *)&world->patience) == 0) {
        world->late = false;
        assert_int_equal(uv_timer_start(&world->patience, on_patience, PATIENCE_MS, 0), 0);
    }
    (void)uv_run(&world->loop, UV_RUN_ONCE);
    return !world->late;
}

void world_calm(struct world *world)
{
    (void)uv_timer_stop(&world->patience);
}
