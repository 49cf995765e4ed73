/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_act.h"

#include "peer_cert.h"
#include "stream_write.h"

#include <causeway/clock.h>
#include <stdlib.h>

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/** When silence becomes a matter (STREAM-125, STREAM-126). */
static uint64_t silence_deadline(const struct cw_stream *s)
{
    const struct cw_permit *permit = cw_stream_permit(s);
    uint64_t deadline = UINT64_MAX;

    if (s->env.keep_alive_interval_ms > 0) {
        deadline = s->last_write_ms + s->env.keep_alive_interval_ms;
    }
    if (cw_stream_keeps_alive(permit) && !s->paused && s->env.inactivity_timeout_ms > 0) {
        deadline = earlier(deadline, (s->outgoing ? s->last_stanza_ms : s->last_read_ms) +
                                         s->env.inactivity_timeout_ms);
    }
    return deadline;
}

static uint64_t next_deadline(const struct cw_stream *s)
{
    const struct cw_verification *first = cw_verifications_first(&s->verifications);
    uint64_t deadline = cw_pair_set_deadline(&s->pairs);

    if (s->state == CW_ST_CLOSED || s->connection == NULL) {
        return UINT64_MAX;
    }
    if (s->state == CW_ST_CLOSING || s->state == CW_ST_DRAINING) {
        return s->close_ms;
    }
    if (first != NULL) {
        deadline = earlier(deadline, first->deadline_ms);
    }
    if (s->expires_ms != 0) {
        deadline = earlier(deadline, s->expires_ms);
    }
    return earlier(deadline,
                   cw_stream_fsm_negotiating(s->state) ? s->establish_ms : silence_deadline(s));
}

void cw_stream_arm(struct cw_stream *s)
{
    const uint64_t deadline = next_deadline(s);
    const uint64_t now = cw_clock_now_ms();

    if (uv_is_closing((uv_handle_t *)&s->timer)) {
        return;
    }
    if (deadline == UINT64_MAX) {
        (void)uv_timer_stop(&s->timer);
        return;
    }
    uv_update_time(s->env.loop);
    (void)uv_timer_start(&s->timer, s->on_due, deadline > now ? deadline - now : 0, 0);
}

bool cw_stream_certified(const struct cw_stream *s, struct cw_bytes domain, const char **problem)
{
    struct x509_st *certificate =
        s->connection == NULL ? NULL : cw_tls_stream_certificate(s->connection);
    const enum cw_peer_cert_verdict verdict =
        cw_peer_cert_check(certificate, domain, cw_clock_wall_ms() / 1000);
    const char *untrusted = NULL;

    if (!s->secure || verdict == CW_CERT_NONE) {
        *problem = cw_peer_cert_text(CW_CERT_NONE);
        return false;
    }
    if (!cw_tls_stream_trusted(s->connection, &untrusted)) { /* STREAM-37 */
        *problem = untrusted != NULL ? untrusted : "certificate is not trusted";
        return false;
    }
    *problem = cw_peer_cert_text(verdict);
    return verdict == CW_CERT_OK;
}

/** Trusted by its chain, whoever it is for (STREAM-13). */
static bool trusted(const struct cw_stream *s)
{
    return s->secure && s->connection != NULL && cw_tls_stream_certificate(s->connection) != NULL &&
           cw_tls_stream_trusted(s->connection, NULL);
}

struct cw_features cw_stream_offer(const struct cw_stream *s)
{
    const struct cw_features_peer peer = {
        .permit = cw_stream_permit(s),
        .named = s->remote.len != 0,
        .secure = s->secure,
        .proven = s->external,
        .certificate = s->remote.len != 0 ? s->certificate : trusted(s),
    };

    return cw_features_offer(&peer);
}

static void send_key(struct cw_stream *s, struct cw_stream_pair *pair)
{
    char key[CW_DIALBACK_KEY_LEN];
    const struct cw_stream_dialback element = {
        .name = "db:result",
        .from = cw_domain_bytes(&pair->own),
        .to = cw_domain_bytes(&pair->remote),
        .key = {key, sizeof(key)},
    };

    cw_dialback_key(s->env.dialback_secret, element.to, element.from,
                    (struct cw_bytes){s->peer_id, s->peer_id_len}, key); /* STREAM-60 */
    pair->deadline_ms = cw_clock_now_ms() + CW_LIMIT_DIALBACK_MS;        /* STREAM-63 */
    cw_stream_write_dialback(s, &element);
}

