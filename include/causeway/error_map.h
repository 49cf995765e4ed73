/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The two error tables of RFC 7247 section 7, with Causeway's deviations (ERR-10, ERR-20), and the
 * disclosure filter (ERR-30).
 */

#include <causeway/stanza_write.h>

/** How much of a foreign error text is shown (ERR-5). */
enum cw_error_text {
    CW_ERROR_TEXT_GENERIC, /**< the phrase that RFC 3261 gives the status */
    CW_ERROR_TEXT_COPY,    /**< what the peer said, if it names no host */
    CW_ERROR_TEXT_NONE
};

/**
 * SIP final response (300..699) as stanza error (ERR-20). 408 stands for timer F.
 *
 * @param status       SIP status code
 * @param retry_after  the response had Retry-After (5xx become type wait)
 * @param authorized   the XMPP sender may see the SIP user's presence; false applies ERR-30
 * @return condition and type, constant strings; no text
 */
struct cw_stanza_error cw_error_from_sip(unsigned status, bool retry_after, bool authorized);

/**
 * SIP 3xx other than 380 as stanza error (ERR-9, ERR-20): an empty redirect helps nobody.
 *
 * @param uri  `xmpp:` URI of the mapped Contact; absent if there is none or it cannot be mapped
 */
struct cw_stanza_error cw_error_moved(unsigned status, struct cw_bytes uri, bool authorized);

/** Is `status` an answer to a request of ours that only the operator can do something about: a
 * challenge without credentials, a loop, an extension (ERR-20, MSG-34)? */
bool cw_error_is_alarm(unsigned status);

/** What a SIP refusal needs beside its code. */
struct cw_sip_error {
    unsigned status;
    const char *reason;     /**< Reason-Phrase, constant */
    bool needs_allow;       /**< 405 must carry Allow */
    unsigned moved_status;  /**< 301 or 302: to be sent instead of `status` by who can give a
                                 Contact, the error's URI mapped to SIP; 0 for none */
    unsigned retry_after_s; /**< 0 for none */
};

/**
 * Stanza error as final SIP response to a non-INVITE request (ERR-10).
 *
 * @param condition  of the stanza error, or "stanza-too-big" if it came with that of
 * urn:xmpp:errors
 * @param type       its error type, may be absent
 * @param full_jid   the error is about a full JID (405) rather than a bare one (501)
 */
struct cw_sip_error cw_error_to_sip(struct cw_bytes condition, struct cw_bytes type, bool full_jid);

/**
 * Text of a stanza error for a SIP response (ERR-5): printable, at most 256 characters.
 *
 * @param reason  its Reason-Phrase; absent if there was no response
 * @param out     absent for none; borrowed from the tables, or in `arena`
 * @return CW_OK or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_error_text(enum cw_error_text policy, unsigned status,
                                      struct cw_bytes reason, struct cw_arena *arena,
                                      struct cw_bytes *out);

/** Reason-Phrase of `status` as RFC 3261 section 21 prints it, or a class default; never NULL. */
const char *cw_error_reason_phrase(unsigned status);
