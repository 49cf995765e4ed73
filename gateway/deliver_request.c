/* SPDX-License-Identifier: Apache-2.0 */
#include "deliver_private.h"

#include "ability.h"
#include "admission.h"
#include "converse.h"
#include "page.h"
#include "recent.h"
#include "reply.h"
#include "reply_window.h"
#include "report.h"
#include "thread_table.h"

#include <causeway/clock.h>
#include <causeway/error_map.h>

#define HOLD_MAX_MS 3000u /* before timer E of the sender reaches T2 (MSG-49) */

static void refuse(struct cw_deliver *deliver, struct cw_sip_server_transaction *transaction,
                   const struct cw_unit *made, unsigned status)
{
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = status;
    if (status == 415) { /* MSG-71 */
        response.accept = cw_content_accept();
        response.accept_encoding = CW_LIT("identity");
    }
    if (status == 403) { /* MSG-70 */
        response.warning = CW_LIT("399 gateway \"message/cpim names somebody else\"");
    }
    cw_reply_with(deliver->gw, transaction, &response);
    cw_audit_write(deliver->gw->audit,
                   &(struct cw_audit_entry){
                       .direction = CW_FROM_SIP,
                       .kind = CW_AUDIT_MESSAGE,
                       .result = status < 300 ? CW_AUDIT_UNMAPPABLE : CW_AUDIT_ERROR,
                       .partner = made->partner.base,
                       .local = made->local,
                       .remote = made->remote,
                       .id = made->id,
                       .status = status,
                       .detail = status < 300 ? "nothing_to_carry" : cw_error_reason_phrase(status),
                   });
}

static unsigned status_of(enum cw_err err)
{
    switch ((int)err) {
    case CW_OK:
        return 200;
    case CW_ERR_MALFORMED:
        return 400; /* MSG-66 */
    case CW_ERR_UNSUPPORTED:
        return 415;
    case CW_ERR_ENCRYPTED:
        return 493; /* MSG-72 */
    case CW_ERR_REFUSED:
        return 403; /* MSG-70 */
    case CW_ERR_EMPTY:
        return 202; /* MSG-73 */
    case CW_ERR_LIMIT:
        return 513; /* MSG-74 */
    default:
        return 500;
    }
}

/* The kind of what a body said, for the one line that it gets. */
static enum cw_audit_kind kind_of(const struct cw_content *content)
{
    return content->kind == CW_CONTENT_TYPING ? CW_AUDIT_TYPING : CW_AUDIT_RECEIPT;
}

/* Typing and notices are no messages: answered at once, used, and never reported on (MSG-44). */
static void take_marks(struct cw_deliver *deliver, struct cw_sip_server_transaction *transaction,
                       const struct cw_deliver_request *request, const struct cw_unit *made,
                       const struct cw_content *content)
{
    struct cw_gateway *gw = deliver->gw;

    cw_reply(gw, transaction, 200);
    if (content->kind == CW_CONTENT_TYPING) {
        cw_converse_indication(gw->converse, request->sip, &content->typing, made->local,
                               made->remote);
    } else {
        cw_report_notices(gw->report, content, made->local);
    }
    cw_audit_write(gw->audit, &(struct cw_audit_entry){
                                  .direction = CW_FROM_SIP,
                                  .kind = kind_of(content),
                                  .result = CW_AUDIT_OK,
                                  .partner = made->partner.base,
                                  .local = made->local,
                                  .remote = made->remote,
                                  .id = made->id,
                                  .status = 200,
                              });
}

/* MSG-62: as the contact writes; a message inside a call belongs to its conversation (MSG-53). */
static bool is_chat(const struct cw_deliver *deliver, const struct cw_deliver_request *request,
                    const struct cw_unit *made)
{
    return deliver->gw->settings->messages.type_mode == 0 &&
           (request->sip->to.tag.base != NULL ||
            cw_recent_is_chat(deliver->recent, made->remote, made->local));
}

