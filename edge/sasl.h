/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * SASL EXTERNAL as a receiver judges it (STREAM-41, STREAM-42, STREAM-44).
 */

#include "domain.h"

#include <causeway/bytes.h>

/** X(name, element): failures of RFC 6120 section 6.5 that we send. */
#define CW_SASL_FAILURE_MAP(X)                                                                     \
    X(ABORTED, "aborted")                                                                          \
    X(ENCRYPTION_REQUIRED, "encryption-required")                                                  \
    X(INCORRECT_ENCODING, "incorrect-encoding")                                                    \
    X(INVALID_AUTHZID, "invalid-authzid")                                                          \
    X(INVALID_MECHANISM, "invalid-mechanism")                                                      \
    X(MALFORMED_REQUEST, "malformed-request")                                                      \
    X(NOT_AUTHORIZED, "not-authorized")

/* clang-format off */
enum cw_sasl_failure {
    CW_SASL_NONE,
#define X(name, element) CW_SASL_##name,
    CW_SASL_FAILURE_MAP(X)
#undef X
    CW_SASL_FAILURES
};
/* clang-format on */

/** Element name of `failure`. */
const char *cw_sasl_failure_name(enum cw_sasl_failure failure);

/**
 * Reads the authorization identity from the text of <auth/> or <response/>.
 *
 * @param text   character data as it came, white space included
 * @param from   the protected header's 'from'; empty when it had none
 * @param out    the domain that asks to be authenticated; written only on CW_SASL_NONE
 * @return CW_SASL_NONE, INCORRECT_ENCODING or INVALID_AUTHZID
 */
enum cw_sasl_failure cw_sasl_authzid(struct cw_bytes text, const struct cw_domain *from,
                                     struct cw_domain *out);
