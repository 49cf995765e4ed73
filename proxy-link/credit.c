/* SPDX-License-Identifier: Apache-2.0 */
#include "credit.h"

#include <stdlib.h>

#define BUCKETS   1024u
#define NOWHERE   CW_CREDIT_NO_SLOT
#define FIRST_LOT 16u

struct slot {
    char name[CW_FRAME_MAX_NAME];
    uint8_t name_len;
    bool live;
    uint32_t held; /* stanzas that name this slot: it stays while there are any */
    uint32_t used;
    uint32_t owed;
    uint32_t wake_below; /* waiting until `used` is below; 0: not waiting for that */
    bool wants_room;     /* waiting for room in the session */
    uint16_t next;       /* in its bucket, or in the free list */
};

struct cw_credit {
    uint16_t buckets[BUCKETS];
    struct slot *slots;
    size_t count; /* slots that were ever used */
    size_t room;
    uint16_t free_slot;
    size_t wanting_room;
    bool ready;        /* a waiting slot may have come below its limit */
    uint16_t *debtors; /* slots with owed > 0, in order of their first debt; as many as slots */
    size_t debtor_count;
    char last_name[CW_FRAME_MAX_NAME]; /* what the last wake or pay handed out */
};

/* FNV-1a: names come from authenticated nodes, and the table is small. */
static size_t bucket_of(struct cw_bytes name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (uint8_t)name.base[i]) * 16777619u;
    }
    return hash % BUCKETS;
}

static struct cw_bytes name_of(const struct slot *slot)
{
    return (struct cw_bytes){slot->name, slot->name_len};
}

static void *enlarge(void *array, size_t size)
{
    void *const larger = realloc(array, size);

    if (larger == NULL) {
        abort();
    }
    return larger;
}

struct cw_credit *cw_credit_new(void)
{
    struct cw_credit *const credit = calloc(1, sizeof(*credit));

    if (credit == NULL) {
        abort();
    }
    memset(credit->buckets, 0xff, sizeof(credit->buckets));
    credit->free_slot = NOWHERE;
    return credit;
}

void cw_credit_free(struct cw_credit **credit)
{
    if (*credit != NULL) {
        free((*credit)->slots);
        free((*credit)->debtors);
        free(*credit);
        *credit = NULL;
    }
}

uint16_t cw_credit_find(const struct cw_credit *credit, struct cw_bytes partner)
{
    uint16_t at = credit->buckets[bucket_of(partner)];

    while (at != NOWHERE && !cw_bytes_equal(name_of(&credit->slots[at]), partner)) {
        at = credit->slots[at].next;
    }
    return at;
}

static uint16_t unused_slot(struct cw_credit *credit)
{
    if (credit->free_slot != NOWHERE) {
        const uint16_t at = credit->free_slot;

        credit->free_slot = credit->slots[at].next;
        return at;
    }
    if (credit->count == CW_CREDIT_MAX_PARTNERS) {
        return NOWHERE;
    }
    if (credit->count == credit->room) {
        credit->room = credit->room == 0 ? FIRST_LOT : credit->room * 2;
        credit->slots = enlarge(credit->slots, credit->room * sizeof(*credit->slots));
        credit->debtors = enlarge(credit->debtors, credit->room * sizeof(*credit->debtors));
    }
    return (uint16_t)credit->count++;
}

/* Finds or makes; NOWHERE when the table is full or the name is too long. */
static uint16_t slot_for(struct cw_credit *credit, struct cw_bytes partner)
{
    uint16_t at = cw_credit_find(credit, partner);

    if (at != NOWHERE || partner.len == 0 || partner.len > CW_FRAME_MAX_NAME) {
        return at;
    }
    at = unused_slot(credit);
    if (at != NOWHERE) {
        struct slot *const slot = &credit->slots[at];
        uint16_t *const bucket = &credit->buckets[bucket_of(partner)];

        *slot = (struct slot){.name_len = (uint8_t)partner.len, .live = true, .next = *bucket};
        memcpy(slot->name, partner.base, partner.len);
        *bucket = at;
    }
    return at;
}

static void free_if_idle(struct cw_credit *credit, uint16_t at)
{
    struct slot *const slot = &credit->slots[at];

    if (!slot->live || slot->held > 0 || slot->used > 0 || slot->owed > 0 || slot->wake_below > 0 ||
        slot->wants_room) {
        return;
    }

    uint16_t *link = &credit->buckets[bucket_of(name_of(slot))];

    while (*link != at) {
        link = &credit->slots[*link].next;
    }
    *link = slot->next;
    slot->live = false;
    slot->next = credit->free_slot;
    credit->free_slot = at;
}

