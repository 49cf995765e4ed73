/* SPDX-License-Identifier: Apache-2.0 */
#include "sender.h"

#include "routes.h"
#include "words.h"

#include <causeway/clock.h>

#include <stdlib.h>
#include <uv.h>

/* A write leaves at the end of its turn of the loop or of the next one. If the kernel has not taken
 * it by then, it is the socket that wakes the loop later. */
#define WRITE_TURNS 2u

/* A stanza written to a stream, until the kernel has its bytes. */
struct flight {
    struct flight *next;
    void *owner;
    uint64_t seq;
    size_t len;
};

/* A stream of ours that is up. */
struct channel {
    struct channel *next;
    struct channel **place;
    struct cw_sender *sender;
    struct cw_live *live;
    struct flight *first;
    struct flight **last;
    size_t bytes; /**< of all flights */
};

/* A set-up under way. */
struct opening {
    struct opening *next;
    struct cw_sender *sender;
    struct cw_pair_key key;
    struct cw_attempt *attempt;
};

struct cw_sender {
    struct cw_shell *shell;
    struct cw_connector *connector;
    struct cw_outbox *outbox;
    struct cw_routes *routes;
    struct cw_outbox_limits limits;
    struct channel *channels;
    struct opening *openings;
    uv_check_t check; /**< looks, once a loop turn, what the kernel has taken */
    uv_idle_t turn;   /**< makes the loop turn again after a write */
    unsigned turns;   /**< so often */
    size_t flights;
    cw_sender_fate_fn *on_fate;
    void *user;
};

