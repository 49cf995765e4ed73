/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * TLS x SASL x dialback: which methods a partner record permits
 * (docs/reference/negotiation-matrix.csv, 18 rows). Pure.
 */

#include "partners.h"

/** Gateway-wide minimum that takes methods away from every row. */
enum cw_floor { CW_FLOOR_NONE, CW_FLOOR_TLS, CW_FLOOR_SASL, CW_FLOORS };

enum cw_finding_severity { CW_FINDING_NONE, CW_FINDING_INFO, CW_FINDING_WARNING, CW_FINDING_ERROR };

struct cw_negotiated {
    unsigned row;      /**< 1..18 of the matrix */
    uint8_t methods;   /**< set of 1u << enum cw_method that the row permits */
    uint8_t effective; /**< what the floor leaves of it */
    enum cw_finding_severity severity;
    const char *code;   /**< "E104", "W103" ...; "" without finding */
    const char *text;   /**< what is wrong, for the operator; "" */
    const char *remedy; /**< what to do; "" */
};

/** Judges one combination. */
struct cw_negotiated cw_negotiation_judge(enum cw_negotiation tls, enum cw_negotiation sasl,
                                          bool dialback, enum cw_floor floor);

/** Judges a whole record: as above, and what pins take away (E112: nothing is left). */
struct cw_negotiated cw_negotiation_of(const struct cw_partner *partner, enum cw_floor floor);
