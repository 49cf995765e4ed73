/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XMPP stanzas, read: bytes of one complete stanza, in namespace jabber:server -> struct cw_stanza,
 * everything in the arena or borrowed from the input. Bounded: size by the caller, depth,
 * attributes, elements by limits of xml_read.h. How they are written: stanza_write.h.
 */

#include <causeway/jid.h>
#include <causeway/pep.h>
#include <causeway/presence.h>
#include <causeway/text.h>

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
    struct cw_bytes body;       /**< what is to be said as text: the chosen body (MSG-20), else the
                                     text of `<html/>` (MSG-21), else the URL of EXT-5; absent if there
                                     is nothing (MSG-9) */
    struct cw_bytes body_lang;  /**< its language; absent if unknown */
    struct cw_text_list bodies; /**< all that are not empty, `body` first */
    struct cw_bytes subject;    /**< the chosen one; absent if none */
    struct cw_text_list subjects; /**< all that are not empty, `subject` first */
    struct cw_bytes thread;       /**< absent if none */
    struct cw_bytes nick;         /**< XEP-0172; absent if none */
    struct cw_bytes delay;        /**< stamp of XEP-0203 as printed; absent if none */
    enum cw_chat_state chat_state;
    bool wants_receipt;           /**< XEP-0184 request */
    bool markable;                /**< XEP-0333 markable */
    bool no_store;                /**< XEP-0334 no-store (EXT-9) */
    bool encrypted;               /**< the payload is for the far device only (EXT-6) */
    bool forwarded;               /**< a carbon, archive result or forward (EXT-7) */
    struct cw_bytes received_id;  /**< XEP-0184 received; absent if none */
    struct cw_bytes displayed_id; /**< XEP-0333 displayed; absent if none */
    struct cw_bytes replaces;     /**< id that this message corrects (XEP-0308); absent if none */
    struct cw_pep pep;            /**< headline of personal eventing (PRES-40) */

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
