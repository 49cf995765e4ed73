/* SPDX-License-Identifier: Apache-2.0 */
#include "inbound.h"

#include "bounce.h"

#include <causeway/clock.h>

#include <stdlib.h>

#define HELD_MAX          ((size_t)1024 * 1024) /* octets on one stream: what was read before it stopped */
#define VERIFICATIONS     8u                    /* of one stream at a time */
#define VERIFICATIONS_ALL 256u                  /* of the edge at a time */
#define DRAIN_AWAY_MS     1000u /* without a gateway, while the edge goes down itself */
#define BOUNCE_ARENA      ((size_t)256 * 1024)

/* A stanza that no gateway has room for. */
struct held {
    struct held *next;
    struct cw_pair_key key;
    enum cw_method method;
    enum cw_stanza_class class;
    size_t len;
    char xml[];
};

/* A dialback question about a key of this stream. */
struct verification {
    struct verification *next;
    struct source *source;
    struct cw_pair_key key;
    struct cw_attempt *attempt;
};

/* One stream that came in. */
struct source {
    struct source *next;
    struct source **place;
    struct cw_inbound *inbound;
    struct cw_live *live;
    void *cookie;
    struct held *first;
    struct held **last;
    size_t held_bytes;
    bool paused;
    struct verification *verifications;
    size_t verification_count;
};

/* A stanza that a gateway has and does not answer for yet; what a bounce needs of it. */
struct given {
    struct given *next;
    struct given **place;
    struct cw_pair_key key;
    size_t head_len;
    char head[];
};

struct cw_inbound {
    struct cw_shell *shell;
    struct cw_streams *streams;
    struct cw_connector *connector;
    struct cw_gateway_link *gateways;
    const struct cw_inbound_events *events;
    void *user;
    struct source *sources;
    struct given *given;
    size_t verification_count;
    struct cw_arena *arena; /**< of one bounce */
};

