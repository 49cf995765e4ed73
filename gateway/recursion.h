/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The targets that 3xx responses name for one request: each is tried once, five at most (MSG-33,
 * RFC 3261 section 8.1.3.4). Pure; owns its texts.
 */

#include <causeway/bytes.h>

#define CW_RECURSION_MAX 5u /* targets of one request, MSG-33 */

struct cw_recursion;

/** Puts `uri` behind the targets that wait, unless it was ever named before or there have been
 * CW_RECURSION_MAX. `*recursion` may be NULL: it is made. */
void cw_recursion_add(struct cw_recursion **recursion, struct cw_bytes uri);

/** The next target, which is then tried; absent if none is left, or `recursion` is NULL. Borrowed
 * until cw_recursion_free(). */
struct cw_bytes cw_recursion_next(struct cw_recursion *recursion);

/** The first target that was named; absent if there is none. */
struct cw_bytes cw_recursion_first(const struct cw_recursion *recursion);

/** Frees and sets NULL; `*recursion` may be NULL. */
void cw_recursion_free(struct cw_recursion **recursion);
