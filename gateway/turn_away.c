/* SPDX-License-Identifier: Apache-2.0 */
#include "turn_away.h"

#include "access.h"

#include <causeway/clock.h>

static void count(struct cw_gateway *gw, enum cw_reason reason, uint32_t how_often)
{
    cw_metric_add(cw_metrics_child(gw->metrics, CW_METRIC_KNOCKS_TOTAL,
                                   (const char *const[]){cw_reason_label(reason)}),
                  how_often);
}

void cw_turn_away(struct cw_gateway *gw, const struct cw_knock *knock)
{
    struct cw_knock noted = *knock;

    noted.wall_s = cw_clock_wall_ms() / 1000;
    count(gw, knock->reason, knock->count != 0 ? knock->count : 1);
    if (cw_knocks_note(gw->knocks, &noted) && knock->reason != CW_REASON_NOT_INVITED) {
        CW_LOG(gw->log, POLICY_UNLISTED,
               "a domain that may not federate was turned away; see: causewayctl knocks",
               {"domain", knock->domain}, {"reason", cw_log_text(cw_reason_label(knock->reason))},
               {"dir",
                knock->direction == CW_FROM_XMPP ? CW_LIT("xmpp_to_sip") : CW_LIT("sip_to_xmpp")},
               {"peer", knock->peer});
    }
}

/* Why the edge had no permit for `domain`; CW_REASON_NO_RULE: it has one by now. */
static enum cw_reason reason_of(const struct cw_gateway *gw, struct cw_bytes domain)
{
    const struct cw_partner *const partner = cw_partners_find(gw->partners, domain);

    if (partner == NULL) {
        return CW_REASON_UNLISTED;
    }
    if (!partner->enabled) {
        return CW_REASON_PARTNER_DISABLED;
    }
    return cw_access_federates(gw->access) ? CW_REASON_NO_RULE : CW_REASON_MASTER_OFF;
}

void cw_turn_away_told(struct cw_gateway *gw, const struct cw_frame_knocks *knocks)
{
    if (knocks->unnamed != 0) {
        count(gw, CW_REASON_UNLISTED, knocks->unnamed);
    }
    for (size_t i = 0; i < knocks->count; i++) {
        const struct cw_frame_knock *const told = &knocks->items[i];
        const struct cw_knock knock = {
            .reason = reason_of(gw, told->domain),
            .direction = told->outgoing ? CW_FROM_SIP : CW_FROM_XMPP,
            .count = told->count,
            .domain = told->domain,
            .peer = told->peer,
        };

        if (knock.reason != CW_REASON_NO_RULE) {
            cw_turn_away(gw, &knock);
        }
    }
}
