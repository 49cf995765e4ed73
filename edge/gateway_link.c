/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_link.h"

#include <causeway/clock.h>

#include <stdio.h>
#include <stdlib.h>

#define HEARTBEAT_MS  2000u
#define FAIL_AFTER_MS 6000u
#define UNSETTLED_MAX 10000u
#define NODE_SIZE     65u

struct cw_gateway_link {
    struct cw_shell *shell;
    struct cw_link_listener *listener;
    struct cw_link *up[CW_GATEWAY_LINK_MAX]; /**< in the order they came */
    size_t count;
    struct {
        struct cw_link *link;
        uint64_t since_ms;
    } down[CW_GATEWAY_LINK_MAX]; /**< gone, and perhaps coming back */
    size_t down_count;
    char author[NODE_SIZE]; /**< node whose document is in force */
    uint64_t away_since_ms;
    const struct cw_gateway_link_events *events;
    void *user;
};

static void forget_up(struct cw_gateway_link *gateways, const struct cw_link *link)
{
    size_t kept = 0;

    for (size_t i = 0; i < gateways->count; i++) {
        if (gateways->up[i] != link) {
            gateways->up[kept++] = gateways->up[i];
        }
    }
    if (gateways->count > 0 && kept == 0) {
        gateways->away_since_ms = cw_clock_now_ms();
    }
    gateways->count = kept;
}

static void forget_down(struct cw_gateway_link *gateways, const struct cw_link *link)
{
    size_t kept = 0;

    for (size_t i = 0; i < gateways->down_count; i++) {
        if (gateways->down[i].link != link) {
            gateways->down[kept++] = gateways->down[i];
        }
    }
    gateways->down_count = kept;
}

static void on_up(struct cw_link *link, const struct cw_frame_hello *peer, void *user)
{
    struct cw_gateway_link *const gateways = user;

    (void)peer;
    forget_up(gateways, link);
    forget_down(gateways, link);
    if (gateways->count == CW_GATEWAY_LINK_MAX) {
        return; /* it may send, but gets nothing: the pool is larger than we serve */
    }
    gateways->up[gateways->count++] = link;
    gateways->events->on_room((struct cw_bytes){0}, gateways->user);
}

static void on_down(struct cw_link *link, enum cw_err why, const char *detail, void *user)
{
    struct cw_gateway_link *const gateways = user;

    (void)why;
    (void)detail; /* the link logs it */
    forget_up(gateways, link);
    forget_down(gateways, link);
    if (gateways->down_count < CW_GATEWAY_LINK_MAX) {
        gateways->down[gateways->down_count].link = link;
        gateways->down[gateways->down_count++].since_ms = cw_clock_now_ms();
    }
    gateways->events->on_room((struct cw_bytes){0}, gateways->user);
}

static void on_stanza(struct cw_link *link, const struct cw_frame_stanza *stanza, void *user)
{
    const struct cw_gateway_link *const gateways = user;

    gateways->events->on_stanza(link, stanza, gateways->user);
}

static void on_fate(struct cw_link *link, const struct cw_frame_ack *ack, void *cookie, void *user)
{
    const struct cw_gateway_link *const gateways = user;

    (void)link;
    gateways->events->on_fate(cookie, ack->fate, gateways->user);
}

static void on_change(const struct cw_permits_table *before, void *user)
{
    const struct cw_gateway_link *const gateways = user;

    gateways->events->on_change(before, gateways->user);
}

/* An older document of another gateway of the pool is only late; one of the same gateway is its
 * will. */
static bool is_late(const struct cw_gateway_link *gateways, const char *node, uint64_t revision)
{
    const struct cw_permits *const now = cw_permits_table_document(gateways->shell->permits);

    return revision < now->revision && strncmp(gateways->author, node, NODE_SIZE) != 0;
}

static enum cw_err read_revision(struct cw_bytes payload, uint64_t *revision)
{
    struct cw_arena *arena = cw_arena_new((size_t)64 * 1024 * 1024);
    struct cw_permits permits = {0};
    const enum cw_err err = cw_permits_read(payload, arena, &permits);

    *revision = permits.revision;
    cw_arena_free(&arena);
    return err;
}

static void on_permits(struct cw_link *link, struct cw_bytes payload, void *user)
{
    struct cw_gateway_link *const gateways = user;
    struct cw_shell *const shell = gateways->shell;
    uint64_t revision = 0;

    if (read_revision(payload, &revision) == CW_OK &&
        is_late(gateways, cw_link_peer(link), revision)) {
        cw_link_applied(link, cw_permits_table_document(shell->permits)->revision);
        return;
    }
    if (cw_permits_table_apply(shell->permits, payload, cw_clock_now_ms(), on_change, gateways) !=
        CW_OK) {
        CW_METRIC_INC(shell->metrics, CONFIG_RELOADS_TOTAL, "link", "error");
        CW_LOG(shell->log, CONFIG_REJECTED, "the gateway's permits cannot be read",
               {"peer", cw_log_text(cw_link_peer(link))});
        return;
    }
    (void)snprintf(gateways->author, sizeof(gateways->author), "%s", cw_link_peer(link));
    CW_METRIC_INC(shell->metrics, CONFIG_RELOADS_TOTAL, "link", "ok");
    gateways->events->on_permits(gateways->user);
    cw_link_applied(link, revision);
}

