/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include "roster.h"
#include "table.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

struct cw_audit {
    struct cw_gateway *gw;
    uint64_t key[2]; /* of the users' hashes; new with each process */
};

static const char *const DIRECTIONS[CW_DIRECTIONS] = {
    [CW_FROM_XMPP] = "xmpp_to_sip",
    [CW_FROM_SIP] = "sip_to_xmpp",
};

static const char *const KINDS[CW_AUDIT_KINDS] = {
    [CW_AUDIT_MESSAGE] = "message",           [CW_AUDIT_TYPING] = "typing",
    [CW_AUDIT_RECEIPT] = "receipt",           [CW_AUDIT_PRESENCE] = "presence",
    [CW_AUDIT_SUBSCRIPTION] = "subscription", [CW_AUDIT_IQ] = "iq",
};

static const char *const RESULTS[CW_AUDIT_RESULTS] = {
    [CW_AUDIT_OK] = "ok",
    [CW_AUDIT_DENIED] = "denied",
    [CW_AUDIT_UNMAPPABLE] = "unmappable",
    [CW_AUDIT_NO_ROUTE] = "no_route",
    [CW_AUDIT_EXPIRED] = "expired",
    [CW_AUDIT_ERROR] = "error",
};

struct cw_audit *cw_audit_new(struct cw_gateway *gw)
{
    struct cw_audit *audit = calloc(1, sizeof(*audit));

    if (audit == NULL) {
        abort();
    }
    audit->gw = gw;
    cw_clock_random(audit->key, sizeof(audit->key));
    return audit;
}

void cw_audit_free(struct cw_audit **audit)
{
    free(*audit);
    *audit = NULL;
}

static enum cw_log_event event_of(const struct cw_audit_entry *entry)
{
    if (entry->result == CW_AUDIT_DENIED) {
        return CW_EVENT_POLICY_DENIED;
    }
    if (entry->kind != CW_AUDIT_MESSAGE) {
        return CW_EVENT_STANZA_HANDLED;
    }
    return entry->result == CW_AUDIT_OK ? CW_EVENT_MESSAGE_DELIVERED : CW_EVENT_MESSAGE_FAILED;
}

/* SEC-17: only a log that shows debug shows addresses. */
struct cw_bytes cw_audit_user(const struct cw_audit *audit, struct cw_bytes user, char hashed[17])
{
    if (user.base == NULL || cw_log_on(audit->gw->log, CW_EVENT_MESSAGE_DELIVERED)) {
        return user;
    }
    (void)snprintf(hashed, 17, "%016llx", (unsigned long long)cw_table_hash(audit->key, user));
    return (struct cw_bytes){hashed, 16};
}

static struct cw_bytes trace_text(const uint8_t *trace, char text[33])
{
    static const char DIGITS[] = "0123456789abcdef";

    if (trace == NULL) {
        return (struct cw_bytes){0};
    }
    for (size_t i = 0; i < 16; i++) {
        text[2 * i] = DIGITS[trace[i] >> 4];
        text[2 * i + 1] = DIGITS[trace[i] & 15];
    }
    return (struct cw_bytes){text, 32};
}

static void write_line(struct cw_audit *audit, const struct cw_audit_entry *entry)
{
    char local[17];
    char remote[17];
    char trace[33];
    char status[12] = "";
    const bool has_status = entry->status != 0;

    if (has_status) {
        (void)snprintf(status, sizeof(status), "%u", entry->status);
    }
    cw_log_event(audit->gw->log, event_of(entry), "message ended",
                 (const struct cw_log_field[]){
                     {"dir", cw_log_text(DIRECTIONS[entry->direction])},
                     {"kind", cw_log_text(KINDS[entry->kind])},
                     {"result", cw_log_text(RESULTS[entry->result])},
                     {"partner", cw_log_text(entry->partner)},
                     {"local", cw_audit_user(audit, entry->local, local)},
                     {"remote", cw_audit_user(audit, entry->remote, remote)},
                     {"reason", cw_log_text(entry->detail)},
                     {"status", cw_log_text(has_status ? status : NULL)},
                     {"id", entry->id},
                     {"stanza", entry->stanza_id},
                     {"trace", trace_text(entry->trace, trace)},
                 },
                 11);
}

