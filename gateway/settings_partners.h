/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "settings.h"

/** Checks settings->partners and makes settings->partner_list of them; findings go to `file`. */
void cw_settings_partners(struct cw_gateway_settings *settings, struct cw_settings_file *file);
