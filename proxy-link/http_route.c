/* SPDX-License-Identifier: Apache-2.0 */
#include "http_route.h"

#include <causeway/http.h>
#include <string.h>
#include <strings.h>

static bool path_fits(const char *wanted, const char *path)
{
    const size_t len = strlen(wanted);
    const bool below = len > 1 && wanted[len - 1] == '/';
    return below ? strncmp(path, wanted, len) == 0 && path[len] != '\0' : strcmp(path, wanted) == 0;
}

static bool method_fits(const char *wanted, const char *method)
{
    return strcmp(wanted, method) == 0 ||
           (strcmp(wanted, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

unsigned cw_http_find_route(const struct cw_http_route *routes, size_t count, const char *method,
                            const char *path, bool local, const struct cw_http_route **out)
{
    unsigned status = 404;
    for (size_t i = 0; i < count; i++) {
        if (!path_fits(routes[i].path, path)) {
            continue;
        }
        if (!method_fits(routes[i].method, method)) {
            status = 405;
            continue;
        }
        *out = &routes[i];
        return routes[i].local_only && !local ? 403 : 0;
    }
    return status;
}

bool cw_http_host_is_loopback(const char *host)
{
    static const char *const NAMES[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; host != NULL && i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        const size_t len = strlen(NAMES[i]);
        if (strncasecmp(host, NAMES[i], len) != 0) {
            continue;
        }
        const char *rest = host + len;
        if (*rest == '\0' || (*rest == ':' && rest[1] != '\0' &&
                              strspn(rest + 1, "0123456789") == strlen(rest + 1))) {
            return true;
        }
    }
    return false;
}

bool cw_http_origin_is_loopback(const char *origin)
{
    static const char SCHEME[] = "http://";
    return origin == NULL || (strncmp(origin, SCHEME, sizeof(SCHEME) - 1) == 0 &&
                              cw_http_host_is_loopback(origin + sizeof(SCHEME) - 1));
}
