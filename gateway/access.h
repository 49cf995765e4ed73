/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Which of our own users may federate at all: global, overridden by group, overridden by user, and
 * a master switch over all of it (docs/reference/partners.md section 1). Pure, immutable.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>

enum cw_access_verdict { CW_ACCESS_ALLOW, CW_ACCESS_DENY };

/** One name with what it may; several may name the same user. */
struct cw_access_entry {
    struct cw_bytes who;   /**< "sip:user@host", canonical, or "@host" for all users of a domain */
    struct cw_bytes group; /**< absent: an entry of the user himself, which wins over groups */
    enum cw_access_verdict verdict;
};

struct cw_access_rules {
    bool federation; /**< the master switch */
    enum cw_access_verdict usual;
    const struct cw_access_entry *entries;
    size_t count;
};

struct cw_access;

/** Why somebody may or may not. */
struct cw_access_answer {
    enum cw_access_verdict verdict;
    struct cw_bytes group; /**< the group that decides; absent: his own entry, or the default */
    bool own_entry;
};

/** Everything is copied into `arena`, which owns the result. */
const struct cw_access *cw_access_new(const struct cw_access_rules *rules, struct cw_arena *arena);

/** Is XMPP federation on as a whole? */
bool cw_access_federates(const struct cw_access *access);

/**
 * May `aor` ("sip:user@host", canonical) federate? His own entry, then groups that name him, then
 * groups that name his domain, then the default; among equals a refusal wins.
 */
struct cw_access_answer cw_access_of(const struct cw_access *access, struct cw_bytes aor);

/** cw_access_of() as a question. */
bool cw_access_entitled(const struct cw_access *access, struct cw_bytes aor);
