/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One log event as bytes: a logfmt line, a JSON line, or the fields of the journal's native
 * protocol. Whatever a field holds, a line stays one line and JSON stays JSON.
 */

#include "byte_queue.h"

#include <stdint.h>

struct cw_log_field;

struct cw_log_record {
    int64_t wall_ms;
    const char *level;    /**< "warning" */
    const char *priority; /**< syslog's number, "4" */
    const char *event;
    const char *node;    /**< NULL for none */
    const char *message; /**< NULL for none */
    const struct cw_log_field *fields;
    size_t count;
};

/** Appends `record` as a line of key=value pairs. */
void cw_log_write_logfmt(struct cw_byte_queue *out, const struct cw_log_record *record);

/** Appends `record` as a line with one JSON object. */
void cw_log_write_json(struct cw_byte_queue *out, const struct cw_log_record *record);

/** Appends `record` as one datagram for the journal. */
void cw_log_write_journal(struct cw_byte_queue *out, const struct cw_log_record *record);
