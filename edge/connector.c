/* SPDX-License-Identifier: Apache-2.0 */
#include "connector.h"

#include "words.h"

#include <causeway/clock.h>
#include <causeway/settings_file.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#define NAME_SIZE (CW_PAIR_DOMAIN_MAX + sizeof("_xmpp-server._tcp."))
#define TRIES_MAX 24u /* addresses of one attempt: a partner's DNS must not keep us busy */

struct cw_connector {
    struct cw_shell *shell;
    struct cw_dns *dns;
    struct cw_streams *streams;
    const struct cw_live_events *live_events; /**< what an attempt hears of its stream */
};

struct cw_attempt {
    struct cw_connector *connector;
    struct cw_pair_key key;
    char *verify_id; /**< a dialback question, else NULL */
    char *verify_key;
    size_t verify_id_len;
    size_t verify_key_len;
    cw_attempt_fn *on_done;
    void *user;
    uv_timer_t deadline;
    uint64_t began_ms;
    struct cw_dns_question *srv, *srv_tls, *addresses;
    struct cw_srv_answer answers[2]; /**< _xmpp-server, _xmpps-server */
    struct cw_srv_plan plan;
    size_t next_target;
    struct cw_dns_addresses found;
    size_t next_address;
    unsigned tries;
    struct cw_live *live;
    enum cw_fail fail; /**< the last one, CW_FAIL_NONE before the first */
    enum cw_loss loss;
    char detail[256];
};

static struct cw_pair pair_of(const struct cw_attempt *attempt)
{
    return cw_pair_of(&attempt->key);
}

static void on_deadline_closed(uv_handle_t *handle)
{
    struct cw_attempt *const attempt = handle->data;

    free(attempt->verify_id);
    free(attempt->verify_key);
    free(attempt);
}

/* A stream that no one uses any more goes away in order. */
static const struct cw_live_events NOBODY = {0};

static void attempt_end(struct cw_attempt *attempt)
{
    cw_dns_cancel(&attempt->srv);
    cw_dns_cancel(&attempt->srv_tls);
    cw_dns_cancel(&attempt->addresses);
    if (attempt->live != NULL) {
        cw_live_hand_over(attempt->live, &NOBODY, NULL);
        cw_live_close(attempt->live, NULL, NULL);
        attempt->live = NULL;
    }
    uv_close((uv_handle_t *)&attempt->deadline, on_deadline_closed);
}

static void attempt_done(struct cw_attempt *attempt, struct cw_attempt_result result)
{
    cw_attempt_fn *const on_done = attempt->on_done;
    void *const user = attempt->user;

    result.detail = attempt->detail;
    if (result.live != NULL) {
        attempt->live = NULL; /* it is handed over */
    }
    on_done(&result, user);
    attempt_end(attempt);
}

static void note_failure(struct cw_attempt *attempt, enum cw_fail fail, enum cw_loss loss,
                         const char *detail)
{
    attempt->fail = fail;
    attempt->loss = loss;
    (void)snprintf(attempt->detail, sizeof(attempt->detail), "%s", detail != NULL ? detail : "");
}

static void attempt_failed(struct cw_attempt *attempt)
{
    attempt_done(attempt, (struct cw_attempt_result){.fail = attempt->fail, .loss = attempt->loss});
}

/* Nothing reached a server: no stream has counted the failure, so it is counted here. */
static void discovery_failed(struct cw_attempt *attempt, enum cw_fail fail, const char *detail)
{
    const struct cw_shell *const shell = attempt->connector->shell;
    const struct cw_permit *const permit =
        cw_permits_table_find(shell->permits, pair_of(attempt).remote);
    char partner[CW_PAIR_DOMAIN_MAX + 1] = "_unlisted";

    if (permit != NULL && permit->partner.len <= CW_PAIR_DOMAIN_MAX) {
        (void)snprintf(partner, sizeof(partner), CW_FMT, CW_ARG(permit->partner));
    }
    CW_METRIC_INC(shell->metrics, S2S_CONNECTS_TOTAL, partner, "out", "failed");
    CW_METRIC_INC(shell->metrics, S2S_FAILURES_TOTAL, partner, "out", "dns", cw_word_fail(fail));
    CW_LOG(shell->log, S2S_FAILED, detail, {"partner", cw_log_text(partner)},
           {"dir", CW_LIT("out")}, {"stage", CW_LIT("dns")},
           {"reason", cw_log_text(cw_word_fail(fail))}, {"remote", pair_of(attempt).remote});
    note_failure(attempt, fail, CW_LOSS_NORMAL, detail);
    attempt_failed(attempt);
}