static void *zeroed(size_t size)
{
    void *const memory = calloc(1, size);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static void on_outbox_failed(const struct cw_outbox_item *item, enum cw_fail why, void *user)
{
    const struct cw_sender *const sender = user;

    sender->on_fate(item->owner, item->seq, CW_FATE_FAILED, why, sender->user);
}

static void channel_settle_first(struct channel *channel, enum cw_fate fate, enum cw_fail why)
{
    const struct cw_sender *const sender = channel->sender;
    struct flight *const flight = channel->first;

    channel->first = flight->next;
    if (channel->first == NULL) {
        channel->last = &channel->first;
    }
    channel->bytes -= flight->len;
    channel->sender->flights--;
    sender->on_fate(flight->owner, flight->seq, fate, why, sender->user);
    free(flight);
}

/* The stream's queue holds at least the bytes of the stanzas written last, so a stanza has left
 * when the queue is no longer than what was written after it. */
static void channel_settle(struct channel *channel)
{
    const size_t queued = cw_stream_queued(channel->live->stream);

    while (channel->first != NULL && queued <= channel->bytes - channel->first->len) {
        channel_settle_first(channel, CW_FATE_HANDED, CW_FAIL_NONE);
    }
}

static void on_turn(uv_idle_t *idle)
{
    (void)idle; /* being active is all it is for */
}

static void on_check(uv_check_t *check)
{
    struct cw_sender *const sender = check->data;

    if (sender->turns > 0 && --sender->turns == 0) {
        (void)uv_idle_stop(&sender->turn);
    }
    for (struct channel *channel = sender->channels; channel != NULL; channel = channel->next) {
        channel_settle(channel);
    }
    if (sender->flights == 0) {
        sender->turns = 0;
        (void)uv_idle_stop(&sender->turn);
        (void)uv_check_stop(check);
    }
}

static void watch_flights(struct cw_sender *sender)
{
    sender->turns = WRITE_TURNS;
    (void)uv_check_start(&sender->check, on_check);
    (void)uv_idle_start(&sender->turn, on_turn);
}

static void channel_fly(struct channel *channel, const struct cw_outbox_item *item)
{
    struct flight *const flight = zeroed(sizeof(*flight));

    *flight = (struct flight){.owner = item->owner, .seq = item->seq, .len = item->xml.len};
    *channel->last = flight;
    channel->last = &flight->next;
    channel->bytes += flight->len;
    channel->sender->flights++;
}

/* Sends what waits for the pair, up to the stream's high-water mark; on_drain goes on from there.
 */
static void flush(struct cw_sender *sender, struct cw_pair pair)
{
    struct channel *const channel = cw_routes_stream(sender->routes, pair);
    const struct cw_outbox_item *item;

    while (channel != NULL && cw_stream_queued(channel->live->stream) < CW_TLS_STREAM_HIGH &&
           (item = cw_outbox_first(sender->outbox, pair)) != NULL) {
        if (cw_stream_send(channel->live->stream, pair.own, pair.remote, item->xml) != CW_OK) {
            return; /* it is closing: what waits stays for the next one */
        }
        CW_METRIC_INC(sender->shell->metrics, S2S_STANZAS_TOTAL, cw_live_partner(channel->live),
                      cw_word_direction(true), cw_word_kind(item->class));
        channel_fly(channel, item);
        cw_outbox_take(sender->outbox, pair);
    }
    if (sender->flights > 0) {
        watch_flights(sender);
    }
}

static void opening_end(struct opening *opening)
{
    struct opening **place = &opening->sender->openings;

    while (*place != opening) {
        place = &(*place)->next;
    }
    *place = opening->next;
    cw_attempt_cancel(&opening->attempt);
    free(opening);
}

static void cancel(struct cw_sender *sender, struct cw_pair pair)
{
    for (struct opening *opening = sender->openings; opening != NULL; opening = opening->next) {
        if (cw_pair_equal(cw_pair_of(&opening->key), pair)) {
            opening_end(opening);
            return;
        }
    }
}

/* Performs what the route's machine asks for, but CONNECT, which connect_pair() adds. */
static void obey(struct cw_sender *sender, struct cw_pair pair, struct cw_route_order order)
{
    if ((order.effects & CW_ROUTE_CANCEL) != 0) {
        cancel(sender, pair);
    }
    if ((order.effects & CW_ROUTE_FLUSH) != 0) {
        flush(sender, pair);
    }
    if ((order.effects & CW_ROUTE_BOUNCE) != 0) {
        cw_outbox_fail(sender->outbox, pair, order.why);
    }
}

static void connect_pair(struct cw_sender *sender, struct cw_pair pair, cw_attempt_fn *on_done)
{
    struct opening *const opening = zeroed(sizeof(*opening));

    if (cw_pair_key(pair, &opening->key) != CW_OK) {
        free(opening);
        return;
    }
    opening->sender = sender;
    opening->next = sender->openings;
    sender->openings = opening;
    opening->attempt = cw_connector_open(sender->connector, pair, on_done, opening);
}

/* Something waits for the pair: asks the route what to do, and does it. */
static void want(struct cw_sender *sender, struct cw_pair pair, cw_attempt_fn *on_done)
{
    const struct cw_route_order order =
        cw_routes_wanted(sender->routes, pair, cw_outbox_has_user_act(sender->outbox, pair),
                         sender->limits.ttl_ms, cw_clock_now_ms());

    if ((order.effects & CW_ROUTE_CONNECT) != 0) {
        connect_pair(sender, pair, on_done);
    }
    obey(sender, pair, order);
}

static void channel_end(struct channel *channel)
{
    while (channel->first != NULL) {
        channel_settle_first(channel, CW_FATE_AMBIGUOUS, CW_FAIL_STREAM);
    }
    *channel->place = channel->next;
    if (channel->next != NULL) {
        channel->next->place = channel->place;
    }
    free(channel);
}

/* A stream that we closed ourselves, or that the rules no longer allow, is no reason to back off.
 */
static bool is_our_wish(const struct cw_sender *sender, const struct cw_live *live,
                        struct cw_bytes remote)
{
    return live->closed_by_us || cw_permits_table_find(sender->shell->permits, remote) == NULL;
}

static void on_live_closed(struct cw_live *live, enum cw_fail why, const char *detail, void *user)
{
    struct channel *const channel = user;
    struct cw_sender *const sender = channel->sender;

    (void)why;
    (void)detail;
    for (size_t i = 0; i < live->pair_count; i++) {
        const struct cw_pair pair = cw_pair_of(&live->pairs[i].key);
        const struct cw_route_loss how = {
            .loss = live->loss,
            .orderly = live->orderly,
            .waits = cw_outbox_first(sender->outbox, pair) != NULL,
        };

        if (cw_routes_stream(sender->routes, pair) == channel) {
            (void)cw_routes_lost(sender->routes, pair, how, cw_clock_now_ms());
        }
        if (is_our_wish(sender, live, pair.remote)) {
            cw_routes_forgive(sender->routes, pair.remote);
        }
    }
    channel_end(channel);
}

static void on_live_drain(struct cw_live *live, void *user)
{
    struct channel *const channel = user;

    for (size_t i = 0; i < live->pair_count; i++) {
        flush(channel->sender, cw_pair_of(&live->pairs[i].key));
    }
}

static const struct cw_live_events LIVE_EVENTS = {
    .on_drain = on_live_drain,
    .on_closed = on_live_closed,
};

static struct channel *channel_new(struct cw_sender *sender, struct cw_live *live)
{
    struct channel *const channel = zeroed(sizeof(*channel));

    channel->sender = sender;
    channel->live = live;
    channel->last = &channel->first;
    channel->next = sender->channels;
    channel->place = &sender->channels;
    if (channel->next != NULL) {
        channel->next->place = &channel->next;
    }
    sender->channels = channel;
    cw_live_hand_over(live, &LIVE_EVENTS, channel);
    return channel;
}

static void on_attempt(const struct cw_attempt_result *result, void *user)
{
    struct opening *const opening = user;
    struct cw_sender *const sender = opening->sender;
    const struct cw_pair_key key = opening->key; /* outlives the opening and the route */
    const struct cw_pair pair = cw_pair_of(&key);
    const uint64_t now_ms = cw_clock_now_ms();

    opening->attempt = NULL;
    opening_end(opening);
    if (result->fail == CW_FAIL_NONE) {
        struct channel *const channel = channel_new(sender, result->live);

        obey(sender, pair, cw_routes_proven(sender->routes, pair, channel, now_ms));
    } else {
        obey(sender, pair,
             cw_routes_failed(sender->routes, pair, result->loss, result->fail, now_ms));
    }
}

struct cw_sender *cw_sender_new(struct cw_shell *shell, struct cw_connector *connector,
                                const struct cw_outbox_limits *limits, cw_sender_fate_fn *on_fate,
                                void *user)
{
    struct cw_sender *const sender = zeroed(sizeof(*sender));

    *sender = (struct cw_sender){.shell = shell,
                                 .connector = connector,
                                 .limits = *limits,
                                 .on_fate = on_fate,
                                 .user = user};
    sender->outbox =
        cw_outbox_new(limits, cw_srv_chance(&shell->seed, UINT64_MAX), on_outbox_failed, sender);
    sender->routes = cw_routes_new(cw_srv_chance(&shell->seed, UINT64_MAX));
    sender->check.data = sender;
    sender->turn.data = sender;
    (void)uv_check_init(shell->loop, &sender->check);
    (void)uv_idle_init(shell->loop, &sender->turn);
    return sender;
}

static void on_turn_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void cw_sender_free(struct cw_sender **sender)
{
    if (*sender == NULL) {
        return;
    }
    cw_sender_stop(*sender);
    cw_outbox_free(&(*sender)->outbox);
    cw_routes_free(&(*sender)->routes);
    uv_close((uv_handle_t *)&(*sender)->check, NULL);
    uv_close((uv_handle_t *)&(*sender)->turn, on_turn_closed); /* closed in order: this is last */
    *sender = NULL;
}

void cw_sender_limit(struct cw_sender *sender, const struct cw_outbox_limits *limits)
{
    sender->limits = *limits;
    cw_outbox_limit(sender->outbox, limits);
}

static bool is_permitted(struct cw_pair pair, const void *user)
{
    const struct cw_sender *const sender = user;

    return cw_permits_table_find(sender->shell->permits, pair.remote) != NULL &&
           cw_permits_table_is_own(sender->shell->permits, pair.own);
}

void cw_sender_send(struct cw_sender *sender, struct cw_pair pair,
                    const struct cw_outbox_item *stanza)
{
    const struct cw_permit *const permit =
        cw_permits_table_find(sender->shell->permits, pair.remote);

    if (permit == NULL || !cw_permits_table_is_own(sender->shell->permits, pair.own)) {
        on_outbox_failed(stanza, CW_FAIL_NO_PERMIT, sender);
        return;
    }
    cw_outbox_put(sender->outbox, pair, permit->partner, stanza, cw_clock_now_ms());
    if (cw_outbox_first(sender->outbox, pair) != NULL) {
        want(sender, pair, on_attempt);
    }
}

void cw_sender_review(struct cw_sender *sender)
{
    for (struct opening *opening = sender->openings, *next; opening != NULL; opening = next) {
        const struct cw_pair_key key = opening->key;

        next = opening->next;
        if (!is_permitted(cw_pair_of(&key), sender)) {
            obey(sender, cw_pair_of(&key), cw_routes_dropped(sender->routes, cw_pair_of(&key)));
        }
    }
    cw_outbox_fail_unless(sender->outbox, is_permitted, sender, CW_FAIL_NO_PERMIT);
}

void cw_sender_reroute(struct cw_sender *sender, struct cw_bytes remote)
{
    for (struct opening *opening = sender->openings; opening != NULL; opening = opening->next) {
        const struct cw_pair pair = cw_pair_of(&opening->key);

        if (cw_bytes_equal(pair.remote, remote)) {
            cw_attempt_cancel(&opening->attempt);
            opening->attempt = cw_connector_open(sender->connector, pair, on_attempt, opening);
        }
    }
}

void cw_sender_forgive(struct cw_sender *sender, struct cw_bytes remote)
{
    cw_routes_forgive(sender->routes, remote);
}

/* Tries the remote domains whose back-off is over. */
static void try_due(struct cw_sender *sender, uint64_t now_ms)
{
    struct cw_pair due;

    while (cw_routes_due(sender->routes, now_ms, &due)) {
        struct cw_pair_key key;

        if (cw_pair_key(due, &key) != CW_OK) {
            return;
        }
        if (cw_outbox_first(sender->outbox, due) != NULL) {
            want(sender, cw_pair_of(&key), on_attempt);
        } else {
            cw_routes_emptied(sender->routes, cw_pair_of(&key));
        }
    }
}

void cw_sender_alive(struct cw_sender *sender, struct cw_bytes remote)
{
    const uint64_t now_ms = cw_clock_now_ms();

    cw_routes_alive(sender->routes, remote, now_ms);
    try_due(sender, now_ms);
}

void cw_sender_tick(struct cw_sender *sender)
{
    const uint64_t now_ms = cw_clock_now_ms();

    cw_outbox_expire(sender->outbox, now_ms);
    try_due(sender, now_ms);
}

bool cw_sender_is_idle(const struct cw_sender *sender)
{
    return sender->flights == 0 && cw_outbox_count(sender->outbox) == 0;
}

bool cw_sender_is_busy(const struct cw_sender *sender)
{
    return sender->flights > 0 || sender->openings != NULL;
}

static bool has_waiting(const struct cw_sender *sender, const struct cw_live *live)
{
    for (size_t i = 0; i < live->pair_count; i++) {
        if (cw_outbox_first(sender->outbox, cw_pair_of(&live->pairs[i].key)) != NULL) {
            return true;
        }
    }
    return false;
}

void cw_sender_close_idle(struct cw_sender *sender)
{
    for (struct channel *channel = sender->channels; channel != NULL; channel = channel->next) {
        if (channel->first == NULL && !has_waiting(sender, channel->live)) {
            cw_live_close(channel->live, NULL, NULL);
        }
    }
}

void cw_sender_stop(struct cw_sender *sender)
{
    cw_outbox_fail_all(sender->outbox, CW_FAIL_SHUTDOWN);
    while (sender->openings != NULL) {
        opening_end(sender->openings);
    }
    for (struct channel *channel = sender->channels; channel != NULL; channel = channel->next) {
        cw_live_close(channel->live, NULL, NULL);
    }
}

size_t cw_sender_waiting(const struct cw_sender *sender, size_t *bytes)
{
    *bytes = cw_outbox_bytes(sender->outbox);
    return cw_outbox_count(sender->outbox);
}
