/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_auth.h"

#include "peer_cert.h"
#include "stream_act.h"

static const struct cw_bytes NOTHING = {NULL, 0};

static void refuse(struct cw_stream *s, enum cw_condition condition, const char *text)
{
    (void)cw_stream_act(s, CW_EV_REFUSE, condition, text);
}

/** Is version 0.9 spoken with this partner? Only where nothing but clear-text dialback is
 * (STREAM-12). */
static bool may_be_old(const struct cw_permit *permit)
{
    return permit != NULL && !permit->tls_offered &&
           cw_features_permits(permit, CW_METHOD_TCP_DIALBACK);
}

static bool same(const struct cw_domain *a, const struct cw_domain *b)
{
    return cw_bytes_equal(cw_domain_bytes(a), cw_domain_bytes(b));
}

/** A protected header names a partner: is what it shows enough for any method left to it? */
static void judge_partner(struct cw_stream *s, const struct cw_permit *permit, bool old)
{
    const char *problem = NULL;
    struct cw_features offer;

    if (permit == NULL) {
        cw_stream_note_stranger(s, cw_domain_bytes(&s->remote));
        refuse(s, CW_CONDITION_POLICY_VIOLATION, NULL); /* STREAM-140 */
        return;
    }
    if (!cw_stream_pinned(s, permit)) { /* STREAM-97 */
        cw_stream_blame(s, CW_FAIL_TLS, "the peer's key is not one of the pinned ones", NOTHING);
        refuse(s, CW_CONDITION_NOT_AUTHORIZED, "certificate does not match");
        return;
    }
    s->certificate = cw_stream_certified(s, cw_domain_bytes(&s->remote), &problem);
    offer = cw_stream_offer(s);
    if (!offer.external && !offer.dialback) { /* STREAM-49 */
        cw_stream_blame(s, CW_FAIL_TLS, problem, NOTHING);
        refuse(s, CW_CONDITION_POLICY_VIOLATION, problem);
        return;
    }
    (void)cw_stream_act(s, old ? CW_EV_HEADER_OLD : CW_EV_HEADER, CW_CONDITION_NONE, NULL);
}

/** The header after EXTERNAL must be of the pair that was proven (STREAM-47, STREAM-48). */
static void judge_restart(struct cw_stream *s)
{
    const struct cw_permit *permit;

    if (s->remote.len == 0) {
        s->remote = s->sasl;
    }
    permit = cw_stream_permit(s); /* it may be another one than when EXTERNAL succeeded */
    if (!same(&s->remote, &s->sasl) || !cw_features_permits(permit, CW_METHOD_SASL_TLS) ||
        !cw_stream_pinned(s, permit)) {
        refuse(s, CW_CONDITION_INVALID_FROM, NULL);
        return;
    }
    s->external = true;
    (void)cw_stream_act(s, CW_EV_HEADER, CW_CONDITION_NONE, NULL);
}

/** Header of an initiator: who is it, whom does it want? (STREAM-11 to STREAM-17) */
static void take_initiator(struct cw_stream *s, const struct cw_header *header,
                           enum cw_condition condition)
{
    const struct cw_permit *permit;
    const bool own =
        header->to.len != 0 && s->env.is_own(cw_domain_bytes(&header->to), s->env.user);

    s->remote = header->from;
    s->own.len = 0;
    cw_stream_forget_partner(s);
    if (own) {
        s->own = header->to;
    }
    permit = cw_stream_permit(s);
    if (condition != CW_CONDITION_NONE) {
        refuse(s, condition, NULL);
    } else if (!own) {
        refuse(s, CW_CONDITION_HOST_UNKNOWN, NULL); /* STREAM-14 */
    } else if (header->old && !may_be_old(permit)) {
        refuse(s, CW_CONDITION_UNSUPPORTED_VERSION, NULL); /* STREAM-12 */
    } else if (s->state == CW_ST_R_PROVEN) {
        judge_restart(s);
    } else if (s->secure && s->remote.len != 0) {
        judge_partner(s, permit, header->old);
    } else {
        (void)cw_stream_act(s, header->old ? CW_EV_HEADER_OLD : CW_EV_HEADER, CW_CONDITION_NONE,
                            NULL);
    }
}