/* A server that was reached and said no speaks for its domain; one that was not reached, or whose
 * TLS fails, does not. */
static bool is_final(enum cw_fail fail, enum cw_loss loss)
{
    return fail == CW_FAIL_AUTH || fail == CW_FAIL_NO_PERMIT || loss == CW_LOSS_CONFIG;
}

static void set_port(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    } else {
        ((struct sockaddr_in *)address)->sin_port = htons(port);
    }
}

static void try_address(struct cw_attempt *attempt, struct sockaddr_storage *address,
                        const struct cw_srv_record *target)
{
    const struct cw_connector *const connector = attempt->connector;
    const struct cw_streams_target open = {
        .pair = pair_of(attempt),
        .address = (const struct sockaddr *)address,
        .direct_tls = target->direct_tls,
        .verify_only = attempt->verify_id != NULL,
    };

    set_port(address, target->port);
    CW_LOG(connector->shell->log, S2S_CONNECTING, "connecting", {"remote", open.pair.remote},
           {"target", cw_log_text(target->target)}, {"dir", CW_LIT("out")});
    attempt->live = cw_streams_open(connector->streams, &open, connector->live_events, attempt);
    if (open.verify_only) {
        cw_stream_verify(attempt->live->stream, open.pair.own, open.pair.remote,
                         (struct cw_bytes){attempt->verify_id, attempt->verify_id_len},
                         (struct cw_bytes){attempt->verify_key, attempt->verify_key_len});
    }
}

static void ask_addresses(struct cw_attempt *attempt, cw_dns_addresses_fn *on_answer)
{
    const struct cw_srv_record *const target = &attempt->plan.targets[attempt->next_target++];

    attempt->found.count = 0;
    attempt->next_address = 0;
    attempt->addresses =
        cw_dns_ask_addresses(attempt->connector->dns, target->target, on_answer, attempt);
}

static void nothing_left(struct cw_attempt *attempt)
{
    if (attempt->fail != CW_FAIL_NONE) {
        attempt_failed(attempt);
    } else {
        discovery_failed(attempt, CW_FAIL_DNS, "no server of the domain has an address");
    }
}

/* The next address of the target in hand, else the first one of the next target (STREAM-1). A
 * target without addresses, or with bogus ones, is skipped (STREAM-7). */
static void try_next(struct cw_attempt *attempt, cw_dns_addresses_fn *on_answer)
{
    const bool more = attempt->next_address < attempt->found.count;

    if (cw_permits_table_find(attempt->connector->shell->permits, pair_of(attempt).remote) ==
        NULL) { /* it went while we asked and tried */
        note_failure(attempt, CW_FAIL_NO_PERMIT, CW_LOSS_NORMAL, "the domain is not permitted");
        attempt_failed(attempt);
    } else if (attempt->tries == TRIES_MAX ||
               (!more && attempt->next_target == attempt->plan.count)) {
        nothing_left(attempt);
    } else if (more) {
        attempt->tries++;
        try_address(attempt, &attempt->found.items[attempt->next_address++],
                    &attempt->plan.targets[attempt->next_target - 1]);
    } else if (attempt->tries == 0 &&
               cw_clock_now_ms() - attempt->began_ms > CW_DNS_TOTAL_MS) { /* STREAM-128 */
        discovery_failed(attempt, CW_FAIL_TIMEOUT, "DNS did not answer in time");
    } else {
        ask_addresses(attempt, on_answer);
    }
}

static void on_addresses(const struct cw_dns_addresses *answer, void *user)
{
    struct cw_attempt *const attempt = user;

    attempt->addresses = NULL;
    attempt->found = *answer;
    try_next(attempt, on_addresses);
}

static void on_live_pair(struct cw_live *live, struct cw_pair pair, void *user)
{
    struct cw_attempt *const attempt = user;

    if (attempt->verify_id == NULL && cw_pair_equal(pair, pair_of(attempt))) {
        attempt_done(attempt, (struct cw_attempt_result){.fail = CW_FAIL_NONE, .live = live});
    }
}

static void on_live_pair_failed(struct cw_live *live, struct cw_pair pair, enum cw_fail why,
                                const char *detail, void *user)
{
    struct cw_attempt *const attempt = user;

    (void)live;
    if (attempt->verify_id == NULL && cw_pair_equal(pair, pair_of(attempt))) {
        note_failure(attempt, why, CW_LOSS_NORMAL, detail);
        attempt_failed(attempt);
    }
}

