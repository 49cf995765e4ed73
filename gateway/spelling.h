/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * How SIP users spell themselves (ADDR-8): the user part of a SIP URI knows upper and lower case,
 * the local part of a JID does not. What a user was last seen to write is written to SIP again.
 * Bounded; a user who is not known is written in lower case. Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

#define CW_SPELLING_MAX 100000u /* users who spell themselves with capitals */

struct cw_spelling;

/** @param hash_key  random */
struct cw_spelling *cw_spelling_new(const uint64_t hash_key[2]);

/** Frees and sets NULL. */
void cw_spelling_free(struct cw_spelling **spelling);

/**
 * A user wrote himself so.
 * @param key      his state key, cw_address_key()
 * @param spelled  his address of record, cw_sip_uri_aor()
 */
void cw_spelling_learn(struct cw_spelling *spelling, struct cw_bytes key, struct cw_bytes spelled);

/** His address of record as he spells it; `key` itself if nothing else is known. Borrowed until the
 * next cw_spelling_learn(). */
struct cw_bytes cw_spelling_of(const struct cw_spelling *spelling, struct cw_bytes key);

/** Users known. */
size_t cw_spelling_count(const struct cw_spelling *spelling);