/* What only the conversation knows of a text that was read. */
static void join_conversation(struct cw_deliver *deliver, const struct cw_deliver_request *request,
                              const struct cw_unit *made, struct cw_stanza_message *stanza)
{
    struct cw_gateway *gw = deliver->gw;
    const struct cw_bytes call_id = request->sip->call_id;
    const uint64_t now_ms = cw_clock_now_ms();

    if (is_chat(deliver, request, made)) {
        stanza->type = CW_TYPE_CHAT;
    }
    if (cw_bytes_equal(stanza->thread, call_id)) { /* MSG-56 */
        stanza->thread = cw_thread_of(gw->threads, call_id, now_ms);
        cw_thread_note(gw->threads, call_id, now_ms);
    }
    if (cw_converse_from_sip(gw->converse, made->local, made->remote)) {
        stanza->chat_state = CW_CHAT_ACTIVE; /* CT-9 */
    }
    if (!gw->settings->messages.receipts) {
        stanza->wants_receipt = stanza->markable = false;
    }
}

static void learn(struct cw_gateway *gw, const struct cw_deliver_request *request)
{
    cw_ability_learn_accept(gw->abilities, request->local, request->sip->accept, cw_clock_now_ms());
}

static enum cw_err read_request(struct cw_deliver *deliver,
                                const struct cw_deliver_request *request, struct cw_unit *made,
                                struct cw_content *content, struct cw_stanza_message *stanza)
{
    const struct cw_jid bare = cw_jid_bare(&request->remote);

    CW_TRY(cw_jid_write(&bare, deliver->gw->arena, &made->remote));
    return cw_page_read(deliver->gw, request->sip, &request->local_jid, &request->remote, content,
                        stanza);
}

/* From here on the message is ours. */
static void take_text(struct cw_deliver *deliver, const struct cw_unit *made,
                      const struct cw_content *content)
{
    struct cw_gateway *gw = deliver->gw;
    const uint64_t hold_ms = (uint64_t)gw->settings->messages.hold_ms;
    struct cw_unit *unit = cw_unit_keep(made);

    if (cw_deliver_enqueue(unit) != CW_OK) {
        cw_unit_fail_to_xmpp(unit, CW_FAIL_QUEUE_FULL);
        cw_unit_free(unit);
        return;
    }
    if (gw->settings->messages.reply_window_ms > 0) {
        cw_reply_window_open(gw->replies, unit->local, unit->remote, cw_clock_now_ms());
    }
    if (content->wrapped) {
        cw_report_await(gw->report, &content->cpim, unit->stanza_id, unit->local, unit->remote);
    }
    cw_deliver_hold(unit, unit->received_ms + (hold_ms < HOLD_MAX_MS ? hold_ms : HOLD_MAX_MS));
    cw_deliver_pump(deliver);
}

void cw_deliver_request(struct cw_deliver *deliver, struct cw_sip_server_transaction *transaction,
                        const struct cw_deliver_request *request)
{
    struct cw_gateway *gw = deliver->gw;
    struct cw_unit made = {
        .gw = gw,
        .owner = deliver,
        .direction = CW_FROM_SIP,
        .local = request->local,
        .partner = cw_log_text(cw_admission_label(gw, request->partner)),
        .id = request->sip->call_id,
        .transaction = transaction,
    };
    struct cw_content content = {.kind = CW_CONTENT_NOTHING};
    struct cw_stanza_message stanza;
    enum cw_err err = read_request(deliver, request, &made, &content, &stanza);

    learn(gw, request);
    if (err == CW_OK && (content.kind == CW_CONTENT_TYPING || content.kind == CW_CONTENT_NOTICES)) {
        take_marks(deliver, transaction, request, &made, &content);
        return;
    }
    if (err == CW_OK) {
        join_conversation(deliver, request, &made, &stanza);
        err = cw_page_write(gw, &stanza, &made.xml);
    }
    if (err != CW_OK) {
        refuse(deliver, transaction, &made, status_of(err));
        return;
    }
    if (stanza.bodies.count > 0) {
        cw_audit_body(gw->audit,
                      &(struct cw_audit_entry){.direction = CW_FROM_SIP,
                                               .local = made.local,
                                               .remote = made.remote,
                                               .id = made.id},
                      stanza.bodies.items[0].text);
    }
    made.stanza_id = stanza.id;
    made.dead_ms = cw_page_dead_ms(request->sip);
    cw_clock_random(made.trace, sizeof(made.trace));
    take_text(deliver, &made, &content);
}

bool cw_deliver_loops(const struct cw_deliver *deliver, struct cw_bytes from, struct cw_bytes to,
                      struct cw_bytes body)
{
    return cw_recent_loops(deliver->recent, from, to, body, cw_clock_now_ms());
}
