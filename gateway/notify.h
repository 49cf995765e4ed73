/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * SIP users watch XMPP users (MAPPING 8.4): performs the effects of gateway/notifier.h. A SUBSCRIBE
 * is the invitation of PARTNERS.md section 3; it is durable before `subscribe` leaves us.
 */

#include "gateway.h"
#include "roster.h"

struct cw_notify;

struct cw_notify *cw_notify_new(struct cw_gateway *gw);

/** Frees and sets NULL; after cw_sip_stop(). */
void cw_notify_free(struct cw_notify **notify);

/** What a SUBSCRIBE is about, after the addresses were mapped and admitted. */
struct cw_notify_request {
    const struct cw_sip_message *sip;
    struct cw_bytes local; /**< watcher, address of record */
    struct cw_jid local_jid;
    struct cw_jid remote; /**< presentity, bare */
    const struct cw_partner *partner;
};

/** SUBSCRIBE outside a dialog, already validated and admitted; answers it (SUB-70 to SUB-73,
 * SUB-86, SUB-87). */
void cw_notify_subscribe(struct cw_notify *notify, struct cw_sip_server_transaction *transaction,
                         const struct cw_notify_request *request);

/** SUBSCRIBE inside a dialog; answers and audits it. */
void cw_notify_resubscribe(struct cw_notify *notify, struct cw_sip_server_transaction *transaction,
                           const struct cw_sip_message *request);

/** presence of type subscribed, unsubscribed, available, unavailable or error towards `local`. */
void cw_notify_presence(struct cw_notify *notify, const struct cw_stanza *in,
                        struct cw_bytes local);

/** A presence notification of `remote` for `local` was dropped unread (SEC-6). */
void cw_notify_missed(struct cw_notify *notify, struct cw_bytes local, struct cw_bytes remote);

/** A headline of mood or activity from a contact of `local` (PRES-40); of others it means nothing.
 */
void cw_notify_headline(struct cw_notify *notify, const struct cw_stanza *in,
                        struct cw_bytes local);

/**
 * The local user removes the contact (SUB-92): `unsubscribe`, dialogs end, the invitation is gone;
 * for a public unverified partner the contact's own authorization goes too (PARTNERS section 3).
 * @return false if there is no such pair
 */
bool cw_notify_remove(struct cw_notify *notify, struct cw_bytes local, struct cw_bytes remote);

/** The local user has blocked the contact: his dialogs end. What they are to each other stays. */
void cw_notify_block(struct cw_contact *contact);

/** Changes that are not durable yet, and what waits for them untold. */
size_t cw_notify_unsaved(const struct cw_notify *notify);

/** Ends the dialogs of partners that are gone or disabled, and of users who may not federate. */
void cw_notify_policy_changed(struct cw_notify *notify);

/** Number of live dialogs of the pair; `*expires_s` of the longest, -1 for none. */
size_t cw_notify_dialogs(const struct cw_contact *contact, int64_t *expires_s);
