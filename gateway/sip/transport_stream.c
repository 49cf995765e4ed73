/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"
#include "transport_private.h"

#include <causeway/clock.h>
#include <stdlib.h>

#define PENDING_MAX ((size_t)1024 * 1024)    /* octets that wait for a connection */
#define QUEUE_MAX   (8 * CW_TLS_STREAM_HIGH) /* octets a hop may leave unread */

static struct cw_sip_connection *connection_new(struct cw_sip_transports *transports,
                                                enum cw_sip_transport transport, bool inbound)
{
    struct cw_sip_connection *const made = calloc(1, sizeof(*made));
    size_t slot = 0;

    if (made == NULL) {
        abort();
    }
    while (transports->connections[slot] != NULL) { /* the callers keep one free */
        slot++;
    }
    transports->connections[slot] = made;
    transports->connection_count++;
    transports->open++;
    made->owner = transports;
    made->id = ++transports->next_id * CW_SIP_CONNECTIONS + slot;
    made->transport = transport;
    made->inbound = inbound;
    return made;
}

static void unbind(struct cw_sip_connection *connection, const char *detail)
{
    struct cw_sip_transports *const transports = connection->owner;
    struct cw_sip_hop *const hop = connection->hop;

    if (hop == NULL) {
        return;
    }
    connection->hop = NULL;
    if (hop->connection == connection->id) {
        hop->connection = 0;
    }
    transports->events.on_lost(hop, connection->id, connection->was_open, detail, transports->sip);
}

/* From here on nothing is read or written; what waited for an answer on it is told at once. */
static void leave(struct cw_sip_connection *connection, const char *detail)
{
    connection->state = CW_SIP_CONNECTION_CLOSING;
    unbind(connection, detail);
}

/* A next hop knows us by the address that we listen on; where that is a wildcard, the kernel picks.
 */
static const struct sockaddr *source_for(const struct cw_sip_transports *transports, int family)
{
    if (family == AF_INET && transports->source_v4.sin_family == AF_INET) {
        return (const struct sockaddr *)&transports->source_v4;
    }
    if (family == AF_INET6 && transports->source_v6.sin6_family == AF_INET6) {
        return (const struct sockaddr *)&transports->source_v6;
    }
    return NULL;
}

static void note_source(struct cw_sip_transports *transports, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        memcpy(&transports->source_v4, address, sizeof(transports->source_v4));
        transports->source_v4.sin_port = 0;
        if (transports->source_v4.sin_addr.s_addr == htonl(INADDR_ANY)) {
            transports->source_v4.sin_family = 0;
        }
    } else {
        memcpy(&transports->source_v6, address, sizeof(transports->source_v6));
        transports->source_v6.sin6_port = 0;
        if (IN6_IS_ADDR_UNSPECIFIED(&transports->source_v6.sin6_addr)) {
            transports->source_v6.sin6_family = 0;
        }
    }
}

