/* SPDX-License-Identifier: Apache-2.0 */
/* A whole stream on a connection that is not there. Bit 0 of the first octet: which role; bit 1:
 * what the permit allows. Then what the peer sends, parts apart by NUL; TLS is up as soon as it is
 * asked for, and never with a certificate. Nobody answers verifications: so no pair is ever proven
 * on an incoming stream, and no stanza may come out of any. */
#include "stream.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <uv.h>

struct cw_tls_stream {
    const struct cw_tls_stream_events *events;
    void *user;
    bool tls_asked, secure, gone;
    size_t written;
};

static struct cw_tls_stream connection;
static struct cw_permit permit_now;
static bool outgoing;

struct cw_tls_stream *cw_tls_stream_connect(struct uv_loop_s *loop, const struct sockaddr *to,
                                            uint32_t timeout_ms,
                                            const struct cw_tls_stream_events *events, void *user)
{
    (void)loop;
    (void)to;
    (void)timeout_ms;
    connection = (struct cw_tls_stream){.events = events, .user = user};
    return &connection;
}

void cw_tls_stream_adopt(struct cw_tls_stream *stream, const struct cw_tls_stream_events *events,
                         void *user)
{
    *stream = (struct cw_tls_stream){.events = events, .user = user};
}

void cw_tls_stream_start_tls(struct cw_tls_stream *stream, struct cw_tls *tls,
                             const char *server_name, uint32_t timeout_ms)
{
    (void)tls;
    (void)server_name;
    (void)timeout_ms;
    if (stream->tls_asked) {
        abort(); /* never twice on a connection */
    }
    stream->tls_asked = true;
}

void cw_tls_stream_write(struct cw_tls_stream *stream, struct cw_bytes data)
{
    if (stream->gone) {
        abort();
    }
    stream->written += data.len;
}

size_t cw_tls_stream_queued(const struct cw_tls_stream *stream)
{
    return stream->written;
}

void cw_tls_stream_pause(struct cw_tls_stream *stream, bool pause)
{
    (void)stream;
    (void)pause;
}

void cw_tls_stream_close(struct cw_tls_stream *stream)
{
    stream->gone = true;
}

void cw_tls_stream_abort(struct cw_tls_stream *stream, enum cw_err why, const char *detail)
{
    (void)why;
    (void)detail;
    stream->gone = true;
}

const char *cw_tls_stream_peer(const struct cw_tls_stream *stream)
{
    (void)stream;
    return "192.0.2.1:5269";
}

struct x509_st *cw_tls_stream_certificate(const struct cw_tls_stream *stream)
{
    (void)stream;
    return NULL;
}

bool cw_tls_stream_trusted(const struct cw_tls_stream *stream, const char **problem)
{
    (void)stream;
    if (problem != NULL) {
        *problem = "none";
    }
    return false;
}

const char *cw_tls_stream_version(const struct cw_tls_stream *stream)
{
    return stream->secure ? "TLSv1.3" : "none";
}

static const struct cw_permit *permit(struct cw_bytes remote, void *user)
{
    (void)user;
    return cw_bytes_equal(remote, permit_now.domain) ? &permit_now : NULL;
}

static bool is_own(struct cw_bytes domain, void *user)
{
    (void)user;
    return cw_bytes_equal(domain, CW_LIT("own.example"));
}

static struct cw_tls *tls(struct cw_bytes own, bool server, void *user)
{
    (void)own;
    (void)server;
    return user;
}

int64_t cw_tls_not_after_s(const struct cw_tls *context)
{
    (void)context;
    return 1;
}

static void on_pair(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                    enum cw_method method, void *user)
{
    (void)user;
    if (!outgoing || method == CW_METHOD_SASL_TLS || (permit_now.methods & (1u << method)) == 0) {
        abort();
    }
    (void)cw_stream_send(stream, own, remote, CW_LIT("<message/>"));
}

static void on_stanza(struct cw_stream *stream, const struct cw_authenticated_stanza *stanza,
                      void *user)
{
    (void)stream;
    (void)stanza;
    (void)user;
    abort();
}

static void on_verify(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key, void *user)
{
    (void)stream;
    (void)user;
    if (!cw_bytes_equal(own, CW_LIT("own.example")) || !cw_bytes_equal(remote, permit_now.domain) ||
        id.len == 0 || key.len > 4096) {
        abort();
    }
}

static const struct cw_stream_events EVENTS = {
    .on_pair = on_pair, .on_stanza = on_stanza, .on_verify = on_verify};

static void play(const char *data, size_t size)
{
    while (!connection.gone) {
        const char *end = size == 0 ? NULL : memchr(data, '\0', size);
        const size_t len = end == NULL ? size : (size_t)(end - data);

        if (len > 0) {
            connection.events->on_read(&connection, (struct cw_bytes){data, len}, connection.user);
        }
        if (connection.tls_asked && !connection.secure && !connection.gone) {
            connection.secure = true;
            connection.events->on_secure(&connection, connection.user);
        }
        if (end == NULL) {
            break;
        }
        data = end + 1;
        size -= len + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t numbers;
    static struct cw_metrics *metrics;
    const struct sockaddr_in address = {.sin_family = AF_INET};
    struct cw_stream_environment env = {
        .permit = permit,
        .is_own = is_own,
        .tls = tls,
        .dialback_secret = CW_LIT("secret"),
        .establishment_timeout_ms = 60000,
        .inactivity_timeout_ms = 60000,
        .keep_alive_interval_ms = 60000,
        .max_stanza_size = 65536,
        .next_number = &numbers,
        .user = &numbers,
    };
    uv_loop_t loop;

    if (size < 1) {
        return 0;
    }
    if (metrics == NULL) {
        metrics = cw_metrics_new("edge");
    }
    outgoing = (data[0] & 1) != 0;
    permit_now = (struct cw_permit){
        .domain = CW_LIT("peer.example"),
        .partner = CW_LIT("peer.example"),
        .methods = (data[0] & 2) != 0 ? 1u << CW_METHOD_TCP_DIALBACK
                                      : 1u << CW_METHOD_SASL_TLS | 1u << CW_METHOD_TLS_DIALBACK,
        .tls_required = (data[0] & 2) == 0,
        .tls_offered = (data[0] & 2) == 0,
        .keep_alive = true,
    };
    env.loop = &loop;
    env.metrics = metrics;
    if (uv_loop_init(&loop) != 0) {
        abort();
    }
    if (outgoing) {
        (void)cw_stream_open(&env, (const struct sockaddr *)&address, false, (data[0] & 4) != 0,
                             CW_LIT("own.example"), permit_now.domain, &EVENTS, NULL);
    } else {
        (void)cw_stream_accept(&env, &connection, false, &EVENTS, NULL);
    }
    connection.events->on_open(&connection, connection.user);
    play((const char *)data + 1, size - 1);
    connection.gone = true;
    connection.events->on_closed(&connection, CW_OK, "end", connection.user);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0) {
        abort();
    }
    return 0;
}
