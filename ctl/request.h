/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One call of the API over the daemon's unix socket.
 */

#include <stdbool.h>
#include <stddef.h>

struct json_t;

/** Exit codes of causewayctl. */
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

/** One query parameter. */
struct ctl_query {
    const char *name;
    const char *value; /**< as it is; NULL: left out */
};

#define CTL_QUERIES_MAX 3

struct ctl_request {
    const char *method;
    const char *path;
    const char *below;       /**< a last part of the path, as it is; NULL for none */
    struct json_t *json;     /**< body, taken over; NULL for none */
    const char *text;        /**< body that is no JSON; NULL for none */
    size_t text_len;         /**< octets */
    const char *if_match;    /**< NULL for none */
    bool quiet_if_not_found; /**< a 404 is not told */
    struct ctl_query queries[CTL_QUERIES_MAX];
};

/**
 * Sends `request`.
 *
 * @param out  the answer's document, the caller's; NULL unless CTL_OK
 * @return CTL_OK, or the exit code that fits; what is wrong is on standard error
 */
enum ctl_exit ctl_request(const struct ctl_target *target, const struct ctl_request *request,
                          struct json_t **out);
