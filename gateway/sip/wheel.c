/* SPDX-License-Identifier: Apache-2.0 */
#include "wheel.h"

static void unlink_entry(struct cw_sip_wheel *wheel, struct cw_sip_wheel_entry *entry)
{
    if (entry->next != NULL) {
        entry->next->prev = entry->prev;
        entry->prev->next = entry->next;
        entry->next = NULL;
        entry->prev = NULL;
        wheel->count--;
    }
}

static void mark(struct cw_sip_wheel *wheel, size_t slot, bool used)
{
    const uint64_t bit = 1ull << (slot % 64);

    if (used) {
        wheel->used[slot / 64] |= bit;
    } else {
        wheel->used[slot / 64] &= ~bit;
    }
}

/* Distance from the current slot to the next one that may hold something; SLOTS if none. */
static size_t next_used(const struct cw_sip_wheel *wheel, size_t from)
{
    for (size_t step = 0; step < CW_SIP_WHEEL_SLOTS;) {
        const size_t slot = (from + step) % CW_SIP_WHEEL_SLOTS;
        const uint64_t word = wheel->used[slot / 64] >> (slot % 64);

        if (word != 0) {
            return step + (size_t)__builtin_ctzll(word);
        }
        step += 64 - slot % 64;
    }
    return CW_SIP_WHEEL_SLOTS;
}

void cw_sip_wheel_init(struct cw_sip_wheel *wheel, uint64_t now_ms)
{
    for (size_t i = 0; i < CW_SIP_WHEEL_SLOTS; i++) {
        wheel->slots[i].next = &wheel->slots[i];
        wheel->slots[i].prev = &wheel->slots[i];
        wheel->slots[i].due_ms = 0;
    }
    for (size_t i = 0; i < CW_SIP_WHEEL_SLOTS / 64; i++) {
        wheel->used[i] = 0;
    }
    wheel->tick = now_ms / CW_SIP_WHEEL_SLOT_MS;
    wheel->count = 0;
}

void cw_sip_wheel_set(struct cw_sip_wheel *wheel, struct cw_sip_wheel_entry *entry, uint64_t due_ms)
{
    unlink_entry(wheel, entry);
    entry->due_ms = due_ms;
    if (due_ms == UINT64_MAX) {
        return;
    }
    uint64_t tick = due_ms / CW_SIP_WHEEL_SLOT_MS;
    if (tick < wheel->tick) {
        tick = wheel->tick;
    }
    if (tick - wheel->tick >= CW_SIP_WHEEL_SLOTS) { /* parked in the last slot, sorted in later */
        tick = wheel->tick + CW_SIP_WHEEL_SLOTS - 1;
    }
    struct cw_sip_wheel_entry *const head = &wheel->slots[tick % CW_SIP_WHEEL_SLOTS];
    entry->prev = head->prev;
    entry->next = head;
    head->prev->next = entry;
    head->prev = entry;
    wheel->count++;
    mark(wheel, tick % CW_SIP_WHEEL_SLOTS, true);
}

/* The first entry of the current slot that is due; one parked there is sorted in again. */
static struct cw_sip_wheel_entry *due_in_slot(struct cw_sip_wheel *wheel, uint64_t now_ms)
{
    struct cw_sip_wheel_entry *const head = &wheel->slots[wheel->tick % CW_SIP_WHEEL_SLOTS];
    struct cw_sip_wheel_entry *entry = head->next;

    while (entry != head) {
        struct cw_sip_wheel_entry *const next = entry->next;

        if (entry->due_ms <= now_ms) {
            unlink_entry(wheel, entry);
            return entry;
        }
        if (entry->due_ms / CW_SIP_WHEEL_SLOT_MS != wheel->tick) {
            cw_sip_wheel_set(wheel, entry, entry->due_ms);
        }
        entry = next;
    }
    return NULL;
}

struct cw_sip_wheel_entry *cw_sip_wheel_take(struct cw_sip_wheel *wheel, uint64_t now_ms)
{
    const uint64_t now_tick = now_ms / CW_SIP_WHEEL_SLOT_MS;

    while (wheel->count != 0) {
        const size_t slot = wheel->tick % CW_SIP_WHEEL_SLOTS;
        struct cw_sip_wheel_entry *const entry = due_in_slot(wheel, now_ms);

        if (entry != NULL) {
            return entry;
        }
        if (wheel->tick >= now_tick) {
            return NULL;
        }
        if (wheel->slots[slot].next == &wheel->slots[slot]) {
            mark(wheel, slot, false);
        }
        const size_t step = 1 + next_used(wheel, (slot + 1) % CW_SIP_WHEEL_SLOTS);
        wheel->tick = wheel->tick + step < now_tick ? wheel->tick + step : now_tick;
    }
    if (wheel->tick < now_tick) {
        wheel->tick = now_tick;
    }
    return NULL;
}

uint64_t cw_sip_wheel_next_ms(const struct cw_sip_wheel *wheel)
{
    uint64_t first_ms = UINT64_MAX;

    if (wheel->count == 0) {
        return UINT64_MAX;
    }
    for (size_t from = 0; from < CW_SIP_WHEEL_SLOTS;) {
        const size_t base = (wheel->tick + from) % CW_SIP_WHEEL_SLOTS;
        const size_t step = from + next_used(wheel, base);
        if (step >= CW_SIP_WHEEL_SLOTS) {
            break;
        }
        const struct cw_sip_wheel_entry *const head =
            &wheel->slots[(wheel->tick + step) % CW_SIP_WHEEL_SLOTS];
        const uint64_t slot_end_ms = (wheel->tick + step + 1) * CW_SIP_WHEEL_SLOT_MS;

        for (const struct cw_sip_wheel_entry *e = head->next; e != head; e = e->next) {
            /* one that is parked here must be sorted in again when its slot has come */
            const uint64_t look_ms = e->due_ms < slot_end_ms ? e->due_ms : slot_end_ms;

            first_ms = look_ms < first_ms ? look_ms : first_ms;
        }
        if (first_ms != UINT64_MAX) {
            return first_ms;
        }
        from = step + 1;
    }
    return first_ms;
}
