/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * How many connections there are, in all and from each address, and whether one more may come
 * (STREAM-130). An IPv6 peer is counted by its /64, which one host has to itself.
 *
 * Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

struct cw_connections;

enum cw_connections_answer {
    CW_CONNECTIONS_ADMIT,
    CW_CONNECTIONS_TOTAL,  /**< "connection_limit" */
    CW_CONNECTIONS_ADDRESS /**< "address_limit" */
};

/** No connections yet. */
struct cw_connections *cw_connections_new(uint64_t seed, size_t total_max, size_t address_max);

/** Frees and sets NULL. */
void cw_connections_free(struct cw_connections **connections);

/** New limits; connections that are there stay. */
void cw_connections_limit(struct cw_connections *connections, size_t total_max, size_t address_max);

/**
 * Asks for one more and counts it when it may come.
 * @param address  4 octets of IPv4 or 16 of IPv6
 */
enum cw_connections_answer cw_connections_admit(struct cw_connections *connections,
                                                struct cw_bytes address);

/** One that was admitted has gone. */
void cw_connections_release(struct cw_connections *connections, struct cw_bytes address);

/** How many there are in all. */
size_t cw_connections_count(const struct cw_connections *connections);
