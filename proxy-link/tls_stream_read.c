/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_stream_private.h"

#include <causeway/tls_stream.h>
#include <stdlib.h>

enum { READ_LEN = 64 * 1024 };

/* Each key update asks for an answer: who sends many and reads none would fill our memory. The
 * owner's own bytes never make the wire this long (tls_stream_write.c). */
#define MAX_ANSWER_LEN ((size_t)128 * 1024)

static bool wants_bytes(const struct cw_tls_stream *stream)
{
    return stream->state == CW_STREAM_CLEAR || stream->state == CW_STREAM_SECURE;
}

static void give(struct cw_tls_stream *stream, struct cw_bytes data)
{
    if (wants_bytes(stream)) {
        stream->events->on_read(stream, data, stream->user);
    }
}

/* What the record layer has not taken yet lives in a buffer that is about to go. */
static void hold_rest(struct cw_tls_stream *stream)
{
    const struct cw_bytes rest = cw_tls_record_left(stream->tls);
    struct cw_byte_queue held = {NULL, 0, 0, 0};
    if (wants_bytes(stream)) {
        cw_byte_queue_append(&held, rest);
    }
    cw_tls_record_feed(stream->tls, (struct cw_bytes){NULL, 0});
    cw_byte_queue_clear(&stream->held);
    stream->held = held;
}

static void read_records(struct cw_tls_stream *stream)
{
    char clear[CW_TLS_RECORD_LEN];
    enum cw_tls_step step = CW_TLS_DONE;
    while (step == CW_TLS_DONE && stream->state == CW_STREAM_SECURE && !stream->paused) {
        size_t len = 0;
        step = cw_tls_record_read(stream->tls, clear, sizeof(clear), &len);
        if (len > 0) {
            give(stream, (struct cw_bytes){clear, len});
        }
    }
    if (step == CW_TLS_END) {
        cw_stream_note(stream, CW_OK, "closed by the peer", NULL);
        cw_stream_happen(stream, CW_STREAM_PEER_END);
    } else if (step == CW_TLS_FAIL) {
        cw_stream_fail(stream, CW_ERR_TLS, "TLS", cw_tls_record_problem(stream->tls));
    }
}

static void take_tls(struct cw_tls_stream *stream, struct cw_bytes data)
{
    cw_tls_record_feed(stream->tls, data);
    if (stream->state == CW_STREAM_HANDSHAKE) {
        cw_stream_handshake(stream);
    }
    read_records(stream);
    hold_rest(stream);
    if (stream->state == CW_STREAM_SECURE && stream->wire.len > MAX_ANSWER_LEN) {
        cw_stream_fail(stream, CW_ERR_TLS, "TLS", "the peer does not take what it asks for");
    } else if (stream->wire.len > 0) {
        cw_stream_wake(stream); /* handshake, alert or key update */
    }
}

static void take(struct cw_tls_stream *stream, struct cw_bytes data)
{
    if (stream->state == CW_STREAM_HANDSHAKE || stream->state == CW_STREAM_SECURE) {
        take_tls(stream, data);
    } else {
        give(stream, data);
    }
}

static void on_end(struct cw_tls_stream *stream)
{
    stream->peer_ended = true;
    if (stream->state == CW_STREAM_HANDSHAKE) {
        cw_stream_note(stream, CW_ERR_TLS, "closed by the peer during the TLS handshake", NULL);
    } else if (stream->state == CW_STREAM_SECURE) {
        cw_stream_note(stream, CW_ERR_IO, "closed by the peer without close_notify", NULL);
    } else {
        cw_stream_note(stream, CW_OK, "closed by the peer", NULL);
    }
    cw_stream_happen(stream, CW_STREAM_PEER_END);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)handle;
    (void)suggested;
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) on_data frees it */
    *out = uv_buf_init(malloc(READ_LEN), READ_LEN);
    if (out->base == NULL) {
        abort();
    }
}

static void on_data(uv_stream_t *handle, ssize_t len, const uv_buf_t *buffer)
{
    struct cw_tls_stream *stream = handle->data;
    if (len > 0) {
        take(stream, (struct cw_bytes){buffer->base, (size_t)len});
    } else if (len == UV_EOF) {
        on_end(stream);
    } else if (len < 0) {
        cw_stream_fail(stream, CW_ERR_IO, "read", uv_strerror((int)len));
    }
    free(buffer->base);
    cw_stream_update_reading(stream);
    if (stream->state == CW_STREAM_ENDING) {
        cw_stream_wake(stream);
    }
}

void cw_stream_update_reading(struct cw_tls_stream *stream)
{
    const bool must = stream->state == CW_STREAM_HANDSHAKE || stream->state == CW_STREAM_ENDING;
    const bool may = wants_bytes(stream) && !stream->paused && stream->held.len == 0;
    const bool want = (must || may) && !stream->peer_ended;
    if (want == stream->reading || stream->state == CW_STREAM_DEAD) {
        return;
    }
    stream->reading = want;
    if (!want) {
        (void)uv_read_stop((uv_stream_t *)&stream->tcp);
        return;
    }
    const int err = uv_read_start((uv_stream_t *)&stream->tcp, on_alloc, on_data);
    if (err != 0) {
        cw_stream_fail(stream, CW_ERR_IO, "read", uv_strerror(err));
    }
}

void cw_stream_read_held(struct cw_tls_stream *stream)
{
    if (stream->state != CW_STREAM_SECURE || stream->paused || !stream->resumed) {
        return;
    }
    stream->resumed = false;
    struct cw_byte_queue held = stream->held;
    stream->held = (struct cw_byte_queue){NULL, 0, 0, 0};
    take_tls(stream, cw_byte_queue_bytes(&held));
    cw_byte_queue_clear(&held);
}

void cw_stream_handshake(struct cw_tls_stream *stream)
{
    const enum cw_tls_step step = cw_tls_record_handshake(stream->tls);
    if (step == CW_TLS_FAIL) {
        cw_stream_fail(stream, CW_ERR_TLS, "TLS handshake", cw_tls_record_problem(stream->tls));
    } else if (step == CW_TLS_DONE) {
        cw_stream_happen(stream, CW_STREAM_SECURED);
    }
}
