/* SPDX-License-Identifier: Apache-2.0 */
#include "quota.h"

#include "throttle.h"

#include <stdlib.h>

struct cw_quota {
    struct cw_throttle *users;    /* by bare JID */
    struct cw_throttle *partners; /* by primary domain */
};

struct cw_quota *cw_quota_new(const uint64_t key[2])
{
    static const struct cw_throttle_rate USER = {CW_QUOTA_USER_INTERVAL_MS, CW_QUOTA_USER_BURST};
    static const struct cw_throttle_rate PARTNER = {CW_QUOTA_PARTNER_INTERVAL_MS,
                                                    CW_QUOTA_PARTNER_BURST};
    struct cw_quota *quota = calloc(1, sizeof(*quota));

    if (quota == NULL) {
        abort();
    }
    quota->users = cw_throttle_new(key, USER);
    quota->partners = cw_throttle_new(key, PARTNER);
    return quota;
}

void cw_quota_free(struct cw_quota **quota)
{
    if (*quota != NULL) {
        cw_throttle_free(&(*quota)->users);
        cw_throttle_free(&(*quota)->partners);
    }
    free(*quota);
    *quota = NULL;
}

/* The user's own limits first, and nothing is spent where anything refuses: one who floods uses up
 * his own, not what his partner's other users have together. */
const char *cw_quota_take(struct cw_quota *quota, const struct cw_roster *roster,
                          const struct cw_partner *partner, struct cw_bytes remote, uint64_t now_ms)
{
    const struct cw_bytes domain = cw_roster_domain_of(remote);

    if (cw_roster_watched_by(roster, remote) >= CW_QUOTA_USER_AUTHORIZATIONS) {
        return "authorizations_user";
    }
    if (cw_roster_watched_by(roster, domain) >= CW_QUOTA_DOMAIN_AUTHORIZATIONS) {
        return "authorizations_domain";
    }
    if (!cw_throttle_allows(quota->users, remote, now_ms)) {
        return "subscribe_user";
    }
    if (!cw_throttle_allows(quota->partners, partner->domain, now_ms)) {
        return "subscribe_partner";
    }
    cw_throttle_spend(quota->users, remote, now_ms);
    cw_throttle_spend(quota->partners, partner->domain, now_ms);
    return NULL;
}
