/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * When a stanza of an edge may be settled as TAKEN: once what it changed is durable. TAKEN settles
 * everything before it too, so a stanza waits for those before it. Two batches are enough: one that
 * waits for its writes, and all that came since. Pure.
 */

#include <stdint.h>

/** What waits, of one link; all zero: nothing. Numbers are of stanzas and of writes (ledger.h). */
struct cw_receipts {
    struct {
        uint64_t seq;   /**< the last of the batch; 0: no batch */
        uint64_t write; /**< the last write of the batch; 0: none */
    } now, next;
};

/**
 * Stanza `seq` was acted on; `write` is the last write that it began, 0 for none.
 * @return up to which number may be settled; 0: none
 */
uint64_t cw_receipts_note(struct cw_receipts *receipts, uint64_t seq, uint64_t write,
                          uint64_t durable);

/** All writes up to `durable` are. @return as cw_receipts_note() */
uint64_t cw_receipts_durable(struct cw_receipts *receipts, uint64_t durable);
