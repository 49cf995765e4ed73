/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Gathers the facts for gateway/policy.h from settings, partners and roster, asks, and counts the
 * answer.
 */

#include "gateway.h"
#include "policy.h"

struct cw_admission {
    enum cw_direction direction;
    enum cw_request request;
    struct cw_bytes local;         /**< address of record */
    struct cw_bytes remote;        /**< bare JID */
    struct cw_bytes remote_domain; /**< of the bare JID, in either form */
    uint64_t received_ms;          /**< when it came, if it has waited since; 0: now */
};

struct cw_admitted {
    struct cw_decision decision;
    const struct cw_partner *partner; /**< NULL if the domain is no partner */
};

/** Decides without counting; for `explain`. */
struct cw_admitted cw_admission_peek(const struct cw_gateway *gw, const struct cw_admission *ask);

/** What `ask` would be for `local` and the bare JID `remote`. */
struct cw_admission cw_admission_between(enum cw_direction direction, enum cw_request request,
                                         struct cw_bytes local, struct cw_bytes remote);

/** Decides and counts in policy_decisions_total. */
struct cw_admitted cw_admission_decide(struct cw_gateway *gw, const struct cw_admission *ask);

/** "federated", "public_verified", "public_unverified". */
const char *cw_admission_type_name(enum cw_partner_type type);

/** Primary domain of `partner` for labels, NUL-terminated in the arena; "_unlisted" for NULL. */
const char *cw_admission_label(struct cw_gateway *gw, const struct cw_partner *partner);
