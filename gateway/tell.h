/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What goes to an XMPP watcher about a SIP user, and to an XMPP contact of one: presence stanzas of
 * every kind.
 */

#include "gateway.h"
#include "roster.h"

struct cw_presence_cache;

/** Local JID of the address of record `local`. @return CW_OK, CW_ERR_ADDRESS, CW_ERR_UNKNOWN_USER,
 * CW_ERR_LIMIT ... */
CW_MUST_USE enum cw_err cw_tell_local_jid(struct cw_gateway *gw, struct cw_bytes local,
                                          struct cw_jid *out);

/** A subscription stanza, a probe or a bare `unavailable`; `id` may be absent. `on_fate` may be
 * NULL. */
void cw_tell_subscription(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                          enum cw_stanza_type type, struct cw_bytes id);

/** As above, with the stanza's fate. @return as cw_edge_pool_send() */
CW_MUST_USE enum cw_err cw_tell_ask(struct cw_gateway *gw, struct cw_bytes local,
                                    struct cw_bytes remote, struct cw_bytes id,
                                    void (*on_fate)(enum cw_fate, enum cw_fail, void *),
                                    void *user);

/** `wall_s` as RFC 3339 in `arena`; absent if that is full. */
struct cw_bytes cw_tell_stamp(int64_t wall_s, struct cw_arena *arena);

/** One presence notification, outside the order of documents (SUB-37, PRES-36); `id` may be absent
 * (PRES-46). */
void cw_tell_one(struct cw_gateway *gw, struct cw_bytes local, struct cw_bytes remote,
                 const struct cw_presence *presence, struct cw_bytes id);

/**
 * Sends every difference between `known` and `shown` (PRES-37).
 * @param probed  it answers a probe: what has been true for long says since when (PRES-32)
 * @return number of stanzas; SIZE_MAX: one could not go, the rest is still to be told
 */
size_t cw_tell_presence(struct cw_gateway *gw, const struct cw_contact *contact,
                        const struct cw_presence_cache *known, struct cw_presence_cache *shown,
                        bool probed);
