/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_private.h"

const struct cw_permit *cw_stream_permit(const struct cw_stream *stream)
{
    return stream->remote.len == 0
               ? NULL
               : stream->env.permit(cw_domain_bytes(&stream->remote), stream->env.user);
}

bool cw_stream_keeps_alive(const struct cw_permit *permit)
{
    return permit == NULL || permit->keep_alive;
}

bool cw_stream_pinned(const struct cw_stream *stream, const struct cw_permit *permit)
{
    return cw_peer_cert_key_pinned(stream->has_key ? stream->key : NULL, permit);
}

void cw_stream_blame(struct cw_stream *stream, enum cw_fail why, const char *what,
                     struct cw_bytes more)
{
    size_t used = 0;

    if (stream->fail != CW_FAIL_NONE) {
        return;
    }
    stream->fail = why;
    while (used < sizeof(stream->detail) - 1 && what[used] != '\0') {
        stream->detail[used] = what[used];
        used++;
    }
    for (size_t i = 0; i < more.len && used < sizeof(stream->detail) - 1; i++) {
        const unsigned char c = (unsigned char)more.base[i];

        stream->detail[used] = ' ';
        if (c >= 0x20 && c != 0x7f) {
            stream->detail[used] = more.base[i];
        }
        used++;
    }
    stream->detail[used] = '\0';
}

void cw_stream_end_in_order(struct cw_stream *stream, const char *what)
{
    if (stream->fail == CW_FAIL_NONE) {
        cw_stream_blame(stream, CW_FAIL_STREAM, what, (struct cw_bytes){NULL, 0});
        stream->orderly = true;
    }
}

void cw_stream_note_stranger(const struct cw_stream *stream, struct cw_bytes domain)
{
    const struct cw_stream_environment *const env = &stream->env;

    if (env->turned_away != NULL && stream->connection != NULL &&
        env->permit(domain, env->user) == NULL) {
        env->turned_away(domain, cw_log_text(cw_tls_stream_peer(stream->connection)), env->user);
    }
}

struct cw_stream_label cw_stream_label(const struct cw_permit *permit)
{
    struct cw_stream_label label = {"_unlisted"};

    if (permit != NULL && permit->partner.len > 0 && permit->partner.len < sizeof(label.text)) {
        memcpy(label.text, permit->partner.base, permit->partner.len);
        label.text[permit->partner.len] = '\0';
    }
    return label;
}

void cw_stream_count_bytes(struct cw_stream *stream, bool in, size_t len)
{
    struct cw_metric_child **child = in ? &stream->bytes_in : &stream->bytes_out;

    if (*child == NULL) {
        const struct cw_stream_label label = cw_stream_label(cw_stream_permit(stream));
        const char *const values[] = {label.text, in ? "in" : "out"};

        *child = cw_metrics_child(stream->env.metrics, CW_METRIC_S2S_BYTES_TOTAL, values);
    }
    cw_metric_add(*child, (double)len);
}

void cw_stream_forget_partner(struct cw_stream *stream)
{
    stream->bytes_in = NULL;
    stream->bytes_out = NULL;
}
