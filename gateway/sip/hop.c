/* SPDX-License-Identifier: Apache-2.0 */
#include "hop.h"

#include "endpoint.h"

#include <causeway/clock.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>

static char *duplicate(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *const copy = malloc(size);

    if (copy == NULL) {
        abort();
    }
    return memcpy(copy, text, size);
}

static void set_port(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    } else {
        ((struct sockaddr_in *)address)->sin_port = htons(port);
    }
}

static bool take_literal(struct cw_sip_hop *hop)
{
    struct sockaddr_storage *const first = &hop->addresses[0];

    return uv_ip4_addr(hop->host, hop->port, (struct sockaddr_in *)first) == 0 ||
           uv_ip6_addr(hop->host, hop->port, (struct sockaddr_in6 *)first) == 0;
}

static void take_addresses(struct cw_sip_hop *hop, const struct addrinfo *list)
{
    hop->address_count = 0;
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        if (hop->address_count == CW_SIP_HOP_ADDRESSES ||
            (at->ai_family != AF_INET && at->ai_family != AF_INET6)) {
            continue;
        }
        struct sockaddr_storage *const place = &hop->addresses[hop->address_count++];
        memcpy(place, at->ai_addr, at->ai_addrlen);
        set_port(place, hop->port);
    }
    hop->sip->generation++;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct cw_sip_hop *const hop = request->data;
    struct cw_sip *const sip = hop->sip;

    free(request);
    hop->resolving = false;
    if (status == 0) { /* a name that cannot be looked up just now keeps its old addresses */
        take_addresses(hop, list);
    }
    uv_freeaddrinfo(list);
    cw_sip_timer_set(sip, &hop->resolve_timer, cw_clock_now_ms() + CW_SIP_RESOLVE_AGAIN_MS);
    cw_sip_hop_schedule(sip, hop);
    cw_sip_hop_settle(hop);
    cw_sip_closed(sip);
}

static void resolve(void *owner, uint64_t now_ms)
{
    struct cw_sip_hop *const hop = owner;
    uv_getaddrinfo_t *const request = malloc(sizeof(*request));

    if (request == NULL) {
        abort();
    }
    request->data = hop;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    if (uv_getaddrinfo(hop->sip->loop, request, on_resolved, hop->host, NULL, &hints) != 0) {
        free(request);
        cw_sip_timer_set(hop->sip, &hop->resolve_timer, now_ms + CW_SIP_RESOLVE_AGAIN_MS);
        return;
    }
    hop->resolving = true;
    hop->sip->closing++;
}

struct cw_sip_hop *cw_sip_hop_new(struct cw_sip *sip, const struct cw_sip_route *route,
                                  uint64_t now_ms)
{
    struct cw_sip_hop *const hop = calloc(1, sizeof(*hop));

    if (hop == NULL) {
        abort();
    }
    hop->sip = sip;
    hop->name = duplicate(route->name);
    hop->host = duplicate(route->host);
    hop->transport = route->transport;
    hop->port = route->port;
    hop->route = cw_sip_route_new(route->priority, route->weight, sip->options_interval_ms, now_ms);
    hop->literal = take_literal(hop);
    hop->address_count = hop->literal ? 1 : 0;
    hop->resolve_timer.fire = resolve;
    hop->resolve_timer.owner = hop;
    if (!hop->literal) {
        resolve(hop, now_ms);
    }
    return hop;
}

bool cw_sip_hop_is(const struct cw_sip_hop *hop, const struct cw_sip_route *route)
{
    return hop->transport == route->transport && hop->port == route->port &&
           strcmp(hop->host, route->host) == 0 && strcmp(hop->name, route->name) == 0;
}

void cw_sip_hop_free(struct cw_sip_hop **hop)
{
    cw_sip_timer_set((*hop)->sip, &(*hop)->probe_timer, UINT64_MAX);
    cw_sip_timer_set((*hop)->sip, &(*hop)->resolve_timer, UINT64_MAX);
    free((*hop)->name);
    free((*hop)->host);
    free(*hop);
    *hop = NULL;
}

const struct sockaddr *cw_sip_hop_address(const struct cw_sip_hop *hop)
{
    return (const struct sockaddr *)&hop->addresses[hop->address_at % hop->address_count];
}

bool cw_sip_hop_has(const struct cw_sip_hop *hop, const struct sockaddr *address)
{
    for (size_t i = 0; i < hop->address_count; i++) {
        const struct sockaddr_storage *const own = &hop->addresses[i];

        if (own->ss_family != address->sa_family) {
            continue;
        }
        if (own->ss_family == AF_INET &&
            ((const struct sockaddr_in *)own)->sin_addr.s_addr ==
                ((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) {
            return true;
        }
        if (own->ss_family == AF_INET6 &&
            memcmp(&((const struct sockaddr_in6 *)own)->sin6_addr,
                   &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
                   sizeof(struct in6_addr)) == 0) {
            return true;
        }
    }
    return false;
}

static bool host_matches(const struct cw_sip_hop *hop, struct cw_bytes host)
{
    char text[64];
    struct sockaddr_storage address;

    if (cw_sip_same_text(host, (struct cw_bytes){hop->host, strlen(hop->host)})) {
        return true;
    }
    if (host.len >= sizeof(text)) {
        return false;
    }
    memcpy(text, host.base, host.len);
    text[host.len] = '\0';
    if (uv_ip4_addr(text, 0, (struct sockaddr_in *)&address) != 0 &&
        uv_ip6_addr(text, 0, (struct sockaddr_in6 *)&address) != 0) {
        return false; /* a name that is not the configured one; names of others are never resolved
                       */
    }
    return cw_sip_hop_has(hop, (const struct sockaddr *)&address);
}

bool cw_sip_hop_named(const struct cw_sip_hop *hop, const struct cw_sip_hop_address *address)
{
    const bool secure = hop->transport == CW_SIP_TLS;
    const uint16_t port = address->port != 0 ? address->port : secure ? 5061 : 5060;

    if (address->transport.len != 0) {
        static const char *const names[CW_SIP_TRANSPORTS] = {"udp", "tcp", "tls"};
        const char *const name = names[hop->transport];
        const bool tcp = cw_sip_same_text(address->transport, CW_LIT("tcp"));

        if (!cw_sip_same_text(address->transport, (struct cw_bytes){name, strlen(name)}) &&
            !(tcp && address->sips && secure)) {
            return false;
        }
    }
    return port == hop->port && (secure || !address->sips) && host_matches(hop, address->host);
}
