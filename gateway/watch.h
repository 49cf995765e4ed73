/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XMPP users watch SIP users (MAPPING 8.3): performs the effects of gateway/authorization.h and
 * gateway/dialog.h. Nothing that an XMPP user could take for an answer leaves before it is durable.
 */

#include "gateway.h"
#include "iq.h"
#include "roster.h"

struct cw_watch;

struct cw_watch *cw_watch_new(struct cw_gateway *gw);

/** Frees and sets NULL; after cw_sip_stop(). */
void cw_watch_free(struct cw_watch **watch);

/** After a restart: a new SUBSCRIBE for each pair that was asked or granted, 20 a second; whoever
 * may not watch any more is told so. */
void cw_watch_resume(struct cw_watch *watch);

/** presence of type subscribe, unsubscribe or probe, admitted. `local` is the address of record of
 * in->to. */
void cw_watch_presence(struct cw_watch *watch, const struct cw_stanza *in, struct cw_bytes local,
                       const struct cw_partner *partner);

/** An error presence that answers what we sent about our user (SUB-39). */
void cw_watch_error(struct cw_watch *watch, const struct cw_stanza *in, struct cw_bytes local);

/** A SIP NOTIFY; answers and audits it. */
void cw_watch_notify(struct cw_watch *watch, struct cw_sip_server_transaction *transaction,
                     const struct cw_sip_message *request);

/** What `remote` may know of `local`, and of his resource `resource` if that is not absent (IQ-5 to
 * IQ-8); `version` is not set. */
struct cw_iq_view cw_watch_view(const struct cw_watch *watch, struct cw_bytes local,
                                struct cw_bytes remote, struct cw_bytes resource);

/** Takes the authorization of `remote` back (SUB-40); no effect without one. */
void cw_watch_revoke(struct cw_watch *watch, struct cw_bytes local, struct cw_bytes remote);

/** Changes that are not durable yet, and what waits for them untold. */
size_t cw_watch_unsaved(const struct cw_watch *watch);

/** Ends the dialogs of partners that are gone or disabled, and the authorizations of whoever may
 * not watch any more (SUB-40). */
void cw_watch_policy_changed(struct cw_watch *watch);

/** Asks the SIP side again, now. @return false if there is no such authorization */
bool cw_watch_refresh(struct cw_watch *watch, struct cw_bytes local, struct cw_bytes remote);

/** "none", "wait", "pending", "active", "retry", "frozen", "closing"; seconds to the next step, -1
 * for none. */
const char *cw_watch_dialog_state(const struct cw_contact *contact, int64_t *next_s);
