/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Cases that are one call: addresses, errors, and the tables of presence.
 */

#include "vector_file.h"

/** `jid`; `uri`, or null: it has none. */
void play_jid_to_sip(const struct vector *vector);

/** `uri`; `jid`, or null: it has none. */
void play_sip_to_jid(const struct vector *vector);

/** `alphabet`, `count`, `seed`: random users (address_property.h). */
void play_address_round_trip(const struct vector *vector);

/** `condition`, `type`, `full_jid`, `uri`; `code`, `contact`, `code_not`. */
void play_error_to_sip(const struct vector *vector);

/** `code`, `authorized`; `condition`, `type`. */
void play_error_to_xmpp(const struct vector *vector);

/** `xmpp` and `pidf`, of which null is none; `way`: to_pidf, to_xmpp or both. `all`: every
 * priority comes back. */
void play_priority(const struct vector *vector);

/** `activities` of the person, `show_element` of the tuple; `show`, or null. */
void play_show(const struct vector *vector);

/** `resources`; `ids` of their tuples. */
void play_tuple_ids(const struct vector *vector);

/** `tls`, `sasl`, `dialback`; `refused`, and `methods`: the only one that is left. */
void play_negotiation(const struct vector *vector);
