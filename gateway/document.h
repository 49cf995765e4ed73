/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The presence document that a SIP watcher gets about an XMPP user (PRES-16, PRES-17). Pure.
 */

#include <causeway/arena.h>
#include <causeway/error.h>
#include <causeway/jid.h>

struct cw_presence_cache;

/**
 * @param who    the XMPP user, bare
 * @param cache  what is known of him; NULL or empty: one closed tuple without contact
 * @param stamp  RFC 3339, for tuples that bear none of their own; absent for none
 * @return CW_OK, CW_ERR_ADDRESS or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_document_write(const struct cw_jid *who,
                                          const struct cw_presence_cache *cache,
                                          struct cw_bytes stamp, struct cw_arena *arena,
                                          struct cw_bytes *out);
