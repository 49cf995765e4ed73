/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Stream error conditions (RFC 6120 section 4.9.3), STREAM-122.
 */

#include <causeway/bytes.h>

/** X(name, element) */
#define CW_CONDITION_MAP(X)                                                                        \
    X(BAD_FORMAT, "bad-format")                                                                    \
    X(BAD_NAMESPACE_PREFIX, "bad-namespace-prefix")                                                \
    X(CONFLICT, "conflict")                                                                        \
    X(CONNECTION_TIMEOUT, "connection-timeout")                                                    \
    X(HOST_GONE, "host-gone")                                                                      \
    X(HOST_UNKNOWN, "host-unknown")                                                                \
    X(IMPROPER_ADDRESSING, "improper-addressing")                                                  \
    X(INTERNAL_SERVER_ERROR, "internal-server-error")                                              \
    X(INVALID_FROM, "invalid-from")                                                                \
    X(INVALID_NAMESPACE, "invalid-namespace")                                                      \
    X(INVALID_XML, "invalid-xml")                                                                  \
    X(NOT_AUTHORIZED, "not-authorized")                                                            \
    X(NOT_WELL_FORMED, "not-well-formed")                                                          \
    X(POLICY_VIOLATION, "policy-violation")                                                        \
    X(REMOTE_CONNECTION_FAILED, "remote-connection-failed")                                        \
    X(RESET, "reset")                                                                              \
    X(RESOURCE_CONSTRAINT, "resource-constraint")                                                  \
    X(RESTRICTED_XML, "restricted-xml")                                                            \
    X(SEE_OTHER_HOST, "see-other-host")                                                            \
    X(SYSTEM_SHUTDOWN, "system-shutdown")                                                          \
    X(UNDEFINED_CONDITION, "undefined-condition")                                                  \
    X(UNSUPPORTED_ENCODING, "unsupported-encoding")                                                \
    X(UNSUPPORTED_FEATURE, "unsupported-feature")                                                  \
    X(UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type")                                          \
    X(UNSUPPORTED_VERSION, "unsupported-version")

/* clang-format off */
enum cw_condition {
    CW_CONDITION_NONE,
#define X(name, element) CW_CONDITION_##name,
    CW_CONDITION_MAP(X)
#undef X
    CW_CONDITIONS
};
/* clang-format on */

/** Element name; "undefined-condition" for a value out of range or NONE. */
const char *cw_condition_name(enum cw_condition condition);

/** The condition that `name` stands for; UNDEFINED_CONDITION for a name that is not known. */
enum cw_condition cw_condition_read(struct cw_bytes name);
