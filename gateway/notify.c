/* SPDX-License-Identifier: Apache-2.0 */
#include "notify.h"

#include "admission.h"
#include "audit.h"
#include "notify_pair.h"
#include "reply.h"
#include "table.h"
#include "turn.h"
#include "watch.h"

#include <causeway/clock.h>
#include <causeway/sip_uri.h>
#include <stdlib.h>

struct cw_notify *cw_notify_new(struct cw_gateway *gw)
{
    struct cw_notify *notify = calloc(1, sizeof(*notify));
    uint64_t key[2];

    if (notify == NULL) {
        abort();
    }
    cw_clock_random(key, sizeof(key));
    notify->gw = gw;
    notify->dialogs = cw_table_new(key);
    return notify;
}

void cw_notify_free(struct cw_notify **notify)
{
    struct cw_contact *contact;
    size_t cursor = 0;

    if (*notify == NULL) {
        return;
    }
    while ((contact = cw_roster_next((*notify)->gw->roster, &cursor)) != NULL) {
        if (contact->notify != NULL) {
            cw_notify_pair_free(contact->notify);
        }
    }
    cw_table_free(&(*notify)->dialogs);
    free(*notify);
    *notify = NULL;
}

/* A 2xx to SUBSCRIBE bears what was granted and where the dialog goes on. */
static void accept(struct cw_gateway *gw, struct cw_sip_server_transaction *transaction,
                   struct cw_bytes presentity, int64_t lifetime_s)
{
    struct cw_sip_message response;
    struct cw_sip_uri uri;

    cw_sip_message_init(&response);
    response.status = 200; /* SUB-3: 202 is never generated */
    response.expires_s = lifetime_s;
    if (gw->sip != NULL && cw_sip_uri_read(presentity, gw->arena, &uri) == CW_OK &&
        cw_sip_contact(gw->sip, uri.user, gw->arena, &response.contact) == CW_OK) {
        response.contact_count = 1;
    }
    cw_reply_with(gw, transaction, &response);
}

static void refuse_brief(struct cw_gateway *gw, struct cw_sip_server_transaction *transaction)
{
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = 423;
    response.min_expires_s = CW_NOTIFIER_MIN_EXPIRES_S;
    cw_reply_with(gw, transaction, &response);
}

void cw_notify_subscribe(struct cw_notify *notify, struct cw_sip_server_transaction *transaction,
                         const struct cw_notify_request *request)
{
    struct cw_gateway *gw = notify->gw;
    const int64_t lifetime_s = cw_notifier_lifetime_s(request->sip->expires_s);
    struct cw_notify_pair *pair;
    struct cw_watcher *watcher;
    struct cw_bytes remote;

    if (lifetime_s < 0) {
        refuse_brief(gw, transaction);
        return;
    }
    if (cw_jid_write(&request->remote, gw->arena, &remote) != CW_OK) {
        cw_reply(gw, transaction, 500);
        return;
    }
    pair = cw_notify_pair_get(notify, cw_roster_get(gw->roster, request->local, remote));
    watcher = cw_notify_pair_open(pair, request->sip, cw_sip_local_tag(transaction));
    if (watcher == NULL) {
        cw_reply(gw, transaction, 480);
        return;
    }
    accept(gw, transaction, request->sip->request_uri, lifetime_s);
    if (lifetime_s > 0) {
        cw_watcher_live(watcher, lifetime_s);
    }
    cw_notify_pair_act(pair, lifetime_s > 0 ? CW_NOTIFIER_SUBSCRIBE : CW_NOTIFIER_POLL, watcher);
    cw_notify_pair_settle(pair);
}

static struct cw_watcher *watcher_of(struct cw_notify *notify, const struct cw_sip_message *request)
{
    struct cw_watcher *watcher = cw_table_find(notify->dialogs, request->to.tag);
    const bool same = watcher != NULL && cw_bytes_equal(watcher->leg.call_id, request->call_id) &&
                      cw_bytes_equal(watcher->leg.remote_tag, request->from.tag) &&
                      cw_bytes_equal(watcher->event_id, request->event_id);

