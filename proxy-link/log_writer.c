/* SPDX-License-Identifier: Apache-2.0 */
#include "log_format.h"
#include "log_rate.h"

#include <causeway/clock.h>
#include <causeway/log.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SUMMARY_MS = 1000 };

static const char JOURNAL_SOCKET[] = "/run/systemd/journal/socket";

/* syslog's numbers: debug, info, notice, warning, error */
static const char *const PRIORITY[CW_LOG_LEVELS] = {"7", "6", "5", "4", "3"};

struct event_row {
    const char *text;
    enum cw_log_level level;
};

/* clang-format off */
static const struct event_row EVENTS[CW_LOG_EVENTS] = {
#define X(name, text, level) [CW_EVENT_##name] = {text, CW_LOG_##level},
    CW_LOG_EVENT_MAP(X)
#undef X
};
/* clang-format on */

struct cw_log {
    enum cw_log_format format;
    enum cw_log_level level;
    char *node;
    int fd; /**< of the journal's socket, or stderr */
    struct cw_byte_queue line;
    uint64_t flushed_ms; /**< when the withheld lines were last told of */
    uint64_t counts[CW_LOG_LEVELS];
    uint64_t suppressed[CW_LOG_EVENTS];
    struct cw_log_rate rates[CW_LOG_EVENTS];
};

/* Also after the process has dropped its rights: the socket is opened once, at the start. */
static int open_journal(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memcpy(to.sun_path, JOURNAL_SOCKET, sizeof(JOURNAL_SOCKET));
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void send_line(struct cw_log *log)
{
    struct cw_bytes line = cw_byte_queue_bytes(&log->line);
    if (log->format == CW_LOG_JOURNAL) {
        (void)send(log->fd, line.base, line.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
        while (line.len > 0) {
            const ssize_t written = write(log->fd, line.base, line.len);
            if (written < 0 && errno != EINTR) {
                break; /* nobody listens: the log is not worth the process */
            }
            line.base += written > 0 ? written : 0;
            line.len -= written > 0 ? (size_t)written : 0;
        }
    }
    cw_byte_queue_consume(&log->line, log->line.len);
}

static void write_event(struct cw_log *log, enum cw_log_event event, const char *message,
                        const struct cw_log_field *fields, size_t count)
{
    const struct cw_log_record record = {.wall_ms = cw_clock_wall_ms(),
                                         .level = cw_log_level_word(EVENTS[event].level),
                                         .priority = PRIORITY[EVENTS[event].level],
                                         .event = EVENTS[event].text,
                                         .node = log->node,
                                         .message = message,
                                         .fields = fields,
                                         .count = count};
    if (log->format == CW_LOG_JOURNAL) {
        cw_log_write_journal(&log->line, &record);
    } else if (log->format == CW_LOG_JSON) {
        cw_log_write_json(&log->line, &record);
    } else {
        cw_log_write_logfmt(&log->line, &record);
    }
    send_line(log);
    log->counts[EVENTS[event].level]++;
}

static void tell_withheld(struct cw_log *log, enum cw_log_event event)
{
    char count[32];
    (void)snprintf(count, sizeof(count), "%u", log->rates[event].withheld);
    const struct cw_log_field fields[] = {{"suppressed", cw_log_text(EVENTS[event].text)},
                                          {"count", cw_log_text(count)}};
    log->rates[event].withheld = 0;
    write_event(log, CW_EVENT_LOG_SUPPRESSED, "lines of this event were withheld", fields, 2);
}

struct cw_log *cw_log_new(enum cw_log_format format, enum cw_log_level level, const char *node)
{
    struct cw_log *log = calloc(1, sizeof(*log));
    if (log == NULL) {
        abort();
    }
    log->level = level;
    log->fd = STDERR_FILENO;
    log->format = format == CW_LOG_AUTO ? CW_LOG_LOGFMT : format;
    const bool under_systemd = getenv("JOURNAL_STREAM") != NULL; // NOLINT(concurrency-mt-unsafe)
    if (format == CW_LOG_JOURNAL || (format == CW_LOG_AUTO && under_systemd)) {
        const int fd = open_journal();
        log->format = fd >= 0 ? CW_LOG_JOURNAL : CW_LOG_LOGFMT;
        log->fd = fd >= 0 ? fd : STDERR_FILENO;
    }
    if (node != NULL) {
        const size_t size = strlen(node) + 1;
        log->node = malloc(size);
        if (log->node == NULL) {
            abort();
        }
        memcpy(log->node, node, size);
    }
    return log;
}

void cw_log_free(struct cw_log **log)
{
    if (*log == NULL) {
        return;
    }
    cw_log_flush(*log);
    if ((*log)->fd != STDERR_FILENO) {
        (void)close((*log)->fd);
    }
    cw_byte_queue_clear(&(*log)->line);
    free((*log)->node);
    free(*log);
    *log = NULL;
}

void cw_log_set_level(struct cw_log *log, enum cw_log_level level)
{
    log->level = level;
}

bool cw_log_on(const struct cw_log *log, enum cw_log_event event)
{
    return log != NULL && EVENTS[event].level >= log->level;
}

void cw_log_event(struct cw_log *log, enum cw_log_event event, const char *message,
                  const struct cw_log_field *fields, size_t count)
{
    if (!cw_log_on(log, event)) {
        return;
    }
    const uint64_t now_ms = cw_clock_now_ms();
    struct cw_log_rate *rate = &log->rates[event];
    if (now_ms - log->flushed_ms >= SUMMARY_MS) {
        log->flushed_ms = now_ms;
        cw_log_flush(log);
    }
    if (!cw_log_rate_take(rate, now_ms)) {
        log->suppressed[event]++;
        return;
    }
    write_event(log, event, message, fields, count);
}

void cw_log_flush(struct cw_log *log)
{
    for (unsigned event = 0; event < CW_LOG_EVENTS; event++) {
        if (log->rates[event].withheld > 0) {
            tell_withheld(log, (enum cw_log_event)event);
        }
    }
}

struct cw_bytes cw_log_text(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

const char *cw_log_level_word(enum cw_log_level level)
{
    static const char *const WORDS[CW_LOG_LEVELS] = {"debug", "info", "notice", "warning", "error"};
    return level < CW_LOG_LEVELS ? WORDS[level] : "error";
}

uint64_t cw_log_count(const struct cw_log *log, enum cw_log_level level)
{
    return log->counts[level];
}

uint64_t cw_log_suppressed(const struct cw_log *log, enum cw_log_event event)
{
    return log->suppressed[event];
}

const char *cw_log_event_text(enum cw_log_event event)
{
    return EVENTS[event].text;
}
