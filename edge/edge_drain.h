/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The orderly end (OPERATOR.md 2.7): no new work, what is in flight ends, then the streams close.
 */

#include "edge_state.h"

/** Begins to drain; a second call does nothing. */
void cw_edge_drain(struct cw_edge *edge);

/** Ten times a second while draining. @return true once: all streams are gone, the parts can go */
bool cw_edge_drain_tick(struct cw_edge *edge);
