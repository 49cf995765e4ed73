/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * MESSAGEs to SIP that are no messages: statuses (RFC 3994) and notices (RFC 5438). They take their
 * turn among the messages of the two, which gateway/deliver_mark.c knows how to do; that it is not
 * gateway/deliver.h lets those who are told of outcomes send something because of them.
 */

#include "gateway.h"

#include <causeway/message.h>

/**
 * Sends `page` from `remote`, bare, to `local`; nothing is reported about it. Texts are copied.
 * @param typing  a status, not a notice
 * @return CW_OK or CW_ERR_BUSY (it does not go)
 */
CW_MUST_USE enum cw_err cw_mark_send(struct cw_gateway *gw, const struct cw_page_message *page,
                                     struct cw_bytes local, struct cw_bytes remote, bool typing);
