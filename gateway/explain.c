/* SPDX-License-Identifier: Apache-2.0 */
#include "explain.h"

#include "admin_answer.h"
#include "admin_json.h"
#include "admission.h"
#include "edge_pool.h"
#include "flow.h"
#include "roster.h"

#include <causeway/address.h>
#include <causeway/jid.h>
#include <causeway/sip_uri.h>

#include <stdio.h>
#include <string.h>

#define REMEDY_MAX 700u

/* The two that it is about. */
struct question {
    struct cw_process *process;
    struct cw_bytes local;  /* "sip:user@host", canonical */
    struct cw_bytes remote; /* bare JID */
    struct cw_bytes domain; /* of the remote user, A-labels */
    const struct cw_partner *partner;
};

static const struct {
    const char *word;
    enum cw_request request;
} KINDS[] = {
    {"message", CW_REQUEST_MESSAGE},
    {"presence", CW_REQUEST_PROBE},
    {"subscribe", CW_REQUEST_SUBSCRIBE},
};

static const struct {
    const char *word;
    const char *short_word;
    enum cw_direction direction;
} DIRECTIONS[] = {
    {"xmpp_to_sip", "in", CW_FROM_XMPP},
    {"sip_to_xmpp", "out", CW_FROM_SIP},
};

static struct cw_bytes text(const json_t *value)
{
    return (struct cw_bytes){json_string_value(value), json_string_length(value)};
}

/* "romeo@contoso.example", with "sip:" before it or not. */
static bool read_local(struct cw_process *p, struct cw_bytes written, struct cw_bytes *out)
{
    const bool bare = written.len < 4 || memcmp(written.base, "sip:", 4) != 0;
    char whole[1200];
    struct cw_sip_uri uri;
    int len;

    if (written.base == NULL || written.len > 1100) {
        return false;
    }
    len = snprintf(whole, sizeof(whole), "%s%.*s", bare ? "sip:" : "", (int)written.len,
                   written.base);
    return cw_sip_uri_read((struct cw_bytes){whole, (size_t)len}, p->gw.arena, &uri) == CW_OK &&
           uri.user.len != 0 && cw_gateway_settings_is_own(p->gw.settings, uri.host) &&
           cw_address_key(&uri, p->gw.arena, out) == CW_OK;
}

static bool read_remote(struct question *q, struct cw_bytes written)
{
    struct cw_jid jid;
    struct cw_jid bare;

    if (written.base == NULL || cw_jid_read(written, q->process->gw.arena, &jid) != CW_OK ||
        jid.local.base == NULL) {
        return false;
    }
    bare = cw_jid_bare(&jid);
    return cw_jid_write(&bare, q->process->gw.arena, &q->remote) == CW_OK &&
           cw_jid_domain_ascii(jid.domain, q->process->gw.arena, &q->domain) == CW_OK;
}

/* What a command does to a partner of the store must be done by hand to one of a file. */
static void change_partner(const struct question *q, const char *option, const char *line,
                           char out[REMEDY_MAX])
{
    const struct cw_partner *const partner = q->partner;

    if (partner != NULL && partner->file.base != NULL) {
        (void)snprintf(out, REMEDY_MAX, "write %s at %.*s:%d, then: causewayctl reload", line,
                       (int)partner->file.len, partner->file.base, partner->line);
    } else {
        (void)snprintf(out, REMEDY_MAX, "causewayctl partner %s", option);
    }
}

static void change_user(const struct question *q, char out[REMEDY_MAX])
{
    const struct cw_access_answer answer = cw_access_of(q->process->gw.access, q->local);

    if (answer.own_entry) {
        (void)snprintf(out, REMEDY_MAX, "the user is listed in users.deny: take the entry away");
    } else if (answer.group.base != NULL) {
        (void)snprintf(out, REMEDY_MAX,
                       "the group \"%.*s\" refuses: take the user out of it, or list him in "
                       "users.allow",
                       (int)answer.group.len, answer.group.base);
    } else {
        (void)snprintf(out, REMEDY_MAX, "users.default is deny: list the user in users.allow");
    }
}

