/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What an XMPP server for SIP users answers to `<iq/>` (MAPPING 10). Pure.
 */

#include <causeway/arena.h>
#include <causeway/stanza.h>

/** What the sender may know of the one in 'to'. All zero: a stranger, or nobody there. */
struct cw_iq_view {
    bool granted;    /**< he holds an authorization for the user (IQ-5) */
    unsigned caps;   /**< of the resource in 'to', if he was shown it as available; else 0 (IQ-6) */
    bool knows_last; /**< `last_s` is known */
    int64_t last_s;  /**< seconds since the user's last open tuple; 0: there is one (IQ-8) */
    const char *version;               /**< release to be told; NULL: it is not (IQ-4) */
    const char *const *abuse_contacts; /**< URIs to be told of our domain (XEP-0157) */
    size_t abuse_contact_count;        /**< 0: none */
};

/**
 * Answers `in`, an iq of any type.
 *
 * @param out  the stanza to send back, in `arena`; absent: no answer is due (result, error)
 * @return CW_OK or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_iq_answer(const struct cw_stanza *in, const struct cw_iq_view *view,
                                     struct cw_arena *arena, struct cw_bytes *out);
