/* SPDX-License-Identifier: Apache-2.0 */
#include "recent.h"

#include "table.h"

#include <stdlib.h>

#define SLOTS     4096u
#define WINDOW_MS 30000u
#define ALLOWED   5u

struct seen {
    uint64_t hash;
    uint64_t since_ms;
    uint32_t count;
};

struct cw_recent {
    uint64_t key[2];
    struct seen seen[SLOTS];
    uint64_t chats[SLOTS];
    uint64_t ids[SLOTS];
};

struct cw_recent *cw_recent_new(const uint64_t key[2])
{
    struct cw_recent *recent = calloc(1, sizeof(*recent));

    if (recent == NULL) {
        abort();
    }
    recent->key[0] = key[0];
    recent->key[1] = key[1];
    return recent;
}

void cw_recent_free(struct cw_recent **recent)
{
    free(*recent);
    *recent = NULL;
}

/* Each hash keys the next one, so that the borders between the parts count. 0 means an empty slot.
 */
static uint64_t hash_of(const struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                        struct cw_bytes body)
{
    const uint64_t first[2] = {cw_table_hash(recent->key, from), recent->key[1]};
    const uint64_t second[2] = {cw_table_hash(first, to), recent->key[1]};

    return cw_table_hash(second, body) | 1u;
}

void cw_recent_note(struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                    struct cw_bytes body, uint64_t now_ms)
{
    const uint64_t hash = hash_of(recent, from, to, body);
    struct seen *seen = &recent->seen[(hash >> 1) % SLOTS];

    if (seen->hash != hash || now_ms - seen->since_ms > WINDOW_MS) {
        *seen = (struct seen){.hash = hash, .since_ms = now_ms};
    }
    seen->count++;
}

bool cw_recent_loops(const struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                     struct cw_bytes body, uint64_t now_ms)
{
    const uint64_t hash = hash_of(recent, from, to, body);
    const struct seen *seen = &recent->seen[(hash >> 1) % SLOTS];

    return seen->hash == hash && seen->count > ALLOWED && now_ms - seen->since_ms <= WINDOW_MS;
}

void cw_recent_note_chat(struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                         bool chat)
{
    const uint64_t hash = hash_of(recent, from, to, (struct cw_bytes){0});
    uint64_t *slot = &recent->chats[(hash >> 1) % SLOTS];

    if (chat) {
        *slot = hash;
    } else if (*slot == hash) {
        *slot = 0;
    }
}

bool cw_recent_is_chat(const struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to)
{
    const uint64_t hash = hash_of(recent, from, to, (struct cw_bytes){0});

    return recent->chats[(hash >> 1) % SLOTS] == hash;
}

void cw_recent_note_id(struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                       struct cw_bytes id)
{
    const uint64_t hash = hash_of(recent, from, to, id);

    if (id.len != 0) {
        recent->ids[(hash >> 1) % SLOTS] = hash;
    }
}

bool cw_recent_has_id(const struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                      struct cw_bytes id)
{
    const uint64_t hash = hash_of(recent, from, to, id);

    return recent->ids[(hash >> 1) % SLOTS] == hash;
}
