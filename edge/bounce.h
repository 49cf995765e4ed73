/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The error stanza that tells a remote sender that his stanza did not get through here
 * (RFC 6120 section 8.3; DESIGN section 7: type wait, `<remote-server-timeout/>`). Made from the
 * start tag alone, which the stream's parser has found well-formed; nothing of the payload is
 * echoed.
 *
 * Pure.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

/** The start tag of `xml`, from '<' to '>', borrowed. Absent when there is none. */
struct cw_bytes cw_bounce_head(struct cw_bytes xml);

/**
 * Writes the error stanza that answers the stanza with start tag `head`.
 *
 * @return CW_OK; CW_ERR_EMPTY when no answer is due (an error, a result, presence);
 *         CW_ERR_MALFORMED when the tag is no stanza's; CW_ERR_LIMIT from the arena
 */
CW_MUST_USE enum cw_err cw_bounce_write(struct cw_bytes head, struct cw_arena *arena,
                                        struct cw_bytes *out);
