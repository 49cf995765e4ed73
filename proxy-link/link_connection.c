/* SPDX-License-Identifier: Apache-2.0 */
#include "link_connection.h"

#include <causeway/clock.h>
#include <causeway/frame_write.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TLS_TIMEOUT_MS = 5000,
    TICKS_PER_HEARTBEAT = 4,      /* so that a dead peer is found at most half a second late */
    MAX_QUEUED = 8 * 1024 * 1024, /* octets; stanzas stop at 1 MiB, answers do not */
    MANY_UNMARKED = 4096          /* fates that wait for a PING: far below CW_ACK_IN_MAX */
};

static void on_handle_closed(uv_handle_t *handle)
{
    struct cw_link_connection *const connection = handle->data;

    if (--connection->handles == 0) {
        cw_frame_split_clear(&connection->split);
        free(connection);
    }
}

void cw_link_connection_abort(struct cw_link_connection *connection, enum cw_err why,
                              const char *detail)
{
    connection->ended = true;
    cw_tls_stream_abort(connection->stream, why, detail);
}

void cw_link_connection_write(struct cw_link_connection *connection, const uint8_t *frame,
                              size_t len)
{
    if (cw_tls_stream_queued(connection->stream) > MAX_QUEUED && !connection->ended) {
        cw_link_connection_abort(connection, CW_ERR_LIMIT, "the peer asks and does not read");
    }
    cw_tls_stream_write(connection->stream, (struct cw_bytes){(const char *)frame, len});
    if (connection->link != NULL && connection->link->meters.frames_out != NULL) {
        cw_metric_add(connection->link->meters.frames_out, 1.0);
        cw_metric_add(connection->link->meters.bytes_out, (double)len);
    }
}

void cw_link_connection_greet(struct cw_link_connection *connection, enum cw_frame_type type,
                              const struct cw_link *link)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];
    struct cw_frame_hello hello;

    cw_session_hello(link->session, link->revision, &hello);
    cw_link_connection_write(connection, frame,
                             cw_frame_write_hello(type, &hello, frame, sizeof(frame)));
}

void cw_link_connection_ping(struct cw_link_connection *connection)
{
    uint8_t frame[CW_FRAME_MAX_SMALL];

    cw_link_flush(connection->link); /* fates told before the mark must be before it on the wire */
    connection->ping_token = cw_ack_in_mark(connection->link->session->in);
    connection->ping_ns = uv_hrtime();
    connection->pinged_ms = cw_clock_now_ms();
    cw_link_connection_write(
        connection, frame,
        cw_frame_write_number(CW_FRAME_PING, connection->ping_token, frame, sizeof(frame)));
}

void cw_link_connection_let_go(struct cw_link_connection *connection)
{
    connection->owner = NULL;
    connection->link = NULL;
    connection->ended = true;
    cw_tls_stream_close(connection->stream);
}

static void on_turn(uv_idle_t *idle)
{
    struct cw_link_connection *const connection = idle->data;

    (void)uv_idle_stop(idle);
    if (connection->link == NULL || !connection->up) {
        return;
    }
    cw_link_pump(connection->link);
    cw_link_flush(connection->link);
    if (cw_ack_in_unmarked(connection->link->session->in) > MANY_UNMARKED) {
        cw_link_connection_ping(connection);
    }
    cw_link_wake(connection->link);
}

void cw_link_connection_dirty(struct cw_link_connection *connection)
{
    (void)uv_idle_start(&connection->turn, on_turn);
}