/* What would change the decision; "" where there is nothing to change. */
static void remedy_of(const struct question *q, enum cw_reason reason, char out[REMEDY_MAX])
{
    const char *const local = q->local.base + sizeof("sip:") - 1;
    const int local_len = (int)(q->local.len - (sizeof("sip:") - 1));
    const int remote_len = (int)q->remote.len;
    const struct cw_bytes name = q->partner != NULL ? q->partner->domain : q->domain;
    char option[400];

    out[0] = '\0';
    switch ((int)reason) {
    case CW_REASON_UNLISTED:
        (void)snprintf(out, REMEDY_MAX, "causewayctl partner add %.*s --type public_unverified",
                       (int)q->domain.len, q->domain.base);
        break;
    case CW_REASON_PARTNER_DISABLED:
        (void)snprintf(option, sizeof(option), "enable %.*s", (int)q->domain.len, q->domain.base);
        change_partner(q, option, "enabled: true", out);
        break;
    case CW_REASON_MASTER_OFF:
        (void)snprintf(out, REMEDY_MAX, "causewayctl federation on");
        break;
    case CW_REASON_NOT_ENTITLED:
        change_user(q, out);
        break;
    case CW_REASON_BLOCKED_BY_USER:
        (void)snprintf(out, REMEDY_MAX,
                       "the user lifts his block, or: causewayctl unblock %.*s %.*s", local_len,
                       local, remote_len, q->remote.base);
        break;
    case CW_REASON_NOT_INVITED:
        (void)snprintf(option, sizeof(option), "set %.*s --type public_verified", (int)name.len,
                       name.base);
        change_partner(q, option, "type: public_verified", out);
        (void)snprintf(out + strlen(out), REMEDY_MAX - strlen(out),
                       "; or the local user adds the contact: that counts as invitation");
        break;
    case CW_REASON_QUARANTINED:
        (void)snprintf(out, REMEDY_MAX,
                       "causewayctl quarantine list; causewayctl quarantine release %.*s",
                       remote_len, q->remote.base);
        break;
    case CW_REASON_NOT_GRANTED:
        (void)snprintf(out, REMEDY_MAX, "the contact asks to see the user, and the user accepts");
        break;
    default:
        break;
    }
}

static const char *verdict_word(enum cw_verdict verdict)
{
    static const char *const WORDS[] = {[CW_VERDICT_ALLOW] = "allow",
                                        [CW_VERDICT_REFUSE] = "refuse",
                                        [CW_VERDICT_REFUSE_AS_UNKNOWN] = "refuse_as_unknown"};

    return WORDS[verdict];
}

static json_t *check(const struct question *q, size_t direction, size_t kind)
{
    const struct cw_admission ask = {
        .direction = DIRECTIONS[direction].direction,
        .request = KINDS[kind].request,
        .local = q->local,
        .remote = q->remote,
        .remote_domain = q->domain,
    };
    const struct cw_decision decision = cw_admission_peek(&q->process->gw, &ask).decision;
    char remedy[REMEDY_MAX] = "";
    json_t *const out = json_object();

    if (decision.verdict != CW_VERDICT_ALLOW) {
        remedy_of(q, decision.reason, remedy);
    }
    json_object_set_new(out, "direction", json_string(DIRECTIONS[direction].word));
    json_object_set_new(out, "kind", json_string(KINDS[kind].word));
    json_object_set_new(out, "verdict", json_string(verdict_word(decision.verdict)));
    json_object_set_new(out, "rule", json_string(cw_reason_label(decision.reason)));
    json_object_set_new(out, "why", json_string(cw_reason_text(decision.reason)));
    json_object_set_new(out, "remedy", json_string_nocheck(remedy));
    return out;
}

