/* SPDX-License-Identifier: Apache-2.0 */
#include "http_route.h"

#include <causeway/http.h>

#include <arpa/inet.h>
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

/* "127.0.10.1" in full: a DNS name such as 127.evil.example is no address. */
static bool is_loopback_v4(const char *text)
{
    struct in_addr address;

    return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

bool cw_http_host_is_loopback(const char *host)
{
    char name[64];

    if (host == NULL || strlen(host) >= sizeof(name)) {
        return false;
    }

    const char *const bracket = strchr(host, ']');
    const char *const colon = strchr(bracket == NULL ? host : bracket, ':');
    const size_t len = colon == NULL ? strlen(host) : (size_t)(colon - host);

    if (colon != NULL &&
        (colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1))) {
        return false;
    }
    memcpy(name, host, len);
    name[len] = '\0';
    return strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0 || is_loopback_v4(name);
}

bool cw_http_origin_is_loopback(const char *origin)
{
    static const char SCHEME[] = "http://";
    return origin == NULL || (strncmp(origin, SCHEME, sizeof(SCHEME) - 1) == 0 &&
                              cw_http_host_is_loopback(origin + sizeof(SCHEME) - 1));
}
