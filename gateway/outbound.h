/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The way of one SIP request to XMPP: read, admit, act.
 */

#include "gateway.h"

/** A cw_sip_request_fn; `user` is the struct cw_gateway. Answers every request once. */
void cw_outbound_request(struct cw_sip_server_transaction *transaction,
                         const struct cw_sip_message *request, void *user);
