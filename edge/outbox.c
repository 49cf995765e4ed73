/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox.h"

#include "map.h"

#include <stdlib.h>

struct waiting {
    struct waiting *next;
    struct cw_outbox_item item;
    uint64_t expires_ms;
    char xml[];
};

/* First in, first out. */
struct line {
    struct waiting *first;
    struct waiting **last; /**< the NULL that ends it */
};

enum { LINE_FIRST, LINE_PRESENCE, LINES };

struct partner {
    size_t count;
    size_t bytes;
    size_t name_len;
    char name[];
};

struct queue {
    struct queue *next;
    struct queue **place; /**< what points here */
    struct cw_pair_key key;
    struct partner *partner;
    struct line lines[LINES];
    size_t count;
    size_t user_acts; /**< messages and invitations among them */
};

struct cw_outbox {
    struct cw_outbox_limits limits;
    struct cw_map *by_pair;    /**< struct queue * */
    struct cw_map *by_partner; /**< struct partner * */
    struct queue *queues;      /**< none is empty between calls */
    size_t count;
    size_t bytes;
    cw_outbox_failed_fn *on_failed;
    void *user;
};

static void *zeroed(size_t size)
{
    void *const memory = calloc(1, size);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static bool is_user_act(enum cw_stanza_class class)
{
    return class == CW_CLASS_MESSAGE || class == CW_CLASS_SUBSCRIPTION;
}

static struct partner *partner_of(struct cw_outbox *outbox, struct cw_bytes name)
{
    struct partner *partner = cw_map_get(outbox->by_partner, name);

    if (partner == NULL) {
        partner = zeroed(sizeof(*partner) + name.len + 1);
        partner->name_len = name.len;
        if (name.len > 0) {
            memcpy(partner->name, name.base, name.len);
        }
        cw_map_put(outbox->by_partner, name, partner);
    }
    return partner;
}

static struct queue *queue_find(const struct cw_outbox *outbox, struct cw_pair pair)
{
    struct cw_pair_key key;

    return cw_pair_key(pair, &key) == CW_OK ? cw_map_get(outbox->by_pair, cw_pair_bytes(&key))
                                            : NULL;
}

static struct queue *queue_of(struct cw_outbox *outbox, const struct cw_pair_key *key,
                              struct cw_bytes partner)
{
    struct queue *queue = cw_map_get(outbox->by_pair, cw_pair_bytes(key));

    if (queue != NULL) {
        return queue;
    }
    queue = zeroed(sizeof(*queue));
    queue->key = *key;
    queue->partner = partner_of(outbox, partner);
    for (size_t i = 0; i < LINES; i++) {
        queue->lines[i].last = &queue->lines[i].first;
    }
    queue->next = outbox->queues;
    queue->place = &outbox->queues;
    if (queue->next != NULL) {
        queue->next->place = &queue->next;
    }
    outbox->queues = queue;
    cw_map_put(outbox->by_pair, cw_pair_bytes(key), queue);
    return queue;
}

static void queue_drop_if_empty(struct cw_outbox *outbox, struct queue *queue)
{
    struct partner *const partner = queue->partner;

    if (queue->count > 0) {
        return;
    }
    *queue->place = queue->next;
    if (queue->next != NULL) {
        queue->next->place = queue->place;
    }
    cw_map_take(outbox->by_pair, cw_pair_bytes(&queue->key));
    free(queue);
    if (partner->count == 0) {
        cw_map_take(outbox->by_partner, (struct cw_bytes){partner->name, partner->name_len});
        free(partner);
    }
}

/* Takes the head of a line out of all counts; the caller frees it. */
static struct waiting *unlink_head(struct cw_outbox *outbox, struct queue *queue, struct line *line)
{
    struct waiting *const head = line->first;

    line->first = head->next;
    if (line->first == NULL) {
        line->last = &line->first;
    }
    queue->count--;
    queue->partner->count--;
    queue->partner->bytes -= head->item.xml.len;
    outbox->count--;
    outbox->bytes -= head->item.xml.len;
    if (is_user_act(head->item.class)) {
        queue->user_acts--;
    }
    return head;
}

static void fail_head(struct cw_outbox *outbox, struct queue *queue, struct line *line,
                      enum cw_fail why)
{
    struct waiting *const head = unlink_head(outbox, queue, line);

    outbox->on_failed(&head->item, why, outbox->user);
    free(head);
}

static void fail_queue(struct cw_outbox *outbox, struct queue *queue, enum cw_fail why)
{
    for (size_t i = 0; i < LINES; i++) {
        while (queue->lines[i].first != NULL) {
            fail_head(outbox, queue, &queue->lines[i], why);
        }
    }
    queue_drop_if_empty(outbox, queue);
}

static bool has_room(const struct cw_outbox *outbox, const struct queue *queue, size_t len)
{
    return queue->count < outbox->limits.per_pair &&
           queue->partner->bytes + len <= outbox->limits.partner_bytes &&
           outbox->bytes + len <= outbox->limits.bytes;
}

static void append(struct cw_outbox *outbox, struct queue *queue, const struct cw_outbox_item *item,
                   uint64_t now_ms)
{
    struct line *const line =
        &queue->lines[item->class == CW_CLASS_PRESENCE ? LINE_PRESENCE : LINE_FIRST];
    struct waiting *const waiting = zeroed(sizeof(*waiting) + item->xml.len + 1);

    waiting->item = *item;
    waiting->item.xml.base = waiting->xml;
    if (item->xml.len > 0) {
        memcpy(waiting->xml, item->xml.base, item->xml.len);
    }
    waiting->expires_ms = now_ms + outbox->limits.ttl_ms;
    *line->last = waiting;
    line->last = &waiting->next;
    queue->count++;
    queue->partner->count++;
    queue->partner->bytes += item->xml.len;
    outbox->count++;
    outbox->bytes += item->xml.len;
    if (is_user_act(item->class)) {
        queue->user_acts++;
    }
}

/* The first line that is not empty: a queue that stands has one. */
static struct line *first_line(struct queue *queue)
{
    size_t i = 0;

    while (i + 1 < LINES && queue->lines[i].first == NULL) {
        i++;
    }
    return &queue->lines[i];
}

struct cw_outbox *cw_outbox_new(const struct cw_outbox_limits *limits, uint64_t seed,
                                cw_outbox_failed_fn *on_failed, void *user)
{
    struct cw_outbox *const outbox = zeroed(sizeof(*outbox));

    *outbox = (struct cw_outbox){.limits = *limits,
                                 .by_pair = cw_map_new(seed),
                                 .by_partner = cw_map_new(seed),
                                 .on_failed = on_failed,
                                 .user = user};
    return outbox;
}

void cw_outbox_free(struct cw_outbox **outbox)
{
    if (*outbox == NULL) {
        return;
    }
    cw_outbox_fail_all(*outbox, CW_FAIL_SHUTDOWN);
    cw_map_free(&(*outbox)->by_pair, NULL);
    cw_map_free(&(*outbox)->by_partner, NULL);
    free(*outbox);
    *outbox = NULL;
}

void cw_outbox_limit(struct cw_outbox *outbox, const struct cw_outbox_limits *limits)
{
    outbox->limits = *limits;
}

void cw_outbox_put(struct cw_outbox *outbox, struct cw_pair pair, struct cw_bytes partner,
                   const struct cw_outbox_item *item, uint64_t now_ms)
{
    struct cw_pair_key key;

    if (cw_pair_key(pair, &key) != CW_OK) {
        outbox->on_failed(item, CW_FAIL_NO_PERMIT, outbox->user);
        return;
    }

    struct queue *const queue = queue_of(outbox, &key, partner);
    struct line *const presence = &queue->lines[LINE_PRESENCE];

    while (!has_room(outbox, queue, item->xml.len) && presence->first != NULL) {
        fail_head(outbox, queue, presence, CW_FAIL_QUEUE_FULL);
    }
    if (has_room(outbox, queue, item->xml.len)) {
        append(outbox, queue, item, now_ms);
    } else {
        outbox->on_failed(item, CW_FAIL_QUEUE_FULL, outbox->user);
        queue_drop_if_empty(outbox, queue);
    }
}

const struct cw_outbox_item *cw_outbox_first(const struct cw_outbox *outbox, struct cw_pair pair)
{
    struct queue *const queue = queue_find(outbox, pair);

    const struct waiting *const first = queue != NULL ? first_line(queue)->first : NULL;

    return first != NULL ? &first->item : NULL;
}

void cw_outbox_take(struct cw_outbox *outbox, struct cw_pair pair)
{
    struct queue *const queue = queue_find(outbox, pair);

    if (queue != NULL) {
        free(unlink_head(outbox, queue, first_line(queue)));
        queue_drop_if_empty(outbox, queue);
    }
}

void cw_outbox_fail(struct cw_outbox *outbox, struct cw_pair pair, enum cw_fail why)
{
    struct queue *const queue = queue_find(outbox, pair);

    if (queue != NULL) {
        fail_queue(outbox, queue, why);
    }
}

void cw_outbox_fail_unless(struct cw_outbox *outbox, cw_outbox_keep_fn *keep, const void *user,
                           enum cw_fail why)
{
    for (struct queue *queue = outbox->queues, *next; queue != NULL; queue = next) {
        next = queue->next;
        if (!keep(cw_pair_of(&queue->key), user)) {
            fail_queue(outbox, queue, why);
        }
    }
}

void cw_outbox_fail_all(struct cw_outbox *outbox, enum cw_fail why)
{
    while (outbox->queues != NULL) {
        fail_queue(outbox, outbox->queues, why);
    }
}

void cw_outbox_expire(struct cw_outbox *outbox, uint64_t now_ms)
{
    for (struct queue *queue = outbox->queues, *next; queue != NULL; queue = next) {
        next = queue->next;
        for (size_t i = 0; i < LINES; i++) {
            struct line *const line = &queue->lines[i];

            while (line->first != NULL && line->first->expires_ms <= now_ms) {
                fail_head(outbox, queue, line, CW_FAIL_TIMEOUT);
            }
        }
        queue_drop_if_empty(outbox, queue);
    }
}

bool cw_outbox_has_user_act(const struct cw_outbox *outbox, struct cw_pair pair)
{
    const struct queue *const queue = queue_find(outbox, pair);

    return queue != NULL && queue->user_acts > 0;
}

size_t cw_outbox_count(const struct cw_outbox *outbox)
{
    return outbox->count;
}

size_t cw_outbox_bytes(const struct cw_outbox *outbox)
{
    return outbox->bytes;
}
