/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_dialback.h"

#include "stream_act.h"
#include "stream_write.h"

#include <causeway/clock.h>
#include <stdio.h>

/** From and to of an element, read. */
struct addresses {
    struct cw_domain from, to;
};

static const struct cw_bytes NOTHING = {NULL, 0};

static void count(struct cw_stream *s, const struct cw_permit *permit, const char *role,
                  const char *result)
{
    const struct cw_stream_label label = cw_stream_label(permit);

    CW_METRIC_INC(s->env.metrics, DIALBACK_VERIFICATIONS_TOTAL, label.text, role, result);
}

static const struct cw_permit *permit_of(const struct cw_stream *s, const struct cw_domain *domain)
{
    return s->env.permit(cw_domain_bytes(domain), s->env.user);
}

/** Someone answers what nobody asked, or asks on a stream of ours: an attack (STREAM-65). */
static void drop(struct cw_stream *s, const struct addresses *a, const char *what)
{
    count(s, permit_of(s, &a->from), s->outgoing ? "initiator" : "receiver", "unsolicited");
    CW_LOG(s->env.log, DIALBACK_INVALID, what, {"remote", cw_domain_bytes(&a->from)},
           {"own", cw_domain_bytes(&a->to)},
           {"peer", cw_log_text(s->connection == NULL ? NULL : cw_tls_stream_peer(s->connection))});
}

/** Answers swap the addresses. */
static void answer(struct cw_stream *s, const char *name, const struct addresses *a,
                   struct cw_bytes id, const char *type, const char *condition)
{
    const struct cw_stream_dialback element = {
        .name = name,
        .from = cw_domain_bytes(&a->to),
        .to = cw_domain_bytes(&a->from),
        .id = id,
        .type = type,
        .condition = condition,
    };

    cw_stream_write_dialback(s, &element);
}

/** The permit may have changed while an answer was awaited. */
static bool still_permitted(const struct cw_stream *s, const struct cw_permit *permit,
                            enum cw_method method)
{
    return cw_features_permits(permit, method) && cw_stream_pinned(s, permit);
}

static struct cw_dialback_request request_of(struct cw_stream *s, const struct addresses *a)
{
    const char *problem = NULL;
    const struct cw_permit *permit = permit_of(s, &a->from);

    return (struct cw_dialback_request){
        .permit = permit,
        .own = s->env.is_own(cw_domain_bytes(&a->to), s->env.user),
        .secure = s->secure,
        .certificate = cw_stream_certified(s, cw_domain_bytes(&a->from), &problem),
        .pinned = permit != NULL && cw_stream_pinned(s, permit),
        .proven = cw_pair_set_count(&s->pairs, CW_PAIR_PROVEN),
        .pending = cw_pair_set_count(&s->pairs, CW_PAIR_PENDING),
    };
}

static void prove(struct cw_stream *s, const struct addresses *a, enum cw_method method)
{
    answer(s, "db:result", a, NOTHING, "valid", NULL);
    (void)cw_stream_act(s, CW_EV_PAIR, CW_CONDITION_NONE, NULL);
    cw_stream_grant(s, cw_domain_bytes(&a->to), cw_domain_bytes(&a->from), method);
}

/** The key goes to the authoritative server; meanwhile the stream goes on (STREAM-71). */
static void find_out(struct cw_stream *s, const struct addresses *a, struct cw_bytes key)
{
    const uint64_t now = cw_clock_now_ms();
    struct cw_stream_pair *pair =
        cw_pair_set_put(&s->pairs, cw_domain_bytes(&a->to), cw_domain_bytes(&a->from),
                        CW_PAIR_PENDING, cw_features_dialback_method(s->secure));

    if (pair == NULL || s->events.on_verify == NULL) {
        answer(s, "db:result", a, NOTHING, "error", "resource-constraint");
        return;
    }
    pair->deadline_ms = now + CW_LIMIT_DIALBACK_MS;
    if (cw_stream_fsm_negotiating(s->state) && pair->deadline_ms + 1000 > s->establish_ms) {
        pair->deadline_ms = s->establish_ms - 1000; /* the answer comes before the end */
    }
    cw_stream_arm(s);
    s->events.on_verify(s, cw_domain_bytes(&a->to), cw_domain_bytes(&a->from),
                        (struct cw_bytes){s->id, CW_STREAM_ID_LEN}, key, s->user);
}

