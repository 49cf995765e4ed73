/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * `<show/>` of XMPP <-> rich presence of PIDF (RPID, RFC 4480): the table of PRES-30.
 */

#include <causeway/bytes.h>
#include <causeway/presence.h>

#define CW_NS_PIDF   "urn:ietf:params:xml:ns:pidf"
#define CW_NS_CLIENT "jabber:client"
#define CW_NS_PERSON "urn:ietf:params:xml:ns:pidf:data-model"
#define CW_NS_RPID   "urn:ietf:params:xml:ns:pidf:rpid"

/** Local name of the RPID activity that is emitted for `show`; absent for none. */
struct cw_bytes cw_show_activity(enum cw_show show);

/** Is RPID user-input "idle" emitted with `show`? */
bool cw_show_is_idle(enum cw_show show);

/** Activities seen, as a set. */
typedef unsigned cw_show_activities;

/** `seen` with the activity of that name; unknown names add nothing. */
cw_show_activities cw_show_add_activity(cw_show_activities seen, struct cw_bytes name);

/** The show that a set of activities means: first match of the table. */
enum cw_show cw_show_of_activities(cw_show_activities seen);
