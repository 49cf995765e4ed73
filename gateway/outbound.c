/* SPDX-License-Identifier: Apache-2.0 */
#include "outbound.h"

#include "admission.h"
#include "audit.h"
#include "deliver.h"
#include "notify.h"
#include "reply.h"
#include "spelling.h"
#include "turn.h"
#include "turn_away.h"
#include "watch.h"

#include <causeway/address.h>
#include <causeway/error_map.h>
#include <causeway/sip_uri.h>

#define PIDF_TYPE "application/pidf+xml"

/* One request with what was found out about it. */
struct item {
    struct cw_gateway *gw;
    struct cw_sip_server_transaction *transaction;
    const struct cw_sip_message *sip;
    struct cw_bytes local; /* address of record of the sender */
    struct cw_jid local_jid;
    struct cw_jid remote;
    struct cw_bytes remote_text; /* bare */
    const struct cw_partner *partner;
};

static void audit(const struct item *item, enum cw_audit_result result, unsigned status,
                  const char *detail)
{
    const bool message = item->sip->method == CW_SIP_MESSAGE;

    cw_audit_write(item->gw->audit, &(struct cw_audit_entry){
                                        .direction = CW_FROM_SIP,
                                        .kind = message ? CW_AUDIT_MESSAGE : CW_AUDIT_SUBSCRIPTION,
                                        .result = result,
                                        .partner = cw_admission_label(item->gw, item->partner),
                                        .local = item->local,
                                        .remote = item->remote_text,
                                        .id = item->sip->call_id,
                                        .status = status,
                                        .detail = detail,
                                    });
}

/* ERR-31: whether somebody exists is not everybody's business. */
static unsigned seen_as(const struct cw_gateway *gw, unsigned status)
{
    return status == 404 && gw->settings->errors.hide_existence ? 403 : status;
}

static void refuse(const struct item *item, unsigned status)
{
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = seen_as(item->gw, status);
    if (status == 403) {
        response.warning = CW_LIT("399 gateway \"sender has no address on the other network\"");
    }
    if (status == 420) {
        response.unsupported = item->sip->require;
    }
    if (status == 406) {
        response.accept = CW_LIT(PIDF_TYPE);
    }
    if (status == 480) {
        response.warning = CW_LIT("380 gateway \"SIPS Not Allowed\""); /* ARCH-7 */
    }
    if (status == 503) {
        response.retry_after_s = 5;
    }
    cw_reply_with(item->gw, item->transaction, &response);
    audit(item, status == 404 || status == 416 ? CW_AUDIT_UNMAPPABLE : CW_AUDIT_ERROR, status,
          cw_error_reason_phrase(status));
}

static unsigned status_of(enum cw_err err)
{
    switch ((int)err) {
    case CW_ERR_MALFORMED:
        return 400;
    case CW_ERR_UNSUPPORTED:
        return 416;
    case CW_ERR_LIMIT:
        return 513;
    default:
        return 404;
    }
}

/* Is `host` of a SIP URI one of our domains? */
static bool is_own(const struct cw_gateway *gw, struct cw_bytes host)
{
    return cw_gateway_settings_is_own(gw->settings, host);
}

/* Whom the request is for (ADDR-21, ADDR-22, ARCH-6, ARCH-7). @return 0 or the refusal */
static unsigned map_target(struct item *item)
{
    struct cw_arena *arena = item->gw->arena;
    struct cw_sip_uri uri;
    struct cw_sip_uri to;
    struct cw_jid bare;
    enum cw_err err = cw_sip_uri_read(item->sip->request_uri, arena, &uri);

    if (err != CW_OK) {
        return status_of(err);
    }
    if (uri.scheme == CW_URI_SIPS ||
        (cw_sip_uri_read(item->sip->to.uri, arena, &to) == CW_OK && to.scheme == CW_URI_SIPS)) {
        return 480; /* ARCH-7 */
    }
    if (uri.gr_flag && uri.gr.base == NULL) {
        return 404; /* ADDR-24 */
    }
    err = cw_address_to_jid(&uri, arena, &item->remote);
    if (err != CW_OK) {
        return status_of(err);
    }
    item->partner = cw_partners_serving(item->gw->partners, item->remote.domain, item->gw->arena);
    bare = cw_jid_bare(&item->remote);
    if (is_own(item->gw, uri.host) || cw_jid_write(&bare, arena, &item->remote_text) != CW_OK) {
        return 404; /* ARCH-6 */
    }
    return 0;
}

