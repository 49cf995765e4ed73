/* SPDX-License-Identifier: Apache-2.0 */
#include "dns.h"

#include <causeway/clock.h>
#include <causeway/settings_file.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unbound.h>
#include <uv.h>

#define CLASS_IN       1
#define TYPE_A         1
#define TYPE_AAAA      28
#define TYPE_SRV       33
#define RCODE_NXDOMAIN 3
#define TRUST_ANCHOR   "/usr/share/dns/root.key" /* where Debian's dns-root-data puts it */
#define QUERIES        2u
#define PER_QUERY      (CW_DNS_MAX_ADDRESSES / QUERIES)

struct cw_dns {
    struct uv_loop_s *loop;
    struct ub_ctx *context;
    struct cw_metrics *metrics;
    uv_poll_t poll;
    struct cw_dns_question *questions;
};

/* One look-up; a question for addresses has two. */
struct query {
    struct cw_dns_question *question;
    const char *type; /**< label of metrics; NULL: not asked */
    int id;
    bool open;
    enum cw_dns_status status;
    struct sockaddr_storage addresses[PER_QUERY];
    size_t count;
};

struct cw_dns_question {
    struct cw_dns *dns;
    struct cw_dns_question *next;
    struct cw_dns_question **place;
    uv_timer_t timer;
    uint64_t asked_ms;
    struct query queries[QUERIES]; /**< of addresses: AAAA, A */
    struct cw_srv_answer srv;
    cw_dns_srv_fn *on_srv;
    cw_dns_addresses_fn *on_addresses;
    void *user;
};

static const char *result_word(enum cw_dns_status status)
{
    static const char *const words[] = {[CW_DNS_FOUND] = "ok",
                                        [CW_DNS_NONE] = "none",
                                        [CW_DNS_UNKNOWN] = "error",
                                        [CW_DNS_BOGUS] = "bogus"};

    return words[status];
}

