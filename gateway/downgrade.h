/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The best method by which each partner domain has proven itself, in each direction: a weaker one
 * later is an alarm (docs/reference/partners.md section 2). Pure; lives as long as the process.
 */

#include <causeway/permit.h>

#define CW_DOWNGRADE_MAX                                                                           \
    8192u /* domains and directions remembered; those that come later are not */

struct cw_downgrade;

/** @param key  secret of the hashes */
struct cw_downgrade *cw_downgrade_new(const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_downgrade_free(struct cw_downgrade **memory);

/**
 * `domain` was proven by `method`.
 * @return the better method that it had before, if this one is weaker and that was not told yet;
 * else CW_METHOD_NONE
 */
enum cw_method cw_downgrade_note(struct cw_downgrade *memory, bool outgoing, struct cw_bytes domain,
                                 enum cw_method method);
