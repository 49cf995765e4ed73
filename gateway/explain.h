/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * POST /v1/explain {"local", "remote"[, "kind"][, "direction"]}: what may pass between two users,
 * which rule decides, and what would change it.
 */

#include <causeway/http.h>

cw_http_fn cw_explain;
