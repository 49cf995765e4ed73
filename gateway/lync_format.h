/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The three formats an export of Lync can have, and its encodings.
 */

#include "lync_record.h"

#include <causeway/error.h>

/**
 * `file` as UTF-8 without a byte order mark. UTF-16 needs its mark.
 * @return CW_OK, CW_ERR_MALFORMED or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_lync_decode(struct cw_bytes file, struct cw_arena *arena,
                                       struct cw_bytes *out);

/** What Export-Clixml writes ([MS-PSRP] section 2.2.5). */
void cw_lync_xml(struct cw_lync_reading *reading, struct cw_bytes text);

/** What ConvertTo-Json writes: one object or an array of them. */
void cw_lync_json(struct cw_lync_reading *reading, struct cw_bytes text);

/** What Export-Csv writes (RFC 4180), with commas, semicolons or tabs, with or without "#TYPE". */
void cw_lync_csv(struct cw_lync_reading *reading, struct cw_bytes text);
