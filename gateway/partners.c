/* SPDX-License-Identifier: Apache-2.0 */
#include "partners.h"

#include <causeway/jid.h>
#include <stdlib.h>

/* One document holds thousands of partners at most; its size is the operator's own. */
#define ARENA_LIMIT ((size_t)64 * 1024 * 1024)

struct name {
    struct cw_bytes domain;
    size_t partner;
};

struct cw_partners {
    struct cw_arena *arena;
    struct cw_partner *list; /* ordered by domain */
    size_t count;
    struct name *names; /* every domain, ordered, for the search */
    size_t name_count;
};

static int compare_partners(const void *a, const void *b)
{
    const struct cw_partner *const left = a;
    const struct cw_partner *const right = b;

    return cw_bytes_order(left->domain, right->domain);
}

/* Equal names stay in the order of the partners, so that the search finds the first owner. */
static int compare_names(const void *a, const void *b)
{
    const struct name *const left = a;
    const struct name *const right = b;
    const int order = cw_bytes_order(left->domain, right->domain);

    return order != 0 ? order : (left->partner > right->partner) - (left->partner < right->partner);
}

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
    if (text.base == NULL) {
        return text;
    }

    char *const base = take(arena, text.len);

    if (text.len > 0) {
        memcpy(base, text.base, text.len);
    }
    return (struct cw_bytes){base, text.len};
}

static struct cw_partner copy_partner(struct cw_arena *arena, const struct cw_partner *in)
{
    struct cw_partner out = *in;
    struct cw_bytes *const additional = take(arena, in->additional_count * sizeof(struct cw_bytes));

    for (size_t i = 0; i < in->additional_count; i++) {
        additional[i] = copy(arena, in->additional[i]);
    }
    out.domain = copy(arena, in->domain);
    out.description = copy(arena, in->description);
    out.additional = additional;
    out.proxy = copy(arena, in->proxy);
    out.file = copy(arena, in->file);
    return out;
}

static void index_names(struct cw_partners *partners)
{
    size_t total = partners->count;

    for (size_t i = 0; i < partners->count; i++) {
        total += partners->list[i].additional_count;
    }
    partners->names = take(partners->arena, total * sizeof(struct name));
    for (size_t i = 0; i < partners->count; i++) {
        const struct cw_partner *const partner = &partners->list[i];

        partners->names[partners->name_count++] = (struct name){partner->domain, i};
        for (size_t k = 0; k < partner->additional_count; k++) {
            partners->names[partners->name_count++] = (struct name){partner->additional[k], i};
        }
    }
    qsort(partners->names, partners->name_count, sizeof(struct name), compare_names);
}

struct cw_partners *cw_partners_new(const struct cw_partner *list, size_t count)
{
    struct cw_arena *const arena = cw_arena_new(ARENA_LIMIT);
    struct cw_partners *const partners = take(arena, sizeof(*partners));

    *partners = (struct cw_partners){.arena = arena, .count = count};
    partners->list = take(arena, count * sizeof(struct cw_partner));
    for (size_t i = 0; i < count; i++) {
        partners->list[i] = copy_partner(arena, &list[i]);
    }
    qsort(partners->list, count, sizeof(struct cw_partner), compare_partners);
    index_names(partners);
    return partners;
}

void cw_partners_free(struct cw_partners **partners)
{
    if (*partners != NULL) {
        struct cw_arena *arena = (*partners)->arena; /* owns the document itself, too */

        cw_arena_free(&arena);
        *partners = NULL;
    }
}

const struct cw_partner *cw_partners_find(const struct cw_partners *partners,
                                          struct cw_bytes domain)
{
    size_t low = 0;
    size_t high = partners->name_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (cw_bytes_order(partners->names[middle].domain, domain) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == partners->name_count || !cw_bytes_equal(partners->names[low].domain, domain)) {
        return NULL;
    }
    return &partners->list[partners->names[low].partner];
}

static bool is_ascii(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.base[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* ADDR-4, ADDR-7 */
const struct cw_partner *cw_partners_serving(const struct cw_partners *partners,
                                             struct cw_bytes domain, struct cw_arena *arena)
{
    struct cw_bytes ascii = domain;

    if (!is_ascii(domain) && cw_jid_domain_ascii(domain, arena, &ascii) != CW_OK) {
        return NULL;
    }
    return cw_partners_find(partners, ascii);
}

size_t cw_partners_count(const struct cw_partners *partners)
{
    return partners->count;
}

const struct cw_partner *cw_partners_at(const struct cw_partners *partners, size_t index)
{
    return &partners->list[index];
}

enum cw_accept cw_partner_accept(const struct cw_partner *partner)
{
    if (partner->accept != CW_ACCEPT_BY_TYPE) {
        return partner->accept;
    }
    return partner->type == CW_PARTNER_FEDERATED ? CW_ACCEPT_AUTO : CW_ACCEPT_ASK;
}

struct cw_rates cw_partner_rates(const struct cw_partner *partner)
{
    /* 10 invitations a second are what a SIP proxy does not notice; 20 a minute from the public
     * are more than people send and fewer than a spammer needs. */
    static const struct cw_rates FEDERATED = {600, 1000, 5000};
    static const struct cw_rates PUBLIC = {20, 100, 500};
    struct cw_rates rates = partner->rates;
    const struct cw_rates *const usual =
        partner->type == CW_PARTNER_FEDERATED ? &FEDERATED : &PUBLIC;

    if (rates.invites_per_minute == 0) {
        rates.invites_per_minute = usual->invites_per_minute;
    }
    if (rates.messages_per_second == 0) {
        rates.messages_per_second = usual->messages_per_second;
    }
    if (rates.presence_per_second == 0) {
        rates.presence_per_second = usual->presence_per_second;
    }
    return rates;
}

const char *cw_partner_label(const struct cw_partner *partner, struct cw_arena *arena)
{
    char *const text = partner != NULL ? cw_arena_alloc(arena, partner->domain.len + 1) : NULL;

    if (text == NULL) {
        return "_unlisted";
    }
    memcpy(text, partner->domain.base, partner->domain.len);
    text[partner->domain.len] = '\0';
    return text;
}
