/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * How much one XMPP user and one partner may ask for (SEC-6): an authorization costs refreshes for
 * as long as it lasts. Our own SIP users are not held to it. Pure.
 */

#include "partners.h"
#include "roster.h"

#define CW_QUOTA_USER_AUTHORIZATIONS   500u   /* more contacts than a person has in one company */
#define CW_QUOTA_DOMAIN_AUTHORIZATIONS 20000u /* 20000 dialogs are 6 refreshes a second */
#define CW_QUOTA_USER_BURST            60u    /* 60 an hour: a roster that moves to a new server */
#define CW_QUOTA_USER_INTERVAL_MS      60000u
#define CW_QUOTA_PARTNER_BURST         10u /* 10 a second: what a SIP proxy does not notice */
#define CW_QUOTA_PARTNER_INTERVAL_MS   100u

struct cw_quota;

/** @param key  secret of the hashes */
struct cw_quota *cw_quota_new(const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_quota_free(struct cw_quota **quota);

/**
 * `remote` asks for an authorization that he does not have.
 * @return NULL: he may, and it is counted against his rates; else the word for the quota that is
 * used up (label `kind` of rate_limited_total), and nothing is counted
 */
const char *cw_quota_take(struct cw_quota *quota, const struct cw_roster *roster,
                          const struct cw_partner *partner, struct cw_bytes remote,
                          uint64_t now_ms);
