/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include <causeway/error_map.h>

void cw_reply_with(struct cw_gateway *gw, struct cw_sip_server_transaction *transaction,
                   struct cw_sip_message *response)
{
    response->reason = cw_log_text(cw_error_reason_phrase(response->status));
    if (response->status == 405) {
        response->allow = CW_LIT(CW_REPLY_ALLOW);
    }
    if (response->status == 489) {
        response->allow_events = CW_LIT(CW_REPLY_EVENTS);
    }
    if (gw->sip != NULL) {
        cw_sip_respond(transaction, response);
    }
}

void cw_reply(struct cw_gateway *gw, struct cw_sip_server_transaction *transaction, unsigned status)
{
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = status;
    cw_reply_with(gw, transaction, &response);
}
