/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * message/cpim (RFC 3862) with the headers of RFC 5438, bytes <-> struct.
 */

#include <causeway/imdn.h>
#include <causeway/text.h>

#define CW_CPIM_TYPE       "message/cpim"
#define CW_CPIM_ROUTES_MAX 8u

/** URIs, topmost first. */
struct cw_cpim_routes {
    struct cw_bytes items[CW_CPIM_ROUTES_MAX]; /**< without angle brackets */
    size_t count;
};

struct cw_cpim {
    /* message headers */
    struct cw_bytes from; /**< URI without angle brackets; absent if none */
    struct cw_bytes to;   /**< the first one */
    struct cw_text_list subjects;
    struct cw_bytes datetime;            /**< RFC 3339 as printed; absent if none */
    struct cw_bytes message_id;          /**< imdn.Message-ID; absent if none */
    unsigned wants;                      /**< bits of enum cw_imdn_want */
    struct cw_cpim_routes record_routes; /**< imdn.IMDN-Record-Route */
    struct cw_cpim_routes routes;        /**< imdn.IMDN-Route */

    /* MIME headers of what is enclosed, and it */
    struct cw_bytes content_type; /**< as printed; absent: text/plain (RFC 2045 section 5.2) */
    struct cw_bytes content_disposition, content_language; /**< as printed; absent if none */
    struct cw_bytes content_transfer_encoding;             /**< likewise */
    struct cw_bytes content;
};

/**
 * Reads (MSG-69, MSG-70). A missing blank line between message headers and MIME headers and LF
 * instead of CRLF are taken. The prefix of the imdn namespace is what NS declares.
 *
 * @return CW_OK; CW_ERR_MALFORMED; CW_ERR_UNSUPPORTED (Require names what we do not know: 415);
 * CW_ERR_LIMIT (more than 64 headers, a line over 4,096 octets, the arena)
 */
CW_MUST_USE enum cw_err cw_cpim_read(struct cw_bytes bytes, struct cw_arena *arena,
                                     struct cw_cpim *out);

/**
 * Writes strictly (RCPT-2, RCPT-15). Every text is cleaned: none can begin a header line of its
 * own. Subjects lose the blanks at their ends, empty ones are left out.
 * @return CW_OK, CW_ERR_MALFORMED (a URI, type or id that cannot be made safe, or `wants` without
 * message_id and datetime) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_cpim_write(const struct cw_cpim *in, struct cw_arena *arena,
                                      struct cw_bytes *out);
