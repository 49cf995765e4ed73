/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"
#include "hop.h"
#include "message_write.h"
#include "transport.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX ((size_t)1024 * 1024)

/* 32 characters, so that five random bits are one: no letter is likelier than another. */
void cw_sip_token_write(char *out, size_t len)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";

    cw_clock_random(out, (unsigned)len);
    for (size_t i = 0; i < len; i++) {
        out[i] = letters[(unsigned char)out[i] & 31u];
    }
    out[len] = '\0';
}

const char *cw_sip_token(struct cw_arena *arena, size_t len)
{
    char *const place = cw_arena_alloc(arena, len + 1);

    if (place != NULL) {
        cw_sip_token_write(place, len);
    }
    return place;
}

static void on_wake(uv_timer_t *timer);

static void wake_at(struct cw_sip *sip, uint64_t due_ms)
{
    const uint64_t now_ms = cw_clock_now_ms();

    sip->wake_at_ms = due_ms;
    if (due_ms == UINT64_MAX || sip->stopped) {
        (void)uv_timer_stop(&sip->wake);
        return;
    }
    /* The loop's idea of now may be old: what it adds would come too early and be for nothing. */
    const uint64_t loop_ms = uv_now(sip->loop);
    const uint64_t late_ms = now_ms > loop_ms ? now_ms - loop_ms : 0;
    const uint64_t wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    (void)uv_timer_start(&sip->wake, on_wake, wait_ms == 0 ? 0 : wait_ms + late_ms, 0);
}

static void on_wake(uv_timer_t *timer)
{
    struct cw_sip *const sip = timer->data;
    struct cw_sip_wheel_entry *entry = NULL;
    const uint64_t now_ms = cw_clock_now_ms();

    while (!sip->stopped && (entry = cw_sip_wheel_take(&sip->wheel, now_ms)) != NULL) {
        struct cw_sip_timer *const due = (struct cw_sip_timer *)entry;

        due->fire(due->owner, now_ms);
    }
    wake_at(sip, cw_sip_wheel_next_ms(&sip->wheel));
}

void cw_sip_timer_set(struct cw_sip *sip, struct cw_sip_timer *timer, uint64_t due_ms)
{
    cw_sip_wheel_set(&sip->wheel, &timer->entry, due_ms);
    if (due_ms < sip->wake_at_ms) {
        wake_at(sip, due_ms);
    }
}

static bool certificate_names(const struct cw_sip_hop *hop, struct x509_st *certificate)
{
    const struct cw_bytes name = {hop->host, strlen(hop->host)};

    return certificate == NULL || cw_tls_sip_match(certificate, name);
}

/* A hop that is configured for TLS is not believed in clear; the others use UDP and TCP as they
 * like. */
struct cw_sip_hop *cw_sip_believe(const struct cw_sip *sip, const struct sockaddr *address,
                                  enum cw_sip_transport transport, struct x509_st *certificate)
{
    struct cw_sip_hop *found = NULL;

    for (size_t i = 0; i < sip->hop_count; i++) {
        struct cw_sip_hop *const hop = sip->hops[i];
        const bool same = hop->transport == transport;

        if ((!same &&
             (found != NULL || (hop->transport == CW_SIP_TLS && transport != CW_SIP_TLS))) ||
            !cw_sip_hop_has(hop, address) || !certificate_names(hop, certificate)) {
            continue;
        }
        found = hop;
        if (same) {
            break;
        }
    }
    return found;
}

static struct cw_sip_hop *believe(const struct sockaddr *address, enum cw_sip_transport transport,
                                  struct x509_st *certificate, void *user)
{
    return cw_sip_believe(user, address, transport, certificate);
}

