/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Where does a message end in a stream of octets (RFC 3261 section 18.3)? Only Content-Length
 * tells; there must be exactly one, so that no two readers can differ.
 */

#include "guard.h"

enum cw_sip_framing_result {
    CW_SIP_FRAMING_MORE,    /**< nothing whole yet */
    CW_SIP_FRAMING_MESSAGE, /**< the first `*len` octets are a message */
    CW_SIP_FRAMING_BREAK,   /**< the first `*len` octets are line breaks between messages */
    CW_SIP_FRAMING_PING,  /**< the first `*len` octets are a keep-alive (RFC 5626 section 3.5.1) */
    CW_SIP_FRAMING_BROKEN /**< no end can be found any more: answer if possible, close */
};

/** What is remembered between reads of a message that comes in pieces. All zero to begin with. */
struct cw_sip_framing {
    size_t scanned; /**< octets in which no end of headers was found */
    size_t total;   /**< length of the message, once known; else 0 */
};

/** Looks at the octets that are there, from the start of a message. `framing` begins anew after a
 * result. */
enum cw_sip_framing_result cw_sip_framing_step(struct cw_sip_framing *framing, struct cw_bytes data,
                                               size_t *len);
