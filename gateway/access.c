/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include <stdlib.h>

struct cw_access {
    bool federation;
    enum cw_access_verdict usual;
    struct cw_access_entry *entries; /* by name, then by weight: the first of a name decides */
    size_t count;
};

static void *take(struct cw_arena *arena, size_t size)
{
    void *const memory = cw_arena_alloc(arena, size > 0 ? size : 1);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static struct cw_bytes copy(struct cw_arena *arena, struct cw_bytes text)
{
    char *base;

    if (text.base == NULL) {
        return text;
    }
    base = take(arena, text.len);
    if (text.len > 0) {
        memcpy(base, text.base, text.len);
    }
    return (struct cw_bytes){base, text.len};
}

/* A user's own entry before those of groups; a refusal before an allowance. */
static int weight(const struct cw_access_entry *entry)
{
    return (entry->group.base != NULL ? 2 : 0) + (entry->verdict == CW_ACCESS_ALLOW ? 1 : 0);
}

static int compare_entries(const void *a, const void *b)
{
    const struct cw_access_entry *const left = a;
    const struct cw_access_entry *const right = b;
    const int order = cw_bytes_order(left->who, right->who);

    return order != 0 ? order : weight(left) - weight(right);
}

const struct cw_access *cw_access_new(const struct cw_access_rules *rules, struct cw_arena *arena)
{
    struct cw_access *const access = take(arena, sizeof(*access));

    *access = (struct cw_access){rules->federation, rules->usual, NULL, rules->count};
    access->entries = take(arena, rules->count * sizeof(*access->entries));
    for (size_t i = 0; i < rules->count; i++) {
        access->entries[i] = (struct cw_access_entry){copy(arena, rules->entries[i].who),
                                                      copy(arena, rules->entries[i].group),
                                                      rules->entries[i].verdict};
    }
    qsort(access->entries, access->count, sizeof(*access->entries), compare_entries);
    return access;
}

bool cw_access_federates(const struct cw_access *access)
{
    return access->federation;
}

/* The first entry of `who`, or NULL. */
static const struct cw_access_entry *find(const struct cw_access *access, struct cw_bytes who)
{
    size_t low = 0;
    size_t high = access->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (cw_bytes_order(access->entries[middle].who, who) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < access->count && cw_bytes_equal(access->entries[low].who, who)
               ? &access->entries[low]
               : NULL;
}

/* "@host" of an address of record; absent if it has no user. */
static struct cw_bytes domain_of(struct cw_bytes aor)
{
    const char *const at = aor.len == 0 ? NULL : memchr(aor.base, '@', aor.len);

    return at == NULL ? (struct cw_bytes){0}
                      : (struct cw_bytes){at, aor.len - (size_t)(at - aor.base)};
}

struct cw_access_answer cw_access_of(const struct cw_access *access, struct cw_bytes aor)
{
    const struct cw_access_entry *entry = find(access, aor);

    if (entry == NULL) {
        entry = find(access, domain_of(aor));
    }
    if (entry == NULL) {
        return (struct cw_access_answer){.verdict = access->usual};
    }
    return (struct cw_access_answer){
        .verdict = entry->verdict, .group = entry->group, .own_entry = entry->group.base == NULL};
}

bool cw_access_entitled(const struct cw_access *access, struct cw_bytes aor)
{
    return cw_access_of(access, aor).verdict == CW_ACCESS_ALLOW;
}
