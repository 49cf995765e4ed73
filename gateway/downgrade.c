/* SPDX-License-Identifier: Apache-2.0 */
#include "downgrade.h"

#include "table.h"

#include <stdlib.h>

/* The methods of enum cw_method stand from the best to the weakest. */
struct entry {
    enum cw_method best;
    enum cw_method told; /* the weakest that an alarm was raised for */
    size_t len;
    char key[]; /* direction and domain */
};

struct cw_downgrade {
    struct cw_table *entries;
};

struct cw_downgrade *cw_downgrade_new(const uint64_t key[2])
{
    struct cw_downgrade *const memory = calloc(1, sizeof(*memory));

    if (memory == NULL) {
        abort();
    }
    memory->entries = cw_table_new(key);
    return memory;
}

void cw_downgrade_free(struct cw_downgrade **memory)
{
    size_t cursor = 0;
    struct entry *entry;

    if (*memory == NULL) {
        return;
    }
    while ((entry = cw_table_next((*memory)->entries, &cursor)) != NULL) {
        free(entry);
    }
    cw_table_free(&(*memory)->entries);
    free(*memory);
    *memory = NULL;
}

static struct entry *entry_of(struct cw_downgrade *memory, bool outgoing, struct cw_bytes domain)
{
    char key[256];
    struct entry *entry;

    if (domain.len >= sizeof(key)) {
        return NULL;
    }
    key[0] = outgoing ? '>' : '<';
    memcpy(key + 1, domain.base, domain.len);
    entry = cw_table_find(memory->entries, (struct cw_bytes){key, domain.len + 1});
    if (entry != NULL || cw_table_count(memory->entries) >= CW_DOWNGRADE_MAX) {
        return entry;
    }
    entry = calloc(1, sizeof(*entry) + domain.len + 1);
    if (entry == NULL) {
        abort();
    }
    entry->len = domain.len + 1;
    memcpy(entry->key, key, entry->len);
    cw_table_add(memory->entries, (struct cw_bytes){entry->key, entry->len}, entry);
    return entry;
}

enum cw_method cw_downgrade_note(struct cw_downgrade *memory, bool outgoing, struct cw_bytes domain,
                                 enum cw_method method)
{
    struct entry *const entry = entry_of(memory, outgoing, domain);

    if (entry == NULL || method == CW_METHOD_NONE) {
        return CW_METHOD_NONE;
    }
    if (entry->best == CW_METHOD_NONE || method <= entry->best) {
        entry->best = method;
        entry->told = CW_METHOD_NONE; /* the next fall is news again */
        return CW_METHOD_NONE;
    }
    if (method <= entry->told) {
        return CW_METHOD_NONE;
    }
    entry->told = method;
    return entry->best;
}