/** Is `from` the domain that we asked for, or another one of the same partner? (STREAM-99) */
static bool answers_for(const struct cw_stream *s, const struct cw_domain *from,
                        const struct cw_permit *permit)
{
    const struct cw_permit *other;

    if (from->len == 0 || same(from, &s->remote)) {
        return true;
    }
    other = s->env.permit(cw_domain_bytes(from), s->env.user);
    return other != NULL && permit != NULL && cw_bytes_equal(other->partner, permit->partner);
}

static void take_receiver(struct cw_stream *s, const struct cw_stream_header *raw,
                          const struct cw_header *header, enum cw_condition condition)
{
    const struct cw_permit *permit = cw_stream_permit(s);

    s->peer_id_len = 0;
    if (condition != CW_CONDITION_NONE && condition != CW_CONDITION_HOST_UNKNOWN) {
        refuse(s, condition, NULL); /* its 'to' is our own business */
        return;
    }
    if (!answers_for(s, &header->from, permit)) {
        refuse(s, CW_CONDITION_INVALID_FROM, "the peer answers for another domain");
        return;
    }
    if (raw->id.len > sizeof(s->peer_id)) {
        refuse(s, CW_CONDITION_POLICY_VIOLATION, "the peer's stream id is too long");
        return;
    }
    if (raw->id.len > 0) {
        memcpy(s->peer_id, raw->id.base, raw->id.len);
        s->peer_id_len = raw->id.len;
    }
    if (header->old && !may_be_old(permit)) {
        refuse(s, CW_CONDITION_UNSUPPORTED_VERSION, NULL); /* STREAM-12 */
        return;
    }
    (void)cw_stream_act(s, header->old ? CW_EV_HEADER_OLD : CW_EV_HEADER, CW_CONDITION_NONE, NULL);
}

void cw_stream_take_header(struct cw_stream *s, const struct cw_stream_header *header)
{
    struct cw_header read;
    const enum cw_condition condition = cw_header_read(header, &read);

    if (s->outgoing) {
        take_receiver(s, header, &read, condition);
    } else {
        take_initiator(s, &read, condition);
    }
}

/** Have we a certificate to show? */
static bool have_certificate(const struct cw_stream *s)
{
    const struct cw_tls *tls = s->env.tls(cw_domain_bytes(&s->own), false, s->env.user);

    return tls != NULL && cw_tls_not_after_s(tls) != 0;
}

/** Why the peer's features are the end, if they are. */
static void blame_features(struct cw_stream *s, enum cw_stream_event event,
                           const struct cw_features *offered)
{
    const enum cw_fail why = s->secure ? CW_FAIL_AUTH : CW_FAIL_TLS;

    if (event == CW_EV_GO_NOWHERE) {
        cw_stream_blame(s, why, "the peer offers no way that the partner's settings permit",
                        NOTHING);
    } else if (event == CW_EV_GO_UNSUPPORTED) {
        cw_stream_blame(s, why,
                        offered->unknown_required
                            ? "the peer requires a feature that is not known here"
                            : "the peer requires TLS, and there is none",
                        NOTHING);
    }
}

void cw_stream_take_features(struct cw_stream *s, const struct cw_element *element)
{
    const struct cw_features_choice choice = {
        .permit = cw_stream_permit(s),
        .offered = cw_features_read(element),
        .secure = s->secure,
        .proven = s->external,
        .certificate = s->certificate,
        .have_certificate = s->secure && have_certificate(s),
        .clear = s->clear,
        .verify_only = s->verify_only,
    };
    const enum cw_stream_event event = cw_features_choose(&choice);

    if (!s->outgoing || s->state == CW_ST_I_READY) {
        (void)cw_stream_act(s, CW_EV_GO_NOWHERE, CW_CONDITION_NONE, NULL);
        return;
    }
    s->peer_features = choice.offered;
    blame_features(s, event, &choice.offered);
    (void)cw_stream_act(s, event, CW_CONDITION_NONE, NULL);
}

