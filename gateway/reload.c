/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Reload: read all, check all, then swap; with an error the old configuration stays in force.
 * Partners, users, security, routes, timings and the log level change at once; what a socket or a
 * link was made of waits for a restart, and the answer says so.
 */

#include "force.h"
#include "process.h"
#include "settings_read.h"

#include <causeway/clock.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_texts(const struct cw_texts *a, const struct cw_texts *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool same_tls(const struct cw_gateway_tls *a, const struct cw_gateway_tls *b)
{
    return same_text(a->certificate, b->certificate) && same_text(a->key, b->key) &&
           same_text(a->ca, b->ca) &&
           a->require_client_certificate == b->require_client_certificate;
}

struct waiting {
    char keys[64];
    size_t len;
};

static void wait_unless(bool same, const char *key, struct waiting *waiting)
{
    if (!same) {
        const int written = snprintf(waiting->keys + waiting->len,
                                     sizeof(waiting->keys) - waiting->len, " %s", key);

        waiting->len += written > 0 ? (size_t)written : 0;
    }
}

/* The mappings that only a restart puts in force and that differ. */
static struct waiting waiting_keys(const struct cw_gateway_settings *old,
                                   const struct cw_gateway_settings *new)
{
    struct waiting waiting = {.len = 0};

    wait_unless(same_text(old->node.name, new->node.name) &&
                    same_text(old->node.pool, new->node.pool) &&
                    same_text(old->node.state_dir, new->node.state_dir),
                "node", &waiting);
    wait_unless(same_texts(&old->sip.listen, &new->sip.listen) &&
                    same_text(old->sip.advertise, new->sip.advertise) &&
                    same_tls(&old->sip.tls, &new->sip.tls),
                "sip", &waiting);
    wait_unless(same_texts(&old->edge.connect, &new->edge.connect) &&
                    same_texts(&old->edge.peer_names, &new->edge.peer_names) &&
                    same_tls(&old->edge.tls, &new->edge.tls),
                "edge", &waiting);
    wait_unless(same_text(old->admin.socket, new->admin.socket) &&
                    same_text(old->admin.listen, new->admin.listen),
                "admin", &waiting);
    return waiting;
}

static void append_first(char **report, const char *text)
{
    *report = malloc(strlen(text) + 2);
    if (*report == NULL) {
        abort();
    }
    (void)snprintf(*report, strlen(text) + 2, "%s\n", text);
}

/* `*report` with one more line at its end. */
static void append(char **report, const char *before, const char *text)
{
    const size_t room = strlen(*report) + strlen(before) + strlen(text) + 2;
    char *const longer = malloc(room);

    if (longer == NULL) {
        abort();
    }
    (void)snprintf(longer, room, "%s%s%s\n", *report, before, text);
    free(*report);
    *report = longer;
}

static void note_waiting(struct cw_process *p, const struct waiting *waiting, char **report)
{
    if (waiting->len == 0) {
        return;
    }
    append(report, "a restart is needed for:", waiting->keys);
    CW_LOG(p->gw.log, CONFIG_NEEDS_RESTART, "some keys wait for a restart",
           {"keys", cw_log_text(waiting->keys + 1)});
}

/* The document in force, judged by the new settings: a file may now name a domain of it, or the
 * floor leave it nothing. */
static enum cw_err judge_document(const struct cw_process *p,
                                  const struct cw_gateway_settings *settings,
                                  struct cw_policy_document **document, char **report)
{
    json_t *findings;
    enum cw_err err = cw_policy_document_read(settings, p->document->json, &findings, document);
    char *const text = cw_policy_findings_text(findings);

    if (text[0] != '\0') {
        text[strlen(text) - 1] = '\0'; /* the line's end comes with the next */
        append(report, "", text);
    }
    free(text);
    json_decref(findings);
    if (err == CW_OK && cw_force_fits(settings, *document) != CW_OK) {
        append(report, "error: E126 ",
               "all partners together do not fit into one frame of the link");
        cw_policy_document_free(document);
        err = CW_ERR_CONFIG;
    }
    return err;
}

static enum cw_err read_all(const struct cw_process *p, char **report,
                            struct cw_gateway_settings **settings,
                            struct cw_policy_document **document)
{
    CW_TRY(cw_gateway_settings_read(p->config, p->strict, report, settings));
    if (judge_document(p, *settings, document, report) != CW_OK) {
        append(report, "", "nothing was changed");
        cw_gateway_settings_free(settings);
        return CW_ERR_CONFIG;
    }
    return CW_OK;
}

static enum cw_err reload(struct cw_process *p, char **report)
{
    struct cw_gateway_settings *settings;
    struct cw_policy_document *document;
    struct waiting waiting;

    CW_TRY(read_all(p, report, &settings, &document));
    if (cw_sip_set_routes(p->gw.sip, settings->sip_routes, settings->sip_route_count) != CW_OK) {
        append(report, "error: sip.routes cannot be put in force; ", "nothing was changed");
        cw_policy_document_free(&document);
        cw_gateway_settings_free(&settings);
        return CW_ERR_CONFIG;
    }
    waiting = waiting_keys(p->boot_settings, settings);
    note_waiting(p, &waiting, report);
    cw_force(p, settings, document);
    return CW_OK;
}

enum cw_err cw_process_reload(struct cw_process *process, const char *trigger, char **report)
{
    enum cw_err err;

    if (process->committing) { /* it was judged by the settings that are in force */
        process->reload_due = true;
        *report = NULL;
        append_first(report, "a commit is under way; the reload follows it");
        return CW_ERR_BUSY;
    }
    err = reload(process, report);

    CW_METRIC_INC(process->gw.metrics, CONFIG_RELOADS_TOTAL, trigger,
                  err == CW_OK ? "ok" : "error");
    CW_METRIC_SET(process->gw.metrics, CONFIG_LAST_RELOAD_SUCCESSFUL, err == CW_OK ? 1.0 : 0.0,
                  NULL);
    if (err == CW_OK) {
        CW_METRIC_SET(process->gw.metrics, CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS,
                      (double)cw_clock_wall_ms() / 1000.0, NULL);
        CW_LOG(process->gw.log, CONFIG_LOADED, "configuration is in force",
               {"file", cw_log_text(process->config)}, {"trigger", cw_log_text(trigger)});
    } else {
        CW_LOG(process->gw.log, CONFIG_REJECTED, "configuration has errors; nothing was changed",
               {"file", cw_log_text(process->config)}, {"trigger", cw_log_text(trigger)});
    }
    return err;
}
