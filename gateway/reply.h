/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Final answers to SIP requests that carry no more than a status and the header that the status
 * demands.
 */

#include "gateway.h"

/** Methods and packages that we take (SESS-2, WINFO-4). */
#define CW_REPLY_ALLOW  "MESSAGE, SUBSCRIBE, NOTIFY, OPTIONS"
#define CW_REPLY_EVENTS "presence"

/** Answers with `status` and its Reason-Phrase; 405 bears Allow, 489 Allow-Events. No effect when
 * SIP is stopped. */
void cw_reply(struct cw_gateway *gw, struct cw_sip_server_transaction *transaction,
              unsigned status);

/** Answers with `response`, whose status and headers are set; the Reason-Phrase is filled in. */
void cw_reply_with(struct cw_gateway *gw, struct cw_sip_server_transaction *transaction,
                   struct cw_sip_message *response);
