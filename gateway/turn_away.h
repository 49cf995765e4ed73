/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Tells the operator who was turned away: the table of gateway/knocks.h, the metric, the log.
 */

#include "gateway.h"
#include "knocks.h"

/** Notes `knock` (its time is set here). */
void cw_turn_away(struct cw_gateway *gw, const struct cw_knock *knock);

/** What an edge tells of those that it let not in. */
void cw_turn_away_told(struct cw_gateway *gw, const struct cw_frame_knocks *knocks);
