/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One message that the gateway answers for, and the ways in which it can end: each ends once, with
 * one audit line.
 */

#include "alarm.h"
#include "audit.h"
#include "delivery.h"
#include "gateway.h"
#include "page.h"
#include "recursion.h"

struct cw_deliver;

/** What the tries to send a message to SIP have in common, and what the next one is to mend. */
struct cw_unit_try {
    char call_id[CW_PAGE_CALL_ID_MAX];
    size_t call_id_len; /**< 0: nothing was sent yet */
    char from_tag[CW_PAGE_TOKEN_LEN];
    uint32_t cseq;
    bool rich;                    /**< the last one was not plain text */
    bool plain;                   /**< the next one is (MSG-40) */
    struct cw_recursion *targets; /**< of 3xx; NULL: none (MSG-33) */
    struct cw_bytes target;       /**< the one in hand; absent: the receiver himself */
    unsigned moved;               /**< status of the first 3xx */
};

/** A MESSAGE that is no message: a status or a notice, ready to go (CT-1, RCPT-11). */
struct cw_unit_mark {
    struct cw_bytes request_uri; /**< absent: the unit is a message */
    struct cw_bytes from_uri, to_uri, body;
    bool typing; /**< a status, not a notice */
};

/** A final answer that is no yes. */
struct cw_unit_refusal {
    unsigned status; /**< 408: none came */
    bool retry_after;
    struct cw_bytes reason; /**< Reason-Phrase; absent if none */
};

/** One message; its texts are behind it. It ties the stanza to the transaction: what answers one is
 * told of the other (MSG-17). */
struct cw_unit {
    struct cw_parcel parcel; /**< first */
    struct cw_gateway *gw;
    struct cw_deliver *owner;
    enum cw_direction direction;
    uint64_t received_ms;
    uint8_t trace[16];
    struct cw_bytes local;   /**< address of record */
    struct cw_bytes remote;  /**< bare JID */
    struct cw_bytes partner; /**< label, NUL-terminated */
    struct cw_bytes xml;     /**< the stanza: as it came, or as it goes out */
    struct cw_bytes id;
    struct cw_bytes stanza_id; /**< CW_FROM_SIP: what an error to it will bear */
    struct cw_sip_server_transaction
        *transaction;         /**< CW_FROM_SIP: to be answered; NULL when it was */
    uint64_t dead_ms;         /**< CW_FROM_SIP: of no use any more from then on (MSG-51) */
    struct cw_unit_try tries; /**< CW_FROM_XMPP */
    struct cw_unit_mark mark; /**< CW_FROM_XMPP */
    struct cw_alarm hold;     /**< CW_FROM_SIP: the answer is due */
    struct cw_alarm again;    /**< it could not go and is tried again */
    char text[];
};

/** A copy of `made` that owns its texts; cw_unit_free() ends it. */
struct cw_unit *cw_unit_keep(const struct cw_unit *made);

/** Frees it and what its tries hold. */
void cw_unit_free(struct cw_unit *unit);

/** Is it a status or a notice? Nothing is reported about those (MSG-44, CT-11). */
bool cw_unit_is_mark(const struct cw_unit *unit);

/** Its one audit line; a mark had it when what it comes from was taken. `undelivered`: reason label
 * of undelivered_total, NULL when it was delivered or refused. */
void cw_unit_end(struct cw_unit *unit, enum cw_audit_result result, unsigned status,
                 const char *detail, const char *undelivered);

/** Answers the SIP sender; no effect when he was answered before. */
void cw_unit_answer(struct cw_unit *unit, unsigned status);

/** The SIP sender learns that it failed: by our answer, or by a notice if he had that before and
 * asked for one (MSG-50, RCPT-12). */
void cw_unit_refuse(struct cw_unit *unit, unsigned status);

/** Is a message to SIP still let through? The policy may be another one than when it came.
 * @return CW_OK or CW_ERR_REFUSED */
CW_MUST_USE enum cw_err cw_unit_admit(const struct cw_unit *unit);

/** Ends one that is not: its sender is told what anybody is told who writes to nobody. */
void cw_unit_deny(struct cw_unit *unit);

/** Error stanza to the XMPP sender (ERR-5, ERR-9, ERR-20, ERR-30). */
void cw_unit_bounce(struct cw_unit *unit, const struct cw_unit_refusal *refusal);

/** Ends a message to SIP that was refused. */
void cw_unit_fail_to_sip(struct cw_unit *unit, const struct cw_unit_refusal *refusal);

/** Ends a message to XMPP that could not be handed over (ERR-34, ERR-10); CW_FAIL_NONE: it did not
 * get to an edge, or the edge has forgotten it. */
void cw_unit_fail_to_xmpp(struct cw_unit *unit, enum cw_fail reason);
