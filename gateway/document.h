/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The presence document that a SIP watcher gets about an XMPP user (PRES-16, PRES-17). Pure.
 */

#include <causeway/arena.h>
#include <causeway/error.h>
#include <causeway/jid.h>
#include <causeway/pep.h>

struct cw_presence_cache;

/** Scheme of the entity (ADDR-30). */
enum cw_document_scheme { CW_DOCUMENT_PRES, CW_DOCUMENT_SIP };

/** How it is written. */
struct cw_document_form {
    const struct cw_show_map *map;
    const struct cw_pep *pep; /**< mood and activity that the user told; NULL: none (PRES-40) */
    struct cw_bytes stamp;    /**< RFC 3339, for tuples that bear none of their own; absent: none */
    bool says_capabilities;   /**< of the XMPP client (RFC 5196) */
    enum cw_document_scheme scheme;
};

struct cw_document {
    struct cw_bytes xml;
    struct cw_bytes language; /**< of all notes; absent: none, unknown or several (PRES-12) */
};

/**
 * @param who    the XMPP user, bare
 * @param cache  what is known of him; NULL or empty: one closed tuple without contact
 * @return CW_OK, CW_ERR_ADDRESS or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_document_write(const struct cw_jid *who,
                                          const struct cw_presence_cache *cache,
                                          const struct cw_document_form *form,
                                          struct cw_arena *arena, struct cw_document *out);
