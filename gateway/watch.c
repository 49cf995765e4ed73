/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include "admission.h"
#include "audit.h"
#include "loop.h"
#include "presence_cache.h"
#include "quota.h"
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
    const struct cw_partner *partner =
        cw_partners_serving(gw->partners, cw_roster_domain(contact), gw->arena);

    if (!cw_access_federates(gw->access)) {
        return NULL;
    }
    return partner != NULL && partner->enabled ? partner : NULL;
}

static uint64_t paced_ms(size_t index)
{
    uint32_t random;

    cw_clock_random(&random, sizeof(random));
    return cw_clock_now_ms() + index * PACE_MS + random % PACE_MS;
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

static bool has_none(const struct cw_contact *contact)
{
    return contact == NULL || contact->xmpp_watches == CW_GRANT_NONE;
}

/* A partner is named by A-labels, the users of its domains by U-labels. */
static uint32_t asked_from(const struct cw_gateway *gw, struct cw_bytes domain)
{
    struct cw_bytes written;

    return cw_jid_domain(domain, gw->arena, &written) == CW_OK
               ? cw_roster_asked_by(gw->roster, written)
               : 0;
}

static uint32_t asked_by(const struct cw_watch *watch, const struct cw_partner *partner)
{
    uint32_t sum = asked_from(watch->gw, partner->domain);

    for (size_t i = 0; i < partner->additional_count; i++) {
        sum += asked_from(watch->gw, partner->additional[i]);
    }
    return sum;
}

static struct cw_contact *oldest_asked(const struct cw_watch *watch,
                                       const struct cw_partner *partner)
{
    const struct cw_gateway *const gw = watch->gw;
    struct cw_contact *oldest = NULL;
    struct cw_contact *contact;
    size_t cursor = 0;

    while ((contact = cw_roster_next(gw->roster, &cursor)) != NULL) {
        if (contact->xmpp_watches == CW_GRANT_ASKED &&
            (oldest == NULL || contact->changed_s < oldest->changed_s) &&
            cw_partners_serving(gw->partners, cw_roster_domain(contact), gw->arena) == partner) {
            oldest = contact;
        }
    }
    return oldest;
}

/* SEC-6: requests that nobody answers do not pile up. Whoever sent the oldest one hears nothing: he
 * may ask again. */
static void make_room(struct cw_watch *watch, const struct cw_partner *partner)
{
    struct cw_contact *oldest;
    struct cw_watch_pair *pair;

    if (!cw_quota_is_public(partner) || asked_by(watch, partner) < CW_QUOTA_PENDING) {
        return;
    }
    oldest = oldest_asked(watch, partner);
    if (oldest != NULL) {
        pair = cw_watch_pair_get(watch, oldest);
        cw_watch_pair_authorize(pair, CW_AUTH_CROWDED_OUT);
        cw_watch_pair_settle(pair);
    }
}

void cw_watch_presence(struct cw_watch *watch, const struct cw_stanza *in, struct cw_bytes local,
                       const struct cw_partner *partner)
{
    struct cw_gateway *gw = watch->gw;
    const struct cw_jid bare = cw_jid_bare(&in->from);
    struct cw_bytes remote;
    struct cw_contact *contact;
    struct cw_watch_pair *pair;

    if (cw_jid_write(&bare, gw->arena, &remote) != CW_OK) {
        return;
    }
    contact = cw_roster_find(gw->roster, local, remote);
    if (in->type != CW_TYPE_SUBSCRIBE && has_none(contact)) {
        if (in->type == CW_TYPE_PROBE) { /* SUB-34, PRES-46 */
            cw_tell_subscription(gw, local, remote, CW_TYPE_UNSUBSCRIBED, in->id);
        }
        return; /* SUB-31 */
    }
    if (has_none(contact)) {
        make_room(watch, partner);
    }
    pair = cw_watch_pair_get(watch, cw_roster_get(gw->roster, local, remote));
    if (in->type == CW_TYPE_PROBE && pair->contact->xmpp_watches == CW_GRANT_GRANTED) {
        if (in->to.resource.base != NULL && pair->showing.has_document) {
            tell_resource(pair, in);
            return;
        }
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

/* May the XMPP user watch on, by the rule by which he may ask to? A quarantine takes nothing away
 * that he has. */
static struct cw_decision judge_watching(const struct cw_gateway *gw,
                                         const struct cw_contact *contact)
{
    const struct cw_admission ask =
        cw_admission_between(CW_FROM_XMPP, CW_REQUEST_SUBSCRIBE, contact->local, contact->remote);
    struct cw_decision decision = cw_admission_peek(gw, &ask).decision;

    if (decision.reason == CW_REASON_QUARANTINED) {
        decision.verdict = CW_VERDICT_ALLOW;
    }
    return decision;
}

/* He watches: by a dialog that runs, and with the notes that his partner's type shows. */
static void review_watching(struct cw_watch *watch, struct cw_contact *contact, size_t *resumed)
{
    const struct cw_partner *partner = served(watch->gw, contact);
    struct cw_watch_pair *pair = contact->watch;

    if (pair == NULL || pair->dialog.state == CW_DIALOG_NONE ||
        pair->dialog.state == CW_DIALOG_CLOSING) {
        cw_watch_pair_later(cw_watch_pair_get(watch, contact), paced_ms((*resumed)++));
    } else if (pair->showing.has_notes && partner != NULL &&
               !cw_policy_shows_notes(partner->type)) {
        cw_showing_forget(&pair->showing);
        cw_watch_pair_dialog(pair, CW_DIALOG_RENEW, NULL);
    }
}

/* One pair under the policy as it is now: whoever may not watch any more, because the user may not
 * federate, has blocked him, or has not invited a contact of what is an unverified partner now,
 * loses the right (SUB-40); a partner that is paused or gone only the dialog; one that came back
 * gets a new one. */
static void review(struct cw_watch *watch, struct cw_contact *contact, size_t *resumed)
{
    if (contact->xmpp_watches == CW_GRANT_NONE) {
        return;
    }
    if (served(watch->gw, contact) == NULL) {
        if (contact->watch != NULL) {
            cw_watch_pair_dialog(contact->watch, CW_DIALOG_CLOSE, NULL);
        }
    } else if (judge_watching(watch->gw, contact).verdict != CW_VERDICT_ALLOW) {
        cw_watch_pair_authorize(cw_watch_pair_get(watch, contact), CW_AUTH_REVOKED);
    } else {
        review_watching(watch, contact, resumed);
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

/* What the configuration forbids since the last life of the process ends here, too. */
void cw_watch_resume(struct cw_watch *watch)
{
    cw_watch_policy_changed(watch);
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
