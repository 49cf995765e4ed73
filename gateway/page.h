/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A page-mode message as it goes out: the MESSAGE for a stanza, the stanza for a MESSAGE, within
 * the limits of the configuration.
 */

#include "gateway.h"

#include <causeway/message.h>

#define CW_PAGE_TOKEN_LEN   22u  /* letters and digits: 131 bits */
#define CW_PAGE_CALL_ID_MAX 128u /* octets, MSG-16 */

/** One try to send. Absent Call-ID and tag are made; the next try of the message uses them again
 * with a higher `cseq` (RFC 3261 section 8.1.3.5). */
struct cw_page_try {
    struct cw_message_form form;
    struct cw_bytes call_id, from_tag;
    uint32_t cseq;
    struct cw_bytes target; /**< Request-URI of a 3xx; absent: the receiver's own */
};

/** @return as cw_message_to_sip(); `out` borrows from `in`, `attempt` and the arena */
CW_MUST_USE enum cw_err cw_page_to_request(struct cw_gateway *gw, const struct cw_stanza *in,
                                           struct cw_page_try *attempt, struct cw_sip_message *out);

/** A page message as a request outside of any lane: a status or a notice, from a remote user. */
CW_MUST_USE enum cw_err cw_page_send(struct cw_gateway *gw, const struct cw_page_message *page,
                                     struct cw_bytes remote_domain, cw_sip_done_fn *done,
                                     void *user);

/**
 * Reads what a MESSAGE says.
 * @return as cw_message_to_xmpp(); CW_ERR_LIMIT also for a body that is too large, and
 * CW_ERR_UNSUPPORTED for a Content-Encoding (MSG-71)
 */
CW_MUST_USE enum cw_err cw_page_read(struct cw_gateway *gw, const struct cw_sip_message *sip,
                                     const struct cw_jid *from, const struct cw_jid *to,
                                     struct cw_content *content, struct cw_stanza_message *out);

/** When it is of no use any more, on the clock of cw_clock_now_ms() (MSG-51); UINT64_MAX: never. */
uint64_t cw_page_dead_ms(const struct cw_sip_message *sip);

/** Writes a stanza. @return CW_OK or CW_ERR_LIMIT (more than partners take, MSG-74) */
CW_MUST_USE enum cw_err cw_page_write(struct cw_gateway *gw, const struct cw_stanza_message *stanza,
                                      struct cw_bytes *xml);
