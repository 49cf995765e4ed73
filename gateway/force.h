/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What is in force: the settings of the files and one revision of the policy document, put together
 * and replaced as a whole.
 */

#include "process.h"

/** Takes over both, pushes the outcome to the edges and lets go of what was in force before. */
void cw_force(struct cw_process *process, struct cw_gateway_settings *settings,
              struct cw_policy_document *document);

/** The same before anything runs: nothing is pushed. */
void cw_force_first(struct cw_process *process, struct cw_policy_document *document);

/** Could both be pushed? Edges take permits of one frame only. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_force_fits(const struct cw_gateway_settings *settings,
                                      const struct cw_policy_document *document);
