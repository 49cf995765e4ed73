/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Carries out gateway/quota.h and gateway/quarantine.h on what the partner rules let pass: counts,
 * logs, and lets out whose time is over.
 */

#include "gateway.h"
#include "quarantine.h"
#include "quota.h"

struct cw_restraint;

/** @param key  secret of the hashes */
struct cw_restraint *cw_restraint_new(struct cw_gateway *gw, const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_restraint_free(struct cw_restraint **restraint);

/**
 * Does a quarantine stand against `ask`, from XMPP? Only users and strangers of public partners
 * come into one; that of a domain does not touch whom the local user has invited.
 */
bool cw_restraint_holds(const struct cw_restraint *restraint, const struct cw_quota_ask *ask);

/** Takes what `ask` costs from the rates. @return false: there is too little left */
bool cw_restraint_take(struct cw_restraint *restraint, const struct cw_quota_ask *ask);

/** A stranger of `partner` asked for what only invited contacts get. */
void cw_restraint_blame(struct cw_restraint *restraint, const struct cw_partner *partner);

/** May a refusal for quarantine be told to `remote`? Once a minute; notes that it was done. */
bool cw_restraint_may_tell(struct cw_restraint *restraint, struct cw_bytes remote,
                           const struct cw_partner *partner);

/** Lets `who` (bare JID or primary domain) out. @return false: it is not in quarantine */
bool cw_restraint_release(struct cw_restraint *restraint, struct cw_bytes who);

/** Visits all that are in quarantine. */
void cw_restraint_visit(const struct cw_restraint *restraint, cw_quarantine_visit_fn *visit,
                        void *user);