static void *zeroed(size_t size)
{
    void *const memory = calloc(1, size);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static void count_bounce(const struct cw_inbound *inbound, struct cw_bytes remote)
{
    const struct cw_permit *const permit = cw_permits_table_find(inbound->shell->permits, remote);
    char partner[CW_PAIR_DOMAIN_MAX + 1] = "_unlisted";

    if (permit != NULL && permit->partner.len <= CW_PAIR_DOMAIN_MAX) {
        memcpy(partner, permit->partner.base, permit->partner.len);
        partner[permit->partner.len] = '\0';
    }
    CW_METRIC_INC(inbound->shell->metrics, S2S_STANZA_ERRORS_TOTAL, partner, "out",
                  "remote-server-timeout");
}

static void bounce(struct cw_inbound *inbound, struct cw_pair pair, struct cw_bytes head)
{
    struct cw_outbox_item error = {.class = CW_CLASS_MESSAGE};

    if (head.base != NULL && cw_bounce_write(head, inbound->arena, &error.xml) == CW_OK) {
        count_bounce(inbound, pair.remote);
        inbound->events->on_bounce(pair, &error, inbound->user);
    }
    cw_arena_reset(inbound->arena);
}

static void given_end(struct given *given)
{
    *given->place = given->next;
    if (given->next != NULL) {
        given->next->place = given->place;
    }
    free(given);
}

static struct given *given_new(struct cw_inbound *inbound, const struct cw_pair_key *key,
                               struct cw_bytes xml)
{
    const struct cw_bytes head = cw_bounce_head(xml);
    struct given *const given = zeroed(sizeof(*given) + head.len + 1);

    given->key = *key;
    given->head_len = head.len;
    if (head.len > 0) {
        memcpy(given->head, head.base, head.len);
    }
    given->next = inbound->given;
    given->place = &inbound->given;
    if (given->next != NULL) {
        given->next->place = &given->next;
    }
    inbound->given = given;
    return given;
}

/* @return CW_OK: it is no longer the stream's; else it has to be held */
static enum cw_err give(struct source *source, const struct cw_pair_key *key, enum cw_method method,
                        enum cw_stanza_class class, struct cw_bytes xml)
{
    struct cw_inbound *const inbound = source->inbound;
    const struct cw_pair pair = cw_pair_of(key);
    struct cw_frame_stanza stanza = {
        .class = class,
        .method = method,
        .from_domain = pair.remote,
        .to_domain = pair.own,
        .partner = cw_log_text(cw_live_partner(source->live)),
        .xml = xml,
    };
    struct given *const given = given_new(inbound, key, xml);
    enum cw_err err;

    cw_clock_random(stanza.trace, sizeof(stanza.trace));
    err = cw_gateway_link_send(inbound->gateways, &stanza, given);
    if (err == CW_ERR_LIMIT) { /* no gateway will ever have room for it */
        bounce(inbound, pair, (struct cw_bytes){given->head, given->head_len});
        err = CW_OK;
    } else if (err == CW_OK) {
        return CW_OK;
    }
    given_end(given);
    return err;
}

static void drop_first_held(struct source *source)
{
    struct held *const held = source->first;

    source->first = held->next;
    if (source->first == NULL) {
        source->last = &source->first;
    }
    source->held_bytes -= held->len;
    free(held);
}

static void bounce_held(struct source *source)
{
    while (source->first != NULL) {
        bounce(source->inbound, cw_pair_of(&source->first->key),
               cw_bounce_head((struct cw_bytes){source->first->xml, source->first->len}));
        drop_first_held(source);
    }
}

static void set_paused(struct source *source, bool paused)
{
    if (source->paused != paused && !source->live->closed_by_us) {
        source->paused = paused;
        cw_stream_pause(source->live->stream, paused);
    }
}

static void hold(struct source *source, const struct cw_pair_key *key,
                 const struct cw_authenticated_stanza *stanza)
{
    struct held *held;

    if (source->live->closed_by_us) { /* in flight when we closed: nobody waits to take it */
        bounce(source->inbound, cw_pair_of(key), cw_bounce_head(stanza->xml));
        return;
    }
    if (source->held_bytes + stanza->xml.len > HELD_MAX) {
        bounce(source->inbound, cw_pair_of(key), cw_bounce_head(stanza->xml));
        cw_live_close(source->live, "resource-constraint", NULL);
        return;
    }
    held = zeroed(sizeof(*held) + stanza->xml.len + 1);
    held->key = *key;
    held->method = stanza->method;
    held->class = stanza->class;
    held->len = stanza->xml.len;
    memcpy(held->xml, stanza->xml.base, stanza->xml.len);
    *source->last = held;
    source->last = &held->next;
    source->held_bytes += held->len;
    set_paused(source, true);
}

/* Gives what is held, in order. Reading goes on when all of it is gone. */
static void source_go_on(struct source *source)
{
    while (source->first != NULL) {
        const struct held *const held = source->first;
        const struct cw_bytes remote = cw_pair_of(&held->key).remote;

        if (cw_permits_table_find(source->inbound->shell->permits, remote) != NULL &&
            give(source, &held->key, held->method, held->class,
                 (struct cw_bytes){held->xml, held->len}) != CW_OK) {
            return;
        }
        drop_first_held(source);
    }
    set_paused(source, cw_gateway_link_count(source->inbound->gateways) == 0);
}

static void on_stanza(struct cw_live *live, const struct cw_authenticated_stanza *stanza,
                      void *user)
{
    struct source *const source = user;
    struct cw_pair_key key;

    (void)live;
    if (cw_pair_key((struct cw_pair){stanza->own, stanza->remote}, &key) != CW_OK ||
        cw_permits_table_find(source->inbound->shell->permits, stanza->remote) == NULL) {
        return; /* its permit went while the stanza was on its way: the stream is closing */
    }
    if (source->first != NULL ||
        give(source, &key, stanza->method, stanza->class, stanza->xml) != CW_OK) {
        hold(source, &key, stanza);
    }
}

static void on_pair(struct cw_live *live, struct cw_pair pair, void *user)
{
    struct source *const source = user;
    const struct cw_shell *const shell = source->inbound->shell;
    const struct cw_permit *const permit = cw_permits_table_find(shell->permits, pair.remote);

    if (permit == NULL) {
        cw_live_close(live, "policy-violation", NULL); /* STREAM-140 */
    } else if (live->pair_count == 1 && /* one more on a stream that is there is no new stream */
               cw_streams_of_partner(source->inbound->streams, permit->partner) >
                   permit->connection_limit) {
        CW_METRIC_INC(shell->metrics, CONNECTIONS_REJECTED_TOTAL, "s2s", "partner_limit");
        CW_LOG(shell->log, S2S_LIMIT, "the partner has too many streams",
               {"partner", permit->partner}, {"dir", CW_LIT("in")});
        cw_live_close(live, "resource-constraint", "too many streams");
    } else {
        source->inbound->events->on_alive(pair.remote, source->inbound->user);
        if (cw_gateway_link_count(source->inbound->gateways) == 0) {
            set_paused(source, true);
        }
    }
}

static void verification_end(struct verification *verification)
{
    struct source *const source = verification->source;
    struct verification **place = &source->verifications;

    while (*place != verification) {
        place = &(*place)->next;
    }
    *place = verification->next;
    cw_attempt_cancel(&verification->attempt);
    source->verification_count--;
    source->inbound->verification_count--;
    free(verification);
}

static void on_verified(const struct cw_attempt_result *result, void *user)
{
    struct verification *const verification = user;
    const struct cw_pair_key key = verification->key;
    const struct cw_pair pair = cw_pair_of(&key);
    struct cw_stream *const stream = verification->source->live->stream;

    verification->attempt = NULL;
    verification_end(verification);
    cw_stream_verified(stream, pair.own, pair.remote, result->valid, result->fail);
}

/* STREAM-67: the question goes over a stream of its own, to the server that DNS names. */
static void on_verify(struct cw_live *live, struct cw_pair pair, struct cw_bytes id,
                      struct cw_bytes key, void *user)
{
    struct source *const source = user;
    struct cw_inbound *const inbound = source->inbound;
    struct verification *verification;

    if (source->verification_count == VERIFICATIONS ||
        inbound->verification_count == VERIFICATIONS_ALL) {
        cw_stream_verified(live->stream, pair.own, pair.remote, false, CW_FAIL_QUEUE_FULL);
        return;
    }
    verification = zeroed(sizeof(*verification));
    if (cw_pair_key(pair, &verification->key) != CW_OK) {
        free(verification);
        cw_stream_verified(live->stream, pair.own, pair.remote, false, CW_FAIL_DNS);
        return;
    }
    verification->source = source;
    verification->next = source->verifications;
    source->verifications = verification;
    source->verification_count++;
    inbound->verification_count++;
    verification->attempt =
        cw_connector_verify(inbound->connector, pair, id, key, on_verified, verification);
}

static void on_closed(struct cw_live *live, enum cw_fail why, const char *detail, void *user)
{
    struct source *const source = user;
    struct cw_inbound *const inbound = source->inbound;

    (void)live;
    (void)why;
    (void)detail;
    for (struct verification *one = source->verifications, *next; one != NULL; one = next) {
        next = one->next;
        verification_end(one);
    }
    bounce_held(source);
    *source->place = source->next;
    if (source->next != NULL) {
        source->next->place = source->place;
    }
    inbound->events->on_gone(source->cookie, inbound->user);
    free(source);
}

static const struct cw_live_events LIVE_EVENTS = {
    .on_pair = on_pair,
    .on_stanza = on_stanza,
    .on_verify = on_verify,
    .on_closed = on_closed,
};

struct cw_inbound *cw_inbound_new(struct cw_shell *shell, struct cw_streams *streams,
                                  struct cw_connector *connector, struct cw_gateway_link *gateways,
                                  const struct cw_inbound_events *events, void *user)
{
    struct cw_inbound *const inbound = zeroed(sizeof(*inbound));

    *inbound = (struct cw_inbound){.shell = shell,
                                   .streams = streams,
                                   .connector = connector,
                                   .gateways = gateways,
                                   .events = events,
                                   .user = user,
                                   .arena = cw_arena_new(BOUNCE_ARENA)};
    return inbound;
}

void cw_inbound_free(struct cw_inbound **inbound)
{
    if (*inbound == NULL) {
        return;
    }
    for (struct given *given = (*inbound)->given, *next; given != NULL; given = next) {
        next = given->next;
        given_end(given);
    }
    cw_arena_free(&(*inbound)->arena);
    free(*inbound);
    *inbound = NULL;
}

void cw_inbound_accept(struct cw_inbound *inbound, struct cw_tls_stream *connection,
                       bool direct_tls, void *cookie)
{
    struct source *const source = zeroed(sizeof(*source));

    source->inbound = inbound;
    source->cookie = cookie;
    source->last = &source->first;
    source->next = inbound->sources;
    source->place = &inbound->sources;
    if (source->next != NULL) {
        source->next->place = &source->next;
    }
    inbound->sources = source;
    source->live =
        cw_streams_accept(inbound->streams, connection, direct_tls, &LIVE_EVENTS, source);
}

void cw_inbound_room(struct cw_inbound *inbound, struct cw_bytes partner)
{
    for (struct source *source = inbound->sources; source != NULL; source = source->next) {
        if (source->live->pair_count > 0 &&
            (partner.base == NULL ||
             cw_bytes_equal(cw_log_text(cw_live_partner(source->live)), partner))) {
            source_go_on(source);
        }
    }
}

void cw_inbound_fate(struct cw_inbound *inbound, void *cookie, enum cw_fate fate)
{
    struct given *const given = cookie;

    if (fate != CW_FATE_TAKEN) {
        bounce(inbound, cw_pair_of(&given->key), (struct cw_bytes){given->head, given->head_len});
    }
    given_end(given);
}

void cw_inbound_tick(struct cw_inbound *inbound)
{
    const uint64_t patience_ms = inbound->shell->draining ? DRAIN_AWAY_MS : CW_GATEWAY_LINK_AWAY_MS;

    if (cw_gateway_link_away_ms(inbound->gateways) < patience_ms) {
        return;
    }
    for (struct source *source = inbound->sources; source != NULL; source = source->next) {
        if (source->live->pair_count > 0 && !source->live->closed_by_us) {
            bounce_held(source);
            cw_live_close(source->live, "remote-connection-failed", "no gateway");
        }
    }
}

void cw_inbound_close_idle(struct cw_inbound *inbound)
{
    for (struct source *source = inbound->sources; source != NULL; source = source->next) {
        if (source->first == NULL && !source->live->closed_by_us) {
            cw_live_close(source->live, "system-shutdown", NULL);
        }
    }
}
