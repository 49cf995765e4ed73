/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include "stream_act.h"
#include "stream_auth.h"
#include "stream_dialback.h"
#include "stream_private.h"
#include "stream_read.h"
#include "stream_write.h"

#include <causeway/clock.h>
#include <netinet/in.h>
#include <stdlib.h>

static const struct cw_bytes NOTHING = {NULL, 0};

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/** Everything but the memory of the struct, which the timer's end frees. */
static void retire(struct cw_stream *s)
{
    cw_stream_parser_free(&s->parser);
    cw_pair_set_clear(&s->pairs);
    cw_verifications_clear(&s->verifications);
    free(s->later);
    s->later = NULL;
    uv_close((uv_handle_t *)&s->timer, on_timer_closed);
}

/** Why a connection that broke in this state was of no use. */
static enum cw_fail fail_of(enum cw_stream_state state, enum cw_err why)
{
    if (state == CW_ST_I_CONNECT || state == CW_ST_R_CONNECT) {
        return CW_FAIL_CONNECT;
    }
    if (why == CW_ERR_TLS || state == CW_ST_I_TLS || state == CW_ST_R_TLS ||
        state == CW_ST_I_PROCEED) {
        return CW_FAIL_TLS;
    }
    return why == CW_ERR_TIMEOUT ? CW_FAIL_TIMEOUT : CW_FAIL_STREAM;
}

/** TLS could not be had, and the partner may be served without (STREAM-32, STREAM-33)? */
static bool may_retry_in_clear(const struct cw_stream *s)
{
    return s->outgoing && s->tls_begun && !s->direct_tls && !s->clear && !s->secure &&
           !s->saw_certificate && s->fail != CW_FAIL_TIMEOUT && !s->was_ready &&
           cw_clock_now_ms() < s->establish_ms &&
           cw_features_permits(cw_stream_permit(s), CW_METHOD_TCP_DIALBACK);
}

static void on_open(struct cw_tls_stream *connection, void *user)
{
    struct cw_stream *s = user;

    (void)connection;
    (void)cw_stream_act(s, s->direct_tls ? CW_EV_OPEN_DIRECT : CW_EV_OPEN, CW_CONDITION_NONE, NULL);
}

static void on_secure(struct cw_tls_stream *connection, void *user)
{
    (void)connection;
    cw_stream_take_secure(user);
}

static void on_read(struct cw_tls_stream *connection, struct cw_bytes data, void *user)
{
    struct cw_stream *s = user;

    (void)connection;
    cw_stream_count_bytes(s, true, data.len);
    cw_stream_take_bytes(s, data);
}

static void on_drain(struct cw_tls_stream *connection, void *user)
{
    struct cw_stream *s = user;

    (void)connection;
    if (s->events.on_drain != NULL) {
        s->events.on_drain(s, s->user);
    }
}

/** The same address, this time without TLS; the deadline stays. */
static void connect_again(struct cw_stream *s)
{
    s->clear = true;
    s->fail = CW_FAIL_NONE;
    s->detail[0] = '\0';
    s->orderly = false;
    s->peer_error = CW_CONDITION_NONE;
    s->header_sent = false;
    s->end_sent = false;
    s->state = CW_ST_I_CONNECT;
    cw_stream_parser_free(&s->parser);
    s->parser = cw_stream_parser_new(cw_limits_for(false, s->env.max_stanza_size));
    s->connection = cw_tls_stream_connect(s->env.loop, (const struct sockaddr *)&s->address,
                                          CW_LIMIT_CONNECT_MS, s->connection_events, s);
    cw_stream_arm(s);
}

static void on_closed(struct cw_tls_stream *connection, enum cw_err why, const char *detail,
                      void *user)
{
    struct cw_stream *s = user;
    const bool again = may_retry_in_clear(s) && cw_tls_stream_certificate(connection) == NULL;

    s->connection = NULL;
    if (again) {
        connect_again(s);
        return;
    }
    cw_stream_blame(s, fail_of(s->state, why), detail, NOTHING);
    (void)cw_stream_act(s, CW_EV_LOST, CW_CONDITION_NONE, NULL);
    cw_stream_end_dialback(s, s->fail);
    if (s->events.on_closed != NULL) {
        s->events.on_closed(s, s->fail, s->detail, s->user);
    }
    retire(s);
}

static const struct cw_tls_stream_events CONNECTION_EVENTS = {
    .on_open = on_open,
    .on_secure = on_secure,
    .on_read = on_read,
    .on_drain = on_drain,
    .on_closed = on_closed,
};

/** Silence on a stream that is up: a space now and then, an end after long (STREAM-125). */
static void keep_alive(struct cw_stream *s, uint64_t now)
{
    const struct cw_permit *permit = cw_stream_permit(s);
    const uint64_t last = s->outgoing ? s->last_stanza_ms : s->last_read_ms;

    if (cw_stream_keeps_alive(permit) && !s->paused && s->env.inactivity_timeout_ms > 0 &&
        now >= last + s->env.inactivity_timeout_ms) {
        if (s->outgoing) {
            cw_stream_end_in_order(s, "idle");
            (void)cw_stream_act(s, CW_EV_CLOSE, CW_CONDITION_NONE, NULL); /* STREAM-126 */
        } else {
            (void)cw_stream_act(s, CW_EV_REFUSE, CW_CONDITION_CONNECTION_TIMEOUT, NULL);
        }
        return;
    }
    if (s->env.keep_alive_interval_ms > 0 &&
        now >= s->last_write_ms + s->env.keep_alive_interval_ms) {
        cw_stream_write(s, CW_LIT(" "));
    }
}