/* ADDR-29: there is no anonymous JID. */
static bool is_private(const struct item *item)
{
    const struct cw_bytes privacy = item->sip->privacy;
    struct cw_sip_uri from;

    if (privacy.len != 0 && !cw_bytes_equal(privacy, CW_LIT("none"))) {
        return true;
    }
    return cw_sip_uri_read(item->sip->from.uri, item->gw->arena, &from) == CW_OK &&
           cw_bytes_equal(from.host, CW_LIT("anonymous.invalid"));
}

/* MSG-52: it comes back to us with a sender who is not ours; tell a loop from a stranger. */
static unsigned judge_foreign(const struct item *item, const struct cw_sip_uri *from)
{
    struct cw_gateway *gw = item->gw;
    struct cw_sip_uri target;
    struct cw_bytes to;
    struct cw_bytes text;
    struct cw_jid sender;

    if (item->sip->method != CW_SIP_MESSAGE ||
        cw_address_to_jid(from, gw->arena, &sender) != CW_OK ||
        cw_sip_uri_read(item->sip->request_uri, gw->arena, &target) != CW_OK ||
        cw_address_key(&target, gw->arena, &to) != CW_OK) {
        return 403;
    }
    sender = cw_jid_bare(&sender);
    if (cw_jid_write(&sender, gw->arena, &text) != CW_OK) {
        return 403;
    }
    return cw_deliver_loops(gw->deliver, text, to, item->sip->body) ? 482 : 403;
}

/* The user of a URI of the sender's: state key and spelling. A telephone number belongs to our
 * first domain (ADDR-27). */
static bool read_user(const struct item *item, struct cw_bytes text, struct cw_sip_uri *uri,
                      struct cw_bytes *key)
{
    const struct cw_gateway *gw = item->gw;

    if (cw_sip_uri_read(text, gw->arena, uri) != CW_OK) {
        return false;
    }
    if (uri->scheme == CW_URI_TEL &&
        cw_address_of_tel(uri, gw->settings->own_domains[0], gw->arena, uri) != CW_OK) {
        return false;
    }
    return cw_address_key(uri, gw->arena, key) == CW_OK;
}

/* The identity that counts: what a believed hop asserts wins over From (ADDR-29); the resource of
 * From is kept only if both name the same user. @return false if neither can be read */
static bool identify(struct item *item, struct cw_sip_uri *out)
{
    const struct cw_sip_message *sip = item->sip;
    struct cw_sip_uri asserted;
    struct cw_bytes from = {0};
    const bool has_from = read_user(item, sip->from.uri, out, &from);

    item->local = from;
    if (sip->asserted_identity.len == 0 ||
        !read_user(item, sip->asserted_identity, &asserted, &item->local)) {
        return has_from;
    }
    if (!has_from || !cw_bytes_equal(from, item->local)) {
        *out = asserted;
    }
    return true;
}

/* ADDR-8: what goes to him is spelled as he spells himself. */
static void learn_spelling(const struct item *item, const struct cw_sip_uri *uri)
{
    struct cw_bytes spelled;

    if (cw_sip_uri_aor(uri, item->gw->arena, &spelled) == CW_OK) {
        cw_spelling_learn(item->gw->spelling, item->local, spelled);
    }
}

/* Who sends (ADDR-22, ADDR-29). @return 0 or the refusal */
static unsigned map_sender(struct item *item)
{
    struct cw_sip_uri from = {0};
    const bool known = identify(item, &from);

    if (is_private(item)) {
        return 433;
    }
    if (!known) {
        return 403;
    }
    if (!is_own(item->gw, from.host)) {
        return judge_foreign(item, &from);
    }
    if (cw_address_to_jid(&from, item->gw->arena, &item->local_jid) != CW_OK) {
        return 403;
    }
    learn_spelling(item, &from);
    return 0;
}

/* @return true if it may pass */
static bool admit(struct item *item, enum cw_request request)
{
    struct cw_bytes domain;
    struct cw_admission ask = {
        .direction = CW_FROM_SIP,
        .request = request,
        .local = item->local,
        .remote = item->remote_text,
    };
    struct cw_admitted admitted;
    unsigned status;

    if (cw_jid_domain_ascii(item->remote.domain, item->gw->arena, &domain) != CW_OK) {
        refuse(item, 404);
        return false;
    }
    ask.remote_domain = domain;
    admitted = cw_admission_decide(item->gw, &ask);
    if (admitted.decision.verdict == CW_VERDICT_ALLOW) {
        return true;
    }
    status = admitted.decision.reason == CW_REASON_UNLISTED ? 404 : 403; /* ARCH-6 */
    cw_reply(item->gw, item->transaction, seen_as(item->gw, status));
    audit(item, CW_AUDIT_DENIED, status, cw_reason_label(admitted.decision.reason));
    return false;
}