static void dial(struct cw_sip_connection *connection)
{
    const struct sockaddr *const to = cw_sip_hop_address(connection->hop);

    memcpy(&connection->origin.address, to,
           to->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
    connection->stream = cw_tls_stream_connect_from(
        connection->owner->sip->loop, source_for(connection->owner, to->sa_family), to,
        CW_SIP_CONNECT_MS, connection->events, connection);
}

/* A name may have several addresses, and only one of them be alive. */
static bool dial_next(struct cw_sip_connection *connection)
{
    struct cw_sip_hop *const hop = connection->hop;

    if (hop == NULL || connection->inbound || connection->was_open || connection->owner->stopped ||
        ++connection->attempts >= hop->address_count) {
        return false;
    }
    hop->address_at++;
    dial(connection);
    return true;
}

static void on_closed(struct cw_tls_stream *stream, enum cw_err why, const char *detail, void *user)
{
    struct cw_sip_connection *const connection = user;
    struct cw_sip_transports *const transports = connection->owner;

    (void)stream;
    (void)why;
    if (connection->state == CW_SIP_CONNECTION_STARTING && dial_next(connection)) {
        return;
    }
    cw_sip_timer_set(transports->sip, &connection->deadline, UINT64_MAX);
    leave(connection, detail);
    transports->connections[connection->id % CW_SIP_CONNECTIONS] = NULL;
    transports->connection_count--;
    free(connection->pending);
    free(connection->held);
    free(connection);
    cw_sip_transports_closed(transports);
}

static void shut(struct cw_sip_connection *connection, enum cw_err why, const char *detail)
{
    cw_tls_stream_abort(connection->stream, why, detail);
    leave(connection, detail);
}

static void open_now(struct cw_sip_connection *connection)
{
    connection->state = CW_SIP_CONNECTION_OPEN;
    connection->was_open = true;
    if (connection->pending_len != 0) {
        cw_tls_stream_write(connection->stream,
                            (struct cw_bytes){connection->pending, connection->pending_len});
    }
    free(connection->pending);
    connection->pending = NULL;
    connection->pending_len = 0;
}

static void on_open(struct cw_tls_stream *stream, void *user)
{
    struct cw_sip_connection *const connection = user;
    struct cw_sip_transports *const transports = connection->owner;

    if (connection->state == CW_SIP_CONNECTION_CLOSING) {
        return;
    }
    if (connection->transport != CW_SIP_TLS) {
        open_now(connection);
    } else if (connection->inbound) {
        cw_tls_stream_start_tls(stream, transports->tls_server, NULL, CW_SIP_HANDSHAKE_MS);
    } else {
        const struct cw_sip_hop *const hop = connection->hop;
        const char *const name = hop == NULL || hop->literal ? NULL : hop->host;

        cw_tls_stream_start_tls(stream, transports->tls_client, name, CW_SIP_HANDSHAKE_MS);
    }
}

/* Routes may have changed since this one was believed. */
static struct cw_sip_hop *still_believed(struct cw_sip_connection *connection)
{
    struct cw_sip_transports *const transports = connection->owner;
    const uint64_t generation = transports->sip->generation;

    if (connection->generation != generation) {
        connection->generation = generation;
        connection->origin.hop = transports->events.believe(
            (const struct sockaddr *)&connection->origin.address, connection->transport,
            cw_tls_stream_certificate(connection->stream), transports->sip);
    }
    return connection->origin.hop;
}

/* RFC 5922 section 7: what the certificate says is who it is. */
static void on_secure(struct cw_tls_stream *stream, void *user)
{
    struct cw_sip_connection *const connection = user;
    struct cw_sip_transports *const transports = connection->owner;
    struct x509_st *const certificate = cw_tls_stream_certificate(stream);
    const struct sockaddr *const address = (const struct sockaddr *)&connection->origin.address;
    bool believed = false;

    if (connection->state == CW_SIP_CONNECTION_CLOSING) {
        return;
    }
    if (certificate != NULL && cw_tls_stream_trusted(stream, NULL)) {
        if (connection->inbound) {
            believed = still_believed(connection) != NULL;
        } else if (connection->hop != NULL) {
            const struct cw_bytes name = {connection->hop->host, strlen(connection->hop->host)};

            believed = cw_tls_sip_match(certificate, name);
        }
    }
    if (!believed) {
        cw_sip_transports_reject(transports, "certificate", address);
        shut(connection, CW_ERR_TLS, "the certificate does not name the next hop");
        return;
    }
    open_now(connection);
}

static void on_deadline(void *owner, uint64_t now_ms)
{
    struct cw_sip_connection *const connection = owner;

    (void)now_ms;
    cw_sip_transports_reject(connection->owner, "header_deadline",
                             (const struct sockaddr *)&connection->origin.address);
    shut(connection, CW_ERR_TIMEOUT, "a message did not end in time");
}

static void deliver(struct cw_sip_connection *connection, struct cw_bytes data, bool broken)
{
    struct cw_sip_transports *const transports = connection->owner;
    struct cw_sip_hop *const hop = still_believed(connection);

    if (hop == NULL) { /* believed when it came, but a reload has taken its route away */
        cw_sip_transports_reject(transports, "unknown_source",
                                 (const struct sockaddr *)&connection->origin.address);
        shut(connection, CW_ERR_REFUSED, "no next hop any more");
        return;
    }
    const struct cw_sip_origin origin = {.hop = hop,
                                         .connection = connection->id,
                                         .transport = connection->transport,
                                         .address = connection->origin.address};
    transports->events.on_message(data, &origin, broken, transports->sip);
}

/* Hands up whole messages; returns how many octets were used. */
static size_t consume(struct cw_sip_connection *connection, struct cw_bytes data)
{
    size_t used = 0;

    while (used < data.len && connection->state == CW_SIP_CONNECTION_OPEN) {
        const struct cw_bytes left = {data.base + used, data.len - used};
        size_t len = 0;
        const enum cw_sip_framing_result result =
            cw_sip_framing_step(&connection->framing, left, &len);

        if (result == CW_SIP_FRAMING_MORE) {
            break;
        }
        if (result == CW_SIP_FRAMING_BROKEN) {
            deliver(connection, left, true);
            cw_tls_stream_close(connection->stream);
            leave(connection, "the peer broke the framing");
            return data.len;
        }
        if (result == CW_SIP_FRAMING_PING) {
            cw_tls_stream_write(connection->stream, CW_LIT("\r\n"));
        } else if (result == CW_SIP_FRAMING_MESSAGE) {
            deliver(connection, (struct cw_bytes){left.base, len}, false);
        }
        used += len;
    }
    return used;
}

static void hold(struct cw_sip_connection *connection, struct cw_bytes data)
{
    const size_t need = connection->held_len + data.len;

    if (need > connection->held_cap) {
        connection->held_cap = need + 4096;
        connection->held = realloc(connection->held, connection->held_cap);
        if (connection->held == NULL) {
            abort();
        }
    }
    memcpy(connection->held + connection->held_len, data.base, data.len);
    connection->held_len = need;
}

static void watch_deadline(struct cw_sip_connection *connection, bool progress)
{
    struct cw_sip *const sip = connection->owner->sip;

    if (connection->held_len == 0 || connection->state != CW_SIP_CONNECTION_OPEN) {
        cw_sip_timer_set(sip, &connection->deadline, UINT64_MAX);
    } else if (progress || connection->deadline.entry.next == NULL) {
        cw_sip_timer_set(sip, &connection->deadline, cw_clock_now_ms() + CW_SIP_HEADER_DEADLINE_MS);
    }
}

static void on_read(struct cw_tls_stream *stream, struct cw_bytes data, void *user)
{
    struct cw_sip_connection *const connection = user;
    size_t used = 0;

    (void)stream;
    if (connection->state != CW_SIP_CONNECTION_OPEN) {
        return;
    }
    if (connection->held_len == 0) {
        used = consume(connection, data);
        if (used < data.len) {
            hold(connection, (struct cw_bytes){data.base + used, data.len - used});
        }
    } else {
        hold(connection, data);
        used = consume(connection, (struct cw_bytes){connection->held, connection->held_len});
        connection->held_len -= used;
        if (connection->held_len != 0 && used != 0) {
            memmove(connection->held, connection->held + used, connection->held_len);
        }
    }
    if (connection->held_len == 0 && connection->held != NULL) {
        free(connection->held);
        connection->held = NULL;
        connection->held_cap = 0;
    }
    watch_deadline(connection, used != 0);
    if (cw_tls_stream_queued(connection->stream) > CW_TLS_STREAM_HIGH &&
        connection->state == CW_SIP_CONNECTION_OPEN) { /* answers are not read: take no questions */
        cw_tls_stream_pause(connection->stream, true);
    }
}

static void on_drain(struct cw_tls_stream *stream, void *user)
{
    (void)user;
    cw_tls_stream_pause(stream, false);
}

static const struct cw_tls_stream_events stream_events = {.on_open = on_open,
                                                          .on_secure = on_secure,
                                                          .on_read = on_read,
                                                          .on_drain = on_drain,
                                                          .on_closed = on_closed};

static size_t count_from(const struct cw_sip_transports *transports, const struct sockaddr *address)
{
    char own[64];
    char other[64];
    size_t count = 0;

    (void)cw_sip_address_text(address, own, sizeof(own));
    for (size_t i = 0; i < CW_SIP_CONNECTIONS; i++) {
        const struct cw_sip_connection *const at = transports->connections[i];

        if (at != NULL && at->inbound) {
            (void)cw_sip_address_text((const struct sockaddr *)&at->origin.address, other,
                                      sizeof(other));
            count += strcmp(own, other) == 0 ? 1 : 0;
        }
    }
    return count;
}

/* Why a connection is turned away before anything is read; NULL: it is not. */
static const char *turn_away(const struct cw_sip_transports *transports,
                             const struct sockaddr *address, enum cw_sip_transport transport)
{
    if (address == NULL || transports->stopped) {
        return "unknown_source";
    }
    if (transports->connection_count >= CW_SIP_CONNECTIONS / 2 ||
        count_from(transports, address) >= CW_SIP_CONNECTIONS_IP) {
        return "limit";
    }
    /* Under TLS the certificate is asked later; without a known address nobody gets that far. */
    return transports->events.believe(address, transport, NULL, transports->sip) == NULL
               ? "unknown_source"
               : NULL;
}

static void refused_open(struct cw_tls_stream *stream, void *user)
{
    (void)stream;
    (void)user;
}

static void refused_read(struct cw_tls_stream *stream, struct cw_bytes data, void *user)
{
    (void)stream;
    (void)data;
    (void)user;
}

static void refused_closed(struct cw_tls_stream *stream, enum cw_err why, const char *detail,
                           void *user)
{
    (void)stream;
    (void)why;
    (void)detail;
    cw_sip_transports_closed(user);
}

static const struct cw_tls_stream_events refused_events = {.on_open = refused_open,
                                                           .on_secure = refused_open,
                                                           .on_read = refused_read,
                                                           .on_closed = refused_closed};

static void accept_over(struct cw_sip_transports *transports, struct cw_tls_stream *stream,
                        enum cw_sip_transport transport)
{
    const struct sockaddr *const address = cw_tls_stream_peer_address(stream);
    const char *const reason = turn_away(transports, address, transport);

    if (reason != NULL) {
        cw_sip_transports_reject(transports, reason, address);
        transports->open++;
        cw_tls_stream_adopt(stream, &refused_events, transports);
        cw_tls_stream_abort(stream, CW_ERR_REFUSED, "not a next hop");
        return;
    }
    struct cw_sip_connection *const connection = connection_new(transports, transport, true);
    connection->stream = stream;
    connection->deadline.fire = on_deadline;
    connection->deadline.owner = connection;
    memcpy(&connection->origin.address, address,
           address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in));
    cw_tls_stream_adopt(stream, &stream_events, connection);
}

