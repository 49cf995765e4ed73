/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Stands before the full parser: what does not pass here is never parsed. Bounded in every
 * direction, strict about lines, versions, numbers and headers that may stand once (RFC 3261
 * sections 7, 8.1.1, 18.3, 20; the torture messages of RFC 4475). Names in it are never resolved.
 */

#include "field.h"

#define CW_SIP_MESSAGE_MAX ((size_t)64 * 1024) /* octets, headers and body */
#define CW_SIP_LINE_MAX    8192u               /* octets of a header with its folds */
#define CW_SIP_LINES_MAX   100u
#define CW_SIP_NAME_MAX    256u /* octets of a branch, tag, Call-ID or host: keys of our tables */
#define CW_SIP_VIAS_MAX    20u  /* no path to a gateway is that long */

/** Headers the guard knows by name. X(id, name, compact form or 0, may stand once only) */
#define CW_SIP_LINE_MAP(X)                                                                         \
    X(VIA, "Via", 'v', false)                                                                      \
    X(FROM, "From", 'f', true)                                                                     \
    X(TO, "To", 't', true)                                                                         \
    X(CALL_ID, "Call-ID", 'i', true)                                                               \
    X(CSEQ, "CSeq", 0, true)                                                                       \
    X(MAX_FORWARDS, "Max-Forwards", 0, true)                                                       \
    X(CONTENT_LENGTH, "Content-Length", 'l', true)                                                 \
    X(CONTENT_TYPE, "Content-Type", 'c', true)                                                     \
    X(EXPIRES, "Expires", 0, true)                                                                 \
    X(MIN_EXPIRES, "Min-Expires", 0, true)                                                         \
    X(EVENT, "Event", 'o', true)                                                                   \
    X(SUBSCRIPTION_STATE, "Subscription-State", 0, true)                                           \
    X(SUBJECT, "Subject", 's', true)                                                               \
    X(DATE, "Date", 0, true)                                                                       \
    X(RETRY_AFTER, "Retry-After", 0, true)                                                         \
    X(ETAG, "SIP-ETag", 0, true)                                                                   \
    X(IF_MATCH, "SIP-If-Match", 0, true)                                                           \
    X(CONTACT, "Contact", 'm', false)                                                              \
    X(RECORD_ROUTE, "Record-Route", 0, false)                                                      \
    X(REQUIRE, "Require", 0, false)                                                                \
    X(SUPPORTED, "Supported", 'k', false)                                                          \
    X(UNSUPPORTED, "Unsupported", 0, false)                                                        \
    X(ACCEPT, "Accept", 0, false)                                                                  \
    X(ALLOW, "Allow", 0, false)                                                                    \
    X(ALLOW_EVENTS, "Allow-Events", 'u', false)                                                    \
    X(CONTENT_DISPOSITION, "Content-Disposition", 0, true)                                         \
    X(CONTENT_ENCODING, "Content-Encoding", 'e', false)                                            \
    X(CONTENT_LANGUAGE, "Content-Language", 0, false)                                              \
    X(ASSERTED_IDENTITY, "P-Asserted-Identity", 0, false)                                          \
    X(PRIVACY, "Privacy", 0, false)                                                                \
    X(WARNING, "Warning", 0, false)

enum cw_sip_line_id {
#define X(id, name, compact, single) CW_SIP_LINE_##id,
    CW_SIP_LINE_MAP(X)
#undef X
        CW_SIP_LINE_OTHER,
    CW_SIP_LINE_IDS
};

struct cw_sip_line {
    enum cw_sip_line_id id;
    struct cw_bytes value; /**< trimmed; may hold folds */
};

/** What the guard has read. All runs are borrowed from the message. */
struct cw_sip_guarded {
    struct cw_bytes head; /**< start line to empty line, inclusive */
    struct cw_bytes body;
    struct cw_bytes method; /**< of a request, or of the CSeq of a response */
    struct cw_bytes uri;    /**< of a request */
    struct cw_bytes reason; /**< of a response */
    unsigned status;        /**< 0: a request */
    struct cw_sip_line lines[CW_SIP_LINES_MAX];
    size_t line_count;
    struct cw_sip_via vias[CW_SIP_VIAS_MAX];
    size_t via_count;
    struct cw_sip_address from, to;
    struct cw_bytes call_id;
    uint32_t cseq;
    int64_t max_forwards;   /**< -1: none */
    int64_t content_length; /**< -1: none */
    unsigned refuse_status; /**< answer that a refused request may get; 0: none, drop it */
    const char *problem;    /**< why it was refused; a constant */
};

/** End of the head (behind its empty line) in `data`, from `*scanned` on; 0 if it is not there yet.
 */
size_t cw_sip_head_end(struct cw_bytes data, size_t *scanned);

/**
 * Checks one whole message. `stream`: Content-Length is needed and must be exact; else octets
 * behind the body are left out (RFC 3261 section 18.3).
 *
 * @return CW_OK; CW_ERR_MALFORMED or CW_ERR_LIMIT with `problem` and, for a request that can be
 *         answered, `refuse_status`, `vias[0]` and the lines
 */
CW_MUST_USE enum cw_err cw_sip_guard(struct cw_bytes data, bool stream, struct cw_sip_guarded *out);

/** First value of `id`; absent if there is none. */
struct cw_bytes cw_sip_line_value(const struct cw_sip_guarded *guarded, enum cw_sip_line_id id);
