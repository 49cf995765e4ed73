/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include "admission.h"
#include "audit.h"
#include "loop.h"
#include "presence_cache.h"
#include "reply.h"
#include "table.h"
#include "tell.h"
#include "turn.h"
#include "watch_pair.h"

#include <causeway/address.h>
#include <causeway/clock.h>
#include <causeway/pidf.h>
#include <causeway/sip_uri.h>
#include <stdlib.h>
#include <strings.h>

#define PACE_MS   50u /* 20 SUBSCRIBEs a second after a restart */
#define PIDF_TYPE "application/pidf+xml"

static const char *const DIALOG_NAMES[CW_DIALOG_STATES] = {
    [CW_DIALOG_NONE] = "none",       [CW_DIALOG_WAIT] = "wait",   [CW_DIALOG_PENDING] = "pending",
    [CW_DIALOG_ACTIVE] = "active",   [CW_DIALOG_RETRY] = "retry", [CW_DIALOG_FROZEN] = "frozen",
    [CW_DIALOG_CLOSING] = "closing",
};

struct cw_watch *cw_watch_new(struct cw_gateway *gw)
{
    struct cw_watch *watch = calloc(1, sizeof(*watch));
    uint64_t key[2];

    if (watch == NULL) {
        abort();
    }
    cw_clock_random(key, sizeof(key));
    watch->gw = gw;
    watch->dialogs = cw_table_new(key);
    return watch;
}

void cw_watch_free(struct cw_watch **watch)
{
    struct cw_contact *contact;
    size_t cursor = 0;

    if (*watch == NULL) {
        return;
    }
    while ((contact = cw_roster_next((*watch)->gw->roster, &cursor)) != NULL) {
        if (contact->watch != NULL) {
            cw_watch_pair_free(contact->watch);
        }
    }
    cw_table_free(&(*watch)->dialogs);
    free(*watch);
    *watch = NULL;
}

/* The partner that serves the pair now, or NULL if nobody may pass. */
static const struct cw_partner *served(const struct cw_gateway *gw,
                                       const struct cw_contact *contact)
{
    const struct cw_partner *partner = cw_partners_find(gw->partners, cw_roster_domain(contact));

    if (!gw->settings->users.federation) {
        return NULL;
    }
    return partner != NULL && partner->enabled ? partner : NULL;
}

/* Would the partner rules let the contact in as they are now? An authorization of before says no
 * more than that it will count again when they do. */
static bool may_watch(const struct cw_gateway *gw, const struct cw_contact *contact)
{
    const struct cw_admission ask = {
        .direction = CW_FROM_XMPP,
        .request = CW_REQUEST_SUBSCRIBE,
        .local = contact->local,
        .remote = contact->remote,
        .remote_domain = cw_roster_domain(contact),
    };

    return cw_admission_peek(gw, &ask).decision.verdict == CW_VERDICT_ALLOW;
}

static uint64_t paced_ms(size_t index)
{
    uint32_t random;

    cw_clock_random(&random, sizeof(random));
    return cw_clock_now_ms() + index * PACE_MS + random % PACE_MS;
}

void cw_watch_resume(struct cw_watch *watch)
{
    struct cw_contact *contact;
    size_t cursor = 0;
    size_t count = 0;

    while ((contact = cw_roster_next(watch->gw->roster, &cursor)) != NULL) {
        if (contact->xmpp_watches != CW_GRANT_NONE && contact->watch == NULL &&
            may_watch(watch->gw, contact)) {
            cw_watch_pair_later(cw_watch_pair_get(watch, contact), paced_ms(count++));
        }
    }
}

static enum cw_auth_event event_of(enum cw_stanza_type type)
{
    switch ((int)type) {
    case CW_TYPE_SUBSCRIBE:
        return CW_AUTH_SUBSCRIBE;
    case CW_TYPE_UNSUBSCRIBE:
        return CW_AUTH_UNSUBSCRIBE;
    default:
        return CW_AUTH_PROBE;
    }
}

