/* SPDX-License-Identifier: Apache-2.0 */
#include "streams.h"

#include "words.h"

#include <causeway/clock.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#define EXPEL_MS 4000u /* with a tick and a turn of the loop, still less than 5 s */

struct cw_streams {
    struct cw_shell *shell;
    struct cw_live *first;
    size_t count;
    cw_streams_report_fn *on_report;
    void *user;
};

static struct cw_pair pair_at(const struct cw_live *live, size_t i)
{
    return cw_pair_of(&live->pairs[i].key);
}

const char *cw_live_partner(const struct cw_live *live)
{
    return live->partner[0] != '\0' ? live->partner : "_unlisted";
}

static void name_partner(struct cw_live *live, struct cw_bytes remote)
{
    const struct cw_permit *const permit =
        cw_permits_table_find(live->streams->shell->permits, remote);

    if (permit == NULL || permit->partner.len > CW_PAIR_DOMAIN_MAX) {
        return;
    }
    memcpy(live->partner, permit->partner.base, permit->partner.len);
    live->partner[permit->partner.len] = '\0';
}

static void report(const struct cw_live *live, const struct cw_live_pair *pair, bool up,
                   const char *detail)
{
    const struct cw_stream_facts facts = cw_stream_facts(live->stream);
    const struct cw_pair domains = cw_pair_of(&pair->key);
    const struct cw_frame_report words = {
        .stream = facts.number,
        .up = up,
        .outgoing = live->outgoing,
        .method = pair->method,
        .own_domain = domains.own,
        .remote_domain = domains.remote,
        .partner = cw_log_text(cw_live_partner(live)),
        .tls_version = cw_log_text(live->tls_version),
        .peer = cw_log_text(live->peer),
        .detail = cw_log_text(detail),
    };

    live->streams->on_report(&words, live->streams->user);
}

static void count_up(struct cw_live *live, enum cw_method method)
{
    const struct cw_shell *const shell = live->streams->shell;
    const char *const direction = cw_word_direction(live->outgoing);
    const double took_s = (double)(cw_clock_now_ms() - live->opened_ms) / 1000.0;

    live->counted = true;
    live->method = method;
    live->tls_version = cw_stream_facts(live->stream).tls_version;
    cw_metric_add(cw_metrics_child(shell->metrics, CW_METRIC_S2S_STREAMS,
                                   (const char *const[]){cw_live_partner(live), direction,
                                                         cw_word_auth(method), live->tls_version}),
                  1.0);
    CW_METRIC_INC(shell->metrics, S2S_CONNECTS_TOTAL, cw_live_partner(live), direction, "ok");
    cw_metric_observe(cw_metrics_child(shell->metrics, CW_METRIC_S2S_SETUP_DURATION_SECONDS,
                                       (const char *const[]){direction, "total"}),
                      took_s);
    CW_LOG(shell->log, S2S_UP, "stream is up", {"partner", cw_log_text(cw_live_partner(live))},
           {"dir", cw_log_text(direction)}, {"method", cw_log_text(cw_method_name(method))},
           {"tls", cw_log_text(live->tls_version)}, {"peer", cw_log_text(live->peer)});
}

static void count_down(const struct cw_live *live, const char *detail)
{
    const struct cw_shell *const shell = live->streams->shell;
    const char *const direction = cw_word_direction(live->outgoing);

    cw_metric_add(
        cw_metrics_child(shell->metrics, CW_METRIC_S2S_STREAMS,
                         (const char *const[]){cw_live_partner(live), direction,
                                               cw_word_auth(live->method), live->tls_version}),
        -1.0);
    CW_LOG(shell->log, S2S_DOWN, detail, {"partner", cw_log_text(cw_live_partner(live))},
           {"dir", cw_log_text(direction)}, {"peer", cw_log_text(live->peer)});
}

static void count_failure(const struct cw_live *live, enum cw_fail why, const char *detail)
{
    const struct cw_shell *const shell = live->streams->shell;
    const char *const direction = cw_word_direction(live->outgoing);

    CW_METRIC_INC(shell->metrics, S2S_CONNECTS_TOTAL, cw_live_partner(live), direction, "failed");
    CW_METRIC_INC(shell->metrics, S2S_FAILURES_TOTAL, cw_live_partner(live), direction,
                  cw_word_stage(why), cw_word_fail(why));
    CW_LOG(shell->log, S2S_FAILED, detail, {"partner", cw_log_text(cw_live_partner(live))},
           {"dir", cw_log_text(direction)}, {"stage", cw_log_text(cw_word_stage(why))},
           {"reason", cw_log_text(cw_word_fail(why))},
           {"diag", cw_log_text(cw_word_diagnosis(why))}, {"peer", cw_log_text(live->peer)});
}

