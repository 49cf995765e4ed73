/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who is told what became of a message: gateway/disposition.h with SIP and the edges to send to
 * (RCPT rules). Presence must not leak: only who may see a user's presence learns that something
 * reached him (RCPT-6).
 */

#include "gateway.h"

#include <causeway/message.h>

struct cw_report;

struct cw_report *cw_report_new(struct cw_gateway *gw);

/** Frees and sets NULL. */
void cw_report_free(struct cw_report **report);

/* ---- messages from XMPP ---- */

/** How `in` goes to `local`: in message/cpim if it asks for a notice and his devices can give one
 * (RCPT-1); its Message-ID is remembered then. Fills `cpim`, `message_id` and `now_unix_ms`. */
void cw_report_form(struct cw_report *report, const struct cw_stanza *in, struct cw_bytes local,
                    struct cw_message_form *form);

/** `in` got a 200 as plain text (RCPT-5). */
void cw_report_answered(struct cw_report *report, const struct cw_stanza *in,
                        struct cw_bytes local);

/** Receipts and markers that `in` bears, about messages from `local`; `remote` is in->from, bare
 * (RCPT-9, RCPT-10). */
void cw_report_receipt(struct cw_report *report, const struct cw_stanza *in, struct cw_bytes local,
                       struct cw_bytes remote);

/* ---- messages from SIP ---- */

/** A message whose message/cpim asks for notices is on its way as the stanza `id`. */
void cw_report_await(struct cw_report *report, const struct cw_cpim *cpim, struct cw_bytes id,
                     struct cw_bytes local, struct cw_bytes remote);

/** What became of the stanza `id`: CW_IMDN_PROCESSED or CW_IMDN_FAILED (RCPT-12, RCPT-13).
 * @return true: the sender was told */
bool cw_report_fate(struct cw_report *report, struct cw_bytes id, struct cw_bytes local,
                    struct cw_bytes remote, enum cw_imdn_status status);

/** The sender of the stanza `id` was told by our answer: no notice follows (RCPT-12). */
void cw_report_forget(struct cw_report *report, struct cw_bytes id, struct cw_bytes local,
                      struct cw_bytes remote);

/** Notices from `local` (RCPT-4). */
void cw_report_notices(struct cw_report *report, const struct cw_content *content,
                       struct cw_bytes local);
