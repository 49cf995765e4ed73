/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Romeo and Juliet of flow_world.h become something to each other: the steps from strangers to
 * friends and back, each played out to its end.
 */

#include "flow_world.h"

#define PAIR_DOCUMENT(tuples)                                                                      \
    "<?xml version='1.0' encoding='UTF-8'?><presence xmlns='urn:ietf:params:xml:ns:pidf' "         \
    "entity='pres:romeo@contoso.example'>" tuples "</presence>"
#define PAIR_OPEN PAIR_DOCUMENT("<tuple id='ID-desk'><status><basic>open</basic></status></tuple>")

/** Everything that waits for somebody else is done: commits, final answers (200), fates (handed),
 * and `ms` pass. */
void pair_settle(struct world *world, uint64_t ms);

/** As above, and SIP answers `status`. */
void pair_settle_with(struct world *world, unsigned status, uint64_t ms);

/** She asks for his presence; SIP says that he has not decided. */
void pair_ask(struct world *world);

/** ... and he lets her see that he is at his desk. */
void pair_grant(struct world *world);

/** He asks for hers, she agrees and is on her balcony. */
void pair_invite(struct world *world);

/** He removes her. */
void pair_remove(struct world *world);

/**
 * They write to each other: he wants to know what becomes of his message "im-1", she of hers.
 * @param id  the imdn.Message-ID under which hers reached him
 */
void pair_talk(struct world *world, char id[64]);

/** A MESSAGE of him to her. */
void pair_say(struct world *world, const char *type, const char *body);

/** He tells her that her message `id` was delivered. */
void pair_confirm(struct world *world, const char *id);

/** A presence stanza of her, without resource: "subscribe", "probe" ... */
void pair_presence(struct world *world, const char *type);
