/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The sender's half of acknowledgement: stanzas that are not settled, in two parts. Unsent ones
 * wait by class (a message never waits behind presence); sent ones bear numbers, in order, until
 * their fate is told, and are written again on a new connection.
 */

#include <causeway/frame.h>

struct cw_sent {
    struct cw_sent *next; /**< in its class, while unsent */
    uint64_t seq;         /**< 0 while unsent */
    void *cookie;
    enum cw_stanza_class class;
    uint16_t slot; /**< of its partner in the credit table */
    size_t len;    /**< octets of `frame` */
    uint8_t frame[];
};

struct cw_ack_out;

/** Nothing sent yet. */
struct cw_ack_out *cw_ack_out_new(void);

/** Frees with all stanzas and sets NULL. */
void cw_ack_out_free(struct cw_ack_out **out);

/** Takes over `sent` (malloc'ed) as unsent. */
void cw_ack_out_push(struct cw_ack_out *out, struct cw_sent *sent);

/** The stanza to be written next, numbered: first those to be sent again, then the unsent. NULL:
 * all is written. Borrowed. */
const struct cw_sent *cw_ack_out_next(struct cw_ack_out *out);

/** A sent stanza by its number, now the caller's; NULL when it is settled already. */
struct cw_sent *cw_ack_out_settle(struct cw_ack_out *out, uint64_t seq);

/** The lowest sent stanza from `first` to `last`, now the caller's; NULL: none. */
struct cw_sent *cw_ack_out_pop(struct cw_ack_out *out, uint64_t first, uint64_t last);

/** The next unsent stanza, now the caller's; NULL: none. */
struct cw_sent *cw_ack_out_pop_unsent(struct cw_ack_out *out);

/** New connection, the peer remembers: all after `received` is written again. @return CW_OK or
 * CW_ERR_PROTOCOL (it claims more than was sent) */
CW_MUST_USE enum cw_err cw_ack_out_resume(struct cw_ack_out *out, uint64_t received);

/** New connection, the peer knows nothing: all is written again under new numbers, so that they
 * have no gaps. */
void cw_ack_out_renumber(struct cw_ack_out *out);

/** Lowest number that is not settled; 0: none. */
uint64_t cw_ack_out_oldest(const struct cw_ack_out *out);

/** Highest number given. */
uint64_t cw_ack_out_last(const struct cw_ack_out *out);

/** Stanzas sent and unsent. */
size_t cw_ack_out_count(const struct cw_ack_out *out);

/** Octets of their frames. */
size_t cw_ack_out_octets(const struct cw_ack_out *out);
