/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who was turned away, and how often: what an operator looks at before he makes somebody a partner.
 * Domains are foreign text that nobody has proven; they are kept clean and short, and so is the
 * table: when it is full, the one with the fewest knocks goes, of those the oldest, and whoever has
 * been silent for a week before all others. Users are counted, never named. Pure.
 */

#include "policy.h"

#include <causeway/bytes.h>

#define CW_KNOCKS_MAX        256u
#define CW_KNOCKS_DOMAIN_MAX 255u
#define CW_KNOCKS_PEER_MAX   64u
#define CW_KNOCKS_USERS_MAX  16u /* distinct local users that are told apart; then "at least" */

struct cw_knocks;

/** What is to be noted. */
struct cw_knock {
    enum cw_reason reason;       /**< why it was turned away */
    enum cw_direction direction; /**< CW_FROM_SIP: one of our users wanted to reach it */
    uint32_t count;              /**< how often; 0 counts as 1 */
    struct cw_bytes domain;      /**< any octets */
    struct cw_bytes peer;        /**< "ip:port", any octets; absent: not known */
    struct cw_bytes local;       /**< address of record of our user; absent: not known */
    int64_t wall_s;
};

/** One row, for lists. */
struct cw_knock_row {
    struct cw_bytes domain; /**< printable ASCII; other octets are '?' */
    struct cw_bytes peer;   /**< the last one; absent: never known */
    enum cw_reason reason;
    uint64_t from_xmpp, from_sip;
    int64_t first_s, last_s; /**< wall clock */
    unsigned local_users;    /**< distinct ones; CW_KNOCKS_USERS_MAX: at least so many */
};

typedef void cw_knocks_visit_fn(const struct cw_knock_row *row, void *user);

/** @param key  secret of the hashes of users */
struct cw_knocks *cw_knocks_new(const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_knocks_free(struct cw_knocks **knocks);

/** Notes `knock`. @return true: this domain was not in the table with this reason */
bool cw_knocks_note(struct cw_knocks *knocks, const struct cw_knock *knock);

/** Visits all rows, those with the most knocks first; rows are borrowed until return. */
void cw_knocks_visit(const struct cw_knocks *knocks, cw_knocks_visit_fn *visit, void *user);

size_t cw_knocks_count(const struct cw_knocks *knocks);
