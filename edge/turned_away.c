/* SPDX-License-Identifier: Apache-2.0 */
#include "turned_away.h"

#include <stdlib.h>

struct entry {
    bool outgoing;
    uint32_t count;
    size_t domain_len;
    size_t peer_len;
    char domain[CW_FRAME_MAX_NAME];
    char peer[CW_FRAME_MAX_PEER];
};

struct cw_turned_away {
    uint32_t unnamed;
    size_t count;
    struct entry entries[CW_TURNED_AWAY_MAX]; /* in the order in which they came first */
    struct entry told[CW_FRAME_MAX_KNOCKS];   /* what cw_turned_away_take() lends out */
};

struct cw_turned_away *cw_turned_away_new(void)
{
    struct cw_turned_away *const away = calloc(1, sizeof(*away));

    if (away == NULL) {
        abort();
    }
    return away;
}

void cw_turned_away_free(struct cw_turned_away **away)
{
    free(*away);
    *away = NULL;
}

/* As the frame's reader wants it: else the whole frame would be refused, and the link with it. */
static bool is_name(struct cw_bytes name, size_t max_len)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.base[i] < 0x21 || name.base[i] > 0x7e) {
            return false;
        }
    }
    return name.len > 0 && name.len <= max_len;
}

static void more(uint32_t *count)
{
    *count += *count < UINT32_MAX ? 1 : 0;
}

/* The entry of the domain, made if there is room; else NULL. */
static struct entry *entry_of(struct cw_turned_away *away, bool outgoing, struct cw_bytes domain)
{
    struct entry *entry;

    for (size_t i = 0; i < away->count; i++) {
        entry = &away->entries[i];
        if (entry->outgoing == outgoing &&
            cw_bytes_equal(domain, (struct cw_bytes){entry->domain, entry->domain_len})) {
            return entry;
        }
    }
    if (away->count == CW_TURNED_AWAY_MAX) {
        return NULL;
    }
    entry = &away->entries[away->count++];
    *entry = (struct entry){.outgoing = outgoing, .domain_len = domain.len};
    memcpy(entry->domain, domain.base, domain.len);
    return entry;
}

void cw_turned_away_note(struct cw_turned_away *away, bool outgoing, struct cw_bytes domain,
                         struct cw_bytes peer)
{
    struct entry *const entry =
        is_name(domain, CW_FRAME_MAX_NAME) ? entry_of(away, outgoing, domain) : NULL;

    if (entry == NULL) {
        more(&away->unnamed);
        return;
    }
    more(&entry->count);
    entry->peer_len = 0;
    if (is_name(peer, CW_FRAME_MAX_PEER)) {
        entry->peer_len = peer.len;
        memcpy(entry->peer, peer.base, peer.len);
    }
}

bool cw_turned_away_take(struct cw_turned_away *away, struct cw_frame_knocks *out)
{
    const size_t taken = away->count < CW_FRAME_MAX_KNOCKS ? away->count : CW_FRAME_MAX_KNOCKS;

    if (away->count == 0 && away->unnamed == 0) {
        return false;
    }
    *out = (struct cw_frame_knocks){.unnamed = away->unnamed, .count = taken};
    memcpy(away->told, away->entries, taken * sizeof(away->told[0]));
    for (size_t i = 0; i < taken; i++) {
        const struct entry *const entry = &away->told[i];

        out->items[i] = (struct cw_frame_knock){
            .outgoing = entry->outgoing,
            .count = entry->count,
            .domain = {entry->domain, entry->domain_len},
            .peer = {entry->peer, entry->peer_len},
        };
    }
    away->count -= taken;
    memmove(away->entries, away->entries + taken, away->count * sizeof(away->entries[0]));
    away->unnamed = 0;
    return true;
}
