/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_read.h"

#include "stream_act.h"
#include "stream_auth.h"
#include "stream_dialback.h"

#include <causeway/clock.h>

enum kind {
    KIND_UNKNOWN,
    KIND_FEATURES,
    KIND_ERROR,
    KIND_STARTTLS,
    KIND_PROCEED,
    KIND_TLS_FAILURE,
    KIND_AUTH,
    KIND_RESPONSE,
    KIND_ABORT,
    KIND_CHALLENGE,
    KIND_SUCCESS,
    KIND_SASL_FAILURE,
    KIND_DIALBACK
};

static enum kind kind_of(const struct cw_element *element)
{
    static const struct {
        const char *ns, *name;
        enum kind kind;
    } KINDS[] = {
        {CW_NS_STREAM, "features", KIND_FEATURES},  {CW_NS_STREAM, "error", KIND_ERROR},
        {CW_NS_TLS, "starttls", KIND_STARTTLS},     {CW_NS_TLS, "proceed", KIND_PROCEED},
        {CW_NS_TLS, "failure", KIND_TLS_FAILURE},   {CW_NS_SASL, "auth", KIND_AUTH},
        {CW_NS_SASL, "response", KIND_RESPONSE},    {CW_NS_SASL, "abort", KIND_ABORT},
        {CW_NS_SASL, "challenge", KIND_CHALLENGE},  {CW_NS_SASL, "success", KIND_SUCCESS},
        {CW_NS_SASL, "failure", KIND_SASL_FAILURE}, {CW_NS_DIALBACK, "result", KIND_DIALBACK},
        {CW_NS_DIALBACK, "verify", KIND_DIALBACK},
    };

    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        if (cw_element_is(element, KINDS[i].ns, KINDS[i].name)) {
            return KINDS[i].kind;
        }
    }
    return KIND_UNKNOWN;
}

static enum cw_stanza_class class_of(const struct cw_element *element)
{
    static const struct cw_bytes SUBSCRIPTION[] = {
        {"subscribe", 9}, {"subscribed", 10}, {"unsubscribe", 11}, {"unsubscribed", 12}};

    if (cw_bytes_equal(element->name, CW_LIT("message"))) {
        return CW_CLASS_MESSAGE;
    }
    if (cw_bytes_equal(element->name, CW_LIT("iq"))) {
        return CW_CLASS_IQ;
    }
    for (size_t i = 0; i < 4; i++) {
        if (cw_bytes_equal(element->type, SUBSCRIPTION[i])) {
            return CW_CLASS_SUBSCRIPTION;
        }
    }
    return CW_CLASS_PRESENCE;
}

/** Exactly this pair, proven here, and still permitted (STREAM-110, STREAM-111, STREAM-81). */
static enum cw_condition judge_stanza(const struct cw_stream *s, const struct cw_element *element,
                                      const struct cw_stream_pair **pair)
{
    struct cw_domain from;
    struct cw_domain to;

    if (!cw_domain_of_jid(element->from, &from) || !cw_domain_of_jid(element->to, &to)) {
        return CW_CONDITION_IMPROPER_ADDRESSING;
    }
    *pair = cw_pair_set_find(&s->pairs, cw_domain_bytes(&to), cw_domain_bytes(&from));
    if (*pair == NULL || (*pair)->state != CW_PAIR_PROVEN) {
        return cw_pair_set_remote(&s->pairs, cw_domain_bytes(&from)) > 0
                   ? CW_CONDITION_HOST_UNKNOWN
                   : CW_CONDITION_INVALID_FROM;
    }
    if (!cw_features_permits(s->env.permit(cw_domain_bytes(&from), s->env.user), (*pair)->method)) {
        return CW_CONDITION_POLICY_VIOLATION;
    }
    return CW_CONDITION_NONE;
}

static void take_stanza(struct cw_stream *s, const struct cw_element *element)
{
    const struct cw_stream_pair *pair = NULL;
    const enum cw_condition condition =
        s->outgoing ? CW_CONDITION_NOT_AUTHORIZED : judge_stanza(s, element, &pair);
    const uint32_t effects = cw_stream_act(
        s, condition == CW_CONDITION_NONE ? CW_EV_STANZA : CW_EV_FOREIGN, condition, NULL);

    if ((effects & CW_FX_DELIVER) == 0 || pair == NULL) {
        return;
    }
    const struct cw_stream_pair proven = *pair; /* the set may change while the edge is at it */
    const struct cw_authenticated_stanza stanza = {
        .own = cw_domain_bytes(&proven.own),
        .remote = cw_domain_bytes(&proven.remote),
        .method = proven.method,
        .class = class_of(element),
        .xml = element->xml,
    };

    s->stanzas++;
    s->last_stanza_ms = s->last_read_ms;
    if (s->events.on_stanza != NULL) {
        s->events.on_stanza(s, &stanza, s->user);
    }
}

static enum cw_fail fail_of(const struct cw_stream *s)
{
    if (s->peer_error == CW_CONDITION_HOST_UNKNOWN || s->peer_error == CW_CONDITION_HOST_GONE) {
        return CW_FAIL_DNS;
    }
    return cw_stream_fsm_negotiating(s->state) ? CW_FAIL_AUTH : CW_FAIL_STREAM;
}

