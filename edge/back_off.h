/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * When a remote domain may be tried again after its stream was lost or could not be had
 * (STREAM-123, STREAM-127). One value a remote domain; all its pairs share it.
 *
 * Pure: the clock is an argument, chance a seed that the caller owns.
 */

#include <causeway/bytes.h>
#include <stdint.h>

#define CW_BACK_OFF_FIRST_MS  UINT64_C(60000)  /* spread of the first try */
#define CW_BACK_OFF_CAP_MS    UINT64_C(900000) /* longest wait */
#define CW_BACK_OFF_SETTLE_MS UINT64_C(60000)  /* a stream this old was no failed try */

/** What kind of loss it was. */
enum cw_loss {
    CW_LOSS_NORMAL, /**< dead connection, no answer: random 0 to 60 s, then longer */
    CW_LOSS_SLOW,   /**< the peer is in trouble: from 60 s */
    CW_LOSS_CONFIG, /**< the two sides disagree: 15 min, whoever waits; for the operator */
    CW_LOSSES
};

struct cw_back_off {
    uint64_t retry_ms; /**< not before */
    uint64_t lost_ms;  /**< last loss */
    unsigned failures; /**< in a row */
    enum cw_loss loss; /**< of the last loss */
};

enum cw_back_off_answer {
    CW_BACK_OFF_NOW,
    CW_BACK_OFF_LATER, /**< at retry_ms, which a stanza can wait for */
    CW_BACK_OFF_NEVER  /**< too far away for a stanza: it fails now */
};

/** The loss that a stream error condition means; absent or unknown: CW_LOSS_NORMAL. */
enum cw_loss cw_back_off_loss(struct cw_bytes condition);

/** A stream was lost after `lived_ms` of being usable (0: it never was). */
void cw_back_off_lost(struct cw_back_off *back_off, enum cw_loss loss, uint64_t lived_ms,
                      uint64_t now_ms, uint64_t *seed);

/** The peer is there, so it may be tried now; the next failure in a row waits as long as it would
 * have. A disagreement does not end by being there (STREAM-123). */
void cw_back_off_alive(struct cw_back_off *back_off, uint64_t now_ms);

/** May it be tried? @param user_act does a message or invitation wait? @param ttl_ms of a stanza */
enum cw_back_off_answer cw_back_off_ask(const struct cw_back_off *back_off, bool user_act,
                                        uint64_t ttl_ms, uint64_t now_ms);
