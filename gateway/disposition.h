/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What became of messages, for those who asked: receipts and markers of XMPP (XEP-0184, XEP-0333)
 * <-> disposition notifications of SIP (RFC 5438), RCPT rules. Two tables, bounded in number and
 * age: messages from XMPP by the imdn.Message-ID that we gave them, messages from SIP by the id of
 * their stanza. In memory only. Pure.
 */

#include <causeway/cpim.h>
#include <causeway/jid.h>
#include <stdint.h>

#define CW_DISPOSITION_MAX    50000u              /* messages of each direction */
#define CW_DISPOSITION_TTL_MS UINT64_C(604800000) /* RCPT-3: 7 days */

struct cw_disposition;

/** @param hash_key  random */
struct cw_disposition *cw_disposition_new(const uint64_t hash_key[2]);

/** Frees and sets NULL. */
void cw_disposition_free(struct cw_disposition **disposition);

/* ---- from XMPP: IMDNs will come ---- */

/** A message that went to SIP in message/cpim (RCPT-3). Texts are copied. */
struct cw_issued {
    struct cw_bytes local;     /**< address of record of the receiver */
    struct cw_bytes remote;    /**< full JID of the sender */
    struct cw_bytes stanza_id; /**< of his message; absent if none */
    struct cw_bytes thread;
    bool chat;
};

void cw_disposition_issue(struct cw_disposition *disposition, struct cw_bytes message_id,
                          const struct cw_issued *message, uint64_t now_ms);

/** An IMDN about `message_id` came from `local`: the message, the first time that `status` is told
 * of it; NULL otherwise (SEC-10: never issued, or to somebody else). Borrowed until the next call.
 */
const struct cw_issued *cw_disposition_told(struct cw_disposition *disposition,
                                            struct cw_bytes message_id, struct cw_bytes local,
                                            enum cw_imdn_status status, uint64_t now_ms);

/* ---- from SIP: IMDNs are due ---- */

/** A message from SIP that asked what becomes of it. Texts are copied. */
struct cw_awaited {
    struct cw_bytes local;  /**< address of record of the sender */
    struct cw_bytes remote; /**< bare JID of the receiver */
    struct cw_bytes message_id, datetime;
    struct cw_bytes cpim_from, cpim_to; /**< as its message/cpim said */
    struct cw_cpim_routes routes;       /**< its IMDN-Record-Route */
    unsigned wants;                     /**< bits of enum cw_imdn_want */
};

void cw_disposition_await(struct cw_disposition *disposition, struct cw_bytes stanza_id,
                          const struct cw_awaited *message, uint64_t now_ms);

/** Nobody is told what becomes of it any more; no effect if it is not there. */
void cw_disposition_forget(struct cw_disposition *disposition, struct cw_bytes local,
                           struct cw_bytes remote, struct cw_bytes stanza_id);

/**
 * `remote` told about `stanza_id` what `status` says. cw_disposition_next() then gives the messages
 * whose senders want to know and do not yet: for CW_IMDN_DISPLAYED also the earlier ones of the
 * conversation (RCPT-10).
 */
void cw_disposition_tell(struct cw_disposition *disposition, struct cw_bytes local,
                         struct cw_bytes remote, struct cw_bytes stanza_id,
                         enum cw_imdn_status status, uint64_t now_ms);

/** One of them; NULL: no more. Ask until NULL; borrowed until the next call but this. */
const struct cw_awaited *cw_disposition_next(struct cw_disposition *disposition);

/** Messages in both tables. */
size_t cw_disposition_count(const struct cw_disposition *disposition);
