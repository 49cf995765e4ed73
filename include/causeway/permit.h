/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What the gateway permits the edges to do: one permit for each partner domain, pushed as one
 * document with a revision. No permit, no stream (PARTNERS.md section 2, DESIGN section 5).
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

/** How a domain pair may be, or was, proven; also bits of `struct cw_permit.methods` (1u << m). */
enum cw_method {
    CW_METHOD_NONE,
    CW_METHOD_SASL_TLS,     /**< SASL EXTERNAL over TLS (or dialback with a valid certificate) */
    CW_METHOD_TLS_DIALBACK, /**< dialback over TLS */
    CW_METHOD_TCP_DIALBACK, /**< dialback in clear */
    CW_METHODS
};

/** "sasl_tls", "tls_dialback", "tcp_dialback", "none": words of metrics, logs and the API. */
const char *cw_method_name(enum cw_method method);

#define CW_PERMIT_MAX_PINS 8u
#define CW_PERMITS_MAX_LEN 262144u /* octets: what one frame carries */

struct cw_permit {
    struct cw_bytes domain;  /**< remote domain, A-labels, lower case; the key */
    struct cw_bytes partner; /**< primary domain of its partner: label of metrics and logs */
    uint8_t methods;         /**< set of 1u << enum cw_method, after the floor */
    bool tls_required;       /**< no clear-text method is left: starttls is offered as required */
    bool tls_offered;        /**< false: TLS is not supported for this partner (STREAM-143) */
    bool keep_alive;
    uint32_t connection_limit;            /**< streams to and from the partner */
    struct cw_bytes proxy;                /**< "host:port" instead of SRV; absent for none */
    uint8_t pins[CW_PERMIT_MAX_PINS][32]; /**< SPKI SHA-256 */
    uint8_t pin_count;
};

/** The whole document. */
struct cw_permits {
    uint64_t revision;                  /**< of the policy */
    const struct cw_bytes *own_domains; /**< SIP domains served here, A-labels */
    size_t own_count;
    const struct cw_permit *permits;
    size_t count;
    uint32_t connection_limit; /**< all streams of the edge */
    uint32_t stream_establishment_timeout_s;
    uint32_t stream_inactivity_timeout_s;
    uint32_t keep_alive_interval_s;
    uint32_t lease_s; /**< the edge drops all permits when no gateway renewed them for so long */
};

/** Payload of a PERMITS frame, in `arena`. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_permits_write(const struct cw_permits *permits, struct cw_arena *arena,
                                         struct cw_bytes *out);

/** Reads the payload; bytes are borrowed, arrays are in `arena`. @return CW_OK, CW_ERR_MALFORMED,
 * CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_permits_read(struct cw_bytes payload, struct cw_arena *arena,
                                        struct cw_permits *out);
