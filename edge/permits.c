/* SPDX-License-Identifier: Apache-2.0 */
#include "permits.h"

#include "map.h"

#include <stdlib.h>

/* A document is at most one frame; its arrays are some times larger than its bytes. */
#define ARENA_LIMIT ((size_t)64 * 1024 * 1024)

/* One document with its indexes. */
struct document {
    struct cw_arena *arena;
    struct cw_permits permits;
    struct cw_map *by_domain; /**< const struct cw_permit * */
    struct cw_map *own;       /**< const struct cw_bytes * */
};

struct cw_permits_table {
    struct document now;
    uint64_t renewed_ms;
};

static void document_clear(struct document *document)
{
    cw_map_free(&document->by_domain, NULL);
    cw_map_free(&document->own, NULL);
    cw_arena_free(&document->arena);
    *document = (struct document){0};
}

/* The keys come from our own gateway, so the hash needs no secret. */
static struct document document_new(void)
{
    return (struct document){
        .arena = cw_arena_new(ARENA_LIMIT), .by_domain = cw_map_new(0), .own = cw_map_new(0)};
}

/* cw_map holds pointers to things that it does not change. */
static void *held(const void *thing)
{
    union {
        const void *from;
        void *to;
    } both = {.from = thing};

    return both.to;
}

static enum cw_err document_index(struct document *document)
{
    const struct cw_permits *const permits = &document->permits;

    for (size_t i = 0; i < permits->count; i++) {
        if (cw_map_get(document->by_domain, permits->permits[i].domain) != NULL) {
            return CW_ERR_MALFORMED;
        }
        cw_map_put(document->by_domain, permits->permits[i].domain, held(&permits->permits[i]));
    }
    for (size_t i = 0; i < permits->own_count; i++) {
        cw_map_put(document->own, permits->own_domains[i], held(&permits->own_domains[i]));
    }
    return CW_OK;
}

static enum cw_err document_read(struct document *document, struct cw_bytes payload)
{
    char *const copy = cw_arena_alloc(document->arena, payload.len + 1);

    if (copy == NULL) {
        return CW_ERR_LIMIT;
    }
    if (payload.len > 0) {
        memcpy(copy, payload.base, payload.len);
    }
    CW_TRY(
        cw_permits_read((struct cw_bytes){copy, payload.len}, document->arena, &document->permits));
    return document_index(document);
}

/* The old document lives until it is told: what it gave out is in it. */
static void replace(struct cw_permits_table *table, struct document next, uint64_t now_ms,
                    cw_permits_change_fn *on_change, void *user)
{
    struct cw_permits_table before = *table;

    table->now = next;
    table->renewed_ms = now_ms;
    if (on_change != NULL) {
        on_change(&before, user);
    }
    document_clear(&before.now);
}

struct cw_permits_table *cw_permits_table_new(void)
{
    struct cw_permits_table *const table = malloc(sizeof(*table));

    if (table == NULL) {
        abort();
    }
    *table = (struct cw_permits_table){.now = document_new()};
    return table;
}

void cw_permits_table_free(struct cw_permits_table **table)
{
    if (*table == NULL) {
        return;
    }
    document_clear(&(*table)->now);
    free(*table);
    *table = NULL;
}

enum cw_err cw_permits_table_apply(struct cw_permits_table *table, struct cw_bytes payload,
                                   uint64_t now_ms, cw_permits_change_fn *on_change, void *user)
{
    struct document next = document_new();
    const enum cw_err err = document_read(&next, payload);

    if (err != CW_OK) {
        document_clear(&next);
        return err;
    }
    replace(table, next, now_ms, on_change, user);
    return CW_OK;
}

void cw_permits_table_renew(struct cw_permits_table *table, uint64_t now_ms)
{
    table->renewed_ms = now_ms;
}

bool cw_permits_table_expire(struct cw_permits_table *table, uint64_t now_ms,
                             cw_permits_change_fn *on_change, void *user)
{
    const uint64_t lease_ms = (uint64_t)table->now.permits.lease_s * 1000;

    if (table->now.permits.count == 0 || now_ms - table->renewed_ms < lease_ms) {
        return false;
    }
    replace(table, document_new(), now_ms, on_change, user);
    return true;
}

const struct cw_permit *cw_permits_table_find(const struct cw_permits_table *table,
                                              struct cw_bytes domain)
{
    return cw_map_get(table->now.by_domain, domain);
}

bool cw_permits_table_is_own(const struct cw_permits_table *table, struct cw_bytes domain)
{
    return cw_map_get(table->now.own, domain) != NULL;
}

const struct cw_permits *cw_permits_table_document(const struct cw_permits_table *table)
{
    return &table->now.permits;
}
