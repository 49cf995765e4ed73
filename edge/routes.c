/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"

#include "map.h"

#include <stdlib.h>

#define GO(state, what)                                                                            \
    {                                                                                              \
        .next = CW_ROUTE_##state, .effects = (what), .expected = true                              \
    }

#define CONNECT CW_ROUTE_CONNECT
#define CANCEL  CW_ROUTE_CANCEL
#define CLOSE   CW_ROUTE_CLOSE
#define FLUSH   CW_ROUTE_FLUSH
#define BOUNCE  CW_ROUTE_BOUNCE
#define NOTHING 0

/* A cell left out is an event that does not belong there: the state stays, nothing is done. */
/* clang-format off */
static const struct cw_route_step STEPS[CW_ROUTE_STATES][CW_ROUTE_EVENTS] = {
    [CW_ROUTE_IDLE] = {
        [CW_ROUTE_WANTED_NOW]   = GO(OPENING, CONNECT),
        [CW_ROUTE_WANTED_LATER] = GO(WAITING, NOTHING),          /* STREAM-127 */
        [CW_ROUTE_WANTED_NEVER] = GO(IDLE,    BOUNCE),           /* STREAM-129 */
        [CW_ROUTE_EMPTIED]      = GO(IDLE,    NOTHING),
        [CW_ROUTE_PROVEN]       = GO(UP,      FLUSH),
        [CW_ROUTE_DROPPED]      = GO(IDLE,    BOUNCE),
    },
    [CW_ROUTE_WAITING] = {
        [CW_ROUTE_WANTED_NOW]   = GO(OPENING, CONNECT),          /* STREAM-127 */
        [CW_ROUTE_WANTED_LATER] = GO(WAITING, NOTHING),
        [CW_ROUTE_WANTED_NEVER] = GO(IDLE,    BOUNCE),
        [CW_ROUTE_EMPTIED]      = GO(IDLE,    NOTHING),
        [CW_ROUTE_PROVEN]       = GO(UP,      FLUSH),
        [CW_ROUTE_DROPPED]      = GO(IDLE,    BOUNCE),
    },
    [CW_ROUTE_OPENING] = {
        [CW_ROUTE_WANTED_NOW]   = GO(OPENING, NOTHING),
        [CW_ROUTE_WANTED_LATER] = GO(OPENING, NOTHING),
        [CW_ROUTE_WANTED_NEVER] = GO(OPENING, NOTHING),
        [CW_ROUTE_EMPTIED]      = GO(OPENING, NOTHING),
        [CW_ROUTE_PROVEN]       = GO(UP,      FLUSH),            /* STREAM-64 */
        [CW_ROUTE_FAILED]       = GO(IDLE,    BOUNCE),           /* STREAM-129 */
        [CW_ROUTE_DROPPED]      = GO(IDLE,    CANCEL | BOUNCE),
    },
    [CW_ROUTE_UP] = {                                            /* STREAM-84 */
        [CW_ROUTE_WANTED_NOW]   = GO(UP,      FLUSH),
        [CW_ROUTE_WANTED_LATER] = GO(UP,      FLUSH),
        [CW_ROUTE_WANTED_NEVER] = GO(UP,      FLUSH),
        [CW_ROUTE_EMPTIED]      = GO(UP,      NOTHING),
        [CW_ROUTE_LOST]         = GO(IDLE,    NOTHING),
        [CW_ROUTE_LOST_WAITED]  = GO(WAITING, NOTHING),          /* STREAM-127 */
        [CW_ROUTE_DROPPED]      = GO(IDLE,    CLOSE | BOUNCE),
    },
};
/* clang-format on */

/* What is remembered of a remote domain between its streams. */
struct remote {
    struct cw_back_off back_off;
    enum cw_fail why; /**< of the last failure */
};

struct route {
    struct route *next;
    struct route **place; /**< what points here */
    struct cw_pair_key key;
    enum cw_route_state state;
    void *stream;
    uint64_t since_ms; /**< when the stream was proven */
};

