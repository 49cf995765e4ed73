/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What the body of a SIP MESSAGE says, after everything around it was taken off: multipart,
 * message/cpim, charset, HTML (MSG-65 to MSG-72, RCPT-4, CT-3).
 *
 *   bytes and Content-Type --cw_content_read--> texts, or an indication of composition, or
 * disposition notifications
 */

#include <causeway/cpim.h>
#include <causeway/is_composing.h>

enum cw_content_kind {
    CW_CONTENT_NOTHING, /**< no body, or nothing in it (MSG-73) */
    CW_CONTENT_TEXT,
    CW_CONTENT_TYPING,
    CW_CONTENT_NOTICES
};

#define CW_CONTENT_NOTICES_MAX 32u /* IMDNs in one aggregate */

/** A body as it came. */
struct cw_content_input {
    struct cw_bytes type;              /**< Content-Type as printed; absent: text/plain */
    struct cw_bytes language;          /**< Content-Language as printed; absent if none */
    struct cw_bytes disposition;       /**< Content-Disposition as printed; absent if none */
    struct cw_bytes transfer_encoding; /**< Content-Transfer-Encoding as printed; absent if none */
    struct cw_bytes bytes;
};

struct cw_content {
    enum cw_content_kind kind;
    struct cw_text_list bodies; /**< TEXT: one, or several of which each names its language and no
                                 * two the same; not empty, not trimmed; the preferred one first */
    bool wrapped;               /**< it came in message/cpim: `cpim` is what that said */
    struct cw_cpim cpim;        /**< its `content` is still wrapped; texts are clean */
    struct cw_is_composing typing;
    const struct cw_imdn *notices; /**< NOTICES: `notice_count` of them */
    size_t notice_count;
    bool signature_lost; /**< it was signed; what crosses is not (MSG-72, RCPT-15) */
};

/**
 * Reads a body; nested at most 4 deep, at most 32 parts altogether. A body that may be left out
 * (handling=optional) and is encrypted or of an unsupported type is NOTHING.
 *
 * @return CW_OK; CW_ERR_MALFORMED (400: not UTF-8, broken multipart, CPIM or XML);
 * CW_ERR_UNSUPPORTED (415); CW_ERR_ENCRYPTED (493, MSG-72); CW_ERR_LIMIT (513)
 */
CW_MUST_USE enum cw_err cw_content_read(const struct cw_content_input *in, struct cw_arena *arena,
                                        struct cw_content *out);

/** Accept header value of a 415 (MSG-71): the types that cw_content_read() takes. */
struct cw_bytes cw_content_accept(void);

/**
 * Several languages as multipart/alternative, a part each, the first text last (RFC 2046 section
 * 5.1.4: the preferred one is the last; MSG-20).
 * @param boundary  a token that stands in none of the texts; the caller's
 * @return CW_OK, CW_ERR_MALFORMED (no text, no usable boundary, it stands in a text) or
 * CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_content_write_alternative(struct cw_text_list bodies,
                                                     struct cw_bytes boundary,
                                                     struct cw_arena *arena, struct cw_bytes *out);
