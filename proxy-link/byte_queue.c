/* SPDX-License-Identifier: Apache-2.0 */
#include "byte_queue.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An idle connection keeps at most this much; a busy one asks for more each turn. */
enum { KEEP_LEN = 4096, FIRST_LEN = 1024 };

/* The live bytes move to the front only when as many lie consumed before them, so that a long queue
 * under steady traffic is not moved again and again. */
static void make_room(struct cw_byte_queue *queue, size_t more)
{
    if (queue->cap - queue->head - queue->len >= more) {
        return;
    }
    if (queue->head >= queue->len && queue->cap - queue->len >= more) {
        memmove(queue->base, queue->base + queue->head, queue->len);
        queue->head = 0;
        return;
    }
    size_t cap = queue->cap > 0 ? queue->cap : FIRST_LEN;
    while (cap - queue->len < more) {
        if (cap > SIZE_MAX / 2) {
            abort();
        }
        cap *= 2;
    }
    char *base = malloc(cap);
    if (base == NULL) {
        abort();
    }
    if (queue->len > 0) {
        memcpy(base, queue->base + queue->head, queue->len);
    }
    free(queue->base);
    *queue = (struct cw_byte_queue){base, 0, queue->len, cap};
}

void cw_byte_queue_append(struct cw_byte_queue *queue, struct cw_bytes data)
{
    if (data.len == 0) {
        return;
    }
    make_room(queue, data.len);
    memcpy(queue->base + queue->head + queue->len, data.base, data.len);
    queue->len += data.len;
}

struct cw_bytes cw_byte_queue_bytes(const struct cw_byte_queue *queue)
{
    return (struct cw_bytes){queue->len > 0 ? queue->base + queue->head : NULL, queue->len};
}

void cw_byte_queue_consume(struct cw_byte_queue *queue, size_t len)
{
    queue->head += len;
    queue->len -= len;
    if (queue->len > 0) {
        return;
    }
    queue->head = 0;
    if (queue->cap > KEEP_LEN) {
        cw_byte_queue_clear(queue);
    }
}

void cw_byte_queue_clear(struct cw_byte_queue *queue)
{
    free(queue->base);
    *queue = (struct cw_byte_queue){NULL, 0, 0, 0};
}
