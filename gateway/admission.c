/* SPDX-License-Identifier: Apache-2.0 */
#include "admission.h"

#include "quota.h"
#include "reply_window.h"
#include "roster.h"

#include <causeway/clock.h>

static const char *const TYPE_NAMES[CW_PARTNER_TYPES] = {
    [CW_PARTNER_FEDERATED] = "federated",
    [CW_PARTNER_PUBLIC_VERIFIED] = "public_verified",
    [CW_PARTNER_PUBLIC_UNVERIFIED] = "public_unverified",
};

static bool is_ascii(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.base[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* ADDR-4, ADDR-7 */
const struct cw_partner *cw_admission_partner(const struct cw_gateway *gw, struct cw_bytes domain)
{
    struct cw_bytes ascii = domain;

    if (!is_ascii(domain) && cw_jid_domain_ascii(domain, gw->arena, &ascii) != CW_OK) {
        return NULL;
    }
    return cw_partners_find(gw->partners, ascii);
}

/* A reply that came in time stays one while it waits. */
static bool may_reply(const struct cw_gateway *gw, const struct cw_admission *ask)
{
    return cw_reply_window_is_open(gw->replies, ask->local, ask->remote,
                                   (uint64_t)gw->settings->messages.reply_window_ms,
                                   ask->received_ms != 0 ? ask->received_ms : cw_clock_now_ms());
}

struct cw_admitted cw_admission_peek(const struct cw_gateway *gw, const struct cw_admission *ask)
{
    const struct cw_partner *partner = cw_admission_partner(gw, ask->remote_domain);
    unsigned facts = cw_roster_facts(gw->roster, ask->local, ask->remote);

    facts |= partner != NULL ? CW_FACT_LISTED : 0u;
    facts |= partner != NULL && partner->enabled ? CW_FACT_ENABLED : 0u;
    facts |= gw->settings->users.federation ? CW_FACT_MASTER : 0u;
    facts |= may_reply(gw, ask) ? CW_FACT_REPLY : 0u;
    facts |= cw_gateway_settings_entitled(gw->settings, ask->local) ? CW_FACT_ENTITLED : 0u;
    return (struct cw_admitted){
        .decision = cw_policy_decide(&(struct cw_question){
            .partner = partner != NULL ? partner->type : CW_PARTNER_PUBLIC_UNVERIFIED,
            .direction = ask->direction,
            .request = ask->request,
            .facts = (uint8_t)facts,
        }),
        .partner = partner,
    };
}

struct cw_admission cw_admission_between(enum cw_direction direction, enum cw_request request,
                                         struct cw_bytes local, struct cw_bytes remote)
{
    return (struct cw_admission){
        .direction = direction,
        .request = request,
        .local = local,
        .remote = remote,
        .remote_domain = cw_roster_domain_of(remote),
    };
}

/* SEC-6: an XMPP user asks for what he does not have yet. */
static bool asks_anew(const struct cw_gateway *gw, const struct cw_admission *ask)
{
    const struct cw_contact *contact;

    if (ask->direction != CW_FROM_XMPP || ask->request != CW_REQUEST_SUBSCRIBE) {
        return false;
    }
    contact = cw_roster_find(gw->roster, ask->local, ask->remote);
    return contact == NULL || contact->xmpp_watches == CW_GRANT_NONE;
}

struct cw_admitted cw_admission_decide(struct cw_gateway *gw, const struct cw_admission *ask)
{
    struct cw_admitted admitted = cw_admission_peek(gw, ask);

    if (admitted.decision.verdict == CW_VERDICT_ALLOW && asks_anew(gw, ask)) {
        const char *kind =
            cw_quota_take(gw->quota, gw->roster, admitted.partner, ask->remote, cw_clock_now_ms());

        if (kind != NULL) { /* rates are the last check (PARTNERS section 3) */
            admitted.decision = (struct cw_decision){CW_VERDICT_REFUSE, CW_REASON_RATE_LIMITED};
            CW_METRIC_INC(gw->metrics, RATE_LIMITED_TOTAL, cw_admission_label(gw, admitted.partner),
                          kind);
        }
    }
    CW_METRIC_INC(gw->metrics, POLICY_DECISIONS_TOTAL, cw_admission_label(gw, admitted.partner),
                  admitted.decision.verdict == CW_VERDICT_ALLOW ? "allow" : "deny",
                  cw_reason_label(admitted.decision.reason));
    return admitted;
}

const char *cw_admission_type_name(enum cw_partner_type type)
{
    return TYPE_NAMES[type];
}

const char *cw_admission_label(struct cw_gateway *gw, const struct cw_partner *partner)
{
    char *text;

    if (partner == NULL) {
        return "_unlisted";
    }
    text = cw_arena_alloc(gw->arena, partner->domain.len + 1);
    if (text == NULL) {
        return "_unlisted";
    }
    memcpy(text, partner->domain.base, partner->domain.len);
    return text;
}
