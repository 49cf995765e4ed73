/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * All pairs of a local SIP user and a remote XMPP user that have anything to do with each other:
 * both authorizations, the invitation, the block (PARTNERS.md section 3), and the runtime of the
 * two directions. Every change is written through to the store. Pure but for the store it is given
 * as a function.
 */

#include "store.h"

struct cw_roster;
struct cw_watch_pair;  /* gateway/watch.c */
struct cw_notify_pair; /* gateway/notify.c */

/** One pair. Lives until cw_roster_release() finds nothing worth keeping in it. */
struct cw_contact {
    struct cw_bytes local;      /**< "sip:romeo@contoso.example" */
    struct cw_bytes remote;     /**< "juliet@fabrikam.example" */
    enum cw_grant xmpp_watches; /**< set by cw_roster_grant() */
    enum cw_grant sip_watches;
    bool invited;
    bool blocked;
    int64_t changed_s;
    struct cw_watch_pair *watch;   /**< owned by gateway/watch.c; NULL if none */
    struct cw_notify_pair *notify; /**< owned by gateway/notify.c; NULL if none */
};

/** As cw_store_put(). */
typedef void cw_roster_put_fn(struct cw_store *store, const struct cw_relation *relation,
                              cw_store_done_fn *done, void *user);

/** @param hash_key  random; @param put  cw_store_put in the product */
struct cw_roster *cw_roster_new(const uint64_t hash_key[2], struct cw_store *store,
                                cw_roster_put_fn *put);

/** Frees all contacts and sets NULL; their runtimes must be gone. */
void cw_roster_free(struct cw_roster **roster);

/** A cw_store_visit_fn: takes over one stored relation; `roster` is the user pointer. */
void cw_roster_load(const struct cw_relation *relation, void *roster);

/** The pair, or NULL. */
struct cw_contact *cw_roster_find(const struct cw_roster *roster, struct cw_bytes local,
                                  struct cw_bytes remote);

/** The pair, made if it is new. */
struct cw_contact *cw_roster_get(struct cw_roster *roster, struct cw_bytes local,
                                 struct cw_bytes remote);

/** Writes the pair as it is now to the store; `done` may be NULL. */
void cw_roster_save(struct cw_roster *roster, struct cw_contact *contact, int64_t wall_s,
                    cw_store_done_fn *done, void *user);

/** The writes that cw_roster_save() began; borrowed. */
struct cw_ledger *cw_roster_ledger(const struct cw_roster *roster);

/** Forgets the pair if nothing is granted, asked, invited or blocked and no runtime hangs on it. */
void cw_roster_release(struct cw_roster *roster, struct cw_contact *contact);

/** CW_FACT_INVITED, CW_FACT_BLOCKED, CW_FACT_GRANTED of the pair for gateway/policy.h. */
uint8_t cw_roster_facts(const struct cw_roster *roster, struct cw_bytes local,
                        struct cw_bytes remote);

/** Domain of the remote user; absent if his address has none. */
struct cw_bytes cw_roster_domain(const struct cw_contact *contact);

/** As above, of a bare JID. */
struct cw_bytes cw_roster_domain_of(struct cw_bytes remote);

/** Sets xmpp_watches; does not save. The only way to change it, because it is counted. */
void cw_roster_grant(struct cw_roster *roster, struct cw_contact *contact, enum cw_grant grant);

/** Authorizations, asked or granted, that `who` has: a bare JID, or a domain for all its users. */
uint32_t cw_roster_watched_by(const struct cw_roster *roster, struct cw_bytes who);

/** Of them, those that are asked: requests that wait for an answer. */
uint32_t cw_roster_asked_by(const struct cw_roster *roster, struct cw_bytes who);

/** All pairs: the next from `*cursor` (start at 0) on; NULL at the end. */
struct cw_contact *cw_roster_next(const struct cw_roster *roster, size_t *cursor);

size_t cw_roster_count(const struct cw_roster *roster);
