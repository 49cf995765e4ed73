/* SPDX-License-Identifier: Apache-2.0 */
#include "route.h"

enum {
    TELL_UP = CW_SIP_ROUTE_TELL_UP,
    TELL_DOWN = CW_SIP_ROUTE_TELL_DOWN,
    NOW = CW_SIP_ROUTE_PROBE_NOW,
    SOON = CW_SIP_ROUTE_PROBE_SOON,
    LATER = CW_SIP_ROUTE_PROBE_LATER,
    REST = CW_SIP_ROUTE_REST
};

struct step {
    uint8_t next;
    uint8_t effects;
};

#define TO(mode, effects)                                                                          \
    {                                                                                              \
        CW_SIP_ROUTE_##mode, (effects)                                                             \
    }

/* A row a state, a column an event. MSG-42 */
static const struct step table[CW_SIP_ROUTE_MODES][CW_SIP_ROUTE_EVENTS] =
    {
        [CW_SIP_ROUTE_UNKNOWN] =
            {
                [CW_SIP_ROUTE_ANSWERED] = TO(UP, TELL_UP | LATER),
                [CW_SIP_ROUTE_UNAVAILABLE] = TO(RESTING, TELL_DOWN | REST),
                [CW_SIP_ROUTE_SILENT] = TO(DOWN, TELL_DOWN | SOON),
                [CW_SIP_ROUTE_DOUBTED] = TO(UNKNOWN, NOW),
                [CW_SIP_ROUTE_BROKEN] = TO(DOWN, TELL_DOWN | SOON),
                [CW_SIP_ROUTE_RESTED] = TO(UNKNOWN, 0),
            },
        [CW_SIP_ROUTE_UP] =
            {
                [CW_SIP_ROUTE_ANSWERED] = TO(UP, LATER),
                [CW_SIP_ROUTE_UNAVAILABLE] = TO(RESTING, TELL_DOWN | REST),
                [CW_SIP_ROUTE_SILENT] = TO(DOWN, TELL_DOWN | SOON),
                [CW_SIP_ROUTE_DOUBTED] = TO(UP, NOW),
                [CW_SIP_ROUTE_BROKEN] = TO(DOWN, TELL_DOWN | SOON),
                [CW_SIP_ROUTE_RESTED] = TO(UP, 0),
            },
        [CW_SIP_ROUTE_DOWN] =
            {
                [CW_SIP_ROUTE_ANSWERED] = TO(UP, TELL_UP | LATER),
                [CW_SIP_ROUTE_UNAVAILABLE] = TO(RESTING, REST),
                [CW_SIP_ROUTE_SILENT] = TO(DOWN, SOON),
                [CW_SIP_ROUTE_DOUBTED] = TO(DOWN, 0),
                [CW_SIP_ROUTE_BROKEN] = TO(DOWN, SOON),
                [CW_SIP_ROUTE_RESTED] = TO(DOWN, 0),
            },
        [CW_SIP_ROUTE_RESTING] =
            {
                /* an answer to what was sent before the 503 does not end the rest */
                [CW_SIP_ROUTE_ANSWERED] = TO(RESTING, 0),
                [CW_SIP_ROUTE_UNAVAILABLE] = TO(RESTING, REST),
                [CW_SIP_ROUTE_SILENT] = TO(DOWN, SOON),
                [CW_SIP_ROUTE_DOUBTED] = TO(RESTING, 0),
                [CW_SIP_ROUTE_BROKEN] = TO(DOWN, SOON),
                [CW_SIP_ROUTE_RESTED] = TO(DOWN, NOW),
            },
};

static void rest(struct cw_sip_route_fsm *route, int64_t retry_after_s, uint64_t now_ms)
{
    uint64_t rest_s = retry_after_s < 0 ? CW_SIP_RETRY_AFTER_S : (uint64_t)retry_after_s;

    if (rest_s > CW_SIP_RETRY_AFTER_MAX_S) {
        rest_s = CW_SIP_RETRY_AFTER_MAX_S;
    }
    route->rest_until_ms = now_ms + (rest_s == 0 ? 1 : rest_s) * 1000;
    route->probe_at_ms = UINT64_MAX;
}

struct cw_sip_route_fsm cw_sip_route_new(unsigned priority, unsigned weight, uint32_t interval_ms,
                                         uint64_t now_ms)
{
    return (struct cw_sip_route_fsm){.priority = priority,
                                     .weight = weight,
                                     .interval_ms = interval_ms,
                                     .probe_at_ms = now_ms,
                                     .mode = CW_SIP_ROUTE_UNKNOWN};
}

unsigned cw_sip_route_step(struct cw_sip_route_fsm *route, enum cw_sip_route_event event,
                           int64_t retry_after_s, uint64_t now_ms)
{
    const struct step *const step = &table[route->mode][event];
    const unsigned effects = step->effects;

    route->mode = step->next;
    if ((effects & NOW) != 0) {
        route->probe_at_ms = now_ms;
    }
    if ((effects & LATER) != 0) {
        route->pause_ms = 0;
        route->probe_at_ms = now_ms + route->interval_ms;
    }
    if ((effects & SOON) != 0) {
        const uint32_t doubled_ms =
            route->pause_ms == 0 ? CW_SIP_PROBE_FIRST_MS : route->pause_ms * 2;

        route->pause_ms = doubled_ms < route->interval_ms ? doubled_ms : route->interval_ms;
        route->probe_at_ms = now_ms + route->pause_ms;
    }
    if ((effects & REST) != 0) {
        rest(route, retry_after_s, now_ms);
    }
    return effects & (TELL_UP | TELL_DOWN | NOW);
}

static bool usable(const struct cw_sip_route_fsm *route, size_t index, uint32_t tried, uint8_t mode)
{
    return route->mode == mode && (tried >> index & 1u) == 0;
}

/* One of the best priority among those that may be used; NONE if there is none. */
static size_t best_of(const struct cw_sip_route_fsm *const *routes, size_t count, uint32_t tried,
                      uint8_t mode)
{
    size_t best = CW_SIP_ROUTE_NONE;

    for (size_t i = 0; i < count; i++) {
        if (usable(routes[i], i, tried, mode) &&
            (best == CW_SIP_ROUTE_NONE || routes[i]->priority < routes[best]->priority)) {
            best = i;
        }
    }
    return best;
}

static size_t draw(const struct cw_sip_route_fsm *const *routes, size_t count, uint32_t tried,
                   uint8_t mode, uint32_t random)
{
    const size_t best = best_of(routes, count, tried, mode);
    uint64_t shares[32] = {0};
    uint64_t sum = 0;

    for (size_t i = 0; best != CW_SIP_ROUTE_NONE && i < count && i < 32; i++) {
        if (usable(routes[i], i, tried, mode) && routes[i]->priority == routes[best]->priority) {
            shares[i] = routes[i]->weight;
            sum += shares[i];
        }
    }
    uint64_t point = sum == 0 ? 0 : random % sum;
    for (size_t i = 0; sum != 0 && i < 32; i++) {
        if (point < shares[i]) {
            return i;
        }
        point -= shares[i];
    }
    return best;
}

size_t cw_sip_route_select(const struct cw_sip_route_fsm *const *routes, size_t count,
                           uint32_t tried, uint32_t random)
{
    const size_t up = draw(routes, count, tried, CW_SIP_ROUTE_UP, random);

    return up != CW_SIP_ROUTE_NONE ? up : draw(routes, count, tried, CW_SIP_ROUTE_UNKNOWN, random);
}