static void take_result(struct cw_stream *s, const struct cw_element *element,
                        const struct addresses *a)
{
    const struct cw_stream_pair *pair =
        cw_pair_set_find(&s->pairs, cw_domain_bytes(&a->to), cw_domain_bytes(&a->from));
    const struct cw_dialback_request request = request_of(s, a);
    const enum cw_dialback_verdict verdict = cw_dialback_judge_result(&request);
    const struct cw_bytes key = cw_element_text(element, 0);

    if (pair != NULL && pair->state == CW_PAIR_PENDING) {
        return; /* one answer for the pair is under way */
    }
    switch (verdict) {
    case CW_DIALBACK_CLOSE:
        count(s, request.permit, "receiver", "refused");
        (void)cw_stream_act(s, CW_EV_REFUSE, CW_CONDITION_POLICY_VIOLATION, NULL);
        break;
    case CW_DIALBACK_VALID:
        count(s, request.permit, "receiver", "certificate");
        prove(s, a, cw_dialback_certificate_method(request.permit));
        break;
    case CW_DIALBACK_ASK:
        if (pair != NULL) {
            answer(s, "db:result", a, NOTHING, "valid", NULL);
        } else {
            find_out(s, a, key);
        }
        break;
    case CW_DIALBACK_ITEM_NOT_FOUND:
    case CW_DIALBACK_POLICY_VIOLATION:
    case CW_DIALBACK_NOT_AUTHORIZED:
    case CW_DIALBACK_RESOURCE_CONSTRAINT:
    case CW_DIALBACK_FORBIDDEN:
    default:
        count(s, request.permit, "receiver", "refused");
        answer(s, "db:result", a, NOTHING, "error", cw_dialback_error(verdict)); /* STREAM-70 */
        break;
    }
}

/** We are the authoritative server (STREAM-68). */
static void take_verify(struct cw_stream *s, const struct cw_element *element,
                        const struct addresses *a)
{
    const struct cw_dialback_request request = request_of(s, a);
    const enum cw_dialback_verdict verdict = cw_dialback_judge_verify(&request);
    bool valid;

    if (verdict == CW_DIALBACK_CLOSE) {
        count(s, request.permit, "authoritative", "refused");
        (void)cw_stream_act(s, CW_EV_REFUSE, CW_CONDITION_POLICY_VIOLATION, NULL);
        return;
    }
    if (verdict != CW_DIALBACK_VALID) {
        count(s, request.permit, "authoritative", "refused");
        answer(s, "db:verify", a, element->id, "error", cw_dialback_error(verdict));
        return;
    }
    valid =
        cw_dialback_key_valid(s->env.dialback_secret, cw_domain_bytes(&a->from),
                              cw_domain_bytes(&a->to), element->id, cw_element_text(element, 0));
    count(s, request.permit, "authoritative", valid ? "valid" : "invalid");
    s->asked = true;
    answer(s, "db:verify", a, element->id, valid ? "valid" : "invalid", NULL);
}

static void pair_failed(struct cw_stream *s, struct cw_stream_pair *pair, enum cw_fail why,
                        const char *detail)
{
    const struct cw_domain own = pair->own;
    const struct cw_domain remote = pair->remote;

    cw_pair_set_remove(&s->pairs, pair);
    if (s->events.on_pair_failed != NULL) {
        s->events.on_pair_failed(s, cw_domain_bytes(&own), cw_domain_bytes(&remote), why, detail,
                                 s->user);
    }
    if (s->state == CW_ST_I_DIALBACK &&
        cw_bytes_equal(cw_domain_bytes(&own), cw_domain_bytes(&s->own)) &&
        cw_bytes_equal(cw_domain_bytes(&remote), cw_domain_bytes(&s->remote))) {
        cw_stream_blame(s, why, detail, NOTHING);
        (void)cw_stream_act(s, CW_EV_PAIR_FAILED, CW_CONDITION_NONE, NULL);
    }
}

/** Condition of <error/> inside an answer; absent if none. */
static struct cw_bytes condition_of(const struct cw_element *element)
{
    for (size_t i = 1; i < element->node_count; i++) {
        if (cw_bytes_equal(element->nodes[i].ns, CW_LIT(CW_NS_STANZAS)) &&
            !cw_bytes_equal(element->nodes[i].name, CW_LIT("text"))) {
            return element->nodes[i].name;
        }
    }
    return NOTHING;
}

/** Does the authoritative server's error say that there is no such domain (STREAM-69)? */
static bool is_unknown(struct cw_bytes condition)
{
    return cw_bytes_equal(condition, CW_LIT("item-not-found")) ||
           cw_bytes_equal(condition, CW_LIT("host-unknown")) ||
           cw_bytes_equal(condition, CW_LIT("remote-server-not-found"));
}

/* Whatever the error says, the senders of what waits are told remote-server-timeout, to which both
 * of these lead: it is about us, not about whom they wrote to (STREAM-64). */
