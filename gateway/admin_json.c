/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_json.h"

#include "edge_pool.h"
#include "flow.h"
#include "knocks.h"
#include "negotiation.h"
#include "restraint.h"

#include <causeway/clock.h>

#include <jansson.h>
#include <time.h>

static const char *const SEVERITIES[] = {"none", "info", "warning", "error"};
static const char *const GRANTS[CW_GRANTS] = {"none", "asked", "granted"};

json_t *cw_admin_text(struct cw_bytes text)
{
    return text.base == NULL ? json_null() : json_stringn_nocheck(text.base, text.len);
}

static json_t *methods(uint8_t set)
{
    json_t *const list = json_array();

    for (enum cw_method m = CW_METHOD_SASL_TLS; m < CW_METHODS; m++) {
        if ((set & 1u << m) != 0) {
            json_array_append_new(list, json_string(cw_method_name(m)));
        }
    }
    return list;
}

static json_t *effective(const struct cw_process *process, const struct cw_partner *partner)
{
    const struct cw_negotiated judged =
        cw_negotiation_of(partner, (enum cw_floor)process->gw.settings->security.floor);
    json_t *const out = json_object();

    json_object_set_new(out, "matrix_row", json_integer(judged.row));
    json_object_set_new(out, "permits", methods(judged.methods));
    json_object_set_new(out, "will_use", methods(judged.effective));
    json_object_set_new(out, "severity", json_string(SEVERITIES[judged.severity]));
    json_object_set_new(out, "code", json_string(judged.code));
    json_object_set_new(out, "finding", json_string(judged.text));
    json_object_set_new(out, "remedy", json_string(judged.remedy));
    return out;
}

json_t *cw_admin_partner(const struct cw_process *process, const struct cw_partner *partner)
{
    const struct cw_rates rates = cw_partner_rates(partner);
    json_t *const out = cw_policy_partner_json(partner);
    json_t *const in_force = effective(process, partner);

    json_object_set_new(in_force, "accept",
                        json_string(cw_policy_accept_word(cw_partner_accept(partner))));
    json_object_set_new(in_force, "invites_per_minute", json_integer(rates.invites_per_minute));
    json_object_set_new(in_force, "messages_per_second", json_integer(rates.messages_per_second));
    json_object_set_new(in_force, "presence_per_second", json_integer(rates.presence_per_second));
    json_object_set_new(out, "file", cw_admin_text(partner->file));
    json_object_set_new(out, "line", json_integer(partner->line));
    json_object_set_new(out, "effective", in_force);
    return out;
}

static void add_edge(const struct cw_edge_state *edge, void *user)
{
    json_t *const out = json_object();

    json_object_set_new(out, "address", json_string(edge->address));
    json_object_set_new(out, "node", json_string(edge->peer));
    json_object_set_new(out, "up", json_boolean(edge->up));
    json_object_set_new(out, "round_trip_us", json_integer(edge->round_trip_us));
    json_object_set_new(out, "in_flight", json_integer((json_int_t)edge->unsettled));
    json_object_set_new(out, "revision", json_integer((json_int_t)edge->applied_revision));
    json_object_set_new(out, "lag_ms", json_integer((json_int_t)edge->lag_ms));
    json_object_set_new(out, "applied_in_ms", json_integer((json_int_t)edge->applied_in_ms));
    json_object_set_new(out, "detail", json_string(edge->detail));
    json_array_append_new(user, out);
}

static json_t *routes(const struct cw_process *process)
{
    struct cw_sip_route_state states[CW_SIP_MAX_ROUTES];
    const size_t count = cw_sip_routes(process->gw.sip, states, CW_SIP_MAX_ROUTES);
    json_t *const list = json_array();

    for (size_t i = 0; i < count && i < CW_SIP_MAX_ROUTES; i++) {
        json_t *const out = json_object();

        json_object_set_new(out, "name", json_string(states[i].name));
        json_object_set_new(out, "up", json_boolean(states[i].up));
        json_object_set_new(out, "round_trip_us", json_integer(states[i].round_trip_us));
        json_object_set_new(out, "detail", json_string(states[i].detail));
        json_array_append_new(list, out);
    }
    return list;
}

