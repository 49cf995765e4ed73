/* SPDX-License-Identifier: Apache-2.0 */
#include "presence_cache.h"

#include <stdlib.h>

struct entry {
    struct cw_presence presence;
    char *texts; /* of presence, in one block */
};

struct cw_presence_cache {
    struct entry *entries;
    uint16_t count;
    uint16_t room; /* most users have one resource: an entry is made when it is needed */
};

struct cw_presence_cache *cw_presence_cache_new(void)
{
    struct cw_presence_cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL) {
        abort();
    }
    return cache;
}

void cw_presence_cache_free(struct cw_presence_cache **cache)
{
    if (*cache != NULL) {
        cw_presence_cache_clear(*cache);
        free((*cache)->entries);
    }
    free(*cache);
    *cache = NULL;
}

/* Copies `from` behind `*end`; an absent run stays absent. */
static struct cw_bytes keep(char **end, struct cw_bytes from)
{
    const struct cw_bytes kept = {from.base == NULL ? NULL : *end, from.len};

    if (from.base != NULL) {
        memcpy(*end, from.base, from.len);
        *end += from.len;
    }
    return kept;
}

static void fill(struct entry *entry, const struct cw_presence *from)
{
    char *end =
        malloc(from->resource.len + from->status.len + from->lang.len + from->stamp.len + 1);

    if (end == NULL) {
        abort();
    }
    entry->texts = end;
    entry->presence = *from;
    entry->presence.resource = keep(&end, from->resource);
    entry->presence.status = keep(&end, from->status);
    entry->presence.lang = keep(&end, from->lang);
    entry->presence.stamp = keep(&end, from->stamp);
}

static void take_out(struct cw_presence_cache *cache, size_t index)
{
    free(cache->entries[index].texts);
    cache->count = (uint16_t)(cache->count - 1);
    memmove(&cache->entries[index], &cache->entries[index + 1],
            (cache->count - index) * sizeof(struct entry));
}

static size_t place_of(const struct cw_presence_cache *cache, struct cw_bytes resource)
{
    size_t i = 0;

    while (i < cache->count && !cw_bytes_equal(cache->entries[i].presence.resource, resource)) {
        i++;
    }
    return i;
}

static bool same(const struct cw_presence *a, const struct cw_presence *b)
{
    if (a->available != b->available) {
        return false;
    }
    if (!a->available) {
        return true;
    }
    return a->show == b->show && a->has_priority == b->has_priority &&
           (!a->has_priority || a->priority == b->priority) &&
           cw_bytes_equal(a->status, b->status) && cw_bytes_equal(a->lang, b->lang);
}

static void append(struct cw_presence_cache *cache, const struct cw_presence *presence)
{
    if (cache->count == cache->room) {
        cache->room = (uint16_t)(cache->room * 2 + 1);
        cache->entries = realloc(cache->entries, cache->room * sizeof(struct entry));
        if (cache->entries == NULL) {
            abort();
        }
    }
    fill(&cache->entries[cache->count], presence);
    cache->count = (uint16_t)(cache->count + 1);
}

static bool close_all(struct cw_presence_cache *cache)
{
    bool changed = false;

    for (size_t i = 0; i < cache->count; i++) {
        changed = changed || cache->entries[i].presence.available;
        cache->entries[i].presence.available = false;
    }
    return changed;
}

size_t cw_presence_cache_count(const struct cw_presence_cache *cache)
{
    return cache->count;
}

const struct cw_presence *cw_presence_cache_at(const struct cw_presence_cache *cache, size_t index)
{
    return &cache->entries[index].presence;
}

const struct cw_presence *cw_presence_cache_find(const struct cw_presence_cache *cache,
                                                 struct cw_bytes resource)
{
    const size_t at = place_of(cache, resource);

    return at < cache->count ? &cache->entries[at].presence : NULL;
}

bool cw_presence_cache_is_open(const struct cw_presence_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++) {
        if (cache->entries[i].presence.available) {
            return true;
        }
    }
    return false;
}

bool cw_presence_cache_put(struct cw_presence_cache *cache, const struct cw_presence *presence)
{
    const size_t at = place_of(cache, presence->resource);

    if (!presence->available && presence->resource.len == 0) {
        return close_all(cache);
    }
    if (at < cache->count) {
        const bool changed = !same(&cache->entries[at].presence, presence);

        if (changed) {
            const struct entry old = cache->entries[at];

            fill(&cache->entries[at], presence); /* `presence` may borrow from the old one */
            free(old.texts);
        }
        return changed;
    }
    if (cache->count >= CW_PRESENCE_CACHE_MAX || (!presence->available && cache->count != 0)) {
        return false;
    }
    append(cache, presence);
    return true;
}

void cw_presence_cache_settle(struct cw_presence_cache *cache)
{
    const bool open = cw_presence_cache_is_open(cache);
    size_t i = 0;

    while (i < cache->count) {
        if (!cache->entries[i].presence.available && (open || cache->count > 1)) {
            take_out(cache, i);
        } else {
            i++;
        }
    }
}

void cw_presence_cache_clear(struct cw_presence_cache *cache)
{
    while (cache->count > 0) {
        take_out(cache, cache->count - 1);
    }
}

/* An open resource that was shown and is not known as open any more. */
static bool gone(const struct cw_presence_cache *known, struct cw_presence_cache *shown,
                 struct cw_presence *out)
{
    for (size_t i = 0; i < shown->count; i++) {
        const struct cw_presence *now =
            cw_presence_cache_find(known, shown->entries[i].presence.resource);

        if (shown->entries[i].presence.available && (now == NULL || !now->available)) {
            shown->entries[i].presence.available = false;
            *out = (struct cw_presence){.resource = shown->entries[i].presence.resource};
            return true;
        }
    }
    return false;
}

bool cw_presence_cache_differs(const struct cw_presence_cache *known,
                               struct cw_presence_cache *shown, struct cw_presence *out)
{
    if (gone(known, shown, out)) {
        return true;
    }
    for (size_t i = shown->count; i > 0; i--) {
        if (!shown->entries[i - 1].presence.available) {
            take_out(shown, i - 1);
        }
    }
    for (size_t i = 0; i < known->count; i++) {
        const struct cw_presence *entry = &known->entries[i].presence;

        if (entry->available && cw_presence_cache_put(shown, entry)) {
            *out = *entry;
            return true;
        }
    }
    return false;
}

void cw_presence_cache_show_again(struct cw_presence_cache *shown,
                                  const struct cw_presence_cache *known)
{
    for (size_t i = shown->count; i > 0; i--) {
        const struct cw_presence *now =
            cw_presence_cache_find(known, shown->entries[i - 1].presence.resource);

        if (now != NULL && now->available) {
            take_out(shown, i - 1);
        }
    }
}

void cw_presence_cache_unshow(struct cw_presence_cache *shown, const struct cw_presence *difference)
{
    const size_t at = place_of(shown, difference->resource);

    if (at == shown->count) {
        return;
    }
    if (difference->available) {
        take_out(shown, at);
    } else {
        shown->entries[at].presence.available = true;
    }
}
