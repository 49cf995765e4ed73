/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "ability.h"
#include "admission.h"
#include "disposition.h"
#include "edge_pool.h"
#include "mark.h"
#include "page.h"
#include "roster.h"
#include "tell.h"

#include <causeway/clock.h>
#include <causeway/error_map.h>
#include <causeway/sip_uri.h>
#include <stdlib.h>

struct cw_report {
    struct cw_gateway *gw;
    struct cw_disposition *messages;
};

struct cw_report *cw_report_new(struct cw_gateway *gw)
{
    struct cw_report *report = calloc(1, sizeof(*report));
    uint64_t key[2];

    if (report == NULL) {
        abort();
    }
    cw_clock_random(key, sizeof(key));
    report->gw = gw;
    report->messages = cw_disposition_new(key);
    return report;
}

void cw_report_free(struct cw_report **report)
{
    if (*report == NULL) {
        return;
    }
    cw_disposition_free(&(*report)->messages);
    free(*report);
    *report = NULL;
}

static struct cw_bytes fresh_id(struct cw_gateway *gw)
{
    return cw_log_text(cw_sip_token(gw->arena, CW_PAGE_TOKEN_LEN));
}

static void count(struct cw_gateway *gw, struct cw_bytes remote, const char *direction,
                  enum cw_imdn_status status)
{
    static const char *const NAMES[CW_IMDN_STATUSES] = {
        [CW_IMDN_DELIVERED] = "delivered", [CW_IMDN_FAILED] = "failed",
        [CW_IMDN_DISPLAYED] = "displayed", [CW_IMDN_PROCESSED] = "processed",
        [CW_IMDN_STORED] = "stored",       [CW_IMDN_FORBIDDEN] = "forbidden",
        [CW_IMDN_ERROR] = "error",
    };
    const struct cw_partner *partner =
        cw_partners_serving(gw->partners, cw_roster_domain_of(remote), gw->arena);

    CW_METRIC_INC(gw->metrics, IMDN_TOTAL, cw_admission_label(gw, partner), direction,
                  NAMES[status]);
}

static void lost(struct cw_gateway *gw)
{
    CW_LOG(gw->log, QUEUE_FULL, "a receipt or notice could not be sent",
           {"reason", CW_LIT("no edge takes it, or SIP is down")});
}

/* May the XMPP user see the SIP user's presence (RCPT-6)? */
static bool may_see(const struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote)
{
    return (cw_roster_facts(gw->roster, local, remote) & CW_FACT_GRANTED) != 0;
}

/* May the SIP user see the XMPP user's? */
static bool is_watched(const struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote)
{
    const struct cw_contact *contact = cw_roster_find(gw->roster, local, remote);

    return contact != NULL && contact->sip_watches == CW_GRANT_GRANTED;
}

/* ---- from XMPP: it asks ---- */

static void issue(struct cw_report *report, const struct cw_stanza *in, struct cw_bytes local,
                  struct cw_bytes message_id)
{
    struct cw_issued message = {.local = local,
                                .stanza_id = in->id,
                                .thread = in->thread,
                                .chat = in->type == CW_TYPE_CHAT};

    if (cw_jid_write(&in->from, report->gw->arena, &message.remote) == CW_OK) {
        cw_disposition_issue(report->messages, message_id, &message, cw_clock_now_ms());
    }
}

void cw_report_form(struct cw_report *report, const struct cw_stanza *in, struct cw_bytes local,
                    struct cw_message_form *form)
{
    struct cw_gateway *gw = report->gw;

    if (!gw->settings->messages.receipts || !(in->wants_receipt || in->markable) ||
        in->type == CW_TYPE_HEADLINE || /* MSG-44: its failure is nobody's to hear of */
        cw_ability_of(gw->abilities, local, CW_ABILITY_CPIM, cw_clock_now_ms()) != CW_ABLE_YES) {
        return;
    }
    form->cpim = true;
    form->message_id = fresh_id(gw); /* RCPT-2 */
    form->now_unix_ms = cw_clock_wall_ms();
    issue(report, in, local, form->message_id);
}

/* ---- towards XMPP ---- */

