/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * What every stanza that is written begins and ends with.
 */

#include "xml_write.h"

#include <causeway/stanza.h>

#define CW_STANZA_MAX 262144u /* what readers here take as well (CW_XML_MAX_LEN) */

/** What a stanza begins with; absent attributes are left out. */
struct cw_stanza_head {
    enum cw_stanza_kind kind;
    enum cw_stanza_type type;
    struct cw_bytes from, to, id, lang;
};

/** Start tag, in namespace jabber:server. */
void cw_stanza_print_head(struct cw_xml_writer *w, const struct cw_stanza_head *head);

/** End tag. */
void cw_stanza_print_tail(struct cw_xml_writer *w, const struct cw_stanza_head *head);

/** Fills from and to. @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_stanza_set_addresses(struct cw_stanza_head *head,
                                                const struct cw_jid *from, const struct cw_jid *to,
                                                struct cw_arena *arena);
