/* SPDX-License-Identifier: Apache-2.0 */
#include "connections.h"

#include "map.h"

#include <stdlib.h>

#define IPV6_LEN  16u
#define IPV6_HOST 8u /* octets of the network part that one host is given */

struct cw_connections {
    struct cw_map *by_address; /**< struct tally * */
    size_t count;
    size_t total_max;
    size_t address_max;
};

struct tally {
    size_t count;
};

/* A mapped IPv4 address (::ffff:a.b.c.d) is the IPv4 host, all others of IPv6 are their /64. */
static struct cw_bytes host_of(struct cw_bytes address)
{
    static const char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xff};

    if (address.len != IPV6_LEN) {
        return address;
    }
    if (memcmp(address.base, mapped, sizeof(mapped)) == 0) {
        return (struct cw_bytes){address.base + sizeof(mapped), IPV6_LEN - sizeof(mapped)};
    }
    return (struct cw_bytes){address.base, IPV6_HOST};
}

struct cw_connections *cw_connections_new(uint64_t seed, size_t total_max, size_t address_max)
{
    struct cw_connections *const connections = malloc(sizeof(*connections));

    if (connections == NULL) {
        abort();
    }
    *connections = (struct cw_connections){
        .by_address = cw_map_new(seed), .total_max = total_max, .address_max = address_max};
    return connections;
}

void cw_connections_free(struct cw_connections **connections)
{
    if (*connections == NULL) {
        return;
    }
    cw_map_free(&(*connections)->by_address, free);
    free(*connections);
    *connections = NULL;
}

void cw_connections_limit(struct cw_connections *connections, size_t total_max, size_t address_max)
{
    connections->total_max = total_max;
    connections->address_max = address_max;
}

enum cw_connections_answer cw_connections_admit(struct cw_connections *connections,
                                                struct cw_bytes address)
{
    const struct cw_bytes host = host_of(address);
    struct tally *tally = cw_map_get(connections->by_address, host);

    if (connections->count >= connections->total_max) { /* STREAM-130 */
        return CW_CONNECTIONS_TOTAL;
    }
    if ((tally != NULL ? tally->count : 0) >= connections->address_max) {
        return CW_CONNECTIONS_ADDRESS;
    }
    if (tally == NULL) {
        tally = calloc(1, sizeof(*tally));
        if (tally == NULL) {
            abort();
        }
        cw_map_put(connections->by_address, host, tally);
    }
    tally->count++;
    connections->count++;
    return CW_CONNECTIONS_ADMIT;
}

void cw_connections_release(struct cw_connections *connections, struct cw_bytes address)
{
    const struct cw_bytes host = host_of(address);
    struct tally *const tally = cw_map_get(connections->by_address, host);

    if (tally == NULL) {
        return;
    }
    connections->count--;
    if (--tally->count == 0) {
        free(cw_map_take(connections->by_address, host));
    }
}

size_t cw_connections_count(const struct cw_connections *connections)
{
    return connections->count;
}
