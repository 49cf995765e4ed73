/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world.h"

#include "edge_pool.h"
#include "inbound.h"
#include "loop.h"
#include "notify.h"
#include "outbound.h"
#include "settings.h"
#include "watch.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

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
    struct cw_bytes own;
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
    const char *content_type, *content_language; /* of NOTIFYs to us; NULL: as is usual */
    bool debug;
    bool full;
    char log[2048]; /* the last event */
    char trace[48]; /* of the last stanza to the edge */
};

/* The doubles have no context of their own: one world at a time. */
static struct world *the_world;
static uint64_t the_time_ms = 1000000;
static uint32_t the_random = 7;

static struct cw_bytes keep(struct cw_bytes text)
{
    char *made;

    if (text.base == NULL) {
        return text;
    }
    made = cw_arena_alloc(the_world->memory, text.len + 1);
    assert_non_null(made);
    memcpy(made, text.base, text.len);
    return (struct cw_bytes){made, text.len};
}

static struct cw_bytes text_of(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

static void line(const char *text)
{
    assert_true(the_world->last < LINES_MAX);
    the_world->lines[the_world->last] = strdup(text);
    the_world->last++;
}

/* ---- clock and timers ---- */

uint64_t cw_clock_now_ms(void)
{
    return the_time_ms;
}

int64_t cw_clock_wall_ms(void)
{
    return 1700000000000 + (int64_t)the_time_ms;
}

void cw_clock_random(void *out, unsigned len)
{
    unsigned char *at = out;

    for (unsigned i = 0; i < len; i++) {
        the_random = the_random * 1664525u + 1013904223u;
        at[i] = (unsigned char)(the_random >> 24);
    }
}

struct cw_loop *cw_loop_new(struct uv_loop_s *uv)
{
    struct cw_loop *loop = calloc(1, sizeof(*loop));

    (void)uv;
    assert_non_null(loop);
    loop->alarms = cw_alarms_new();
    return loop;
}

void cw_loop_free(struct cw_loop **loop)
{
    cw_alarms_free(&(*loop)->alarms);
    free(*loop);
    *loop = NULL;
}

void cw_loop_set(struct cw_loop *loop, struct cw_alarm *alarm, uint64_t at_ms)
{
    cw_alarms_set(loop->alarms, alarm, at_ms);
}

void cw_loop_clear(struct cw_loop *loop, struct cw_alarm *alarm)
{
    cw_alarms_clear(loop->alarms, alarm);
}

void world_pass(struct world *world, uint64_t ms)
{
    const uint64_t end = the_time_ms + ms;
    struct cw_alarms *alarms = world->gw.timers->alarms;

    while (cw_alarms_next(alarms) <= end) {
        struct cw_alarm *alarm;

        if (cw_alarms_next(alarms) > the_time_ms) {
            the_time_ms = cw_alarms_next(alarms);
        }
        alarm = cw_alarms_take(alarms, the_time_ms);
        alarm->ring(alarm, alarm->user);
    }
    the_time_ms = end;
}

void world_until(struct world *world, uint64_t ms)
{
    for (uint64_t passed = 0; passed < ms && world->first == world->last; passed += 1000) {
        world_pass(world, 1000);
    }
}

/* ---- settings ---- */

bool cw_gateway_settings_entitled(const struct cw_gateway_settings *settings, struct cw_bytes aor)
{
    (void)settings;
    return !cw_bytes_equal(aor, CW_LIT("sip:barred@contoso.example"));
}

bool cw_gateway_settings_is_own(const struct cw_gateway_settings *settings, struct cw_bytes domain)
{
    return cw_bytes_equal(settings->own_domains[0], domain);
}

/* ---- log ---- */

bool cw_log_on(const struct cw_log *log, enum cw_log_event event)
{
    (void)log;
    return the_world->debug ||
           (event != CW_EVENT_MESSAGE_DELIVERED && event != CW_EVENT_STANZA_HANDLED);
}

struct cw_bytes cw_log_text(const char *text)
{
    return text_of(text);
}

void cw_log_event(struct cw_log *log, enum cw_log_event event, const char *message,
                  const struct cw_log_field *fields, size_t count)
{
    size_t len;

    (void)log;
    (void)snprintf(the_world->log, sizeof(the_world->log), "event=%d %s", (int)event, message);
    for (size_t i = 0; i < count; i++) {
        len = strlen(the_world->log);
        (void)snprintf(the_world->log + len, sizeof(the_world->log) - len, " %s=" CW_FMT,
                       fields[i].key, CW_ARG(fields[i].value));
    }
}

const char *world_log(const struct world *world)
{
    return world->log;
}

const char *world_trace(const struct world *world)
{
    return world->trace;
}

void world_debug(struct world *world)
{
    world->debug = true;
}

const struct cw_sip_message *world_last_subscribe(const struct world *world)
{
    return &world->subscribe;
}

/* ---- store ---- */

void cw_store_put(struct cw_store *store, const struct cw_relation *relation,
                  cw_store_done_fn *done, void *user)
{
    struct write *write = &the_world->writes[the_world->write_count++];

    (void)store;
    assert_true(the_world->write_count < WAITING);
    *write = (struct write){.relation = *relation, .done = done, .user = user};
    write->relation.local = keep(relation->local);
    write->relation.remote = keep(relation->remote);
}

enum cw_err cw_store_load(struct cw_store *store, cw_store_visit_fn *visit, void *user)
{
    (void)store;
    if (the_world->has_stored) {
        visit(&the_world->stored, user);
    }
    return CW_OK;
}

void world_commit(struct world *world)
{
    for (size_t i = 0; i < world->write_count; i++) {
        const struct write write = world->writes[i];

        world->stored = write.relation;
        world->has_stored = true;
        if (write.done != NULL) {
            write.done(CW_OK, write.user);
        }
    }
    world->write_count = 0;
}

bool world_stored(const struct world *world, struct cw_relation *out)
{
    *out = world->stored;
    return world->has_stored;
}

/* ---- link ---- */

struct cw_link *cw_link_dial(struct uv_loop_s *loop, const struct cw_link_settings *settings,
                             const char *address, const struct cw_link_events *events, void *user)
{
    (void)loop;
    (void)settings;
    (void)address;
    the_world->link = (struct cw_link){.events = events, .user = user};
    return &the_world->link;
}

void cw_link_close(struct cw_link **link)
{
    struct world *world = the_world;

    while (world->cookie_first < world->cookie_last) {
        world_fate(world, CW_FATE_AMBIGUOUS, CW_FAIL_STREAM);
    }
    *link = NULL;
}

bool cw_link_is_up(const struct cw_link *link)
{
    (void)link;
    return the_world->link_up;
}

const char *cw_link_peer(const struct cw_link *link)
{
    (void)link;
    return "edge1";
}

uint32_t cw_link_round_trip_us(const struct cw_link *link)
{
    (void)link;
    return 0;
}

size_t cw_link_unsettled(const struct cw_link *link)
{
    (void)link;
    return 0;
}

static const char *type_word(enum cw_stanza_type type)
{
    static const char *const WORDS[] = {
        [CW_TYPE_NORMAL] = "normal",
        [CW_TYPE_CHAT] = "chat",
        [CW_TYPE_HEADLINE] = "headline",
        [CW_TYPE_GROUPCHAT] = "groupchat",
        [CW_TYPE_AVAILABLE] = "available",
        [CW_TYPE_UNAVAILABLE] = "unavailable",
        [CW_TYPE_SUBSCRIBE] = "subscribe",
        [CW_TYPE_SUBSCRIBED] = "subscribed",
        [CW_TYPE_UNSUBSCRIBE] = "unsubscribe",
        [CW_TYPE_UNSUBSCRIBED] = "unsubscribed",
        [CW_TYPE_PROBE] = "probe",
        [CW_TYPE_GET] = "get",
        [CW_TYPE_SET] = "set",
        [CW_TYPE_RESULT] = "result",
        [CW_TYPE_ERROR] = "error",
        [CW_TYPE_UNKNOWN] = "unknown",
    };

    return WORDS[type];
}

enum cw_err cw_link_send(struct cw_link *link, const struct cw_frame_stanza *stanza, void *cookie)
{
    static const char *const KINDS[] = {"message", "presence", "iq"};
    struct cw_stanza in;
    struct cw_bytes from;
    struct cw_bytes to;
    char text[8192];

    (void)link;
    if (the_world->full) {
        return CW_ERR_BUSY;
    }
    assert_int_equal(cw_stanza_read(keep(stanza->xml), the_world->memory, &in), CW_OK);
    assert_int_equal(cw_jid_write(&in.from, the_world->memory, &from), CW_OK);
    assert_int_equal(cw_jid_write(&in.to, the_world->memory, &to), CW_OK);
    (void)snprintf(text, sizeof(text),
                   "X %s %s " CW_FMT " > " CW_FMT " id=" CW_FMT " " CW_FMT CW_FMT
                   " show=%d statuses=%zu error-type=" CW_FMT " xml=" CW_FMT,
                   KINDS[in.kind], type_word(in.type), CW_ARG(from), CW_ARG(to), CW_ARG(in.id),
                   CW_ARG(in.error_condition), CW_ARG(in.body), (int)in.presence.show,
                   in.presence.statuses.count, CW_ARG(in.error_type), CW_ARG(stanza->xml));
    line(text);
    (void)strcpy(the_world->trace, " trace=");
    for (size_t i = 0; i < sizeof(stanza->trace); i++) {
        (void)snprintf(the_world->trace + 7 + 2 * i, 3, "%02x", stanza->trace[i]);
    }
    if (cookie != NULL) {
        the_world->cookies[the_world->cookie_last++ % WAITING] = cookie;
    }
    return CW_OK;
}

void cw_link_settle(struct cw_link *link, uint64_t seq, enum cw_fate fate, enum cw_fail reason)
{
    (void)link;
    (void)reason;
    assert_int_equal(fate, CW_FATE_TAKEN);
    the_world->taken = seq;
}

void cw_link_set_permits(struct cw_link *link, uint64_t revision, struct cw_bytes payload)
{
    (void)link;
    (void)revision;
    assert_true(payload.len > 0);
}

void cw_link_goaway(struct cw_link *link, const char *reason)
{
    (void)link;
    (void)reason;
}

void world_fate(struct world *world, enum cw_fate fate, enum cw_fail reason)
{
    const struct cw_frame_ack ack = {.seq = 1, .fate = fate, .reason = reason};

    assert_true(world->cookie_first < world->cookie_last);
    world->link.events->on_fate(&world->link, &ack, world->cookies[world->cookie_first++ % WAITING],
                                world->link.user);
}

void world_full(struct world *world, bool full)
{
    world->full = full;
}

void world_link(struct world *world, bool up)
{
    world->link_up = up;
}

uint64_t world_taken(const struct world *world)
{
    return world->taken;
}

/* ---- SIP ---- */

void cw_sip_message_init(struct cw_sip_message *message)
{
    *message = (struct cw_sip_message){
        .max_forwards = CW_SIP_ABSENT,
        .expires_s = CW_SIP_ABSENT,
        .min_expires_s = CW_SIP_ABSENT,
        .retry_after_s = CW_SIP_ABSENT,
        .substate_expires_s = CW_SIP_ABSENT,
        .substate_retry_after_s = CW_SIP_ABSENT,
    };
}

const char *cw_sip_token(struct cw_arena *arena, size_t len)
{
    char *made = cw_arena_alloc(arena, len + 1);

    (void)snprintf(made, len + 1, "token%u", ++the_world->tags);
    return made;
}

enum cw_err cw_sip_contact(const struct cw_sip *sip, struct cw_bytes user, struct cw_arena *arena,
                           struct cw_bytes *out)
{
    char *made = cw_arena_alloc(arena, user.len + 32);

    (void)sip;
    (void)snprintf(made, user.len + 32, "sip:" CW_FMT "@127.0.0.1:5060", CW_ARG(user));
    *out = text_of(made);
    return CW_OK;
}

static struct cw_sip_message keep_message(const struct cw_sip_message *from)
{
    struct cw_sip_message made = *from;

    made.request_uri = keep(from->request_uri);
    made.from.uri = keep(from->from.uri);
    made.from.tag = keep(from->from.tag);
    made.to.uri = keep(from->to.uri);
    made.to.tag = keep(from->to.tag);
    made.call_id = keep(from->call_id);
    made.body = keep(from->body);
    return made;
}

static const char *const METHODS[] = {"MESSAGE", "SUBSCRIBE", "NOTIFY",
                                      "PUBLISH", "OPTIONS",   "OTHER"};

enum cw_err cw_sip_send(struct cw_sip *sip, const struct cw_sip_message *request,
                        cw_sip_done_fn *done, void *user)
{
    struct world *world = the_world;
    char text[8192];
    char numbers[64] = "";

    (void)sip;
    if (request->expires_s >= 0) {
        (void)snprintf(numbers, sizeof(numbers), " expires=%lld", (long long)request->expires_s);
    } else if (request->substate_expires_s >= 0) {
        (void)snprintf(numbers, sizeof(numbers), " expires=%lld",
                       (long long)request->substate_expires_s);
    }
    (void)snprintf(
        text, sizeof(text),
        "S %s " CW_FMT " from=" CW_FMT " " CW_FMT " " CW_FMT "%s to-tag=" CW_FMT " " CW_FMT
        ":" CW_FMT " language=" CW_FMT " accept=" CW_FMT " " CW_FMT,
        METHODS[request->method], CW_ARG(request->request_uri), CW_ARG(request->from.uri),
        CW_ARG(request->substate), CW_ARG(request->substate_reason), numbers,
        CW_ARG(request->to.tag), CW_ARG(request->extra_name), CW_ARG(request->extra_value),
        CW_ARG(request->content_language), CW_ARG(request->accept), CW_ARG(request->body));
    line(text);
    world->out[world->out_last++ % WAITING] =
        (struct outgoing){.message = keep_message(request), .done = done, .user = user};
    if (request->method == CW_SIP_SUBSCRIBE) {
        world->subscribe = keep_message(request);
    }
    return CW_OK;
}

struct cw_bytes cw_sip_local_tag(const struct cw_sip_server_transaction *transaction)
{
    return text_of(transaction->tag_text);
}

void cw_sip_respond(struct cw_sip_server_transaction *transaction,
                    const struct cw_sip_message *response)
{
    char text[512];

    (void)snprintf(text, sizeof(text),
                   "R %u expires=%lld min=%lld allow=" CW_FMT " events=" CW_FMT
                   " unsupported=" CW_FMT " accept=" CW_FMT " warning=" CW_FMT,
                   response->status, (long long)response->expires_s,
                   (long long)response->min_expires_s, CW_ARG(response->allow),
                   CW_ARG(response->allow_events), CW_ARG(response->unsupported),
                   CW_ARG(response->accept), CW_ARG(response->warning));
    line(text);
    free(transaction);
}

void world_answer(struct world *world, unsigned status, int64_t expires_s)
{
    struct outgoing *out = &world->out[world->out_first++ % WAITING];
    struct cw_sip_message response;

    assert_true(world->out_first <= world->out_last);
    cw_sip_message_init(&response);
    response.status = status;
    response.method = out->message.method;
    response.expires_s = expires_s;
    response.min_expires_s = status == 423 ? 7200 : CW_SIP_ABSENT;
    response.to = out->message.to;
    response.to.tag = CW_LIT("peer");
    response.from = out->message.from;
    response.contact = CW_LIT("sip:presence@127.0.0.2");
    response.contact_count = 1;
    out->done(status == 0 ? NULL : &response, status == 0 ? CW_ERR_TIMEOUT : CW_OK, out->user);
}

void world_no_route(struct world *world)
{
    struct outgoing *out = &world->out[world->out_first++ % WAITING];

    assert_true(world->out_first <= world->out_last);
    out->done(NULL, CW_ERR_NO_ROUTE, out->user);
}

void world_request(struct world *world, const struct cw_sip_message *request)
{
    struct cw_sip_server_transaction *transaction = calloc(1, sizeof(*transaction));

    assert_non_null(transaction);
    transaction->tag = ++world->tags;
    (void)snprintf(transaction->tag_text, sizeof(transaction->tag_text), "gw%u", transaction->tag);
    transaction->world = world;
    cw_outbound_request(transaction, request, &world->gw);
}

void world_subscribe(struct world *world, int64_t expires_s, unsigned tag, unsigned cseq)
{
    struct cw_sip_message request;
    char text[16];

    cw_sip_message_init(&request);
    request.method = CW_SIP_SUBSCRIBE;
    request.request_uri = CW_LIT("sip:juliet@fabrikam.example");
    request.from.uri = CW_LIT(LOCAL);
    request.from.tag = CW_LIT("phone");
    request.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    if (tag != 0) {
        (void)snprintf(text, sizeof(text), "gw%u", tag);
        request.to.tag = text_of(text);
    }
    request.call_id = CW_LIT("watch-1");
    request.cseq = cseq;
    request.contact = CW_LIT("sip:romeo@127.0.0.3");
    request.contact_count = 1;
    request.event = CW_LIT("presence");
    request.expires_s = expires_s;
    world_request(world, &request);
}

void world_message(struct world *world, const char *body)
{
    struct cw_sip_message request;

    cw_sip_message_init(&request);
    request.method = CW_SIP_MESSAGE;
    request.request_uri = CW_LIT("sip:juliet@fabrikam.example");
    request.from.uri = CW_LIT(LOCAL);
    request.from.tag = CW_LIT("phone");
    request.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    request.call_id = CW_LIT("talk-1");
    request.cseq = 1;
    request.content_type = CW_LIT("text/plain;charset=UTF-8");
    request.body = text_of(body);
    world_request(world, &request);
}

void world_notify(struct world *world, const char *substate, const char *reason, const char *body)
{
    struct cw_sip_message request;

    cw_sip_message_init(&request);
    request.method = CW_SIP_NOTIFY;
    request.request_uri = CW_LIT("sip:juliet@127.0.0.1");
    request.from.uri = world->subscribe.to.uri;
    request.from.tag = CW_LIT("peer");
    request.to.uri = world->subscribe.from.uri;
    request.to.tag = world->subscribe.from.tag;
    request.call_id = world->subscribe.call_id;
    request.cseq = ++world->notify_cseq;
    request.contact = CW_LIT("sip:presence@127.0.0.2");
    request.contact_count = 1;
    request.event = CW_LIT("presence");
    request.substate = text_of(substate);
    request.substate_reason = text_of(reason);
    if (body != NULL) {
        request.content_type = CW_LIT("application/pidf+xml");
        if (world->content_type != NULL) {
            request.content_type = text_of(world->content_type);
        }
        request.content_language = text_of(world->content_language);
        request.body = text_of(body);
    }
    world_request(world, &request);
}

void world_content(struct world *world, const char *type, const char *language)
{
    world->content_type = type;
    world->content_language = language;
}

struct cw_gateway_settings *world_settings(struct world *world)
{
    return &world->settings;
}

/* ---- stanzas ---- */

void world_stanza_from(struct world *world, const char *from, const char *to, const char *xml)
{
    const struct cw_frame_stanza frame = {
        .seq = ++world->seq,
        .class = CW_CLASS_MESSAGE,
        .method = CW_METHOD_SASL_TLS,
        .from_domain = text_of(from),
        .to_domain = text_of(to),
        .partner = text_of(from),
        .xml = text_of(xml),
    };

    world->link.events->on_stanza(&world->link, &frame, world->link.user);
}

void world_stanza(struct world *world, const char *xml)
{
    world_stanza_from(world, "fabrikam.example", "contoso.example", xml);
}

/* ---- lines ---- */

static bool has_words(const char *text, const char *words)
{
    char copy[512];
    char *rest = copy;
    char *word;

    assert_true(strlen(words) < sizeof(copy));
    (void)strcpy(copy, words);
    while ((word = strtok_r(rest, " ", &rest)) != NULL) {
        text = strstr(text, word);
        if (text == NULL) {
            return false;
        }
        text += strlen(word);
    }
    return true;
}

void world_expect(struct world *world, const char *text)
{
    if (world->first >= world->last) {
        fail_msg("nothing was sent, expected: %s", text);
    }
    if (!has_words(world->lines[world->first], text)) {
        fail_msg("expected: %s\n     got: %s", text, world->lines[world->first]);
    }
    free(world->lines[world->first++]);
}

void world_expect_without(struct world *world, const char *text, const char *never)
{
    if (world->first < world->last && strstr(world->lines[world->first], never) != NULL) {
        fail_msg("with %s: %s", never, world->lines[world->first]);
    }
    world_expect(world, text);
}

void world_silence(struct world *world)
{
    if (world->first < world->last) {
        fail_msg("unexpected: %s", world->lines[world->first]);
    }
    world->first = world->last = 0;
}

void world_skip(struct world *world)
{
    while (world->first < world->last) {
        free(world->lines[world->first++]);
    }
    world->first = world->last = 0;
}

/* ---- life ---- */

static void start(struct world *world)
{
    assert_int_equal(cw_flow_new(&world->gw, NULL), CW_OK);
    world->gw.sip = &world->sip;
    cw_flow_start(&world->gw);
}

static void stop(struct world *world)
{
    while (world->out_first < world->out_last) {
        struct outgoing *out = &world->out[world->out_first++ % WAITING];

        out->done(NULL, CW_ERR_CLOSED, out->user);
    }
    world->gw.sip = NULL;
    cw_flow_free(&world->gw);
    for (size_t i = 0; i < world->write_count; i++) { /* never durable; the store still says so */
        if (world->writes[i].done != NULL) {
            world->writes[i].done(CW_ERR_IO, world->writes[i].user);
        }
    }
    world->write_count = 0;
}

static void set_partner(struct world *world, enum cw_partner_type type, bool enabled)
{
    world->partner = (struct cw_partner){
        .domain = CW_LIT("fabrikam.example"),
        .type = type,
        .tls = CW_REQUIRED,
        .sasl = CW_OPTIONAL,
        .dialback = true,
        .enabled = enabled,
        .keep_alive = true,
        .connection_limit = 20,
        .accept = CW_ACCEPT_BY_TYPE,
    };
    cw_partners_free(&world->gw.partners);
    world->gw.partners = cw_partners_new(&world->partner, 1);
}

struct world *world_new(enum cw_partner_type type)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    the_world = world;
    world->memory = cw_arena_new((size_t)16 << 20);
    world->own = CW_LIT("contoso.example");
    world->edges[0] = "127.0.0.1:23456";
    world->settings.own_domains = &world->own;
    world->settings.own_domain_count = 1;
    world->settings.users.federation = true;
    world->settings.presence.subscribe_expires_ms = 3600000;
    world->settings.presence.subscription_refresh_interval_ms = 1800000;
    world->settings.presence.coalesce_ms = 250;
    world->settings.presence.show_map = CW_SHOW_MAP_DEFAULT;
    world->settings.messages.ttl_ms = 120000;
    world->settings.messages.hold_ms = 1000;
    world->settings.messages.max_body = 16384;
    world->settings.messages.queue_per_pair = 3;
    world->settings.edge.connect = (struct cw_texts){.items = world->edges, .count = 1};
    world->gw.settings = &world->settings;
    world->gw.arena = cw_arena_new((size_t)1 << 20);
    world->gw.metrics = cw_metrics_new("gateway");
    set_partner(world, type, true);
    world->link_up = true;
    start(world);
    return world;
}

void world_free(struct world *world)
{
    world_skip(world);
    stop(world);
    world_skip(world);
    cw_partners_free(&world->gw.partners);
    cw_metrics_free(&world->gw.metrics);
    cw_arena_free(&world->gw.arena);
    cw_arena_free(&world->memory);
    free(world);
    the_world = NULL;
}

struct cw_gateway *world_gateway(struct world *world)
{
    return &world->gw;
}

void world_restart(struct world *world)
{
    stop(world);
    world->notify_cseq = 0;
    world_skip(world);
    start(world);
}

void world_policy(struct world *world, enum cw_partner_type type, bool enabled)
{
    set_partner(world, type, enabled);
    world->gw.revision++;
    cw_flow_policy_changed(&world->gw);
}