static void take_result_error(struct cw_stream *s, const struct cw_element *element,
                              struct cw_stream_pair *pair)
{
    const struct cw_bytes condition = condition_of(element);
    const bool late = cw_bytes_equal(condition, CW_LIT("remote-server-timeout"));
    char detail[64];

    (void)snprintf(detail, sizeof(detail), "dialback ended with an error: " CW_FMT,
                   CW_ARG(condition));
    pair_failed(s, pair, late ? CW_FAIL_TIMEOUT : CW_FAIL_AUTH, detail);
}

static void take_result_answer(struct cw_stream *s, const struct cw_element *element,
                               const struct addresses *a)
{
    struct cw_stream_pair *pair =
        cw_pair_set_find(&s->pairs, cw_domain_bytes(&a->to), cw_domain_bytes(&a->from));
    const struct cw_permit *permit = permit_of(s, &a->from);

    if (!s->outgoing || pair == NULL || pair->state != CW_PAIR_PENDING ||
        pair->deadline_ms == UINT64_MAX) {
        drop(s, a, "answer of dialback that nobody asked for");
        return;
    }
    if (cw_bytes_equal(element->type, CW_LIT("valid"))) {
        if (!still_permitted(s, permit, pair->method)) {
            pair_failed(s, pair, CW_FAIL_NO_PERMIT, "not permitted any more");
            return;
        }
        count(s, permit, "initiator", "valid");
        (void)cw_stream_act(s, CW_EV_PAIR, CW_CONDITION_NONE, NULL);
        cw_stream_grant(s, cw_domain_bytes(&a->to), cw_domain_bytes(&a->from), pair->method);
    } else if (cw_bytes_equal(element->type, CW_LIT("invalid"))) {
        count(s, permit, "initiator", "invalid");
        s->barred = true; /* STREAM-64 */
        pair_failed(s, pair, CW_FAIL_KEY, "the peer calls our dialback key invalid");
    } else {
        count(s, permit, "initiator", "error");
        take_result_error(s, element, pair);
    }
}

static void take_verify_answer(struct cw_stream *s, const struct cw_element *element,
                               const struct addresses *a)
{
    const bool valid = cw_bytes_equal(element->type, CW_LIT("valid"));
    const bool told = valid || cw_bytes_equal(element->type, CW_LIT("invalid"));
    enum cw_fail fail = CW_FAIL_NONE;

    if (!cw_verifications_take(&s->verifications, cw_domain_bytes(&a->to),
                               cw_domain_bytes(&a->from), element->id)) {
        drop(s, a, "verification that nobody asked for"); /* STREAM-65 */
        return;
    }
    if (!told) {
        fail = is_unknown(condition_of(element)) ? CW_FAIL_DNS : CW_FAIL_TIMEOUT;
    }
    if (s->events.on_verify_answer != NULL) {
        s->events.on_verify_answer(s, element->id, valid, fail, s->user);
    }
}

static enum cw_stream_event event_of(bool result, bool asks)
{
    if (asks) {
        return result ? CW_EV_RESULT : CW_EV_VERIFY;
    }
    return result ? CW_EV_RESULT_ANSWER : CW_EV_VERIFY_ANSWER;
}

static void dispatch(struct cw_stream *s, const struct cw_element *element,
                     const struct addresses *a)
{
    const bool result = cw_bytes_equal(element->name, CW_LIT("result"));
    const bool asks = element->type.base == NULL;

    if (asks && s->outgoing) {
        drop(s, a, "dialback on a stream that we opened");
    } else if (asks) {
        cw_stream_note_stranger(s, cw_domain_bytes(&a->from));
        (result ? take_result : take_verify)(s, element, a);
    } else {
        (result ? take_result_answer : take_verify_answer)(s, element, a);
    }
}

void cw_stream_take_dialback(struct cw_stream *s, const struct cw_element *element)
{
    const enum cw_stream_event event =
        event_of(cw_bytes_equal(element->name, CW_LIT("result")), element->type.base == NULL);
    struct addresses a;

    if ((cw_stream_act(s, event, CW_CONDITION_NONE, NULL) & CW_FX_DIALBACK) == 0) {
        return;
    }
    if (!cw_domain_read(element->from, &a.from) || !cw_domain_read(element->to, &a.to)) {
        (void)cw_stream_act(s, CW_EV_REFUSE, CW_CONDITION_IMPROPER_ADDRESSING, NULL);
        return;
    }
    dispatch(s, element, &a);
}

