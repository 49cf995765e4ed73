/* SPDX-License-Identifier: Apache-2.0 */
#include "quota.h"

#include "table.h"
#include "throttle.h"
#include "window.h"

#include <stdlib.h>

#define SECOND_NS 1000000000u

/* What a partner has one measure of each for strangers and for the invited. */
enum flow { MESSAGES, TYPING, PRESENCE, FLOWS };
enum side { STRANGERS, INVITED, SIDES };

/* Of one partner; as many as the configuration has ever named. */
struct meter {
    struct cw_window invites[SIDES];
    uint64_t full_at_ns[FLOWS][SIDES]; /* when the bucket of one second will be full */
    size_t name_len;
    char name[];
};

struct cw_quota {
    struct cw_throttle *users;      /* new requests, by bare JID */
    struct cw_throttle *recipients; /* new requests of public partners, by address of record */
    struct cw_throttle *senders;    /* messages of users of public partners, by bare JID */
    struct cw_table *meters;        /* by primary domain */
};

struct cw_quota *cw_quota_new(const uint64_t key[2])
{
    static const struct cw_throttle_rate USER = {CW_QUOTA_USER_INTERVAL_MS, CW_QUOTA_USER_BURST};
    static const struct cw_throttle_rate RECIPIENT = {CW_QUOTA_RECIPIENT_INTERVAL_MS,
                                                      CW_QUOTA_RECIPIENT_BURST};
    static const struct cw_throttle_rate MESSAGE = {CW_QUOTA_MESSAGE_INTERVAL_MS,
                                                    CW_QUOTA_MESSAGE_BURST};
    struct cw_quota *quota = calloc(1, sizeof(*quota));

    if (quota == NULL) {
        abort();
    }
    quota->users = cw_throttle_new(key, USER);
    quota->recipients = cw_throttle_new(key, RECIPIENT);
    quota->senders = cw_throttle_new(key, MESSAGE);
    quota->meters = cw_table_new(key);
    return quota;
}

void cw_quota_free(struct cw_quota **quota)
{
    struct meter *meter;
    size_t cursor = 0;

    if (*quota == NULL) {
        return;
    }
    while ((meter = cw_table_next((*quota)->meters, &cursor)) != NULL) {
        free(meter);
    }
    cw_table_free(&(*quota)->meters);
    cw_throttle_free(&(*quota)->users);
    cw_throttle_free(&(*quota)->recipients);
    cw_throttle_free(&(*quota)->senders);
    free(*quota);
    *quota = NULL;
}

bool cw_quota_is_public(const struct cw_partner *partner)
{
    return partner->type != CW_PARTNER_FEDERATED;
}

static struct meter *meter_of(struct cw_quota *quota, struct cw_bytes name)
{
    struct meter *meter = cw_table_find(quota->meters, name);

    if (meter != NULL) {
        return meter;
    }
    meter = calloc(1, sizeof(*meter) + name.len);
    if (meter == NULL) {
        abort();
    }
    meter->name_len = name.len;
    memcpy(meter->name, name.base, name.len);
    cw_table_add(quota->meters, (struct cw_bytes){meter->name, name.len}, meter);
    return meter;
}

/* A bucket of one second's worth. */
static bool take_token(uint64_t *full_at_ns, uint32_t per_second, uint64_t now_ms)
{
    const uint64_t now_ns = now_ms * 1000000u;
    const uint64_t full_ns = (*full_at_ns > now_ns ? *full_at_ns : now_ns) + SECOND_NS / per_second;

    if (full_ns > now_ns + SECOND_NS) {
        return false;
    }
    *full_at_ns = full_ns;
    return true;
}

/* What he may hold and ask for himself. */
static enum cw_quota_kind judge_user(const struct cw_quota *quota, const struct cw_roster *roster,
                                     struct cw_bytes remote, uint64_t now_ms)
{
    if (cw_roster_watched_by(roster, remote) >= CW_QUOTA_USER_AUTHORIZATIONS) {
        return CW_QUOTA_AUTHORIZATIONS_USER;
    }
    if (cw_roster_watched_by(roster, cw_roster_domain_of(remote)) >=
        CW_QUOTA_DOMAIN_AUTHORIZATIONS) {
        return CW_QUOTA_AUTHORIZATIONS_DOMAIN;
    }
    return cw_throttle_allows(quota->users, remote, now_ms) ? CW_QUOTA_NONE
                                                            : CW_QUOTA_SUBSCRIBE_USER;
}

