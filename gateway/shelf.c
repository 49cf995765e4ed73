/* SPDX-License-Identifier: Apache-2.0 */
#include "shelf.h"

#include "table.h"

#include <stdlib.h>

/* The record comes first behind it, the key behind the record. */
struct item {
    struct item *older, *newer;
    struct cw_bytes key;
    uint64_t put_ms;
    max_align_t record[];
};

struct cw_shelf {
    struct cw_table *items;
    struct item *oldest, *newest;
    size_t max;
    uint64_t ttl_ms;
    cw_shelf_gone_fn *gone;
    void *user;
};

struct cw_shelf *cw_shelf_new(const uint64_t hash_key[2], size_t max, uint64_t ttl_ms,
                              cw_shelf_gone_fn *gone, void *user)
{
    struct cw_shelf *shelf = calloc(1, sizeof(*shelf));

    if (shelf == NULL) {
        abort();
    }
    shelf->items = cw_table_new(hash_key);
    shelf->max = max;
    shelf->ttl_ms = ttl_ms;
    shelf->gone = gone;
    shelf->user = user;
    return shelf;
}

static void drop(struct cw_shelf *shelf, struct item *item)
{
    if (item->older != NULL) {
        item->older->newer = item->newer;
    } else {
        shelf->oldest = item->newer;
    }
    if (item->newer != NULL) {
        item->newer->older = item->older;
    } else {
        shelf->newest = item->older;
    }
    (void)cw_table_remove(shelf->items, item->key);
    if (shelf->gone != NULL) {
        shelf->gone(item->record, shelf->user);
    }
    free(item);
}

void cw_shelf_free(struct cw_shelf **shelf)
{
    if (*shelf == NULL) {
        return;
    }
    for (struct item *at = (*shelf)->oldest; at != NULL;) {
        struct item *const newer = at->newer;

        drop(*shelf, at);
        at = newer;
    }
    cw_table_free(&(*shelf)->items);
    free(*shelf);
    *shelf = NULL;
}

static bool is_old(const struct cw_shelf *shelf, const struct item *item, uint64_t now_ms)
{
    return now_ms - item->put_ms >= shelf->ttl_ms && now_ms >= item->put_ms;
}

static void make_room(struct cw_shelf *shelf, uint64_t now_ms)
{
    for (struct item *at = shelf->oldest;
         at != NULL && (cw_table_count(shelf->items) >= shelf->max || is_old(shelf, at, now_ms));) {
        struct item *const newer = at->newer;

        drop(shelf, at);
        at = newer;
    }
}

void *cw_shelf_put(struct cw_shelf *shelf, struct cw_bytes key, size_t size, uint64_t now_ms)
{
    const size_t units = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t);
    struct item *item = calloc(1, sizeof(*item) + units * sizeof(max_align_t) + key.len);
    char *text;

    if (item == NULL) {
        abort();
    }
    cw_shelf_remove(shelf, key);
    make_room(shelf, now_ms);
    text = (char *)(item->record + units);
    memcpy(text, key.base, key.len);
    item->key = (struct cw_bytes){text, key.len};
    item->put_ms = now_ms;
    item->older = shelf->newest;
    if (shelf->newest != NULL) {
        shelf->newest->newer = item;
    } else {
        shelf->oldest = item;
    }
    shelf->newest = item;
    cw_table_add(shelf->items, item->key, item);
    return item->record;
}

void *cw_shelf_find(struct cw_shelf *shelf, struct cw_bytes key, uint64_t now_ms)
{
    struct item *item = cw_table_find(shelf->items, key);

    if (item != NULL && is_old(shelf, item, now_ms)) {
        drop(shelf, item);
        return NULL;
    }
    return item != NULL ? item->record : NULL;
}

void cw_shelf_remove(struct cw_shelf *shelf, struct cw_bytes key)
{
    struct item *item = cw_table_find(shelf->items, key);

    if (item != NULL) {
        drop(shelf, item);
    }
}

size_t cw_shelf_count(const struct cw_shelf *shelf)
{
    return cw_table_count(shelf->items);
}
