/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * XML compared by what it says: names, namespaces, attributes, children and text, not octets or
 * order. Read by libxml2 itself, apart from the readers that are tested.
 */

#include "vector_file.h"

/**
 * Is `actual` the stanza `expected`? In attributes and texts of the expectation `*` stands for any
 * run; an attribute that is only `*` must not be empty. More than expected may be: xml:lang, caps,
 * avatar hash, nick, delay, hints, origin-id, thread, chat state active, the text of an error; an
 * id.
 * @return NULL, or what differs; lives until the next call
 */
const char *xml_differs(struct cw_bytes expected, struct cw_bytes actual);

/** Is there an element of this local name, at any depth? */
bool xml_has(struct cw_bytes xml, const char *name);

/** Value of an XPath expression as text (the caller frees it); `prefixes` maps prefixes to
 * namespaces. */
char *xml_value(struct cw_bytes xml, const char *expression, const struct cw_yaml_node *prefixes);
