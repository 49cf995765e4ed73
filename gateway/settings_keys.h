/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <causeway/settings_file.h>

/** Every key of gateway.yaml, for struct cw_gateway_settings: the one table of the configuration.
 */
extern const struct cw_key CW_GATEWAY_KEYS[];

/** The keys of the policy document, for struct cw_policy_entries; the same entries as above. */
extern const struct cw_key CW_POLICY_KEYS[];
