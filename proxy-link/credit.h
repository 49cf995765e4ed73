/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Credit: how many stanzas of a partner are under way, so that one slow partner never stops
 * another.
 *
 * The sender counts what it has not got back; the receiver counts what it owes. Both hold the
 * partner of each stanza that is not done with. A partner is in the table while anything counts.
 */

#include <causeway/frame.h>

#define CW_CREDIT_MAX_PARTNERS 4096u /* more partners under way at once than any policy lists */
#define CW_CREDIT_NO_SLOT      UINT16_MAX

struct cw_credit;

/** An empty table. */
struct cw_credit *cw_credit_new(void);

/** Frees and sets NULL. */
void cw_credit_free(struct cw_credit **credit);

/**
 * Sender: counts and holds one more stanza of `partner`, if fewer than `limit` are under way.
 * Otherwise the partner is noted as waiting for fewer than `limit`.
 *
 * @return CW_OK or CW_ERR_BUSY
 */
CW_MUST_USE enum cw_err cw_credit_take(struct cw_credit *credit, struct cw_bytes partner,
                                       uint32_t limit, uint16_t *slot);

/** Sender: notes that `partner` waits for room in the session, whatever its own count. */
void cw_credit_wait(struct cw_credit *credit, struct cw_bytes partner);

/** Sender: `count` stanzas of the partner in `slot` are under way no more. */
void cw_credit_give(struct cw_credit *credit, uint16_t slot, uint32_t count);

/** Slot of `partner`, or CW_CREDIT_NO_SLOT when nothing of it counts. */
uint16_t cw_credit_find(const struct cw_credit *credit, struct cw_bytes partner);

/**
 * Sender: the next waiting partner that may go on, from `*index` 0 on; each once in a pass, also
 * if it must wait again. False: no more.
 *
 * @param room     is there room in the session for those that wait for it?
 * @param partner  borrowed until the next call of this interface
 */
bool cw_credit_wake(struct cw_credit *credit, bool room, size_t *index, struct cw_bytes *partner);

/** Sender, new connection: exactly the stanzas that are held are under way. */
void cw_credit_restart(struct cw_credit *credit);

/** Receiver: holds `partner` once more. @return CW_OK or CW_ERR_LIMIT (table full) */
CW_MUST_USE enum cw_err cw_credit_hold(struct cw_credit *credit, struct cw_bytes partner,
                                       uint16_t *slot);

/** Both: holds the partner in `slot` once less. */
void cw_credit_release(struct cw_credit *credit, uint16_t slot);

/** Receiver: owes one stanza's credit to the partner in `slot`. */
void cw_credit_owe(struct cw_credit *credit, uint16_t slot);

/** Receiver: the next debt, now paid; false when there is none. `partner` as in cw_credit_wake().
 */
bool cw_credit_pay(struct cw_credit *credit, struct cw_frame_credit *out);

/** Receiver, new connection: debts are void. */
void cw_credit_forgive(struct cw_credit *credit);

/** Sender: stanzas of the partner under way. */
uint32_t cw_credit_used(const struct cw_credit *credit, struct cw_bytes partner);
