/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* TCP_USER_TIMEOUT */
#include "tls_stream_private.h"

#include <causeway/tls_stream.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { KEEP_ALIVE_S = 60 };

static void on_handle_closed(uv_handle_t *handle)
{
    struct cw_tls_stream *stream = handle->data;
    if (--stream->handles > 0) {
        return;
    }
    if (stream->events != NULL) {
        stream->events->on_closed(stream, stream->why, stream->detail, stream->user);
    }
    cw_tls_record_free(&stream->tls);
    cw_byte_queue_clear(&stream->clear);
    cw_byte_queue_clear(&stream->wire);
    cw_byte_queue_clear(&stream->flight);
    cw_byte_queue_clear(&stream->held);
    free(stream);
}

static void kill_handles(struct cw_tls_stream *stream)
{
    cw_stream_flush_alert(stream);
    uv_close((uv_handle_t *)&stream->turn, on_handle_closed);
    uv_close((uv_handle_t *)&stream->timer, on_handle_closed);
    uv_close((uv_handle_t *)&stream->tcp, on_handle_closed);
}

static void on_timer(uv_timer_t *timer)
{
    struct cw_tls_stream *stream = timer->data;
    const char *what = "connect timed out";
    if (stream->state == CW_STREAM_HANDSHAKE) {
        what = "TLS handshake timed out";
    } else if (stream->state == CW_STREAM_ENDING) {
        what = "the peer did not take the last bytes";
    }
    if (stream->state == CW_STREAM_ENDING && stream->fin_sent) {
        cw_stream_happen(stream, CW_STREAM_FAIL); /* all has left: an orderly end of ours */
        return;
    }
    if (stream->why == CW_OK) {
        stream->detail[0] = '\0'; /* it began as an orderly end, and is none */
    }
    cw_stream_fail(stream, CW_ERR_TIMEOUT, what, NULL);
}

static void start_timer(struct cw_tls_stream *stream, uint32_t timeout_ms)
{
    uv_update_time(stream->timer.loop);
    (void)uv_timer_start(&stream->timer, on_timer, timeout_ms, 0);
}

static void on_turn(uv_idle_t *idle)
{
    struct cw_tls_stream *stream = idle->data;
    (void)uv_idle_stop(idle);
    if (stream->state == CW_STREAM_STARTING && stream->accepted) {
        cw_stream_happen(stream, CW_STREAM_OPENED);
    }
    if (stream->state == CW_STREAM_HANDSHAKE && !stream->handshake_begun) {
        stream->handshake_begun = true;
        cw_stream_handshake(stream);
    }
    cw_stream_read_held(stream);
    if (stream->state == CW_STREAM_DEAD || stream->state == CW_STREAM_STARTING) {
        return;
    }
    cw_stream_flush(stream);
    cw_stream_update_reading(stream);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct cw_tls_stream *stream = request->data;
    if (stream->state != CW_STREAM_STARTING) {
        return;
    }
    if (status < 0) {
        cw_stream_fail(stream, CW_ERR_IO, "connect", uv_strerror(status));
        return;
    }
    cw_stream_set_up(stream);
    cw_stream_happen(stream, CW_STREAM_OPENED);
    cw_stream_wake(stream);
}

struct cw_tls_stream *cw_stream_new(uv_loop_t *loop)
{
    struct cw_tls_stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL) {
        abort();
    }
    (void)uv_tcp_init(loop, &stream->tcp);
    (void)uv_timer_init(loop, &stream->timer);
    (void)uv_idle_init(loop, &stream->turn);
    stream->tcp.data = stream;
    stream->timer.data = stream;
    stream->turn.data = stream;
    stream->handles = 3;
    return stream;
}

void cw_stream_happen(struct cw_tls_stream *stream, enum cw_stream_event event)
{
    const struct cw_stream_move move = cw_stream_move(stream->state, event);
    stream->state = move.next;
    if ((move.effects & CW_STREAM_TIMER_OFF) != 0) {
        (void)uv_timer_stop(&stream->timer);
    }
    if ((move.effects & CW_STREAM_TELL_OPEN) != 0) {
        stream->events->on_open(stream, stream->user);
    }
    if ((move.effects & CW_STREAM_TELL_SECURE) != 0 && stream->events->on_secure != NULL) {
        stream->events->on_secure(stream, stream->user);
    }
    if ((move.effects & CW_STREAM_LINGER) != 0) {
        start_timer(stream, CW_STREAM_LINGER_MS);
    }
    if ((move.effects & CW_STREAM_KILL) != 0) {
        kill_handles(stream);
    } else {
        cw_stream_wake(stream);
    }
}

void cw_stream_note(struct cw_tls_stream *stream, enum cw_err why, const char *what,
                    const char *detail)
{
    if (stream->detail[0] != '\0') {
        return;
    }
    stream->why = why;
    (void)snprintf(stream->detail, sizeof(stream->detail), "%s%s%s", what,
                   detail == NULL ? "" : ": ", detail == NULL ? "" : detail);
}

void cw_stream_fail(struct cw_tls_stream *stream, enum cw_err why, const char *what,
                    const char *detail)
{
    cw_stream_note(stream, why, what, detail);
    cw_stream_happen(stream, CW_STREAM_FAIL);
}

void cw_stream_wake(struct cw_tls_stream *stream)
{
    if (stream->state != CW_STREAM_DEAD) {
        (void)uv_idle_start(&stream->turn, on_turn);
    }
}

