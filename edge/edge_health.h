/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Is the edge fit for work? The checks of /readyz (OPERATOR.md 2.7), told to metrics, log and the
 * service manager when the answer changes.
 */

#include "edge_state.h"

/** A check of /readyz. */
struct cw_edge_check_result {
    const char *name; /**< "policy" */
    bool ok;
    const char *detail; /**< why not; may be NULL */
};

#define CW_EDGE_CHECKS 4u

/** All checks. @return are all of them well? */
bool cw_edge_checks(const struct cw_edge *edge,
                    struct cw_edge_check_result results[CW_EDGE_CHECKS]);

/** Tells when readiness has changed. */
void cw_edge_note_ready(struct cw_edge *edge);