static void count_stream(const struct cw_stream_state *stream, void *user)
{
    size_t *const counts = user;

    counts[stream->outgoing ? 1 : 0]++;
}

struct grant_counts {
    size_t of[CW_DIRECTIONS][CW_GRANTS];
};

static void count_subscription(const struct cw_flow_subscription *subscription, void *user)
{
    struct grant_counts *const counts = user;

    counts->of[subscription->direction][subscription->state]++;
}

static json_t *totals(const struct cw_process *process)
{
    struct grant_counts grants = {0};
    size_t streams[2] = {0, 0};
    size_t pending;
    json_t *const out = json_object();

    cw_edge_pool_streams(process->gw.edges, count_stream, streams);
    cw_flow_subscriptions(&process->gw, count_subscription, &grants);
    pending = grants.of[CW_FROM_XMPP][CW_GRANT_ASKED] + grants.of[CW_FROM_SIP][CW_GRANT_ASKED];
    json_object_set_new(out, "streams_in", json_integer((json_int_t)streams[0]));
    json_object_set_new(out, "streams_out", json_integer((json_int_t)streams[1]));
    json_object_set_new(out, "xmpp_watches",
                        json_integer((json_int_t)grants.of[CW_FROM_XMPP][CW_GRANT_GRANTED]));
    json_object_set_new(out, "sip_watches",
                        json_integer((json_int_t)grants.of[CW_FROM_SIP][CW_GRANT_GRANTED]));
    json_object_set_new(out, "pending", json_integer((json_int_t)pending));
    json_object_set_new(out, "partners",
                        json_integer((json_int_t)cw_partners_count(process->gw.partners)));
    json_object_set_new(out, "in_flight", json_integer((json_int_t)cw_flow_pending(&process->gw)));
    return out;
}

json_t *cw_admin_status(const struct cw_process *process)
{
    const uint64_t up_ms = cw_clock_now_ms() - process->started_ms;
    struct cw_ready_check checks[CW_READY_CHECKS];
    json_t *const out = json_object();
    json_t *const edges = json_array();

    cw_edge_pool_edges(process->gw.edges, add_edge, edges);
    json_object_set_new(out, "node", json_string(process->gw.settings->node.name));
    json_object_set_new(out, "role", json_string("gateway"));
    json_object_set_new(out, "version", json_string(CAUSEWAY_VERSION));
    json_object_set_new(out, "uptime_s", json_integer((json_int_t)(up_ms / 1000)));
    json_object_set_new(out, "ready", json_boolean(cw_process_ready(process, checks)));
    json_object_set_new(out, "draining", json_boolean(process->gw.draining));
    json_object_set_new(out, "revision", json_integer((json_int_t)process->gw.revision));
    json_object_set_new(out, "policy_revision", json_integer((json_int_t)process->head.revision));
    json_object_set_new(out, "links", edges);
    json_object_set_new(out, "routes", routes(process));
    json_object_set_new(out, "totals", totals(process));
    return out;
}

static void add_stream(const struct cw_stream_state *stream, void *user)
{
    json_t *const out = json_object();

    json_object_set_new(out, "edge", json_string(stream->edge));
    json_object_set_new(out, "id", json_integer((json_int_t)stream->stream));
    json_object_set_new(out, "direction", json_string(stream->outgoing ? "out" : "in"));
    json_object_set_new(out, "method", json_string(cw_method_name(stream->method)));
    json_object_set_new(out, "own_domain", cw_admin_text(stream->own_domain));
    json_object_set_new(out, "remote_domain", cw_admin_text(stream->remote_domain));
    json_object_set_new(out, "partner", cw_admin_text(stream->partner));
    json_object_set_new(out, "tls", cw_admin_text(stream->tls_version));
    json_object_set_new(out, "peer", cw_admin_text(stream->peer));
    json_object_set_new(out, "up_s", json_integer((json_int_t)stream->up_s));
    json_array_append_new(user, out);
}

