/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * HTML as plain text: a whole text/html body, and the `<html/>` of a stanza (XEP-0071).
 */

#include <causeway/xml_read.h>

#define CW_NS_XHTML_IM "http://jabber.org/protocol/xhtml-im"

/**
 * Text of `node` and everything in it (MSG-21).
 * @param out  not trimmed inside, without blanks at both ends; absent if there is no text
 * @return CW_OK or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_html_text(const struct cw_xml_node *node, struct cw_arena *arena,
                                     struct cw_bytes *out);

/**
 * Text of an HTML document or fragment, however broken (MSG-67). One pass.
 * @param html  UTF-8, legal in XML
 * @return as cw_html_text()
 */
CW_MUST_USE enum cw_err cw_html_text_of(struct cw_bytes html, struct cw_arena *arena,
                                        struct cw_bytes *out);
