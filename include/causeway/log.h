/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Structured log: one event a line, fields as key and value, never a message body. Formats: logfmt,
 * JSON, the journal's native one. Events and their levels live in one table (OPERATOR.md 2.6).
 */

#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

enum cw_log_level {
    CW_LOG_DEBUG,
    CW_LOG_INFO,
    CW_LOG_NOTICE,
    CW_LOG_WARNING,
    CW_LOG_ERROR,
    CW_LOG_LEVELS
};

enum cw_log_format { CW_LOG_AUTO, CW_LOG_LOGFMT, CW_LOG_JSON, CW_LOG_JOURNAL };

/** X(name, "event", level): the catalogue. docs/reference/events.md is checked against it. */
#define CW_LOG_EVENT_MAP(X)                                                                        \
    X(NODE_START, "node.start", NOTICE)                                                            \
    X(NODE_READY, "node.ready", NOTICE)                                                            \
    X(NODE_DRAIN, "node.drain", NOTICE)                                                            \
    X(NODE_STOP, "node.stop", NOTICE)                                                              \
    X(CONFIG_LOADED, "config.loaded", NOTICE)                                                      \
    X(CONFIG_REJECTED, "config.rejected", ERROR)                                                   \
    X(CONFIG_NEEDS_RESTART, "config.needs_restart", WARNING)                                       \
    X(POLICY_COMMITTED, "policy.committed", NOTICE)                                                \
    X(POLICY_ROLLED_BACK, "policy.rolled_back", NOTICE)                                            \
    X(POLICY_APPLIED, "policy.applied", NOTICE)                                                    \
    X(POLICY_DENIED, "policy.denied", INFO)                                                        \
    X(POLICY_UNLISTED, "policy.unlisted", NOTICE)                                                  \
    X(S2S_CONNECTING, "s2s.connecting", INFO)                                                      \
    X(S2S_UP, "s2s.up", INFO)                                                                      \
    X(S2S_DOWN, "s2s.down", INFO)                                                                  \
    X(S2S_FAILED, "s2s.failed", NOTICE)                                                            \
    X(S2S_DOWNGRADED, "s2s.downgraded", WARNING)                                                   \
    X(S2S_LIMIT, "s2s.limit", WARNING)                                                             \
    X(DIALBACK_INVALID, "dialback.invalid", WARNING)                                               \
    X(TLS_RELOADED, "tls.reloaded", NOTICE)                                                        \
    X(LINK_UP, "link.up", NOTICE)                                                                  \
    X(LINK_CLOSED, "link.closed", NOTICE)                                                          \
    X(LINK_DOWN, "link.down", ERROR)                                                               \
    X(LINK_REVISION_LAG, "link.revision_lag", WARNING)                                             \
    X(SIP_ROUTE_UP, "sip.route_up", NOTICE)                                                        \
    X(SIP_ROUTE_DOWN, "sip.route_down", ERROR)                                                     \
    X(MESSAGE_BODY, "message.body", INFO)                                                          \
    X(MESSAGE_DELIVERED, "message.delivered", DEBUG)                                               \
    X(MESSAGE_FAILED, "message.failed", INFO)                                                      \
    X(SIP_FAULT, "sip.fault", WARNING)                                                             \
    X(STANZA_HANDLED, "stanza.handled", DEBUG)                                                     \
    X(ADDRESS_MIXED, "address.mixed_scripts", NOTICE)                                              \
    X(SUBSCRIPTION_UP, "subscription.up", INFO)                                                    \
    X(SUBSCRIPTION_REFUSED, "subscription.refused", INFO)                                          \
    X(SUBSCRIPTION_EXPIRED, "subscription.expired", INFO)                                          \
    X(QUARANTINE_BEGIN, "quarantine.begin", WARNING)                                               \
    X(QUARANTINE_END, "quarantine.end", NOTICE)                                                    \
    X(QUEUE_FULL, "queue.full", WARNING)                                                           \
    X(STORE_DOWN, "store.down", ERROR)                                                             \
    X(STORE_UP, "store.up", NOTICE)                                                                \
    X(API_DENIED, "api.denied", NOTICE)                                                            \
    X(API_CHANGED, "api.changed", NOTICE)                                                          \
    X(XML_REJECTED, "xml.rejected", NOTICE)                                                        \
    X(SIP_REJECTED, "sip.rejected", NOTICE)                                                        \
    X(LOG_SUPPRESSED, "log.suppressed", WARNING)                                                   \
    X(INTERNAL_ASSERT, "internal.assert", ERROR)

/* clang-format off */
enum cw_log_event {
#define X(name, text, level) CW_EVENT_##name,
    CW_LOG_EVENT_MAP(X)
#undef X
    CW_LOG_EVENTS
};
/* clang-format on */

struct cw_log;

/** One field. An absent value leaves the field out. */
struct cw_log_field {
    const char *key;
    struct cw_bytes value;
};

/** @param node  this process's name, in every line; NULL for none */
struct cw_log *cw_log_new(enum cw_log_format format, enum cw_log_level level, const char *node);

/** Frees and sets NULL. */
void cw_log_free(struct cw_log **log);

/** Changes the lowest level that is written. */
void cw_log_set_level(struct cw_log *log, enum cw_log_level level);

/** Would `event` be written now? Spares the work of making fields. */
bool cw_log_on(const struct cw_log *log, enum cw_log_event event);

/**
 * Writes one event at its level, rate-limited by event (10 a second, burst 50, then one
 * log.suppressed). `message` is for people. `log` may be NULL: nothing is written.
 */
void cw_log_event(struct cw_log *log, enum cw_log_event event, const char *message,
                  const struct cw_log_field *fields, size_t count);

/** Fields inline: CW_LOG(log, S2S_UP, "stream is up", {"partner", name}, {"dir", CW_LIT("out")});
 */
#define CW_LOG(log, name, message, ...)                                                            \
    do {                                                                                           \
        if (cw_log_on((log), CW_EVENT_##name)) {                                                   \
            const struct cw_log_field cw_fields_[] = {__VA_ARGS__};                                \
            cw_log_event((log), CW_EVENT_##name, (message), cw_fields_,                            \
                         sizeof(cw_fields_) / sizeof(cw_fields_[0]));                              \
        }                                                                                          \
    } while (0)

/** Tells of what is withheld at this moment. Comes by itself with the next event, once a second at
 * most, and with cw_log_free(). */
void cw_log_flush(struct cw_log *log);

/** A C string as a field value; NULL is absent. */
struct cw_bytes cw_log_text(const char *text);

/** How many lines were written at `level`; for the metric log_messages_total. */
uint64_t cw_log_count(const struct cw_log *log, enum cw_log_level level);

/** How many lines of `event` were withheld; for the metric log_suppressed_total. */
uint64_t cw_log_suppressed(const struct cw_log *log, enum cw_log_event event);

/** "s2s.up" */
const char *cw_log_event_text(enum cw_log_event event);

/** "warning"; the label of log_messages_total. */
const char *cw_log_level_word(enum cw_log_level level);
