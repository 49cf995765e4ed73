/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"
#include "hop.h"
#include "message_write.h"
#include "transport.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <time.h>

#define RETRY_S 10
#define ALLOWED "MESSAGE, SUBSCRIBE, NOTIFY, OPTIONS"
#define ACCEPTED                                                                                   \
    "text/plain, message/cpim, application/im-iscomposing+xml, message/imdn+xml, "                 \
    "multipart/mixed, multipart/alternative, application/pidf+xml"

static uint64_t now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void tell(struct cw_sip *sip, const struct cw_sip_hop *hop, bool up)
{
    if (sip->metrics != NULL) {
        CW_METRIC_SET(sip->metrics, SIP_ROUTE_UP, up ? 1.0 : 0.0, hop->name);
    }
    if (up) {
        CW_LOG(sip->log, SIP_ROUTE_UP, "next hop answers", {"route", cw_log_text(hop->name)});
    } else {
        CW_LOG(sip->log, SIP_ROUTE_DOWN, "next hop is down", {"route", cw_log_text(hop->name)},
               {"reason", cw_log_text(hop->detail)});
    }
}

void cw_sip_hop_event(struct cw_sip *sip, struct cw_sip_hop *hop, enum cw_sip_route_event event,
                      int64_t retry_after_s, const char *detail)
{
    const unsigned effects =
        cw_sip_route_step(&hop->route, event, retry_after_s, cw_clock_now_ms());
    const bool silent = event == CW_SIP_ROUTE_SILENT || event == CW_SIP_ROUTE_BROKEN;

    if (hop->route.mode == CW_SIP_ROUTE_UP) {
        hop->detail[0] = '\0';
    } else if (detail[0] != '\0') {
        (void)snprintf(hop->detail, sizeof(hop->detail), "%s", detail);
    }
    if ((effects & (CW_SIP_ROUTE_TELL_UP | CW_SIP_ROUTE_TELL_DOWN)) != 0) {
        tell(sip, hop, (effects & CW_SIP_ROUTE_TELL_UP) != 0);
    }
    cw_sip_hop_schedule(sip, hop);
    if ((effects & CW_SIP_ROUTE_TELL_DOWN) != 0 && silent) {
        cw_sip_client_leave(sip, hop);
    }
}

static void on_probed(const struct cw_sip_message *response, enum cw_err why, void *user)
{
    struct cw_sip_hop *const hop = user;
    struct cw_sip *const sip = hop->sip;

    hop->probing = false;
    if (why == CW_ERR_CLOSED) {
        return;
    }
    if (response == NULL && why == CW_ERR_TIMEOUT) {
        hop->address_at++; /* another of its addresses may be alive */
        cw_sip_hop_event(sip, hop, CW_SIP_ROUTE_SILENT, -1, "no answer to OPTIONS");
        return;
    }
    if (response == NULL && hop->route.probe_at_ms > cw_clock_now_ms()) {
        cw_sip_hop_schedule(sip, hop); /* its connection has told already how it failed */
        return;
    }
    if (response == NULL) {
        cw_sip_hop_event(sip, hop, CW_SIP_ROUTE_BROKEN, -1,
                         hop->address_count == 0 ? "name does not resolve" : "sending failed");
        return;
    }
    hop->round_trip_us = (uint32_t)(now_us() - hop->probe_sent_us);
    cw_sip_hop_event(sip, hop,
                     response->status == 503 ? CW_SIP_ROUTE_UNAVAILABLE : CW_SIP_ROUTE_ANSWERED,
                     response->retry_after_s, response->status == 503 ? "503" : "");
}

static void send_probe(struct cw_sip *sip, struct cw_sip_hop *hop)
{
    const struct cw_bytes own = cw_sip_transports_sent_by(sip->transports, hop->transport);
    char uri[320];
    char from[320];
    char call_id[CW_SIP_TOKEN_LEN * 2 + 1];
    char tag[CW_SIP_TOKEN_LEN + 1];
    struct cw_sip_message options;

    (void)snprintf(uri, sizeof(uri), strchr(hop->host, ':') != NULL ? "sip:[%s]:%u" : "sip:%s:%u",
                   hop->host, (unsigned)hop->port);
    (void)snprintf(from, sizeof(from), "sip:causeway@" CW_FMT, CW_ARG(own));
    cw_sip_token_write(call_id, sizeof(call_id) - 1);
    cw_sip_token_write(tag, CW_SIP_TOKEN_LEN);
    cw_sip_message_init(&options);
    options.method = CW_SIP_OPTIONS;
    options.request_uri = (struct cw_bytes){uri, strlen(uri)};
    options.to.uri = options.request_uri;
    options.from.uri = (struct cw_bytes){from, strlen(from)};
    options.from.tag = (struct cw_bytes){tag, CW_SIP_TOKEN_LEN};
    options.call_id = (struct cw_bytes){call_id, strlen(call_id)};
    options.cseq = 1;
    hop->probing = true;
    hop->probe_sent_us = now_us();
    if (cw_sip_send_to(sip, hop, &options, on_probed, hop) !=
        CW_OK) { /* e.g. a host no URI can hold */
        hop->probing = false;
        cw_sip_hop_event(sip, hop, CW_SIP_ROUTE_BROKEN, -1, "no OPTIONS can be written for it");
    }
}

static void on_timer(void *owner, uint64_t now_ms)
{
    struct cw_sip_hop *const hop = owner;

    if (hop->route.mode == CW_SIP_ROUTE_RESTING && now_ms >= hop->route.rest_until_ms) {
        (void)cw_sip_route_step(&hop->route, CW_SIP_ROUTE_RESTED, -1, now_ms);
    }
    if (!hop->probing && now_ms >= hop->route.probe_at_ms) {
        send_probe(hop->sip, hop);
    } else {
        cw_sip_hop_schedule(hop->sip, hop);
    }
}

void cw_sip_hop_schedule(struct cw_sip *sip, struct cw_sip_hop *hop)
{
    const bool resting = hop->route.mode == CW_SIP_ROUTE_RESTING;
    const bool blind = hop->address_count == 0 && hop->resolving;
    const uint64_t due_ms = resting ? hop->route.rest_until_ms : hop->route.probe_at_ms;

    hop->probe_timer.fire = on_timer;
    hop->probe_timer.owner = hop;
    cw_sip_timer_set(sip, &hop->probe_timer,
                     hop->retired || hop->probing || blind || sip->stopped ? UINT64_MAX : due_ms);
}

void cw_sip_answer_options(struct cw_sip *sip, struct cw_sip_server_transaction *transaction)
{
    struct cw_sip_message answer;

    cw_sip_message_init(&answer);
    if (sip->draining) {
        answer.status = 503;
        answer.retry_after_s = RETRY_S;
    } else {
        answer.status = 200;
        answer.accept = CW_LIT(ACCEPTED);
        answer.allow = CW_LIT(ALLOWED);
        answer.allow_events = CW_LIT("presence");
        answer.supported = CW_LIT("gruu");
    }
    cw_sip_respond(transaction, &answer);
}
