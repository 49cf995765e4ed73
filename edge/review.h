/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The streams that are there when new permits come: each is put before permit_change.h and told
 * what that says. When it returns, every stream that must end has been told so.
 */

#include "streams.h"

/** @param before  the permits until now; those in force are the shell's */
void cw_review_streams(struct cw_streams *streams, const struct cw_shell *shell,
                       const struct cw_permits_table *before);