static void on_accept_tcp(struct cw_tls_stream *stream, void *user)
{
    accept_over(user, stream, CW_SIP_TCP);
}

static void on_accept_tls(struct cw_tls_stream *stream, void *user)
{
    accept_over(user, stream, CW_SIP_TLS);
}

enum cw_err cw_sip_stream_listen(struct cw_sip_transports *transports,
                                 const struct sockaddr *address, bool tls, const char **problem)
{
    note_source(transports, address);
    return cw_tls_listen(transports->sip->loop, address, tls ? on_accept_tls : on_accept_tcp,
                         transports, &transports->listeners[transports->listener_count++], problem);
}

struct cw_sip_connection *cw_sip_stream_find(const struct cw_sip_transports *transports,
                                             uint64_t id)
{
    struct cw_sip_connection *const found = transports->connections[id % CW_SIP_CONNECTIONS];

    return id != 0 && found != NULL && found->id == id && found->state != CW_SIP_CONNECTION_CLOSING
               ? found
               : NULL;
}

struct cw_sip_connection *cw_sip_stream_to(struct cw_sip_transports *transports,
                                           struct cw_sip_hop *hop)
{
    struct cw_sip_connection *connection = cw_sip_stream_find(transports, hop->connection);

    if (connection != NULL) {
        return connection;
    }
    /* At most half of the slots are taken by others, and a hop has one: there is room. */
    connection = connection_new(transports, hop->transport, false);
    connection->hop = hop;
    connection->deadline.fire = on_deadline;
    connection->deadline.owner = connection;
    connection->events = &stream_events;
    hop->connection = connection->id;
    dial(connection);
    return connection;
}

