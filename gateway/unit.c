/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "admission.h"
#include "bounce.h"
#include "loop.h"
#include "policy.h"
#include "reply.h"
#include "report.h"
#include "roster.h"

#include <causeway/address.h>
#include <causeway/clock.h>
#include <causeway/error_map.h>
#include <stdlib.h>

bool cw_unit_is_mark(const struct cw_unit *unit)
{
    return unit->mark.request_uri.base != NULL;
}

void cw_unit_end(struct cw_unit *unit, enum cw_audit_result result, unsigned status,
                 const char *detail, const char *undelivered)
{
    if (cw_unit_is_mark(unit)) {
        return;
    }
    cw_audit_write(unit->gw->audit, &(struct cw_audit_entry){
                                        .direction = unit->direction,
                                        .kind = CW_AUDIT_MESSAGE,
                                        .result = result,
                                        .partner = unit->partner.base,
                                        .local = unit->local,
                                        .remote = unit->remote,
                                        .id = unit->id,
                                        .stanza_id = unit->stanza_id,
                                        .trace = unit->trace,
                                        .status = status,
                                        .detail = detail,
                                        .undelivered = undelivered,
                                        .received_ms = unit->received_ms,
                                    });
}

void cw_unit_answer(struct cw_unit *unit, unsigned status)
{
    if (unit->transaction != NULL) {
        cw_loop_clear(unit->gw->timers, &unit->hold);
        cw_reply(unit->gw, unit->transaction, status);
        unit->transaction = NULL;
    }
}

static const char *undelivered_of(unsigned status)
{
    if (status == 408) {
        return "sip_timeout";
    }
    if (status >= 600) {
        return "sip_6xx";
    }
    return status >= 500 ? "sip_5xx" : "sip_4xx";
}

static struct cw_decision decide_again(const struct cw_unit *unit)
{
    const struct cw_admission ask = {
        .direction = unit->direction,
        .request = CW_REQUEST_MESSAGE,
        .local = unit->local,
        .remote = unit->remote,
        .remote_domain = cw_roster_domain_of(unit->remote),
    };

    return cw_admission_peek(unit->gw, &ask).decision;
}

enum cw_err cw_unit_admit(const struct cw_unit *unit)
{
    return decide_again(unit).verdict == CW_VERDICT_ALLOW ? CW_OK : CW_ERR_REFUSED;
}

void cw_unit_deny(struct cw_unit *unit)
{
    struct cw_stanza in;

    if (cw_stanza_read(unit->xml, unit->gw->arena, &in) == CW_OK) {
        cw_bounce_unknown(unit->gw->bounce, &in);
    }
    cw_unit_end(unit, CW_AUDIT_DENIED, 0, cw_reason_label(decide_again(unit).reason), NULL);
}

/* Where the user can be reached instead, as an address of the other network; absent if nowhere
 * (ERR-9). */
static struct cw_bytes moved_to(const struct cw_unit *unit)
{
    const struct cw_bytes contact = cw_recursion_first(unit->tries.targets);
    struct cw_arena *arena = unit->gw->arena;
    struct cw_sip_uri uri;
    struct cw_jid jid;
    struct cw_bytes out = {0};

    if (contact.base == NULL || cw_sip_uri_read(contact, arena, &uri) != CW_OK ||
        cw_address_to_jid(&uri, arena, &jid) != CW_OK ||
        cw_address_xmpp_uri(&jid, arena, &out) != CW_OK) {
        return (struct cw_bytes){0};
    }
    return out;
}

/* ERR-5: what a peer says is for federated partners only. */
static enum cw_error_text text_policy(const struct cw_unit *unit)
{
    const struct cw_partner *partner =
        cw_partners_find(unit->gw->partners, cw_roster_domain_of(unit->remote));
    const int wanted = unit->gw->settings->errors.reason_phrase;

    if (wanted == CW_ERROR_TEXT_COPY &&
        (partner == NULL || partner->type != CW_PARTNER_FEDERATED)) {
        return CW_ERROR_TEXT_GENERIC;
    }
    return (enum cw_error_text)wanted;
}

/* The neutral answer says nothing, not even in words (ERR-30). */
static bool is_neutral(const struct cw_stanza_error *error)
{
    return cw_bytes_equal(error->condition, CW_LIT("service-unavailable"));
}

static struct cw_stanza_error error_for(const struct cw_unit *unit,
                                        const struct cw_unit_refusal *refusal)
{
    const bool authorized =
        (cw_roster_facts(unit->gw->roster, unit->local, unit->remote) & CW_FACT_GRANTED) != 0;
    const unsigned moved = unit->tries.moved != 0 ? unit->tries.moved : refusal->status;
    struct cw_stanza_error error =
        moved < 400 && moved != 380
            ? cw_error_moved(moved, moved_to(unit), authorized)
            : cw_error_from_sip(refusal->status, refusal->retry_after, authorized);

    if (!is_neutral(&error) && cw_error_text(text_policy(unit), moved, refusal->reason,
                                             unit->gw->arena, &error.text) != CW_OK) {
        error.text = (struct cw_bytes){0};
    }
    return error;
}

/* MSG-38: the error of a stanza that could not be delivered. */
void cw_unit_bounce(struct cw_unit *unit, const struct cw_unit_refusal *refusal)
{
    const struct cw_stanza_error error = error_for(unit, refusal);
    struct cw_stanza in;

    if (!cw_unit_is_mark(unit) && cw_stanza_read(unit->xml, unit->gw->arena, &in) == CW_OK) {
        cw_bounce_now(unit->gw->bounce, &in, &error);
    }
}

