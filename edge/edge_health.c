/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_health.h"

#include <causeway/notify.h>

#include <stdio.h>

#define LINK_GRACE_MS 30000u /* without a gateway, before the edge is not ready */
#define STATUS_SIZE   96u

static const char *phase_word(enum cw_edge_phase phase)
{
    static const char *const words[] = {[CW_EDGE_SERVING] = "serving",
                                        [CW_EDGE_DRAINING] = "draining",
                                        [CW_EDGE_LEAVING] = "closing streams",
                                        [CW_EDGE_ENDED] = "ended"};

    return words[phase];
}

bool cw_edge_checks(const struct cw_edge *edge, struct cw_edge_check_result results[CW_EDGE_CHECKS])
{
    const bool serving = edge->phase == CW_EDGE_SERVING;
    const bool policy = cw_permits_table_document(edge->shell.permits)->own_count > 0;
    const bool linked = cw_gateway_link_away_ms(edge->gateways) < LINK_GRACE_MS;

    results[0] = (struct cw_edge_check_result){"config", true, NULL};
    results[1] = (struct cw_edge_check_result){"listening", serving,
                                               serving ? NULL : phase_word(edge->phase)};
    results[2] = (struct cw_edge_check_result){"policy", policy,
                                               policy ? NULL : "no gateway has sent permits"};
    results[3] =
        (struct cw_edge_check_result){"link", linked, linked ? NULL : "no gateway for 30 s"};
    return serving && policy && linked;
}

static void note_status(struct cw_edge *edge)
{
    char status[STATUS_SIZE];

    (void)snprintf(status, sizeof(status), "%s, %zu links, %zu streams", phase_word(edge->phase),
                   cw_gateway_link_count(edge->gateways), cw_streams_count(edge->streams));
    if (!edge->was_ready && edge->ready) {
        edge->was_ready = true;
        cw_log_event(edge->shell.log, CW_EVENT_NODE_READY, "serving", NULL, 0);
    }
    (void)cw_notify_status(status);
}

void cw_edge_note_ready(struct cw_edge *edge)
{
    struct cw_edge_check_result results[CW_EDGE_CHECKS];
    const bool ready = cw_edge_checks(edge, results);

    if (ready != edge->ready) {
        edge->ready = ready;
        CW_METRIC_SET(edge->shell.metrics, READY, ready ? 1.0 : 0.0, NULL);
        note_status(edge);
    }
}
