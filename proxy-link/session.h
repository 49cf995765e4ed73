/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A session of the link without its connections: what was sent and not settled, what was received,
 * credit both ways, and what HELLO and WELCOME make of them (docs/PROTOCOL.md section 6).
 */

#include "ack_in.h"
#include "ack_out.h"

#define CW_SESSION_MAX_UNSETTLED 65536u /* stanzas; half of what the receiver's table takes */
#define CW_SESSION_MAX_OCTETS    ((size_t)64 * 1024 * 1024) /* of unsettled stanzas */
#define CW_SESSION_MAX_WINDOW    1024u /* stanzas of one partner: 1 ms of the fastest stream */

struct cw_session {
    bool is_edge;
    char node[CW_FRAME_MAX_NODE + 1]; /**< own */
    char pool[CW_FRAME_MAX_NODE + 1];
    char peer[CW_FRAME_MAX_NODE + 1]; /**< "" before the first meeting */
    uint64_t epoch;                   /**< own */
    uint64_t peer_epoch;              /**< 0: never met */
    uint16_t protocol;                /**< spoken with the peer: the lower of both ends' highest */
    uint32_t window;     /**< the peer's: stanzas of a partner that it lets us have unsettled */
    uint32_t own_window; /**< ours, for the peer */
    uint32_t unsettled_max;
    bool lost;         /**< what was sent went to a process that is gone: cw_session_pop_lost() */
    bool peer_leaving; /**< GOAWAY came */
    bool leaving;      /**< GOAWAY was sent: new stanzas are not taken */
    struct cw_credit *credit_out;
    struct cw_credit *credit_in;
    struct cw_ack_out *out;
    struct cw_ack_in *in;
};

/**
 * A session that has met nobody.
 *
 * @param epoch  not 0, random, new for each process start
 */
struct cw_session *cw_session_new(bool is_edge, const char *node, const char *pool, uint64_t epoch,
                                  uint32_t unsettled_max);

/** Frees and sets NULL. */
void cw_session_free(struct cw_session **session);

/** Fills HELLO or WELCOME; runs are borrowed from the session. */
void cw_session_hello(const struct cw_session *session, uint64_t revision,
                      struct cw_frame_hello *out);

/** May this peer be met at all? @return NULL, or why not, in words for the log of both sides */
const char *cw_session_objection(const struct cw_session *session,
                                 const struct cw_frame_hello *peer);

/**
 * The peer's HELLO or WELCOME came, and nothing is objected: the session goes on from there.
 *
 * @return CW_OK or CW_ERR_PROTOCOL
 */
CW_MUST_USE enum cw_err cw_session_meet(struct cw_session *session,
                                        const struct cw_frame_hello *peer);

/** The next stanza whose fate nobody will tell; now the caller's. NULL: none. */
struct cw_sent *cw_session_pop_lost(struct cw_session *session);

/** Takes a stanza to be sent (copied). @return CW_OK, CW_ERR_BUSY or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_session_send(struct cw_session *session,
                                        const struct cw_frame_stanza *stanza, void *cookie);

/** Is there room again for all classes, after CW_ERR_BUSY for want of it? */
bool cw_session_has_room(const struct cw_session *session);

/** ACK came: the next stanza that it settles, now the caller's; NULL: no more. Call until NULL. */
struct cw_sent *cw_session_settled(struct cw_session *session, const struct cw_frame_ack *ack);

/** Is `ack` about something that was sent? Else the peer breaks the protocol. */
bool cw_session_may_ack(const struct cw_session *session, const struct cw_frame_ack *ack);

/** CREDIT came. */
void cw_session_credited(struct cw_session *session, const struct cw_frame_credit *credit);

/** GOAWAY came: the next stanza that the peer will not take, now the caller's; NULL: no more. */
struct cw_sent *cw_session_refused(struct cw_session *session, uint64_t last_seq);

/** Gives up: the next stanza, now the caller's, `*was_sent` tells how far it came; NULL: no more.
 */
struct cw_sent *cw_session_abandoned(struct cw_session *session, bool *was_sent);

/**
 * STANZA came.
 *
 * @param handle  for cw_ack_in_settle() and cw_ack_in_taken(); 0: not to be handed up
 * @return CW_OK, CW_ERR_PROTOCOL or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_session_receive(struct cw_session *session,
                                           const struct cw_frame_stanza *stanza, uint64_t *handle);
