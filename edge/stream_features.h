/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Stream features: what we offer by a partner's permit (STREAM-22, STREAM-143), what a peer offers,
 * and what we then do (STREAM-33, STREAM-46).
 */

#include "element.h"
#include "stream_fsm.h"

#include <causeway/permit.h>

/** What is known of the peer when features are offered. */
struct cw_features_peer {
    const struct cw_permit *permit; /**< NULL: not a partner, or it did not say who it is */
    bool named;                     /**< its header had a 'from' */
    bool secure;                    /**< the stream is under TLS */
    bool proven;                    /**< a pair was proven by EXTERNAL */
    bool certificate; /**< its certificate is trusted and, if `named`, matches (STREAM-40) */
};

/** What to offer. Before TLS either TLS or dialback in clear, or both. */
struct cw_features {
    bool starttls;
    bool starttls_required;
    bool external;
    bool dialback;
    bool dialback_errors;  /**< read only: the peer understands errors */
    bool unknown_required; /**< read only: something mandatory that we do not know */
};

/** By permit. */
struct cw_features cw_features_offer(const struct cw_features_peer *peer);

/** Reads a peer's <features/>. */
struct cw_features cw_features_read(const struct cw_element *element);

/** What an initiator stands before when it has the peer's features. */
struct cw_features_choice {
    const struct cw_permit *permit;
    struct cw_features offered;
    bool secure;
    bool proven;           /**< EXTERNAL succeeded on this stream */
    bool certificate;      /**< the peer's is trusted and matches its domain */
    bool have_certificate; /**< we could use EXTERNAL */
    bool clear;            /**< TLS failed before: go on without, if permitted */
    bool verify_only;
};

/** One of CW_EV_GO_*. */
enum cw_stream_event cw_features_choose(const struct cw_features_choice *choice);

/** May `permit` be served by `method`? A pinned partner is never served in clear. */
bool cw_features_permits(const struct cw_permit *permit, enum cw_method method);

/** Which method dialback is on this stream. */
static inline enum cw_method cw_features_dialback_method(bool secure)
{
    return secure ? CW_METHOD_TLS_DIALBACK : CW_METHOD_TCP_DIALBACK;
}
