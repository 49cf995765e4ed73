/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One call of the API over the daemon's unix socket.
 */

#include <stddef.h>

struct json_t;

/** Exit codes of causewayctl (OPERATOR.md 2.2). */
enum ctl_exit {
    CTL_OK = 0,
    CTL_FAILED = 1,
    CTL_USAGE = 2,
    CTL_NOT_FOUND = 3,
    CTL_REFUSED = 4,
    CTL_UNREACHABLE = 5,
    CTL_CONFIG = 6,
    CTL_CONFLICT = 7,
    CTL_DEADLINE = 8
};

struct ctl_target {
    const char *socket; /**< path */
    long timeout_ms;
};

/**
 * Calls `method` `path`; `body` (NULL for none) is sent as JSON and freed.
 *
 * @param out  the answer's document, the caller's; NULL unless CTL_OK
 * @return CTL_OK, or the exit code that fits; what is wrong is on standard error
 */
enum ctl_exit ctl_request(const struct ctl_target *target, const char *method, const char *path,
                          struct json_t *body, struct json_t **out);