void cw_stream_prove_pair(struct cw_stream *s, struct cw_stream_pair *pair)
{
    const struct cw_bytes remote = cw_domain_bytes(&pair->remote);
    const bool other = !cw_bytes_equal(remote, cw_domain_bytes(&s->remote));

    pair->method = cw_features_dialback_method(s->secure);
    /* STREAM-80: another target only where errors of dialback are understood */
    if (s->barred || s->verify_only || (other && !s->peer_features.dialback_errors) ||
        !cw_features_permits(s->env.permit(remote, s->env.user), pair->method)) {
        pair->deadline_ms = 0;
    } else {
        send_key(s, pair);
    }
}

/** A proof by certificate ends with the certificate (STREAM-96). */
static void note_expiry(struct cw_stream *s)
{
    const int64_t end_s = cw_peer_cert_not_after_s(cw_tls_stream_certificate(s->connection));
    const int64_t left_ms = end_s * 1000 - cw_clock_wall_ms();

    if (end_s != 0) {
        s->expires_ms = cw_clock_now_ms() + (left_ms > 0 ? (uint64_t)left_ms : 0);
    }
}

void cw_stream_grant(struct cw_stream *s, struct cw_bytes own, struct cw_bytes remote,
                     enum cw_method method)
{
    struct cw_stream_pair *pair = cw_pair_set_put(&s->pairs, own, remote, CW_PAIR_PROVEN, method);

    if (method == CW_METHOD_SASL_TLS && s->connection != NULL) {
        note_expiry(s);
        cw_stream_arm(s);
    }
    if (pair != NULL && s->events.on_pair != NULL) {
        s->events.on_pair(s, own, remote, method, s->user);
    }
}

static void restart(struct cw_stream *s)
{
    cw_stream_parser_free(&s->parser);
    s->parser = cw_stream_parser_new(cw_limits_for(false, s->env.max_stanza_size));
    s->header_sent = false;
    if (!s->outgoing) {
        /* Nothing that was said or proven before counts (STREAM-16, STREAM-48). */
        cw_pair_set_clear(&s->pairs);
        s->remote.len = 0;
        s->own.len = 0;
    }
}

static void start_tls(struct cw_stream *s)
{
    struct cw_tls *tls = s->env.tls(cw_domain_bytes(&s->own), !s->outgoing, s->env.user);

    if (tls == NULL) {
        cw_stream_blame(s, CW_FAIL_TLS, "no TLS context for our domain", (struct cw_bytes){0});
        s->state = CW_ST_CLOSED;
        cw_tls_stream_abort(s->connection, CW_ERR_CONFIG, "no TLS context for our domain");
        return;
    }
    cw_tls_stream_start_tls(s->connection, tls, s->outgoing ? s->remote.text : NULL,
                            CW_LIMIT_TLS_MS);
}

/** The first pair of an outgoing stream. */
static void ask(struct cw_stream *s)
{
    struct cw_stream_pair *pair =
        cw_pair_set_put(&s->pairs, cw_domain_bytes(&s->own), cw_domain_bytes(&s->remote),
                        CW_PAIR_PENDING, cw_features_dialback_method(s->secure));

    if (pair != NULL) {
        send_key(s, pair);
    }
}

static void become_ready(struct cw_stream *s)
{
    const uint64_t now = cw_clock_now_ms();

    s->was_ready = true;
    s->last_read_ms = now;
    s->last_stanza_ms = now;
    if (!s->verify_only) {
        cw_stream_parser_set_limits(s->parser, cw_limits_for(true, s->env.max_stanza_size));
    }
    cw_stream_write(s, (struct cw_bytes){s->later, s->later_len});
    free(s->later);
    s->later = NULL;
    s->later_len = 0;
    for (size_t i = 0; s->outgoing && i < s->pairs.count; i++) {
        if (s->pairs.pairs[i].state == CW_PAIR_PENDING &&
            s->pairs.pairs[i].deadline_ms == UINT64_MAX) {
            cw_stream_prove_pair(s, &s->pairs.pairs[i]);
        }
    }
}

