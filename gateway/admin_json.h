/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Documents of the API, made of the process's state.
 */

#include "process.h"

struct json_t;

/** A JSON string of `text`; null when absent. */
struct json_t *cw_admin_text(struct cw_bytes text);

/** One partner with its effective methods and finding (docs/reference/api.md). */
struct json_t *cw_admin_partner(const struct cw_process *process, const struct cw_partner *partner);

/** GET /v1/status */
struct json_t *cw_admin_status(const struct cw_process *process);

/** GET /v1/streams */
struct json_t *cw_admin_streams(const struct cw_process *process);

/** GET /v1/knocks */
struct json_t *cw_admin_knocks(const struct cw_process *process);

/** GET /v1/quarantine */
struct json_t *cw_admin_quarantine(const struct cw_process *process);

/** GET /v1/subscriptions */
struct json_t *cw_admin_subscriptions(const struct cw_process *process);