json_t *cw_admin_streams(const struct cw_process *process)
{
    json_t *const list = json_array();

    cw_edge_pool_streams(process->gw.edges, add_stream, list);
    return list;
}

static void add_subscription(const struct cw_flow_subscription *subscription, void *user)
{
    json_t *const out = json_object();

    json_object_set_new(out, "local", cw_admin_text(subscription->local));
    json_object_set_new(out, "remote", cw_admin_text(subscription->remote));
    json_object_set_new(
        out, "direction",
        json_string(subscription->direction == CW_FROM_XMPP ? "xmpp_to_sip" : "sip_to_xmpp"));
    json_object_set_new(out, "state", json_string(GRANTS[subscription->state]));
    json_object_set_new(out, "dialog", json_string(subscription->dialog));
    json_object_set_new(out, "expires_s", json_integer(subscription->expires_s));
    json_object_set_new(out, "changed_s", json_integer(subscription->changed_s));
    json_object_set_new(out, "invited", json_boolean(subscription->invited));
    json_object_set_new(out, "blocked", json_boolean(subscription->blocked));
    json_array_append_new(user, out);
}

json_t *cw_admin_subscriptions(const struct cw_process *process)
{
    json_t *const list = json_array();

    cw_flow_subscriptions(&process->gw, add_subscription, list);
    return list;
}

/* "2026-05-01T10:20:30Z" (RFC 3339) */
static json_t *stamp(int64_t wall_s)
{
    const time_t seconds = (time_t)wall_s;
    struct tm parts;
    char text[32];

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        return json_null();
    }
    return json_string(text);
}

static void add_knock(const struct cw_knock_row *row, void *user)
{
    json_t *const out = json_object();

    json_object_set_new(out, "domain", cw_admin_text(row->domain));
    json_object_set_new(out, "reason", json_string(cw_reason_label(row->reason)));
    json_object_set_new(out, "count",
                        json_integer((json_int_t)row->from_xmpp + (json_int_t)row->from_sip));
    json_object_set_new(out, "xmpp_to_sip", json_integer((json_int_t)row->from_xmpp));
    json_object_set_new(out, "sip_to_xmpp", json_integer((json_int_t)row->from_sip));
    json_object_set_new(out, "first", stamp(row->first_s));
    json_object_set_new(out, "last", stamp(row->last_s));
    json_object_set_new(out, "peer", cw_admin_text(row->peer));
    json_object_set_new(out, "local_users", json_integer((json_int_t)row->local_users));
    json_array_append_new(user, out);
}

json_t *cw_admin_knocks(const struct cw_process *process)
{
    json_t *const list = json_array();

    cw_knocks_visit(process->gw.knocks, add_knock, list);
    return list;
}

static void add_quarantine(const struct cw_quarantine_row *row, void *user)
{
    const uint64_t now_ms = cw_clock_now_ms();
    const uint64_t left_ms = row->until_ms > now_ms ? row->until_ms - now_ms : 0;
    json_t *const out = json_object();

    json_object_set_new(out, "who", cw_admin_text(row->who));
    json_object_set_new(out, "scope",
                        json_string(row->scope == CW_QUARANTINE_USER ? "user" : "partner"));
    json_object_set_new(out, "times", json_integer((json_int_t)row->times));
    json_object_set_new(out, "since_s",
                        json_integer((json_int_t)((now_ms - row->since_ms) / 1000)));
    json_object_set_new(out, "left_s", json_integer((json_int_t)(left_ms / 1000)));
    json_array_append_new(user, out);
}

json_t *cw_admin_quarantine(const struct cw_process *process)
{
    json_t *const list = json_array();

    cw_restraint_visit(process->gw.restraint, add_quarantine, list);
    return list;
}