/** Stanza error condition that tells the initiator why (STREAM-69). */
static const char *error_of(enum cw_fail fail)
{
    switch (fail) {
    case CW_FAIL_DNS:
        return "remote-server-not-found";
    case CW_FAIL_CONNECT:
    case CW_FAIL_TLS:
        return "remote-connection-failed";
    case CW_FAIL_NO_PERMIT:
        return "policy-violation";
    case CW_FAIL_QUEUE_FULL:
    case CW_FAIL_SHUTDOWN:
        return "resource-constraint";
    case CW_FAIL_NONE:
    case CW_FAIL_AUTH:
    case CW_FAIL_TIMEOUT:
    case CW_FAIL_STREAM:
    case CW_FAIL_KEY:
    case CW_FAILS:
    default:
        return "remote-server-timeout";
    }
}

/** The authoritative server disowns the key: an error beside other pairs, else the end. */
static void take_invalid(struct cw_stream *s, const struct addresses *a)
{
    CW_LOG(s->env.log, DIALBACK_INVALID, "the authoritative server calls the key invalid",
           {"remote", cw_domain_bytes(&a->from)}, {"own", cw_domain_bytes(&a->to)},
           {"peer", cw_log_text(cw_tls_stream_peer(s->connection))});
    s->invalid_keys++;
    if (s->pairs.count > 0 && s->invalid_keys < CW_LIMIT_INVALID_KEYS) {
        answer(s, "db:result", a, NOTHING, "error", "forbidden");
        return;
    }
    answer(s, "db:result", a, NOTHING, "invalid", NULL);
    cw_stream_blame(s, CW_FAIL_AUTH, "dialback key is invalid", NOTHING);
    (void)cw_stream_act(s, CW_EV_CLOSE, CW_CONDITION_NONE, NULL);
}

void cw_stream_take_verdict(struct cw_stream *s, struct cw_bytes own, struct cw_bytes remote,
                            bool valid, enum cw_fail fail)
{
    struct cw_stream_pair *pair = cw_pair_set_find(&s->pairs, own, remote);
    struct addresses a;
    const struct cw_permit *permit = s->env.permit(remote, s->env.user);
    enum cw_method method;

    if (s->outgoing || pair == NULL || pair->state != CW_PAIR_PENDING || s->connection == NULL ||
        s->state >= CW_ST_DRAINING) {
        return;
    }
    a = (struct addresses){.from = pair->remote, .to = pair->own};
    method = pair->method;
    cw_pair_set_remove(&s->pairs, pair);
    if (fail == CW_FAIL_NONE && !still_permitted(s, permit, method)) {
        fail = CW_FAIL_NO_PERMIT;
    }
    if (fail != CW_FAIL_NONE) {
        count(s, permit, "receiver", "error");
        answer(s, "db:result", &a, NOTHING, "error", error_of(fail));
    } else if (valid) {
        count(s, permit, "receiver", "valid");
        prove(s, &a, method);
    } else {
        count(s, permit, "receiver", "invalid");
        take_invalid(s, &a);
    }
    cw_stream_arm(s);
}

/** A pair that waited too long, or was never asked for (deadline 0). */
static void expire_pair(struct cw_stream *s, struct cw_stream_pair *pair)
{
    const struct cw_stream_pair copy = *pair;

    if (!s->outgoing) {
        cw_stream_take_verdict(s, cw_domain_bytes(&copy.own), cw_domain_bytes(&copy.remote), false,
                               CW_FAIL_TIMEOUT);
    } else if (copy.deadline_ms == 0) {
        pair_failed(s, pair, CW_FAIL_AUTH, "no dialback for this pair on this stream");
    } else {
        pair_failed(s, pair, CW_FAIL_TIMEOUT, "no answer to dialback");
    }
}

/** Takes the verifications that are due by `now_ms` out, and says why. */
static void end_verifications(struct cw_stream *s, uint64_t now_ms, enum cw_fail why)
{
    const struct cw_verification *first = cw_verifications_first(&s->verifications);

    while (first != NULL && first->deadline_ms <= now_ms) {
        const struct cw_verification copy = *first;
        const struct cw_bytes id = {copy.id, copy.id_len};

        (void)cw_verifications_take(&s->verifications, cw_domain_bytes(&copy.own),
                                    cw_domain_bytes(&copy.remote), id);
        if (s->events.on_verify_answer != NULL) {
            s->events.on_verify_answer(s, id, false, why, s->user);
        }
        first = cw_verifications_first(&s->verifications);
    }
}

void cw_stream_expire_dialback(struct cw_stream *s, uint64_t now_ms)
{
    struct cw_stream_pair *pair = cw_pair_set_overdue(&s->pairs, now_ms);

    while (pair != NULL && s->state < CW_ST_DRAINING) {
        expire_pair(s, pair);
        pair = cw_pair_set_overdue(&s->pairs, now_ms);
    }
    end_verifications(s, now_ms, CW_FAIL_TIMEOUT);
}

void cw_stream_end_dialback(struct cw_stream *s, enum cw_fail why)
{
    end_verifications(s, UINT64_MAX, why);
}
