/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What the doubles of flow_world.h share. One world at a time: a double has no context of its own.
 */

#include "flow_world.h"

#include "loop.h"
#include "settings.h"

#define LINES_MAX 256
#define WAITING   64

struct outgoing {
    struct cw_sip_message message;
    cw_sip_done_fn *done;
    void *user;
};

struct cw_sip_server_transaction {
    unsigned tag;
    char tag_text[16];
    struct world *world;
};

struct write {
    struct cw_relation relation;
    cw_store_done_fn *done;
    void *user;
};

struct cw_loop {
    struct cw_alarms *alarms;
};

struct cw_sip {
    int unused;
};

struct cw_link {
    const struct cw_link_events *events;
    void *user;
};

struct world {
    struct cw_gateway gw;
    struct cw_gateway_settings settings;
    struct cw_partner partner;
    struct cw_bytes own[WORLD_DOMAINS_MAX];
    char partner_domain[64];
    struct cw_bytes additional[WORLD_DOMAINS_MAX];
    size_t additional_count;
    const char *barred; /* who may not federate */
    bool federation;    /* the master switch */
    enum cw_accept accept;
    const char *edges[1];
    struct cw_sip sip;
    struct cw_arena *memory;
    char *lines[LINES_MAX];
    size_t first, last;
    struct outgoing out[WAITING];
    size_t out_first, out_last;
    struct cw_sip_message subscribe; /* our last one */
    unsigned notify_cseq;
    void *cookies[WAITING];
    size_t cookie_first, cookie_last;
    struct write writes[WAITING];
    size_t write_count;
    struct cw_relation stored;
    bool has_stored;
    struct cw_link link;
    bool link_up;
    uint64_t taken;
    uint64_t seq;
    unsigned tags;
    const struct world_observer *observer; /* NULL: nobody looks */
    void *observer_user;
    bool refuse_next; /* the next request towards SIP is too long for its path */
    const char *content_type, *content_language; /* of NOTIFYs to us; NULL: as is usual */
    bool debug;
    bool full;
    char log[2048]; /* the last event */
    char trace[48]; /* of the last stanza to the edge */
};

/** The world, its time and its source of randomness. */
extern struct world *the_world;
extern uint64_t the_time_ms;

/** A copy that lives as long as the world. */
struct cw_bytes world_keep(struct cw_bytes text);

struct cw_bytes world_text(const char *text);

/** One more line for world_expect(). */
void world_line(const char *text);