static void move_gauge(struct cw_audit *audit, enum cw_direction direction, const char *partner,
                       enum cw_grant state, double amount)
{
    static const char *const STATES[CW_GRANTS] = {
        [CW_GRANT_ASKED] = "pending",
        [CW_GRANT_GRANTED] = "active",
    };

    if (STATES[state] != NULL) {
        cw_metric_add(
            cw_metrics_child(audit->gw->metrics, CW_METRIC_SUBSCRIPTIONS,
                             (const char *const[]){partner, DIRECTIONS[direction], STATES[state]}),
            amount);
    }
}

static enum cw_log_event event_of_grant(enum cw_grant from, enum cw_grant to)
{
    if (to == CW_GRANT_GRANTED) {
        return CW_EVENT_SUBSCRIPTION_UP;
    }
    return from == CW_GRANT_ASKED ? CW_EVENT_SUBSCRIPTION_REFUSED : CW_EVENT_SUBSCRIPTION_EXPIRED;
}

void cw_audit_grant(struct cw_audit *audit, enum cw_direction direction,
                    const struct cw_contact *contact, enum cw_grant from, enum cw_grant to)
{
    const char *partner = cw_partner_label(
        cw_partners_serving(audit->gw->partners, cw_roster_domain(contact), audit->gw->arena),
        audit->gw->arena);
    const enum cw_log_event event = event_of_grant(from, to);
    char local[17];
    char remote[17];

    if (from == to) {
        return;
    }
    move_gauge(audit, direction, partner, from, -1.0);
    move_gauge(audit, direction, partner, to, 1.0);
    if (to == CW_GRANT_ASKED || from == CW_GRANT_NONE || !cw_log_on(audit->gw->log, event)) {
        return; /* a request, or what a restart found */
    }
    cw_log_event(audit->gw->log, event, "authorization changed",
                 (const struct cw_log_field[]){
                     {"dir", cw_log_text(DIRECTIONS[direction])},
                     {"partner", cw_log_text(partner)},
                     {"local", cw_audit_user(audit, contact->local, local)},
                     {"remote", cw_audit_user(audit, contact->remote, remote)},
                 },
                 4);
}

void cw_audit_body(const struct cw_audit *audit, const struct cw_audit_entry *entry,
                   struct cw_bytes body)
{
    char local[17];
    char remote[17];

    if (!audit->gw->settings->security.log_message_bodies) {
        return;
    }
    CW_LOG(audit->gw->log, MESSAGE_BODY, "a message was written",
           {"dir", cw_log_text(DIRECTIONS[entry->direction])},
           {"local", cw_audit_user(audit, entry->local, local)},
           {"remote", cw_audit_user(audit, entry->remote, remote)}, {"id", entry->id},
           {"body", body});
}

void cw_audit_write(struct cw_audit *audit, const struct cw_audit_entry *entry)
{
    struct cw_metrics *metrics = audit->gw->metrics;
    const char *direction = DIRECTIONS[entry->direction];
    const char *kind = KINDS[entry->kind];
    const char *partner = entry->partner != NULL ? entry->partner : "_unlisted";

    if (cw_log_on(audit->gw->log, event_of(entry))) {
        write_line(audit, entry);
    }
    if (entry->kind == CW_AUDIT_IQ) {
        return; /* not a unit of the catalogue: answered, never translated */
    }
    CW_METRIC_INC(metrics, TRANSLATIONS_TOTAL, partner, direction, kind, RESULTS[entry->result]);
    if (entry->undelivered != NULL) {
        CW_METRIC_INC(metrics, UNDELIVERED_TOTAL, partner, direction, kind, entry->undelivered);
    }
    if (entry->received_ms != 0) {
        cw_metric_observe(cw_metrics_child(metrics, CW_METRIC_DELIVERY_DURATION_SECONDS,
                                           (const char *const[]){direction, kind}),
                          (double)(cw_clock_now_ms() - entry->received_ms) / 1000.0);
    }
}
