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
    bool fresh;  /* the first line end of a pre is not part of it */

    struct cw_bytes link; /* of the open link; absent if there is none worth showing */
    /* What its text has to go on with to be the link itself, in full or without "https://";
     * absent once it is something else. */
    struct cw_bytes link_left, link_left_short;
};

/**
 * An element begins. `name` in lower case.
 * @param value  href of an a, alt of an img; absent for none and for any other element
 */
void cw_html_begin(struct cw_html_renderer *r, struct cw_bytes name, struct cw_bytes value);

/** It ends; one that never began may end. */
void cw_html_end(struct cw_html_renderer *r, struct cw_bytes name);

/** Characters, decoded. */
void cw_html_characters(struct cw_html_renderer *r, struct cw_bytes text);
