/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_stream_private.h"

#include <causeway/tls_stream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 1024, PROBLEM_LEN = 160 };

struct cw_tls_listener {
    uv_tcp_t tcp;
    cw_tls_accept_fn *on_accept;
    void *user;
};

static _Thread_local char last_problem[PROBLEM_LEN];

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_connection(uv_stream_t *handle, int status)
{
    struct cw_tls_listener *listener = handle->data;
    if (status < 0) {
        return;
    }
    struct cw_tls_stream *stream = cw_stream_new(handle->loop);
    struct sockaddr_storage peer;
    int peer_len = sizeof(peer);
    memset(&peer, 0, sizeof(peer));
    if (uv_accept(handle, (uv_stream_t *)&stream->tcp) != 0) {
        cw_stream_fail(stream, CW_ERR_IO, "accept", NULL);
        return;
    }
    stream->accepted = true;
    if (uv_tcp_getpeername(&stream->tcp, (struct sockaddr *)&peer, &peer_len) == 0) {
        cw_stream_set_peer(stream, (const struct sockaddr *)&peer);
    }
    cw_stream_set_up(stream);
    listener->on_accept(stream, listener->user);
    if (stream->events == NULL) {
        cw_stream_fail(stream, CW_ERR_REFUSED, "not adopted", NULL);
    }
}

enum cw_err cw_tls_listen(struct uv_loop_s *loop, const struct sockaddr *address,
                          cw_tls_accept_fn *on_accept, void *user, struct cw_tls_listener **out,
                          const char **problem)
{
    struct cw_tls_listener *listener = calloc(1, sizeof(*listener));
    if (listener == NULL) {
        abort();
    }
    (void)uv_tcp_init(loop, &listener->tcp);
    listener->tcp.data = listener;
    listener->on_accept = on_accept;
    listener->user = user;
    int err = uv_tcp_bind(&listener->tcp, address, 0);
    if (err == 0) {
        err = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    }
    if (err != 0) {
        (void)snprintf(last_problem, sizeof(last_problem), "cannot listen: %s", uv_strerror(err));
        *problem = last_problem;
        uv_close((uv_handle_t *)&listener->tcp, on_closed);
        return CW_ERR_IO;
    }
    *out = listener;
    return CW_OK;
}

uint16_t cw_tls_listener_port(const struct cw_tls_listener *listener)
{
    struct sockaddr_storage own;
    int len = sizeof(own);
    memset(&own, 0, sizeof(own));
    if (uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&own, &len) != 0) {
        return 0;
    }
    /* The port is at the same place in both families. */
    struct sockaddr_in port;
    memcpy(&port, &own, sizeof(port));
    return ntohs(port.sin_port);
}

void cw_tls_listener_close(struct cw_tls_listener **listener)
{
    if (*listener == NULL) {
        return;
    }
    uv_close((uv_handle_t *)&(*listener)->tcp, on_closed);
    *listener = NULL;
}
