/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What the parts of one gateway process share. Owned by gateway/gateway.c; everybody else borrows.
 */

#include "partners.h"
#include "settings.h"
#include "sip/sip.h"
#include "store.h"

#include <causeway/arena.h>
#include <causeway/link.h>
#include <causeway/stanza.h>

struct uv_loop_s;

struct cw_gateway {
    struct uv_loop_s *loop;
    struct cw_gateway_settings *settings; /**< replaced by a reload */
    struct cw_partners *partners;         /**< replaced by a reload */
    const struct cw_access *access;       /**< who of ours may federate; replaced with them */
    uint64_t revision; /**< of what is in force: grows with each reload and each commit */
    struct cw_arena
        *arena; /**< memory of the message in hand; reset in inbound, outbound and timers only */
    struct cw_log *log;
    struct cw_metrics *metrics;
    struct cw_store *store;
    struct cw_sip *sip;
    struct cw_roster *roster;        /**< gateway/roster.h */
    struct cw_edge_pool *edges;      /**< gateway/edge_pool.h */
    struct cw_watch *watch;          /**< gateway/watch.h: XMPP users watch SIP users */
    struct cw_notify *notify;        /**< gateway/notify.h: SIP users watch XMPP users */
    struct cw_converse *converse;    /**< gateway/converse.h: typing and receipts */
    struct cw_report *report;        /**< gateway/report.h: what became of messages */
    struct cw_ability *abilities;    /**< gateway/ability.h: what SIP users' devices take */
    struct cw_thread_table *threads; /**< gateway/thread_table.h: threads and Call-IDs */
    struct cw_deliver *deliver;      /**< gateway/deliver.h: messages both ways */
    struct cw_audit *audit;          /**< gateway/audit.h: one line a message */
    struct cw_restraint *restraint;  /**< gateway/restraint.h: how much XMPP may ask for */
    struct cw_knocks *knocks;        /**< gateway/knocks.h: who was turned away */
    struct cw_reply_window *replies; /**< gateway/reply_window.h: who may answer our users */
    struct cw_spelling *spelling;    /**< gateway/spelling.h: how SIP users spell themselves */
    struct cw_bounce *bounce;        /**< gateway/bounce.h: error stanzas */
    struct cw_loop *timers;          /**< gateway/loop.h */
    unsigned turn_depth; /**< gateway/turn.h: entries into the flow that have not returned */
    bool draining;
};
