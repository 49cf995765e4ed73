/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Every failure in Causeway is one value of `enum cw_err`.
 *
 * CW_ERR_MAP is the only place where an error is named, worded and given its face on both
 * networks. Add a row here and nowhere else; tests/unit/test_error.c walks the rows.
 * Rule source: RFC 7247 section 7 (tables 2 and 3).
 */

/** X(name, text for the operator, SIP status, XMPP stanza error condition) */
#define CW_ERR_MAP(X)                                                                              \
    X(OK, "success", 200, "")                                                                      \
    X(MALFORMED, "input breaks its grammar", 400, "bad-request")                                   \
    X(ADDRESS, "address cannot be used on the other network", 400, "jid-malformed")                \
    X(LIMIT, "input is larger than the configured limit", 413, "policy-violation")                 \
    X(UNSUPPORTED, "well formed, but no mapping exists", 415, "not-acceptable")                    \
    X(ENCRYPTED, "the body is encrypted for somebody else", 493, "not-acceptable")                 \
    X(REFUSED, "the partner rules refuse it", 403, "forbidden")                                    \
    X(UNKNOWN_USER, "no such user, or none this peer may learn of", 404, "item-not-found")         \
    X(NO_ROUTE, "no partner serves this domain", 404, "remote-server-not-found")                   \
    X(TIMEOUT, "the other side did not answer in time", 504, "remote-server-timeout")              \
    X(EMPTY, "nothing in it that the other network can carry", 202, "")                            \
    X(BUSY, "a queue is full", 500, "resource-constraint")                                         \
    X(IO, "a system call failed", 500, "internal-server-error")                                    \
    X(TLS, "the TLS handshake or record layer failed", 500, "remote-server-timeout")               \
    X(PROTOCOL, "the peer broke the protocol", 400, "bad-request")                                 \
    X(CLOSED, "the connection is closed", 500, "remote-server-timeout")                            \
    X(CONFIG, "the configuration has errors", 500, "internal-server-error")                        \
    X(CONFLICT, "another change came first", 500, "conflict")

/* clang-format off */
enum cw_err {
#define X(name, text, sip, xmpp) CW_ERR_##name,
    CW_ERR_MAP(X)
#undef X
    CW_ERR_COUNT
};
/* clang-format on */

#define CW_OK CW_ERR_OK

/** Puts a function's result under compiler guard: ignoring it is a build error. */
#define CW_MUST_USE __attribute__((warn_unused_result))

/** Returns from the calling function when `call` fails. The one macro that hides a `return`. */
#define CW_TRY(call)                                                                               \
    do {                                                                                           \
        const enum cw_err cw_try_ = (call);                                                        \
        if (cw_try_ != CW_OK) {                                                                    \
            return cw_try_;                                                                        \
        }                                                                                          \
    } while (0)

/** Operator's wording of `err`; never NULL, also for values out of range. */
const char *cw_err_text(enum cw_err err);

/** SIP status code (200..699) that tells a SIP peer about `err`. */
unsigned cw_err_sip_status(enum cw_err err);

/** Stanza error condition (RFC 6120 section 8.3.3) that tells an XMPP peer about `err`. */
const char *cw_err_xmpp_condition(enum cw_err err);