static void on_due(uv_timer_t *timer)
{
    struct cw_stream *s = timer->data;
    const uint64_t now = cw_clock_now_ms();

    if (s->connection == NULL || s->state == CW_ST_CLOSED) {
        return;
    }
    if (s->state >= CW_ST_DRAINING) {
        if (now >= s->close_ms) {
            (void)cw_stream_act(s, CW_EV_END, CW_CONDITION_NONE, NULL); /* STREAM-120 */
        }
    } else if (cw_stream_fsm_negotiating(s->state) && now >= s->establish_ms) {
        cw_stream_blame(s, CW_FAIL_TIMEOUT, "no authenticated stream in time", NOTHING);
        (void)cw_stream_act(s, CW_EV_REFUSE, CW_CONDITION_CONNECTION_TIMEOUT,
                            NULL); /* STREAM-128 */
    } else if (s->expires_ms != 0 && now >= s->expires_ms) {
        cw_stream_blame(s, CW_FAIL_STREAM, "the peer's certificate has expired", NOTHING);
        (void)cw_stream_act(s, CW_EV_REFUSE, CW_CONDITION_RESET, NULL); /* STREAM-96 */
    } else {
        cw_stream_expire_dialback(s, now);
        if (cw_stream_fsm_ready(s->state)) {
            keep_alive(s, now);
        }
    }
    cw_stream_arm(s);
}

static struct cw_stream *new_stream(const struct cw_stream_environment *env,
                                    const struct cw_stream_events *events, void *user)
{
    struct cw_stream *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        abort();
    }
    s->env = *env;
    s->events = *events;
    s->user = user;
    s->on_due = on_due;
    s->connection_events = &CONNECTION_EVENTS;
    if (uv_timer_init(env->loop, &s->timer) != 0) {
        abort();
    }
    s->timer.data = s;
    if (env->next_number != NULL) {
        s->number = ++*env->next_number;
    } else {
        cw_clock_random(&s->number, sizeof(s->number));
    }
    s->parser = cw_stream_parser_new(cw_limits_for(false, env->max_stanza_size));
    return s;
}

struct cw_stream *cw_stream_accept(const struct cw_stream_environment *env,
                                   struct cw_tls_stream *connection, bool direct_tls,
                                   const struct cw_stream_events *events, void *user)
{
    struct cw_stream *s = new_stream(env, events, user);
    const uint32_t most = env->establishment_timeout_ms < CW_LIMIT_PRE_AUTH_MS
                              ? env->establishment_timeout_ms
                              : CW_LIMIT_PRE_AUTH_MS;

    s->state = CW_ST_R_CONNECT;
    s->direct_tls = direct_tls;
    s->connection = connection;
    s->establish_ms = cw_clock_now_ms() + most;
    cw_tls_stream_adopt(connection, &CONNECTION_EVENTS, s);
    cw_stream_arm(s);
    return s;
}

/* NOLINTNEXTLINE(readability-function-size): the shape is the contract's */
struct cw_stream *cw_stream_open(const struct cw_stream_environment *env,
                                 const struct sockaddr *address, bool direct_tls, bool verify_only,
                                 struct cw_bytes own, struct cw_bytes remote,
                                 const struct cw_stream_events *events, void *user)
{
    struct cw_stream *s = new_stream(env, events, user);

    memcpy(&s->address, address,
           address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in));
    if (!cw_domain_read(own, &s->own) || !cw_domain_read(remote, &s->remote)) {
        abort(); /* the edge's own tables hold canonical domains */
    }
    s->state = CW_ST_I_CONNECT;
    s->outgoing = true;
    s->direct_tls = direct_tls;
    s->verify_only = verify_only;
    s->establish_ms = cw_clock_now_ms() + env->establishment_timeout_ms;
    s->connection =
        cw_tls_stream_connect(env->loop, address, CW_LIMIT_CONNECT_MS, &CONNECTION_EVENTS, s);
    cw_stream_arm(s);
    return s;
}

void cw_stream_prove(struct cw_stream *s, struct cw_bytes own, struct cw_bytes remote)
{
    struct cw_stream_pair *pair;

    if (!s->outgoing || cw_pair_set_find(&s->pairs, own, remote) != NULL) {
        return;
    }
    pair = cw_pair_set_put(&s->pairs, own, remote, CW_PAIR_PENDING, CW_METHOD_NONE);
    if (pair == NULL) {
        if (s->events.on_pair_failed != NULL) {
            s->events.on_pair_failed(s, own, remote, CW_FAIL_QUEUE_FULL,
                                     "too many pairs on this stream", s->user);
        }
    } else if (cw_stream_fsm_ready(s->state)) {
        cw_stream_prove_pair(s, pair);
        cw_stream_arm(s);
    } /* else it waits for READY */
}

