/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The policy in force as permits for the edges: a permit for each domain of each partner that is
 * enabled, with the methods that its record permits and the floor leaves.
 */

#include "gateway.h"

/** Payload for cw_link_set_permits() in `arena`. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_permits_of_policy(const struct cw_gateway *gw, struct cw_arena *arena,
                                             struct cw_bytes *out);

/** Could these partners be pushed in one frame, all enabled? @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_permits_fit(const struct cw_gateway_settings *settings,
                                       const struct cw_partners *partners, struct cw_arena *arena);
