/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One line for each message at its end, and its metrics. Never a body; users as keyed hash unless
 * the log level is debug (SEC-17).
 */

#include "gateway.h"
#include "policy.h"

struct cw_audit;
struct cw_contact;

enum cw_audit_kind {
    CW_AUDIT_MESSAGE,
    CW_AUDIT_TYPING,
    CW_AUDIT_RECEIPT, /**< receipt, marker or disposition notification */
    CW_AUDIT_PRESENCE,
    CW_AUDIT_SUBSCRIPTION,
    CW_AUDIT_IQ,
    CW_AUDIT_KINDS
};

enum cw_audit_result {
    CW_AUDIT_OK,
    CW_AUDIT_DENIED,     /**< by the partner rules */
    CW_AUDIT_UNMAPPABLE, /**< no counterpart on the other network */
    CW_AUDIT_NO_ROUTE,
    CW_AUDIT_EXPIRED,
    CW_AUDIT_ERROR,
    CW_AUDIT_RESULTS
};

struct cw_audit_entry {
    enum cw_direction direction;
    enum cw_audit_kind kind;
    enum cw_audit_result result;
    const char *partner;   /**< label, see cw_admission_label() */
    struct cw_bytes local; /**< address of record; absent if unknown */
    struct cw_bytes remote;
    struct cw_bytes id;        /**< stanza id or Call-ID; absent if none */
    struct cw_bytes stanza_id; /**< of a message from SIP: an error that comes later bears it */
    const uint8_t *trace;      /**< 16 octets; NULL if none */
    const char *detail;        /**< rule, condition or outcome in one word; NULL if none */
    const char
        *undelivered;     /**< reason label of undelivered_total; NULL when delivered or refused */
    unsigned status;      /**< SIP status that the sender or we were told; 0 if none */
    uint64_t received_ms; /**< when it came in; 0: no duration */
};

struct cw_audit *cw_audit_new(struct cw_gateway *gw);

/** Frees and sets NULL. */
void cw_audit_free(struct cw_audit **audit);

/** `user` as the log may show it: himself if it shows debug, else a keyed hash in `hashed`; absent
 * stays absent. */
struct cw_bytes cw_audit_user(const struct cw_audit *audit, struct cw_bytes user, char hashed[17]);

/** An authorization of the pair became `to`: log, and the gauge of subscriptions. */
void cw_audit_grant(struct cw_audit *audit, enum cw_direction direction,
                    const struct cw_contact *contact, enum cw_grant from, enum cw_grant to);

/** What a user wrote, if the operator wants it in the log (security.log_message_bodies). */
void cw_audit_body(const struct cw_audit *audit, const struct cw_audit_entry *entry,
                   struct cw_bytes body);

/** Writes the line and counts. */
void cw_audit_write(struct cw_audit *audit, const struct cw_audit_entry *entry);
