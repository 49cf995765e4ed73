/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"
#include "transport_private.h"

#include <stdio.h>
#include <stdlib.h>

static enum cw_err listen_address(const struct cw_sip_listen *listen, struct sockaddr_storage *out,
                                  const char **problem)
{
    if (uv_ip4_addr(listen->host, listen->port, (struct sockaddr_in *)out) == 0 ||
        uv_ip6_addr(listen->host, listen->port, (struct sockaddr_in6 *)out) == 0) {
        return CW_OK;
    }
    *problem = "a listener needs an IP address";
    return CW_ERR_CONFIG;
}

static enum cw_err open_listener(struct cw_sip_transports *transports,
                                 const struct cw_sip_listen *listen, const char **problem)
{
    struct sockaddr_storage address = {0};

    CW_TRY(listen_address(listen, &address, problem));
    if (transports->udp_count + transports->listener_count >= CW_SIP_LISTENERS) {
        *problem = "too many listeners";
        return CW_ERR_CONFIG;
    }
    if (listen->transport == CW_SIP_UDP) {
        return cw_sip_udp_open(transports, (const struct sockaddr *)&address, problem);
    }
    if (listen->transport == CW_SIP_TLS && transports->tls_server == NULL) {
        *problem = "a tls listener needs a certificate";
        return CW_ERR_CONFIG;
    }
    return cw_sip_stream_listen(transports, (const struct sockaddr *)&address,
                                listen->transport == CW_SIP_TLS, problem);
}

/* An address others can reach when the listener has none of its own: the first that leaves here. */
static void outside_address(char *text, size_t size)
{
    uv_interface_address_t *all = NULL;
    int count = 0;

    (void)snprintf(text, size, "127.0.0.1");
    if (uv_interface_addresses(&all, &count) != 0) {
        return;
    }
    for (int i = 0; i < count; i++) {
        if (all[i].is_internal == 0 && all[i].address.address4.sin_family == AF_INET) {
            (void)uv_ip4_name(&all[i].address.address4, text, size);
            break;
        }
    }
    uv_free_interface_addresses(all, count);
}

