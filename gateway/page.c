/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include "subscribe.h"

#include <causeway/message.h>

#define STANZA_MAX 65536u /* MAPPING 18 */
#define TOKEN_LEN  22u    /* letters and digits: 131 bits */

static void fill_request(struct cw_gateway *gw, const struct cw_page_message *page,
                         const struct cw_stanza *in, struct cw_sip_message *out)
{
    cw_sip_message_init(out);
    out->method = CW_SIP_MESSAGE;
    out->request_uri = page->request_uri;
    out->from = (struct cw_sip_party){.uri = page->from_uri, .display = page->from_display};
    out->from.tag = cw_log_text(cw_sip_token(gw->arena, TOKEN_LEN));
    out->to.uri = page->to_uri;
    out->call_id = page->call_id;
    if (out->call_id.base == NULL) { /* MSG-16 */
        out->call_id = cw_log_text(cw_sip_token(gw->arena, TOKEN_LEN));
    }
    out->cseq = 1;
    out->subject = page->subject;
    out->content_type = page->content_type;
    out->content_language = page->content_language;
    out->date = page->date;
    out->body = page->body;
    out->extra_name = CW_LIT("P-Causeway-Partner");
    out->extra_value = cw_subscribe_partner(gw, in->from.domain);
}

enum cw_err cw_page_to_request(struct cw_gateway *gw, const struct cw_stanza *in,
                               struct cw_sip_message *out)
{
    struct cw_page_message page;

    CW_TRY(cw_message_to_sip(in, &(struct cw_message_form){0}, gw->arena, &page));
    fill_request(gw, &page, in, out);
    return CW_OK;
}

enum cw_err cw_page_to_stanza(struct cw_gateway *gw, const struct cw_sip_message *sip,
                              const struct cw_jid *from, const struct cw_jid *to, bool chat,
                              struct cw_page_stanza *out)
{
    const struct cw_page_message page = {
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
        .date = sip->date,
        .body = sip->body,
    };
    struct cw_stanza_message stanza;
    struct cw_content content;

    if (sip->body.len > (size_t)gw->settings->messages.max_body) {
        return CW_ERR_LIMIT;
    }
    if (sip->content_encoding.len != 0 &&
        !cw_bytes_equal(sip->content_encoding, CW_LIT("identity"))) {
        return CW_ERR_UNSUPPORTED; /* MSG-71 */
    }
    CW_TRY(cw_message_to_xmpp(&page, from, to, gw->arena, &content, &stanza));
    if (chat) {
        stanza.type = CW_TYPE_CHAT; /* MSG-62 */
    }
    out->id = stanza.id;
    CW_TRY(cw_stanza_write_message(&stanza, gw->arena, &out->xml));
    return out->xml.len > STANZA_MAX ? CW_ERR_LIMIT : CW_OK;
}
