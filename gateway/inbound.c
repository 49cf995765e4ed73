/* SPDX-License-Identifier: Apache-2.0 */
#include "inbound.h"

#include "admission.h"
#include "audit.h"
#include "bounce.h"
#include "converse.h"
#include "deliver.h"
#include "edge_pool.h"
#include "iq.h"
#include "ledger.h"
#include "notify.h"
#include "report.h"
#include "restraint.h"
#include "roster.h"
#include "tell.h"
#include "turn.h"
#include "watch.h"

#include <causeway/address.h>
#include <causeway/stanza_write.h>

/* One stanza with what was found out about it. */
struct item {
    const struct cw_frame_stanza *frame;
    struct cw_stanza in;
    struct cw_bytes local;  /* address of record of in.to; absent if it has no localpart */
    struct cw_bytes remote; /* bare JID of in.from */
    const struct cw_partner *partner;
};

static enum cw_audit_kind kind_of(const struct cw_stanza *in)
{
    switch (in->kind) {
    case CW_STANZA_MESSAGE:
        if (in->body.base == NULL && in->pep.kind != CW_PEP_NONE) {
            return CW_AUDIT_PRESENCE; /* PRES-40 */
        }
        return in->body.base == NULL && in->chat_state != CW_CHAT_NONE ? CW_AUDIT_TYPING
                                                                       : CW_AUDIT_MESSAGE;
    case CW_STANZA_IQ:
        return CW_AUDIT_IQ;
    case CW_STANZA_PRESENCE:
    case CW_STANZA_KINDS:
        break;
    }
    return in->type == CW_TYPE_AVAILABLE || in->type == CW_TYPE_UNAVAILABLE ? CW_AUDIT_PRESENCE
                                                                            : CW_AUDIT_SUBSCRIPTION;
}

static void audit(struct cw_gateway *gw, const struct item *item, enum cw_audit_result result,
                  const char *detail)
{
    cw_audit_write(gw->audit, &(struct cw_audit_entry){
                                  .direction = CW_FROM_XMPP,
                                  .kind = kind_of(&item->in),
                                  .result = result,
                                  .partner = cw_admission_label(gw, item->partner),
                                  .local = item->local,
                                  .remote = item->remote,
                                  .id = item->in.id,
                                  .trace = item->frame->trace,
                                  .detail = detail,
                              });
}

/* The edge proved the frame's pair; a stanza may not speak for another one (RFC 6120
 * section 8.1.2.2), and it must go from a partner's domain to one of ours (ARCH-6). */
static enum cw_err check_domains(struct cw_gateway *gw, struct item *item)
{
    struct cw_bytes from;
    struct cw_bytes to;

    CW_TRY(cw_jid_domain_ascii(item->in.from.domain, gw->arena, &from));
    CW_TRY(cw_jid_domain_ascii(item->in.to.domain, gw->arena, &to));
    if (!cw_bytes_equal(from, item->frame->from_domain) ||
        !cw_bytes_equal(to, item->frame->to_domain)) {
        return CW_ERR_PROTOCOL;
    }
    if (!cw_gateway_settings_is_own(gw->settings, to) ||
        cw_gateway_settings_is_own(gw->settings, from)) {
        return CW_ERR_NO_ROUTE;
    }
    item->partner = cw_partners_find(gw->partners, from);
    return CW_OK;
}

static enum cw_err read_stanza(struct cw_gateway *gw, struct item *item)
{
    struct cw_jid bare;

    CW_TRY(cw_stanza_read(item->frame->xml, gw->arena, &item->in));
    CW_TRY(check_domains(gw, item));
    bare = cw_jid_bare(&item->in.from);
    return cw_jid_write(&bare, gw->arena, &item->remote);
}

/* ADDR-19: an address that cannot be written as a SIP URI. The sender must mend his own; a user who
 * cannot exist is answered as one who does not. A domain that is no partner gets nothing even then.
 */
static bool map_addresses(struct cw_gateway *gw, struct item *item)
{
    const struct cw_stanza *in = &item->in;
    struct cw_bytes from;

    if (in->from.local.base == NULL ||
        cw_address_to_sip(&in->from, CW_ADDRESS_AOR, gw->arena, &from) != CW_OK) {
        if (item->partner != NULL) {
            cw_bounce_now(gw->bounce, in, &CW_STANZA_ERROR("jid-malformed", "modify"));
        }
        audit(gw, item, CW_AUDIT_UNMAPPABLE, "from");
        return false;
    }
    if (in->to.local.base == NULL ||
        cw_address_to_sip(&in->to, CW_ADDRESS_AOR, gw->arena, &item->local) != CW_OK) {
        if (item->partner != NULL) {
            cw_bounce_unknown(gw->bounce, in); /* MSG-10 */
        }
        audit(gw, item, CW_AUDIT_UNMAPPABLE, "to");
        return false;
    }
    return true;
}

