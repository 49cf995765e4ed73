/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * HTML as plain text, event by event: what a reader of the page would read (MSG-67). Nothing of the
 * markup survives, so nothing in it can do harm.
 */

#include "xml_write.h"

#define CW_HTML_DEPTH 64u /* open elements that are remembered; deeper ones are text only */

/** One rendering. Zero but for `writer` before the first event. */
struct cw_html_renderer {
    struct cw_xml_writer *writer;
    unsigned breaks; /* line ends due before the next text */
    unsigned hidden; /* open elements whose content is not shown */
    unsigned kept;   /* open elements whose white space stays */
    bool written;
    bool space; /* a blank is due before the next text */
};

/** An element begins. `name` in lower case; `shown`: its text if it has no content (alt of img),
 * absent for none. */
void cw_html_begin(struct cw_html_renderer *r, struct cw_bytes name, struct cw_bytes shown);

/** It ends. `link`: its href, absent for none; `text`: what it held, to be compared with it. */
void cw_html_end(struct cw_html_renderer *r, struct cw_bytes name, struct cw_bytes link,
                 struct cw_bytes text);

/** Characters, decoded. */
void cw_html_characters(struct cw_html_renderer *r, struct cw_bytes text);

/** Is the content of `name` not for people (script, style ...)? */
bool cw_html_is_hidden(struct cw_bytes name);
