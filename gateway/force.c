/* SPDX-License-Identifier: Apache-2.0 */
#include "force.h"

#include "flow.h"
#include "permits.h"

#include <causeway/clock.h>
#include <causeway/frame.h>

#include <stdlib.h>

/* Partners of the files and of the document; no domain is in both (E122). */
static struct cw_partners *put_together(const struct cw_gateway_settings *settings,
                                        const struct cw_policy_document *document)
{
    const size_t count = settings->partner_count + document->partner_count;
    struct cw_partner *const all = calloc(count + 1, sizeof(*all));
    struct cw_partners *partners;

    if (all == NULL) {
        abort();
    }
    for (size_t i = 0; i < settings->partner_count; i++) {
        all[i] = settings->partner_list[i];
    }
    for (size_t i = 0; i < document->partner_count; i++) {
        all[settings->partner_count + i] = document->partners[i];
    }
    partners = cw_partners_new(all, count);
    free(all);
    return partners;
}

static const struct cw_access *access_of(const struct cw_gateway_settings *settings,
                                         const struct cw_policy_document *document)
{
    return document->access != NULL ? document->access : settings->access;
}

/* It never stands still and never goes back, also over restarts: edges and metrics compare it. */
static uint64_t next_revision(uint64_t last)
{
    const uint64_t wall_ms = (uint64_t)cw_clock_wall_ms();

    return wall_ms > last ? wall_ms : last + 1;
}

static void note(const struct cw_process *p)
{
    CW_METRIC_SET(p->gw.metrics, CONFIG_REVISION, (double)p->gw.revision, NULL);
    CW_METRIC_SET(p->gw.metrics, POLICY_REVISION, (double)p->head.revision, NULL);
}

void cw_force_first(struct cw_process *process, struct cw_policy_document *document)
{
    struct cw_gateway *const gw = &process->gw;

    process->document = document;
    gw->partners = put_together(gw->settings, document);
    gw->access = access_of(gw->settings, document);
    gw->revision = next_revision(0);
    note(process);
}

void cw_force(struct cw_process *process, struct cw_gateway_settings *settings,
              struct cw_policy_document *document)
{
    struct cw_gateway *const gw = &process->gw;
    struct cw_gateway_settings *old_settings = gw->settings;
    struct cw_policy_document *old_document = process->document;
    struct cw_partners *old_partners = gw->partners;

    gw->settings = settings;
    process->document = document;
    gw->partners = put_together(settings, document);
    gw->access = access_of(settings, document);
    gw->revision = next_revision(gw->revision);
    cw_log_set_level(gw->log, (enum cw_log_level)settings->log.level);
    note(process);
    cw_flow_policy_changed(gw);
    cw_partners_free(&old_partners);
    if (old_document != document) {
        cw_policy_document_free(&old_document);
    }
    if (old_settings != settings && old_settings != process->boot_settings) {
        cw_gateway_settings_free(&old_settings);
    }
}

enum cw_err cw_force_fits(const struct cw_gateway_settings *settings,
                          const struct cw_policy_document *document)
{
    struct cw_arena *arena = cw_arena_new((size_t)8 * CW_FRAME_MAX_PAYLOAD);
    struct cw_partners *partners = put_together(settings, document);
    const enum cw_err err = cw_permits_fit(settings, partners, arena);

    cw_partners_free(&partners);
    cw_arena_free(&arena);
    return err;
}