static enum cw_err send_mark(struct cw_gateway *gw, const struct cw_issued *about,
                             enum cw_imdn_status status)
{
    struct cw_edge_stanza out = {.class = CW_CLASS_MESSAGE};
    struct cw_stanza_message message = {
        .type = about->chat ? CW_TYPE_CHAT : CW_TYPE_NORMAL,
        .id = fresh_id(gw),
        .thread = status == CW_IMDN_DISPLAYED && about->thread.len != 0 ? about->thread
                                                                        : (struct cw_bytes){0},
        .no_store = false,
    };

    if (status == CW_IMDN_DISPLAYED) {
        message.displayed_id = about->stanza_id;
    } else {
        message.received_id = about->stanza_id; /* RCPT-7 */
    }
    CW_TRY(cw_tell_local_jid(gw, about->local, &out.from));
    CW_TRY(cw_jid_read(about->remote, gw->arena, &out.to));
    message.from = out.from;
    message.to = out.to;
    CW_TRY(cw_stanza_write_message(&message, gw->arena, &out.xml));
    return cw_edge_pool_send(gw->edges, &out);
}

static enum cw_err tell_failed(struct cw_gateway *gw, const struct cw_issued *about,
                               bool authorized)
{
    const struct cw_stanza_error error = cw_error_from_sip(480, false, authorized);
    struct cw_stanza in = {.kind = CW_STANZA_MESSAGE,
                           .type = about->chat ? CW_TYPE_CHAT : CW_TYPE_NORMAL,
                           .id = about->stanza_id};

    struct cw_edge_stanza out = {.class = CW_CLASS_MESSAGE};

    CW_TRY(cw_jid_read(about->remote, gw->arena, &in.from));
    CW_TRY(cw_tell_local_jid(gw, about->local, &in.to));
    out.from = in.to;
    out.to = in.from;
    CW_TRY(cw_stanza_write_error(&in, &error, gw->arena, &out.xml));
    return cw_edge_pool_send(gw->edges, &out);
}

/* RCPT-4; what a sender's application has no word for is dropped. */
static enum cw_err pass_on(struct cw_gateway *gw, const struct cw_issued *about,
                           enum cw_imdn_status status)
{
    struct cw_jid remote;
    struct cw_bytes bare;
    bool authorized;

    CW_TRY(cw_jid_read(about->remote, gw->arena, &remote));
    remote = cw_jid_bare(&remote);
    CW_TRY(cw_jid_write(&remote, gw->arena, &bare));
    authorized = may_see(gw, about->local, bare);
    count(gw, bare, "sip_to_xmpp", status);
    if (status == CW_IMDN_FAILED) {
        return tell_failed(gw, about, authorized);
    }
    if (!authorized || about->stanza_id.base == NULL ||
        (status != CW_IMDN_DELIVERED && status != CW_IMDN_DISPLAYED)) {
        return CW_OK;
    }
    return send_mark(gw, about, status);
}

void cw_report_notices(struct cw_report *report, const struct cw_content *content,
                       struct cw_bytes local)
{
    const uint64_t now_ms = cw_clock_now_ms();

    cw_ability_learn(report->gw->abilities, local, CW_ABILITY_CPIM, true, now_ms);
    for (size_t i = 0; i < content->notice_count; i++) {
        const struct cw_imdn *const notice = &content->notices[i];
        const struct cw_issued *about = cw_disposition_told(report->messages, notice->message_id,
                                                            local, notice->status, now_ms);

        if (about != NULL && pass_on(report->gw, about, notice->status) != CW_OK) {
            lost(report->gw);
        }
    }
}

void cw_report_answered(struct cw_report *report, const struct cw_stanza *in, struct cw_bytes local)
{
    struct cw_gateway *gw = report->gw;
    struct cw_issued about = {
        .local = local, .stanza_id = in->id, .chat = in->type == CW_TYPE_CHAT};
    const struct cw_jid from = cw_jid_bare(&in->from);
    struct cw_bytes remote;

    if (!gw->settings->messages.receipts || !gw->settings->messages.receipt_from_200 ||
        !in->wants_receipt || in->id.base == NULL ||
        cw_jid_write(&from, gw->arena, &remote) != CW_OK || !may_see(gw, local, remote) ||
        cw_jid_write(&in->from, gw->arena, &about.remote) != CW_OK) {
        return;
    }
    count(gw, remote, "sip_to_xmpp", CW_IMDN_DELIVERED);
    if (send_mark(gw, &about, CW_IMDN_DELIVERED) != CW_OK) {
        lost(gw);
    }
}

