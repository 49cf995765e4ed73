/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * HTML as plain text, event by event: what a reader of the page would read (MSG-67). Nothing of the
 * markup survives, so nothing in it can do harm.
 */

#include "xml_write.h"

/** One rendering. Zero but for `writer` before the first event. */
struct cw_html_renderer {
    struct cw_xml_writer *writer;
    unsigned breaks; /* line ends due before the next text */
    unsigned hidden; /* open elements whose content is not shown */
    unsigned kept;   /* open elements whose white space stays */
    bool written;
    bool space;  /* a blank is due before the next text */
    bool bullet; /* the mark of a list item is due before the next text */
};

/** An element begins. `name` in lower case. */
void cw_html_begin(struct cw_html_renderer *r, struct cw_bytes name);

/** It ends. */
void cw_html_end(struct cw_html_renderer *r, struct cw_bytes name);

/** Is the address `link` to be shown behind `text`, which bears it? Both with or both without
 * entities. */
bool cw_html_is_worth(struct cw_bytes link, struct cw_bytes text);

/** Characters, decoded. */
void cw_html_characters(struct cw_html_renderer *r, struct cw_bytes text);
