/* SPDX-License-Identifier: Apache-2.0 */
#include "deliver_private.h"

#include "admission.h"
#include "bounce.h"
#include "converse.h"
#include "recent.h"
#include "report.h"

#include <causeway/clock.h>
#include <causeway/message.h>

static void audit_stanza(struct cw_deliver *deliver, const struct cw_unit *made,
                         enum cw_audit_kind kind, enum cw_audit_result result, const char *detail)
{
    cw_audit_write(deliver->gw->audit, &(struct cw_audit_entry){
                                           .direction = CW_FROM_XMPP,
                                           .kind = kind,
                                           .result = result,
                                           .partner = made->partner.base,
                                           .local = made->local,
                                           .remote = made->remote,
                                           .id = made->id,
                                           .trace = made->trace,
                                           .detail = detail,
                                       });
}

static void refuse(struct cw_deliver *deliver, const struct cw_stanza *in,
                   const struct cw_unit *made, const struct cw_stanza_error *error,
                   const char *detail)
{
    cw_bounce_now(deliver->gw->bounce, in, error);
    audit_stanza(deliver, made, CW_AUDIT_MESSAGE, CW_AUDIT_UNMAPPABLE, detail);
}

/* What rides without text. A receipt may bear a state too, as its sender's client is in use. */
static void take_marks(struct cw_deliver *deliver, const struct cw_stanza *in,
                       const struct cw_unit *made, enum cw_message_fate fate)
{
    struct cw_gateway *gw = deliver->gw;

    if (in->chat_state != CW_CHAT_NONE) {
        cw_converse_state(gw->converse, in, made->local, made->remote);
    }
    if (fate == CW_MESSAGE_RECEIPT) {
        cw_report_receipt(gw->report, in, made->local, made->remote);
    }
    audit_stanza(deliver, made, fate == CW_MESSAGE_RECEIPT ? CW_AUDIT_RECEIPT : CW_AUDIT_TYPING,
                 CW_AUDIT_OK, NULL);
}

#define NOT_ACCEPTABLE(why)                                                                        \
    ((struct cw_stanza_error){                                                                     \
        .condition = CW_LIT("not-acceptable"), .type = CW_LIT("modify"), .text = CW_LIT(why)})

/* What becomes no MESSAGE is answered, used or dropped here. @return false: it is over */
static bool may_go(struct cw_deliver *deliver, const struct cw_stanza *in,
                   const struct cw_unit *made)
{
    const enum cw_message_fate fate = cw_message_fate(in);

    switch (fate) {
    case CW_MESSAGE_DROP: /* MSG-8 */
        audit_stanza(deliver, made, CW_AUDIT_MESSAGE, CW_AUDIT_UNMAPPABLE, "nothing_to_carry");
        return false;
    case CW_MESSAGE_DROP_FORGED: /* EXT-7 */
        audit_stanza(deliver, made, CW_AUDIT_MESSAGE, CW_AUDIT_UNMAPPABLE, "forged");
        return false;
    case CW_MESSAGE_TYPING:
    case CW_MESSAGE_RECEIPT:
        take_marks(deliver, in, made, fate);
        return false;
    case CW_MESSAGE_REFUSE_ENCRYPTED: /* EXT-6 */
        refuse(deliver, in, made, &NOT_ACCEPTABLE(CW_MESSAGE_ENCRYPTED_TEXT), "encrypted");
        return false;
    case CW_MESSAGE_REFUSE_MULTICAST: /* EXT-15 */
        refuse(deliver, in, made, &NOT_ACCEPTABLE(CW_MESSAGE_MULTICAST_TEXT), "several_receivers");
        return false;
    case CW_MESSAGE_REFUSE_GROUPCHAT: /* MSG-4 */
        refuse(deliver, in, made, &CW_STANZA_ERROR("service-unavailable", "cancel"), "groupchat");
        return false;
    case CW_MESSAGE_SEND:
        break;
    }
    if (in->body.len > (size_t)deliver->gw->settings->messages.max_body) {
        cw_bounce_now(deliver->gw->bounce, in, &CW_STANZA_ERROR("policy-violation", "modify"));
        audit_stanza(deliver, made, CW_AUDIT_MESSAGE, CW_AUDIT_ERROR, "too_big");
        return false;
    }
    return true;
}

void cw_deliver_stanza(struct cw_deliver *deliver, const struct cw_stanza *in,
                       const struct cw_frame_stanza *frame, struct cw_bytes local,
                       const struct cw_partner *partner)
{
    struct cw_gateway *gw = deliver->gw;
    const struct cw_jid bare = cw_jid_bare(&in->from);
    struct cw_unit made = {
        .gw = gw,
        .owner = deliver,
        .direction = CW_FROM_XMPP,
        .local = local,
        .partner = cw_log_text(cw_admission_label(gw, partner)),
        .xml = frame->xml,
        .id = in->id,
    };
    struct cw_unit *unit;

    memcpy(made.trace, frame->trace, sizeof(made.trace));
    if (cw_jid_write(&bare, gw->arena, &made.remote) != CW_OK || !may_go(deliver, in, &made)) {
        return;
    }
    cw_audit_body(
        gw->audit,
        &(struct cw_audit_entry){
            .direction = CW_FROM_XMPP, .local = local, .remote = made.remote, .id = in->id},
        in->body);
    cw_recent_note(deliver->recent, made.remote, local, in->body, cw_clock_now_ms());
    cw_recent_note_chat(deliver->recent, made.remote, local, in->type == CW_TYPE_CHAT);
    cw_converse_from_xmpp(gw->converse, in, local, made.remote);
    unit = cw_unit_keep(&made);
    if (cw_deliver_enqueue(unit) != CW_OK) { /* MSG-29 */
        cw_bounce_now(gw->bounce, in, &CW_STANZA_ERROR("resource-constraint", "wait"));
        cw_unit_end(unit, CW_AUDIT_ERROR, 0, "queue_full", "queue_full");
        cw_unit_free(unit);
        return;
    }
    deliver->fresh = unit;
    deliver->as_read = in;
    cw_deliver_pump(deliver);
    deliver->fresh = NULL;
}
