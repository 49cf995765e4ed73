/* SPDX-License-Identifier: Apache-2.0 */
#include "log_format.h"

#include <causeway/log.h>
#include <causeway/utf8.h>
#include <stdio.h>
#include <time.h>

/* A field longer than this is cut: the log is no place for bodies. */
enum { MAX_VALUE_LEN = 2048, STAMP_SIZE = 80, KEY_SIZE = 64, JOURNAL_LENGTH_LEN = 8 };

static void put(struct cw_byte_queue *out, const char *base, size_t len)
{
    cw_byte_queue_append(out, (struct cw_bytes){base, len});
}

static void put_text(struct cw_byte_queue *out, const char *text)
{
    put(out, text, strlen(text));
}

static struct cw_bytes text_of(const char *text)
{
    return (struct cw_bytes){text, text == NULL ? 0 : strlen(text)};
}

static struct cw_bytes cut(struct cw_bytes value)
{
    if (value.len > MAX_VALUE_LEN) {
        value.len = MAX_VALUE_LEN;
        while (value.len > 0 && ((unsigned char)value.base[value.len] & 0xC0U) == 0x80U) {
            value.len--;
        }
    }
    return value;
}

static bool is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F) ||
           code_point == 0x2028 || code_point == 0x2029;
}

/* Controls, the two line separators of Unicode and bytes that are no UTF-8 are written in words, so
 * that neither a reader of lines nor a terminal is told anything by a peer. */
static void put_escaped(struct cw_byte_queue *out, struct cw_bytes value)
{
    static const char HEX[] = "0123456789abcdef";
    size_t at = 0;
    while (at < value.len) {
        uint32_t code_point = 0xFFFD;
        const size_t step = cw_utf8_step(value, at, &code_point);
        if (step == 0) {
            put_text(out, "\xef\xbf\xbd");
        } else if (code_point == '"' || code_point == '\\') {
            put_text(out, "\\");
            put(out, value.base + at, 1);
        } else if (code_point == '\n') {
            put_text(out, "\\n");
        } else if (is_control(code_point)) {
            const char words[] = {'\\',
                                  'u',
                                  HEX[code_point >> 12U & 0xFU],
                                  HEX[code_point >> 8U & 0xFU],
                                  HEX[code_point >> 4U & 0xFU],
                                  HEX[code_point & 0xFU]};
            put(out, words, sizeof(words));
        } else {
            put(out, value.base + at, step);
        }
        at += step > 0 ? step : 1;
    }
}

static void put_quoted(struct cw_byte_queue *out, struct cw_bytes value)
{
    put_text(out, "\"");
    put_escaped(out, cut(value));
    put_text(out, "\"");
}

static bool is_bare(struct cw_bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char octet = (unsigned char)value.base[i];
        if (octet <= ' ' || octet >= 0x7F || octet == '"' || octet == '=' || octet == '\\') {
            return false;
        }
    }
    return value.len > 0 && value.len <= MAX_VALUE_LEN;
}

static void put_logfmt(struct cw_byte_queue *out, const char *key, struct cw_bytes value)
{
    if (value.base == NULL) {
        return;
    }
    put_text(out, " ");
    put_text(out, key);
    put_text(out, "=");
    if (is_bare(value)) {
        put(out, value.base, value.len);
    } else {
        put_quoted(out, value);
    }
}

static void put_json(struct cw_byte_queue *out, const char *key, struct cw_bytes value)
{
    if (value.base == NULL) {
        return;
    }
    put_text(out, ",");
    put_quoted(out, text_of(key));
    put_text(out, ":");
    put_quoted(out, value);
}

/* NAME, line feed, length as 64 bits little-endian, value, line feed: nothing to escape. */
static void put_journal(struct cw_byte_queue *out, const char *name, struct cw_bytes value)
{
    char length[JOURNAL_LENGTH_LEN];
    if (value.base == NULL) {
        return;
    }
    value = cut(value);
    for (unsigned i = 0; i < sizeof(length); i++) {
        length[i] = (char)((uint64_t)value.len >> (8U * i) & 0xFFU);
    }
    put_text(out, name);
    put_text(out, "\n");
    put(out, length, sizeof(length));
    put(out, value.base, value.len);
    put_text(out, "\n");
}

/** "partner" -> "CAUSEWAY_PARTNER"; the journal takes capitals, digits and "_" only. */
static void put_journal_field(struct cw_byte_queue *out, const char *key, struct cw_bytes value)
{
    char name[KEY_SIZE];
    (void)snprintf(name, sizeof(name), "CAUSEWAY_%s", key);
    for (char *at = name; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z') {
            *at = (char)(*at - 'a' + 'A');
        } else if ((*at < 'A' || *at > 'Z') && (*at < '0' || *at > '9')) {
            *at = '_';
        }
    }
    put_journal(out, name, value);
}

static const char *stamp(int64_t wall_ms, char out[STAMP_SIZE])
{
    const time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) == NULL) {
        return "";
    }
    (void)snprintf(out, STAMP_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                   (int)(wall_ms % 1000));
    return out;
}

void cw_log_write_logfmt(struct cw_byte_queue *out, const struct cw_log_record *record)
{
    char when[STAMP_SIZE];
    put_text(out, "ts=");
    put_text(out, stamp(record->wall_ms, when));
    put_logfmt(out, "level", text_of(record->level));
    put_logfmt(out, "event", text_of(record->event));
    put_logfmt(out, "node", text_of(record->node));
    for (size_t i = 0; i < record->count; i++) {
        put_logfmt(out, record->fields[i].key, record->fields[i].value);
    }
    put_logfmt(out, "msg", text_of(record->message));
    put_text(out, "\n");
}

void cw_log_write_json(struct cw_byte_queue *out, const struct cw_log_record *record)
{
    char when[STAMP_SIZE];
    put_text(out, "{\"ts\":");
    put_quoted(out, text_of(stamp(record->wall_ms, when)));
    put_json(out, "level", text_of(record->level));
    put_json(out, "event", text_of(record->event));
    put_json(out, "node", text_of(record->node));
    for (size_t i = 0; i < record->count; i++) {
        put_json(out, record->fields[i].key, record->fields[i].value);
    }
    put_json(out, "msg", text_of(record->message));
    put_text(out, "}\n");
}

void cw_log_write_journal(struct cw_byte_queue *out, const struct cw_log_record *record)
{
    const char *message = record->message == NULL ? record->event : record->message;
    put_journal(out, "MESSAGE", text_of(message));
    put_journal(out, "PRIORITY", text_of(record->priority));
    put_journal(out, "SYSLOG_IDENTIFIER", CW_LIT("causeway"));
    put_journal_field(out, "event", text_of(record->event));
    put_journal_field(out, "node", text_of(record->node));
    for (size_t i = 0; i < record->count; i++) {
        put_journal_field(out, record->fields[i].key, record->fields[i].value);
    }
}