/* The user's own limits first: one who floods uses up his own, also with what is refused for
 * others' sake, and not what his partner's other users have together. */
static enum cw_quota_kind take_subscribe(struct cw_quota *quota, const struct cw_roster *roster,
                                         const struct cw_quota_ask *ask, uint64_t now_ms)
{
    struct cw_window *const invites =
        &meter_of(quota, ask->partner->domain)->invites[ask->invited ? INVITED : STRANGERS];
    const bool counts = cw_quota_is_public(ask->partner) && !ask->invited;
    const enum cw_quota_kind own = judge_user(quota, roster, ask->remote, now_ms);

    if (own != CW_QUOTA_NONE) {
        return own;
    }
    cw_throttle_spend(quota->users, ask->remote, now_ms);
    if (cw_window_sum(invites, now_ms) >= cw_partner_rates(ask->partner).invites_per_minute) {
        return CW_QUOTA_SUBSCRIBE_PARTNER;
    }
    if (counts && !cw_throttle_allows(quota->recipients, ask->local, now_ms)) {
        return CW_QUOTA_SUBSCRIBE_RECIPIENT;
    }
    cw_window_add(invites, now_ms);
    if (counts) {
        cw_throttle_spend(quota->recipients, ask->local, now_ms);
    }
    return CW_QUOTA_NONE;
}

static bool take_flow(struct cw_quota *quota, const struct cw_quota_ask *ask, enum flow flow,
                      uint64_t now_ms)
{
    const struct cw_rates rates = cw_partner_rates(ask->partner);
    struct meter *const meter = meter_of(quota, ask->partner->domain);

    return take_token(&meter->full_at_ns[flow][ask->invited ? INVITED : STRANGERS],
                      flow == PRESENCE ? rates.presence_per_second : rates.messages_per_second,
                      now_ms);
}

static enum cw_quota_kind take_message(struct cw_quota *quota, const struct cw_quota_ask *ask,
                                       uint64_t now_ms)
{
    const bool own = cw_quota_is_public(ask->partner);

    if (own && !cw_throttle_allows(quota->senders, ask->remote, now_ms)) {
        return CW_QUOTA_MESSAGE_USER;
    }
    if (own) {
        cw_throttle_spend(quota->senders, ask->remote, now_ms);
    }
    return take_flow(quota, ask, MESSAGES, now_ms) ? CW_QUOTA_NONE : CW_QUOTA_MESSAGE_PARTNER;
}

enum cw_quota_kind cw_quota_take(struct cw_quota *quota, const struct cw_roster *roster,
                                 const struct cw_quota_ask *ask, uint64_t now_ms)
{
    switch (ask->request) {
    case CW_REQUEST_SUBSCRIBE:
        if (ask->anew) {
            return take_subscribe(quota, roster, ask, now_ms);
        }
        break;
    case CW_REQUEST_MESSAGE:
        return take_message(quota, ask, now_ms);
    case CW_REQUEST_TYPING:
        return take_flow(quota, ask, TYPING, now_ms) ? CW_QUOTA_NONE : CW_QUOTA_TYPING_PARTNER;
    case CW_REQUEST_ANSWER: /* these two bring nothing about that costs */
    case CW_REQUEST_CANCEL:
        return CW_QUOTA_NONE;
    case CW_REQUEST_PROBE:
    case CW_REQUEST_PRESENCE:
    case CW_REQUESTS:
        break;
    }
    return take_flow(quota, ask, PRESENCE, now_ms) ? CW_QUOTA_NONE : CW_QUOTA_PRESENCE_PARTNER;
}

static const struct {
    const char *label;
    bool own;
} KINDS[CW_QUOTA_KINDS] = {
#define X(name, label, own) [CW_QUOTA_##name] = {label, own},
    CW_QUOTA_MAP(X)
#undef X
};

const char *cw_quota_label(enum cw_quota_kind kind)
{
    return KINDS[kind].label;
}

bool cw_quota_is_own(enum cw_quota_kind kind)
{
    return KINDS[kind].own;
}
