/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A new configuration without a restart: all or nothing, streams stay.
 */

#include "edge_state.h"

/** @param trigger  "signal" or "api", for the metrics @return CW_OK or CW_ERR_CONFIG */
CW_MUST_USE enum cw_err cw_edge_reload(struct cw_edge *edge, const char *trigger);