/* MSG-34, ERR-20: the XMPP user cannot mend it. */
static void alarm_operator(const struct cw_unit *unit, unsigned status)
{
    char digits[4] = {(char)('0' + status / 100 % 10), (char)('0' + status / 10 % 10),
                      (char)('0' + status % 10), '\0'};

    if (cw_error_is_alarm(status)) {
        CW_LOG(unit->gw->log, SIP_FAULT,
               "the SIP side refuses our requests: check credentials, routes and loops",
               {"status", cw_log_text(digits)}, {"partner", unit->partner});
    }
}

void cw_unit_fail_to_sip(struct cw_unit *unit, const struct cw_unit_refusal *refusal)
{
    if (cw_unit_is_mark(unit)) {
        return;
    }
    alarm_operator(unit, refusal->status);
    cw_unit_bounce(unit, refusal);
    cw_unit_end(unit, CW_AUDIT_ERROR, refusal->status, cw_error_reason_phrase(refusal->status),
                undelivered_of(refusal->status));
}

void cw_unit_free(struct cw_unit *unit)
{
    cw_recursion_free(&unit->tries.targets);
    free(unit);
}

/* ERR-34: what the edge says, in the words of RFC 6120. */
static struct cw_stanza_error error_of(enum cw_fail reason)
{
    switch (reason) {
    case CW_FAIL_NO_PERMIT:
    case CW_FAIL_DNS:
        return CW_STANZA_ERROR("remote-server-not-found", "cancel");
    case CW_FAIL_QUEUE_FULL:
        return CW_STANZA_ERROR("resource-constraint", "wait");
    case CW_FAIL_KEY:
        return CW_STANZA_ERROR("internal-server-error", "cancel");
    case CW_FAIL_NONE:
    case CW_FAIL_AUTH:
    case CW_FAIL_CONNECT:
    case CW_FAIL_TLS:
    case CW_FAIL_TIMEOUT:
    case CW_FAIL_SHUTDOWN:
    case CW_FAIL_STREAM:
    case CW_FAILS:
        break;
    }
    return CW_STANZA_ERROR("remote-server-timeout", "wait");
}

static const char *undelivered_by(enum cw_fail reason)
{
    switch (reason) {
    case CW_FAIL_NONE:
    case CW_FAIL_SHUTDOWN:
        return "link_down";
    case CW_FAIL_QUEUE_FULL:
        return "queue_full";
    case CW_FAIL_NO_PERMIT:
    case CW_FAIL_DNS:
    case CW_FAIL_CONNECT:
    case CW_FAIL_TLS:
    case CW_FAIL_AUTH:
    case CW_FAIL_TIMEOUT:
    case CW_FAIL_STREAM:
    case CW_FAIL_KEY:
    case CW_FAILS:
        break;
    }
    return "no_stream";
}

void cw_unit_refuse(struct cw_unit *unit, unsigned status)
{
    if (unit->transaction == NULL) { /* MSG-50 */
        (void)cw_report_fate(unit->gw->report, unit->stanza_id, unit->local, unit->remote,
                             CW_IMDN_FAILED);
    } else { /* RCPT-12 */
        cw_report_forget(unit->gw->report, unit->stanza_id, unit->local, unit->remote);
        cw_unit_answer(unit, status);
    }
}

void cw_unit_fail_to_xmpp(struct cw_unit *unit, enum cw_fail reason)
{
    const struct cw_stanza_error error = error_of(reason);
    const bool late = unit->transaction == NULL; /* MSG-50: the sender was told 202 */
    const struct cw_sip_error refusal = cw_error_to_sip(error.condition, error.type, false);

    cw_unit_refuse(unit, refusal.status);
    cw_unit_end(unit, reason == CW_FAIL_NO_PERMIT ? CW_AUDIT_NO_ROUTE : CW_AUDIT_ERROR,
                late ? 202 : refusal.status, error.condition.base, undelivered_by(reason));
}

static struct cw_bytes keep(char **end_of_text, struct cw_bytes from)
{
    const struct cw_bytes kept = {from.base == NULL ? NULL : *end_of_text, from.len};

    if (from.base != NULL) {
        memcpy(*end_of_text, from.base, from.len);
    }
    *end_of_text += from.len + 1;
    return kept;
}

/* A copy of `made` that owns its texts. */
struct cw_unit *cw_unit_keep(const struct cw_unit *made)
{
    const size_t len = made->local.len + made->remote.len + made->partner.len + made->xml.len +
                       made->id.len + made->stanza_id.len + made->mark.request_uri.len +
                       made->mark.from_uri.len + made->mark.to_uri.len + made->mark.body.len + 10;
    struct cw_unit *unit = calloc(1, sizeof(*unit) + len);
    char *at;

    if (unit == NULL) {
        abort();
    }
    *unit = *made;
    at = unit->text;
    unit->local = keep(&at, made->local);
    unit->remote = keep(&at, made->remote);
    unit->partner = keep(&at, made->partner);
    unit->xml = keep(&at, made->xml);
    unit->id = keep(&at, made->id);
    unit->stanza_id = keep(&at, made->stanza_id);
    unit->mark.request_uri = keep(&at, made->mark.request_uri);
    unit->mark.from_uri = keep(&at, made->mark.from_uri);
    unit->mark.to_uri = keep(&at, made->mark.to_uri);
    unit->mark.body = keep(&at, made->mark.body);
    unit->received_ms = cw_clock_now_ms();
    return unit;
}
