/* SPDX-License-Identifier: Apache-2.0 */
#include "permits.h"

#include "negotiation.h"

#define LEASE_S 180u

/* What permits are made of. */
struct policy {
    const struct cw_gateway_settings *settings;
    const struct cw_partners *partners;
    bool federates;
    uint64_t revision;
};

static struct cw_permit permit_of(const struct policy *policy, const struct cw_partner *partner,
                                  struct cw_bytes domain)
{
    const struct cw_negotiated can =
        cw_negotiation_of(partner, (enum cw_floor)policy->settings->security.floor);
    struct cw_permit permit = {
        .domain = domain,
        .partner = partner->domain,
        .methods = can.effective,
        .tls_required = (can.effective & (1u << CW_METHOD_TCP_DIALBACK)) == 0,
        .tls_offered = partner->tls != CW_NOT_SUPPORTED,
        .keep_alive = partner->keep_alive,
        .connection_limit = partner->connection_limit,
        .proxy = partner->proxy,
        .pin_count = partner->pin_count,
    };

    memcpy(permit.pins, partner->pins, sizeof(permit.pins));
    return permit;
}

static size_t count_domains(const struct cw_partners *partners)
{
    size_t sum = 0;

    for (size_t i = 0; i < cw_partners_count(partners); i++) {
        sum += 1 + cw_partners_at(partners, i)->additional_count;
    }
    return sum;
}

static size_t fill(const struct policy *policy, struct cw_permit *permits)
{
    size_t count = 0;

    for (size_t i = 0; i < cw_partners_count(policy->partners); i++) {
        const struct cw_partner *partner = cw_partners_at(policy->partners, i);

        if (!partner->enabled || !policy->federates) {
            continue;
        }
        permits[count++] = permit_of(policy, partner, partner->domain);
        for (size_t j = 0; j < partner->additional_count; j++) {
            permits[count++] = permit_of(policy, partner, partner->additional[j]);
        }
    }
    return count;
}

static enum cw_err write(const struct policy *policy, struct cw_arena *arena, struct cw_bytes *out)
{
    const struct cw_gateway_settings *settings = policy->settings;
    struct cw_permit *permits =
        cw_arena_alloc(arena, (count_domains(policy->partners) + 1) * sizeof(*permits));

    if (permits == NULL) {
        return CW_ERR_LIMIT;
    }
    return cw_permits_write(
        &(struct cw_permits){
            .revision = policy->revision,
            .own_domains = settings->own_domains,
            .own_count = settings->own_domain_count,
            .permits = permits,
            .count = fill(policy, permits),
            .connection_limit = (uint32_t)settings->limits.connection_limit,
            .stream_establishment_timeout_s =
                (uint32_t)(settings->limits.stream_establishment_timeout_ms / 1000),
            .stream_inactivity_timeout_s =
                (uint32_t)(settings->limits.stream_inactivity_timeout_ms / 1000),
            .keep_alive_interval_s = (uint32_t)(settings->limits.keep_alive_interval_ms / 1000),
            .lease_s = LEASE_S,
        },
        arena, out);
}

enum cw_err cw_permits_of_policy(const struct cw_gateway *gw, struct cw_arena *arena,
                                 struct cw_bytes *out)
{
    const struct policy policy = {gw->settings, gw->partners, cw_access_federates(gw->access),
                                  gw->revision};

    return write(&policy, arena, out);
}

/* A partner that is paused may be resumed at any time, so it counts. */
enum cw_err cw_permits_fit(const struct cw_gateway_settings *settings,
                           const struct cw_partners *partners, struct cw_arena *arena)
{
    const struct policy policy = {settings, partners, true, 0};
    struct cw_bytes payload;

    return write(&policy, arena, &payload);
}