static void send_error(struct cw_stream *s, enum cw_condition condition, const char *text)
{
    const struct cw_stream_label label = cw_stream_label(cw_stream_permit(s));
    const char *name = cw_condition_name(condition);

    CW_METRIC_INC(s->env.metrics, S2S_STREAM_ERRORS_TOTAL, label.text, "out", name);
    if (text != NULL) {
        cw_stream_blame(s, CW_FAIL_STREAM, text, (struct cw_bytes){0});
    }
    cw_stream_blame(s, CW_FAIL_STREAM, "refused: ", (struct cw_bytes){name, strlen(name)});
    cw_stream_write_error(s, condition, text);
}

/** What an initiator or a receiver sends to get on. */
static void negotiate(struct cw_stream *s, uint32_t effects)
{
    if ((effects & CW_FX_ANSWER) != 0) {
        cw_stream_write_header(s);
    }
    if ((effects & CW_FX_FEATURES) != 0) {
        const struct cw_features offer = cw_stream_offer(s);

        cw_stream_write_features(s, &offer);
    }
    if ((effects & CW_FX_PROCEED) != 0) {
        cw_stream_write_empty(s, "proceed", CW_NS_TLS);
    }
    if ((effects & CW_FX_CHALLENGE) != 0) {
        cw_stream_write_empty(s, "challenge", CW_NS_SASL);
    }
    if ((effects & CW_FX_SUCCESS) != 0) {
        cw_stream_write_empty(s, "success", CW_NS_SASL);
    }
    if ((effects & CW_FX_FAILURE) != 0) {
        cw_stream_write_sasl_failure(s, s->sasl_failure);
    }
    if ((effects & CW_FX_NO_TLS) != 0) {
        cw_stream_write_empty(s, "failure", CW_NS_TLS);
    }
}

static void proceed(struct cw_stream *s, uint32_t effects)
{
    if ((effects & CW_FX_RESTART) != 0) {
        restart(s);
    }
    if ((effects & CW_FX_START_TLS) != 0) {
        start_tls(s);
    }
    if ((effects & CW_FX_HEADER) != 0) {
        cw_stream_write_header(s);
    }
    if ((effects & CW_FX_STARTTLS) != 0) {
        s->tls_begun = true;
        cw_stream_write_empty(s, "starttls", CW_NS_TLS);
    }
    if ((effects & CW_FX_AUTH) != 0) {
        cw_stream_write_external(s);
    }
    if ((effects & CW_FX_ASK) != 0) {
        ask(s);
    }
}

static void finish(struct cw_stream *s, uint32_t effects)
{
    if ((effects & CW_FX_END) != 0) {
        cw_stream_write_end(s);
        s->close_ms = cw_clock_now_ms() + CW_LIMIT_CLOSE_WAIT_MS; /* STREAM-120 */
        if (!s->end_sent) {
            effects |= CW_FX_CLOSE; /* no stream was begun: there is nothing to wait for */
        }
    }
    if ((effects & CW_FX_CLOSE) != 0 && s->connection != NULL) {
        s->state = CW_ST_CLOSED;
        cw_tls_stream_close(s->connection);
    }
}

uint32_t cw_stream_act(struct cw_stream *s, enum cw_stream_event event, enum cw_condition condition,
                       const char *text)
{
    const struct cw_stream_step step = cw_stream_fsm_step(s->state, event);
    const bool changed = step.next != s->state;

    s->state = step.next;
    negotiate(s, step.effects);
    proceed(s, step.effects);
    if ((step.effects & CW_FX_READY) != 0) {
        become_ready(s);
    }
    if ((step.effects & CW_FX_GRANT) != 0) {
        cw_stream_grant(s, cw_domain_bytes(&s->own), cw_domain_bytes(&s->remote),
                        CW_METHOD_SASL_TLS);
    }
    if ((step.effects & CW_FX_ERROR) != 0) {
        send_error(s, step.condition != CW_CONDITION_NONE ? step.condition : condition, text);
    }
    finish(s, step.effects);
    if (changed) {
        cw_stream_arm(s);
    }
    return step.effects;
}