static void reject(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                   const struct cw_sip_origin *origin)
{
    char peer[64];
    const char *const problem = guarded->problem != NULL ? guarded->problem : "Bad framing";

    (void)cw_sip_address_text((const struct sockaddr *)&origin->address, peer, sizeof(peer));
    CW_LOG(sip->log, SIP_REJECTED, "malformed message", {"reason", cw_log_text(problem)},
           {"peer", cw_log_text(peer)});
    if (guarded->refuse_status != 0 && !cw_bytes_equal(guarded->method, CW_LIT("ACK"))) {
        cw_sip_count_request(sip, false, cw_sip_method_read(guarded->method), origin->transport);
        cw_sip_server_refuse(sip, guarded, origin, guarded->refuse_status, problem);
    }
}

/* A hop that calls itself by its configured address and port listens where it sends from. */
static void maybe_bind(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                       const struct cw_sip_origin *origin)
{
    const struct cw_sip_via *const via = &guarded->vias[0];
    const struct cw_sip_hop_address address = {.host = via->host, .port = via->port};

    for (size_t i = 0; i < sip->hop_count; i++) {
        struct cw_sip_hop *const hop = sip->hops[i];

        if (hop->transport == origin->transport && hop->connection == 0 &&
            cw_sip_hop_has(hop, (const struct sockaddr *)&origin->address) &&
            cw_sip_hop_named(hop, &address) &&
            (origin->transport != CW_SIP_TLS || origin->hop == hop)) {
            cw_sip_transports_bind(sip->transports, origin, hop);
        }
    }
}

static void on_message(struct cw_bytes data, const struct cw_sip_origin *origin, bool broken,
                       void *user)
{
    struct cw_sip *const sip = user;
    struct cw_sip_guarded guarded;
    const enum cw_err verdict =
        cw_sip_guard(data, origin->transport != CW_SIP_UDP || broken, &guarded);

    if (sip->stopped) {
        return;
    }
    if (verdict != CW_OK || broken) {
        reject(sip, &guarded, origin);
    } else if (guarded.status != 0) {
        cw_sip_client_response(sip, &guarded);
    } else {
        if (origin->connection != 0) {
            maybe_bind(sip, &guarded, origin);
        }
        cw_sip_server_request(sip, &guarded, origin);
    }
}

static void on_lost(struct cw_sip_hop *hop, uint64_t connection, bool was_open, const char *detail,
                    void *user)
{
    struct cw_sip *const sip = user;

    if (!was_open) {
        cw_sip_hop_event(sip, hop, CW_SIP_ROUTE_BROKEN, -1, detail);
    }
    cw_sip_client_lost(sip, hop, connection, was_open);
}

void cw_sip_closed(struct cw_sip *sip)
{
    if (--sip->closing != 0) {
        return;
    }
    while (sip->retired != NULL) {
        struct cw_sip_hop *hop = sip->retired;

        sip->retired = hop->next;
        cw_sip_hop_free(&hop);
    }
    cw_sip_table_clear(&sip->clients);
    cw_sip_table_clear(&sip->servers);
    cw_sip_table_clear(&sip->merged);
    cw_arena_free(&sip->read_arena);
    cw_arena_free(&sip->write_arena);
    free(sip);
}

static void on_transports_stopped(void *user)
{
    cw_sip_closed(user);
}

static void on_wake_closed(uv_handle_t *handle)
{
    cw_sip_closed(handle->data);
}

static const struct cw_sip_transport_events transport_events = {.believe = believe,
                                                                .on_message = on_message,
                                                                .on_lost = on_lost,
                                                                .on_stopped =
                                                                    on_transports_stopped};

static struct cw_sip *sip_new(struct uv_loop_s *loop, const struct cw_sip_settings *settings)
{
    struct cw_sip *const sip = calloc(1, sizeof(*sip));

