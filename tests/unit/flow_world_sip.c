/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world_private.h"

#include "outbound.h"

#include <stdio.h>
#include <stdlib.h>

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
    *out = world_text(made);
    return CW_OK;
}

static struct cw_sip_message keep_message(const struct cw_sip_message *from)
{
    struct cw_sip_message made = *from;

    made.request_uri = world_keep(from->request_uri);
    made.from.uri = world_keep(from->from.uri);
    made.from.tag = world_keep(from->from.tag);
    made.to.uri = world_keep(from->to.uri);
    made.to.tag = world_keep(from->to.tag);
    made.call_id = world_keep(from->call_id);
    made.body = world_keep(from->body);
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
    if (world->refuse_next) {
        world->refuse_next = false;
        return CW_ERR_LIMIT;
    }
    if (world->observer != NULL && world->observer->on_request != NULL) {
        world->observer->on_request(request, world->observer_user);
    }
    if (request->expires_s >= 0) {
        (void)snprintf(numbers, sizeof(numbers), " expires=%lld", (long long)request->expires_s);
    } else if (request->substate_expires_s >= 0) {
        (void)snprintf(numbers, sizeof(numbers), " expires=%lld",
                       (long long)request->substate_expires_s);
    }
    (void)snprintf(
        text, sizeof(text),
        "S %s " CW_FMT " from=" CW_FMT " " CW_FMT " " CW_FMT "%s to-tag=" CW_FMT " " CW_FMT
        ":" CW_FMT " language=" CW_FMT " accept=" CW_FMT " " CW_FMT " type=" CW_FMT " cseq=%u",
        METHODS[request->method], CW_ARG(request->request_uri), CW_ARG(request->from.uri),
        CW_ARG(request->substate), CW_ARG(request->substate_reason), numbers,
        CW_ARG(request->to.tag), CW_ARG(request->extra_name), CW_ARG(request->extra_value),
        CW_ARG(request->content_language), CW_ARG(request->accept), CW_ARG(request->body),
        CW_ARG(request->content_type), request->cseq);
    world_line(text);
    world->out[world->out_last++ % WAITING] =
        (struct outgoing){.message = keep_message(request), .done = done, .user = user};
    if (request->method == CW_SIP_SUBSCRIBE) {
        world->subscribe = keep_message(request);
    }
    return CW_OK;
}

struct cw_bytes cw_sip_local_tag(const struct cw_sip_server_transaction *transaction)
{
    return world_text(transaction->tag_text);
}

void cw_sip_respond(struct cw_sip_server_transaction *transaction,
                    const struct cw_sip_message *response)
{
    char text[512];

    (void)snprintf(
        text, sizeof(text),
        "R %u expires=%lld min=%lld allow=" CW_FMT " events=" CW_FMT " unsupported=" CW_FMT
        " accept=" CW_FMT " accept-encoding=" CW_FMT " warning=" CW_FMT,
        response->status, (long long)response->expires_s, (long long)response->min_expires_s,
        CW_ARG(response->allow), CW_ARG(response->allow_events), CW_ARG(response->unsupported),
        CW_ARG(response->accept), CW_ARG(response->accept_encoding), CW_ARG(response->warning));
    world_line(text);
    if (the_world->observer != NULL && the_world->observer->on_response != NULL) {
        the_world->observer->on_response(response, the_world->observer_user);
    }
    free(transaction);
}

const struct cw_sip_message *world_unanswered(const struct world *world)
{
    return world->out_first < world->out_last ? &world->out[world->out_first % WAITING].message
                                              : NULL;
}

void world_refuse_next(struct world *world)
{
    world->refuse_next = true;
}

void world_answer_with(struct world *world, const struct cw_sip_message *response)
{
    struct outgoing *out = &world->out[world->out_first++ % WAITING];
    struct cw_sip_message made = *response;

    assert_true(world->out_first <= world->out_last);
    made.method = out->message.method;
    if (made.to.uri.base == NULL) {
        made.to = out->message.to;
        made.to.tag = CW_LIT("peer");
        made.from = out->message.from;
    }
    if (made.contact_count == 0) {
        made.contact = CW_LIT("sip:presence@127.0.0.2");
        made.contact_count = 1;
    }
    out->done(made.status == 0 ? NULL : &made, made.status == 0 ? CW_ERR_TIMEOUT : CW_OK,
              out->user);
}

void world_answer(struct world *world, unsigned status, int64_t expires_s)
{
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = status;
    response.expires_s = expires_s;
    response.min_expires_s = status == 423 ? 7200 : CW_SIP_ABSENT;
    world_answer_with(world, &response);
}

void world_no_route(struct world *world)
{
    struct outgoing *out = &world->out[world->out_first++ % WAITING];

    assert_true(world->out_first <= world->out_last);
    out->done(NULL, CW_ERR_NO_ROUTE, out->user);
}

unsigned world_request(struct world *world, const struct cw_sip_message *request)
{
    struct cw_sip_server_transaction *transaction = calloc(1, sizeof(*transaction));
    const unsigned tag = ++world->tags;

    assert_non_null(transaction);
    transaction->tag = tag;
    (void)snprintf(transaction->tag_text, sizeof(transaction->tag_text), "gw%u", transaction->tag);
    transaction->world = world;
    cw_outbound_request(transaction, request, &world->gw);
    return tag;
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
        request.to.tag = world_text(text);
    }
    request.call_id = CW_LIT("watch-1");
    request.cseq = cseq;
    request.contact = CW_LIT("sip:romeo@127.0.0.3");
    request.contact_count = 1;
    request.event = CW_LIT("presence");
    request.expires_s = expires_s;
    (void)world_request(world, &request);
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
    request.body = world_text(body);
    (void)world_request(world, &request);
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
    request.substate = world_text(substate);
    request.substate_reason = world_text(reason);
    if (body != NULL) {
        request.content_type = CW_LIT("application/pidf+xml");
        if (world->content_type != NULL) {
            request.content_type = world_text(world->content_type);
        }
        request.content_language = world_text(world->content_language);
        request.body = world_text(body);
    }
    (void)world_request(world, &request);
}

void world_content(struct world *world, const char *type, const char *language)
{
    world->content_type = type;
    world->content_language = language;
}
