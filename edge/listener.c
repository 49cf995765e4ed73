/* SPDX-License-Identifier: Apache-2.0 */
#include "listener.h"

#include "connections.h"

#include <causeway/settings_file.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#define LISTENERS_MAX 16u
#define FILE_RESERVE                                                                               \
    ((size_t)128) /* descriptors for streams that we open, links, DNS, admin, files */
#define ADDRESS_SIZE 16u

/* One address that is listened on. */
struct port {
    struct cw_listener *listener;
    struct cw_tls_listener *socket;
    bool direct_tls;
};

/* One connection that was admitted. */
struct admitted {
    char address[ADDRESS_SIZE];
    size_t len;
};

struct cw_listener {
    struct cw_shell *shell;
    struct cw_inbound *inbound;
    struct cw_gateway_link *gateways;
    struct cw_connections *connections;
    struct port ports[LISTENERS_MAX];
    size_t count;
};

static struct cw_bytes address_of(const struct cw_tls_stream *connection)
{
    const struct sockaddr *const peer = cw_tls_stream_peer_address(connection);

    if (peer != NULL && peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *const v6 = (const void *)peer;

        return (struct cw_bytes){(const char *)&v6->sin6_addr, sizeof(v6->sin6_addr)};
    }
    if (peer != NULL && peer->sa_family == AF_INET) {
        const struct sockaddr_in *const v4 = (const void *)peer;

        return (struct cw_bytes){(const char *)&v4->sin_addr, sizeof(v4->sin_addr)};
    }
    return (struct cw_bytes){0};
}

static void on_rejected_read(struct cw_tls_stream *connection, struct cw_bytes data, void *user)
{
    (void)connection;
    (void)data;
    (void)user;
}

static void on_rejected_event(struct cw_tls_stream *connection, void *user)
{
    (void)connection;
    (void)user;
}

static void on_rejected_closed(struct cw_tls_stream *connection, enum cw_err why,
                               const char *detail, void *user)
{
    (void)connection;
    (void)why;
    (void)detail;
    (void)user;
}

/* What a connection hears that is closed before it became a stream. */
static const struct cw_tls_stream_events REJECTED = {
    .on_open = on_rejected_event,
    .on_secure = on_rejected_event,
    .on_read = on_rejected_read,
    .on_closed = on_rejected_closed,
};

static void reject(const struct cw_listener *listener, struct cw_tls_stream *connection,
                   const char *reason)
{
    CW_METRIC_INC(listener->shell->metrics, CONNECTIONS_REJECTED_TOTAL, "s2s", reason);
    CW_LOG(listener->shell->log, S2S_LIMIT, "connection refused", {"reason", cw_log_text(reason)},
           {"peer", cw_log_text(cw_tls_stream_peer(connection))});
    cw_tls_stream_adopt(connection, &REJECTED, NULL);
    cw_tls_stream_abort(connection, CW_ERR_LIMIT, reason);
}

/* @return why the connection may not come, or NULL: it may, and is counted */
static const char *judge(const struct cw_listener *listener, struct cw_bytes address)
{
    if (listener->shell->draining) {
        return "draining";
    }
    if (cw_gateway_link_away_ms(listener->gateways) >= CW_GATEWAY_LINK_AWAY_MS) {
        return "no_gateway";
    }
    switch (cw_connections_admit(listener->connections, address)) {
    case CW_CONNECTIONS_TOTAL:
        return "connection_limit";
    case CW_CONNECTIONS_ADDRESS:
        return "address_limit";
    case CW_CONNECTIONS_ADMIT:
        break;
    }
    return NULL;
}

