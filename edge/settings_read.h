/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Reads edge.yaml and tells all findings at once (OPERATOR.md 2.1).
 */

#include "settings.h"

/** How deep to look. */
enum cw_edge_check {
    CW_EDGE_CHECK_VALUES, /**< the file alone */
    CW_EDGE_CHECK_ALL     /**< certificates and keys that it names, too */
};

/**
 * Reads and checks `path`.
 *
 * @param strict  warnings count as errors
 * @param report  malloc'ed text of all findings ("" without), the caller frees; always set
 * @param out     owned by the caller, cw_edge_settings_free(); NULL unless CW_OK
 * @return CW_OK or CW_ERR_CONFIG
 */
CW_MUST_USE enum cw_err cw_edge_settings_read(const char *path, enum cw_edge_check check,
                                              bool strict, char **report,
                                              struct cw_edge_settings **out);