    return same ? watcher : NULL;
}

static void audit(struct cw_notify *notify, const struct cw_contact *contact,
                  const struct cw_sip_message *request, unsigned status)
{
    cw_audit_write(notify->gw->audit,
                   &(struct cw_audit_entry){
                       .direction = CW_FROM_SIP,
                       .kind = CW_AUDIT_SUBSCRIPTION,
                       .result = status == 200 ? CW_AUDIT_OK : CW_AUDIT_ERROR,
                       .local = contact != NULL ? contact->local : (struct cw_bytes){0},
                       .remote = contact != NULL ? contact->remote : (struct cw_bytes){0},
                       .status = status,
                       .id = request->call_id,
                   });
}

void cw_notify_resubscribe(struct cw_notify *notify, struct cw_sip_server_transaction *transaction,
                           const struct cw_sip_message *request)
{
    struct cw_watcher *watcher = watcher_of(notify, request);
    const int64_t lifetime_s = cw_notifier_lifetime_s(request->expires_s);
    struct cw_notify_pair *pair;

    if (watcher == NULL) {
        cw_reply(notify->gw, transaction, 481);
        audit(notify, NULL, request, 481);
        return;
    }
    pair = watcher->pair;
    if (!cw_leg_in_order(&watcher->leg, request->cseq)) {
        cw_reply(notify->gw, transaction, 500);
        audit(notify, pair->contact, request, 500);
        return;
    }
    if (lifetime_s < 0) {
        refuse_brief(notify->gw, transaction);
        audit(notify, pair->contact, request, 423);
        return;
    }
    audit(notify, pair->contact, request, 200);
    CW_METRIC_INC(notify->gw->metrics, SUBSCRIPTION_REFRESHES_TOTAL, "sip_to_xmpp", "ok");
    cw_leg_learn(&watcher->leg, request, CW_LEG_REQUEST);
    accept(notify->gw, transaction, watcher->leg.local_uri, lifetime_s);
    if (lifetime_s > 0) {
        cw_watcher_live(watcher, lifetime_s);
    }
    cw_notify_pair_act(pair, lifetime_s > 0 ? CW_NOTIFIER_REFRESH : CW_NOTIFIER_LEAVE, watcher);
    cw_notify_pair_settle(pair);
}

static void take_presence(struct cw_notify_pair *pair, const struct cw_stanza *in)
{
    struct cw_presence presence = in->presence;

    presence.available = in->type == CW_TYPE_AVAILABLE;
    presence.resource = in->from.resource;
    if (presence.available && presence.resource.len == 0) {
        return; /* no resource to show it for */
    }
    if (pair->contact->sip_watches != CW_GRANT_NONE && cw_notify_pair_cache(pair, &presence)) {
        cw_notify_pair_act(pair, CW_NOTIFIER_PRESENCE, NULL);
    }
}

void cw_notify_presence(struct cw_notify *notify, const struct cw_stanza *in, struct cw_bytes local)
{
    const struct cw_jid bare = cw_jid_bare(&in->from);
    struct cw_notify_pair *pair;
    struct cw_contact *contact;
    struct cw_bytes remote;

    if (cw_jid_write(&bare, notify->gw->arena, &remote) != CW_OK) {
        return;
    }
    contact = cw_roster_find(notify->gw->roster, local, remote);
    if (contact == NULL || contact->sip_watches == CW_GRANT_NONE) {
        return; /* SUB-11, SUB-75, SUB-78, SUB-81 */
    }
    pair = cw_notify_pair_get(notify, contact);
    switch ((int)in->type) {
    case CW_TYPE_SUBSCRIBED:
        cw_notify_pair_act(pair, CW_NOTIFIER_SUBSCRIBED, NULL);
        break;
    case CW_TYPE_UNSUBSCRIBED:
        cw_notify_pair_act(pair, CW_NOTIFIER_UNSUBSCRIBED, NULL);
        break;
    case CW_TYPE_ERROR:
        cw_notify_pair_act(pair, cw_notifier_of_error(in->error_condition, in->error_type), NULL);
        break;
    default:
        take_presence(pair, in);
        break;
    }
    cw_notify_pair_settle(pair);
}

