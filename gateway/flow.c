/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include "ability.h"
#include "audit.h"
#include "bounce.h"
#include "converse.h"
#include "deliver.h"
#include "edge_pool.h"
#include "inbound.h"
#include "knocks.h"
#include "ledger.h"
#include "loop.h"
#include "notify.h"
#include "reply_window.h"
#include "report.h"
#include "restraint.h"
#include "roster.h"
#include "spelling.h"
#include "thread_table.h"
#include "turn.h"
#include "watch.h"

#include <causeway/clock.h>

/* What was loaded is counted once; from then on each change moves the gauge. */
static void count_loaded(struct cw_gateway *gw)
{
    const struct cw_contact *contact;
    size_t cursor = 0;

    while ((contact = cw_roster_next(gw->roster, &cursor)) != NULL) {
        cw_turn_begin(gw);
        cw_audit_grant(gw->audit, CW_FROM_XMPP, contact, CW_GRANT_NONE, contact->xmpp_watches);
        cw_audit_grant(gw->audit, CW_FROM_SIP, contact, CW_GRANT_NONE, contact->sip_watches);
        cw_turn_end(gw);
    }
}

static void on_report(void *user)
{
    struct cw_gateway *gw = user;

    if (gw->edges != NULL) {
        cw_edge_pool_durable(gw->edges);
    }
}

enum cw_err cw_flow_new(struct cw_gateway *gw, struct cw_tls *link_tls)
{
    uint64_t key[2];

    cw_clock_random(key, sizeof(key));
    gw->turn_depth = 0;
    gw->roster = cw_roster_new(key, gw->store, cw_store_put);
    cw_ledger_watch(cw_roster_ledger(gw->roster), on_report, gw);
    gw->knocks = cw_knocks_new(key);
    gw->replies = cw_reply_window_new(key);
    gw->spelling = cw_spelling_new(key);
    gw->timers = cw_loop_new(gw->loop);
    gw->restraint = cw_restraint_new(gw, key);
    gw->audit = cw_audit_new(gw);
    gw->bounce = cw_bounce_new(gw);
    gw->watch = cw_watch_new(gw);
    gw->notify = cw_notify_new(gw);
    gw->abilities = cw_ability_new(key);
    gw->threads = cw_thread_table_new(key);
    gw->converse = cw_converse_new(gw);
    gw->report = cw_report_new(gw);
    gw->deliver = cw_deliver_new(gw);
    gw->edges = cw_edge_pool_new(gw, link_tls, cw_inbound_stanza);
    CW_TRY(cw_store_load(gw->store, cw_roster_load, gw->roster));
    count_loaded(gw);
    return CW_OK;
}

void cw_flow_start(struct cw_gateway *gw)
{
    cw_turn_begin(gw);
    cw_edge_pool_start(gw->edges);
    cw_turn_end(gw);
    cw_watch_resume(gw->watch);
}

void cw_flow_policy_changed(struct cw_gateway *gw)
{
    cw_edge_pool_policy_changed(gw->edges);
    cw_watch_policy_changed(gw->watch);
    cw_notify_policy_changed(gw->notify);
}

void cw_flow_drain(struct cw_gateway *gw)
{
    gw->draining = true;
    cw_edge_pool_goaway(gw->edges, "drain");
}

size_t cw_flow_pending(const struct cw_gateway *gw)
{
    return cw_deliver_pending(gw->deliver) + cw_watch_unsaved(gw->watch) +
           cw_notify_unsaved(gw->notify);
}

void cw_flow_free(struct cw_gateway *gw)
{
    cw_deliver_give_up(gw->deliver);
    cw_edge_pool_free(
        &gw->edges); /* before the rest: the fates of what is under way go to the parts below */
    cw_deliver_free(&gw->deliver);
    cw_report_free(&gw->report);
    cw_converse_free(&gw->converse);
    cw_thread_table_free(&gw->threads);
    cw_ability_free(&gw->abilities);
    cw_notify_free(&gw->notify);
    cw_watch_free(&gw->watch);
    cw_bounce_free(&gw->bounce);
    cw_audit_free(&gw->audit);
    cw_restraint_free(&gw->restraint);
    cw_loop_free(&gw->timers);
    cw_spelling_free(&gw->spelling);
    cw_knocks_free(&gw->knocks);
    cw_reply_window_free(&gw->replies);
    cw_roster_free(&gw->roster);
}

static void visit_watch(const struct cw_contact *contact, cw_flow_visit_fn *visit, void *user)
{
    struct cw_flow_subscription row = {
        .local = contact->local,
        .remote = contact->remote,
        .direction = CW_FROM_XMPP,
        .state = contact->xmpp_watches,
        .changed_s = contact->changed_s,
        .invited = contact->invited,
        .blocked = contact->blocked,
    };

    row.dialog = cw_watch_dialog_state(contact, &row.expires_s);
    visit(&row, user);
}

static void visit_notify(const struct cw_contact *contact, cw_flow_visit_fn *visit, void *user)
{
    struct cw_flow_subscription row = {
        .local = contact->local,
        .remote = contact->remote,
        .direction = CW_FROM_SIP,
        .state = contact->sip_watches,
        .changed_s = contact->changed_s,
        .invited = contact->invited,
        .blocked = contact->blocked,
    };

    row.dialog = cw_notify_dialogs(contact, &row.expires_s) > 0 ? "active" : "none";
    visit(&row, user);
}

void cw_flow_subscriptions(const struct cw_gateway *gw, cw_flow_visit_fn *visit, void *user)
{
    const struct cw_contact *contact;
    size_t cursor = 0;

    while ((contact = cw_roster_next(gw->roster, &cursor)) != NULL) {
        if (contact->xmpp_watches != CW_GRANT_NONE || contact->watch != NULL) {
            visit_watch(contact, visit, user);
        }
        if (contact->sip_watches != CW_GRANT_NONE || contact->notify != NULL || contact->invited ||
            contact->blocked) {
            visit_notify(contact, visit, user);
        }
    }
}

void cw_flow_block(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote, bool block)
{
    struct cw_contact *contact = cw_roster_get(gw->roster, local, remote);

    cw_turn_begin(gw);
    contact->blocked = block;
    cw_roster_save(gw->roster, contact, cw_clock_wall_ms() / 1000, NULL, NULL);
    if (block) {
        cw_watch_revoke(gw->watch, local, remote);
        cw_notify_block(contact);
        cw_reply_window_close(gw->replies, local, remote);
    } else {
        cw_roster_release(gw->roster, contact);
    }
    cw_turn_end(gw);
}