static void note(struct query *query)
{
    struct cw_metrics *const metrics = query->question->dns->metrics;
    const double took_s = (double)(cw_clock_now_ms() - query->question->asked_ms) / 1000.0;

    CW_METRIC_INC(metrics, DNS_LOOKUPS_TOTAL, query->type, result_word(query->status));
    cw_metric_observe(cw_metrics_child(metrics, CW_METRIC_DNS_LOOKUP_DURATION_SECONDS,
                                       (const char *const[]){query->type}),
                      took_s);
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* The question is over; its memory goes when the loop has closed its timer. */
static void question_end(struct cw_dns_question *question)
{
    for (size_t i = 0; i < QUERIES; i++) {
        if (question->queries[i].open) {
            question->queries[i].open = false;
            (void)ub_cancel(question->dns->context, question->queries[i].id);
        }
    }
    *question->place = question->next;
    if (question->next != NULL) {
        question->next->place = question->place;
    }
    uv_close((uv_handle_t *)&question->timer, on_timer_closed);
}

static enum cw_dns_status worse(enum cw_dns_status a, enum cw_dns_status b)
{
    return a > b ? a : b;
}

static void answer_addresses(const struct cw_dns_question *question)
{
    struct cw_dns_addresses answer = {.status = CW_DNS_NONE};

    for (size_t i = 0; i < QUERIES; i++) {
        const struct query *const query = &question->queries[i];

        for (size_t k = 0; k < query->count; k++) {
            answer.items[answer.count++] = query->addresses[k];
        }
        if (query->type != NULL && query->status != CW_DNS_FOUND) {
            answer.status = worse(answer.status, query->status);
        }
    }
    if (answer.count > 0) {
        answer.status = CW_DNS_FOUND;
    }
    question->on_addresses(&answer, question->user);
}

/* Ends the question first: the answer's receiver may ask the next one, or free everything. */
static void question_answer(struct cw_dns_question *question)
{
    question_end(question);
    if (question->on_srv != NULL) {
        question->srv.status = question->queries[0].status;
        question->on_srv(&question->srv, question->user);
    } else {
        answer_addresses(question);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct cw_dns_question *const question = timer->data;

    for (size_t i = 0; i < QUERIES; i++) {
        if (question->queries[i].open) {
            note(&question->queries[i]);
        }
    }
    question_answer(question);
}

static void take_srv(struct cw_srv_answer *answer, struct cw_bytes data)
{
    if (answer->count < CW_SRV_MAX_RECORDS &&
        cw_srv_read(data, &answer->records[answer->count]) == CW_OK) {
        answer->count++;
    }
}

static void take_address(struct query *query, struct cw_bytes data)
{
    struct sockaddr_storage *const address = &query->addresses[query->count];

    if (query->count == PER_QUERY) {
        return;
    }
    if (data.len == sizeof(struct in_addr)) {
        struct sockaddr_in *const v4 = (struct sockaddr_in *)address;

        v4->sin_family = AF_INET;
        memcpy(&v4->sin_addr, data.base, data.len);
        query->count++;
    } else if (data.len == sizeof(struct in6_addr)) {
        struct sockaddr_in6 *const v6 = (struct sockaddr_in6 *)address;

        v6->sin6_family = AF_INET6;
        memcpy(&v6->sin6_addr, data.base, data.len);
        query->count++;
    }
}

static enum cw_dns_status status_of(int err, const struct ub_result *result)
{
    if (err != 0 || result == NULL) {
        return CW_DNS_UNKNOWN;
    }
    if (result->bogus) {
        return CW_DNS_BOGUS;
    }
    if (result->havedata) {
        return CW_DNS_FOUND;
    }
    return result->rcode == 0 || result->rcode == RCODE_NXDOMAIN ? CW_DNS_NONE : CW_DNS_UNKNOWN;
}

static void on_result(void *user, int err, struct ub_result *result)
{
    struct query *const query = user;
    struct cw_dns_question *const question = query->question;

    query->open = false;
    query->status = status_of(err, result);
    for (size_t i = 0; query->status == CW_DNS_FOUND && result->data[i] != NULL; i++) {
        const struct cw_bytes data = {result->data[i], (size_t)result->len[i]};

        if (question->on_srv != NULL) {
            take_srv(&question->srv, data);
        } else {
            take_address(query, data);
        }
    }
    ub_resolve_free(result);
    note(query);
    if (!question->queries[0].open && !question->queries[1].open) {
        question_answer(question);
    }
}

static void query_start(struct query *query, const char *name, int type, const char *word)
{
    struct cw_dns_question *const question = query->question;

    query->type = word;
    query->status = CW_DNS_UNKNOWN;
    query->open = ub_resolve_async(question->dns->context, name, type, CLASS_IN, query, on_result,
                                   &query->id) == 0;
}

static struct cw_dns_question *question_new(struct cw_dns *dns, void *user)
{
    struct cw_dns_question *const question = calloc(1, sizeof(*question));

    if (question == NULL) {
        abort();
    }
    question->dns = dns;
    question->user = user;
    question->asked_ms = cw_clock_now_ms();
    question->next = dns->questions;
    question->place = &dns->questions;
    if (question->next != NULL) {
        question->next->place = &question->next;
    }
    dns->questions = question;
    for (size_t i = 0; i < QUERIES; i++) {
        question->queries[i].question = question;
    }
    question->timer.data = question;
    (void)uv_timer_init(dns->loop, &question->timer);
    return question;
}

/* Answers come from the loop only: a question without an open query is answered by its timer. */
static void question_wait(struct cw_dns_question *question)
{
    const bool open = question->queries[0].open || question->queries[1].open;

    (void)uv_timer_start(&question->timer, on_timer, open ? CW_DNS_QUESTION_MS : 0, 0);
}

static bool is_literal(const char *host, struct query *query)
{
    struct sockaddr_storage *const address = &query->addresses[0];

    if (uv_ip4_addr(host, 0, (struct sockaddr_in *)address) != 0 &&
        uv_ip6_addr(host, 0, (struct sockaddr_in6 *)address) != 0) {
        return false;
    }
    query->count = 1;
    return true;
}

struct cw_dns_question *cw_dns_ask_srv(struct cw_dns *dns, const char *name,
                                       cw_dns_srv_fn *on_answer, void *user)
{
    struct cw_dns_question *const question = question_new(dns, user);

    question->on_srv = on_answer;
    query_start(&question->queries[0], name, TYPE_SRV, "SRV");
    question_wait(question);
    return question;
}

struct cw_dns_question *cw_dns_ask_addresses(struct cw_dns *dns, const char *host,
                                             cw_dns_addresses_fn *on_answer, void *user)
{
    struct cw_dns_question *const question = question_new(dns, user);

    question->on_addresses = on_answer;
    if (!is_literal(host, &question->queries[0])) {
        query_start(&question->queries[0], host, TYPE_AAAA, "AAAA");
        query_start(&question->queries[1], host, TYPE_A, "A");
    }
    question_wait(question);
    return question;
}

void cw_dns_cancel(struct cw_dns_question **question)
{
    if (*question != NULL) {
        question_end(*question);
        *question = NULL;
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    const struct cw_dns *const dns = poll->data;

    (void)status;
    (void)events;
    (void)ub_process(dns->context);
}

/* libunbound writes the port behind '@'. */
static bool forward(struct ub_ctx *context, const char *server)
{
    char host[INET6_ADDRSTRLEN];
    char text[INET6_ADDRSTRLEN + sizeof("@65535")];
    uint16_t port;

    if (cw_settings_address(server, host, sizeof(host), &port) != CW_OK) {
        return false;
    }
    (void)snprintf(text, sizeof(text), "%s@%u", host, (unsigned)port);
    return ub_ctx_set_fwd(context, text) == 0;
}

static bool configure(struct ub_ctx *context, const struct cw_dns_settings *settings)
{
    if (ub_ctx_async(context, 1) != 0 ||
        ub_ctx_set_option(context, "do-not-query-localhost:", "no") != 0) {
        return false;
    }
    /* a resolver that was away is asked again soon, not after the 15 min of unbound's default */
    (void)ub_ctx_set_option(context, "infra-host-ttl:", "30");
    if (settings->dnssec && ub_ctx_add_ta_file(context, TRUST_ANCHOR) != 0) {
        return false;
    }
    for (size_t i = 0; i < settings->server_count; i++) {
        if (!forward(context, settings->servers[i])) {
            return false;
        }
    }
    return settings->server_count > 0 || ub_ctx_resolvconf(context, NULL) == 0;
}

enum cw_err cw_dns_new(struct uv_loop_s *loop, const struct cw_dns_settings *settings,
                       struct cw_metrics *metrics, struct cw_dns **out, const char **problem)
{
    struct ub_ctx *const context = ub_ctx_create();

    if (context == NULL || !configure(context, settings)) {
        ub_ctx_delete(context);
        *problem = "the DNS resolver does not take dns.servers, or dns.dnssec has no trust anchor";
        return CW_ERR_CONFIG;
    }

    struct cw_dns *const dns = calloc(1, sizeof(*dns));

    if (dns == NULL) {
        abort();
    }
    *dns = (struct cw_dns){.loop = loop, .context = context, .metrics = metrics};
    dns->poll.data = dns;
    (void)uv_poll_init(loop, &dns->poll, ub_fd(context));
    (void)uv_poll_start(&dns->poll, UV_READABLE, on_readable);
    *out = dns;
    return CW_OK;
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct cw_dns *const dns = handle->data;

    ub_ctx_delete(dns->context);
    free(dns);
}

void cw_dns_free(struct cw_dns **dns)
{
    if (*dns == NULL) {
        return;
    }
    while ((*dns)->questions != NULL) {
        question_end((*dns)->questions);
    }
    uv_close((uv_handle_t *)&(*dns)->poll, on_poll_closed);
    *dns = NULL;
}
