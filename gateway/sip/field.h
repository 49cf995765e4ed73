/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The few header values that the transport and transaction layers must read before, and without,
 * the full parser: Via, the addresses of From and To, numbers. Values may be folded.
 */

#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

/** One Via value (RFC 3261 section 20.42). All runs are borrowed. */
struct cw_sip_via {
    struct cw_bytes text;      /**< the whole value, without the comma */
    struct cw_bytes transport; /**< as printed */
    struct cw_bytes host;      /**< IPv6 in brackets */
    uint16_t port;             /**< 0: none */
    struct cw_bytes branch;    /**< absent if none */
    struct cw_bytes rport;     /**< the parameter with its value; absent if none */
    struct cw_bytes received;  /**< the parameter with its value; absent if none */
};

/** A name-addr or addr-spec with parameters, as From and To hold it. */
struct cw_sip_address {
    struct cw_bytes display; /**< raw, with its quotes; absent if none */
    struct cw_bytes uri;     /**< without angle brackets */
    struct cw_bytes tag;     /**< absent if none */
    struct cw_bytes gr;      /**< a `gr` that was put behind the URI instead of into it (ADDR-25) */
};

/** Reads the first Via of `*value` and moves `*value` behind it and its comma. CW_OK,
 * CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_sip_via_read(struct cw_bytes *value, struct cw_sip_via *out);

/** Reads a whole From or To value. @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_sip_address_read(struct cw_bytes value, struct cw_sip_address *out);

/** Decimal digits only, at most `max`. @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_sip_number_read(struct cw_bytes text, uint64_t max, uint64_t *out);

/** ASCII letters compare equal in both cases. */
bool cw_sip_same_text(struct cw_bytes a, struct cw_bytes b);

/** `text` without white space (and folds) at both ends. */
struct cw_bytes cw_sip_trim(struct cw_bytes text);

/** Host, port (0: none) and `transport` parameter of a SIP URI, wherever it is printed; absent
 * host: not one. */
struct cw_sip_hop_address {
    struct cw_bytes host; /**< IPv6 without brackets */
    uint16_t port;
    struct cw_bytes transport;
    bool sips;
};

/** Reads a URI or a name-addr (a Route value). @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_sip_hop_address_read(struct cw_bytes text,
                                                struct cw_sip_hop_address *out);