/* ---- towards SIP ---- */

static enum cw_err send_notice(struct cw_gateway *gw, const struct cw_awaited *about,
                               enum cw_imdn_status status)
{
    struct cw_message_notice notice = {
        .cpim_from = about->cpim_from,
        .cpim_to = about->cpim_to,
        .routes = &about->routes,
        .about = about->message_id,
        .about_datetime = about->datetime,
        .message_id = fresh_id(gw),
        .now_unix_ms = cw_clock_wall_ms(),
        .status = status,
    };
    struct cw_page_message page;

    CW_TRY(cw_jid_read(about->remote, gw->arena, &notice.from));
    CW_TRY(cw_tell_local_jid(gw, about->local, &notice.to));
    CW_TRY(cw_message_notify(&notice, gw->arena, &page));
    return cw_mark_send(gw, &page, about->local, about->remote, false);
}

/* @return true: somebody was told */
static bool tell(struct cw_report *report, struct cw_bytes id, struct cw_bytes local,
                 struct cw_bytes remote, enum cw_imdn_status status)
{
    const struct cw_awaited *about;
    bool told = false;

    cw_disposition_tell(report->messages, local, remote, id, status, cw_clock_now_ms());
    while ((about = cw_disposition_next(report->messages)) != NULL) {
        count(report->gw, remote, "xmpp_to_sip", status);
        if (send_notice(report->gw, about, status) == CW_OK) {
            told = true;
        } else {
            lost(report->gw);
        }
    }
    return told;
}

bool cw_report_fate(struct cw_report *report, struct cw_bytes id, struct cw_bytes local,
                    struct cw_bytes remote, enum cw_imdn_status status)
{
    return report->gw->settings->messages.receipts && tell(report, id, local, remote, status);
}

void cw_report_forget(struct cw_report *report, struct cw_bytes id, struct cw_bytes local,
                      struct cw_bytes remote)
{
    cw_disposition_forget(report->messages, local, remote, id);
}

void cw_report_receipt(struct cw_report *report, const struct cw_stanza *in, struct cw_bytes local,
                       struct cw_bytes remote)
{
    if (!report->gw->settings->messages.receipts || !is_watched(report->gw, local, remote)) {
        return;
    }
    if (in->received_id.base != NULL) {
        (void)tell(report, in->received_id, local, remote, CW_IMDN_DELIVERED); /* RCPT-9 */
    }
    if (in->displayed_id.base != NULL) {
        (void)tell(report, in->displayed_id, local, remote, CW_IMDN_DISPLAYED); /* RCPT-10 */
    }
}

/* ---- from SIP: it asks ---- */

/* SEC-10: a notice goes to nobody but our own users, whatever a message says. */
static bool are_own(const struct cw_gateway *gw, const struct cw_cpim_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++) {
        struct cw_sip_uri uri;

        if (cw_sip_uri_read(routes->items[i], gw->arena, &uri) != CW_OK ||
            (uri.scheme != CW_URI_SIP && uri.scheme != CW_URI_SIPS) ||
            !cw_gateway_settings_is_own(gw->settings, uri.host)) {
            return false;
        }
    }
    return true;
}

void cw_report_await(struct cw_report *report, const struct cw_cpim *cpim, struct cw_bytes id,
                     struct cw_bytes local, struct cw_bytes remote)
{
    const struct cw_awaited message = {
        .local = local,
        .remote = remote,
        .message_id = cpim->message_id,
        .datetime = cpim->datetime,
        .cpim_from = cpim->from,
        .cpim_to = cpim->to,
        .routes = cpim->record_routes,
        .wants = cpim->wants,
    };

    cw_ability_learn(report->gw->abilities, local, CW_ABILITY_CPIM, true, cw_clock_now_ms());
    if (report->gw->settings->messages.receipts && cpim->wants != 0 &&
        cpim->message_id.base != NULL && are_own(report->gw, &cpim->record_routes)) {
        cw_disposition_await(report->messages, id, &message, cw_clock_now_ms());
    }
}