void cw_stream_take_starttls(struct cw_stream *s, bool more)
{
    const struct cw_permit *permit = cw_stream_permit(s);
    const bool barred = permit != NULL && !permit->tls_offered; /* STREAM-143 */

    if (more && !s->outgoing && s->state == CW_ST_R_PLAIN) {
        /* STREAM-30: what follows in clear is an attack, or nonsense */
        cw_stream_blame(s, CW_FAIL_TLS, "input behind <starttls/>", NOTHING);
        (void)cw_stream_act(s, CW_EV_LOST, CW_CONDITION_NONE, NULL);
        cw_tls_stream_abort(s->connection, CW_ERR_PROTOCOL, "input behind <starttls/>");
        return;
    }
    if (barred) {
        cw_stream_blame(s, CW_FAIL_TLS, "TLS is not for this partner", NOTHING);
    }
    (void)cw_stream_act(s, barred ? CW_EV_STARTTLS_BARRED : CW_EV_STARTTLS, CW_CONDITION_NONE,
                        NULL);
}

void cw_stream_take_proceed(struct cw_stream *s, bool more)
{
    if (more && s->state == CW_ST_I_PROCEED) {
        cw_stream_blame(s, CW_FAIL_TLS, "input behind <proceed/>", NOTHING);
        (void)cw_stream_act(s, CW_EV_LOST, CW_CONDITION_NONE, NULL);
        cw_tls_stream_abort(s->connection, CW_ERR_PROTOCOL, "input behind <proceed/>");
        return;
    }
    (void)cw_stream_act(s, CW_EV_PROCEED, CW_CONDITION_NONE, NULL);
}

void cw_stream_take_tls_failure(struct cw_stream *s)
{
    cw_stream_blame(s, CW_FAIL_TLS, "the peer refuses STARTTLS", NOTHING);
    (void)cw_stream_act(s, CW_EV_TLS_REFUSED, CW_CONDITION_NONE, NULL);
}

/** Does the certificate prove `domain`, and may it use EXTERNAL? */
static bool proves(const struct cw_stream *s, const struct cw_domain *domain)
{
    const struct cw_permit *permit = s->env.permit(cw_domain_bytes(domain), s->env.user);
    const char *problem = NULL;

    return cw_features_permits(permit, CW_METHOD_SASL_TLS) && cw_stream_pinned(s, permit) &&
           cw_stream_certified(s, cw_domain_bytes(domain), &problem);
}

static enum cw_sasl_failure judge_auth(struct cw_stream *s, const struct cw_element *element,
                                       bool response)
{
    enum cw_sasl_failure failure;
    const struct cw_bytes text =
        element->node_count > 0 ? element->nodes[0].text : (struct cw_bytes){NULL, 0};

    if (!s->secure) {
        return CW_SASL_ENCRYPTION_REQUIRED; /* STREAM-44 */
    }
    if (element->node_count > 1) {
        return CW_SASL_MALFORMED_REQUEST;
    }
    if (!response &&
        (!cw_bytes_equal(element->mechanism, CW_LIT("EXTERNAL")) || !cw_stream_offer(s).external)) {
        return CW_SASL_INVALID_MECHANISM;
    }
    failure = cw_sasl_authzid(text, &s->remote, &s->sasl);
    if (failure != CW_SASL_NONE) {
        return failure;
    }
    cw_stream_note_stranger(s, cw_domain_bytes(&s->sasl));
    return proves(s, &s->sasl) ? CW_SASL_NONE : CW_SASL_NOT_AUTHORIZED;
}

static void fail_auth(struct cw_stream *s, enum cw_stream_event event, enum cw_sasl_failure failure)
{
    s->sasl_failure = failure;
    s->sasl_attempts++;
    (void)cw_stream_act(s, event, CW_CONDITION_NONE, NULL);
    if (s->sasl_attempts >= CW_LIMIT_SASL_ATTEMPTS) { /* STREAM-45 */
        cw_stream_blame(s, CW_FAIL_AUTH, "too many SASL failures", NOTHING);
        refuse(s, CW_CONDITION_POLICY_VIOLATION, "too many attempts");
    }
}