static enum cw_request request_of(const struct cw_stanza *in)
{
    if (in->kind == CW_STANZA_MESSAGE) {
        switch ((int)kind_of(in)) {
        case CW_AUDIT_PRESENCE:
            return CW_REQUEST_PRESENCE; /* PRES-40 */
        case CW_AUDIT_TYPING:
            return CW_REQUEST_TYPING;
        default:
            return CW_REQUEST_MESSAGE;
        }
    }
    switch ((int)in->type) {
    case CW_TYPE_SUBSCRIBE:
        return CW_REQUEST_SUBSCRIBE;
    case CW_TYPE_SUBSCRIBED:
        return CW_REQUEST_ANSWER;
    case CW_TYPE_UNSUBSCRIBE:
    case CW_TYPE_UNSUBSCRIBED:
        return CW_REQUEST_CANCEL;
    case CW_TYPE_PROBE:
        return CW_REQUEST_PROBE;
    default:
        return CW_REQUEST_PRESENCE;
    }
}

/* An `unsubscribed` would cancel his pending request in his own roster (SUB-35). */
static bool has_asked(const struct cw_gateway *gw, const struct item *item)
{
    const struct cw_contact *contact = cw_roster_find(gw->roster, item->local, item->remote);

    return contact != NULL && contact->xmpp_watches == CW_GRANT_ASKED;
}

static bool is_paused(enum cw_reason reason)
{
    return reason == CW_REASON_PARTNER_DISABLED || reason == CW_REASON_MASTER_OFF;
}

/* Whoever is not let in learns no more than that nobody is there, to the letter (PARTNERS section
 * 3, MSG-10, SUB-34, ERR-32): an `unsubscribed` for a `subscribe` bears no id when the SIP side
 * knows nobody of that name either (SUB-53). A domain that is no partner gets nothing. */
static void refuse(struct cw_gateway *gw, const struct item *item, enum cw_reason reason)
{
    const struct cw_stanza *in = &item->in;

    if (reason == CW_REASON_UNLISTED) {
        return;
    }
    if (in->kind == CW_STANZA_MESSAGE) {
        cw_bounce_unknown(gw->bounce, in);
    } else if (is_paused(reason)) {
        return; /* an `unsubscribed` would end for good what only rests */
    } else if (in->type == CW_TYPE_SUBSCRIBE) {
        cw_tell_subscription(gw, item->local, item->remote, CW_TYPE_UNSUBSCRIBED,
                             (struct cw_bytes){0});
    } else if (in->type == CW_TYPE_PROBE && !has_asked(gw, item)) {
        cw_tell_subscription(gw, item->local, item->remote, CW_TYPE_UNSUBSCRIBED, in->id);
    }
}

/* SEC-6: an answer would be traffic too, so none but for messages, which are never lost without a
 * word to their sender; in quarantine he hears one a minute. */
static void refuse_for_rate(struct cw_gateway *gw, const struct item *item, enum cw_reason reason)
{
    if (item->in.kind != CW_STANZA_MESSAGE) {
        if (reason == CW_REASON_RATE_LIMITED && kind_of(&item->in) == CW_AUDIT_PRESENCE) {
            cw_notify_missed(gw->notify, item->local, item->remote);
        }
        return;
    }
    if (reason == CW_REASON_RATE_LIMITED) {
        cw_bounce_now(gw->bounce, &item->in, &CW_STANZA_ERROR("resource-constraint", "wait"));
    } else if (cw_restraint_may_tell(gw->restraint, item->remote, item->partner)) {
        cw_bounce_unknown(gw->bounce, &item->in);
    }
}

static bool admit(struct cw_gateway *gw, const struct item *item)
{
    const struct cw_admission ask = {
        .direction = CW_FROM_XMPP,
        .request = request_of(&item->in),
        .local = item->local,
        .remote = item->remote,
        .remote_domain = item->frame->from_domain,
    };
    const struct cw_decision decision = cw_admission_decide(gw, &ask).decision;

    if (decision.verdict == CW_VERDICT_ALLOW) {
        return true;
    }
    if (decision.reason == CW_REASON_RATE_LIMITED || decision.reason == CW_REASON_QUARANTINED) {
        refuse_for_rate(gw, item, decision.reason);
    } else {
        refuse(gw, item, decision.reason);
    }
    audit(gw, item, CW_AUDIT_DENIED, cw_reason_label(decision.reason));
    return false;
}

