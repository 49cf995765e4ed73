/* SPDX-License-Identifier: Apache-2.0 */
#include "link_address.h"

#include <string.h>
#include <uv.h>

enum { MAX_PORT = 65535, BASE = 10 };

static enum cw_err read_port(const char *text, uint16_t *out)
{
    uint32_t port = 0;

    if (*text == '\0') {
        return CW_ERR_MALFORMED;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return CW_ERR_MALFORMED;
        }
        port = port * BASE + (uint32_t)(*text - '0');
        if (port > MAX_PORT) {
            return CW_ERR_MALFORMED;
        }
    }
    *out = (uint16_t)port;
    return CW_OK;
}

enum cw_err cw_link_address_read(const char *text, struct cw_link_address *out)
{
    const char *const colon = strrchr(text, ':');
    struct cw_link_address address;

    if (colon == NULL) {
        return CW_ERR_MALFORMED;
    }

    const bool bracketed = text[0] == '[' && colon > text && colon[-1] == ']';
    const char *const host = bracketed ? text + 1 : text;
    const size_t len = (size_t)(colon - host) - (bracketed ? 1 : 0);

    if (len == 0 || len >= CW_LINK_HOST_LEN || (!bracketed && memchr(host, ':', len) != NULL)) {
        return CW_ERR_MALFORMED;
    }
    CW_TRY(read_port(colon + 1, &address.port));
    memcpy(address.host, host, len);
    address.host[len] = '\0';
    *out = address;
    return CW_OK;
}

bool cw_link_address_literal(const struct cw_link_address *address, struct sockaddr_storage *out)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (uv_ip4_addr(address->host, address->port, &v4) == 0) {
        memcpy(out, &v4, sizeof(v4));
        return true;
    }
    if (uv_ip6_addr(address->host, address->port, &v6) == 0) {
        memcpy(out, &v6, sizeof(v6));
        return true;
    }
    return false;
}
