/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The partners in force: one immutable document, replaced as a whole by a reload
 * (docs/reference/partners.md sections 1 and 2).
 */

#include "policy.h"

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/permit.h>

enum cw_negotiation { CW_REQUIRED, CW_OPTIONAL, CW_NOT_SUPPORTED, CW_NEGOTIATIONS };
enum cw_accept { CW_ACCEPT_BY_TYPE, CW_ACCEPT_AUTO, CW_ACCEPT_ASK };

/** What a partner may ask for; 0: as its type has it, see cw_partner_rates(). */
struct cw_rates {
    uint32_t invites_per_minute; /**< `subscribe` for what the sender does not have */
    uint32_t messages_per_second;
    uint32_t presence_per_second;
};

struct cw_partner {
    struct cw_bytes domain; /**< primary, A-labels, lower case; the key */
    struct cw_bytes description;
    const struct cw_bytes *additional; /**< A-labels */
    size_t additional_count;
    enum cw_partner_type type;
    enum cw_negotiation tls;
    enum cw_negotiation sasl;
    bool dialback;
    bool enabled;
    bool keep_alive;
    uint32_t connection_limit;
    struct cw_bytes proxy;
    enum cw_accept accept;
    struct cw_rates rates;
    uint32_t max_stanza; /**< octets it takes; 0: as messages.max_stanza says */
    uint8_t pins[CW_PERMIT_MAX_PINS][32];
    uint8_t pin_count;
    struct cw_bytes file; /**< where it was written; absent: the store */
    int line;
};

struct cw_partners;

/**
 * Makes the document; everything is copied.
 * @return the document; a domain in two partners is the caller's finding: the first one holds it
 */
struct cw_partners *cw_partners_new(const struct cw_partner *list, size_t count);

/** Frees and sets NULL. */
void cw_partners_free(struct cw_partners **partners);

/** Partner of `domain` (A-labels, lower case), exact, also by additional domains; or NULL. */
const struct cw_partner *cw_partners_find(const struct cw_partners *partners,
                                          struct cw_bytes domain);

/** The same for a domain as it stands in a JID, with U-labels; `arena` for the other form (ADDR-4,
 * ADDR-7). */
const struct cw_partner *cw_partners_serving(const struct cw_partners *partners,
                                             struct cw_bytes domain, struct cw_arena *arena);

/** Number of partners, and one by position, ordered by domain. */
size_t cw_partners_count(const struct cw_partners *partners);

/** @param index  below cw_partners_count() */
const struct cw_partner *cw_partners_at(const struct cw_partners *partners, size_t index);

/** `accept` with the type's default applied: federated auto, others ask (PARTNERS section 3). */
enum cw_accept cw_partner_accept(const struct cw_partner *partner);

/** Primary domain of `partner` for labels of metrics, NUL-terminated in `arena`; "_unlisted" for
 * NULL, and when the arena is full. */
const char *cw_partner_label(const struct cw_partner *partner, struct cw_arena *arena);

/** `rates` with the type's defaults applied: 20 invitations a minute from public partners. */
struct cw_rates cw_partner_rates(const struct cw_partner *partner);
