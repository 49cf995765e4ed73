/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What an export of Lync holds once it is read: partners and findings.
 *
 * Names of domains are as written: whether they are domains, whose they are, and whether TLS, SASL
 * and dialback of a partner go together is judged where partner records are judged.
 */

#include "negotiation.h"

#define CW_LYNC_MAX_INPUT      ((size_t)1 << 20) /* octets of a file; a partner takes about 1500 */
#define CW_LYNC_MAX_PARTNERS   10000u
#define CW_LYNC_MAX_ADDITIONAL 100u /* domains of one partner */
#define CW_LYNC_MAX_FINDINGS   100u /* the rest is counted */

/** Properties of a partner object; X(name, as PowerShell writes it). */
#define CW_LYNC_PROPERTIES(X)                                                                      \
    X(IDENTITY, "Identity")                                                                        \
    X(DOMAIN, "Domain")                                                                            \
    X(DESCRIPTION, "Description")                                                                  \
    X(ADDITIONAL, "AdditionalDomains")                                                             \
    X(TYPE, "PartnerType")                                                                         \
    X(TLS, "TlsNegotiation")                                                                       \
    X(SASL, "SaslNegotiation")                                                                     \
    X(DIALBACK, "SupportDialbackNegotiation")                                                      \
    X(KEEP_ALIVE, "EnableKeepAlive")                                                               \
    X(CONNECTION_LIMIT, "ConnectionLimit")                                                         \
    X(PROXY, "ProxyFqdn")

/* clang-format off */
enum cw_lync_property {
#define X(name, text) CW_LYNC_##name,
    CW_LYNC_PROPERTIES(X)
#undef X
    CW_LYNC_PROPERTY_COUNT
};
/* clang-format on */

/** What a property says, or Lync's default where the export does not say it. */
struct cw_lync_partner {
    struct cw_bytes domain;            /**< as written, never empty; without scope ("Global/") */
    struct cw_bytes description;       /**< UTF-8; empty, never absent */
    struct cw_bytes proxy;             /**< as written; absent if none */
    const struct cw_bytes *additional; /**< as written, none empty */
    size_t additional_count;
    uint8_t type; /**< enum cw_partner_type */
    uint8_t tls;  /**< enum cw_negotiation */
    uint8_t sasl; /**< enum cw_negotiation */
    bool dialback;
    bool keep_alive;
    uint32_t connection_limit; /**< 0: the limit that holds for any partner */
    uint16_t present;          /**< set of 1u << enum cw_lync_property that the export says */
    size_t record;             /**< number of its record in the file, from 1 */
    size_t line;               /**< where the record begins, from 1; 0 if unknown (XML, JSON) */
};

struct cw_lync_finding {
    const char *code; /**< "E208", "W220", "N230" ... */
    enum cw_finding_severity severity;
    size_t record;        /**< from 1; 0: the file as a whole */
    size_t line;          /**< from 1; 0 if unknown */
    struct cw_bytes text; /**< what is wrong, one line of UTF-8 */
    const char *remedy;   /**< what to do */
};

/** Everything in it lives in the arena. */
struct cw_lync_import {
    const struct cw_lync_partner
        *partners; /**< in the order of the file, no record with an error */
    size_t partner_count;
    const struct cw_lync_finding *findings; /**< in the order of the file */
    size_t finding_count;
    size_t dropped; /**< findings beyond CW_LYNC_MAX_FINDINGS */
    size_t errors;  /**< of all findings; not 0: import nothing */
};