/* SEC-4: let through, for the domain is a partner's; but somebody may look at it. */
static void note_lookalike(struct cw_gateway *gw, const struct item *item)
{
    char hashed[17];

    if (item->in.type == CW_TYPE_SUBSCRIBE && cw_jid_mixes_scripts(item->in.from.local)) {
        CW_LOG(gw->log, ADDRESS_MIXED, "a contact's name mixes scripts: it may pass for another",
               {"remote", cw_audit_user(gw->audit, item->remote, hashed)},
               {"partner", item->frame->from_domain});
    }
}

static void act_on_presence(struct cw_gateway *gw, const struct item *item)
{
    const struct cw_stanza *in = &item->in;

    switch ((int)in->type) {
    case CW_TYPE_SUBSCRIBE:
    case CW_TYPE_UNSUBSCRIBE:
    case CW_TYPE_PROBE:
        cw_watch_presence(gw->watch, in, item->local, item->partner);
        break;
    case CW_TYPE_UNAVAILABLE:
        cw_converse_away(gw->converse, item->local, item->remote, in->from.resource); /* CT-5 */
        cw_notify_presence(gw->notify, in, item->local);
        break;
    case CW_TYPE_SUBSCRIBED:
    case CW_TYPE_UNSUBSCRIBED:
    case CW_TYPE_AVAILABLE:
        cw_notify_presence(gw->notify, in, item->local);
        break;
    case CW_TYPE_ERROR: /* ERR-3: never answered */
        cw_notify_presence(gw->notify, in, item->local);
        cw_watch_error(gw->watch, in, item->local);
        break;
    default:
        audit(gw, item, CW_AUDIT_UNMAPPABLE, "type");
        return;
    }
    audit(gw, item, CW_AUDIT_OK, NULL);
}

static void act_on_message(struct cw_gateway *gw, const struct item *item)
{
    if (item->in.type != CW_TYPE_ERROR && item->in.pep.kind != CW_PEP_NONE &&
        gw->settings->presence.pep) { /* PRES-40 */
        cw_notify_headline(gw->notify, &item->in, item->local);
        audit(gw, item, CW_AUDIT_OK, NULL);
        return;
    }
    if (item->in.type != CW_TYPE_ERROR) {
        cw_deliver_stanza(gw->deliver, &item->in, item->frame, item->local, item->partner);
        return;
    }
    /* MSG-5, MSG-50, RCPT-12: ours was answered long ago; its sender is told if he asked for that
     */
    (void)cw_report_fate(gw->report, item->in.id, item->local, item->remote, CW_IMDN_FAILED);
    cw_audit_write(gw->audit, &(struct cw_audit_entry){
                                  .direction = CW_FROM_SIP,
                                  .kind = CW_AUDIT_MESSAGE,
                                  .result = CW_AUDIT_ERROR,
                                  .partner = cw_admission_label(gw, item->partner),
                                  .local = item->local,
                                  .remote = item->remote,
                                  .id = item->in.id,
                                  .trace = item->frame->trace,
                                  .detail = "stanza_error",
                                  .undelivered = "stanza_error",
                              });
}

/* A domain that is no partner gets nothing, and one that is paused no service. */
static bool admit_iq(struct cw_gateway *gw, const struct item *item, enum cw_reason reason)
{
    if (reason != CW_REASON_UNLISTED && !is_paused(reason)) {
        return true;
    }
    if (is_paused(reason)) {
        cw_bounce_now(gw->bounce, &item->in, &CW_STANZA_ERROR("service-unavailable", "cancel"));
    }
    audit(gw, item, CW_AUDIT_DENIED, cw_reason_label(reason));
    return false;
}

