/* SPDX-License-Identifier: Apache-2.0 */
#include "restraint.h"

#include "audit.h"
#include "loop.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const SCOPES[CW_QUARANTINE_SCOPES] = {"user", "partner"};

struct cw_restraint {
    struct cw_gateway *gw;
    struct cw_quota *quota;
    struct cw_quarantine *quarantine;
    struct cw_alarm end; /* of the next quarantine */
};

/* What has to be done after every change: the next end, and the gauge. */
static void settle(struct cw_restraint *restraint)
{
    struct cw_gateway *const gw = restraint->gw;
    const uint64_t next_ms = cw_quarantine_next_ms(restraint->quarantine);

    cw_loop_clear(gw->timers, &restraint->end);
    if (next_ms != UINT64_MAX) {
        cw_loop_set(gw->timers, &restraint->end, next_ms);
    }
    for (size_t i = 0; i < CW_QUARANTINE_SCOPES; i++) {
        CW_METRIC_SET(
            gw->metrics, QUARANTINED,
            (double)cw_quarantine_count(restraint->quarantine, (enum cw_quarantine_scope)i),
            SCOPES[i]);
    }
}

/* A domain is the operator's own word; a user is shown as the log shows users. */
static struct cw_bytes named(const struct cw_gateway *gw, const struct cw_quarantine_row *row,
                             char hashed[17])
{
    return row->scope == CW_QUARANTINE_PARTNER ? row->who
                                               : cw_audit_user(gw->audit, row->who, hashed);
}

static void log_end(const struct cw_gateway *gw, const struct cw_quarantine_row *row,
                    const char *why)
{
    char hashed[17];

    CW_LOG(gw->log, QUARANTINE_END, "a quarantine is over",
           {"scope", cw_log_text(SCOPES[row->scope])}, {"who", named(gw, row, hashed)},
           {"reason", cw_log_text(why)});
}

static void on_end(struct cw_alarm *alarm, void *user)
{
    struct cw_restraint *const restraint = user;
    struct cw_quarantine_row row;

    (void)alarm;
    while (cw_quarantine_end(restraint->quarantine, cw_clock_now_ms(), &row)) {
        log_end(restraint->gw, &row, "time");
    }
    settle(restraint);
}

struct cw_restraint *cw_restraint_new(struct cw_gateway *gw, const uint64_t key[2])
{
    struct cw_restraint *const restraint = calloc(1, sizeof(*restraint));

    if (restraint == NULL) {
        abort();
    }
    restraint->gw = gw;
    restraint->quota = cw_quota_new(key);
    restraint->quarantine = cw_quarantine_new(key);
    restraint->end = (struct cw_alarm){.ring = on_end, .user = restraint};
    return restraint;
}

void cw_restraint_free(struct cw_restraint **restraint)
{
    if (*restraint != NULL) {
        cw_loop_clear((*restraint)->gw->timers, &(*restraint)->end);
        cw_quota_free(&(*restraint)->quota);
        cw_quarantine_free(&(*restraint)->quarantine);
        free(*restraint);
        *restraint = NULL;
    }
}

bool cw_restraint_holds(const struct cw_restraint *restraint, const struct cw_quota_ask *ask)
{
    const uint64_t now_ms = cw_clock_now_ms();

    if (!restraint->gw->settings->limits.quarantine || ask->request == CW_REQUEST_CANCEL ||
        !cw_quota_is_public(ask->partner)) {
        return false;
    }
    return cw_quarantine_holds(restraint->quarantine, ask->remote, now_ms) ||
           (!ask->invited &&
            cw_quarantine_holds(restraint->quarantine, ask->partner->domain, now_ms));
}

static void blame(struct cw_restraint *restraint, enum cw_quarantine_scope scope,
                  struct cw_bytes who, const char *kind)
{
    const struct cw_gateway *const gw = restraint->gw;
    struct cw_quarantine_row row;
    char hashed[17];
    char seconds[24];

    if (!gw->settings->limits.quarantine ||
        !cw_quarantine_blame(restraint->quarantine, scope, who, cw_clock_now_ms(), &row)) {
        return;
    }
    (void)snprintf(seconds, sizeof(seconds), "%llu",
                   (unsigned long long)(row.until_ms - row.since_ms) / 1000);
    CW_LOG(gw->log, QUARANTINE_BEGIN,
           "refused again and again: nothing from it is taken for a while; "
           "see: causewayctl quarantine list",
           {"scope", cw_log_text(SCOPES[scope])}, {"who", named(gw, &row, hashed)},
           {"kind", cw_log_text(kind)}, {"seconds", cw_log_text(seconds)});
    settle(restraint);
}

bool cw_restraint_take(struct cw_restraint *restraint, const struct cw_quota_ask *ask)
{
    struct cw_gateway *const gw = restraint->gw;
    const enum cw_quota_kind kind =
        cw_quota_take(restraint->quota, gw->roster, ask, cw_clock_now_ms());

    if (kind == CW_QUOTA_NONE) {
        return true;
    }
    CW_METRIC_INC(gw->metrics, RATE_LIMITED_TOTAL, cw_partner_label(ask->partner, gw->arena),
                  cw_quota_label(kind));
    if (cw_quota_is_public(ask->partner)) {
        if (cw_quota_is_own(kind)) {
            blame(restraint, CW_QUARANTINE_USER, ask->remote, cw_quota_label(kind));
        }
        blame(restraint, CW_QUARANTINE_PARTNER, ask->partner->domain, cw_quota_label(kind));
    }
    return false;
}

void cw_restraint_blame(struct cw_restraint *restraint, const struct cw_partner *partner)
{
    blame(restraint, CW_QUARANTINE_PARTNER, partner->domain, "not_invited");
}

bool cw_restraint_may_tell(struct cw_restraint *restraint, struct cw_bytes remote,
                           const struct cw_partner *partner)
{
    const uint64_t now_ms = cw_clock_now_ms();

    return cw_quarantine_may_tell(
        restraint->quarantine,
        cw_quarantine_holds(restraint->quarantine, remote, now_ms) ? remote : partner->domain,
        now_ms);
}

bool cw_restraint_release(struct cw_restraint *restraint, struct cw_bytes who)
{
    const struct cw_quarantine_row row = {
        .who = who,
        .scope =
            memchr(who.base, '@', who.len) != NULL ? CW_QUARANTINE_USER : CW_QUARANTINE_PARTNER,
    };

    if (!cw_quarantine_release(restraint->quarantine, who, cw_clock_now_ms())) {
        return false;
    }
    log_end(restraint->gw, &row, "operator");
    settle(restraint);
    return true;
}

void cw_restraint_visit(const struct cw_restraint *restraint, cw_quarantine_visit_fn *visit,
                        void *user)
{
    cw_quarantine_visit(restraint->quarantine, visit, user);
}