/** <auth/> for EXTERNAL without an initial response, where that may be asked for (STREAM-41). */
static bool wants_challenge(const struct cw_stream *s, const struct cw_element *element)
{
    return s->state == CW_ST_R_SECURE && cw_bytes_equal(element->name, CW_LIT("auth")) &&
           cw_bytes_equal(element->mechanism, CW_LIT("EXTERNAL")) && element->node_count == 1 &&
           element->nodes[0].text.len == 0 && cw_stream_offer(s).external;
}

void cw_stream_take_auth(struct cw_stream *s, const struct cw_element *element)
{
    const bool response = cw_bytes_equal(element->name, CW_LIT("response"));
    const bool in_place = response ? s->state == CW_ST_R_CHALLENGE
                                   : s->state == CW_ST_R_SECURE || s->state == CW_ST_R_PLAIN;
    enum cw_sasl_failure failure = CW_SASL_NOT_AUTHORIZED;

    if (wants_challenge(s, element)) {
        (void)cw_stream_act(s, CW_EV_AUTH_EMPTY, CW_CONDITION_NONE, NULL);
        return;
    }
    if (in_place) {
        failure = judge_auth(s, element, response);
    }
    if (failure == CW_SASL_NONE) {
        (void)cw_stream_act(s, response ? CW_EV_RESPONSE_PROVEN : CW_EV_AUTH_PROVEN,
                            CW_CONDITION_NONE, NULL);
        return;
    }
    fail_auth(s, response ? CW_EV_RESPONSE_FAILED : CW_EV_AUTH_FAILED, failure);
}

void cw_stream_take_abort(struct cw_stream *s)
{
    fail_auth(s, CW_EV_ABORT, CW_SASL_ABORTED);
}

void cw_stream_take_challenge(struct cw_stream *s)
{
    s->challenged = true;
    s->sasl_attempts++;
    if (s->sasl_attempts > CW_LIMIT_SASL_ATTEMPTS) {
        refuse(s, CW_CONDITION_POLICY_VIOLATION, "too many challenges");
        return;
    }
    (void)cw_stream_act(s, CW_EV_CHALLENGED, CW_CONDITION_NONE, NULL);
}

void cw_stream_take_success(struct cw_stream *s)
{
    s->external = s->state == CW_ST_I_AUTH;
    (void)cw_stream_act(s, CW_EV_SUCCESS, CW_CONDITION_NONE, NULL);
}

void cw_stream_take_failure(struct cw_stream *s, const struct cw_element *element)
{
    const bool go_on = cw_features_permits(cw_stream_permit(s), CW_METHOD_TLS_DIALBACK);

    if (!go_on) {
        cw_stream_blame(s, CW_FAIL_AUTH, "the peer refuses our certificate: ",
                        element->node_count > 1 ? element->nodes[1].name : NOTHING);
    }
    (void)cw_stream_act(s, go_on ? CW_EV_FAILURE_GO_ON : CW_EV_FAILURE_STOP, CW_CONDITION_NONE,
                        NULL); /* STREAM-46 */
}

void cw_stream_take_secure(struct cw_stream *s)
{
    const struct cw_permit *permit = cw_stream_permit(s);
    const char *problem = "not a partner";
    bool barred = false;

    s->secure = true;
    s->saw_certificate = cw_tls_stream_certificate(s->connection) != NULL;
    s->has_key = cw_peer_cert_key(cw_tls_stream_certificate(s->connection), s->key);
    if (s->outgoing) {
        s->certificate = cw_stream_certified(s, cw_domain_bytes(&s->remote), &problem);
        barred = permit == NULL ||
                 (!s->certificate && !cw_features_permits(permit, CW_METHOD_TLS_DIALBACK));
        if (!barred && !cw_stream_pinned(s, permit)) {
            problem = "the peer's key is not one of the pinned ones";
            barred = true;
        }
    }
    if (barred) { /* STREAM-37, STREAM-142: never a fallback */
        cw_stream_blame(s, permit == NULL ? CW_FAIL_NO_PERMIT : CW_FAIL_TLS, problem, NOTHING);
    }
    (void)cw_stream_act(s, barred ? CW_EV_SECURE_BARRED : CW_EV_SECURE, CW_CONDITION_NONE, NULL);
}