static void add_pair(struct cw_live *live, struct cw_pair pair, enum cw_method method)
{
    struct cw_live_pair *const grown =
        realloc(live->pairs, (live->pair_count + 1) * sizeof(*live->pairs));

    if (grown == NULL) {
        abort();
    }
    live->pairs = grown;
    if (cw_pair_key(pair, &grown[live->pair_count].key) == CW_OK) {
        grown[live->pair_count].method = method;
        report(live, &grown[live->pair_count], true, NULL);
        live->pair_count++;
    }
}

/* A peer may prove the same pair again; it is one pair all the same. */
static bool is_known(struct cw_live *live, struct cw_pair pair, enum cw_method method)
{
    for (size_t i = 0; i < live->pair_count; i++) {
        if (cw_pair_equal(pair_at(live, i), pair)) {
            live->pairs[i].method = method;
            return true;
        }
    }
    return false;
}

static void on_pair(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                    enum cw_method method, void *user)
{
    struct cw_live *const live = user;
    const struct cw_pair pair = {own, remote};

    (void)stream;
    if (is_known(live, pair, method)) {
        return;
    }
    if (live->partner[0] == '\0') {
        name_partner(live, remote);
    }
    if (!live->counted) {
        count_up(live, method);
    }
    add_pair(live, pair, method);
    if (live->events->on_pair != NULL) {
        live->events->on_pair(live, pair, live->user);
    }
}

static void on_pair_failed(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                           enum cw_fail why, const char *detail, void *user)
{
    struct cw_live *const live = user;

    (void)stream;
    if (live->events->on_pair_failed != NULL) {
        live->events->on_pair_failed(live, (struct cw_pair){own, remote}, why, detail, live->user);
    }
}

static void on_stanza(struct cw_stream *stream, const struct cw_authenticated_stanza *stanza,
                      void *user)
{
    struct cw_live *const live = user;

    (void)stream;
    CW_METRIC_INC(live->streams->shell->metrics, S2S_STANZAS_TOTAL, cw_live_partner(live),
                  cw_word_direction(false), cw_word_kind(stanza->class));
    if (live->events->on_stanza != NULL) {
        live->events->on_stanza(live, stanza, live->user);
    }
}

static void on_verify(struct cw_stream *stream, struct cw_bytes own, struct cw_bytes remote,
                      struct cw_bytes id, struct cw_bytes key, void *user)
{
    struct cw_live *const live = user;

    if (live->events->on_verify != NULL) {
        live->events->on_verify(live, (struct cw_pair){own, remote}, id, key, live->user);
    } else {
        cw_stream_verified(stream, own, remote, false, CW_FAIL_AUTH);
    }
}

static void on_verify_answer(struct cw_stream *stream, struct cw_bytes id, bool valid,
                             enum cw_fail fail, void *user)
{
    struct cw_live *const live = user;

    (void)stream;
    (void)id; /* a question has a stream of its own */
    if (live->events->on_verify_answer != NULL) {
        live->events->on_verify_answer(live, valid, fail, live->user);
    }
}

static void on_drain(struct cw_stream *stream, void *user)
{
    struct cw_live *const live = user;

    (void)stream;
    if (live->events->on_drain != NULL) {
        live->events->on_drain(live, live->user);
    }
}

static void unlink_live(struct cw_live *live)
{
    *live->place = live->next;
    if (live->next != NULL) {
        live->next->place = live->place;
    }
    live->streams->count--;
}

static void note_peer(struct cw_live *live, const struct sockaddr *address)
{
    char host[INET6_ADDRSTRLEN] = "";
    const uint16_t port = address->sa_family == AF_INET6
                              ? ((const struct sockaddr_in6 *)(const void *)address)->sin6_port
                              : ((const struct sockaddr_in *)(const void *)address)->sin_port;

    (void)uv_ip_name(address, host, sizeof(host));
    (void)snprintf(live->peer, sizeof(live->peer), "%s:%u", host, (unsigned)ntohs(port));
}

/* A stream that was there for a dialback question, ours or the peer's, has nothing else to reach.
 */
static bool has_failed(const struct cw_live *live, const struct cw_stream_facts *facts,
                       enum cw_fail why)
{
    return why != CW_FAIL_NONE && !live->verify_only && !(facts->asked && facts->orderly);
}

static void on_closed(struct cw_stream *stream, enum cw_fail why, const char *detail, void *user)
{
    struct cw_live *const live = user;
    const struct cw_stream_facts facts = cw_stream_facts(stream);

    live->loss = cw_back_off_loss(cw_log_text(facts.peer_error));
    live->orderly = facts.orderly;
    for (size_t i = 0; i < live->pair_count; i++) {
        report(live, &live->pairs[i], false, detail);
    }
    if (live->counted) {
        count_down(live, detail);
    } else if (has_failed(live, &facts, why)) {
        count_failure(live, why, detail);
    }
    unlink_live(live);
    if (live->events->on_closed != NULL) {
        live->events->on_closed(live, why, detail, live->user);
    }
    free(live->pairs);
    free(live);
}