static bool is_wildcard(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

/* The port that was bound when any was asked for (UDP only: tests). */
static uint16_t bound_port(const struct cw_sip_transports *transports,
                           const struct cw_sip_listen *listen)
{
    char text[64];

    if (listen->port == 0 && listen->transport == CW_SIP_UDP && transports->udp_count != 0) {
        return cw_sip_address_text((const struct sockaddr *)&transports->udp[0]->local, text,
                                   sizeof(text));
    }
    return listen->port;
}

static bool has_port(const char *advertise)
{
    const char *const colon = strrchr(advertise, ':');

    return colon != NULL && strchr(colon, ']') == NULL;
}

static const struct cw_sip_listen *first_listener(const struct cw_sip_settings *settings,
                                                  enum cw_sip_transport transport)
{
    for (size_t i = 0; i < settings->listen_count; i++) {
        if (settings->listen[i].transport == transport) {
            return &settings->listen[i];
        }
    }
    return NULL;
}

/* How we call ourselves over one transport. */
static void name_transport(struct cw_sip_transports *transports,
                           const struct cw_sip_settings *settings, enum cw_sip_transport transport)
{
    char *const out = transports->sent_by[transport];
    const size_t size = sizeof(transports->sent_by[transport]);
    const struct cw_sip_listen *const own = first_listener(settings, transport);
    char host[80] = "";

    const struct cw_sip_listen *const any = own != NULL                   ? own
                                            : settings->listen_count != 0 ? &settings->listen[0]
                                                                          : NULL;
    if (any == NULL || is_wildcard(any->host)) {
        outside_address(host, sizeof(host));
    } else {
        (void)snprintf(host, sizeof(host), strchr(any->host, ':') != NULL ? "[%s]" : "%s",
                       any->host);
    }
    const bool advertised = settings->advertise != NULL && settings->advertise[0] != '\0';
    const char *const name = advertised ? settings->advertise : host;
    if (own == NULL || (advertised && has_port(settings->advertise))) {
        (void)snprintf(out, size, "%s", name);
    } else {
        (void)snprintf(out, size, "%s:%u", name, (unsigned)bound_port(transports, own));
    }
}

static enum cw_err open_all(struct cw_sip_transports *transports,
                            const struct cw_sip_settings *settings, const char **problem)
{
    for (size_t i = 0; i < settings->listen_count; i++) {
        CW_TRY(open_listener(transports, &settings->listen[i], problem));
        transports->listens[settings->listen[i].transport] = true;
    }
    for (unsigned i = 0; i < CW_SIP_TRANSPORTS; i++) {
        name_transport(transports, settings, (enum cw_sip_transport)i);
    }
    return CW_OK;
}

enum cw_err cw_sip_transports_start(struct cw_sip *sip, const struct cw_sip_settings *settings,
                                    const struct cw_sip_transport_events *events,
                                    struct cw_sip_transports **out, const char **problem)
{
    struct cw_sip_transports *const made = calloc(1, sizeof(*made));

    if (made == NULL) {
        abort();
    }
    made->sip = sip;
    made->events = *events;
    made->tls_server = settings->tls_server == NULL ? NULL : cw_tls_share(settings->tls_server);
    made->tls_client = settings->tls_client == NULL ? NULL : cw_tls_share(settings->tls_client);
    made->open = 1; /* the layer itself, until it is stopped */
    *out = made;
    return open_all(made, settings, problem);
}

void cw_sip_transports_closed(struct cw_sip_transports *transports)
{
    if (--transports->open != 0) {
        return;
    }
    struct cw_sip *const sip = transports->sip;
    void (*const on_stopped)(void *user) = transports->events.on_stopped;
    cw_tls_free(&transports->tls_server);
    cw_tls_free(&transports->tls_client);
    free(transports);
    on_stopped(sip);
}

void cw_sip_transports_stop(struct cw_sip_transports *transports)
{
    transports->stopped = true;
    cw_sip_udp_close(transports);
    cw_sip_stream_close_all(transports);
    cw_sip_transports_closed(transports);
}

uint16_t cw_sip_address_text(const struct sockaddr *address, char *text, size_t size)
{
    text[0] = '\0';
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *const in6 = (const struct sockaddr_in6 *)(const void *)address;

        (void)uv_ip6_name(in6, text, size);
        return ntohs(in6->sin6_port);
    }
    const struct sockaddr_in *const in4 = (const struct sockaddr_in *)(const void *)address;
    (void)uv_ip4_name(in4, text, size);
    return ntohs(in4->sin_port);
}

void cw_sip_transports_reject(struct cw_sip_transports *transports, const char *reason,
                              const struct sockaddr *from)
{
    struct cw_sip *const sip = transports->sip;
    char text[64] = "";

    if (sip->metrics != NULL) {
        CW_METRIC_INC(sip->metrics, CONNECTIONS_REJECTED_TOTAL, "sip", reason);
    }
    if (from != NULL) {
        (void)cw_sip_address_text(from, text, sizeof(text));
    }
    CW_LOG(sip->log, SIP_REJECTED, "turned away", {"reason", cw_log_text(reason)},
           {"peer", cw_log_text(text)});
}

enum cw_err cw_sip_transports_send(struct cw_sip_transports *transports, struct cw_sip_hop *hop,
                                   const struct cw_sip_parts *parts, uint64_t *connection)
{
    *connection = 0;
    if (hop->address_count == 0) {
        return CW_ERR_IO;
    }
    if (hop->transport == CW_SIP_UDP) {
        const struct sockaddr *const to = cw_sip_hop_address(hop);

        return cw_sip_udp_send(transports, cw_sip_udp_for(transports, to->sa_family), to, parts);
    }
    if (hop->transport == CW_SIP_TLS && transports->tls_client == NULL) {
        return CW_ERR_IO;
    }
    struct cw_sip_connection *const to = cw_sip_stream_to(transports, hop);
    *connection = to->id;
    return cw_sip_stream_write(to, parts);
}