/* One of our users wants to reach a domain that is no partner: somebody may want to make it one. */
static void note_unlisted(const struct item *item)
{
    struct cw_bytes domain;

    if (cw_jid_domain_ascii(item->remote.domain, item->gw->arena, &domain) == CW_OK &&
        !is_own(item->gw, domain)) {
        cw_turn_away(item->gw, &(struct cw_knock){.reason = CW_REASON_UNLISTED,
                                                  .direction = CW_FROM_SIP,
                                                  .domain = domain,
                                                  .local = item->local});
    }
}

/* @return 0 or the refusal; that of the sender, if there is one, wins */
static unsigned judge_target(struct item *item, unsigned status)
{
    const unsigned target = map_target(item);

    if (status == 0 && target == 404 && item->partner == NULL) {
        note_unlisted(item);
    }
    return status != 0 ? status : target;
}

/* Both ends, in the order of MSG-45: the target is judged first. @return false: refused */
static bool map_both(struct item *item)
{
    unsigned status = 0;

    if (item->sip->require.len != 0) {
        status = 420;
    }
    if (status == 0) {
        status = map_sender(item);
    }
    if (status == 0 || status == 403) {
        status = judge_target(item, status);
    }
    if (status == 0 && item->gw->draining) {
        status = 503;
    }
    if (status != 0) {
        refuse(item, status);
    }
    return status == 0;
}

static void take_message(struct item *item)
{
    if (map_both(item) && admit(item, CW_REQUEST_MESSAGE)) {
        cw_deliver_request(item->gw->deliver, item->transaction,
                           &(struct cw_deliver_request){
                               .sip = item->sip,
                               .local = item->local,
                               .local_jid = item->local_jid,
                               .remote = item->remote,
                               .partner = item->partner,
                           });
    }
}

static bool takes_pidf(struct cw_bytes accept)
{
    const struct cw_bytes wanted = CW_LIT(PIDF_TYPE);
    const struct cw_bytes any[] = {CW_LIT("*/*"), CW_LIT("application/*"), wanted};

    if (accept.len == 0) {
        return true; /* PRES-21 */
    }
    for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
        for (size_t at = 0; at + any[i].len <= accept.len; at++) {
            if (memcmp(accept.base + at, any[i].base, any[i].len) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* SUB-70. @return 0 or the refusal */
static unsigned judge_subscribe(const struct cw_sip_message *sip)
{
    if (!cw_bytes_equal(sip->event, CW_LIT("presence"))) {
        return 489;
    }
    if (sip->require.len != 0) {
        return 420;
    }
    if (!takes_pidf(sip->accept)) {
        return 406;
    }
    return sip->contact_count != 1 ? 400 : 0;
}

static void take_subscribe(struct item *item)
{
    const unsigned status = judge_subscribe(item->sip);
    struct cw_jid bare;

    if (item->sip->to.tag.base != NULL && status != 489) {
        cw_notify_resubscribe(item->gw->notify, item->transaction, item->sip);
        return;
    }
    if (status != 0) {
        refuse(item, status);
        return;
    }
    if (!map_both(item) || !admit(item, CW_REQUEST_SUBSCRIBE)) {
        return;
    }
    bare = cw_jid_bare(&item->remote);
    audit(item, CW_AUDIT_OK, 200, NULL);
    cw_notify_subscribe(item->gw->notify, item->transaction,
                        &(struct cw_notify_request){
                            .sip = item->sip,
                            .local = item->local,
                            .local_jid = item->local_jid,
                            .remote = bare,
                            .partner = item->partner,
                        });
}

static void take(struct item *item)
{
    switch (item->sip->method) {
    case CW_SIP_MESSAGE:
        take_message(item);
        break;
    case CW_SIP_SUBSCRIBE:
        take_subscribe(item);
        break;
    case CW_SIP_NOTIFY:
        if (cw_bytes_equal(item->sip->event, CW_LIT("presence"))) {
            cw_watch_notify(item->gw->watch, item->transaction, item->sip);
        } else {
            refuse(item, 489);
        }
        break;
    case CW_SIP_OPTIONS:
        cw_reply(item->gw, item->transaction, item->gw->draining ? 503 : 200);
        break;
    case CW_SIP_PUBLISH:
    case CW_SIP_OTHER:
    case CW_SIP_METHODS:
        refuse(item, 405); /* SESS-2 */
        break;
    }
}

void cw_outbound_request(struct cw_sip_server_transaction *transaction,
                         const struct cw_sip_message *request, void *user)
{
    struct item item = {.gw = user, .transaction = transaction, .sip = request};

    cw_turn_begin(item.gw);
    take(&item);
    cw_turn_end(item.gw);
}