static void watch_peer(struct cw_link_connection *connection, uint64_t now_ms)
{
    const struct cw_link_config *const config = connection->config;

    if (connection->link->paused) {
        connection->heard_ms = now_ms; /* we do not listen: silence proves nothing */
    }
    if (now_ms - connection->heard_ms >= config->fail_after_ms) {
        cw_link_connection_abort(connection, CW_ERR_TIMEOUT, "the peer gives no sign of life");
    } else if (now_ms - connection->pinged_ms >= config->heartbeat_ms) {
        cw_link_connection_ping(connection);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct cw_link_connection *const connection = timer->data;
    const uint64_t now_ms = cw_clock_now_ms();

    if (connection->ended) {
        return;
    }
    if (connection->up) {
        watch_peer(connection, now_ms);
    } else if (now_ms - connection->begun_ms >=
               (uint64_t)TLS_TIMEOUT_MS + connection->config->fail_after_ms) {
        cw_link_connection_abort(connection, CW_ERR_TIMEOUT, "no greeting from the peer");
    }
}

static void on_open(struct cw_tls_stream *stream, void *user)
{
    const struct cw_link_connection *const connection = user;

    if (connection->ended) {
        return;
    }
    cw_tls_stream_start_tls(stream, connection->config->tls, connection->role->server_name(user),
                            TLS_TIMEOUT_MS);
}

static const char *distrust(struct cw_link_connection *connection, char *words, size_t room)
{
    struct cw_tls_stream *const stream = connection->stream;
    struct x509_st *const certificate = cw_tls_stream_certificate(stream);
    const char *problem = NULL;

    if (certificate == NULL) {
        return "the peer shows no certificate";
    }
    if (!cw_tls_stream_trusted(stream, &problem)) {
        (void)snprintf(words, room, "the peer's certificate is not trusted: %s",
                       problem == NULL ? "no reason given" : problem);
        return words;
    }
    if (strcmp(cw_tls_stream_version(stream), "TLSv1.3") != 0) {
        return "the peer does not speak TLS 1.3";
    }
    connection->name_index = cw_link_config_name(connection->config, certificate);
    if (connection->name_index == connection->config->name_count) {
        return "the peer's certificate bears no name of peer_names";
    }
    return NULL;
}

static void on_secure(struct cw_tls_stream *stream, void *user)
{
    struct cw_link_connection *const connection = user;
    char words[CW_LINK_DETAIL_LEN];

    (void)stream;
    if (connection->ended || connection->owner == NULL) {
        return;
    }

    const char *const problem = distrust(connection, words, sizeof(words));

    if (problem != NULL) {
        cw_link_connection_abort(connection, CW_ERR_TLS, problem);
        return;
    }
    connection->role->on_trusted(connection);
}

/* The edge says why. For it the link is up once WELCOME has left, so the gateway must not: its
 * GOAWAY would settle stanzas. */
static void refuse(struct cw_link_connection *connection, const char *reason)
{
    const struct cw_frame_goaway goaway = {0, {reason, strlen(reason)}};
    uint8_t frame[CW_FRAME_MAX_SMALL];

    (void)snprintf(connection->detail, sizeof(connection->detail), "%s", reason);
    if (connection->role->greeting == CW_FRAME_WELCOME) {
        cw_link_connection_abort(connection, CW_ERR_REFUSED, connection->detail);
        return;
    }
    cw_link_connection_write(connection, frame,
                             cw_frame_write_goaway(&goaway, frame, sizeof(frame)));
    connection->ended = true;
    cw_tls_stream_close(connection->stream);
}

/* Before HELLO and WELCOME are through, only they may come, and a refusal to the gateway. */
static enum cw_err greeting_frame(struct cw_link_connection *connection,
                                  const struct cw_frame_header *header, struct cw_bytes payload)
{
    struct cw_frame_hello hello;
    struct cw_frame_goaway goaway;

    if (header->type == CW_FRAME_GOAWAY && connection->role->greeting == CW_FRAME_WELCOME) {
        CW_TRY(cw_frame_read_goaway(payload, &goaway));
        (void)snprintf(connection->detail, sizeof(connection->detail), "the edge refuses: " CW_FMT,
                       CW_ARG(goaway.reason));
        cw_link_connection_abort(connection, CW_ERR_REFUSED, connection->detail);
        return CW_OK;
    }
    if (header->type != (uint8_t)connection->role->greeting) {
        return CW_ERR_PROTOCOL;
    }
    CW_TRY(cw_frame_read_hello(payload, &hello));

    const char *const objection = connection->role->on_hello(connection, &hello);

    if (objection != NULL) {
        refuse(connection, objection);
    }
    return CW_OK;
}

static enum cw_err take_frame(struct cw_link_connection *connection,
                              const struct cw_frame_header *header, struct cw_bytes payload)
{
    if (!connection->up) {
        return greeting_frame(connection, header, payload);
    }
    if (connection->link->meters.frames_in != NULL) {
        cw_metric_add(connection->link->meters.frames_in, 1.0);
    }
    return cw_link_frame(connection->link, header, payload);
}

static void on_read(struct cw_tls_stream *stream, struct cw_bytes data, void *user)
{
    struct cw_link_connection *const connection = user;
    struct cw_frame_header header;
    struct cw_bytes payload;
    enum cw_frame_cut cut = CW_FRAME_CUT_WHOLE;
    enum cw_err err = CW_OK;

    (void)stream;
    connection->heard_ms = cw_clock_now_ms();
    if (connection->link != NULL && connection->link->meters.bytes_in != NULL) {
        cw_metric_add(connection->link->meters.bytes_in, (double)data.len);
    }
    while (cut == CW_FRAME_CUT_WHOLE && err == CW_OK && !connection->ended) {
        cut = cw_frame_split_next(&connection->split, &data, &header, &payload, &err);
        if (cut == CW_FRAME_CUT_WHOLE) {
            err = take_frame(connection, &header, payload);
        }
    }
    if (err != CW_OK && !connection->ended) {
        cw_link_connection_abort(connection, CW_ERR_PROTOCOL, cw_err_text(err));
    } else if (connection->up && !connection->ended) {
        cw_link_connection_dirty(connection);
    }
}

static void on_drain(struct cw_tls_stream *stream, void *user)
{
    struct cw_link_connection *const connection = user;

    (void)stream;
    if (connection->up && !connection->ended) {
        cw_link_connection_dirty(connection);
    }
}

static void on_closed(struct cw_tls_stream *stream, enum cw_err why, const char *detail, void *user)
{
    struct cw_link_connection *const connection = user;
    const char *const cause = connection->detail[0] != '\0' ? connection->detail : detail;

    (void)stream;
    connection->ended = true;
    if (connection->link != NULL && connection->link->connection == connection) {
        cw_link_down(connection->link, why, cause);
    }
    if (connection->owner != NULL) {
        connection->role->on_end(connection, why, cause);
    }
    uv_close((uv_handle_t *)&connection->tick, on_handle_closed);
    uv_close((uv_handle_t *)&connection->turn, on_handle_closed);
}

const struct cw_tls_stream_events cw_link_connection_events = {
    .on_open = on_open,
    .on_secure = on_secure,
    .on_read = on_read,
    .on_drain = on_drain,
    .on_closed = on_closed,
};

struct cw_link_connection *cw_link_connection_new(uv_loop_t *loop,
                                                  const struct cw_link_config *config,
                                                  const struct cw_link_role *role, void *owner)
{
    struct cw_link_connection *const connection = calloc(1, sizeof(*connection));
    const uint64_t period_ms = config->heartbeat_ms / TICKS_PER_HEARTBEAT + 1;

    if (connection == NULL) {
        abort();
    }
    connection->config = config;
    connection->role = role;
    connection->owner = owner;
    connection->begun_ms = cw_clock_now_ms();
    (void)uv_timer_init(loop, &connection->tick);
    (void)uv_idle_init(loop, &connection->turn);
    connection->tick.data = connection;
    connection->turn.data = connection;
    connection->handles = 2;
    (void)uv_timer_start(&connection->tick, on_tick, period_ms, period_ms);
    return connection;
}
