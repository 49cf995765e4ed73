/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The partner rules: who may invite, watch and write to whom (docs/reference/partners.md section
 * 3).
 *
 * Pure: a question with all its facts goes in, a verdict with its reason comes out. Looking
 * the facts up (partner table, roster, user entitlement) is the caller's work, see
 * gateway/inbound.c and gateway/outbound.c.
 */

#include <causeway/error.h>
#include <stdbool.h>
#include <stdint.h>

enum cw_partner_type {
    CW_PARTNER_FEDERATED,
    CW_PARTNER_PUBLIC_VERIFIED,
    CW_PARTNER_PUBLIC_UNVERIFIED,
    CW_PARTNER_TYPES
};

enum cw_direction { CW_FROM_XMPP, CW_FROM_SIP, CW_DIRECTIONS };

enum cw_request {
    CW_REQUEST_SUBSCRIBE, /**< XMPP 'subscribe'; SIP SUBSCRIBE for event presence */
    CW_REQUEST_ANSWER,    /**< XMPP 'subscribed'; only takes effect where we asked (SUB-11) */
    CW_REQUEST_CANCEL,    /**< XMPP 'unsubscribe', 'unsubscribed'; SIP SUBSCRIBE with Expires 0 */
    CW_REQUEST_PROBE,
    CW_REQUEST_PRESENCE, /**< a notification */
    CW_REQUEST_MESSAGE,
    CW_REQUEST_TYPING,
    CW_REQUESTS
};

/** Facts about the partner, the internal user and the remote one; a bit set. */
enum cw_fact {
    CW_FACT_LISTED = 1 << 0,   /**< the remote domain belongs to a partner */
    CW_FACT_ENABLED = 1 << 1,  /**< that partner is enabled */
    CW_FACT_MASTER = 1 << 2,   /**< XMPP federation is on as a whole */
    CW_FACT_ENTITLED = 1 << 3, /**< the internal user may use XMPP federation */
    CW_FACT_BLOCKED = 1 << 4,  /**< the internal user has blocked the remote one */
    CW_FACT_INVITED =
        1 << 5, /**< the internal user has invited the remote one and not removed him */
    CW_FACT_GRANTED = 1 << 6, /**< the remote user holds an authorization for the internal one */
    CW_FACT_REPLY = 1 << 7,   /**< the internal user wrote to the remote one a short time ago */
    CW_FACTS = 1 << 8
};

struct cw_question {
    enum cw_partner_type partner; /**< meaningless unless CW_FACT_LISTED */
    enum cw_direction direction;
    enum cw_request request;
    uint8_t facts; /**< enum cw_fact, or-ed */
};

enum cw_verdict {
    CW_VERDICT_ALLOW,
    CW_VERDICT_REFUSE,            /**< tell the asking side that it is not allowed */
    CW_VERDICT_REFUSE_AS_UNKNOWN, /**< answer exactly as for a user who does not exist */
};

/** X(name, "label of metrics, logs and explain", "what an operator reads") */
#define CW_REASON_MAP(X)                                                                           \
    X(NO_RULE, "no_rule", "no rule allows it")                                                     \
    X(UNLISTED, "unlisted", "the domain is no partner")                                            \
    X(PARTNER_DISABLED, "partner_disabled", "the partner is disabled")                             \
    X(MASTER_OFF, "master_off", "XMPP federation is switched off")                                 \
    X(NOT_ENTITLED, "not_entitled", "the user may not federate")                                   \
    X(BLOCKED_BY_USER, "blocked_by_user", "the user has blocked this contact")                     \
    X(OWN_USER_ASKS, "own_user_asks", "our own user asks")                                         \
    X(PARTNER_FEDERATED, "federated", "the partner is federated")                                  \
    X(PARTNER_VERIFIED, "public_verified", "the partner is public verified")                       \
    X(INVITED, "invited", "our user has invited this contact")                                     \
    X(REPLY_WINDOW, "reply_window", "our user wrote to this contact a short time ago")             \
    X(NOT_INVITED, "unverified_not_invited",                                                       \
      "the partner is public unverified and our user has not invited this contact")                \
    X(NOT_GRANTED, "not_granted", "the contact holds no authorization")                            \
    X(GIVES_UP_RIGHTS, "gives_up_rights", "it only takes rights away")                             \
    X(RATE_LIMITED, "rate_limited", "too many of this kind")                                       \
    X(QUARANTINED, "quarantined", "it went on after it was refused for asking too much")

/* clang-format off */
/** Why; each is one metric label and one word in the audit log. */
enum cw_reason {
#define X(name, label, text) CW_REASON_##name,
    CW_REASON_MAP(X)
#undef X
    CW_REASONS
};
/* clang-format on */

struct cw_decision {
    enum cw_verdict verdict;
    enum cw_reason reason;
};

/** Answers `question`. Total: every question has a verdict; what no row allows is refused. */
struct cw_decision cw_policy_decide(const struct cw_question *question);

/** May watchers of this partner see status notes? Only those of federated partners. */
bool cw_policy_shows_notes(enum cw_partner_type partner);

/** Label of `reason`, e.g. "unverified_not_invited"; never NULL. */
const char *cw_reason_label(enum cw_reason reason);

/** `reason` in words; never NULL. */
const char *cw_reason_text(enum cw_reason reason);