    if (sip == NULL) {
        abort();
    }
    sip->loop = loop;
    sip->log = settings->log;
    sip->metrics = settings->metrics;
    sip->t1_ms = settings->t1_ms == 0 ? 500 : settings->t1_ms;
    sip->options_interval_ms =
        settings->options_interval_ms == 0 ? 30000 : settings->options_interval_ms;
    sip->max_message_size =
        settings->max_message_size == 0 || settings->max_message_size > CW_SIP_MESSAGE_MAX
            ? CW_SIP_MESSAGE_MAX
            : settings->max_message_size;
    sip->path_congestion_safe = settings->path_congestion_safe;
    sip->read_arena = cw_arena_new(ARENA_MAX);
    sip->write_arena = cw_arena_new(ARENA_MAX);
    sip->generation = 1;
    sip->wake_at_ms = UINT64_MAX;
    cw_clock_random(&sip->secret, sizeof(sip->secret));
    cw_sip_table_init(&sip->clients, sip->secret);
    cw_sip_table_init(&sip->servers, sip->secret);
    cw_sip_table_init(&sip->merged, sip->secret);
    cw_sip_wheel_init(&sip->wheel, cw_clock_now_ms());
    (void)uv_timer_init(loop, &sip->wake);
    sip->wake.data = sip;
    sip->closing = 2; /* the timer, and the transports */
    return sip;
}

enum cw_err cw_sip_start(struct uv_loop_s *loop, const struct cw_sip_settings *settings,
                         cw_sip_request_fn *on_request, void *user, struct cw_sip **out,
                         const char **problem)
{
    struct cw_sip *sip = sip_new(loop, settings);

    sip->on_request = on_request;
    sip->user = user;
    *problem = "";
    enum cw_err err =
        cw_sip_transports_start(sip, settings, &transport_events, &sip->transports, problem);
    if (err == CW_OK && cw_sip_set_routes(sip, settings->routes, settings->route_count) != CW_OK) {
        *problem = "a route has no host, no name, no port or the name of another one";
        err = CW_ERR_CONFIG;
    }
    if (err != CW_OK) {
        cw_sip_stop(&sip);
        return err;
    }
    *out = sip;
    return CW_OK;
}

void cw_sip_stop(struct cw_sip **sip)
{
    struct cw_sip *const dying = *sip;

    *sip = NULL;
    if (dying == NULL) {
        return;
    }
    dying->stopped = true;
    cw_sip_client_stop(dying);
    cw_sip_server_stop(dying);
    for (size_t i = 0; i < dying->hop_count; i++) {
        cw_sip_timer_set(dying, &dying->hops[i]->probe_timer, UINT64_MAX);
        cw_sip_timer_set(dying, &dying->hops[i]->resolve_timer, UINT64_MAX);
        dying->hops[i]->next = dying->retired;
        dying->retired = dying->hops[i]; /* freed with the rest */
    }
    dying->hop_count = 0;
    cw_sip_transports_stop(dying->transports);
    uv_close((uv_handle_t *)&dying->wake, on_wake_closed);
}

static bool routes_fit(const struct cw_sip_route *routes, size_t count)
{
    if (count > CW_SIP_MAX_ROUTES) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct cw_sip_route *const route = &routes[i];

        if (route->name == NULL || route->name[0] == '\0' || route->host == NULL ||
            route->host[0] == '\0' || strlen(route->host) > 255 || route->port == 0) {
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(routes[k].name, route->name) == 0) {
                return false;
            }
        }
    }
    return true;
}

void cw_sip_hop_settle(struct cw_sip_hop *hop)
{
    if (!hop->retired || hop->resolving || hop->calls != NULL) {
        return;
    }
    cw_sip_transports_release(hop->sip->transports, hop);
    struct cw_sip_hop **at = &hop->sip->retired;
    while (*at != NULL && *at != hop) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = hop->next;
    }
    cw_sip_hop_free(&hop);
}

void cw_sip_hop_retire(struct cw_sip_hop *hop)
{
    hop->retired = true;
    hop->next = hop->sip->retired;
    hop->sip->retired = hop;
    cw_sip_timer_set(hop->sip, &hop->probe_timer, UINT64_MAX);
    cw_sip_timer_set(hop->sip, &hop->resolve_timer, UINT64_MAX);
    cw_sip_hop_settle(hop);
}

