/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Section 3 of docs/reference/partners.md once more, as code that shares nothing with the product:
 * what may be seen from outside when one thing comes, for each type of partner, each relation of
 * the two users and each setting.
 */

#include <stdbool.h>

enum rules_type { RULES_FEDERATED, RULES_VERIFIED, RULES_UNVERIFIED, RULES_TYPES };

/** What comes; the first of them from XMPP, the rest from SIP. */
enum rules_kind {
    RULES_SUBSCRIBE,
    RULES_SUBSCRIBED,
    RULES_UNSUBSCRIBE,
    RULES_UNSUBSCRIBED,
    RULES_PROBE,
    RULES_AVAILABLE,
    RULES_UNAVAILABLE,
    RULES_MESSAGE,
    RULES_TYPING,
    RULES_RECEIPT,
    RULES_MARKER,
    RULES_IQ,
    RULES_XMPP_KINDS,
    RULES_SIP_SUBSCRIBE = RULES_XMPP_KINDS,
    RULES_SIP_POLL, /**< SUBSCRIBE, Expires 0 */
    RULES_SIP_MESSAGE,
    RULES_SIP_TYPING,
    RULES_SIP_IMDN,
    RULES_KINDS
};

/** What the two were to each other before the partner's type and the setting became what they are
 * now; but it is only then that a user removes a contact. */
enum rules_relation {
    RULES_NONE,
    RULES_ASKED,   /**< the contact asked, the user has not answered */
    RULES_GRANTED, /**< the contact may see the user */
    RULES_INVITED, /**< the user invited the contact, who agreed */
    RULES_BOTH,
    RULES_REMOVED, /**< both, and then the user removed him */
    RULES_RELATIONS
};

enum rules_setting {
    RULES_PLAIN,
    RULES_BARRED,  /**< the user may not federate */
    RULES_BLOCKED, /**< the user has blocked the contact */
    RULES_MASTER_OFF,
    RULES_DISABLED, /**< the partner is */
    RULES_UNLISTED, /**< it is no partner any more */
    RULES_SETTINGS
};

struct rules_row {
    enum rules_type type;
    enum rules_kind kind;
    enum rules_relation relation;
    enum rules_setting setting;
};

/** What is to be seen. */
struct rules_outcome {
    bool allowed;
    bool denied;        /**< the one line of the audit says so */
    const char *reason; /**< label of the one decision that is counted; NULL: none is */
    unsigned messages, subscribes, notifies; /**< requests towards SIP */
    unsigned status;                         /**< answer to the SIP request; 0: it was a stanza */
    bool as_unknown;                         /**< the answer is that for a user who does not exist,
                                                 to the octet */
    const char *stanzas[3]; /**< else: a piece of each stanza that leaves, in their order */
};

struct rules_outcome rules_reference(const struct rules_row *row);

/** For the names of rows. */
const char *rules_type_name(enum rules_type type);
const char *rules_kind_name(enum rules_kind kind);
const char *rules_relation_name(enum rules_relation relation);
const char *rules_setting_name(enum rules_setting setting);