static void answer_iq(struct cw_gateway *gw, struct item *item)
{
    struct cw_edge_stanza out = {
        .class = CW_CLASS_IQ,
        .from = item->in.to,
        .to = item->in.from,
        .trace = item->frame->trace,
    };
    struct cw_iq_view view = {.granted = false};
    struct cw_admission ask = {.direction = CW_FROM_XMPP,
                               .request = CW_REQUEST_PROBE, /* it asks what a probe asks */
                               .remote = item->remote,
                               .remote_domain = item->frame->from_domain};
    struct cw_decision decision;

    if (item->in.to.local.base != NULL &&
        cw_address_to_sip(&item->in.to, CW_ADDRESS_AOR, gw->arena, &item->local) != CW_OK) {
        item->local = (struct cw_bytes){0};
    }
    ask.local = item->local;
    decision = cw_admission_peek(gw, &ask).decision;
    if (!admit_iq(gw, item, decision.reason)) {
        return;
    }
    if (item->local.base != NULL && decision.verdict == CW_VERDICT_ALLOW) {
        view = cw_watch_view(gw->watch, item->local, item->remote, item->in.to.resource);
    }
    view.version = gw->settings->presence.software_version ? CAUSEWAY_VERSION : NULL;
    view.abuse_contacts = gw->settings->node.abuse_contact.items;
    view.abuse_contact_count = gw->settings->node.abuse_contact.count;
    if (cw_iq_answer(&item->in, &view, gw->arena, &out.xml) != CW_OK ||
        (out.xml.len != 0 && cw_edge_pool_send(gw->edges, &out) != CW_OK)) {
        audit(gw, item, CW_AUDIT_ERROR, "no_answer");
        return;
    }
    audit(gw, item, CW_AUDIT_OK, NULL);
}

/* ADDR-6: whom it was for cannot be read, so our domain answers for him. What comes from an address
 * that cannot be read has nobody to answer to.
 * @return what the audit says of it */
static const char *answer_malformed(struct cw_gateway *gw, struct item *item)
{
    static const enum cw_stanza_class CLASSES[CW_STANZA_KINDS] = {
        [CW_STANZA_MESSAGE] = CW_CLASS_MESSAGE,
        [CW_STANZA_PRESENCE] = CW_CLASS_PRESENCE,
        [CW_STANZA_IQ] = CW_CLASS_IQ,
    };
    struct cw_stanza *in = &item->in;
    struct cw_edge_stanza out = {.class = CLASSES[in->kind], .to = in->from};
    struct cw_bytes domain;

    if (in->from.domain.base == NULL || in->type == CW_TYPE_ERROR || in->type == CW_TYPE_RESULT ||
        cw_jid_domain_ascii(in->from.domain, gw->arena, &domain) != CW_OK ||
        !cw_bytes_equal(domain, item->frame->from_domain) ||
        cw_partners_serving(gw->partners, domain, gw->arena) == NULL ||
        cw_jid_read(item->frame->to_domain, gw->arena, &in->to) != CW_OK) {
        return cw_err_text(CW_ERR_ADDRESS);
    }
    out.from = in->to;
    return cw_stanza_write_error(in, &CW_STANZA_ERROR("jid-malformed", "modify"), gw->arena,
                                 &out.xml) == CW_OK &&
                   cw_edge_pool_send(gw->edges, &out) == CW_OK
               ? "jid_malformed"
               : cw_err_text(CW_ERR_ADDRESS);
}

static void act(struct cw_gateway *gw, struct item *item)
{
    if (item->in.kind == CW_STANZA_IQ) {
        answer_iq(gw, item);
        return;
    }
    if (!map_addresses(gw, item)) {
        return;
    }
    if (item->in.type != CW_TYPE_ERROR && !admit(gw, item)) {
        return;
    }
    if (item->in.kind == CW_STANZA_MESSAGE) {
        act_on_message(gw, item);
    } else {
        note_lookalike(gw, item);
        act_on_presence(gw, item);
    }
}

void cw_inbound_stanza(struct cw_gateway *gw, struct cw_link *link,
                       const struct cw_frame_stanza *frame)
{
    const struct cw_ledger *ledger = cw_roster_ledger(gw->roster);
    const uint64_t before = cw_ledger_begun(ledger);
    struct item item = {.frame = frame};
    uint64_t begun;
    enum cw_err err;

    cw_turn_begin(gw);
    err = read_stanza(gw, &item);
    if (err == CW_OK) {
        act(gw, &item);
    } else {
        CW_LOG(gw->log, XML_REJECTED, "a stanza of an edge was refused",
               {"reason", cw_log_text(cw_err_text(err))}, {"from", frame->from_domain},
               {"to", frame->to_domain});
        audit(gw, &item, CW_AUDIT_UNMAPPABLE,
              err == CW_ERR_ADDRESS ? answer_malformed(gw, &item) : cw_err_text(err));
    }
    /* Its effect is in memory, or it was answered; or it changed what must survive, and the edge
     * keeps it until that is durable. */
    begun = cw_ledger_begun(ledger);
    cw_edge_pool_taken(gw->edges, link, frame->seq, begun != before ? begun : 0);
    cw_turn_end(gw);
}
