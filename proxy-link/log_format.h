/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One log event as bytes: a logfmt line, a JSON line, or the fields of the journal's native
 * protocol. Whatever a field holds, a line stays one line and JSON stays JSON.
 */

#include "byte_queue.h"

#include <causeway/log.h>

struct cw_log_record {
    int64_t wall_ms;
    enum cw_log_level level;
    const char *event;
    const char *node;    /**< NULL for none */
    const char *message; /**< NULL for none */
    const struct cw_log_field *fields;
    size_t count;
};

/** Appends `record` in `format` (not CW_LOG_AUTO) to `out`. */
void cw_log_write(struct cw_byte_queue *out, enum cw_log_format format,
                  const struct cw_log_record *record);
