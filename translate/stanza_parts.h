/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The parts of a stanza's reader: one a kind of stanza, and what they share. Nodes are of the tree
 * of xml_read.h; texts borrow from it.
 */

#include <causeway/stanza.h>
#include <causeway/xml_read.h>

/** `text`, absent if it is empty. */
struct cw_bytes cw_stanza_present(struct cw_bytes text);

/** Character data of the child `name` in the stanza's own namespace; absent if there is none. That
 * namespace is `root->ns`, absent when the stream's default was inherited and not declared again.
 */
struct cw_bytes cw_stanza_text(const struct cw_xml_node *root, const char *name);

/** Of several such children that are not empty: the one in the stanza's language, else the first
 * (MSG-20); NULL if there is none. */
const struct cw_xml_node *cw_stanza_choose(const struct cw_xml_node *root, const char *name);

/** The stamp that the sender's server set, else the oldest; absent if there is none (MSG-22). */
struct cw_bytes cw_stanza_delay(const struct cw_xml_node *root, struct cw_bytes sender_domain);

/** Children of a message that is no error; `out` has type, from and to. */
CW_MUST_USE enum cw_err cw_stanza_read_message(const struct cw_xml_node *root,
                                               struct cw_arena *arena, struct cw_stanza *out);

/** Children of a presence that is a notification. */
CW_MUST_USE enum cw_err cw_stanza_read_presence(const struct cw_xml_node *root,
                                                struct cw_arena *arena, struct cw_stanza *out);