static void on_live_answer(struct cw_live *live, bool valid, enum cw_fail fail, void *user)
{
    struct cw_attempt *const attempt = user;

    (void)live;
    attempt_done(attempt, (struct cw_attempt_result){.fail = fail, .valid = valid});
}

static void on_live_closed(struct cw_live *live, enum cw_fail why, const char *detail, void *user)
{
    struct cw_attempt *const attempt = user;

    attempt->live = NULL;
    note_failure(attempt, why != CW_FAIL_NONE ? why : CW_FAIL_STREAM, live->loss, detail);
    if (is_final(attempt->fail, attempt->loss)) {
        attempt_failed(attempt);
    } else {
        try_next(attempt, on_addresses);
    }
}

static const struct cw_live_events LIVE_EVENTS = {
    .on_pair = on_live_pair,
    .on_pair_failed = on_live_pair_failed,
    .on_verify_answer = on_live_answer,
    .on_closed = on_live_closed,
};

static void use_only(struct cw_attempt *attempt, struct cw_bytes host, uint16_t port)
{
    struct cw_srv_record *const record = &attempt->plan.targets[0];

    *record = (struct cw_srv_record){.port = port};
    (void)snprintf(record->target, sizeof(record->target), CW_FMT, CW_ARG(host));
    attempt->plan.count = 1;
}

static void start_targets(struct cw_attempt *attempt)
{
    try_next(attempt, on_addresses);
}

static void decide(struct cw_attempt *attempt)
{
    if (attempt->srv != NULL || attempt->srv_tls != NULL) {
        return; /* one answer is still to come */
    }
    switch (cw_srv_decide(&attempt->answers[0], &attempt->answers[1],
                          &attempt->connector->shell->seed, &attempt->plan)) {
    case CW_SRV_USE:
        start_targets(attempt);
        break;
    case CW_SRV_FALLBACK: /* STREAM-3 */
        use_only(attempt, pair_of(attempt).remote, CW_SRV_PORT);
        start_targets(attempt);
        break;
    case CW_SRV_NO_SERVICE:
        discovery_failed(attempt, CW_FAIL_DNS, "the domain says that it has no XMPP server");
        break;
    case CW_SRV_RETRY:
        discovery_failed(attempt, CW_FAIL_TIMEOUT, "DNS did not answer");
        break;
    case CW_SRV_ABORT:
        discovery_failed(attempt, CW_FAIL_DNS, "DNSSEC validation of the SRV records failed");
        break;
    }
}

static void on_srv(const struct cw_srv_answer *answer, void *user)
{
    struct cw_attempt *const attempt = user;

    attempt->srv = NULL;
    attempt->answers[0] = *answer;
    decide(attempt);
}

static void on_srv_tls(const struct cw_srv_answer *answer, void *user)
{
    struct cw_attempt *const attempt = user;

    attempt->srv_tls = NULL;
    attempt->answers[1] = *answer;
    decide(attempt);
}

static void ask_srv(struct cw_attempt *attempt, bool tls_offered)
{
    char name[NAME_SIZE + 1];

    (void)snprintf(name, sizeof(name), "_xmpp-server._tcp." CW_FMT,
                   CW_ARG(pair_of(attempt).remote));
    attempt->srv = cw_dns_ask_srv(attempt->connector->dns, name, on_srv, attempt);
    attempt->answers[1].status = CW_DNS_NONE;
    if (tls_offered) { /* STREAM-6 */
        (void)snprintf(name, sizeof(name), "_xmpps-server._tcp." CW_FMT,
                       CW_ARG(pair_of(attempt).remote));
        attempt->srv_tls = cw_dns_ask_srv(attempt->connector->dns, name, on_srv_tls, attempt);
    }
}

/* "host:port" of the permit in place of SRV (STREAM-4). */
static bool use_proxy(struct cw_attempt *attempt, struct cw_bytes proxy)
{
    char text[CW_PAIR_DOMAIN_MAX + sizeof("[]:65535")];
    char host[CW_PAIR_DOMAIN_MAX + 1];
    uint16_t port;

    if (proxy.len >= sizeof(text)) {
        return false;
    }
    (void)snprintf(text, sizeof(text), CW_FMT, CW_ARG(proxy));
    if (cw_settings_address(text, host, sizeof(host), &port) != CW_OK) {
        return false;
    }
    use_only(attempt, cw_log_text(host), port);
    return true;
}

