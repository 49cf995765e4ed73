/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Gathers texts of one kind, one a language: what comes again in a language is left out (PRES-29),
 * and so is what comes beyond CW_TEXTS_MAX.
 */

#include <causeway/arena.h>
#include <causeway/error.h>
#include <causeway/text.h>

struct cw_text_gather {
    struct cw_text *items; /**< room for CW_TEXTS_MAX; NULL before the first */
    size_t count;
};

/** Adds `text`, borrowed, unless it is empty or its language is there. @return CW_OK or
 * CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_text_gather_add(struct cw_text_gather *gather, struct cw_text text,
                                           struct cw_arena *arena);

/** What was gathered. */
struct cw_text_list cw_text_gather_list(const struct cw_text_gather *gather);