enum cw_err cw_sip_stream_write(struct cw_sip_connection *connection,
                                const struct cw_sip_parts *parts)
{
    const size_t len = parts->start.len + parts->via.len + parts->rest.len;

    if (connection->state == CW_SIP_CONNECTION_OPEN) {
        if (cw_tls_stream_queued(connection->stream) > QUEUE_MAX) {
            return CW_ERR_BUSY;
        }
        cw_tls_stream_write(connection->stream, parts->start);
        cw_tls_stream_write(connection->stream, parts->via);
        cw_tls_stream_write(connection->stream, parts->rest);
        return CW_OK;
    }
    if (connection->pending_len + len > PENDING_MAX) {
        return CW_ERR_BUSY;
    }
    connection->pending = realloc(connection->pending, connection->pending_len + len);
    if (connection->pending == NULL) {
        abort();
    }
    const struct cw_bytes all[3] = {parts->start, parts->via, parts->rest};
    for (size_t i = 0; i < 3; i++) {
        if (all[i].len != 0) {
            memcpy(connection->pending + connection->pending_len, all[i].base, all[i].len);
            connection->pending_len += all[i].len;
        }
    }
    return CW_OK;
}

void cw_sip_stream_close_all(struct cw_sip_transports *transports)
{
    for (size_t i = 0; i < transports->listener_count; i++) {
        cw_tls_listener_close(&transports->listeners[i]);
    }
    for (size_t i = 0; i < CW_SIP_CONNECTIONS; i++) {
        struct cw_sip_connection *const connection = transports->connections[i];

        if (connection == NULL) {
            continue;
        }
        connection->hop = NULL; /* its requests have been told already */
        if (connection->state == CW_SIP_CONNECTION_OPEN) {
            cw_tls_stream_close(connection->stream);
            connection->state = CW_SIP_CONNECTION_CLOSING;
        } else if (connection->state == CW_SIP_CONNECTION_STARTING) {
            shut(connection, CW_ERR_CLOSED, "stopped");
        }
    }
}