static void on_deadline(uv_timer_t *timer)
{
    struct cw_attempt *const attempt = timer->data;

    if (attempt->tries == 0 && attempt->fail == CW_FAIL_NONE) {
        discovery_failed(attempt, CW_FAIL_TIMEOUT, "DNS did not answer in time");
        return;
    }
    note_failure(attempt, CW_FAIL_TIMEOUT, CW_LOSS_NORMAL, "no stream in time");
    attempt_failed(attempt);
}

static bool has_room(const struct cw_connector *connector, const struct cw_permit *permit)
{
    const struct cw_permits *const document = cw_permits_table_document(connector->shell->permits);

    return cw_streams_of_partner(connector->streams, permit->partner) < permit->connection_limit &&
           cw_streams_count(connector->streams) < document->connection_limit;
}

/* First turn of the loop: from here on_done may be called. */
static void on_begin(uv_timer_t *timer)
{
    struct cw_attempt *const attempt = timer->data;
    const struct cw_connector *const connector = attempt->connector;
    const struct cw_permit *const permit =
        cw_permits_table_find(connector->shell->permits, pair_of(attempt).remote);

    (void)uv_timer_start(
        timer, on_deadline,
        attempt->verify_id != NULL ? CW_CONNECTOR_VERIFY_DEADLINE_MS : CW_CONNECTOR_DEADLINE_MS, 0);
    if (permit == NULL) {
        note_failure(attempt, CW_FAIL_NO_PERMIT, CW_LOSS_NORMAL, "the domain is not permitted");
        attempt_failed(attempt);
    } else if (attempt->verify_id == NULL && !has_room(connector, permit)) {
        note_failure(attempt, CW_FAIL_QUEUE_FULL, CW_LOSS_NORMAL, "connection limit");
        attempt_failed(attempt);
    } else if (permit->proxy.base == NULL || permit->proxy.len == 0) {
        ask_srv(attempt, permit->tls_offered);
    } else if (use_proxy(attempt, permit->proxy)) {
        start_targets(attempt);
    } else {
        discovery_failed(attempt, CW_FAIL_DNS, "the permit's proxy is not host:port");
    }
}

static char *copy(struct cw_bytes run)
{
    char *const memory = malloc(run.len + 1);

    if (memory == NULL) {
        abort();
    }
    if (run.len > 0) {
        memcpy(memory, run.base, run.len);
    }
    memory[run.len] = '\0';
    return memory;
}

struct cw_attempt *cw_connector_open(struct cw_connector *connector, struct cw_pair pair,
                                     cw_attempt_fn *on_done, void *user)
{
    struct cw_attempt *const attempt = calloc(1, sizeof(*attempt));

    if (attempt == NULL || cw_pair_key(pair, &attempt->key) != CW_OK) {
        abort(); /* pairs come from permits and proven streams, whose domains fit */
    }
    attempt->connector = connector;
    attempt->on_done = on_done;
    attempt->user = user;
    attempt->began_ms = cw_clock_now_ms();
    attempt->deadline.data = attempt;
    (void)uv_timer_init(connector->shell->loop, &attempt->deadline);
    (void)uv_timer_start(&attempt->deadline, on_begin, 0, 0);
    return attempt;
}

struct cw_attempt *cw_connector_verify(struct cw_connector *connector, struct cw_pair pair,
                                       struct cw_bytes id, struct cw_bytes key,
                                       cw_attempt_fn *on_done, void *user)
{
    struct cw_attempt *const attempt = cw_connector_open(connector, pair, on_done, user);

    attempt->verify_id = copy(id);
    attempt->verify_id_len = id.len;
    attempt->verify_key = copy(key);
    attempt->verify_key_len = key.len;
    return attempt;
}

void cw_attempt_cancel(struct cw_attempt **attempt)
{
    if (*attempt != NULL) {
        attempt_end(*attempt);
        *attempt = NULL;
    }
}

struct cw_connector *cw_connector_new(struct cw_shell *shell, struct cw_dns *dns,
                                      struct cw_streams *streams)
{
    struct cw_connector *const connector = calloc(1, sizeof(*connector));

    if (connector == NULL) {
        abort();
    }
    *connector = (struct cw_connector){
        .shell = shell, .dns = dns, .streams = streams, .live_events = &LIVE_EVENTS};
    return connector;
}

void cw_connector_free(struct cw_connector **connector)
{
    free(*connector);
    *connector = NULL;
}
