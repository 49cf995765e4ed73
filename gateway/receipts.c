/* SPDX-License-Identifier: Apache-2.0 */
#include "receipts.h"

uint64_t cw_receipts_durable(struct cw_receipts *receipts, uint64_t durable)
{
    uint64_t seq = 0;

    while (receipts->now.seq != 0 && receipts->now.write <= durable) {
        seq = receipts->now.seq;
        receipts->now.seq = receipts->next.seq;
        receipts->now.write = receipts->next.write;
        receipts->next.seq = receipts->next.write = 0;
    }
    return seq;
}

uint64_t cw_receipts_note(struct cw_receipts *receipts, uint64_t seq, uint64_t write,
                          uint64_t durable)
{
    if (receipts->now.seq == 0) {
        receipts->now.seq = seq;
        receipts->now.write = write;
    } else {
        receipts->next.seq = seq;
        receipts->next.write = write != 0 ? write : receipts->next.write;
    }
    return cw_receipts_durable(receipts, durable);
}
