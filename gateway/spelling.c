/* SPDX-License-Identifier: Apache-2.0 */
#include "spelling.h"

#include "table.h"

#include <stdlib.h>

struct entry {
    struct cw_bytes key, spelled;
    char text[];
};

struct cw_spelling {
    struct cw_table *entries; /* of those only whose two texts differ */
};

struct cw_spelling *cw_spelling_new(const uint64_t hash_key[2])
{
    struct cw_spelling *spelling = calloc(1, sizeof(*spelling));

    if (spelling == NULL) {
        abort();
    }
    spelling->entries = cw_table_new(hash_key);
    return spelling;
}

void cw_spelling_free(struct cw_spelling **spelling)
{
    struct entry *entry;
    size_t cursor = 0;

    if (*spelling == NULL) {
        return;
    }
    while ((entry = cw_table_next((*spelling)->entries, &cursor)) != NULL) {
        free(entry);
    }
    cw_table_free(&(*spelling)->entries);
    free(*spelling);
    *spelling = NULL;
}

static void forget(struct cw_spelling *spelling, struct cw_bytes key)
{
    free(cw_table_remove(spelling->entries, key));
}

static void remember(struct cw_spelling *spelling, struct cw_bytes key, struct cw_bytes spelled)
{
    struct entry *entry = calloc(1, sizeof(*entry) + key.len + spelled.len);

    if (entry == NULL) {
        abort();
    }
    memcpy(entry->text, key.base, key.len);
    memcpy(entry->text + key.len, spelled.base, spelled.len);
    entry->key = (struct cw_bytes){entry->text, key.len};
    entry->spelled = (struct cw_bytes){entry->text + key.len, spelled.len};
    cw_table_add(spelling->entries, entry->key, entry);
}

void cw_spelling_learn(struct cw_spelling *spelling, struct cw_bytes key, struct cw_bytes spelled)
{
    if (cw_bytes_equal(cw_spelling_of(spelling, key), spelled)) {
        return;
    }
    forget(spelling, key);
    if (!cw_bytes_equal(key, spelled) && cw_table_count(spelling->entries) < CW_SPELLING_MAX) {
        remember(spelling, key, spelled);
    }
}

struct cw_bytes cw_spelling_of(const struct cw_spelling *spelling, struct cw_bytes key)
{
    const struct entry *const entry = cw_table_find(spelling->entries, key);

    return entry != NULL ? entry->spelled : key;
}

size_t cw_spelling_count(const struct cw_spelling *spelling)
{
    return cw_table_count(spelling->entries);
}
