/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Which route serves a request, and may a browser's request pass?
 */

#include <stdbool.h>
#include <stddef.h>

struct cw_http_route;

/** 0 and `*out`; or the status of the refusal: 403, 404, 405. */
unsigned cw_http_find_route(const struct cw_http_route *routes, size_t count, const char *method,
                            const char *path, bool local, const struct cw_http_route **out);

/** Is it "localhost", "127.0.0.1" or "[::1]", with a port or not? NULL is not. */
bool cw_http_host_is_loopback(const char *host);

/** Is it absent, or "http://" and a loopback host? */
bool cw_http_origin_is_loopback(const char *origin);
