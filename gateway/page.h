/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A page-mode message as it goes out: the MESSAGE for a stanza, the stanza for a MESSAGE, within
 * the limits of the configuration.
 */

#include "gateway.h"

/** @return as cw_message_to_sip(); `out` borrows from `in` and the arena */
CW_MUST_USE enum cw_err cw_page_to_request(struct cw_gateway *gw, const struct cw_stanza *in,
                                           struct cw_sip_message *out);

/** A message stanza as it goes out. */
struct cw_page_stanza {
    struct cw_bytes xml;
    struct cw_bytes id;
};

/**
 * @param chat  the conversation is of type chat (MSG-62)
 * @return as cw_message_to_xmpp(); CW_ERR_LIMIT also for a body or stanza that is too large
 * (MSG-74)
 */
CW_MUST_USE enum cw_err cw_page_to_stanza(struct cw_gateway *gw, const struct cw_sip_message *sip,
                                          const struct cw_jid *from, const struct cw_jid *to,
                                          bool chat, struct cw_page_stanza *out);
