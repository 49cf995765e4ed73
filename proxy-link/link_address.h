/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * "host:port" of a link: "edge1.example:23456", "192.0.2.1:23456", "[2001:db8::1]:23456".
 */

#include <causeway/error.h>
#include <stdbool.h>
#include <stdint.h>

struct sockaddr_storage;

#define CW_LINK_HOST_LEN 256u /* octets with NUL */

struct cw_link_address {
    char host[CW_LINK_HOST_LEN]; /**< without brackets */
    uint16_t port;
};

/** Splits `text`. @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_link_address_read(const char *text, struct cw_link_address *out);

/** Fills `out` if the host is an IP address. */
bool cw_link_address_literal(const struct cw_link_address *address, struct sockaddr_storage *out);