/* SUB-37: whoever asks for one resource gets its mere availability. */
static void tell_resource(const struct cw_watch_pair *pair, const struct cw_stanza *in)
{
    const struct cw_presence *known = cw_presence_cache_find(pair->showing.known, in->to.resource);
    const struct cw_presence one = {.available = known != NULL && known->available,
                                    .resource = in->to.resource};

    cw_tell_one(pair->owner->gw, pair->contact->local, pair->contact->remote, &one,
                one.available ? (struct cw_bytes){0} : in->id); /* PRES-46 */
}

void cw_watch_presence(struct cw_watch *watch, const struct cw_stanza *in, struct cw_bytes local,
                       const struct cw_partner *partner)
{
    struct cw_gateway *gw = watch->gw;
    const struct cw_jid bare = cw_jid_bare(&in->from);
    struct cw_bytes remote;
    struct cw_contact *contact;
    struct cw_watch_pair *pair;

    (void)partner;
    if (cw_jid_write(&bare, gw->arena, &remote) != CW_OK) {
        return;
    }
    contact = cw_roster_find(gw->roster, local, remote);
    if (in->type != CW_TYPE_SUBSCRIBE &&
        (contact == NULL || contact->xmpp_watches == CW_GRANT_NONE)) {
        if (in->type == CW_TYPE_PROBE) { /* SUB-34, PRES-46 */
            cw_tell_subscription(gw, local, remote, CW_TYPE_UNSUBSCRIBED, in->id);
        }
        return; /* SUB-31 */
    }
    pair = cw_watch_pair_get(watch, cw_roster_get(gw->roster, local, remote));
    if (in->type == CW_TYPE_PROBE && in->to.resource.base != NULL && pair->showing.has_document) {
        tell_resource(pair, in);
        return;
    }
    if (in->type == CW_TYPE_PROBE && pair->contact->xmpp_watches == CW_GRANT_GRANTED) {
        cw_showing_probed(&pair->showing, in->id);
    }
    cw_watch_pair_authorize(pair, event_of(in->type));
    cw_watch_pair_settle(pair);
}

static bool is_gone(struct cw_bytes condition)
{
    return cw_bytes_equal(condition, CW_LIT("gone")) ||
           cw_bytes_equal(condition, CW_LIT("item-not-found")) ||
           cw_bytes_equal(condition, CW_LIT("service-unavailable"));
}

void cw_watch_error(struct cw_watch *watch, const struct cw_stanza *in, struct cw_bytes local)
{
    const struct cw_jid bare = cw_jid_bare(&in->from);
    struct cw_contact *contact;
    struct cw_watch_pair *pair;
    struct cw_bytes remote;

    if (!is_gone(in->error_condition) || cw_bytes_equal(in->error_type, CW_LIT("wait")) ||
        cw_jid_write(&bare, watch->gw->arena, &remote) != CW_OK) {
        return; /* SUB-39: other errors leave the state alone */
    }
    contact = cw_roster_find(watch->gw->roster, local, remote);
    pair = contact != NULL ? contact->watch : NULL;
    if (pair != NULL && contact->xmpp_watches != CW_GRANT_NONE) {
        cw_watch_pair_authorize(pair, CW_AUTH_BROKEN);
        cw_watch_pair_settle(pair);
    }
}

/* ADDR-30: any scheme, the same user@host. */
static bool is_about(struct cw_gateway *gw, const struct cw_pidf *doc, struct cw_bytes local)
{
    struct cw_sip_uri uri;
    struct cw_bytes aor;

    return cw_sip_uri_read(doc->entity, gw->arena, &uri) == CW_OK &&
           cw_address_key(&uri, gw->arena, &aor) == CW_OK && cw_bytes_equal(aor, local);
}

static void take_document(struct cw_watch_pair *pair, const struct cw_pidf *doc)
{
    const struct cw_partner *partner = served(pair->owner->gw, pair->contact);
    const bool notes = partner != NULL && cw_policy_shows_notes(partner->type);

    cw_showing_take(&pair->showing, doc, notes ? CW_PIDF_VIEW_FULL : CW_PIDF_VIEW_NO_NOTES);
}

struct cw_iq_view cw_watch_view(const struct cw_watch *watch, struct cw_bytes local,
                                struct cw_bytes remote, struct cw_bytes resource)
{
    const struct cw_contact *contact = cw_roster_find(watch->gw->roster, local, remote);
    struct cw_iq_view view = {.granted = false};

