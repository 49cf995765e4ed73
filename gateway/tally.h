/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * How many of something each name has. A name that has none takes no memory. Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

struct cw_tally;

/** @param key  secret of the hashes */
struct cw_tally *cw_tally_new(const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_tally_free(struct cw_tally **tally);

/** One more for `name` (copied). An absent name is not counted. */
void cw_tally_more(struct cw_tally *tally, struct cw_bytes name);

/** One less; no effect on a name that has none. */
void cw_tally_less(struct cw_tally *tally, struct cw_bytes name);

uint32_t cw_tally_of(const struct cw_tally *tally, struct cw_bytes name);
