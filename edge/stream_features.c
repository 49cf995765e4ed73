/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_features.h"

#define NS_SASL_FEATURE CW_NS_SASL

bool cw_features_permits(const struct cw_permit *permit, enum cw_method method)
{
    if (permit == NULL || method == CW_METHOD_NONE) {
        return false;
    }
    if (method == CW_METHOD_TCP_DIALBACK && (permit->tls_required || permit->pin_count > 0)) {
        return false;
    }
    if (method != CW_METHOD_TCP_DIALBACK && !permit->tls_offered) {
        return false;
    }
    return (permit->methods & (1u << method)) != 0;
}

/** Before TLS: a stranger gets no more than the way to TLS (STREAM-140). */
static struct cw_features offer_in_clear(const struct cw_permit *permit)
{
    struct cw_features offer = {0};

    offer.starttls = permit == NULL || permit->tls_offered;
    offer.dialback = cw_features_permits(permit, CW_METHOD_TCP_DIALBACK);
    offer.starttls_required = offer.starttls && !offer.dialback; /* STREAM-22, STREAM-143 */
    return offer;
}

struct cw_features cw_features_offer(const struct cw_features_peer *peer)
{
    struct cw_features offer = {0};

    if (!peer->secure) {
        return offer_in_clear(peer->permit);
    }
    if (!peer->named) {
        /* STREAM-13: the authorization identity or the dialback domain decides later. */
        offer.external = peer->certificate && !peer->proven;
        offer.dialback = true;
        return offer;
    }
    offer.external = !peer->proven && peer->certificate &&
                     cw_features_permits(peer->permit, CW_METHOD_SASL_TLS); /* STREAM-40 */
    offer.dialback = cw_features_permits(peer->permit, CW_METHOD_TLS_DIALBACK);
    return offer;
}

static bool offers_external(const struct cw_element *element)
{
    const size_t list = cw_element_child(element, 0, NS_SASL_FEATURE, "mechanisms");

    if (list == 0) {
        return false; /* STREAM-23: nor does an empty list offer anything */
    }
    for (size_t i = list + 1; i < element->node_count; i++) {
        if (element->nodes[i].parent == list &&
            cw_bytes_equal(element->nodes[i].name, CW_LIT("mechanism")) &&
            cw_bytes_equal(cw_element_text(element, i), CW_LIT("EXTERNAL"))) {
            return true;
        }
    }
    return false;
}

static bool is_known(const struct cw_element_node *node)
{
    return cw_bytes_equal(node->ns, CW_LIT(CW_NS_TLS)) ||
           cw_bytes_equal(node->ns, CW_LIT(CW_NS_SASL)) ||
           cw_bytes_equal(node->ns, CW_LIT(CW_NS_DIALBACK_FEATURE));
}

/** STREAM-24: only what carries <required/> is mandatory. */
static bool unknown_required(const struct cw_element *element)
{
    for (size_t i = 1; i < element->node_count; i++) {
        const struct cw_element_node *node = &element->nodes[i];

        if (node->parent != 0 && element->nodes[node->parent].parent == 0 &&
            !is_known(&element->nodes[node->parent]) &&
            cw_bytes_equal(node->name, CW_LIT("required"))) {
            return true;
        }
    }
    return false;
}

struct cw_features cw_features_read(const struct cw_element *element)
{
    const size_t starttls = cw_element_child(element, 0, CW_NS_TLS, "starttls");
    const size_t dialback = cw_element_child(element, 0, CW_NS_DIALBACK_FEATURE, "dialback");
    struct cw_features got = {0};

    got.starttls = starttls != 0;
    got.starttls_required =
        starttls != 0 && cw_element_child(element, starttls, CW_NS_TLS, "required") != 0;
    got.external = offers_external(element);
    got.dialback = dialback != 0;
    got.dialback_errors =
        dialback != 0 && cw_element_child(element, dialback, CW_NS_DIALBACK_FEATURE, "errors") != 0;
    got.unknown_required = unknown_required(element);
    return got;
}

/** The last step when the stream is as safe as it will be. */
static enum cw_stream_event choose_proof(const struct cw_features_choice *c)
{
    const enum cw_method dialback = cw_features_dialback_method(c->secure);

    if (c->proven) { /* by EXTERNAL, and the permit may have changed since */
        return cw_features_permits(c->permit, CW_METHOD_SASL_TLS) ? CW_EV_GO_READY
                                                                  : CW_EV_GO_NOWHERE;
    }
    if (c->verify_only) {
        return cw_features_permits(c->permit, dialback) ? CW_EV_GO_READY : CW_EV_GO_NOWHERE;
    }
    if (c->secure && c->offered.external && c->have_certificate && c->certificate &&
        cw_features_permits(c->permit, CW_METHOD_SASL_TLS)) {
        return CW_EV_GO_EXTERNAL; /* STREAM-46: first */
    }
    return cw_features_permits(c->permit, dialback) ? CW_EV_GO_DIALBACK : CW_EV_GO_NOWHERE;
}

enum cw_stream_event cw_features_choose(const struct cw_features_choice *c)
{
    if (c->permit == NULL) {
        return CW_EV_GO_NOWHERE;
    }
    if (c->offered.unknown_required) {
        return CW_EV_GO_UNSUPPORTED; /* STREAM-24 */
    }
    if (!c->secure && c->permit->tls_offered && !c->clear) {
        return CW_EV_GO_TLS; /* STREAM-33: also when it was not offered */
    }
    if (!c->secure && c->offered.starttls_required) {
        return CW_EV_GO_UNSUPPORTED; /* STREAM-22: a key would be of no use there */
    }
    return choose_proof(c);
}
