/* SPDX-License-Identifier: Apache-2.0 */
#include "quarantine.h"

#include "table.h"

#include <stdlib.h>

#define SETS 512u
#define WAYS 8u

/* One who was refused; 0 has never been used. */
struct suspect {
    uint64_t hash;
    uint64_t since_ms;
    uint32_t refusals;
};

/* One who is in it, or was within a day. */
struct entry {
    enum cw_quarantine_scope scope;
    bool inside;
    unsigned times;
    uint64_t since_ms;
    uint64_t until_ms;
    uint64_t told_ms; /* 0: never */
    size_t len;
    char who[];
};

struct cw_quarantine {
    uint64_t key[2];
    struct cw_table *entries; /* by who */
    size_t counts[CW_QUARANTINE_SCOPES];
    struct suspect suspects[SETS][WAYS];
};

struct cw_quarantine *cw_quarantine_new(const uint64_t key[2])
{
    struct cw_quarantine *const quarantine = calloc(1, sizeof(*quarantine));

    if (quarantine == NULL) {
        abort();
    }
    quarantine->key[0] = key[0];
    quarantine->key[1] = key[1];
    quarantine->entries = cw_table_new(key);
    return quarantine;
}

void cw_quarantine_free(struct cw_quarantine **quarantine)
{
    struct entry *entry;
    size_t cursor = 0;

    if (*quarantine == NULL) {
        return;
    }
    while ((entry = cw_table_next((*quarantine)->entries, &cursor)) != NULL) {
        free(entry);
    }
    cw_table_free(&(*quarantine)->entries);
    free(*quarantine);
    *quarantine = NULL;
}

static struct cw_bytes name_of(const struct entry *entry)
{
    return (struct cw_bytes){entry->who, entry->len};
}

static struct cw_quarantine_row row_of(const struct entry *entry)
{
    return (struct cw_quarantine_row){
        .who = name_of(entry),
        .scope = entry->scope,
        .since_ms = entry->since_ms,
        .until_ms = entry->until_ms,
        .times = entry->times,
    };
}

static void forget(struct cw_quarantine *quarantine, struct entry *entry)
{
    (void)cw_table_remove(quarantine->entries, name_of(entry));
    if (entry->inside) {
        quarantine->counts[entry->scope]--;
    }
    free(entry);
}

/* ---- suspects ---- */

static bool is_stale(const struct suspect *suspect, uint64_t now_ms)
{
    return now_ms - suspect->since_ms >= CW_QUARANTINE_WINDOW_MS;
}

/* The place of `hash`, or the one of its set that has the least against it. */
static struct suspect *place_of(struct suspect *set, uint64_t hash, uint64_t now_ms)
{
    struct suspect *least = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].hash == hash) {
            return &set[i];
        }
        if (is_stale(&set[i], now_ms) ||
            (!is_stale(least, now_ms) && set[i].refusals < least->refusals)) {
            least = &set[i];
        }
    }
    return least;
}

/* One more refusal. @return true: that is enough */
static bool is_enough(struct cw_quarantine *quarantine, enum cw_quarantine_scope scope,
                      struct cw_bytes who, uint64_t now_ms)
{
    static const uint32_t ENOUGH[CW_QUARANTINE_SCOPES] = {CW_QUARANTINE_USER_REFUSALS,
                                                          CW_QUARANTINE_PARTNER_REFUSALS};
    const uint64_t hash = cw_table_hash(quarantine->key, who) | 1u;
    struct suspect *const found = place_of(quarantine->suspects[hash % SETS], hash, now_ms);

    if (found->hash != hash || is_stale(found, now_ms)) {
        *found = (struct suspect){.hash = hash, .since_ms = now_ms};
    }
    found->refusals++;
    if (found->refusals < ENOUGH[scope]) {
        return false;
    }
    *found = (struct suspect){0};
    return true;
}

/* ---- quarantine ---- */

/* Would `a` rather be given up than `b`: who is out before who is in, users before partners. */
static bool goes_before(const struct entry *a, const struct entry *b)
{
    if (a->inside != b->inside) {
        return !a->inside;
    }
    if (a->scope != b->scope) {
        return a->scope == CW_QUARANTINE_USER;
    }
    return a->until_ms < b->until_ms;
}

static void make_room(struct cw_quarantine *quarantine)
{
    struct entry *out = NULL;
    struct entry *entry;
    size_t cursor = 0;

    if (cw_table_count(quarantine->entries) < CW_QUARANTINE_MAX) {
        return;
    }
    while ((entry = cw_table_next(quarantine->entries, &cursor)) != NULL) {
        if (out == NULL || goes_before(entry, out)) {
            out = entry;
        }
    }
    if (out != NULL) {
        forget(quarantine, out);
    }
}