    if (contact == NULL || contact->xmpp_watches != CW_GRANT_GRANTED) {
        return view;
    }
    if (contact->watch != NULL) {
        view = cw_showing_view(&contact->watch->showing, resource);
    }
    view.granted = true;
    return view;
}

static bool is_pidf(struct cw_bytes type)
{
    const size_t len = sizeof(PIDF_TYPE) - 1;

    return type.len >= len && strncasecmp(type.base, PIDF_TYPE, len) == 0 &&
           (type.len == len || type.base[len] == ';' || type.base[len] == ' ');
}

/* Reads the body; a status other than 200 refuses the NOTIFY (PRES-42). */
static unsigned read_body(struct cw_gateway *gw, const struct cw_sip_message *request,
                          struct cw_pidf *doc)
{
    const char *result = "ok";
    unsigned status = 200;

    if (request->body.len == 0) {
        return 200;
    }
    if (!is_pidf(request->content_type)) {
        status = 415;
        result = "unsupported";
    } else if (cw_pidf_read(request->body, request->content_language, gw->arena, doc) != CW_OK) {
        status = 400;
        result = "malformed";
    }
    CW_METRIC_INC(gw->metrics, PIDF_DOCUMENTS_TOTAL, "sip_to_xmpp", result);
    return status;
}

/* SUB-4, SUB-5: the dialog that this NOTIFY belongs to. */
static struct cw_watch_pair *pair_of(struct cw_watch *watch, const struct cw_sip_message *request)
{
    struct cw_watch_pair *pair = cw_table_find(watch->dialogs, request->call_id);

    if (pair == NULL || !cw_bytes_equal(request->to.tag, pair->leg.local_tag) ||
        !cw_bytes_equal(request->event, CW_LIT("presence")) || request->event_id.base != NULL) {
        return NULL;
    }
    if (cw_leg_was_heard(&pair->leg) && !cw_bytes_equal(request->from.tag, pair->leg.remote_tag)) {
        return NULL;
    }
    return pair;
}

static unsigned judge(struct cw_watch *watch, struct cw_watch_pair *pair,
                      const struct cw_sip_message *request, struct cw_pidf *doc)
{
    if (pair == NULL) {
        return 481;
    }
    if (request->substate.len == 0) {
        return 400; /* SUB-9 */
    }
    if (!cw_leg_in_order(&pair->leg, request->cseq)) {
        return 500; /* PRES-39 */
    }
    return read_body(watch->gw, request, doc);
}

static void answer(struct cw_gateway *gw, struct cw_sip_server_transaction *transaction,
                   unsigned status)
{
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = status;
    if (status == 415) {
        response.accept = CW_LIT(PIDF_TYPE);
    }
    cw_reply_with(gw, transaction, &response);
}

static void audit(struct cw_watch *watch, const struct cw_watch_pair *pair,
                  const struct cw_sip_message *request, unsigned status)
{
    const struct cw_contact *contact = pair != NULL ? pair->contact : NULL;
    struct cw_audit_entry entry = {
        .direction = CW_FROM_SIP,
        .kind = CW_AUDIT_PRESENCE,
        .result = status == 200 ? CW_AUDIT_OK : CW_AUDIT_ERROR,
        .status = status,
        .id = request->call_id,
    };

    if (contact != NULL) {
        entry.local = contact->local;
        entry.remote = contact->remote;
        entry.partner = cw_admission_label(watch->gw, served(watch->gw, contact));
    }
    cw_audit_write(watch->gw->audit, &entry);
}

void cw_watch_notify(struct cw_watch *watch, struct cw_sip_server_transaction *transaction,
                     const struct cw_sip_message *request)
{
    struct cw_watch_pair *pair = pair_of(watch, request);
    struct cw_pidf doc = {0};
    const unsigned status = judge(watch, pair, request, &doc);
    enum cw_dialog_event event;

    answer(watch->gw, transaction, status); /* SUB-7 */
    audit(watch, pair, request, status);
    if (status != 200 || pair == NULL) {
        return;
    }
    if (!cw_bytes_equal(request->from.tag, pair->leg.remote_tag)) {
        cw_leg_forget_peer(&pair->leg); /* the answer came from another fork (SUB-4) */
    }
    cw_leg_learn(&pair->leg, request, CW_LEG_REQUEST);
    event = cw_dialog_of_notify(request->substate, request->substate_reason);
    if (request->body.len != 0 && pair->dialog.state != CW_DIALOG_CLOSING &&
        (event == CW_DIALOG_SAID_ACTIVE || event == CW_DIALOG_INVARIANT) &&
        is_about(watch->gw, &doc, pair->contact->local)) {
        take_document(pair, &doc);
    }
    cw_watch_pair_dialog(pair, event, request);
    cw_watch_pair_settle(pair);
}

