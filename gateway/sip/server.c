/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"
#include "header.h"
#include "message.h"
#include "message_write.h"
#include "transaction_server.h"
#include "transport.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

#define ALLOWED "MESSAGE, SUBSCRIBE, NOTIFY, OPTIONS"
#define KEY_MAX 1024u
#define RETRY_S 10

struct cw_sip_server_transaction {
    struct cw_sip_node node;   /* by branch, sent-by, method; first */
    struct cw_sip_node merged; /* by From tag, Call-ID, CSeq, method */
    struct cw_sip_timer timer;
    struct cw_sip *sip;
    struct cw_sip_server machine;
    struct cw_sip_origin origin;
    uint16_t reply_port; /* UDP without rport: the port that Via names */
    enum cw_sip_method method;
    bool muted; /* answered with what must not be sent */
    char tag[CW_SIP_TOKEN_LEN + 1];
    char *echo; /* lines of every answer; gone once it is given */
    size_t echo_len;
    char *response; /* the final one, while it may have to be repeated */
    size_t response_len;
    char keys[]; /* of both nodes */
};

static struct cw_bytes text_of(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

/* Answers go to the source; without rport to the port that Via names (RFC 3261 18.2.2, RFC 3581).
 */
static uint16_t reply_port(const struct cw_sip_guarded *guarded)
{
    const struct cw_sip_via *const via = &guarded->vias[0];

    if (via->rport.base != NULL) {
        return 0;
    }
    return via->port != 0 ? via->port : 5060;
}

static void reply(struct cw_sip *sip, const struct cw_sip_origin *origin, uint16_t port,
                  struct cw_bytes data)
{
    struct cw_sip_origin back = *origin;

    back.hop =
        cw_sip_believe(sip, (const struct sockaddr *)&origin->address, origin->transport, NULL);
    cw_sip_transports_reply(sip->transports, &back, port, data);
}

static enum cw_err write_echo(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                              const struct cw_sip_origin *origin, const char *tag,
                              struct cw_bytes *out)
{
    char address[64];
    const uint16_t port =
        cw_sip_address_text((const struct sockaddr *)&origin->address, address, sizeof(address));

    return cw_sip_write_echo(guarded, text_of(tag), text_of(address), port, sip->write_arena, out);
}

/* The same tag for the same request, without remembering it (RFC 3261 section 8.2.7). */
static void stateless_tag(const struct cw_sip *sip, const struct cw_sip_guarded *guarded, char *out,
                          size_t size)
{
    const uint64_t hash = cw_sip_hash(sip->secret, guarded->vias[0].branch) ^
                          cw_sip_hash(~sip->secret, guarded->call_id);

    (void)snprintf(out, size, "%016llx", (unsigned long long)hash);
}

static void send_stateless(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                           const struct cw_sip_origin *origin, struct cw_sip_message *response)
{
    char tag[24];
    struct cw_bytes echo;
    struct cw_bytes wire;

    stateless_tag(sip, guarded, tag, sizeof(tag));
    response->method = cw_sip_method_read(guarded->method);
    if (write_echo(sip, guarded, origin, tag, &echo) != CW_OK ||
        cw_sip_write_response(response, echo, CW_SIP_MESSAGE_MAX, sip->write_arena, &wire) !=
            CW_OK) {
        return;
    }
    cw_sip_count_response(sip, true, response->method, response->status);
    reply(sip, origin, reply_port(guarded), wire);
}

void cw_sip_server_refuse(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                          const struct cw_sip_origin *origin, unsigned status, const char *problem)
{
    struct cw_sip_message response;

    cw_arena_reset(sip->write_arena);
    cw_sip_message_init(&response);
    response.status = status;
    if (problem != NULL) {
        response.reason = text_of(problem);
    }
    if (status == 405) {
        response.allow = CW_LIT(ALLOWED);
    }
    if (status == 503) {
        response.retry_after_s = RETRY_S;
    }
    send_stateless(sip, guarded, origin, &response);
}

static size_t append(char *key, size_t at, struct cw_bytes text)
{
    if (at + text.len + 1 > KEY_MAX) { /* the guard's caps keep all keys shorter */
        abort();
    }
    if (text.len != 0) {
        memcpy(key + at, text.base, text.len);
    }
    key[at + text.len] = '\n'; /* in no header value */
    return at + text.len + 1;
}

static size_t branch_key(const struct cw_sip_guarded *guarded, struct cw_bytes method,
                         char key[KEY_MAX])
{
    const struct cw_sip_via *const via = &guarded->vias[0];
    char port[8];
    size_t at = append(key, 0, via->branch);

    (void)snprintf(port, sizeof(port), "%u", (unsigned)via->port);
    at = append(key, at, via->host);
    at = append(key, at, text_of(port));
    return append(key, at, method);
}

static size_t merged_key(const struct cw_sip_guarded *guarded, char key[KEY_MAX])
{
    char cseq[12];
    size_t at = append(key, 0, guarded->from.tag);

    (void)snprintf(cseq, sizeof(cseq), "%u", (unsigned)guarded->cseq);
    at = append(key, at, guarded->call_id);
    at = append(key, at, text_of(cseq));
    return append(key, at, guarded->method);
}

static void transaction_free(struct cw_sip_server_transaction *t)
{
    struct cw_sip *const sip = t->sip;

    cw_sip_timer_set(sip, &t->timer, UINT64_MAX);
    cw_sip_table_remove(&sip->servers, &t->node);
    cw_sip_table_remove(&sip->merged, &t->merged);
    free(t->echo);
    free(t->response);
    free(t);
    cw_sip_count_transactions(sip);
}

static void send_trying(struct cw_sip_server_transaction *t)
{
    struct cw_sip *const sip = t->sip;
    struct cw_sip_message trying;
    struct cw_bytes wire;

    cw_arena_reset(sip->write_arena);
    cw_sip_message_init(&trying);
    trying.method = t->method;
    trying.status = 100;
    if (cw_sip_write_response(&trying, (struct cw_bytes){t->echo, t->echo_len}, CW_SIP_MESSAGE_MAX,
                              sip->write_arena, &wire) == CW_OK) {
        cw_sip_count_response(sip, true, t->method, 100);
        reply(sip, &t->origin, t->reply_port, wire);
    }
}

static void perform(struct cw_sip_server_transaction *t, unsigned effects)
{
    if ((effects & CW_SIP_SERVER_SEND_100) != 0) {
        send_trying(t);
    }
    if ((effects & CW_SIP_SERVER_SEND_FINAL) != 0) {
        reply(t->sip, &t->origin, t->reply_port, (struct cw_bytes){t->response, t->response_len});
    }
    if ((effects & CW_SIP_SERVER_FORGET) != 0) {
        cw_sip_table_remove(&t->sip->merged, &t->merged);
    }
    if ((effects & CW_SIP_SERVER_FREE) != 0 ||
        (t->muted && t->machine.state == CW_SIP_SERVER_EXPIRED)) {
        transaction_free(t);
        return;
    }
    cw_sip_timer_set(t->sip, &t->timer, cw_sip_server_due_ms(&t->machine));
}

static void on_timer(void *owner, uint64_t now_ms)
{
    struct cw_sip_server_transaction *const t = owner;

    perform(t, cw_sip_server_tick(&t->machine, now_ms));
}

static struct cw_sip_server_transaction *transaction_new(struct cw_sip *sip,
                                                         const struct cw_sip_guarded *guarded,
                                                         const struct cw_sip_origin *origin)
{
    char key[KEY_MAX];
    char merged[KEY_MAX];
    struct cw_bytes echo = {NULL, 0};
    const size_t key_len = branch_key(guarded, guarded->method, key);
    const bool initial = guarded->to.tag.base == NULL;
    const size_t merged_len = initial ? merged_key(guarded, merged) : 0;
    struct cw_sip_server_transaction *const t = calloc(1, sizeof(*t) + key_len + merged_len);

    if (t == NULL) {
        abort();
    }
    t->sip = sip;
    t->origin = *origin;
    t->origin.hop = NULL;
    t->reply_port = reply_port(guarded);
    t->method = cw_sip_method_read(guarded->method);
    t->timer.fire = on_timer;
    t->timer.owner = t;
    cw_sip_token_write(t->tag, CW_SIP_TOKEN_LEN);
    cw_arena_reset(sip->write_arena);
    if (write_echo(sip, guarded, origin, t->tag, &echo) != CW_OK) {
        free(t);
        return NULL;
    }
    t->echo = malloc(echo.len);
    if (t->echo == NULL) {
        abort();
    }
    memcpy(t->echo, echo.base, echo.len);
    t->echo_len = echo.len;
    memcpy(t->keys, key, key_len);
    t->node.key = (struct cw_bytes){t->keys, key_len};
    cw_sip_table_add(&sip->servers, &t->node);
    if (initial) {
        memcpy(t->keys + key_len, merged, merged_len);
        t->merged.key = (struct cw_bytes){t->keys + key_len, merged_len};
        cw_sip_table_add(&sip->merged, &t->merged);
    }
    t->machine = cw_sip_server_new(sip->t1_ms, origin->transport != CW_SIP_UDP, cw_clock_now_ms());
    cw_sip_timer_set(sip, &t->timer, cw_sip_server_due_ms(&t->machine));
    cw_sip_count_transactions(sip);
    return t;
}

/* Option tags of Require that we do not know, comma separated; empty if we know all. */
static enum cw_err unknown_options(struct cw_bytes require, struct cw_arena *arena,
                                   struct cw_bytes *out)
{
    char *const place = cw_arena_alloc(arena, 2 * require.len + 1);
    size_t len = 0;

    if (place == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t at = 0; at < require.len;) {
        const char *const comma = memchr(require.base + at, ',', require.len - at);
        const size_t end = comma == NULL ? require.len : (size_t)(comma - require.base);
        const struct cw_bytes tag = cw_sip_trim((struct cw_bytes){require.base + at, end - at});

        at = end + 1;
        if (tag.len == 0 || cw_sip_same_text(tag, CW_LIT("gruu"))) {
            continue;
        }
        if (len != 0) {
            place[len++] = ',';
        }
        memcpy(place + len, tag.base, tag.len);
        len += tag.len;
    }
    *out = (struct cw_bytes){place, len};
    return CW_OK;
}

/* MSG-52: have we sent this ourselves, further down the way? */
static bool is_loop(const struct cw_sip *sip, const struct cw_sip_guarded *guarded)
{
    for (size_t i = 1; i < guarded->via_count; i++) {
        if (cw_sip_transports_is_own(sip->transports, &guarded->vias[i])) {
            return true;
        }
    }
    return false;
}

static bool is_merged(const struct cw_sip *sip, const struct cw_sip_guarded *guarded)
{
    char key[KEY_MAX];

    if (guarded->to.tag.base != NULL) {
        return false;
    }
    const size_t len = merged_key(guarded, key);
    return cw_sip_table_find(&sip->merged, (struct cw_bytes){key, len}) != NULL;
}

/* A CANCEL changes nothing about what is answered at once anyway (RFC 3261 section 9.2). */
static unsigned cancel_status(const struct cw_sip *sip, const struct cw_sip_guarded *guarded)
{
    char key[KEY_MAX];

    for (unsigned i = 0; i < CW_SIP_OTHER; i++) {
        const char *const name = cw_sip_method_name((enum cw_sip_method)i);
        const size_t len = branch_key(guarded, text_of(name), key);

        if (cw_sip_table_find(&sip->servers, (struct cw_bytes){key, len}) != NULL) {
            return 200;
        }
    }
    return 481;
}

/* Status of a request that is refused before anybody is asked; 0: go on. MSG-45's first checks */
static unsigned early_refusal(const struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                              enum cw_sip_method method)
{
    if (method == CW_SIP_OTHER) {
        return cw_bytes_equal(guarded->method, CW_LIT("CANCEL")) ? cancel_status(sip, guarded)
                                                                 : 405;
    }
    if (guarded->max_forwards == 0 && method != CW_SIP_OPTIONS) {
        return 483; /* MSG-52 */
    }
    if (is_loop(sip, guarded) || is_merged(sip, guarded)) {
        return 482; /* MSG-48, MSG-52 */
    }
    return sip->servers.count >= CW_SIP_SERVER_MAX ? 503 : 0;
}

static bool absorb(struct cw_sip *sip, const struct cw_sip_guarded *guarded)
{
    char key[KEY_MAX];
    const size_t len = branch_key(guarded, guarded->method, key);
    struct cw_sip_node *const node = cw_sip_table_find(&sip->servers, (struct cw_bytes){key, len});

    if (node == NULL) {
        return false;
    }
    struct cw_sip_server_transaction *const t = (struct cw_sip_server_transaction *)node;
    perform(t, cw_sip_server_step(&t->machine, CW_SIP_SERVER_REQUEST, cw_clock_now_ms()));
    return true;
}

static void dispatch(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                     const struct cw_sip_origin *origin)
{
    struct cw_sip_message request;
    const char *problem = NULL;
    struct cw_sip_message response;

    cw_arena_reset(sip->read_arena);
    if (cw_sip_message_read(guarded, sip->read_arena, &request, &problem) != CW_OK) {
        cw_sip_server_refuse(sip, guarded, origin, 400, problem);
        return;
    }
    cw_sip_message_init(&response);
    if (unknown_options(request.require, sip->read_arena, &response.unsupported) != CW_OK ||
        response.unsupported.len != 0) {
        response.status = 420;
        cw_arena_reset(sip->write_arena);
        send_stateless(sip, guarded, origin, &response);
        return;
    }
    struct cw_sip_server_transaction *const t = transaction_new(sip, guarded, origin);
    if (t == NULL) {
        return;
    }
    if (request.method == CW_SIP_OPTIONS) {
        cw_sip_answer_options(sip, t);
    } else {
        sip->on_request(t, &request, sip->user);
    }
}

void cw_sip_server_request(struct cw_sip *sip, const struct cw_sip_guarded *guarded,
                           const struct cw_sip_origin *origin)
{
    const enum cw_sip_method method = cw_sip_method_read(guarded->method);

    cw_sip_count_request(sip, false, method, origin->transport);
    if (cw_bytes_equal(guarded->method, CW_LIT("ACK")) || absorb(sip, guarded)) {
        return; /* an ACK has no answer; a retransmission has had its own (MSG-48) */
    }
    const unsigned status = early_refusal(sip, guarded, method);
    if (status != 0) {
        cw_sip_server_refuse(sip, guarded, origin, status, NULL);
        return;
    }
    dispatch(sip, guarded, origin);
}

/* RFC 3428 section 7 forbids these in a 2xx to MESSAGE (MSG-24, MSG-46). */
static void strip(struct cw_sip_message *answer)
{
    if (answer->method == CW_SIP_MESSAGE && answer->status / 100 == 2) {
        answer->body = (struct cw_bytes){NULL, 0};
        answer->content_type = (struct cw_bytes){NULL, 0};
        answer->content_language = (struct cw_bytes){NULL, 0};
        answer->content_encoding = (struct cw_bytes){NULL, 0};
        answer->content_disposition = (struct cw_bytes){NULL, 0};
    }
}

static enum cw_err write_answer(struct cw_sip_server_transaction *t,
                                const struct cw_sip_message *response, struct cw_bytes *wire)
{
    struct cw_sip *const sip = t->sip;
    const struct cw_bytes echo = {t->echo, t->echo_len};
    struct cw_sip_message answer = *response;

    cw_arena_reset(sip->write_arena);
    answer.method = t->method;
    strip(&answer);
    if (cw_sip_write_response(&answer, echo, CW_SIP_MESSAGE_MAX, sip->write_arena, wire) == CW_OK) {
        cw_sip_count_response(sip, true, t->method, answer.status);
        return CW_OK;
    }
    cw_sip_message_init(&answer); /* a header that cannot be made safe must not cost the answer */
    answer.method = t->method;
    answer.status = 500;
    cw_arena_reset(sip->write_arena);
    cw_sip_count_response(sip, true, t->method, 500);
    return cw_sip_write_response(&answer, echo, CW_SIP_MESSAGE_MAX, sip->write_arena, wire);
}

/* Over UDP it is repeated whenever the request is; the lines it was made of are not needed again.
 */
static void keep_answer(struct cw_sip_server_transaction *t, struct cw_bytes wire)
{
    t->response = malloc(wire.len + 1);
    if (t->response == NULL) {
        abort();
    }
    memcpy(t->response, wire.base, wire.len);
    t->response_len = wire.len;
    free(t->echo);
    t->echo = NULL;
    t->echo_len = 0;
}

void cw_sip_respond(struct cw_sip_server_transaction *transaction,
                    const struct cw_sip_message *response)
{
    struct cw_sip_server_transaction *const t = transaction;
    struct cw_bytes wire = {NULL, 0};

    if (response->status == 408) { /* MSG-49: no answer at all, and no second life either */
        t->muted = true;
        perform(t, 0);
        return;
    }
    if (response->status < 200) { /* no other 1xx than our own 100, ever */
        return;
    }
    unsigned effects = cw_sip_server_step(&t->machine, CW_SIP_SERVER_FINAL, cw_clock_now_ms());
    if ((effects & CW_SIP_SERVER_SEND_FINAL) != 0) {
        if (write_answer(t, response, &wire) != CW_OK) {
            abort(); /* a bare 500 always fits */
        }
        reply(t->sip, &t->origin, t->reply_port, wire);
        effects &= ~(unsigned)CW_SIP_SERVER_SEND_FINAL;
        if ((effects & CW_SIP_SERVER_FREE) == 0) {
            keep_answer(t, wire);
        }
    }
    perform(t, effects);
}

struct cw_bytes cw_sip_local_tag(const struct cw_sip_server_transaction *transaction)
{
    return (struct cw_bytes){transaction->tag, CW_SIP_TOKEN_LEN};
}

void cw_sip_server_stop(struct cw_sip *sip)
{
    struct cw_sip_node *node = NULL;

    while ((node = cw_sip_table_any(&sip->servers)) != NULL) {
        transaction_free((struct cw_sip_server_transaction *)node);
    }
}
