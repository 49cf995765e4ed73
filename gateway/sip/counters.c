/* SPDX-License-Identifier: Apache-2.0 */
#include "endpoint.h"
#include "message_write.h"

#include <stdio.h>

static const char *const directions[2] = {"in", "out"};
static const char *const transports[CW_SIP_TRANSPORTS] = {"udp", "tcp", "tls"};

void cw_sip_count_request(struct cw_sip *sip, bool out, enum cw_sip_method method,
                          enum cw_sip_transport transport)
{
    struct cw_metric_child **const child = &sip->requests[out ? 1 : 0][method][transport];

    if (sip->metrics == NULL) {
        return;
    }
    if (*child == NULL) {
        const char *const labels[] = {directions[out ? 1 : 0], cw_sip_method_name(method),
                                      transports[transport]};

        *child = cw_metrics_child(sip->metrics, CW_METRIC_SIP_REQUESTS_TOTAL, labels);
    }
    cw_metric_add(*child, 1.0);
}

void cw_sip_count_response(struct cw_sip *sip, bool out, enum cw_sip_method method, unsigned status)
{
    if (sip->metrics == NULL || status >= 700) {
        return;
    }
    struct cw_metric_child **const child = &sip->responses[out ? 1 : 0][method][status];
    if (*child == NULL) {
        char code[8];

        (void)snprintf(code, sizeof(code), "%u", status);
        const char *const labels[] = {directions[out ? 1 : 0], cw_sip_method_name(method), code};
        *child = cw_metrics_child(sip->metrics, CW_METRIC_SIP_RESPONSES_TOTAL, labels);
    }
    cw_metric_add(*child, 1.0);
}

void cw_sip_count_transactions(struct cw_sip *sip)
{
    if (sip->metrics == NULL) {
        return;
    }
    if (sip->transactions[0] == NULL) {
        const char *const client[] = {"client"};
        const char *const server[] = {"server"};

        sip->transactions[0] = cw_metrics_child(sip->metrics, CW_METRIC_SIP_TRANSACTIONS, client);
        sip->transactions[1] = cw_metrics_child(sip->metrics, CW_METRIC_SIP_TRANSACTIONS, server);
    }
    cw_metric_set(sip->transactions[0], (double)sip->clients.count);
    cw_metric_set(sip->transactions[1], (double)sip->servers.count);
}