/* The hop that a route of the new configuration leads to, taken out of the old ones. */
static struct cw_sip_hop *take_hop(struct cw_sip *sip, const struct cw_sip_route *route)
{
    for (size_t i = 0; i < sip->hop_count; i++) {
        struct cw_sip_hop *const hop = sip->hops[i];

        if (hop != NULL && cw_sip_hop_is(hop, route)) {
            sip->hops[i] = NULL;
            hop->route.priority = route->priority;
            hop->route.weight = route->weight;
            return hop;
        }
    }
    return NULL;
}

enum cw_err cw_sip_set_routes(struct cw_sip *sip, const struct cw_sip_route *routes, size_t count)
{
    struct cw_sip_hop *next[CW_SIP_MAX_ROUTES] = {NULL};
    struct cw_sip_hop *old[CW_SIP_MAX_ROUTES] = {NULL};
    const size_t old_count = sip->hop_count;

    if (!routes_fit(routes, count)) {
        return CW_ERR_CONFIG;
    }
    for (size_t i = 0; i < count; i++) {
        next[i] = take_hop(sip, &routes[i]);
    }
    memcpy(old, sip->hops, sizeof(old));
    memset(sip->hops, 0, sizeof(sip->hops));
    for (size_t i = 0; i < count; i++) {
        sip->hops[i] =
            next[i] != NULL ? next[i] : cw_sip_hop_new(sip, &routes[i], cw_clock_now_ms());
    }
    sip->hop_count = count;
    sip->generation++;
    for (size_t i = 0; i < count; i++) {
        cw_sip_hop_schedule(sip, sip->hops[i]);
    }
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL) {
            cw_sip_hop_retire(old[i]);
        }
    }
    return CW_OK;
}

void cw_sip_set_draining(struct cw_sip *sip, bool draining)
{
    sip->draining = draining;
}

/* In-dialog requests should come the way that ours go: the transport of the best next hop, if we
 * listen on it. */
static enum cw_sip_transport contact_transport(const struct cw_sip *sip)
{
    const struct cw_sip_hop *best = NULL;

    for (size_t i = 0; i < sip->hop_count; i++) {
        const struct cw_sip_hop *const hop = sip->hops[i];
        const bool up = hop->route.mode == CW_SIP_ROUTE_UP;

        if (!cw_sip_transports_listens(sip->transports, hop->transport)) {
            continue;
        }
        if (best == NULL || (up && best->route.mode != CW_SIP_ROUTE_UP) ||
            (up == (best->route.mode == CW_SIP_ROUTE_UP) &&
             hop->route.priority < best->route.priority)) {
            best = hop;
        }
    }
    return best != NULL ? best->transport : cw_sip_transports_preferred(sip->transports);
}

enum cw_err cw_sip_contact(const struct cw_sip *sip, struct cw_bytes user, struct cw_arena *arena,
                           struct cw_bytes *out)
{
    static const char *const suffixes[CW_SIP_TRANSPORTS] = {
        [CW_SIP_UDP] = "", [CW_SIP_TCP] = ";transport=tcp", [CW_SIP_TLS] = ";transport=tls"};
    const enum cw_sip_transport transport = contact_transport(sip);
    const struct cw_bytes host = cw_sip_transports_sent_by(sip->transports, transport);
    const size_t size = user.len + host.len + 32;
    char *const text = cw_arena_alloc(arena, size);

    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    const int len = snprintf(text, size, "sip:" CW_FMT "%s" CW_FMT "%s", CW_ARG(user),
                             user.len != 0 ? "@" : "", CW_ARG(host), suffixes[transport]);
    *out = (struct cw_bytes){text, (size_t)len};
    return CW_OK;
}

size_t cw_sip_routes(const struct cw_sip *sip, struct cw_sip_route_state *out, size_t max)
{
    for (size_t i = 0; i < sip->hop_count && i < max; i++) {
        const struct cw_sip_hop *const hop = sip->hops[i];

        out[i] = (struct cw_sip_route_state){.name = hop->name,
                                             .up = hop->route.mode == CW_SIP_ROUTE_UP,
                                             .round_trip_us = hop->round_trip_us,
                                             .detail = hop->detail};
    }
    return sip->hop_count;
}