void cw_stream_verify(struct cw_stream *s, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key)
{
    const struct cw_stream_dialback element = {
        .name = "db:verify", .from = own, .to = remote, .id = id, .key = key};
    const uint64_t deadline = cw_clock_now_ms() + CW_LIMIT_DIALBACK_MS;
    size_t len = 0;
    char *text;

    if (!s->outgoing || !cw_verifications_add(&s->verifications, own, remote, id, deadline)) {
        return;
    }
    text = cw_stream_dialback_text(&element, &len);
    if (cw_stream_fsm_ready(s->state)) {
        cw_stream_write(s, (struct cw_bytes){text, len});
    } else {
        s->later = realloc(s->later, s->later_len + len);
        if (s->later == NULL) {
            abort();
        }
        memcpy(s->later + s->later_len, text, len);
        s->later_len += len;
    }
    free(text);
    cw_stream_arm(s);
}

void cw_stream_verified(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                        bool valid, enum cw_fail fail)
{
    cw_stream_take_verdict(stream, own, remote, valid, fail);
}

bool cw_stream_may_send(const struct cw_stream *s, struct cw_bytes own, struct cw_bytes remote)
{
    const struct cw_stream_pair *pair =
        s->state == CW_ST_I_READY ? cw_pair_set_find(&s->pairs, own, remote) : NULL;

    return pair != NULL && pair->state == CW_PAIR_PROVEN;
}

enum cw_err cw_stream_send(struct cw_stream *s, struct cw_bytes own, struct cw_bytes remote,
                           struct cw_bytes xml)
{
    if (s->state >= CW_ST_DRAINING || s->connection == NULL) {
        return CW_ERR_CLOSED;
    }
    if (!cw_stream_may_send(s, own, remote)) {
        return CW_ERR_REFUSED; /* STREAM-26 */
    }
    cw_stream_write(s, xml);
    s->last_stanza_ms = s->last_write_ms;
    s->stanzas++;
    return CW_OK;
}

size_t cw_stream_queued(const struct cw_stream *stream)
{
    return stream->connection == NULL ? 0 : cw_tls_stream_queued(stream->connection);
}

void cw_stream_withdraw(struct cw_stream *s, struct cw_bytes own, struct cw_bytes remote)
{
    struct cw_stream_pair *const pair = cw_pair_set_find(&s->pairs, own, remote);

    if (!s->outgoing && pair != NULL && pair->state == CW_PAIR_PROVEN) {
        cw_pair_set_remove(&s->pairs, pair);
    }
}

void cw_stream_pause(struct cw_stream *s, bool pause)
{
    s->paused = pause;
    if (s->connection != NULL) {
        cw_tls_stream_pause(s->connection, pause);
    }
}

void cw_stream_close(struct cw_stream *s, const char *condition, const char *text)
{
    if (s->connection == NULL) {
        return;
    }
    s->establish_ms = 0; /* no other try in clear */
    if (condition == NULL) {
        cw_stream_end_in_order(s, text != NULL ? text : "closed by us");
        (void)cw_stream_act(s, CW_EV_CLOSE, CW_CONDITION_NONE, NULL);
        return;
    }
    (void)cw_stream_act(s, CW_EV_REFUSE,
                        cw_condition_read((struct cw_bytes){condition, strlen(condition)}), text);
}

void cw_stream_abandon(struct cw_stream *s)
{
    if (s->connection != NULL) {
        s->establish_ms = 0; /* no other try */
        cw_tls_stream_abort(s->connection, CW_ERR_CLOSED, "abandoned");
    }
}

struct cw_stream_facts cw_stream_facts(const struct cw_stream *s)
{
    struct cw_stream_facts facts = {
        .outgoing = s->outgoing,
        .secure = s->secure,
        .key = s->has_key ? s->key : NULL,
        .tls_version = s->connection == NULL ? "none" : cw_tls_stream_version(s->connection),
        .peer = s->connection == NULL ? "" : cw_tls_stream_peer(s->connection),
        .number = s->number,
        .stanzas = s->stanzas,
        .pairs = cw_pair_set_count(&s->pairs, CW_PAIR_PROVEN),
        .own = s->own.len == 0 ? "" : s->own.text,
        .remote = s->remote.len == 0 ? "" : s->remote.text,
        .peer_error = s->peer_error == CW_CONDITION_NONE ? NULL : cw_condition_name(s->peer_error),
        .asked = s->asked,
        .orderly = s->orderly && s->peer_error == CW_CONDITION_NONE,
    };

    for (size_t i = 0; i < s->pairs.count; i++) {
        const struct cw_stream_pair *pair = &s->pairs.pairs[i];

        if (pair->state == CW_PAIR_PROVEN &&
            (facts.method == CW_METHOD_NONE || pair->method < facts.method)) {
            facts.method = pair->method;
        }
    }
    return facts;
}
