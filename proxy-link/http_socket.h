/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The two listening sockets of the local HTTP surface.
 */

#include <causeway/error.h>
#include <stdint.h>

/** A unix socket at `path`, mode 0660. @return CW_OK or CW_ERR_IO, `*problem` one line */
CW_MUST_USE enum cw_err cw_http_listen_unix(const char *path, int *out, const char **problem);

/** User of the process at the other end of a unix socket (SO_PEERCRED), -1 if unknown. */
int64_t cw_http_peer_uid(int fd);

/** A TCP socket on a loopback "host:port". @return CW_OK, CW_ERR_IO or CW_ERR_CONFIG */
CW_MUST_USE enum cw_err cw_http_listen_tcp(const char *address, int *out, const char **problem);
