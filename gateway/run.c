/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include "admin.h"
#include "commit.h"
#include "edge_pool.h"
#include "flow.h"
#include "force.h"
#include "outbound.h"
#include "process.h"
#include "settings_read.h"

#include <causeway/clock.h>
#include <causeway/daemon.h>
#include <causeway/loop_lag.h>
#include <causeway/notify.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* Most memory that one message may take while it is in hand: the largest stanza, its tree, and what
 * is written of it. */
#define MESSAGE_ARENA_LIMIT ((size_t)4 * 1024 * 1024)
#define TICK_MS             100

static enum cw_log_level level_of(const struct cw_gateway_settings *settings)
{
    return (enum cw_log_level)settings->log.level;
}

static int refuse(struct cw_process *p, int code, const char *what, const char *problem)
{
    CW_LOG(p->gw.log, CONFIG_REJECTED, what, {"problem", cw_log_text(problem)});
    (void)fprintf(stderr, "causeway-gateway: %s: %s\n", what, problem);
    return code;
}

static enum cw_err make_tls(const struct cw_gateway_tls *tls, bool server, bool link,
                            struct cw_tls **out, const char **problem)
{
    const struct cw_tls_settings settings = {
        .certificate = tls->certificate,
        .key = tls->key,
        .ca = tls->ca,
        .alpn = link ? "causeway-link/1" : NULL,
        .verify =
            !server || tls->require_client_certificate ? CW_TLS_VERIFY_REQUIRE : CW_TLS_VERIFY_ASK,
        .tls13_only = link,
        .server = server,
    };

    return cw_tls_new(&settings, out, problem);
}

static enum cw_err open_credentials(struct cw_process *p, const char **problem)
{
    const struct cw_gateway_settings *const s = p->gw.settings;

    CW_TRY(make_tls(&s->edge.tls, false, true, &p->link_tls, problem));
    if (s->sip.tls.certificate != NULL) {
        CW_TRY(make_tls(&s->sip.tls, true, false, &p->sip_server_tls, problem));
        CW_TRY(make_tls(&s->sip.tls, false, false, &p->sip_client_tls, problem));
    }
    return CW_OK;
}

static enum cw_err open_store(struct cw_process *p, const char **problem)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/causeway.db", p->gw.settings->node.state_dir);
    return cw_store_open(p->gw.loop, path, p->gw.log, p->gw.metrics, &p->gw.store, problem);
}

static enum cw_err start_sip(struct cw_process *p, const char **problem)
{
    const struct cw_gateway_settings *const s = p->gw.settings;
    const struct cw_sip_settings settings = {
        .listen = s->sip_listen,
        .listen_count = s->sip_listen_count,
        .routes = s->sip_routes,
        .route_count = s->sip_route_count,
        .advertise = s->sip.advertise[0] == '\0' ? NULL : s->sip.advertise,
        .tls_server = p->sip_server_tls,
        .tls_client = p->sip_client_tls,
        .t1_ms = (uint32_t)s->sip.t1_ms,
        .options_interval_ms = (uint32_t)s->sip.options_interval_ms,
        .max_message_size = (size_t)s->sip.max_message_size,
        .path_congestion_safe = s->sip.path_congestion_safe,
        .log = p->gw.log,
        .metrics = p->gw.metrics,
    };

    return cw_sip_start(p->gw.loop, &settings, cw_outbound_request, &p->gw, &p->gw.sip, problem);
}

static void note_readiness(struct cw_process *p)
{
    struct cw_ready_check checks[CW_READY_CHECKS];
    const bool ready = cw_process_ready(p, checks);

    if (ready == p->is_ready) {
        return;
    }
    p->is_ready = ready;
    CW_METRIC_SET(p->gw.metrics, READY, ready ? 1.0 : 0.0, NULL);
    if (ready && !p->was_ready) {
        p->was_ready = true;
        (void)cw_notify_ready("linked to an edge and to a SIP route");
        CW_LOG(p->gw.log, NODE_READY, "ready", {"role", CW_LIT("gateway")});
    }
    (void)cw_notify_status(ready ? "ready" : "not ready: see /readyz?verbose");
}

