/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * How much one XMPP user and one partner may ask for (SEC-6): an authorization costs refreshes for
 * as long as it lasts, and a message or a presence costs work at once. Our own SIP users are not
 * held to it. Whom a local user has invited draws on a measure of his partner's that strangers do
 * not reach. Pure.
 */

#include "partners.h"
#include "roster.h"

#define CW_QUOTA_USER_AUTHORIZATIONS   500u   /* more contacts than a person has in one company */
#define CW_QUOTA_DOMAIN_AUTHORIZATIONS 20000u /* 20000 dialogs are 6 refreshes a second */
#define CW_QUOTA_USER_BURST            60u    /* 60 an hour: a roster that moves to a new server */
#define CW_QUOTA_USER_INTERVAL_MS      60000u
#define CW_QUOTA_RECIPIENT_BURST       30u /* 30 an hour from public partners: nobody reads more */
#define CW_QUOTA_RECIPIENT_INTERVAL_MS 120000u
#define CW_QUOTA_MESSAGE_BURST         30u /* 10 a second of a public partner's user */
#define CW_QUOTA_MESSAGE_INTERVAL_MS   100u
#define CW_QUOTA_PENDING               1000u /* requests of a public partner without an answer */

/** X(name, "label kind of rate_limited_total", is it the sender's own measure) */
#define CW_QUOTA_MAP(X)                                                                            \
    X(NONE, "none", false)                                                                         \
    X(AUTHORIZATIONS_USER, "authorizations_user", true)                                            \
    X(AUTHORIZATIONS_DOMAIN, "authorizations_domain", false)                                       \
    X(SUBSCRIBE_USER, "subscribe_user", true)                                                      \
    X(SUBSCRIBE_PARTNER, "subscribe_partner", false)                                               \
    X(SUBSCRIBE_RECIPIENT, "subscribe_recipient", false)                                           \
    X(MESSAGE_USER, "message_user", true)                                                          \
    X(MESSAGE_PARTNER, "message_partner", false)                                                   \
    X(PRESENCE_PARTNER, "presence_partner", false)                                                 \
    X(TYPING_PARTNER, "typing_partner", false)

/* clang-format off */
/** Which measure is full; NONE: none is. */
enum cw_quota_kind {
#define X(name, label, own) CW_QUOTA_##name,
    CW_QUOTA_MAP(X)
#undef X
    CW_QUOTA_KINDS
};
/* clang-format on */

/** What comes from XMPP, let pass by the partner rules. */
struct cw_quota_ask {
    const struct cw_partner *partner;
    enum cw_request request;
    struct cw_bytes local;  /**< address of record */
    struct cw_bytes remote; /**< bare JID */
    bool anew;              /**< CW_REQUEST_SUBSCRIBE for what he does not have yet */
    bool invited;           /**< the local user has invited him */
};

struct cw_quota;

/** @param key  secret of the hashes */
struct cw_quota *cw_quota_new(const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_quota_free(struct cw_quota **quota);

/** Is it of a type that is not trusted to keep its own users in order? */
bool cw_quota_is_public(const struct cw_partner *partner);

/**
 * `remote` asks for something.
 * @return CW_QUOTA_NONE: he may, and it is counted; else the measure that is full, and it counts
 * against his own rate only
 */
enum cw_quota_kind cw_quota_take(struct cw_quota *quota, const struct cw_roster *roster,
                                 const struct cw_quota_ask *ask, uint64_t now_ms);

/** Its label; never NULL. */
const char *cw_quota_label(enum cw_quota_kind kind);

/** Is it the sender's own measure, so that he alone filled it? */
bool cw_quota_is_own(enum cw_quota_kind kind);