struct cw_routes {
    struct cw_map *by_pair;   /**< struct route *, none of them idle between calls */
    struct cw_map *by_remote; /**< struct remote * */
    struct route *routes;
    uint64_t seed;
};

static void *zeroed(size_t size)
{
    void *const memory = calloc(1, size);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static struct remote *remote_of(struct cw_routes *routes, struct cw_bytes domain)
{
    struct remote *remote = cw_map_get(routes->by_remote, domain);

    if (remote == NULL) {
        remote = zeroed(sizeof(*remote));
        cw_map_put(routes->by_remote, domain, remote);
    }
    return remote;
}

static struct route *route_find(const struct cw_routes *routes, struct cw_pair pair)
{
    struct cw_pair_key key;

    return cw_pair_key(pair, &key) == CW_OK ? cw_map_get(routes->by_pair, cw_pair_bytes(&key))
                                            : NULL;
}

static struct route *route_add(struct cw_routes *routes, const struct cw_pair_key *key)
{
    struct route *const route = zeroed(sizeof(*route));

    route->key = *key;
    route->next = routes->routes;
    route->place = &routes->routes;
    if (route->next != NULL) {
        route->next->place = &route->next;
    }
    routes->routes = route;
    cw_map_put(routes->by_pair, cw_pair_bytes(key), route);
    return route;
}

static void route_free(struct cw_routes *routes, struct route *route)
{
    *route->place = route->next;
    if (route->next != NULL) {
        route->next->place = route->place;
    }
    cw_map_take(routes->by_pair, cw_pair_bytes(&route->key));
    free(route);
}

/* Steps the machine of `pair`. A route that becomes idle is forgotten: it has nothing to say. */
static struct cw_route_order step(struct cw_routes *routes, struct cw_pair pair,
                                  enum cw_route_event event)
{
    struct cw_pair_key key;
    struct cw_route_order order = {.why = CW_FAIL_NO_PERMIT};

    if (cw_pair_key(pair, &key) != CW_OK) {
        order.effects = CW_ROUTE_BOUNCE;
        return order;
    }

    struct route *route = cw_map_get(routes->by_pair, cw_pair_bytes(&key));
    const struct cw_route_step taken =
        cw_route_step(route != NULL ? route->state : CW_ROUTE_IDLE, event);

    order.effects = taken.effects;
    if (taken.next == CW_ROUTE_IDLE) {
        if (route != NULL) {
            route_free(routes, route);
        }
        return order;
    }
    if (route == NULL) {
        route = route_add(routes, &key);
    }
    route->state = taken.next;
    return order;
}

struct cw_route_step cw_route_step(enum cw_route_state state, enum cw_route_event event)
{
    const struct cw_route_step found = STEPS[state][event];

    return found.expected ? found : (struct cw_route_step){.next = state};
}

struct cw_routes *cw_routes_new(uint64_t seed)
{
    struct cw_routes *const routes = zeroed(sizeof(*routes));

    *routes = (struct cw_routes){
        .by_pair = cw_map_new(seed), .by_remote = cw_map_new(seed), .seed = seed};
    return routes;
}

void cw_routes_free(struct cw_routes **routes)
{
    if (*routes == NULL) {
        return;
    }
    cw_map_free(&(*routes)->by_pair, free);
    cw_map_free(&(*routes)->by_remote, free);
    free(*routes);
    *routes = NULL;
}

struct cw_route_order cw_routes_wanted(struct cw_routes *routes, struct cw_pair pair, bool user_act,
                                       uint64_t ttl_ms, uint64_t now_ms)
{
    static const enum cw_route_event events[] = {
        [CW_BACK_OFF_NOW] = CW_ROUTE_WANTED_NOW,
        [CW_BACK_OFF_LATER] = CW_ROUTE_WANTED_LATER,
        [CW_BACK_OFF_NEVER] = CW_ROUTE_WANTED_NEVER,
    };
    const struct remote *const remote = cw_map_get(routes->by_remote, pair.remote);

    if (remote == NULL) {
        return step(routes, pair, CW_ROUTE_WANTED_NOW);
    }

    struct cw_route_order order =
        step(routes, pair, events[cw_back_off_ask(&remote->back_off, user_act, ttl_ms, now_ms)]);

    order.why = remote->why;
    return order;
}

struct cw_route_order cw_routes_proven(struct cw_routes *routes, struct cw_pair pair, void *stream,
                                       uint64_t now_ms)
{
    const struct cw_route_order order = step(routes, pair, CW_ROUTE_PROVEN);
    struct route *const route = route_find(routes, pair);

    if ((order.effects & CW_ROUTE_FLUSH) != 0 && route != NULL) {
        route->stream = stream;
        route->since_ms = now_ms;
    }
    return order;
}

struct cw_route_order cw_routes_failed(struct cw_routes *routes, struct cw_pair pair,
                                       enum cw_loss loss, enum cw_fail why, uint64_t now_ms)
{
    struct remote *const remote = remote_of(routes, pair.remote);

    cw_back_off_lost(&remote->back_off, loss, 0, now_ms, &routes->seed);
    remote->why = why;

    struct cw_route_order order = step(routes, pair, CW_ROUTE_FAILED);

    order.why = why;
    return order;
}

struct cw_route_order cw_routes_lost(struct cw_routes *routes, struct cw_pair pair,
                                     struct cw_route_loss how, uint64_t now_ms)
{
    const struct route *const route = route_find(routes, pair);
    const uint64_t lived_ms = route != NULL ? now_ms - route->since_ms : 0;

    /* a peer that closes in order right after set-up would be tried in a tight loop */
    if (!how.orderly || lived_ms < CW_BACK_OFF_SETTLE_MS) {
        struct remote *const remote = remote_of(routes, pair.remote);

        cw_back_off_lost(&remote->back_off, how.loss, lived_ms, now_ms, &routes->seed);
        remote->why = CW_FAIL_STREAM;
    }
    return step(routes, pair, how.waits ? CW_ROUTE_LOST_WAITED : CW_ROUTE_LOST);
}

struct cw_route_order cw_routes_dropped(struct cw_routes *routes, struct cw_pair pair)
{
    cw_routes_forgive(routes, pair.remote);
    return step(routes, pair, CW_ROUTE_DROPPED);
}

void cw_routes_emptied(struct cw_routes *routes, struct cw_pair pair)
{
    step(routes, pair, CW_ROUTE_EMPTIED);
}

bool cw_routes_due(const struct cw_routes *routes, uint64_t now_ms, struct cw_pair *out)
{
    for (const struct route *route = routes->routes; route != NULL; route = route->next) {
        const struct cw_pair pair = cw_pair_of(&route->key);
        const struct remote *const remote = cw_map_get(routes->by_remote, pair.remote);

        if (route->state == CW_ROUTE_WAITING &&
            (remote == NULL || remote->back_off.retry_ms <= now_ms)) {
            *out = pair;
            return true;
        }
    }
    return false;
}

void cw_routes_forgive(struct cw_routes *routes, struct cw_bytes remote)
{
    free(cw_map_take(routes->by_remote, remote));
}

void cw_routes_alive(struct cw_routes *routes, struct cw_bytes remote, uint64_t now_ms)
{
    struct remote *const known = cw_map_get(routes->by_remote, remote);

    if (known != NULL) {
        cw_back_off_alive(&known->back_off, now_ms);
    }
}

void *cw_routes_stream(const struct cw_routes *routes, struct cw_pair pair)
{
    const struct route *const route = route_find(routes, pair);

    return route != NULL && route->state == CW_ROUTE_UP ? route->stream : NULL;
}

enum cw_route_state cw_routes_state(const struct cw_routes *routes, struct cw_pair pair)
{
    const struct route *const route = route_find(routes, pair);

    return route != NULL ? route->state : CW_ROUTE_IDLE;
}
