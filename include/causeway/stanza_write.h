/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XMPP stanzas, written: struct -> bytes of one stanza in namespace jabber:server.
 */

#include <causeway/stanza.h>

/** A message to write; absent fields and empty lists are left out. */
struct cw_stanza_message {
    struct cw_jid from;
    struct cw_jid to;
    enum cw_stanza_type type; /**< NORMAL, CHAT or HEADLINE */
    struct cw_bytes id, thread, lang, nick;
    struct cw_text_list subjects; /**< a text in another language than `lang` bears its own */
    struct cw_text_list bodies;
    struct cw_bytes delay_stamp; /**< with `delay_from` */
    struct cw_bytes delay_from;
    enum cw_chat_state chat_state;
    bool wants_receipt;           /**< XEP-0184 request (RCPT-8) */
    bool markable;                /**< XEP-0333 markable (RCPT-8) */
    bool no_store;                /**< XEP-0334 hint (CT-11) */
    bool origin_id;               /**< XEP-0359, equal to `id` (EXT-8) */
    struct cw_bytes received_id;  /**< XEP-0184 received (RCPT-7) */
    struct cw_bytes displayed_id; /**< XEP-0333 displayed (RCPT-4) */
};

/** Writes a message in namespace jabber:server. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_stanza_write_message(const struct cw_stanza_message *in,
                                                struct cw_arena *arena, struct cw_bytes *out);

/** Writes presence of a subscription type, PROBE or bare UNAVAILABLE, without children. `id` may be
 * absent. */
CW_MUST_USE enum cw_err cw_stanza_write_subscription(const struct cw_jid *from,
                                                     const struct cw_jid *to,
                                                     enum cw_stanza_type type, struct cw_bytes id,
                                                     struct cw_arena *arena, struct cw_bytes *out);

/** Writes available or unavailable presence of one resource (PRES-25, PRES-28 to PRES-30, PRES-32,
 * PRES-45). */
CW_MUST_USE enum cw_err cw_stanza_write_presence(const struct cw_jid *from, const struct cw_jid *to,
                                                 const struct cw_presence *presence,
                                                 struct cw_bytes id, struct cw_arena *arena,
                                                 struct cw_bytes *out);

/** What an error stanza says; see error_map.h for the tables. */
struct cw_stanza_error {
    struct cw_bytes condition; /**< defined condition of RFC 6120 section 8.3.3 */
    struct cw_bytes type;      /**< auth, cancel, continue, modify, wait */
    struct cw_bytes text;      /**< absent for none */
    struct cw_bytes gone_uri;  /**< character data of gone and redirect; absent for none */
};

/** Writes the error reply to `in`: same kind and id, from and to swapped (ERR-2). */
CW_MUST_USE enum cw_err cw_stanza_write_error(const struct cw_stanza *in,
                                              const struct cw_stanza_error *error,
                                              struct cw_arena *arena, struct cw_bytes *out);

/** Writes the result of an iq: `payload` is trusted markup, may be empty (IQ-3). */
CW_MUST_USE enum cw_err cw_stanza_write_result(const struct cw_stanza *in, struct cw_bytes payload,
                                               struct cw_arena *arena, struct cw_bytes *out);