static bool wants(const json_t *body, const char *key, const char *word, const char *other)
{
    const char *const wanted = json_string_value(json_object_get(body, key));

    return wanted == NULL || strcmp(wanted, "both") == 0 || strcmp(wanted, "all") == 0 ||
           strcmp(wanted, word) == 0 || strcmp(wanted, other) == 0;
}

static json_t *checks(const struct question *q, const json_t *body)
{
    json_t *const list = json_array();

    for (size_t d = 0; d < sizeof(DIRECTIONS) / sizeof(DIRECTIONS[0]); d++) {
        for (size_t k = 0; k < sizeof(KINDS) / sizeof(KINDS[0]); k++) {
            if (wants(body, "direction", DIRECTIONS[d].word, DIRECTIONS[d].short_word) &&
                wants(body, "kind", KINDS[k].word, KINDS[k].word)) {
                json_array_append_new(list, check(q, d, k));
            }
        }
    }
    return list;
}

static json_t *relation(const struct question *q)
{
    static const char *const GRANTS[CW_GRANTS] = {"none", "asked", "granted"};
    const struct cw_contact *const contact =
        cw_roster_find(q->process->gw.roster, q->local, q->remote);
    json_t *const out = json_object();

    json_object_set_new(out, "invited", json_boolean(contact != NULL && contact->invited));
    json_object_set_new(out, "blocked", json_boolean(contact != NULL && contact->blocked));
    json_object_set_new(out, "xmpp_watches",
                        json_string(GRANTS[contact != NULL ? contact->xmpp_watches : 0]));
    json_object_set_new(out, "sip_watches",
                        json_string(GRANTS[contact != NULL ? contact->sip_watches : 0]));
    return out;
}

struct streams {
    const struct question *question;
    json_t *list;
};

static void add_stream(const struct cw_stream_state *stream, void *user)
{
    const struct streams *const streams = user;
    json_t *out;

    if (!cw_bytes_equal(stream->remote_domain, streams->question->domain)) {
        return;
    }
    out = json_object();
    json_object_set_new(out, "edge", json_string(stream->edge));
    json_object_set_new(out, "direction", json_string(stream->outgoing ? "out" : "in"));
    json_object_set_new(out, "method", json_string(cw_method_name(stream->method)));
    json_object_set_new(out, "up_s", json_integer((json_int_t)stream->up_s));
    json_array_append_new(streams->list, out);
}

static json_t *streams_of(const struct question *q)
{
    struct streams streams = {q, json_array()};

    cw_edge_pool_streams(q->process->gw.edges, add_stream, &streams);
    return streams.list;
}

static json_t *answer(const struct question *q, const json_t *body)
{
    json_t *const out = json_object();

    json_object_set_new(out, "local", cw_admin_text(q->local));
    json_object_set_new(out, "remote", cw_admin_text(q->remote));
    json_object_set_new(out, "partner",
                        q->partner != NULL ? cw_admin_partner(q->process, q->partner)
                                           : json_null());
    json_object_set_new(out, "relation", relation(q));
    json_object_set_new(out, "checks", checks(q, body));
    json_object_set_new(out, "streams", streams_of(q));
    return out;
}

void cw_explain(const struct cw_http_request *request, struct cw_http_response *response,
                void *user)
{
    struct question q = {.process = user};
    json_t *const body = cw_answer_body(request, response);

    if (body == NULL) {
        return;
    }
    cw_arena_reset(q.process->gw.arena);
    if (!read_local(q.process, text(json_object_get(body, "local")), &q.local)) {
        cw_answer_problem(response, 422, "LOCAL is no user of ours",
                          "write user@domain with a domain of node.sip_domains");
    } else if (!read_remote(&q, text(json_object_get(body, "remote")))) {
        cw_answer_problem(response, 422, "REMOTE is no XMPP user", "write user@partner.example");
    } else {
        q.partner = cw_partners_find(q.process->gw.partners, q.domain);
        cw_answer_json(response, 200, answer(&q, body));
    }
    json_decref(body);
}
