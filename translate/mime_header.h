/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The MIME headers of one body part or of what message/cpim encloses (RFC 2045, RFC 3862 section
 * 3). Names in any case, folded lines joined, line ends CRLF or LF.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

#define CW_MIME_LINE_MAX  4096u /* octets of a header with its folds */
#define CW_MIME_LINES_MAX 64u   /* headers of one part */

/** Values as printed, absent if there is no such header. */
struct cw_mime_headers {
    struct cw_bytes type, disposition, language, transfer_encoding;
};

/** Takes the line that begins at `*rest`, without its end, off it. @return false: there is none */
bool cw_mime_line(struct cw_bytes *rest, struct cw_bytes *line);

/** Is `line` a header "name: value" of MIME (its name begins with "Content-")? */
bool cw_mime_is_header(struct cw_bytes line);

/** `text` without blanks at both ends. */
struct cw_bytes cw_mime_trim(struct cw_bytes text);

/**
 * Reads headers up to and with the empty line, or to the end; moves `*rest` behind them.
 * @return CW_OK, CW_ERR_MALFORMED (a line without a name, a control), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_mime_headers_read(struct cw_bytes *rest, struct cw_arena *arena,
                                             struct cw_mime_headers *out);
