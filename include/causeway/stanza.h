/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XMPP stanzas: one read into a struct, and the ones that the gateway writes.
 *
 * Read: bytes of one complete stanza, in namespace jabber:server -> struct cw_stanza, everything in
 * the arena or borrowed from the input. Bounded: size by the caller, depth, attributes, elements
 * by limits of translate/xml_read.h.
 */

#include <causeway/jid.h>
#include <causeway/presence.h>

enum cw_stanza_kind { CW_STANZA_MESSAGE, CW_STANZA_PRESENCE, CW_STANZA_IQ, CW_STANZA_KINDS };

/** The 'type' attribute. An unknown type of a message counts as NORMAL (MSG-1). */
enum cw_stanza_type {
    CW_TYPE_NORMAL, /**< message without type; presence: never */
    CW_TYPE_CHAT,
    CW_TYPE_HEADLINE,
    CW_TYPE_GROUPCHAT,
    CW_TYPE_AVAILABLE, /**< presence without type */
    CW_TYPE_UNAVAILABLE,
    CW_TYPE_SUBSCRIBE,
    CW_TYPE_SUBSCRIBED,
    CW_TYPE_UNSUBSCRIBE,
    CW_TYPE_UNSUBSCRIBED,
    CW_TYPE_PROBE,
    CW_TYPE_GET,
    CW_TYPE_SET,
    CW_TYPE_RESULT,
    CW_TYPE_ERROR,
    CW_TYPE_UNKNOWN /**< presence or iq with a type the standard does not know */
};

/** XEP-0085 state found in a message. */
enum cw_chat_state {
    CW_CHAT_NONE,
    CW_CHAT_ACTIVE,
    CW_CHAT_COMPOSING,
    CW_CHAT_PAUSED,
    CW_CHAT_INACTIVE,
    CW_CHAT_GONE
};

struct cw_stanza {
    enum cw_stanza_kind kind;
    enum cw_stanza_type type;
    struct cw_jid from;
    struct cw_jid to;
    struct cw_bytes id;   /**< absent if none */
    struct cw_bytes lang; /**< xml:lang of the stanza; absent if none */

    /* message */
    struct cw_bytes body; /**< the chosen one (MSG-20); absent if none or empty (MSG-9) */
    struct cw_bytes body_lang;
    struct cw_bytes subject; /**< absent if none */
    struct cw_bytes thread;  /**< absent if none */
    struct cw_bytes nick;    /**< XEP-0172; absent if none */
    struct cw_bytes delay;   /**< stamp of XEP-0203 as printed; absent if none */
    enum cw_chat_state chat_state;
    bool wants_receipt; /**< XEP-0184 request */

    /* presence without type or unavailable */
    struct cw_presence presence;

    /* iq get or set */
    struct cw_bytes payload_name; /**< local name of the first child; absent if none */
    struct cw_bytes payload_ns;
    struct cw_bytes payload_node; /**< its 'node' attribute; absent if none */

    /* type error */
    struct cw_bytes error_condition; /**< "undefined-condition" if none is understood (ERR-4) */
    struct cw_bytes error_type;      /**< "cancel", "wait", ...; absent if none */
    struct cw_bytes error_text;      /**< absent if none */
    struct cw_bytes error_uri;       /**< character data of gone and redirect; absent if none */
    bool error_too_big;              /**< has `stanza-too-big` of urn:xmpp:errors */
};

/**
 * Reads one stanza.
 * @return CW_OK; CW_ERR_MALFORMED (not well-formed, not a stanza, no from/to), CW_ERR_ADDRESS (from
 * or to is no JID; `out->id` and `out->kind` are set then), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_stanza_read(struct cw_bytes xml, struct cw_arena *arena,
                                       struct cw_stanza *out);

/** A message to write; absent fields are left out. */
struct cw_stanza_message {
    struct cw_jid from;
    struct cw_jid to;
    enum cw_stanza_type type; /**< NORMAL, CHAT or HEADLINE */
    struct cw_bytes id, body, subject, thread, lang, nick;
    struct cw_bytes delay_stamp; /**< with `delay_from` */
    struct cw_bytes delay_from;
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
