/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The local surface of the gateway: health, metrics, and the part of the API that causewayctl uses
 * (docs/reference/api.md).
 */

#include "process.h"

/** Starts serving by process->gw.settings->admin. @return CW_OK, CW_ERR_IO or CW_ERR_CONFIG
 * (`*problem`) */
CW_MUST_USE enum cw_err cw_admin_start(struct cw_process *process, const char **problem);