void cw_watch_revoke(struct cw_watch *watch, struct cw_bytes local, struct cw_bytes remote)
{
    struct cw_contact *contact = cw_roster_find(watch->gw->roster, local, remote);
    struct cw_watch_pair *pair;

    if (contact != NULL && contact->xmpp_watches != CW_GRANT_NONE) {
        pair = cw_watch_pair_get(watch, contact);
        cw_watch_pair_authorize(pair, CW_AUTH_REVOKED);
        cw_watch_pair_settle(pair);
    }
}

/* No presence any more; where a stanza still gets there, the watcher is told. */
static void suspend(struct cw_watch_pair *pair)
{
    if (served(pair->owner->gw, pair->contact) != NULL) {
        cw_showing_end(&pair->showing);
    }
    cw_watch_pair_dialog(pair, CW_DIALOG_CLOSE, NULL);
}

/* One pair under the new policy: a user who may not federate any more loses the right, a partner
 * that is paused, gone or trusted less only the dialog, one that came back gets a new one. */
static void review(struct cw_watch *watch, struct cw_contact *contact, size_t *resumed)
{
    struct cw_gateway *gw = watch->gw;
    struct cw_watch_pair *pair = contact->watch;

    if (contact->xmpp_watches == CW_GRANT_NONE) {
        return;
    }
    if (!cw_gateway_settings_entitled(gw->settings, contact->local)) { /* SUB-40 */
        cw_watch_pair_authorize(cw_watch_pair_get(watch, contact), CW_AUTH_REVOKED);
        return;
    }
    if (!may_watch(gw, contact)) {
        if (pair != NULL) {
            suspend(pair);
        }
        return;
    }
    if (pair == NULL || pair->dialog.state == CW_DIALOG_NONE ||
        pair->dialog.state == CW_DIALOG_CLOSING) {
        cw_watch_pair_later(cw_watch_pair_get(watch, contact), paced_ms((*resumed)++));
    }
}

void cw_watch_policy_changed(struct cw_watch *watch)
{
    struct cw_contact *contact;
    size_t cursor = 0;
    size_t resumed = 0;

    /* No pair is settled here: that would end the walk. Commits and due times do it. */
    while ((contact = cw_roster_next(watch->gw->roster, &cursor)) != NULL) {
        cw_turn_begin(watch->gw);
        review(watch, contact, &resumed);
        cw_turn_end(watch->gw);
    }
}

size_t cw_watch_unsaved(const struct cw_watch *watch)
{
    return watch->writes;
}

bool cw_watch_refresh(struct cw_watch *watch, struct cw_bytes local, struct cw_bytes remote)
{
    struct cw_contact *contact = cw_roster_find(watch->gw->roster, local, remote);
    struct cw_watch_pair *pair;

    if (contact == NULL || contact->xmpp_watches == CW_GRANT_NONE) {
        return false;
    }
    cw_turn_begin(watch->gw);
    pair = cw_watch_pair_get(watch, contact);
    cw_watch_pair_dialog(pair, CW_DIALOG_RENEW, NULL);
    cw_watch_pair_settle(pair);
    cw_turn_end(watch->gw);
    return true;
}

const char *cw_watch_dialog_state(const struct cw_contact *contact, int64_t *next_s)
{
    const struct cw_watch_pair *pair = contact->watch;
    const uint64_t now_ms = cw_clock_now_ms();

    *next_s = -1;
    if (pair == NULL) {
        return DIALOG_NAMES[CW_DIALOG_NONE];
    }
    if (pair->dialog.due_ms != UINT64_MAX) {
        *next_s =
            pair->dialog.due_ms > now_ms ? (int64_t)((pair->dialog.due_ms - now_ms) / 1000) : 0;
    }
    return DIALOG_NAMES[pair->dialog.state];
}
