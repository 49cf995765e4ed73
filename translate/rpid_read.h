/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Rich presence (RPID, RFC 4480) in an element of a presence document: a tuple, a status, a person,
 * a device. Nodes are of the tree of xml_read.h; texts borrow from it.
 */

#include <causeway/pidf.h>
#include <causeway/xml_read.h>

/** Adds what the children of `node` say to `out`; a user-input that is there already stays. @return
 * CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_rpid_read(const struct cw_xml_node *node, struct cw_arena *arena,
                                     struct cw_rpid *out);

/** First child `name` of the namespace of RFC 4480, NULL if there is none. */
const struct cw_xml_node *cw_rpid_child(const struct cw_xml_node *node, const char *name);

/** Must an element that we do not know be understood somewhere in `extension` (PRES-34)? */
bool cw_rpid_is_beyond_us(const struct cw_xml_node *extension);
