/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The SIP server of the load generator: answers every MESSAGE with 200 and sends its own.
 */

#include "load.h"

#include "sip/sip.h"

#include <causeway/settings_file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ask {
    struct load *load;
    unsigned lane;
};

static void on_request(struct cw_sip_server_transaction *transaction,
                       const struct cw_sip_message *request, void *user)
{
    struct load *const load = user;
    struct cw_sip_message response;

    cw_sip_message_init(&response);
    response.status = 200;
    cw_sip_respond(transaction, &response);
    if (request->method == CW_SIP_MESSAGE && request->body.base != NULL) {
        load_arrived(load, request->body.base, request->body.len);
    }
}

static void on_done(const struct cw_sip_message *response, enum cw_err why, void *user)
{
    struct ask *const ask = user;

    (void)why;
    if (response == NULL || response->status > 299) {
        ask->load->refused++;
    }
    load_free_lane(ask->load, ask->lane);
    free(ask);
}

static void read_address(const char *text, char *host, size_t size, uint16_t *port)
{
    if (cw_settings_address(text, host, size, port) != CW_OK) {
        load_fail(text);
    }
}

void server_start(struct load *load)
{
    static char listen_host[64];
    static char gateway_host[64];
    const bool udp = strcmp(load->options.transport, "udp") == 0;
    struct cw_sip_listen listen = {.transport = udp ? CW_SIP_UDP : CW_SIP_TCP};
    struct cw_sip_route route = {
        .name = "gateway", .transport = udp ? CW_SIP_UDP : CW_SIP_TCP, .priority = 1, .weight = 1};
    struct cw_sip_settings settings = {.t1_ms = 500,
                                       .options_interval_ms = 30000,
                                       .max_message_size = 65536,
                                       .path_congestion_safe = true};
    const char *problem = "";

    read_address(load->options.sip_listen, listen_host, sizeof(listen_host), &listen.port);
    read_address(load->options.gateway, gateway_host, sizeof(gateway_host), &route.port);
    listen.host = listen_host;
    route.host = gateway_host;
    settings.listen = &listen;
    settings.listen_count = 1;
    settings.routes = &route;
    settings.route_count = 1;
    settings.metrics = cw_metrics_new("bench");
    if (cw_sip_start(&load->loop, &settings, on_request, load, &load->sip, &problem) != CW_OK) {
        load_fail(problem);
    }
}

void server_send(struct load *load, unsigned lane, const char *body)
{
    const struct load_options *const o = &load->options;
    struct ask *const ask = malloc(sizeof(*ask));
    struct cw_sip_message request;
    char from[256];
    char to[256];
    char call_id[64];

    if (ask == NULL) {
        abort();
    }
    *ask = (struct ask){load, lane};
    (void)snprintf(from, sizeof(from), "sip:s%u@%s", lane, o->own);
    (void)snprintf(to, sizeof(to), "sip:p%u@%s", lane, o->partner);
    (void)snprintf(call_id, sizeof(call_id), "bench-%ld-%llu", (long)getpid(),
                   (unsigned long long)load->number);
    cw_sip_message_init(&request);
    request.method = CW_SIP_MESSAGE;
    request.method_text = CW_LIT("MESSAGE");
    request.request_uri = request.to.uri = (struct cw_bytes){to, strlen(to)};
    request.from.uri = (struct cw_bytes){from, strlen(from)};
    request.from.tag = (struct cw_bytes){call_id, strlen(call_id)};
    request.call_id = request.from.tag;
    request.cseq = 1;
    request.content_type = CW_LIT("text/plain;charset=UTF-8");
    request.body = (struct cw_bytes){body, strlen(body)};
    if (cw_sip_send(load->sip, &request, on_done, ask) != CW_OK) {
        load_fail("the SIP side takes no request");
    }
}