void cw_notify_headline(struct cw_notify *notify, const struct cw_stanza *in, struct cw_bytes local)
{
    const struct cw_jid bare = cw_jid_bare(&in->from);
    struct cw_contact *contact;
    struct cw_notify_pair *pair;
    struct cw_bytes remote;

    if (cw_jid_write(&bare, notify->gw->arena, &remote) != CW_OK) {
        return;
    }
    contact = cw_roster_find(notify->gw->roster, local, remote);
    if (contact == NULL || contact->sip_watches != CW_GRANT_GRANTED) {
        return;
    }
    pair = cw_notify_pair_get(notify, contact);
    if (cw_notify_pair_headline(pair, &in->pep)) {
        cw_notify_pair_act(pair, CW_NOTIFIER_PRESENCE, NULL);
    }
    cw_notify_pair_settle(pair);
}

static bool is_unverified(const struct cw_gateway *gw, const struct cw_contact *contact)
{
    const struct cw_partner *partner = cw_partners_find(gw->partners, cw_roster_domain(contact));

    return partner != NULL && partner->type == CW_PARTNER_PUBLIC_UNVERIFIED;
}

bool cw_notify_remove(struct cw_notify *notify, struct cw_bytes local, struct cw_bytes remote)
{
    struct cw_gateway *gw = notify->gw;
    struct cw_contact *contact = cw_roster_find(gw->roster, local, remote);
    struct cw_notify_pair *pair;

    if (contact == NULL) {
        return false;
    }
    cw_turn_begin(gw);
    pair = cw_notify_pair_get(notify, contact);
    cw_notify_pair_act(pair, CW_NOTIFIER_REMOVED, NULL);
    if (is_unverified(gw, contact)) {
        cw_watch_revoke(gw->watch, local, remote);
    }
    cw_turn_end(gw);
    return true;
}

static bool is_served(const struct cw_gateway *gw, const struct cw_contact *contact)
{
    const struct cw_admission ask = {
        .direction = CW_FROM_SIP,
        .request = CW_REQUEST_SUBSCRIBE,
        .local = contact->local,
        .remote = contact->remote,
        .remote_domain = cw_roster_domain(contact),
    };

    return cw_admission_peek(gw, &ask).decision.verdict == CW_VERDICT_ALLOW;
}

void cw_notify_policy_changed(struct cw_notify *notify)
{
    struct cw_contact *contact;
    size_t cursor = 0;

    while ((contact = cw_roster_next(notify->gw->roster, &cursor)) != NULL) {
        cw_turn_begin(notify->gw);
        if (contact->notify != NULL && !is_served(notify->gw, contact)) {
            cw_notify_pair_end_all(contact->notify, "rejected"); /* RFC 6665 section 4.1.3 */
        }
        cw_turn_end(notify->gw);
    }
}

size_t cw_notify_unsaved(const struct cw_notify *notify)
{
    return notify->writes;
}

size_t cw_notify_dialogs(const struct cw_contact *contact, int64_t *expires_s)
{
    const struct cw_notify_pair *pair = contact->notify;
    size_t count = 0;

    *expires_s = -1;
    if (pair == NULL) {
        return 0;
    }
    for (const struct cw_watcher *watcher = pair->watchers; watcher != NULL;
         watcher = watcher->next) {
        const int64_t left_s = cw_watcher_left_s(watcher);

        *expires_s = left_s > *expires_s ? left_s : *expires_s;
        count++;
    }
    return count;
}