static void on_accept(struct cw_tls_stream *connection, void *user)
{
    const struct port *const port = user;
    const struct cw_listener *const listener = port->listener;
    const struct cw_bytes address = address_of(connection);
    const char *const reason = judge(listener, address);

    if (reason != NULL) {
        reject(listener, connection, reason);
        return;
    }

    struct admitted *const admitted = calloc(1, sizeof(*admitted));

    if (admitted == NULL) {
        abort();
    }
    admitted->len = address.len;
    if (address.len > 0) {
        memcpy(admitted->address, address.base, address.len);
    }
    cw_inbound_accept(listener->inbound, connection, port->direct_tls, admitted);
}

static bool read_address(const char *text, struct sockaddr_storage *out)
{
    char host[INET6_ADDRSTRLEN];
    uint16_t port;

    return cw_settings_address(text, host, sizeof(host), &port) == CW_OK &&
           (uv_ip4_addr(host, port, (struct sockaddr_in *)out) == 0 ||
            uv_ip6_addr(host, port, (struct sockaddr_in6 *)out) == 0);
}

/* A descriptor for every connection, and some to spare: a full table must not stop what is there.
 */
static size_t bounded_by_files(size_t total_max)
{
    struct rlimit files;
    size_t most;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
        return total_max;
    }
    most = files.rlim_cur > 2 * FILE_RESERVE ? (size_t)files.rlim_cur - FILE_RESERVE
                                             : (size_t)files.rlim_cur / 2;
    return total_max < most ? total_max : most;
}

static enum cw_err open_ports(struct cw_listener *listener,
                              const struct cw_listener_settings *settings, const char **problem)
{
    for (size_t i = 0; i < settings->address_count && i < LISTENERS_MAX; i++) {
        struct port *const port = &listener->ports[i];
        const char *text = settings->addresses[i];
        struct sockaddr_storage address = {0};

        *port = (struct port){.listener = listener, .direct_tls = strncmp(text, "tls:", 4) == 0};
        text += port->direct_tls ? 4 : 0;
        if (!read_address(text, &address)) {
            *problem = "s2s.listen: not an address and port";
            return CW_ERR_IO;
        }
        CW_TRY(cw_tls_listen(listener->shell->loop, (const struct sockaddr *)&address, on_accept,
                             port, &port->socket, problem));
        listener->count++;
    }
    return CW_OK;
}

enum cw_err cw_listener_new(struct cw_shell *shell, const struct cw_listener_settings *settings,
                            struct cw_inbound *inbound, struct cw_gateway_link *gateways,
                            struct cw_listener **out, const char **problem)
{
    struct cw_listener *listener = calloc(1, sizeof(*listener));
    enum cw_err err;

    if (listener == NULL) {
        abort();
    }
    *listener = (struct cw_listener){.shell = shell, .inbound = inbound, .gateways = gateways};
    listener->connections =
        cw_connections_new(cw_srv_chance(&shell->seed, UINT64_MAX),
                           bounded_by_files(settings->total_max), settings->address_max);
    err = open_ports(listener, settings, problem);
    if (err != CW_OK) {
        cw_listener_free(&listener);
        return err;
    }
    *out = listener;
    return CW_OK;
}

void cw_listener_stop(struct cw_listener *listener)
{
    for (size_t i = 0; i < listener->count; i++) {
        cw_tls_listener_close(&listener->ports[i].socket);
    }
    listener->count = 0;
}

void cw_listener_free(struct cw_listener **listener)
{
    if (*listener != NULL) {
        cw_listener_stop(*listener);
        cw_connections_free(&(*listener)->connections);
        free(*listener);
        *listener = NULL;
    }
}

void cw_listener_limit(struct cw_listener *listener, size_t total_max, size_t address_max)
{
    cw_connections_limit(listener->connections, bounded_by_files(total_max), address_max);
}

void cw_listener_gone(struct cw_listener *listener, void *cookie)
{
    struct admitted *const admitted = cookie;

    cw_connections_release(listener->connections,
                           (struct cw_bytes){admitted->address, admitted->len});
    free(admitted);
}

size_t cw_listener_count(const struct cw_listener *listener)
{
    return cw_connections_count(listener->connections);
}