static const struct cw_stream_events STREAM_EVENTS = {
    .on_pair = on_pair,
    .on_pair_failed = on_pair_failed,
    .on_stanza = on_stanza,
    .on_verify = on_verify,
    .on_verify_answer = on_verify_answer,
    .on_drain = on_drain,
    .on_closed = on_closed,
};

static struct cw_live *live_new(struct cw_streams *streams, const struct cw_live_events *events,
                                void *user)
{
    struct cw_live *const live = calloc(1, sizeof(*live));

    if (live == NULL) {
        abort();
    }
    live->streams = streams;
    live->events = events;
    live->user = user;
    live->tls_version = "none";
    live->opened_ms = cw_clock_now_ms();
    live->next = streams->first;
    live->place = &streams->first;
    if (live->next != NULL) {
        live->next->place = &live->next;
    }
    streams->first = live;
    streams->count++;
    return live;
}

struct cw_streams *cw_streams_new(struct cw_shell *shell, cw_streams_report_fn *on_report,
                                  void *user)
{
    struct cw_streams *const streams = calloc(1, sizeof(*streams));

    if (streams == NULL) {
        abort();
    }
    *streams = (struct cw_streams){.shell = shell, .on_report = on_report, .user = user};
    return streams;
}

void cw_streams_free(struct cw_streams **streams)
{
    free(*streams);
    *streams = NULL;
}

struct cw_live *cw_streams_accept(struct cw_streams *streams, struct cw_tls_stream *connection,
                                  bool direct_tls, const struct cw_live_events *events, void *user)
{
    struct cw_live *const live = live_new(streams, events, user);

    live->stream = cw_stream_accept(&streams->shell->environment, connection, direct_tls,
                                    &STREAM_EVENTS, live);
    (void)snprintf(live->peer, sizeof(live->peer), "%s", cw_stream_facts(live->stream).peer);
    return live;
}

struct cw_live *cw_streams_open(struct cw_streams *streams, const struct cw_streams_target *target,
                                const struct cw_live_events *events, void *user)
{
    struct cw_live *const live = live_new(streams, events, user);

    live->outgoing = true;
    live->verify_only = target->verify_only;
    name_partner(live, target->pair.remote);
    live->stream = cw_stream_open(&streams->shell->environment, target->address, target->direct_tls,
                                  target->verify_only, target->pair.own, target->pair.remote,
                                  &STREAM_EVENTS, live);
    note_peer(live, target->address);
    return live;
}

void cw_live_hand_over(struct cw_live *live, const struct cw_live_events *events, void *user)
{
    live->events = events;
    live->user = user;
}

void cw_live_close(struct cw_live *live, const char *condition, const char *text)
{
    live->closed_by_us = true;
    cw_stream_pause(live->stream, false); /* else the peer's closing tag is never read */
    cw_stream_close(live->stream, condition, text);
}

void cw_live_expel(struct cw_live *live, const char *condition, const char *text)
{
    if (live->cut_ms == 0) {
        live->cut_ms = cw_clock_now_ms() + EXPEL_MS;
    }
    cw_live_close(live, condition, text);
}

void cw_live_withdraw(struct cw_live *live, size_t i, const char *detail)
{
    const struct cw_pair pair = pair_at(live, i);

    cw_stream_withdraw(live->stream, pair.own, pair.remote);
    report(live, &live->pairs[i], false, detail);
    live->pairs[i] = live->pairs[--live->pair_count];
}

void cw_streams_tick(struct cw_streams *streams)
{
    const uint64_t now_ms = cw_clock_now_ms();

    for (struct cw_live *live = streams->first; live != NULL; live = live->next) {
        if (live->cut_ms != 0 && now_ms >= live->cut_ms) {
            cw_stream_abandon(live->stream);
        }
    }
}

size_t cw_streams_of_partner(const struct cw_streams *streams, struct cw_bytes partner)
{
    size_t count = 0;

    for (const struct cw_live *live = streams->first; live != NULL; live = live->next) {
        if (!live->verify_only && cw_bytes_equal(cw_log_text(live->partner), partner)) {
            count++;
        }
    }
    return count;
}

size_t cw_streams_count(const struct cw_streams *streams)
{
    return streams->count;
}

struct cw_live *cw_streams_first(const struct cw_streams *streams)
{
    return streams->first;
}

void cw_streams_report_all(struct cw_streams *streams)
{
    for (const struct cw_live *live = streams->first; live != NULL; live = live->next) {
        for (size_t i = 0; i < live->pair_count; i++) {
            report(live, &live->pairs[i], true, NULL);
        }
    }
}
