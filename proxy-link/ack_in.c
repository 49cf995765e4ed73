/* SPDX-License-Identifier: Apache-2.0 */
#include "ack_in.h"

#include <stdlib.h>

#define FIRST_LOT 64u
#define OPEN      0u /* no enum cw_fate */

struct entry {
    uint64_t seq;
    uint32_t mark; /* when its fate was told on this connection */
    uint16_t slot;
    uint8_t fate; /* OPEN or enum cw_fate */
    uint8_t reason;
};

struct cw_ack_in {
    struct cw_credit *credit;
    uint64_t epoch;
    uint64_t received;
    uint64_t jump_to;      /* the first new stanza may bear any number from here; 0: the next */
    uint64_t first_handle; /* of this epoch; older handles hit nothing */
    uint64_t last_handle;
    uint64_t to_handle;    /* handle - seq, modulo 2^64 */
    struct entry *entries; /* by seq */
    size_t count;
    size_t room;
    size_t first_open; /* no open entry is before this index */
    uint32_t mark;
    size_t unmarked;
};

struct cw_ack_in *cw_ack_in_new(struct cw_credit *credit)
{
    struct cw_ack_in *const in = calloc(1, sizeof(*in));

    if (in == NULL) {
        abort();
    }
    in->credit = credit;
    in->first_handle = 1;
    return in;
}

void cw_ack_in_free(struct cw_ack_in **in)
{
    if (*in != NULL) {
        free((*in)->entries);
        free(*in);
        *in = NULL;
    }
}

/* Keeps the entries that `keep` wants. */
static void filter(struct cw_ack_in *in, bool keep(const struct entry *, uint64_t), uint64_t value)
{
    size_t to = 0;

    for (size_t from = 0; from < in->count; from++) {
        if (keep(&in->entries[from], value)) {
            in->entries[to++] = in->entries[from];
        } else {
            cw_credit_release(in->credit, in->entries[from].slot);
        }
    }
    in->count = to;
    in->first_open = 0;
}

static bool is_from(const struct entry *entry, uint64_t oldest)
{
    return oldest != 0 && entry->seq >= oldest;
}

static bool is_unconfirmed(const struct entry *entry, uint64_t mark)
{
    return entry->fate == OPEN || entry->mark > mark;
}

void cw_ack_in_meet(struct cw_ack_in *in, uint64_t epoch, uint64_t oldest)
{
    cw_credit_forgive(in->credit);
    in->unmarked = 0;
    if (epoch != in->epoch) {
        filter(in, is_from, 0);
        in->epoch = epoch;
        in->received = 0;
        in->first_handle = in->last_handle + 1;
    } else {
        filter(in, is_from, oldest);
    }
    in->jump_to = in->received == 0 || oldest == 0 || oldest > in->received ? in->received + 1 : 0;
}

uint64_t cw_ack_in_epoch(const struct cw_ack_in *in)
{
    return in->epoch;
}

uint64_t cw_ack_in_received(const struct cw_ack_in *in)
{
    return in->received;
}

static void append(struct cw_ack_in *in, uint64_t seq, uint16_t slot)
{
    if (in->count == in->room) {
        in->room = in->room == 0 ? FIRST_LOT : in->room * 2;
        in->entries = realloc(in->entries, in->room * sizeof(*in->entries));
        if (in->entries == NULL) {
            abort();
        }
    }
    in->entries[in->count++] = (struct entry){.seq = seq, .slot = slot, .fate = OPEN};
}

enum cw_err cw_ack_in_take(struct cw_ack_in *in, uint64_t seq, struct cw_bytes partner,
                           uint64_t *handle)
{
    uint16_t slot;

    if (seq <= in->received) {
        *handle = 0;
        return CW_OK;
    }
    if (seq != in->received + 1 && in->jump_to == 0) {
        return CW_ERR_PROTOCOL;
    }
    if (in->count == CW_ACK_IN_MAX) {
        return CW_ERR_LIMIT;
    }
    CW_TRY(cw_credit_hold(in->credit, partner, &slot));
    append(in, seq, slot);
    if (in->jump_to != 0) {
        in->first_handle = in->last_handle + 1; /* nothing older is kept here any more */
        in->to_handle = in->first_handle - seq;
        in->jump_to = 0;
    }
    in->received = seq;
    in->last_handle = seq + in->to_handle;
    *handle = in->last_handle;
    return CW_OK;
}

/* The entry of a number, or the first after it. */
static size_t lower_bound(const struct cw_ack_in *in, uint64_t seq)
{
    size_t low = 0;
    size_t high = in->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (in->entries[middle].seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void tell(struct cw_ack_in *in, struct entry *entry)
{
    entry->mark = in->mark;
    in->unmarked++;
    cw_credit_owe(in->credit, entry->slot);
}

bool cw_ack_in_settle(struct cw_ack_in *in, uint64_t handle, enum cw_fate fate, enum cw_fail reason,
                      struct cw_frame_ack *ack)
{
    if (handle < in->first_handle || handle > in->last_handle) {
        return false;
    }

    const uint64_t seq = handle - in->to_handle;
    const size_t at = lower_bound(in, seq);

    if (at == in->count || in->entries[at].seq != seq || in->entries[at].fate != OPEN) {
        return false;
    }
    in->entries[at].fate = (uint8_t)fate;
    in->entries[at].reason = (uint8_t)reason;
    tell(in, &in->entries[at]);
    *ack = (struct cw_frame_ack){seq, fate, reason};
    return true;
}

bool cw_ack_in_taken(struct cw_ack_in *in, uint64_t handle, struct cw_frame_ack *ack)
{
    bool any = false;

    if (handle < in->first_handle) {
        return false;
    }

    const uint64_t seq = handle > in->last_handle ? in->received : handle - in->to_handle;

    while (in->first_open < in->count && in->entries[in->first_open].seq <= seq) {
        struct entry *const entry = &in->entries[in->first_open++];

        if (entry->fate == OPEN) {
            entry->fate = CW_FATE_TAKEN;
            tell(in, entry);
            any = true;
        }
    }
    *ack = (struct cw_frame_ack){seq, CW_FATE_TAKEN, CW_FAIL_NONE};
    return any;
}

bool cw_ack_in_retell(struct cw_ack_in *in, size_t *index, struct cw_frame_ack *ack)
{
    while (*index < in->count) {
        struct entry *const entry = &in->entries[(*index)++];

        if (entry->fate != OPEN) {
            tell(in, entry);
            *ack = (struct cw_frame_ack){entry->seq, (enum cw_fate)entry->fate,
                                         (enum cw_fail)entry->reason};
            return true;
        }
    }
    return false;
}

uint32_t cw_ack_in_mark(struct cw_ack_in *in)
{
    in->unmarked = 0;
    return in->mark++;
}

void cw_ack_in_confirm(struct cw_ack_in *in, uint32_t mark)
{
    filter(in, is_unconfirmed, mark);
}

size_t cw_ack_in_unmarked(const struct cw_ack_in *in)
{
    return in->unmarked;
}

size_t cw_ack_in_count(const struct cw_ack_in *in)
{
    return in->count;
}
