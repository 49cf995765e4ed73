/* SPDX-License-Identifier: Apache-2.0 */
#include "presence_cache.h"

#include <stdlib.h>

struct entry {
    struct cw_presence presence;
    void *block; /* statuses and texts of presence */
};

struct cw_presence_cache {
    struct entry *entries;
    struct entry *absence; /* NULL if nothing was said */
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

/* `text` in at most `room` octets, cut between characters. */
static struct cw_bytes cut(struct cw_bytes text, size_t room)
{
    size_t len = text.len < room ? text.len : room;

    while (len < text.len && len > 0 && ((unsigned char)text.base[len] & 0xC0u) == 0x80u) {
        len--;
    }
    return (struct cw_bytes){text.base, len};
}

/* As many of the texts as may be kept, in `items`; the first one whatever its length. */
static struct cw_text_list bounded(const struct cw_text_list *texts,
                                   struct cw_text items[CW_TEXTS_MAX])
{
    size_t room = CW_PRESENCE_TEXT_MAX;
    size_t count = 0;

    for (size_t i = 0; i < texts->count && count < CW_TEXTS_MAX; i++) {
        const struct cw_text *const at = &texts->items[i];
        const size_t left = at->lang.len < room ? room - at->lang.len : 0;
        const struct cw_bytes text = count == 0 ? cut(at->text, left) : at->text;

        if (text.len > 0 && text.len <= left) {
            items[count++] = (struct cw_text){text, at->lang};
            room = left - text.len;
        }
    }
    return (struct cw_text_list){items, count};
}

static size_t size_of(const struct cw_presence *presence)
{
    size_t size = presence->statuses.count * sizeof(struct cw_text) + presence->resource.len +
                  presence->stamp.len + presence->idle_since.len + 1;

    for (size_t i = 0; i < presence->statuses.count; i++) {
        size += presence->statuses.items[i].text.len + presence->statuses.items[i].lang.len;
    }
    return size;
}

/* `from` is bounded. */
static void fill(struct entry *entry, const struct cw_presence *from)
{
    struct cw_text *const items = malloc(size_of(from));
    char *end;

    if (items == NULL) {
        abort();
    }
    end = (char *)(items + from->statuses.count);
    entry->block = items;
    entry->presence = *from;
    for (size_t i = 0; i < from->statuses.count; i++) {
        items[i].text = keep(&end, from->statuses.items[i].text);
        items[i].lang = keep(&end, from->statuses.items[i].lang);
    }
    entry->presence.statuses.items = items;
    entry->presence.resource = keep(&end, from->resource);
    entry->presence.stamp = keep(&end, from->stamp);
    entry->presence.idle_since = keep(&end, from->idle_since);
}

static void forget_absence(struct cw_presence_cache *cache)
{
    if (cache->absence != NULL) {
        free(cache->absence->block);
    }
    free(cache->absence);
    cache->absence = NULL;
}

static void take_out(struct cw_presence_cache *cache, size_t index)
{
    free(cache->entries[index].block);
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

static bool same_texts(const struct cw_text_list *a, const struct cw_text_list *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!cw_bytes_equal(a->items[i].text, b->items[i].text) ||
            !cw_bytes_equal(a->items[i].lang, b->items[i].lang)) {
            return false;
        }
    }
    return true;
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
           same_texts(&a->statuses, &b->statuses) && cw_bytes_equal(a->idle_since, b->idle_since) &&
           a->caps == b->caps;
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

/* `presence` is bounded. */
static bool put(struct cw_presence_cache *cache, const struct cw_presence *presence)
{
    const size_t at = place_of(cache, presence->resource);

    if (at < cache->count) {
        const bool changed = !same(&cache->entries[at].presence, presence);

        if (changed) {
            const struct entry old = cache->entries[at];

            fill(&cache->entries[at], presence); /* `presence` may borrow from the old one */
            free(old.block);
        }
        return changed;
    }
    if (cache->count >= CW_PRESENCE_CACHE_MAX || (!presence->available && cache->count != 0)) {
        return false;
    }
    append(cache, presence);
    return true;
}

bool cw_presence_cache_put(struct cw_presence_cache *cache, const struct cw_presence *presence)
{
    struct cw_text items[CW_TEXTS_MAX];
    struct cw_presence kept = *presence;

    if (!presence->available && presence->resource.len == 0) {
        return close_all(cache);
    }
    kept.statuses = bounded(&presence->statuses, items);
    return put(cache, &kept);
}

void cw_presence_cache_add_closed(struct cw_presence_cache *cache,
                                  const struct cw_presence *presence)
{
    struct cw_text items[CW_TEXTS_MAX];
    struct cw_presence kept = *presence;

    if (cache->count < CW_PRESENCE_CACHE_MAX &&
        place_of(cache, presence->resource) == cache->count) {
        kept.available = false;
        kept.statuses = bounded(&presence->statuses, items);
        append(cache, &kept);
    }
}

void cw_presence_cache_set_absence(struct cw_presence_cache *cache,
                                   const struct cw_presence *absence)
{
    struct cw_text items[CW_TEXTS_MAX];
    struct cw_presence kept = {.statuses = bounded(&absence->statuses, items)};

    forget_absence(cache);
    if (kept.statuses.count != 0) {
        cache->absence = calloc(1, sizeof(*cache->absence));
        if (cache->absence == NULL) {
            abort();
        }
        fill(cache->absence, &kept);
    }
}

struct cw_presence cw_presence_cache_absence(const struct cw_presence_cache *cache)
{
    return cache->absence != NULL ? cache->absence->presence : (struct cw_presence){0};
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
    forget_absence(cache);
}

/* What is said of a resource that is not there any more, and whose place in `known` is `at`: by
 * itself, else of the user as a whole when nothing of him is left (PRES-36). */
static struct cw_text_list last_words(const struct cw_presence_cache *known, size_t at)
{
    if (at < known->count) {
        return known->entries[at].presence.statuses;
    }
    return known->absence != NULL && !cw_presence_cache_is_open(known)
               ? known->absence->presence.statuses
               : (struct cw_text_list){0};
}

/* An open resource that was shown and is not known as open any more. */
static bool gone(const struct cw_presence_cache *known, struct cw_presence_cache *shown,
                 struct cw_presence *out)
{
    for (size_t i = 0; i < shown->count; i++) {
        struct cw_presence *const was = &shown->entries[i].presence;
        const size_t at = place_of(known, was->resource);
        const bool there = at < known->count && known->entries[at].presence.available;

        if (was->available && !there) {
            *out =
                (struct cw_presence){.resource = was->resource, .statuses = last_words(known, at)};
            was->available = false;
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
