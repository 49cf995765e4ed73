/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Page-mode messages: XMPP `<message/>` <-> SIP MESSAGE (RFC 7572, MSG rules), with what rides on
 * them: indications of composition (RFC 3994, CT rules) and notices of delivery and display (RFC
 * 5438, RCPT rules).
 */

#include <causeway/content.h>
#include <causeway/stanza_write.h>

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
    struct cw_bytes content_disposition; /**< as printed; absent if none */
    struct cw_bytes date;                /**< RFC 1123 text; absent if none */
    struct cw_bytes body;
    uint64_t arrived_ms; /**< S2X only: Unix time in ms, for MSG-63; 0 leaves the delay out */
};

/** What a stanza is to the gateway. */
enum cw_message_fate {
    CW_MESSAGE_SEND,        /**< it becomes a MESSAGE (MSG-1 to MSG-3, MSG-7) */
    CW_MESSAGE_TYPING,      /**< nothing but a chat state (CT-4) */
    CW_MESSAGE_RECEIPT,     /**< nothing but `received` or `displayed` (RCPT-9, RCPT-10) */
    CW_MESSAGE_DROP,        /**< silently: nothing in it that can be carried (MSG-5, MSG-8) */
    CW_MESSAGE_DROP_FORGED, /**< silently, and counted: it claims to be of his own account (EXT-7)
                             */
    CW_MESSAGE_REFUSE_GROUPCHAT, /**< service-unavailable (MSG-4) */
    CW_MESSAGE_REFUSE_ENCRYPTED, /**< not-acceptable (EXT-6) */
    CW_MESSAGE_REFUSE_MULTICAST  /**< not-acceptable (EXT-15) */
};

/** Fate of a message stanza whose type is not error. */
enum cw_message_fate cw_message_fate(const struct cw_stanza *in);

/** The text that says why an encrypted message was refused (EXT-6). */
#define CW_MESSAGE_ENCRYPTED_TEXT "encrypted content"

/** The text that says why a message to several receivers was refused (EXT-15). */
#define CW_MESSAGE_MULTICAST_TEXT "one receiver a message"

/** How the receiving SIP user takes a message. Zero: plain text, no marks. */
struct cw_message_form {
    bool cpim;                  /**< wrapped in message/cpim, with what it asks for (RCPT-1) */
    struct cw_bytes message_id; /**< with `cpim`: a fresh imdn.Message-ID (RCPT-2) */
    int64_t now_unix_ms;        /**< with `cpim`: its DateTime, unless the stanza is delayed */
    struct cw_bytes language;   /**< the user's own, for the choice of MSG-20; absent if unknown */
    struct cw_bytes boundary;   /**< several languages go as multipart/alternative with this
                                     boundary; absent: one of them goes */
    struct cw_bytes
        correction_mark; /**< before the text of a correction (EXT-1); absent for none */
};

/**
 * X2S (MSG-11 to MSG-23). `call_id` is set when the thread may serve as Call-ID (MSG-16), else
 * absent: the caller makes one. `from_tag` and `cseq` are the caller's.
 *
 * @return CW_OK, CW_ERR_ADDRESS, CW_ERR_LIMIT or CW_ERR_MALFORMED (what goes into message/cpim
 * could begin a line of its own, SEC-16)
 */
CW_MUST_USE enum cw_err cw_message_to_sip(const struct cw_stanza *in,
                                          const struct cw_message_form *form,
                                          struct cw_arena *arena, struct cw_page_message *out);

/** X2S: a status MESSAGE of `from` to `to` (CT-1, CT-5). `refresh_s` 0: none.
 * @return as cw_message_to_sip() */
CW_MUST_USE enum cw_err cw_message_typing(const struct cw_jid *from, const struct cw_jid *to,
                                          bool active, uint32_t refresh_s, struct cw_arena *arena,
                                          struct cw_page_message *out);

/** A notice about a message from SIP. */
struct cw_message_notice {
    struct cw_jid from; /**< the XMPP user whom it reached */
    struct cw_jid to;   /**< the SIP user who wrote */
    struct cw_bytes cpim_from,
        cpim_to; /**< of the message, to be swapped; absent: of from and to */
    const struct cw_cpim_routes *routes; /**< imdn.IMDN-Record-Route of the message */
    struct cw_bytes about;               /**< its imdn.Message-ID */
    struct cw_bytes about_datetime;      /**< its DateTime */
    struct cw_bytes message_id;          /**< a fresh one */
    int64_t now_unix_ms;
    enum cw_imdn_status status;
};

/** X2S: an IMDN as a MESSAGE (RCPT-9 to RCPT-13). @return as cw_message_to_sip() */
CW_MUST_USE enum cw_err cw_message_notify(const struct cw_message_notice *in,
                                          struct cw_arena *arena, struct cw_page_message *out);

/**
 * When a message from SIP is of no use any more (MSG-51): its Date, or its arrival, and
 * `expires_s`.
 * @return Unix time in ms; INT64_MAX: never (no Expires, or 0)
 */
int64_t cw_message_expiry(const struct cw_page_message *in, int64_t expires_s);

/**
 * S2X (MSG-54 to MSG-73). `from` and `to` are the mapped and admitted addresses.
 *
 * @param content  what the body said; for TYPING and NOTICES `out` holds only addresses and type
 * @return CW_OK; CW_ERR_MALFORMED (400), CW_ERR_UNSUPPORTED (415 with Accept), CW_ERR_ENCRYPTED
 * (493), CW_ERR_REFUSED (the From or To of message/cpim names somebody else: 403, MSG-70),
 * CW_ERR_EMPTY (nothing to carry: answered 2xx and dropped, MSG-73), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_message_to_xmpp(const struct cw_page_message *in,
                                           const struct cw_jid *from, const struct cw_jid *to,
                                           struct cw_arena *arena, struct cw_content *content,
                                           struct cw_stanza_message *out);
