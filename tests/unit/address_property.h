/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What must hold of every address, whichever it is (ADDR-19 to ADDR-21): random users, and a check
 * of one of them that remembers all before it.
 */

#include <causeway/bytes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Characters of one user; "" stands for all of Unicode. */
struct address_source {
    uint64_t seed;
    const char *alphabet;
    char user[256]; /**< the last one, UTF-8 */
    size_t len;
};

/** The next random user, 1 to 12 characters (of all Unicode 1 to 3), without a blank at an end. */
void address_next(struct address_source *source);

struct address_set;

struct address_set *address_set_new(void);
void address_set_free(struct address_set **set);

/** Users that had a JID. */
size_t address_set_mapped(const struct address_set *set);

/**
 * Looks at the user as SIP would write it, at the JID of it, and at the way back.
 *
 * @param exact  the alphabet is one on which the way there and back is the user in lower case, and
 * no two of those share a JID (ADDR-V40); else the user need not have a JID
 * @return NULL, or what does not hold; a text that lives until the next call
 */
const char *address_check(struct address_set *set, struct cw_bytes user, bool exact);
