/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Page-mode messages: XMPP `<message/>` <-> SIP MESSAGE (RFC 7572, MSG rules).
 */

#include <causeway/stanza.h>

/** What of a SIP MESSAGE (RFC 3428) has a meaning on the other network. */
struct cw_page_message {
    struct cw_bytes request_uri;  /**< "sip:..." */
    struct cw_bytes from_uri;     /**< "sip:...;gr=..." without angle brackets */
    struct cw_bytes from_display; /**< one line, UTF-8, unquoted; absent if none */
    struct cw_bytes from_tag;     /**< S2X only */
    struct cw_bytes to_uri;
    struct cw_bytes call_id;
    uint32_t cseq;                /**< S2X only */
    struct cw_bytes subject;      /**< one line; absent if none */
    struct cw_bytes content_type; /**< as printed, with parameters; absent if there is no body */
    struct cw_bytes content_language;
    struct cw_bytes date; /**< RFC 1123 text; absent if none */
    struct cw_bytes body;
    uint64_t arrived_ms; /**< S2X only: Unix time in ms, for MSG-63; 0 leaves the delay out */
};

/** Should this stanza become a MESSAGE? The answers of MSG-1 to MSG-9. */
enum cw_message_fate {
    CW_MESSAGE_SEND,
    CW_MESSAGE_DROP,            /**< silently: nothing in it that can be carried (MSG-8) */
    CW_MESSAGE_REFUSE_GROUPCHAT /**< service-unavailable (MSG-4) */
};

/** Fate of a message stanza whose type is not error. */
enum cw_message_fate cw_message_fate(const struct cw_stanza *in);

/**
 * X2S (MSG-11 to MSG-23). `call_id` is set when the thread may serve as Call-ID (MSG-16), else
 * absent: the shell makes a fresh one. `from_tag` and `cseq` are the shell's.
 *
 * @return CW_OK, CW_ERR_ADDRESS or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_message_to_sip(const struct cw_stanza *in, struct cw_arena *arena,
                                          struct cw_page_message *out);

/**
 * S2X (MSG-54 to MSG-66). `from` and `to` are the mapped and admitted addresses.
 *
 * @return CW_OK; CW_ERR_MALFORMED (body is not UTF-8: 400), CW_ERR_UNSUPPORTED (body type: 415 with
 * Accept), CW_ERR_EMPTY (nothing to carry: answered 2xx and dropped, MSG-73), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_message_to_xmpp(const struct cw_page_message *in,
                                           const struct cw_jid *from, const struct cw_jid *to,
                                           struct cw_arena *arena, struct cw_stanza_message *out);

/** Accept header value of a 415 (MSG-71). */
struct cw_bytes cw_message_accept(void);
