/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What passed lately, in bounded memory: how often an equal message came (loops, MSG-52), and which
 * conversations are of type chat (MSG-62). An entry may be pushed out by another; both uses bear
 * that. Pure.
 */

#include <causeway/bytes.h>
#include <stdint.h>

struct cw_recent;

/** @param key  secret of the hashes */
struct cw_recent *cw_recent_new(const uint64_t key[2]);

/** Frees and sets NULL. */
void cw_recent_free(struct cw_recent **recent);

/** Notes a message that came from XMPP. */
void cw_recent_note(struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                    struct cw_bytes body, uint64_t now_ms);

/** Did more than 5 equal messages come within the last 30 s? */
bool cw_recent_loops(const struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                     struct cw_bytes body, uint64_t now_ms);

/** Notes that the stanza `id` of `from` was delivered to `to`, so that a correction of it can be
 * told as one (EXT-1). */
void cw_recent_note_id(struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                       struct cw_bytes id);

/** Was it? */
bool cw_recent_has_id(const struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                      struct cw_bytes id);

/** Notes the type of the last message of `from` to `to`. */
void cw_recent_note_chat(struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to,
                         bool chat);

/** Was it chat? */
bool cw_recent_is_chat(const struct cw_recent *recent, struct cw_bytes from, struct cw_bytes to);
