/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The receiver's half of acknowledgement: which numbers of the peer's epoch have come, and the
 * fates told about them. A fate is kept until the peer has surely heard it (it answered a PING sent
 * after the fate, or says so by `oldest`), so that what a cut swallowed is told again.
 *
 * The owner knows stanzas by handles, which go on over epochs: a fate that comes late for a peer
 * process that is gone hits nothing.
 */

#include "credit.h"

/** Stanzas open, or told and not confirmed; twice what a sender may have unsettled. */
#define CW_ACK_IN_MAX 131072u

struct cw_ack_in;

/** Nothing received yet. `credit` is borrowed: the receiver's table. */
struct cw_ack_in *cw_ack_in_new(struct cw_credit *credit);

/** Frees and sets NULL. */
void cw_ack_in_free(struct cw_ack_in **in);

/** New connection: the peer's epoch and its oldest unsettled number (0: none). Another epoch than
 * before begins anew. */
void cw_ack_in_meet(struct cw_ack_in *in, uint64_t epoch, uint64_t oldest);

/** Epoch last met; 0: none. */
uint64_t cw_ack_in_epoch(const struct cw_ack_in *in);

/** Highest number received in that epoch; 0: none. */
uint64_t cw_ack_in_received(const struct cw_ack_in *in);

/**
 * A stanza came.
 *
 * @param handle  of a stanza that is new; 0 when it has been seen before
 * @return CW_OK, CW_ERR_PROTOCOL (a number is missing), CW_ERR_LIMIT (too much is open)
 */
CW_MUST_USE enum cw_err cw_ack_in_take(struct cw_ack_in *in, uint64_t seq, struct cw_bytes partner,
                                       uint64_t *handle);

/** Notes the fate of one stanza and owes its credit. `*ack` is to be told. False: not open. */
bool cw_ack_in_settle(struct cw_ack_in *in, uint64_t handle, enum cw_fate fate, enum cw_fail reason,
                      struct cw_frame_ack *ack);

/** Notes TAKEN for all that is open up to `handle`. `*ack` is to be told, once a turn will do.
 * False: nothing was open. */
bool cw_ack_in_taken(struct cw_ack_in *in, uint64_t handle, struct cw_frame_ack *ack);

/** New connection: the next fate to be told again, from `*index` 0 on; its credit is owed again.
 * False: no more. */
bool cw_ack_in_retell(struct cw_ack_in *in, size_t *index, struct cw_frame_ack *ack);

/** A PING goes out. @return what to give to cw_ack_in_confirm() when its PONG comes */
uint32_t cw_ack_in_mark(struct cw_ack_in *in);

/** The peer has heard all that was told before `mark`. */
void cw_ack_in_confirm(struct cw_ack_in *in, uint32_t mark);

/** Fates told since the last mark: many of them call for a PING out of turn. */
size_t cw_ack_in_unmarked(const struct cw_ack_in *in);

/** Stanzas kept: open, or told and not confirmed. */
size_t cw_ack_in_count(const struct cw_ack_in *in);