enum cw_err cw_credit_take(struct cw_credit *credit, struct cw_bytes partner, uint32_t limit,
                           uint16_t *slot)
{
    const uint16_t at = slot_for(credit, partner);

    if (at == NOWHERE) {
        return CW_ERR_BUSY;
    }
    if (credit->slots[at].used >= limit) {
        struct slot *const slot_at = &credit->slots[at];

        slot_at->wake_below = limit > slot_at->wake_below ? limit : slot_at->wake_below;
        return CW_ERR_BUSY;
    }
    credit->slots[at].used++;
    credit->slots[at].held++;
    *slot = at;
    return CW_OK;
}

void cw_credit_wait(struct cw_credit *credit, struct cw_bytes partner)
{
    const uint16_t at = slot_for(credit, partner);

    if (at != NOWHERE && !credit->slots[at].wants_room) {
        credit->slots[at].wants_room = true;
        credit->wanting_room++;
    }
}

void cw_credit_give(struct cw_credit *credit, uint16_t slot, uint32_t count)
{
    struct slot *const entry = &credit->slots[slot];

    entry->used -= count < entry->used ? count : entry->used;
    credit->ready = credit->ready || entry->used < entry->wake_below;
    free_if_idle(credit, slot);
}

/* Keeps the name alive after its slot has gone. */
static struct cw_bytes hand_out(struct cw_credit *credit, const struct slot *slot)
{
    memcpy(credit->last_name, slot->name, slot->name_len);
    return (struct cw_bytes){credit->last_name, slot->name_len};
}

static bool may_go_on(const struct slot *slot, bool room)
{
    return slot->live && (slot->used < slot->wake_below || (slot->wants_room && room));
}

bool cw_credit_wake(struct cw_credit *credit, bool room, size_t *index, struct cw_bytes *partner)
{
    if (*index == 0 && !credit->ready && (!room || credit->wanting_room == 0)) {
        return false;
    }
    while (*index < credit->count) {
        const uint16_t at = (uint16_t)(*index)++;
        struct slot *const slot = &credit->slots[at];

        if (may_go_on(slot, room)) {
            credit->wanting_room -= slot->wants_room ? 1 : 0;
            slot->wants_room = false;
            slot->wake_below = 0;
            *partner = hand_out(credit, slot);
            free_if_idle(credit, at);
            return true;
        }
    }
    credit->ready = false; /* the whole pass has found no more */
    return false;
}

void cw_credit_restart(struct cw_credit *credit)
{
    for (size_t i = 0; i < credit->count; i++) {
        credit->slots[i].used = credit->slots[i].held;
        credit->ready = true;
        free_if_idle(credit, (uint16_t)i);
    }
}

enum cw_err cw_credit_hold(struct cw_credit *credit, struct cw_bytes partner, uint16_t *slot)
{
    const uint16_t at = slot_for(credit, partner);

    if (at == NOWHERE) {
        return CW_ERR_LIMIT;
    }
    credit->slots[at].held++;
    *slot = at;
    return CW_OK;
}

void cw_credit_release(struct cw_credit *credit, uint16_t slot)
{
    credit->slots[slot].held--;
    free_if_idle(credit, slot);
}

void cw_credit_owe(struct cw_credit *credit, uint16_t slot)
{
    if (credit->slots[slot].owed++ == 0) {
        credit->debtors[credit->debtor_count++] = slot;
    }
}

bool cw_credit_pay(struct cw_credit *credit, struct cw_frame_credit *out)
{
    if (credit->debtor_count == 0) {
        return false;
    }

    const uint16_t at = credit->debtors[--credit->debtor_count];
    struct slot *const slot = &credit->slots[at];

    *out = (struct cw_frame_credit){hand_out(credit, slot), slot->owed};
    slot->owed = 0;
    free_if_idle(credit, at);
    return true;
}

void cw_credit_forgive(struct cw_credit *credit)
{
    struct cw_frame_credit paid;

    while (cw_credit_pay(credit, &paid)) {
    }
}

uint32_t cw_credit_used(const struct cw_credit *credit, struct cw_bytes partner)
{
    const uint16_t at = cw_credit_find(credit, partner);

    return at == NOWHERE ? 0 : credit->slots[at].used;
}
