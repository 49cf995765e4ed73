/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include "spelling.h"
#include "subscribe.h"
#include "thread_table.h"

#include <causeway/clock.h>

static struct cw_bytes token(struct cw_gateway *gw)
{
    return cw_log_text(cw_sip_token(gw->arena, CW_PAGE_TOKEN_LEN));
}

static void fill_request(struct cw_gateway *gw, const struct cw_page_message *page,
                         struct cw_bytes remote_domain, struct cw_sip_message *out)
{
    cw_sip_message_init(out);
    out->method = CW_SIP_MESSAGE;
    out->request_uri = page->request_uri;
    out->from = (struct cw_sip_party){.uri = page->from_uri, .display = page->from_display};
    out->to.uri = page->to_uri;
    out->cseq = 1;
    out->subject = page->subject;
    out->content_type = page->content_type;
    out->content_language = page->content_language;
    out->content_disposition = page->content_disposition;
    out->date = page->date;
    out->body = page->body;
    cw_subscribe_mark(gw, remote_domain, out);
}

/* The thread itself if it is as unique as a Call-ID must be, else what stands for it; without a
 * thread every message is its own (MSG-16). */
static enum cw_err choose_call_id(struct cw_gateway *gw, const struct cw_stanza *in,
                                  const struct cw_page_message *page, struct cw_bytes *out)
{
    const struct cw_jid from = cw_jid_bare(&in->from);
    struct cw_bytes sender;
    char *digest;

    if (page->call_id.base != NULL) { /* MSG-15 */
        *out = page->call_id;
        return CW_OK;
    }
    if (in->thread.len == 0) {
        *out = token(gw);
        return CW_OK;
    }
    CW_TRY(cw_jid_write(&from, gw->arena, &sender));
    digest = cw_arena_alloc(gw->arena, CW_THREAD_DIGEST_LEN);
    if (digest == NULL) {
        return CW_ERR_LIMIT;
    }
    *out =
        cw_thread_call_id(gw->threads, in->thread, sender, page->to_uri, cw_clock_now_ms(), digest);
    return CW_OK;
}

enum cw_err cw_page_to_request(struct cw_gateway *gw, const struct cw_stanza *in,
                               struct cw_page_try *attempt, struct cw_sip_message *out)
{
    struct cw_page_message page;

    CW_TRY(cw_message_to_sip(in, &attempt->form, gw->arena, &page));
    if (attempt->call_id.base == NULL) {
        CW_TRY(choose_call_id(gw, in, &page, &attempt->call_id));
        attempt->from_tag = token(gw); /* MSG-12: fresh, so the same Call-ID is no merged request */
    }
    fill_request(gw, &page, in->from.domain, out);
    out->to.uri = cw_spelling_of(gw->spelling, page.to_uri); /* ADDR-8 */
    out->request_uri = attempt->target.base != NULL ? attempt->target : out->to.uri;
    out->call_id = attempt->call_id;
    out->from.tag = attempt->from_tag;
    out->cseq = attempt->cseq;
    return CW_OK;
}

enum cw_err cw_page_send(struct cw_gateway *gw, const struct cw_page_message *page,
                         struct cw_bytes remote_domain, cw_sip_done_fn *done, void *user)
{
    struct cw_sip_message request;

    if (gw->sip == NULL) {
        return CW_ERR_CLOSED;
    }
    fill_request(gw, page, remote_domain, &request);
    request.to.uri = cw_spelling_of(gw->spelling, page->to_uri);
    if (cw_bytes_equal(page->request_uri, page->to_uri)) {
        request.request_uri = request.to.uri;
    }
    request.call_id = token(gw);
    request.from.tag = token(gw);
    return cw_sip_send(gw->sip, &request, done, user);
}

static struct cw_page_message page_of(const struct cw_sip_message *sip)
{
    return (struct cw_page_message){
        .request_uri = sip->request_uri,
        .from_uri = sip->from.uri,
        .from_display = sip->from.display,
        .from_tag = sip->from.tag,
        .to_uri = sip->to.uri,
        .call_id = sip->call_id,
        .cseq = sip->cseq,
        .subject = sip->subject,
        .content_type = sip->content_type,
        .content_language = sip->content_language,
        .content_disposition = sip->content_disposition,
        .date = sip->date,
        .body = sip->body,
        .arrived_ms = (uint64_t)cw_clock_wall_ms(),
    };
}

enum cw_err cw_page_read(struct cw_gateway *gw, const struct cw_sip_message *sip,
                         const struct cw_jid *from, const struct cw_jid *to,
                         struct cw_content *content, struct cw_stanza_message *out)
{
    const struct cw_page_message page = page_of(sip);

    if (sip->body.len > (size_t)gw->settings->messages.max_body) {
        return CW_ERR_LIMIT;
    }
    if (sip->content_encoding.len != 0 &&
        !cw_bytes_equal(sip->content_encoding, CW_LIT("identity"))) {
        return CW_ERR_UNSUPPORTED; /* MSG-71 */
    }
    return cw_message_to_xmpp(&page, from, to, gw->arena, content, out);
}

uint64_t cw_page_dead_ms(const struct cw_sip_message *sip)
{
    const struct cw_page_message page = page_of(sip);
    const int64_t at_ms = cw_message_expiry(&page, sip->expires_s);
    const int64_t left_ms = at_ms - (int64_t)page.arrived_ms;

    if (at_ms == INT64_MAX) {
        return UINT64_MAX;
    }
    return cw_clock_now_ms() + (left_ms > 0 ? (uint64_t)left_ms : 0);
}

/* What its partner takes, or what all do. */
static size_t most_of(struct cw_gateway *gw, const struct cw_jid *to)
{
    const struct cw_partner *partner = NULL;
    struct cw_bytes domain;

    if (cw_jid_domain_ascii(to->domain, gw->arena, &domain) == CW_OK) {
        partner = cw_partners_find(gw->partners, domain);
    }
    return partner != NULL && partner->max_stanza != 0 ? partner->max_stanza
                                                       : (size_t)gw->settings->messages.max_stanza;
}

enum cw_err cw_page_write(struct cw_gateway *gw, const struct cw_stanza_message *stanza,
                          struct cw_bytes *xml)
{
    CW_TRY(cw_stanza_write_message(stanza, gw->arena, xml));
    return xml->len > most_of(gw, &stanza->to) ? CW_ERR_LIMIT : CW_OK;
}
