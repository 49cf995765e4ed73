/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who goes on after he was refused for asking too much gets nothing for a while: an XMPP user by
 * his bare JID, or all strangers of a partner by its primary domain. The first time it is 10
 * minutes, then twice as long as the last time, up to a day; a day without a relapse, and it is
 * forgotten. Memory is bounded whoever invents names. Pure.
 */

#include <causeway/bytes.h>
#include <stdbool.h>
#include <stdint.h>

#define CW_QUARANTINE_WINDOW_MS        60000u
#define CW_QUARANTINE_USER_REFUSALS    50u /* in the window: no person does that, nor a client */
#define CW_QUARANTINE_PARTNER_REFUSALS 500u
#define CW_QUARANTINE_FIRST_MS         600000u
#define CW_QUARANTINE_LONGEST_MS       86400000u
#define CW_QUARANTINE_TELL_MS          60000u /* between two answers to one that is in it */
#define CW_QUARANTINE_MAX              1024u  /* in it or remembered */

enum cw_quarantine_scope { CW_QUARANTINE_USER, CW_QUARANTINE_PARTNER, CW_QUARANTINE_SCOPES };

struct cw_quarantine;

/** One that is in it, for lists and the log. */
struct cw_quarantine_row {
    struct cw_bytes who; /**< bare JID or primary domain */
    enum cw_quarantine_scope scope;
    uint64_t since_ms, until_ms;
    unsigned times; /**< 1: the first time */
};

typedef void cw_quarantine_visit_fn(const struct cw_quarantine_row *row, void *user);

/** @param key  secret of the hashes */
struct cw_quarantine *cw_quarantine_new(const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_quarantine_free(struct cw_quarantine **quarantine);

/**
 * `who`, who is not in it, was refused for asking too much.
 * @param out  written if it begins; `who` borrowed until the next call
 * @return true: now it begins
 */
bool cw_quarantine_blame(struct cw_quarantine *quarantine, enum cw_quarantine_scope scope,
                         struct cw_bytes who, uint64_t now_ms, struct cw_quarantine_row *out);

/** Is `who` in it? */
bool cw_quarantine_holds(const struct cw_quarantine *quarantine, struct cw_bytes who,
                         uint64_t now_ms);

/** May `who`, who is in it, be answered now? Notes that it was done. */
bool cw_quarantine_may_tell(struct cw_quarantine *quarantine, struct cw_bytes who, uint64_t now_ms);

/** Lets `who` out and forgets it. @return false: it is not in it */
bool cw_quarantine_release(struct cw_quarantine *quarantine, struct cw_bytes who, uint64_t now_ms);

/**
 * Takes out one whose time is over.
 * @param out  `who` borrowed until the next call. @return false: there is none
 */
bool cw_quarantine_end(struct cw_quarantine *quarantine, uint64_t now_ms,
                       struct cw_quarantine_row *out);

/** When the next one's time is over; UINT64_MAX: nobody is in it. */
uint64_t cw_quarantine_next_ms(const struct cw_quarantine *quarantine);

/** Visits all that are in it. */
void cw_quarantine_visit(const struct cw_quarantine *quarantine, cw_quarantine_visit_fn *visit,
                         void *user);

/** How many are in it. */
size_t cw_quarantine_count(const struct cw_quarantine *quarantine, enum cw_quarantine_scope scope);
