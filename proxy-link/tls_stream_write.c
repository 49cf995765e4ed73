/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_stream_private.h"

#include <causeway/tls_stream.h>

/* The wire is filled this far ahead of the kernel, so that a large backlog is held once, in clear.
 */
#define WIRE_LEN  ((size_t)64 * 1024)
#define LOW_WATER ((size_t)256 * 1024)

static bool sends_clear(const struct cw_tls_stream *stream)
{
    return stream->tls == NULL;
}

/* Before TLS is up, `clear` waits; the wire carries the handshake. */
static bool may_send(const struct cw_tls_stream *stream)
{
    return stream->state == CW_STREAM_CLEAR || stream->state == CW_STREAM_SECURE ||
           stream->state == CW_STREAM_ENDING;
}

static void move_clear(struct cw_tls_stream *stream)
{
    if (stream->wire.len == 0) {
        const struct cw_byte_queue empty = stream->wire;
        stream->wire = stream->clear;
        stream->clear = empty;
        return;
    }
    cw_byte_queue_append(&stream->wire, cw_byte_queue_bytes(&stream->clear));
    cw_byte_queue_consume(&stream->clear, stream->clear.len);
}

static void make_records(struct cw_tls_stream *stream)
{
    while (stream->clear.len > 0 && stream->wire.len < WIRE_LEN) {
        struct cw_bytes piece = cw_byte_queue_bytes(&stream->clear);
        if (piece.len > CW_TLS_RECORD_LEN) {
            piece.len = CW_TLS_RECORD_LEN;
        }
        if (cw_tls_record_write(stream->tls, piece) != CW_TLS_DONE) {
            cw_stream_fail(stream, CW_ERR_TLS, "TLS", cw_tls_record_problem(stream->tls));
            return;
        }
        cw_byte_queue_consume(&stream->clear, piece.len);
    }
}

static void fill_wire(struct cw_tls_stream *stream)
{
    if (!may_send(stream) || stream->clear.len == 0) {
        return;
    }
    if (sends_clear(stream)) {
        move_clear(stream);
    } else {
        make_records(stream);
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct cw_tls_stream *stream = request->data;
    stream->in_flight = false;
    cw_byte_queue_consume(&stream->flight, stream->flight.len);
    if (stream->state == CW_STREAM_DEAD) {
        return;
    }
    if (status < 0) {
        cw_stream_fail(stream, CW_ERR_IO, "write", uv_strerror(status));
        return;
    }
    cw_stream_flush(stream);
}

static void queue_rest(struct cw_tls_stream *stream)
{
    const struct cw_byte_queue spare = stream->flight;
    stream->flight = stream->wire;
    stream->wire = spare;
    const struct cw_bytes rest = cw_byte_queue_bytes(&stream->flight);
    uv_buf_t buffer = {.base = stream->flight.base + stream->flight.head, .len = rest.len};
    stream->writing.data = stream;
    const int err = uv_write(&stream->writing, (uv_stream_t *)&stream->tcp, &buffer, 1, on_written);
    if (err != 0) {
        cw_stream_fail(stream, CW_ERR_IO, "write", uv_strerror(err));
        return;
    }
    stream->in_flight = true;
}

/** The kernel takes it now, or by and by. @return did it take all of it now? */
static bool send_wire(struct cw_tls_stream *stream)
{
    if (stream->wire.len == 0) {
        return false;
    }
    uv_buf_t buffer = {.base = stream->wire.base + stream->wire.head, .len = stream->wire.len};
    const int sent = uv_try_write((uv_stream_t *)&stream->tcp, &buffer, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        cw_stream_fail(stream, CW_ERR_IO, "write", uv_strerror(sent));
        return false;
    }
    if (sent > 0) {
        cw_byte_queue_consume(&stream->wire, (size_t)sent);
    }
    if (stream->wire.len > 0) {
        queue_rest(stream);
        return false;
    }
    return true;
}

static void on_shut(uv_shutdown_t *request, int status)
{
    struct cw_tls_stream *stream = request->data;
    stream->fin_sent = true;
    if (stream->state != CW_STREAM_ENDING) {
        return;
    }
    if (status < 0 || stream->peer_ended) {
        cw_stream_happen(stream, CW_STREAM_FAIL);
    }
}

/** @return is there a close_notify to be sent? */
static bool end_tls(struct cw_tls_stream *stream)
{
    if (stream->tls == NULL || stream->notify_sent) {
        return false;
    }
    stream->notify_sent = true;
    cw_tls_record_close(stream->tls);
    return stream->wire.len > 0;
}

static void end_tcp(struct cw_tls_stream *stream)
{
    if (!stream->fin_asked) {
        stream->fin_asked = true;
        stream->shutting.data = stream;
        if (uv_shutdown(&stream->shutting, (uv_stream_t *)&stream->tcp, on_shut) != 0) {
            cw_stream_happen(stream, CW_STREAM_FAIL);
        }
    } else if (stream->fin_sent && stream->peer_ended) {
        cw_stream_happen(stream, CW_STREAM_FAIL);
    }
}

static void tell_drain(struct cw_tls_stream *stream)
{
    if (stream->was_high && cw_tls_stream_queued(stream) < LOW_WATER) {
        stream->was_high = false;
        if (stream->events->on_drain != NULL &&
            (stream->state == CW_STREAM_CLEAR || stream->state == CW_STREAM_SECURE)) {
            stream->events->on_drain(stream, stream->user);
        }
    }
}

void cw_stream_flush(struct cw_tls_stream *stream)
{
    bool more = true;
    while (more && !stream->in_flight && stream->state != CW_STREAM_DEAD) {
        fill_wire(stream);
        more = send_wire(stream);
        if (!more && stream->state == CW_STREAM_ENDING && !stream->in_flight) {
            more = end_tls(stream);
        }
    }
    if (stream->state == CW_STREAM_ENDING && !stream->in_flight) {
        end_tcp(stream);
    }
    if (stream->state != CW_STREAM_DEAD) {
        tell_drain(stream);
    }
}

void cw_stream_flush_alert(struct cw_tls_stream *stream)
{
    if (stream->tls == NULL || stream->in_flight || stream->wire.len == 0) {
        return;
    }
    uv_buf_t buffer = {.base = stream->wire.base + stream->wire.head, .len = stream->wire.len};
    (void)uv_try_write((uv_stream_t *)&stream->tcp, &buffer, 1);
}