/** STREAM-121: answered with the closing tag only. */
static void take_error(struct cw_stream *s, const struct cw_element *element)
{
    const struct cw_stream_label label = cw_stream_label(cw_stream_permit(s));
    struct cw_bytes text = {NULL, 0};
    const char *name;
    char what[64] = {0}; /* longer than any condition */

    s->peer_error = CW_CONDITION_UNDEFINED_CONDITION;
    for (size_t i = 1; i < element->node_count; i++) {
        const struct cw_element_node *node = &element->nodes[i];

        if (node->parent != 0 || !cw_bytes_equal(node->ns, CW_LIT(CW_NS_ERRORS))) {
            continue;
        }
        if (cw_bytes_equal(node->name, CW_LIT("text"))) {
            text = cw_element_text(element, i);
        } else {
            s->peer_error = cw_condition_read(node->name); /* STREAM-122 */
        }
    }
    name = cw_condition_name(s->peer_error);
    CW_METRIC_INC(s->env.metrics, S2S_STREAM_ERRORS_TOTAL, label.text, "in", name);
    for (size_t i = 0; i < sizeof(what) - 3 && name[i] != '\0'; i++) {
        what[i] = name[i];
        what[i + 1] = text.len > 0 ? ':' : '\0';
        what[i + 2] = text.len > 0 ? ' ' : '\0';
    }
    cw_stream_blame(s, fail_of(s), what, text);
    (void)cw_stream_act(s, CW_EV_ERROR, CW_CONDITION_NONE, NULL);
}

static void take_element(struct cw_stream *s, const struct cw_element *element, bool more)
{
    if (element->stanza) {
        take_stanza(s, element);
        return;
    }
    switch (kind_of(element)) {
    case KIND_FEATURES:
        cw_stream_take_features(s, element);
        break;
    case KIND_ERROR:
        take_error(s, element);
        break;
    case KIND_STARTTLS:
        cw_stream_take_starttls(s, more);
        break;
    case KIND_PROCEED:
        cw_stream_take_proceed(s, more);
        break;
    case KIND_TLS_FAILURE:
        cw_stream_take_tls_failure(s);
        break;
    case KIND_AUTH:
    case KIND_RESPONSE:
        cw_stream_take_auth(s, element);
        break;
    case KIND_ABORT:
        cw_stream_take_abort(s);
        break;
    case KIND_CHALLENGE:
        cw_stream_take_challenge(s);
        break;
    case KIND_SUCCESS:
        cw_stream_take_success(s);
        break;
    case KIND_SASL_FAILURE:
        cw_stream_take_failure(s, element);
        break;
    case KIND_DIALBACK:
        cw_stream_take_dialback(s, element);
        break;
    case KIND_UNKNOWN:
    default:
        (void)cw_stream_act(s, CW_EV_UNKNOWN, CW_CONDITION_NONE, NULL);
        break;
    }
}

static void take_refusal(struct cw_stream *s, enum cw_condition condition)
{
    CW_LOG(s->env.log, XML_REJECTED, cw_condition_name(condition),
           {"remote", cw_domain_bytes(&s->remote)},
           {"peer", cw_log_text(cw_tls_stream_peer(s->connection))});
    (void)cw_stream_act(s, CW_EV_REFUSE, condition, NULL);
}

/** A peer that asks and does not read the answers would make them pile up here. */
static bool is_choked(const struct cw_stream *s)
{
    return !s->outgoing && cw_tls_stream_queued(s->connection) > CW_TLS_STREAM_HIGH;
}

static void drop(struct cw_stream *s)
{
    cw_stream_blame(s, CW_FAIL_STREAM, "the peer does not read our answers",
                    (struct cw_bytes){NULL, 0});
    (void)cw_stream_act(s, CW_EV_LOST, CW_CONDITION_NONE, NULL);
    cw_tls_stream_abort(s->connection, CW_ERR_LIMIT, "the peer does not read our answers");
}

void cw_stream_take_bytes(struct cw_stream *s, struct cw_bytes data)
{
    bool more = true;

    s->last_read_ms = cw_clock_now_ms();
    while (more && s->state != CW_ST_CLOSED && s->connection != NULL) {
        const struct cw_parsed got = cw_stream_parser_next(s->parser, &data);

        switch (got.kind) {
        case CW_PARSED_HEADER:
            cw_stream_take_header(s, got.header);
            break;
        case CW_PARSED_ELEMENT:
            take_element(s, got.element, data.len > 0);
            if (is_choked(s)) {
                drop(s);
            }
            break;
        case CW_PARSED_END:
            cw_stream_end_in_order(s, "the peer closed the stream");
            (void)cw_stream_act(s, CW_EV_END, CW_CONDITION_NONE, NULL);
            more = false;
            break;
        case CW_PARSED_REFUSED:
            take_refusal(s, got.condition);
            more = false;
            break;
        case CW_PARSED_MORE:
        default:
            more = false;
            break;
        }
    }
}
