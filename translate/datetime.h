/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Points in time as the two networks print them: RFC 3339 (XEP-0082, PIDF) and RFC 1123 (SIP Date),
 * both to and from Unix time. Years 1970 to 9999.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>
#include <stdint.h>

/** "2026-03-02T09:00:00.5+01:00" -> milliseconds. @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_datetime_read_3339(struct cw_bytes text, int64_t *unix_ms);

/** "Mon, 02 Mar 2026 09:00:00 GMT" -> milliseconds. @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_datetime_read_1123(struct cw_bytes text, int64_t *unix_ms);

/** "2026-03-02T09:00:00Z". @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_datetime_write_3339(int64_t unix_ms, struct cw_arena *arena,
                                               struct cw_bytes *out);

/** "Mon, 02 Mar 2026 09:00:00 GMT". @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_datetime_write_1123(int64_t unix_ms, struct cw_arena *arena,
                                               struct cw_bytes *out);
