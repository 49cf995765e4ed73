/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The one door through which text of others enters a SIP header (SEC-16). It cleans where meaning
 * survives cleaning and refuses where it does not; what it lets through holds no CR, LF, NUL or
 * other control, so it can never begin a header line of its own.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

enum cw_sip_header_kind {
    CW_SIP_HEADER_TOKEN, /**< event package, tag, language, method: refused unless a token */
    CW_SIP_HEADER_WORD,  /**< Call-ID: refused unless word["@"word] */
    CW_SIP_HEADER_URI, /**< goes between < and >: refused unless visible ASCII without <>"\^`{|} */
    CW_SIP_HEADER_VALUE,  /**< a value with a grammar of its own (Accept, Route): refused if control
                           */
    CW_SIP_HEADER_TEXT,   /**< free text (Subject, Reason-Phrase): cleaned to one line of UTF-8 */
    CW_SIP_HEADER_QUOTED, /**< display name: cleaned, then `"` and `\` escaped; goes between quotes
                           */
    CW_SIP_HEADER_KINDS
};

#define CW_SIP_TEXT_MAX 255u /* octets of free text (MSG-14) */
#define CW_SIP_VALUE_MAX                                                                           \
    4096u /* octets of everything else: half of what a peer's guard may cap                        \
           */

/**
 * @param out  `text` itself when nothing had to change, else bytes in `arena`
 * @return CW_OK, CW_ERR_MALFORMED (cannot be made safe), CW_ERR_LIMIT (too long, or arena full)
 */
CW_MUST_USE enum cw_err cw_sip_header_safe(enum cw_sip_header_kind kind, struct cw_bytes text,
                                           struct cw_arena *arena, struct cw_bytes *out);

/** Is `text` a token of RFC 3261 section 25.1 (one octet or more)? */
bool cw_sip_is_token(struct cw_bytes text);

/** Is `text` one octet or more of what a URI may hold (see CW_SIP_HEADER_URI)? */
bool cw_sip_is_uri_text(struct cw_bytes text);

/** Is `text` a Call-ID? */
bool cw_sip_is_call_id(struct cw_bytes text);
