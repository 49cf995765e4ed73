/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What users would lose by a new policy document, for the operator to read before he commits.
 */

#include "process.h"

/**
 * Findings W140: a partner becomes public unverified, and so many of its users whom nobody has
 * invited lose their authorization; as cw_policy_document_read() gives them; the caller's.
 */
json_t *cw_losses(const struct cw_process *process, const struct cw_policy_document *document);