static struct entry *entry_of(struct cw_quarantine *quarantine, struct cw_bytes who)
{
    struct entry *entry = cw_table_find(quarantine->entries, who);

    if (entry != NULL) {
        return entry;
    }
    make_room(quarantine);
    entry = calloc(1, sizeof(*entry) + who.len);
    if (entry == NULL) {
        abort();
    }
    entry->len = who.len;
    memcpy(entry->who, who.base, who.len);
    cw_table_add(quarantine->entries, name_of(entry), entry);
    return entry;
}

static uint64_t length_ms(unsigned times)
{
    uint64_t length = CW_QUARANTINE_FIRST_MS;

    for (unsigned i = 1; i < times && length < CW_QUARANTINE_LONGEST_MS; i++) {
        length *= 2;
    }
    return length < CW_QUARANTINE_LONGEST_MS ? length : CW_QUARANTINE_LONGEST_MS;
}

bool cw_quarantine_blame(struct cw_quarantine *quarantine, enum cw_quarantine_scope scope,
                         struct cw_bytes who, uint64_t now_ms, struct cw_quarantine_row *out)
{
    struct entry *entry;

    if (cw_quarantine_holds(quarantine, who, now_ms) ||
        !is_enough(quarantine, scope, who, now_ms)) {
        return false;
    }
    entry = entry_of(quarantine, who);
    if (now_ms - entry->until_ms > CW_QUARANTINE_LONGEST_MS) {
        entry->times = 0;
    }
    if (!entry->inside) {
        quarantine->counts[scope]++;
    }
    entry->inside = true;
    entry->scope = scope;
    entry->times++;
    entry->told_ms = 0;
    entry->since_ms = now_ms;
    entry->until_ms = now_ms + length_ms(entry->times);
    *out = row_of(entry);
    return true;
}

bool cw_quarantine_holds(const struct cw_quarantine *quarantine, struct cw_bytes who,
                         uint64_t now_ms)
{
    const struct entry *const entry = cw_table_find(quarantine->entries, who);

    return entry != NULL && entry->inside && entry->until_ms > now_ms;
}

bool cw_quarantine_may_tell(struct cw_quarantine *quarantine, struct cw_bytes who, uint64_t now_ms)
{
    struct entry *const entry = cw_table_find(quarantine->entries, who);

    if (entry == NULL || (entry->told_ms != 0 && now_ms - entry->told_ms < CW_QUARANTINE_TELL_MS)) {
        return false;
    }
    entry->told_ms = now_ms;
    return true;
}

bool cw_quarantine_release(struct cw_quarantine *quarantine, struct cw_bytes who, uint64_t now_ms)
{
    const bool inside = cw_quarantine_holds(quarantine, who, now_ms);

    if (inside) {
        forget(quarantine, cw_table_find(quarantine->entries, who));
    }
    return inside;
}

bool cw_quarantine_end(struct cw_quarantine *quarantine, uint64_t now_ms,
                       struct cw_quarantine_row *out)
{
    struct entry *entry;
    size_t cursor = 0;

    while ((entry = cw_table_next(quarantine->entries, &cursor)) != NULL) {
        if (entry->inside && entry->until_ms <= now_ms) {
            entry->inside = false;
            quarantine->counts[entry->scope]--;
            *out = row_of(entry);
            return true;
        }
    }
    return false;
}

uint64_t cw_quarantine_next_ms(const struct cw_quarantine *quarantine)
{
    const struct entry *entry;
    uint64_t next_ms = UINT64_MAX;
    size_t cursor = 0;

    while ((entry = cw_table_next(quarantine->entries, &cursor)) != NULL) {
        if (entry->inside && entry->until_ms < next_ms) {
            next_ms = entry->until_ms;
        }
    }
    return next_ms;
}

void cw_quarantine_visit(const struct cw_quarantine *quarantine, cw_quarantine_visit_fn *visit,
                         void *user)
{
    const struct entry *entry;
    size_t cursor = 0;

    while ((entry = cw_table_next(quarantine->entries, &cursor)) != NULL) {
        if (entry->inside) {
            const struct cw_quarantine_row row = row_of(entry);

            visit(&row, user);
        }
    }
}

size_t cw_quarantine_count(const struct cw_quarantine *quarantine, enum cw_quarantine_scope scope)
{
    return quarantine->counts[scope];
}
