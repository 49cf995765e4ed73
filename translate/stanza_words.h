/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The names that stanzas are made of, for their reader and their writer alike.
 */

#include <causeway/stanza.h>

#define CW_NS_SERVER     "jabber:server"
#define CW_NS_ERRORS     "urn:ietf:params:xml:ns:xmpp-stanzas"
#define CW_NS_APP_ERRORS "urn:xmpp:errors"
#define CW_NS_NICK       "http://jabber.org/protocol/nick"
#define CW_NS_DELAY      "urn:xmpp:delay"
#define CW_NS_CHATSTATES "http://jabber.org/protocol/chatstates"
#define CW_NS_RECEIPTS   "urn:xmpp:receipts"
#define CW_NS_IDLE       "urn:xmpp:idle:1"
#define CW_NS_LAST       "jabber:iq:last"
#define CW_NS_CAPS       "http://jabber.org/protocol/caps"
#define CW_NS_MARKERS    "urn:xmpp:chat-markers:0"
#define CW_NS_HINTS      "urn:xmpp:hints"
#define CW_NS_CORRECT    "urn:xmpp:message-correct:0"
#define CW_NS_OOB        "jabber:x:oob"
#define CW_NS_ADDRESS    "http://jabber.org/protocol/address"
#define CW_NS_REACTIONS  "urn:xmpp:reactions:0"
#define CW_NS_SID        "urn:xmpp:sid:0"

/** "message", "presence" or "iq". */
const char *cw_stanza_kind_name(enum cw_stanza_kind kind);

/** Kind of that name. @return false if there is none */
bool cw_stanza_kind_by_name(struct cw_bytes name, enum cw_stanza_kind *out);

/** Value of 'type'; NULL for the types that are written without one. */
const char *cw_stanza_type_name(enum cw_stanza_type type);

/** What `value` means for `kind`; an absent value is the kind's own default. */
enum cw_stanza_type cw_stanza_type_by_name(enum cw_stanza_kind kind, struct cw_bytes value);

/** The defined condition of RFC 6120 section 8.3.3 of that name; undefined-condition if none is. */
struct cw_bytes cw_stanza_condition(struct cw_bytes name);

/** "away", "chat", "dnd" or "xa"; absent for CW_SHOW_NONE. */
struct cw_bytes cw_show_name(enum cw_show show);

/** The show of that name, CW_SHOW_NONE if it is none. */
enum cw_show cw_show_by_name(struct cw_bytes name);
