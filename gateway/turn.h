/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One entry into the flow: a stanza, a SIP request or response, a fate, a commit, an alarm. The
 * arena of the message in hand is emptied at the outermost entry only, because a library may call
 * back while it is called.
 */

#include "gateway.h"

/** Begins an entry. */
static inline void cw_turn_begin(struct cw_gateway *gw)
{
    if (gw->turn_depth++ == 0) {
        cw_arena_reset(gw->arena);
    }
}

/** Ends it. */
static inline void cw_turn_end(struct cw_gateway *gw)
{
    gw->turn_depth--;
}