static void on_goaway(struct cw_link *link, struct cw_bytes reason, void *user)
{
    (void)reason;
    forget_up(user, link);
}

static void on_credit(struct cw_link *link, struct cw_bytes partner, void *user)
{
    const struct cw_gateway_link *const gateways = user;

    (void)link;
    gateways->events->on_room(partner, gateways->user);
}

static const struct cw_link_events LINK_EVENTS = {
    .on_up = on_up,
    .on_down = on_down,
    .on_stanza = on_stanza,
    .on_fate = on_fate,
    .on_permits = on_permits,
    .on_goaway = on_goaway,
    .on_credit = on_credit,
};

enum cw_err cw_gateway_link_new(struct cw_shell *shell,
                                const struct cw_gateway_link_settings *settings,
                                const struct cw_gateway_link_events *events, void *user,
                                struct cw_gateway_link **out, const char **problem)
{
    const struct cw_link_settings link = {
        .node = settings->node,
        .pool = settings->pool,
        .tls = settings->tls,
        .peer_names = settings->peer_names,
        .peer_name_count = settings->peer_name_count,
        .heartbeat_ms = HEARTBEAT_MS,
        .fail_after_ms = FAIL_AFTER_MS,
        .unsettled_max = UNSETTLED_MAX,
        .log = shell->log,
        .metrics = shell->metrics,
    };
    struct cw_gateway_link *gateways = calloc(1, sizeof(*gateways));
    enum cw_err err;

    if (gateways == NULL) {
        abort();
    }
    *gateways = (struct cw_gateway_link){
        .shell = shell, .away_since_ms = cw_clock_now_ms(), .events = events, .user = user};
    err = cw_link_listen(shell->loop, &link, settings->address, &LINK_EVENTS, gateways,
                         &gateways->listener, problem);
    if (err != CW_OK) {
        free(gateways);
        return err;
    }
    *out = gateways;
    return CW_OK;
}

void cw_gateway_link_free(struct cw_gateway_link **gateways)
{
    if (*gateways != NULL) {
        cw_link_listener_close(&(*gateways)->listener);
        free(*gateways);
        *gateways = NULL;
    }
}

enum cw_err cw_gateway_link_send(struct cw_gateway_link *gateways,
                                 const struct cw_frame_stanza *stanza, void *cookie)
{
    if (gateways->count == 0) {
        return CW_ERR_NO_ROUTE;
    }
    /* one gateway at a time, so that the order of a pair holds; the shard map chooses in a pool */
    return cw_link_send(gateways->up[0], stanza, cookie);
}

void cw_gateway_link_report(struct cw_gateway_link *gateways, const struct cw_frame_report *report)
{
    for (size_t i = 0; i < gateways->count; i++) {
        cw_link_report(gateways->up[i], report);
    }
}

void cw_gateway_link_knocks(struct cw_gateway_link *gateways, const struct cw_frame_knocks *knocks)
{
    for (size_t i = 0; i < gateways->count; i++) {
        cw_link_knocks(gateways->up[i], knocks);
    }
}

size_t cw_gateway_link_count(const struct cw_gateway_link *gateways)
{
    return gateways->count;
}

uint64_t cw_gateway_link_away_ms(const struct cw_gateway_link *gateways)
{
    return gateways->count > 0 ? 0 : cw_clock_now_ms() - gateways->away_since_ms;
}

size_t cw_gateway_link_unsettled(const struct cw_gateway_link *gateways)
{
    size_t count = 0;

    for (size_t i = 0; i < gateways->count; i++) {
        count += cw_link_unsettled(gateways->up[i]);
    }
    return count;
}

void cw_gateway_link_goaway(struct cw_gateway_link *gateways, const char *reason)
{
    for (size_t i = 0; i < gateways->count; i++) {
        cw_link_goaway(gateways->up[i], reason);
    }
}

/* What such a gateway has and never answered for is told as lost: its sender waits for a word. */
static void abandon_lost(struct cw_gateway_link *gateways, uint64_t now_ms)
{
    for (size_t i = 0; i < gateways->down_count;) {
        struct cw_link *const link = gateways->down[i].link;

        if (now_ms - gateways->down[i].since_ms < CW_GATEWAY_LINK_AWAY_MS) {
            i++;
            continue;
        }
        forget_down(gateways, link);
        cw_link_abandon(link);
    }
}

void cw_gateway_link_tick(struct cw_gateway_link *gateways)
{
    struct cw_shell *const shell = gateways->shell;
    const uint64_t now_ms = cw_clock_now_ms();

    abandon_lost(gateways, now_ms);
    if (gateways->count > 0) {
        cw_permits_table_renew(shell->permits, now_ms);
    } else if (cw_permits_table_expire(shell->permits, now_ms, on_change, gateways)) {
        gateways->author[0] = '\0';
        gateways->events->on_permits(gateways->user);
    }
}

const struct cw_link *cw_gateway_link_at(const struct cw_gateway_link *gateways, size_t i)
{
    return i < gateways->count ? gateways->up[i] : NULL;
}
