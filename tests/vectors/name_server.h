/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A name server on the loopback for cases that look a domain up: UDP, a handful of A and SRV
 * records, NXDOMAIN for what it does not know.
 */

#include <netinet/in.h>
#include <uv.h>

#define NAME_SERVER_RECORDS 16u

struct name_record {
    const char *name;       /**< without a dot at the end */
    const char *srv;        /**< "priority weight port target"; target "." is the root */
    struct in_addr address; /**< of an A record, if there is no `srv` */
};

struct name_server {
    uv_udp_t socket;
    struct name_record records[NAME_SERVER_RECORDS];
    size_t count;
    uint16_t port; /**< on 127.0.0.1 */
};

/** Listens; `records` and `count` are set before. */
void name_server_open(struct name_server *server, uv_loop_t *loop);

/** The socket is closed with the loop's next turns. */
void name_server_close(struct name_server *server);
