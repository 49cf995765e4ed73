/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Messages both ways (MAPPING 3; DESIGN section 7): queue, send, final answer. What was answered
 * with yes ends delivered or reported, once, within its time to live.
 */

#include "gateway.h"

struct cw_deliver;

struct cw_deliver *cw_deliver_new(struct cw_gateway *gw);

/** Frees and sets NULL; after cw_sip_stop() and cw_edge_pool_free(). */
void cw_deliver_free(struct cw_deliver **deliver);

/** After cw_sip_stop(), while the links stand: every sender whose message still waits for SIP is
 * told. */
void cw_deliver_give_up(struct cw_deliver *deliver);

/** A message stanza, admitted; `frame` brought it. `local` is the address of record of in->to. */
void cw_deliver_stanza(struct cw_deliver *deliver, const struct cw_stanza *in,
                       const struct cw_frame_stanza *frame, struct cw_bytes local,
                       const struct cw_partner *partner);

/** What a MESSAGE is about, after the addresses were mapped and admitted. */
struct cw_deliver_request {
    const struct cw_sip_message *sip;
    struct cw_bytes local;   /**< sender, address of record */
    struct cw_jid local_jid; /**< with resource if the sender's GRUU is known */
    struct cw_jid remote;
    const struct cw_partner *partner;
};

/** A SIP MESSAGE, admitted; answers it now or later. */
void cw_deliver_request(struct cw_deliver *deliver, struct cw_sip_server_transaction *transaction,
                        const struct cw_deliver_request *request);

/** Is this the sixth equal message from `from` to `to` that came from XMPP within 30 s (MSG-52)? */
bool cw_deliver_loops(const struct cw_deliver *deliver, struct cw_bytes from, struct cw_bytes to,
                      struct cw_bytes body);

/** Messages that are queued or wait for their outcome; a drain waits until it is 0. */
size_t cw_deliver_pending(const struct cw_deliver *deliver);
