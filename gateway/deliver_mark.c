/* SPDX-License-Identifier: Apache-2.0 */
#include "mark.h"

#include "deliver_private.h"

/* MSG-29: statuses and notices are MESSAGEs, too, and none may overlap with another one. Typing
 * does not queue up behind what waits: when that is out it says more than the state would (CT-4),
 * and an `active` that nobody takes back ends by itself (CT-5). */
enum cw_err cw_mark_send(struct cw_gateway *gw, const struct cw_page_message *page,
                         struct cw_bytes local, struct cw_bytes remote, bool typing)
{
    struct cw_unit made = {
        .gw = gw,
        .owner = gw->deliver,
        .direction = CW_FROM_XMPP,
        .local = local,
        .remote = remote,
        .mark = {.request_uri = page->request_uri,
                 .from_uri = page->from_uri,
                 .to_uri = page->to_uri,
                 .body = page->body,
                 .typing = typing},
    };
    struct cw_unit *unit;
    enum cw_err err;

    if (typing && cw_delivery_waits(gw->deliver->lanes[CW_FROM_XMPP], remote, local)) {
        return CW_ERR_BUSY;
    }
    unit = cw_unit_keep(&made);
    err = cw_deliver_enqueue(unit);
    if (err != CW_OK) {
        cw_unit_free(unit);
        return err;
    }
    cw_deliver_pump_to_sip(gw->deliver);
    return CW_OK;
}
