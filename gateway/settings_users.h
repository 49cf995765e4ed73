/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "settings.h"

/**
 * Checks `users`, from a file or from the policy document, and makes the access rules of it in
 * `arena`; findings go to `file`.
 */
const struct cw_access *cw_settings_users(const struct cw_gateway_settings *settings,
                                          const struct cw_gateway_users *users,
                                          struct cw_settings_file *file, struct cw_arena *arena);
