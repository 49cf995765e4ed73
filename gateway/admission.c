/* SPDX-License-Identifier: Apache-2.0 */
#include "admission.h"

#include "access.h"
#include "reply_window.h"
#include "restraint.h"
#include "roster.h"
#include "turn_away.h"

#include <causeway/clock.h>

static const char *const TYPE_NAMES[CW_PARTNER_TYPES] = {
    [CW_PARTNER_FEDERATED] = "federated",
    [CW_PARTNER_PUBLIC_VERIFIED] = "public_verified",
    [CW_PARTNER_PUBLIC_UNVERIFIED] = "public_unverified",
};

/* A reply that came in time stays one while it waits. */
static bool may_reply(const struct cw_gateway *gw, const struct cw_admission *ask)
{
    return cw_reply_window_is_open(gw->replies, ask->local, ask->remote,
                                   (uint64_t)gw->settings->messages.reply_window_ms,
                                   ask->received_ms != 0 ? ask->received_ms : cw_clock_now_ms());
}

/* What `ask` means for rates and quarantine. */
static struct cw_quota_ask weigh(const struct cw_gateway *gw, const struct cw_admission *ask,
                                 const struct cw_partner *partner)
{
    const struct cw_contact *const contact = cw_roster_find(gw->roster, ask->local, ask->remote);

    return (struct cw_quota_ask){
        .partner = partner,
        .request = ask->request,
        .local = ask->local,
        .remote = ask->remote,
        .anew = ask->request == CW_REQUEST_SUBSCRIBE &&
                (contact == NULL || contact->xmpp_watches == CW_GRANT_NONE),
        .invited = contact != NULL && contact->invited,
    };
}

/* A quarantine comes after the partner rules; strangers who get nothing get no answer either. */
static void restrain(const struct cw_gateway *gw, const struct cw_admission *ask,
                     struct cw_admitted *admitted)
{
    const bool matters = admitted->decision.verdict == CW_VERDICT_ALLOW ||
                         admitted->decision.reason == CW_REASON_NOT_INVITED;
    struct cw_quota_ask weight;

    if (ask->direction != CW_FROM_XMPP || !matters) {
        return;
    }
    weight = weigh(gw, ask, admitted->partner);
    if (cw_restraint_holds(gw->restraint, &weight)) {
        admitted->decision = (struct cw_decision){CW_VERDICT_REFUSE, CW_REASON_QUARANTINED};
    }
}

struct cw_admitted cw_admission_peek(const struct cw_gateway *gw, const struct cw_admission *ask)
{
    const struct cw_partner *const partner =
        cw_partners_serving(gw->partners, ask->remote_domain, gw->arena);
    struct cw_admitted admitted = {.partner = partner};
    unsigned facts = cw_roster_facts(gw->roster, ask->local, ask->remote);

    facts |= partner != NULL ? CW_FACT_LISTED : 0u;
    facts |= partner != NULL && partner->enabled ? CW_FACT_ENABLED : 0u;
    facts |= cw_access_federates(gw->access) ? CW_FACT_MASTER : 0u;
    facts |= may_reply(gw, ask) ? CW_FACT_REPLY : 0u;
    facts |= cw_access_entitled(gw->access, ask->local) ? CW_FACT_ENTITLED : 0u;
    admitted.decision = cw_policy_decide(&(struct cw_question){
        .partner = partner != NULL ? partner->type : CW_PARTNER_PUBLIC_UNVERIFIED,
        .direction = ask->direction,
        .request = ask->request,
        .facts = (uint8_t)facts,
    });
    restrain(gw, ask, &admitted);
    return admitted;
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

/* Rates are the last check (PARTNERS section 3). */
static void spend(struct cw_gateway *gw, const struct cw_admission *ask,
                  struct cw_admitted *admitted)
{
    struct cw_quota_ask weight;

    if (ask->direction != CW_FROM_XMPP || admitted->decision.verdict != CW_VERDICT_ALLOW) {
        return;
    }
    weight = weigh(gw, ask, admitted->partner);
    if (!cw_restraint_take(gw->restraint, &weight)) {
        admitted->decision = (struct cw_decision){CW_VERDICT_REFUSE, CW_REASON_RATE_LIMITED};
    }
}

/* Who asks without being a partner's, or as a stranger where only the invited are let in, is shown
 * to the operator. */
static void note_refusal(struct cw_gateway *gw, const struct cw_admission *ask,
                         const struct cw_admitted *admitted)
{
    const enum cw_reason reason = admitted->decision.reason;

    if (reason == CW_REASON_NOT_INVITED) {
        cw_restraint_blame(gw->restraint, admitted->partner);
    }
    if (reason == CW_REASON_NOT_INVITED || reason == CW_REASON_UNLISTED ||
        reason == CW_REASON_PARTNER_DISABLED) {
        cw_turn_away(gw, &(struct cw_knock){.reason = reason,
                                            .direction = ask->direction,
                                            .domain = ask->remote_domain,
                                            .local = ask->local});
    }
}

struct cw_admitted cw_admission_decide(struct cw_gateway *gw, const struct cw_admission *ask)
{
    struct cw_admitted admitted = cw_admission_peek(gw, ask);

    spend(gw, ask, &admitted);
    note_refusal(gw, ask, &admitted);
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
    return cw_partner_label(partner, gw->arena);
}
