/* SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include "table.h"

#include <stdlib.h>

struct entry {
    uint32_t count;
    char name[];
};

struct cw_tally {
    struct cw_table *entries;
};

struct cw_tally *cw_tally_new(const uint64_t key[2])
{
    struct cw_tally *tally = calloc(1, sizeof(*tally));

    if (tally == NULL) {
        abort();
    }
    tally->entries = cw_table_new(key);
    return tally;
}

void cw_tally_free(struct cw_tally **tally)
{
    struct entry *entry;
    size_t cursor = 0;

    if (*tally == NULL) {
        return;
    }
    while ((entry = cw_table_next((*tally)->entries, &cursor)) != NULL) {
        free(entry);
    }
    cw_table_free(&(*tally)->entries);
    free(*tally);
    *tally = NULL;
}

static struct entry *add(struct cw_tally *tally, struct cw_bytes name)
{
    struct entry *entry = calloc(1, sizeof(*entry) + name.len + 1);

    if (entry == NULL) {
        abort();
    }
    memcpy(entry->name, name.base, name.len);
    cw_table_add(tally->entries, (struct cw_bytes){entry->name, name.len}, entry);
    return entry;
}

void cw_tally_more(struct cw_tally *tally, struct cw_bytes name)
{
    struct entry *entry = cw_table_find(tally->entries, name);

    if (entry == NULL && name.base != NULL) {
        entry = add(tally, name);
    }
    if (entry != NULL) {
        entry->count++;
    }
}

void cw_tally_less(struct cw_tally *tally, struct cw_bytes name)
{
    struct entry *entry = cw_table_find(tally->entries, name);

    if (entry != NULL && --entry->count == 0) {
        (void)cw_table_remove(tally->entries, name);
        free(entry);
    }
}

uint32_t cw_tally_of(const struct cw_tally *tally, struct cw_bytes name)
{
    const struct entry *entry = cw_table_find(tally->entries, name);

    return entry != NULL ? entry->count : 0;
}