static enum cw_err reply_udp(struct cw_sip_transports *transports,
                             const struct cw_sip_origin *origin, uint16_t via_port,
                             const struct cw_sip_parts *parts)
{
    struct sockaddr_storage to = origin->address;

    if (via_port != 0 && to.ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)&to)->sin6_port = htons(via_port);
    } else if (via_port != 0) {
        ((struct sockaddr_in *)&to)->sin_port = htons(via_port);
    }
    return cw_sip_udp_send(transports, origin->socket, (const struct sockaddr *)&to, parts);
}

static enum cw_err reply_stream(struct cw_sip_transports *transports,
                                const struct cw_sip_origin *origin,
                                const struct cw_sip_parts *parts)
{
    struct cw_sip_connection *back = cw_sip_stream_find(transports, origin->connection);

    if (back == NULL && origin->hop != NULL && origin->hop->transport == origin->transport &&
        origin->hop->address_count != 0) {
        back = cw_sip_stream_to(transports, origin->hop);
    }
    return back == NULL ? CW_ERR_CLOSED : cw_sip_stream_write(back, parts);
}

void cw_sip_transports_reply(struct cw_sip_transports *transports,
                             const struct cw_sip_origin *origin, uint16_t via_port,
                             struct cw_bytes data)
{
    const struct cw_sip_parts parts = {.start = data};
    const enum cw_err err = origin->transport == CW_SIP_UDP
                                ? reply_udp(transports, origin, via_port, &parts)
                                : reply_stream(transports, origin, &parts);

    if (err != CW_OK) { /* the far end asks again, or has gone */
        CW_LOG(transports->sip->log, SIP_REJECTED, "an answer could not be sent",
               {"reason", cw_log_text(cw_err_text(err))});
    }
}

void cw_sip_transports_bind(struct cw_sip_transports *transports,
                            const struct cw_sip_origin *origin, struct cw_sip_hop *hop)
{
    struct cw_sip_connection *const connection = cw_sip_stream_find(transports, origin->connection);

    if (connection != NULL && connection->hop == NULL &&
        cw_sip_stream_find(transports, hop->connection) == NULL) {
        connection->hop = hop;
        hop->connection = connection->id;
    }
}

void cw_sip_transports_release(struct cw_sip_transports *transports, struct cw_sip_hop *hop)
{
    struct cw_sip_connection *const connection = cw_sip_stream_find(transports, hop->connection);

    hop->connection = 0;
    if (connection != NULL) {
        connection->hop = NULL;
        cw_tls_stream_close(connection->stream);
        connection->state = CW_SIP_CONNECTION_CLOSING;
    }
}

struct cw_bytes cw_sip_transports_sent_by(const struct cw_sip_transports *transports,
                                          enum cw_sip_transport transport)
{
    const char *const text = transports->sent_by[transport];

    return (struct cw_bytes){text, strlen(text)};
}

bool cw_sip_transports_is_own(const struct cw_sip_transports *transports,
                              const struct cw_sip_via *via)
{
    char text[264];

    if (via->host.len > 255) {
        return false;
    }
    if (via->port != 0) {
        (void)snprintf(text, sizeof(text), CW_FMT ":%u", CW_ARG(via->host), (unsigned)via->port);
    } else {
        (void)snprintf(text, sizeof(text), CW_FMT, CW_ARG(via->host));
    }
    for (unsigned i = 0; i < CW_SIP_TRANSPORTS; i++) {
        if (cw_sip_same_text(cw_sip_transports_sent_by(transports, (enum cw_sip_transport)i),
                             (struct cw_bytes){text, strlen(text)})) {
            return true;
        }
    }
    return false;
}

bool cw_sip_transports_listens(const struct cw_sip_transports *transports,
                               enum cw_sip_transport transport)
{
    return transports->listens[transport];
}

enum cw_sip_transport cw_sip_transports_preferred(const struct cw_sip_transports *transports)
{
    return transports->listens[CW_SIP_TLS]   ? CW_SIP_TLS
           : transports->listens[CW_SIP_TCP] ? CW_SIP_TCP
                                             : CW_SIP_UDP;
}
