/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The local surface of the edge: health, metrics, status and streams to read; reload and drain over
 * the unix socket only (OPERATOR.md 2.3, 2.7).
 */

#include "edge_state.h"

/** @return CW_OK, CW_ERR_IO or CW_ERR_CONFIG, `*problem` one line */
CW_MUST_USE enum cw_err cw_admin_new(struct cw_edge *edge, struct cw_admin **out,
                                     const char **problem);

/** Frees and sets NULL. */
void cw_admin_free(struct cw_admin **admin);