static void end_drain(struct cw_process *p)
{
    if (cw_flow_pending(&p->gw) == 0 || cw_clock_now_ms() >= p->drain_deadline_ms) {
        uv_stop(p->gw.loop);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct cw_process *const p = timer->data;

    note_readiness(p);
    cw_edge_pool_watch_lag(p->gw.edges);
    if (p->drain_deadline_ms != 0) {
        end_drain(p);
    }
}

static void start_tick(struct cw_process *p)
{
    p->tick = calloc(1, sizeof(*p->tick));
    if (p->tick == NULL) {
        abort();
    }
    (void)uv_timer_init(p->gw.loop, p->tick);
    p->tick->data = p;
    (void)uv_timer_start(p->tick, on_tick, 0, TICK_MS);
}

static void on_reload_signal(void *user)
{
    char *report = NULL;

    if (cw_process_reload(user, "signal", &report) != CW_OK) {
        (void)fputs(report, stderr);
    }
    free(report);
}

static void on_stop_signal(void *user)
{
    cw_process_drain(user);
}

static const struct cw_daemon_events SIGNALS = {on_reload_signal, on_stop_signal};

/* What was committed must go with what the files say now. */
static int resume_policy(struct cw_process *p)
{
    char *findings = NULL;
    const enum cw_err err = cw_commit_resume(p, &findings);
    int code = CW_EXIT_OK;

    if (err == CW_ERR_CONFIG) {
        code = refuse(p, CW_EXIT_CONFIG, "the policy in the store does not go with the files",
                      findings != NULL ? findings : "");
    } else if (err != CW_OK) {
        code = refuse(p, CW_EXIT_FAILED, "the policy cannot be read from the store", "see the log");
    } else if (cw_force_fits(p->gw.settings, p->document) != CW_OK) {
        code = refuse(p, CW_EXIT_CONFIG, "there are too many partners",
                      "E126: all together do not fit into one frame of the link");
    }
    free(findings);
    return code;
}

static int start(struct cw_process *p)
{
    const char *problem = "";
    int code;

    if (open_credentials(p, &problem) != CW_OK) {
        return refuse(p, CW_EXIT_CREDENTIALS, "a certificate or key cannot be used", problem);
    }
    if (open_store(p, &problem) != CW_OK) {
        return refuse(p, CW_EXIT_FAILED, "the store cannot be opened", problem);
    }
    code = resume_policy(p);
    if (code != CW_EXIT_OK) {
        return code;
    }
    if (cw_flow_new(&p->gw, p->link_tls) != CW_OK) {
        return refuse(p, CW_EXIT_FAILED, "the store cannot be read", "see the log");
    }
    if (start_sip(p, &problem) != CW_OK) {
        return refuse(p, CW_EXIT_FAILED, "the SIP side cannot start", problem);
    }
    if (cw_admin_start(p, &problem) != CW_OK) {
        return refuse(p, CW_EXIT_FAILED, "the admin surface cannot start", problem);
    }
    cw_flow_start(&p->gw);
    p->lag = cw_loop_lag_start(p->gw.loop, p->gw.metrics, "0");
    p->daemon = cw_daemon_start(p->gw.loop, &SIGNALS, p);
    start_tick(p);
    return CW_EXIT_OK;
}

static void on_handle_closed(uv_handle_t *handle)
{
    free(handle);
}

static void end(struct cw_process *p)
{
    if (p->tick != NULL) {
        uv_close((uv_handle_t *)p->tick, on_handle_closed);
    }
    cw_daemon_stop(&p->daemon);
    cw_loop_lag_stop(&p->lag);
    cw_http_stop(&p->http);
    if (p->gw.sip != NULL) {
        cw_sip_stop(&p->gw.sip);
    }
    if (p->gw.roster != NULL) {
        cw_flow_free(&p->gw);
    }
    cw_store_close(&p->gw.store);
    cw_tls_free(&p->link_tls);
    cw_tls_free(&p->sip_server_tls);
    cw_tls_free(&p->sip_client_tls);
    (void)uv_run(p->gw.loop, UV_RUN_DEFAULT); /* what is closing finishes */
}

static void free_documents(struct cw_process *p)
{
    if (p->boot_settings != p->gw.settings) {
        cw_gateway_settings_free(&p->boot_settings);
    }
    cw_gateway_settings_free(&p->gw.settings);
    cw_partners_free(&p->gw.partners);
    cw_policy_document_free(&p->document);
    cw_arena_free(&p->gw.arena);
    cw_metrics_free(&p->gw.metrics);
    cw_log_free(&p->gw.log);
}

static void note_settings(struct cw_process *p)
{
    CW_METRIC_SET(p->gw.metrics, CONFIG_LAST_RELOAD_SUCCESSFUL, 1.0, NULL);
    CW_METRIC_SET(p->gw.metrics, CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS,
                  (double)cw_clock_wall_ms() / 1000.0, NULL);
    CW_LOG(p->gw.log, CONFIG_LOADED, "configuration is in force", {"file", cw_log_text(p->config)});
}

static void make_documents(struct cw_process *p)
{
    struct cw_gateway *const gw = &p->gw;

    p->boot_settings = gw->settings;
    p->started_ms = cw_clock_now_ms();
    gw->arena = cw_arena_new(MESSAGE_ARENA_LIMIT);
    gw->metrics = cw_metrics_new("gateway");
    gw->log = cw_log_new((enum cw_log_format)gw->settings->log.format, level_of(gw->settings),
                         gw->settings->node.name);
    cw_metrics_set_log(gw->metrics, gw->log);
    CW_LOG(gw->log, NODE_START, "starting", {"version", cw_log_text(CAUSEWAY_VERSION)});
    note_settings(p);
}

int cw_run(const char *config, bool strict)
{
    struct cw_process process = {.config = config, .strict = strict};
    uv_loop_t loop;
    char *report = NULL;
    int code;

    if (cw_gateway_settings_read(config, strict, &report, &process.gw.settings) != CW_OK) {
        (void)fputs(report, stderr);
        free(report);
        return CW_EXIT_CONFIG;
    }
    (void)fputs(report, stderr); /* warnings */
    free(report);
    if (uv_loop_init(&loop) != 0) {
        abort();
    }
    process.gw.loop = &loop;
    make_documents(&process);
    code = start(&process);
    if (code == CW_EXIT_OK) {
        (void)uv_run(&loop, UV_RUN_DEFAULT);
        CW_LOG(process.gw.log, NODE_STOP, "stopping", {"version", cw_log_text(CAUSEWAY_VERSION)});
    }
    end(&process);
    free_documents(&process);
    (void)uv_loop_close(&loop);
    return code;
}
