/* SPDX-License-Identifier: Apache-2.0 */
#include "knocks.h"

#include "table.h"

#include <stdlib.h>

#define WEEK_S 604800

struct entry {
    enum cw_reason reason;
    size_t domain_len;
    size_t peer_len;
    uint64_t counts[CW_DIRECTIONS];
    int64_t first_s;
    int64_t last_s;
    unsigned user_count;
    uint64_t users[CW_KNOCKS_USERS_MAX]; /* hashes */
    char domain[CW_KNOCKS_DOMAIN_MAX];
    char peer[CW_KNOCKS_PEER_MAX];
};

struct cw_knocks {
    uint64_t key[2];
    size_t count;
    struct entry entries[CW_KNOCKS_MAX];
};

struct cw_knocks *cw_knocks_new(const uint64_t key[2])
{
    struct cw_knocks *const knocks = calloc(1, sizeof(*knocks));

    if (knocks == NULL) {
        abort();
    }
    knocks->key[0] = key[0];
    knocks->key[1] = key[1];
    return knocks;
}

void cw_knocks_free(struct cw_knocks **knocks)
{
    free(*knocks);
    *knocks = NULL;
}

/* It ends up in terminals and tables. @return octets written */
static size_t clean(struct cw_bytes text, char *out, size_t room)
{
    const size_t len = text.len < room ? text.len : room;

    for (size_t i = 0; i < len; i++) {
        out[i] = (char)(text.base[i] > 0x20 && text.base[i] < 0x7f ? text.base[i] : '?');
    }
    return len;
}

static uint64_t total(const struct entry *entry)
{
    return entry->counts[CW_FROM_XMPP] + entry->counts[CW_FROM_SIP];
}

/* Would `a` rather go than `b`? */
static bool goes_before(const struct entry *a, const struct entry *b, int64_t now_s)
{
    const bool old_a = now_s - a->last_s > WEEK_S;
    const bool old_b = now_s - b->last_s > WEEK_S;

    if (old_a != old_b) {
        return old_a;
    }
    return total(a) != total(b) ? total(a) < total(b) : a->last_s < b->last_s;
}

static struct entry *room_for_one(struct cw_knocks *knocks, int64_t now_s)
{
    struct entry *out = &knocks->entries[0];

    if (knocks->count < CW_KNOCKS_MAX) {
        return &knocks->entries[knocks->count++];
    }
    for (size_t i = 1; i < CW_KNOCKS_MAX; i++) {
        if (goes_before(&knocks->entries[i], out, now_s)) {
            out = &knocks->entries[i];
        }
    }
    return out;
}

static struct entry *find(struct cw_knocks *knocks, struct cw_bytes domain, enum cw_reason reason)
{
    for (size_t i = 0; i < knocks->count; i++) {
        struct entry *const entry = &knocks->entries[i];

        if (entry->reason == reason &&
            cw_bytes_equal(domain, (struct cw_bytes){entry->domain, entry->domain_len})) {
            return entry;
        }
    }
    return NULL;
}

static void note_user(const struct cw_knocks *knocks, struct entry *entry, struct cw_bytes local)
{
    const uint64_t hash = cw_table_hash(knocks->key, local);

    for (unsigned i = 0; i < entry->user_count; i++) {
        if (entry->users[i] == hash) {
            return;
        }
    }
    if (local.len != 0 && entry->user_count < CW_KNOCKS_USERS_MAX) {
        entry->users[entry->user_count++] = hash;
    }
}

bool cw_knocks_note(struct cw_knocks *knocks, const struct cw_knock *knock)
{
    char domain[CW_KNOCKS_DOMAIN_MAX];
    const size_t len = clean(knock->domain, domain, sizeof(domain));
    struct entry *entry = find(knocks, (struct cw_bytes){domain, len}, knock->reason);
    const bool is_new = entry == NULL;

    if (entry == NULL) {
        entry = room_for_one(knocks, knock->wall_s);
        *entry =
            (struct entry){.reason = knock->reason, .domain_len = len, .first_s = knock->wall_s};
        memcpy(entry->domain, domain, len);
    }
    entry->counts[knock->direction] += knock->count != 0 ? knock->count : 1;
    entry->last_s = knock->wall_s;
    note_user(knocks, entry, knock->local);
    if (knock->peer.len != 0) {
        entry->peer_len = clean(knock->peer, entry->peer, sizeof(entry->peer));
    }
    return is_new;
}

static int compare(const void *a, const void *b)
{
    const struct entry *const left = *(const struct entry *const *)a;
    const struct entry *const right = *(const struct entry *const *)b;

    if (total(left) != total(right)) {
        return total(left) < total(right) ? 1 : -1;
    }
    return (left->last_s < right->last_s) - (left->last_s > right->last_s);
}

void cw_knocks_visit(const struct cw_knocks *knocks, cw_knocks_visit_fn *visit, void *user)
{
    const struct entry *order[CW_KNOCKS_MAX] = {NULL};

    for (size_t i = 0; i < knocks->count; i++) {
        order[i] = &knocks->entries[i];
    }
    qsort(order, knocks->count, sizeof(void *), compare);
    for (size_t i = 0; i < knocks->count; i++) {
        const struct entry *const entry = order[i];
        const struct cw_knock_row row = {
            .domain = {entry->domain, entry->domain_len},
            .peer = {entry->peer_len != 0 ? entry->peer : NULL, entry->peer_len},
            .reason = entry->reason,
            .from_xmpp = entry->counts[CW_FROM_XMPP],
            .from_sip = entry->counts[CW_FROM_SIP],
            .first_s = entry->first_s,
            .last_s = entry->last_s,
            .local_users = entry->user_count,
        };

        visit(&row, user);
    }
}

size_t cw_knocks_count(const struct cw_knocks *knocks)
{
    return knocks->count;
}
