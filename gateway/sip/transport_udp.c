/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"
#include "transport_private.h"

#include <stdlib.h>

#define SOCKET_BUFFER (4 * 1024 * 1024)

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct cw_sip_udp *const udp = handle->data;

    (void)suggested;
    *out = uv_buf_init(udp->buffer, sizeof(udp->buffer));
}

/* STUN and other things that share ports with SIP begin with an octet below any method's. */
static bool may_be_sip(struct cw_bytes data)
{
    return data.len >= 20 && (unsigned char)data.base[0] >= '\n';
}

static void on_datagram(uv_udp_t *handle, ssize_t len, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct cw_sip_udp *const udp = handle->data;
    struct cw_sip_transports *const transports = udp->owner;

    if (len <= 0 || from == NULL || transports->stopped) {
        return;
    }
    const struct cw_bytes data = {buffer->base, (size_t)len};
    struct cw_sip_origin origin = {.transport = CW_SIP_UDP, .socket = udp->index};
    origin.hop = transports->events.believe(from, CW_SIP_UDP, NULL, transports->sip);
    if (origin.hop == NULL) {
        cw_sip_transports_reject(transports, "unknown_source", from);
        return;
    }
    if ((flags & UV_UDP_PARTIAL) != 0 || !may_be_sip(data)) {
        return;
    }
    memcpy(&origin.address, from,
           from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    transports->events.on_message(data, &origin, false, transports->sip);
}

static void on_closed(uv_handle_t *handle)
{
    struct cw_sip_udp *const udp = handle->data;
    struct cw_sip_transports *const transports = udp->owner;

    free(udp);
    cw_sip_transports_closed(transports);
}

static size_t part_buffers(const struct cw_sip_parts *parts, uv_buf_t out[3])
{
    const struct cw_bytes all[3] = {parts->start, parts->via, parts->rest};
    size_t count = 0;

    for (size_t i = 0; i < 3; i++) {
        if (all[i].len != 0) {
            /* libuv only reads what it sends, but its buffer type does not say so */
            union {
                const char *in;
                char *out;
            } base = {.in = all[i].base};
            out[count++] = uv_buf_init(base.out, (unsigned)all[i].len);
        }
    }
    return count;
}

enum cw_err cw_sip_udp_open(struct cw_sip_transports *transports, const struct sockaddr *address,
                            const char **problem)
{
    struct cw_sip_udp *const udp = malloc(sizeof(*udp));
    int size = SOCKET_BUFFER;
    int local_len = sizeof(udp->local);

    if (udp == NULL) {
        abort();
    }
    udp->owner = transports;
    udp->index = (uint8_t)transports->udp_count;
    int err = uv_udp_init_ex(transports->sip->loop, &udp->handle,
                             (unsigned)address->sa_family | UV_UDP_RECVMMSG);
    if (err != 0) {
        free(udp);
        *problem = uv_strerror(err);
        return CW_ERR_IO;
    }
    udp->handle.data = udp;
    transports->udp[transports->udp_count++] = udp;
    transports->open++;
    err = uv_udp_bind(&udp->handle, address, 0);
    err = err != 0 ? err : uv_udp_recv_start(&udp->handle, on_alloc, on_datagram);
    err = err != 0 ? err
                   : uv_udp_getsockname(&udp->handle, (struct sockaddr *)&udp->local, &local_len);
    if (err != 0) {
        *problem = uv_strerror(err);
        return CW_ERR_IO; /* closed with the others */
    }
    (void)uv_send_buffer_size((uv_handle_t *)&udp->handle, &size);
    size = SOCKET_BUFFER;
    (void)uv_recv_buffer_size((uv_handle_t *)&udp->handle, &size);
    return CW_OK;
}

enum cw_err cw_sip_udp_send(struct cw_sip_transports *transports, size_t index,
                            const struct sockaddr *to, const struct cw_sip_parts *parts)
{
    uv_buf_t buffers[3];

    if (index >= transports->udp_count) {
        return CW_ERR_IO;
    }
    const size_t count = part_buffers(parts, buffers);
    const int sent = uv_udp_try_send(&transports->udp[index]->handle, buffers, (unsigned)count, to);
    /* A full socket buffer is a datagram lost on the way: the transaction sends it again. */
    return sent >= 0 || sent == UV_EAGAIN || sent == UV_ENOBUFS ? CW_OK : CW_ERR_IO;
}

size_t cw_sip_udp_for(struct cw_sip_transports *transports, int family)
{
    struct sockaddr_storage any = {0};
    const char *problem = NULL;

    for (size_t i = 0; i < transports->udp_count; i++) {
        if (transports->udp[i]->local.ss_family == family) {
            return i;
        }
    }
    if (transports->udp_count == CW_SIP_LISTENERS + 2) {
        return SIZE_MAX;
    }
    any.ss_family = (sa_family_t)family;
    return cw_sip_udp_open(transports, (const struct sockaddr *)&any, &problem) == CW_OK
               ? transports->udp_count - 1
               : SIZE_MAX;
}

void cw_sip_udp_close(struct cw_sip_transports *transports)
{
    for (size_t i = 0; i < transports->udp_count; i++) {
        uv_close((uv_handle_t *)&transports->udp[i]->handle, on_closed);
    }
    transports->udp_count = 0;
}
