/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Instant message disposition notifications: message/imdn+xml (RFC 5438 section 11), one document
 * <-> struct.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

#define CW_IMDN_TYPE "message/imdn+xml"

/** What became of a message (RFC 5438 section 7.2.1.1 and 11.1). */
enum cw_imdn_status {
    CW_IMDN_DELIVERED,
    CW_IMDN_FAILED,
    CW_IMDN_FORBIDDEN, /**< delivery or display notification */
    CW_IMDN_ERROR,     /**< likewise */
    CW_IMDN_DISPLAYED,
    CW_IMDN_PROCESSED,
    CW_IMDN_STORED,
    CW_IMDN_STATUSES
};

/** What a message asks for in imdn.Disposition-Notification (RFC 5438 section 6.3); bits. */
enum cw_imdn_want {
    CW_IMDN_WANT_POSITIVE = 1,
    CW_IMDN_WANT_NEGATIVE = 2,
    CW_IMDN_WANT_PROCESSING = 4,
    CW_IMDN_WANT_DISPLAY = 8
};

struct cw_imdn {
    struct cw_bytes message_id;         /**< of the message it is about */
    struct cw_bytes datetime;           /**< of that message, RFC 3339 as printed */
    struct cw_bytes recipient;          /**< recipient-uri; absent if none */
    struct cw_bytes original_recipient; /**< original-recipient-uri; absent if none */
    enum cw_imdn_status status;
};

/**
 * Reads one document (RCPT-4). Unknown extension elements are skipped.
 * @return CW_OK, CW_ERR_MALFORMED (not well-formed, DTD, wrong root, no message-id or no status
 * that is known), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_imdn_read(struct cw_bytes xml, struct cw_arena *arena,
                                     struct cw_imdn *out);

/** Writes the document of RCPT-11. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_imdn_write(const struct cw_imdn *in, struct cw_arena *arena,
                                      struct cw_bytes *out);
