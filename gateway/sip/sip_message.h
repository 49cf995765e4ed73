/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One SIP message as a struct, read or to be written (RFC 3261, 3428, 3903, 6665).
 */

#include <causeway/bytes.h>
#include <stdint.h>

enum cw_sip_method {
    CW_SIP_MESSAGE,
    CW_SIP_SUBSCRIBE,
    CW_SIP_NOTIFY,
    CW_SIP_PUBLISH,
    CW_SIP_OPTIONS,
    CW_SIP_OTHER,
    CW_SIP_METHODS
};

enum cw_sip_transport { CW_SIP_UDP, CW_SIP_TCP, CW_SIP_TLS, CW_SIP_TRANSPORTS };

#define CW_SIP_ABSENT       (-1) /* a number that is not there */
#define CW_SIP_MAX_ROUTES   16u
#define CW_SIP_MAX_CONTACTS 5u /* targets of a 3xx that are looked at (MSG-33) */

/** A name-addr of From or To. */
struct cw_sip_party {
    struct cw_bytes uri;     /**< without angle brackets */
    struct cw_bytes display; /**< decoded, unquoted; absent if none */
    struct cw_bytes tag;     /**< absent if none */
};

/**
 * A request or response, read or to be written. Absent runs and CW_SIP_ABSENT numbers are not in
 * the message. To be written: Via, Max-Forwards, Content-Length, User-Agent/Server, CSeq method are
 * made by the stack.
 */
struct cw_sip_message {
    enum cw_sip_method method;   /**< of the request, or of the CSeq of a response */
    struct cw_bytes method_text; /**< as printed */
    unsigned status;             /**< 0: a request */
    struct cw_bytes reason;      /**< Reason-Phrase */
    struct cw_bytes request_uri;
    struct cw_sip_party from;
    struct cw_sip_party to;
    struct cw_bytes call_id;
    uint32_t cseq;
    struct cw_bytes contact; /**< URI of the first Contact */
    size_t contact_count;    /**< how many there are; the first CW_SIP_MAX_CONTACTS are kept */
    struct cw_bytes contacts[CW_SIP_MAX_CONTACTS]; /**< read only: their URIs */
    struct cw_bytes
        routes[CW_SIP_MAX_ROUTES]; /**< written: Route set; read: Record-Route, as name-addr text */
    size_t route_count;
    int64_t max_forwards;
    int64_t expires_s;
    int64_t min_expires_s;
    int64_t retry_after_s;
    struct cw_bytes event;    /**< package name */
    struct cw_bytes event_id; /**< its id parameter */
    struct cw_bytes substate; /**< Subscription-State value: active, pending, terminated */
    struct cw_bytes substate_reason;
    int64_t substate_expires_s;
    int64_t substate_retry_after_s;
    struct cw_bytes accept; /**< raw value(s), comma separated */
    struct cw_bytes allow, allow_events, require, unsupported, supported;
    struct cw_bytes subject, date, etag, if_match;
    struct cw_bytes content_type; /**< raw, with parameters */
    struct cw_bytes content_language, content_encoding, content_disposition;
    struct cw_bytes accept_encoding;   /**< written only */
    struct cw_bytes asserted_identity; /**< URI of P-Asserted-Identity */
    struct cw_bytes privacy;
    struct cw_bytes warning;
    struct cw_bytes extra_name,
        extra_value; /**< one header of our own, e.g. P-Causeway-Partner; written only */
    struct cw_bytes body;
};

/** All numbers absent, everything else zero. */
void cw_sip_message_init(struct cw_sip_message *message);
