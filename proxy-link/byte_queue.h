/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Bytes that wait to leave, first in, first out, in one run of memory. All zero is an empty queue.
 */

#include <causeway/bytes.h>

struct cw_byte_queue {
    char *base;
    size_t head; /**< consumed octets in front */
    size_t len;  /**< octets waiting */
    size_t cap;
};

/** Appends a copy of `data`. */
void cw_byte_queue_append(struct cw_byte_queue *queue, struct cw_bytes data);

/** What waits, borrowed until the next call. */
struct cw_bytes cw_byte_queue_bytes(const struct cw_byte_queue *queue);

/** Takes `len` octets (at most all) off the front; an emptied large queue gives its memory back. */
void cw_byte_queue_consume(struct cw_byte_queue *queue, size_t len);

/** Gives all memory back. */
void cw_byte_queue_clear(struct cw_byte_queue *queue);