void cw_stream_set_peer(struct cw_tls_stream *stream, const struct sockaddr *address)
{
    char ip[INET6_ADDRSTRLEN] = "";
    unsigned port = 0;
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof(v6));
        memcpy(&stream->peer, &v6, sizeof(v6));
        (void)uv_ip6_name(&v6, ip, sizeof(ip));
        port = ntohs(v6.sin6_port);
        (void)snprintf(stream->peer_text, sizeof(stream->peer_text), "[%s]:%u", ip, port);
    } else if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        memcpy(&stream->peer, &v4, sizeof(v4));
        (void)uv_ip4_name(&v4, ip, sizeof(ip));
        port = ntohs(v4.sin_port);
        (void)snprintf(stream->peer_text, sizeof(stream->peer_text), "%s:%u", ip, port);
    }
}

void cw_stream_set_up(struct cw_tls_stream *stream)
{
    uv_os_fd_t fd = -1;
    const unsigned user_timeout_ms = CW_STREAM_USER_TIMEOUT_MS;
    (void)uv_tcp_nodelay(&stream->tcp, 1);
    (void)uv_tcp_keepalive(&stream->tcp, 1, KEEP_ALIVE_S);
    if (uv_fileno((const uv_handle_t *)&stream->tcp, &fd) == 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms,
                         sizeof(user_timeout_ms));
    }
}

struct cw_tls_stream *cw_tls_stream_connect_from(struct uv_loop_s *loop,
                                                 const struct sockaddr *from,
                                                 const struct sockaddr *to, uint32_t timeout_ms,
                                                 const struct cw_tls_stream_events *events,
                                                 void *user)
{
    struct cw_tls_stream *stream = cw_stream_new(loop);
    stream->events = events;
    stream->user = user;
    stream->connecting.data = stream;
    cw_stream_set_peer(stream, to);
    int err = from == NULL ? 0 : uv_tcp_bind(&stream->tcp, from, 0);
    if (err == 0) {
        err = uv_tcp_connect(&stream->connecting, &stream->tcp, to, on_connected);
    }
    if (err != 0) {
        cw_stream_fail(stream, CW_ERR_IO, "connect", uv_strerror(err));
    } else {
        start_timer(stream, timeout_ms);
    }
    return stream;
}

struct cw_tls_stream *cw_tls_stream_connect(struct uv_loop_s *loop, const struct sockaddr *to,
                                            uint32_t timeout_ms,
                                            const struct cw_tls_stream_events *events, void *user)
{
    return cw_tls_stream_connect_from(loop, NULL, to, timeout_ms, events, user);
}

void cw_tls_stream_adopt(struct cw_tls_stream *stream, const struct cw_tls_stream_events *events,
                         void *user)
{
    stream->events = events;
    stream->user = user;
    cw_stream_wake(stream);
}

void cw_tls_stream_start_tls(struct cw_tls_stream *stream, struct cw_tls *tls,
                             const char *server_name, uint32_t timeout_ms)
{
    if (stream->state == CW_STREAM_STARTING || stream->state == CW_STREAM_HANDSHAKE ||
        stream->state == CW_STREAM_SECURE) {
        cw_stream_note(stream, CW_ERR_PROTOCOL, "TLS was started in the wrong state", NULL);
    }
    cw_stream_happen(stream, CW_STREAM_START_TLS);
    if (stream->state != CW_STREAM_HANDSHAKE) {
        return;
    }
    cw_byte_queue_append(&stream->wire, cw_byte_queue_bytes(&stream->clear));
    cw_byte_queue_consume(&stream->clear, stream->clear.len);
    stream->tls = cw_tls_record_new(tls, server_name, &stream->wire);
    start_timer(stream, timeout_ms);
}

void cw_tls_stream_write(struct cw_tls_stream *stream, struct cw_bytes data)
{
    if (stream->state == CW_STREAM_ENDING || stream->state == CW_STREAM_DEAD) {
        return;
    }
    cw_byte_queue_append(&stream->clear, data);
    if (cw_tls_stream_queued(stream) > CW_TLS_STREAM_HIGH) {
        stream->was_high = true;
    }
    if (stream->state != CW_STREAM_STARTING) {
        cw_stream_wake(stream);
    }
}

size_t cw_tls_stream_queued(const struct cw_tls_stream *stream)
{
    const size_t in_flight =
        stream->in_flight ? uv_stream_get_write_queue_size((const uv_stream_t *)&stream->tcp) : 0;
    return stream->clear.len + stream->wire.len + in_flight;
}

void cw_tls_stream_pause(struct cw_tls_stream *stream, bool pause)
{
    stream->paused = pause;
    if (stream->state == CW_STREAM_STARTING || stream->state == CW_STREAM_DEAD) {
        return;
    }
    if (pause) {
        cw_stream_update_reading(stream);
    } else {
        stream->resumed = true;
        cw_stream_wake(stream);
    }
}

void cw_tls_stream_close(struct cw_tls_stream *stream)
{
    cw_stream_note(stream, CW_OK, "closed", NULL);
    cw_stream_happen(stream, CW_STREAM_CLOSE);
}

void cw_tls_stream_abort(struct cw_tls_stream *stream, enum cw_err why, const char *detail)
{
    cw_stream_fail(stream, why, detail, NULL);
}
