/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * gateway.yaml and what it includes, read, checked and made into struct cw_gateway_settings.
 */

#include "settings.h"

/**
 * Reads and checks `path` and what it includes.
 *
 * @param strict  warnings count as errors
 * @param report  malloc'ed text of all findings ("" without), the caller frees; always set
 * @param out     owned by the caller, cw_gateway_settings_free(); NULL unless CW_OK
 * @return CW_OK or CW_ERR_CONFIG
 */
CW_MUST_USE enum cw_err cw_gateway_settings_read(const char *path, bool strict, char **report,
                                                 struct cw_gateway_settings **out);

/** Every key with its default as commented YAML; malloc'ed. */
char *cw_gateway_settings_defaults(void);
