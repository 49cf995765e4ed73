/* SPDX-License-Identifier: Apache-2.0 */
#include "edge_reload.h"

#include "edge_wiring.h"
#include "settings_read.h"

#include <causeway/clock.h>

#include <stdlib.h>

static void put_in_force(struct cw_edge *edge, struct cw_edge_settings *settings,
                         struct cw_certificates *certificates)
{
    const struct cw_outbox_limits limits = cw_edge_outbox_limits(settings);
    const char *const waits = cw_edge_settings_needs_restart(edge->boot, settings);

    if (waits != NULL) {
        CW_LOG(edge->shell.log, CONFIG_NEEDS_RESTART, "a changed key waits for a restart",
               {"key", cw_log_text(waits)});
    }
    cw_certificates_free(&edge->certificates);
    if (edge->settings != edge->boot) {
        cw_edge_settings_free(&edge->settings);
    }
    edge->settings = settings;
    edge->certificates = certificates;
    cw_edge_set_environment(edge);
    cw_sender_limit(edge->sender, &limits);
    cw_listener_limit(edge->listener, (size_t)settings->limits.connections,
                      (size_t)settings->limits.connections_per_address);
    cw_log_set_level(edge->shell.log, (enum cw_log_level)settings->log.level);
    cw_certificates_note(edge->certificates, edge->shell.metrics);
}

/* The first finding, without the line and caret that follow it. */
static struct cw_bytes first_line(const char *report)
{
    return (struct cw_bytes){report, strcspn(report, "\n")};
}

enum cw_err cw_edge_reload(struct cw_edge *edge, const char *trigger)
{
    struct cw_edge_settings *settings = NULL;
    struct cw_certificates *certificates = NULL;
    char *report = NULL;
    const char *problem = NULL;
    enum cw_err err =
        cw_edge_settings_read(edge->config, CW_EDGE_CHECK_ALL, edge->strict, &report, &settings);

    if (err == CW_OK) {
        err = cw_certificates_new(settings, &edge->certificates, &certificates, &problem);
    }
    CW_METRIC_INC(edge->shell.metrics, CONFIG_RELOADS_TOTAL, trigger,
                  err == CW_OK ? "ok" : "error");
    CW_METRIC_SET(edge->shell.metrics, CONFIG_LAST_RELOAD_SUCCESSFUL, err == CW_OK ? 1.0 : 0.0,
                  NULL);
    if (err != CW_OK) {
        CW_LOG(edge->shell.log, CONFIG_REJECTED, "the new configuration is rejected",
               {"reason", report[0] != '\0' ? first_line(report) : cw_log_text(problem)});
        free(report);
        cw_edge_settings_free(&settings);
        return CW_ERR_CONFIG;
    }
    free(report);
    put_in_force(edge, settings, certificates);
    CW_METRIC_SET(edge->shell.metrics, CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS,
                  (double)cw_clock_wall_ms() / 1000.0, NULL);
    cw_log_event(edge->shell.log, CW_EVENT_CONFIG_LOADED, "configuration is in force", NULL, 0);
    cw_log_event(edge->shell.log, CW_EVENT_TLS_RELOADED,
                 "certificates are in force for new streams", NULL, 0);
    return CW_OK;
}
