/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Presence of one user, by resource, as one watcher may see it (SEC-5: never shared between
 * watchers). Pure.
 *
 * Towards SIP it is the next document: a resource that went away stays once, closed (PRES-17).
 * Towards XMPP two of them, what is known and what was shown, give the stanzas that are due
 * (PRES-37).
 */

#include <causeway/presence.h>

#define CW_PRESENCE_CACHE_MAX 10u   /* resources shown (MAPPING 18) */
#define CW_PRESENCE_TEXT_MAX  4096u /* octets of statuses of one resource; more is no status */

struct cw_presence_cache;

struct cw_presence_cache *cw_presence_cache_new(void);

/** Frees and sets NULL. */
void cw_presence_cache_free(struct cw_presence_cache **cache);

size_t cw_presence_cache_count(const struct cw_presence_cache *cache);

/** @param index  below the count; borrowed until the next change */
const struct cw_presence *cw_presence_cache_at(const struct cw_presence_cache *cache, size_t index);

/** The entry of `resource`, or NULL. */
const struct cw_presence *cw_presence_cache_find(const struct cw_presence_cache *cache,
                                                 struct cw_bytes resource);

/** Is a resource available? */
bool cw_presence_cache_is_open(const struct cw_presence_cache *cache);

/**
 * Takes one notification over (copied; of statuses as many as CW_PRESENCE_TEXT_MAX leaves room for,
 * the first one cut if it must be). Unavailable without resource closes all (PRES-18);
 * unavailable of a resource never seen is left out unless nothing else is known.
 * @return true if a watcher would see a difference (PRES-24)
 */
bool cw_presence_cache_put(struct cw_presence_cache *cache, const struct cw_presence *presence);

/** Takes over that a resource is unavailable and what is said of that, although it was never seen,
 * unless it is known or there is no room. */
void cw_presence_cache_add_closed(struct cw_presence_cache *cache,
                                  const struct cw_presence *presence);

/** Takes over what is said of the user when nothing is open (PRES-36); copied. */
void cw_presence_cache_set_absence(struct cw_presence_cache *cache,
                                   const struct cw_presence *absence);

/** That; unavailable without statuses if nothing was said. Borrowed until the next change. */
struct cw_presence cw_presence_cache_absence(const struct cw_presence_cache *cache);

/** After a document was sent: closed entries go, but the last one stays if nothing is open
 * (PRES-17). */
void cw_presence_cache_settle(struct cw_presence_cache *cache);

/** `shown` as if nothing of what is open in `known` had been shown: the next differences are the
 * whole state. */
void cw_presence_cache_show_again(struct cw_presence_cache *shown,
                                  const struct cw_presence_cache *known);

/** `difference`, the last one given by cw_presence_cache_differs(), could not be sent after all. */
void cw_presence_cache_unshow(struct cw_presence_cache *shown,
                              const struct cw_presence *difference);

/** Forgets everything. */
void cw_presence_cache_clear(struct cw_presence_cache *cache);

/**
 * One difference between what is known and what was shown, to be sent now; `shown` takes it over
 * (PRES-37).
 * @param out  borrowed until the next change
 * @return false when there is none left
 */
bool cw_presence_cache_differs(const struct cw_presence_cache *known,
                               struct cw_presence_cache *shown, struct cw_presence *out);
