/* SPDX-License-Identifier: Apache-2.0 */
#include "subscribe.h"

#include "admission.h"
#include "spelling.h"

#include <causeway/address.h>
#include <causeway/clock.h>

#define TOKEN_LEN 22u /* letters and digits: 131 bits */

/* STATE-13: no sequence number of a previous life comes again with the same tags. */
static uint32_t first_cseq(void)
{
    return (uint32_t)(cw_clock_wall_ms() / 1000) & 0x3FFFFFFFu;
}

enum cw_err cw_subscribe_begin(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                               struct cw_leg *leg)
{
    struct cw_jid watcher;
    struct cw_bytes from;
    const char *call_id = cw_sip_token(gw->arena, TOKEN_LEN);
    const char *tag = cw_sip_token(gw->arena, TOKEN_LEN);

    if (call_id == NULL || tag == NULL) {
        return CW_ERR_LIMIT;
    }
    CW_TRY(cw_jid_read(remote, gw->arena, &watcher));
    CW_TRY(cw_address_to_sip(&watcher, CW_ADDRESS_AOR, gw->arena, &from));
    cw_leg_init(leg, cw_log_text(call_id), from, cw_log_text(tag),
                cw_spelling_of(gw->spelling, local), first_cseq()); /* ADDR-8 */
    return CW_OK;
}

/* "fabrikam.example;type=federated", in the arena; absent if no partner serves `domain`. */
static struct cw_bytes mark_of(struct cw_gateway *gw, struct cw_bytes domain)
{
    const struct cw_partner *partner = cw_partners_serving(gw->partners, domain, gw->arena);
    const struct cw_bytes mark = CW_LIT(";type=");
    const char *type;
    size_t type_len;
    char *text;

    if (partner == NULL) {
        return (struct cw_bytes){0};
    }
    type = cw_admission_type_name(partner->type);
    type_len = strlen(type);
    text = cw_arena_alloc(gw->arena, partner->domain.len + mark.len + type_len);
    if (text == NULL) {
        return (struct cw_bytes){0};
    }
    memcpy(text, partner->domain.base, partner->domain.len);
    memcpy(text + partner->domain.len, mark.base, mark.len);
    memcpy(text + partner->domain.len + mark.len, type, type_len);
    return (struct cw_bytes){text, partner->domain.len + mark.len + type_len};
}

void cw_subscribe_mark(struct cw_gateway *gw, struct cw_bytes domain, struct cw_sip_message *out)
{
    const char *const name = gw->settings->sip.partner_header;

    if (name[0] != '\0') {
        out->extra_name = cw_log_text(name);
        out->extra_value = mark_of(gw, domain);
    }
}

enum cw_err cw_subscribe_send(struct cw_gateway *gw, struct cw_leg *leg, uint32_t expires_s,
                              cw_sip_done_fn *done, void *user)
{
    struct cw_sip_message request;
    struct cw_sip_uri from;

    if (gw->sip == NULL) {
        return CW_ERR_CLOSED;
    }
    CW_TRY(cw_sip_uri_read(leg->local_uri, gw->arena, &from));
    cw_leg_request(leg, CW_SIP_SUBSCRIBE, &request);
    CW_TRY(cw_sip_contact(gw->sip, from.user, gw->arena, &request.contact));
    request.contact_count = 1;
    request.expires_s = expires_s;
    request.event = CW_LIT("presence");
    request.accept = CW_LIT("application/pidf+xml");
    cw_subscribe_mark(gw, from.host, &request);
    return cw_sip_send(gw->sip, &request, done, user);
}
