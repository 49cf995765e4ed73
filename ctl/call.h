/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One command as it was typed: its arguments and its options.
 */

#include "request.h"

#include <stdbool.h>

/** X(id, "name", takes a value, "VALUE", "help"): options that follow a command. */
#define CTL_OPTIONS(X)                                                                             \
    X(TYPE, "type", true, "federated | public_verified | public_unverified")                       \
    X(TLS, "tls", true, "required | optional | not_supported")                                     \
    X(SASL, "sasl", true, "required | optional | not_supported")                                   \
    X(DIALBACK, "dialback", true, "true | false")                                                  \
    X(ENABLED, "enabled", true, "true | false")                                                    \
    X(KEEP_ALIVE, "keep-alive", true, "true | false")                                              \
    X(ACCEPT, "accept", true, "default | auto | ask")                                              \
    X(DESCRIPTION, "description", true, "notes for people")                                        \
    X(ADDITIONAL, "additional-domains", true, "D,D...: all further domains; \"\" for none")        \
    X(PROXY, "proxy", true, "host[:port] instead of SRV; \"\" for none")                           \
    X(PINS, "pins", true, "P,P...: SPKI SHA-256, 64 hex digits each; \"\" for none")               \
    X(CONNECTION_LIMIT, "connection-limit", true, "streams to and from it; 0: the usual")          \
    X(MAX_STANZA, "max-stanza", true, "octets it takes; 0: the usual")                             \
    X(INVITES, "invites-per-minute", true, "new invitations; 0: by type")                          \
    X(MESSAGES, "messages-per-second", true, "0: by type")                                         \
    X(PRESENCE, "presence-per-second", true, "0: by type")                                         \
    X(COMMENT, "comment", true, "why, for the history")                                            \
    X(IF_MATCH, "if-match", true, "REVISION: change nothing if another one is in force")           \
    X(DRY_RUN, "dry-run", false, "show what would change, and change nothing")                     \
    X(ALL, "all", false, "those of files, too")                                                    \
    X(STRICT, "strict", false, "warnings fail")                                                    \
    X(KIND, "kind", true, "message | presence | subscribe")                                        \
    X(DIRECTION, "direction", true, "in | out | both")                                             \
    X(LIMIT, "limit", true, "so many at most")

/* clang-format off */
enum ctl_option {
#define X(id, name, takes_value, help) CTL_##id,
    CTL_OPTIONS(X)
#undef X
    CTL_OPTION_COUNT
};
/* clang-format on */

#define CTL_BIT(option) (1u << (option))

#define CTL_ARGUMENTS_MAX 4

struct ctl_call {
    const struct ctl_target *target;
    bool json;
    const char *words; /**< of the command */
    const char *arguments[CTL_ARGUMENTS_MAX];
    int count;
    const char *options[CTL_OPTION_COUNT]; /**< NULL: not given; "" for one without a value */
};

/** Carries a command out. @return what the process ends with */
typedef enum ctl_exit ctl_run_fn(const struct ctl_call *call);

/** Name of an option, without dashes. */
const char *ctl_option_name(enum ctl_option option);

/** What its value is, or what it does. */
const char *ctl_option_help(enum ctl_option option);

/** Does it take a value? */
bool ctl_option_takes_value(enum ctl_option option);

/** Reads the words behind the command's name into `call`. @return CTL_OK or CTL_USAGE, told */
enum ctl_exit ctl_call_read(struct ctl_call *call, char **words, int count, unsigned allowed);

/** Prints `document` as JSON. */
enum ctl_exit ctl_show_json(const struct json_t *document);
