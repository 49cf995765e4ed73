/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Writes XML into a fixed buffer. Sticky: after the first call that does not fit, every later
 * call does nothing, so a document is written top to bottom and asked about once, at the end.
 */

#include <causeway/arena.h>
#include <causeway/bytes.h>
#include <causeway/error.h>

struct cw_xml_writer {
    char *base; /**< NULL: nothing is stored, `len` counts */
    size_t len;
    size_t room;   /**< size of base */
    bool overflow; /**< set once, never cleared */
};

void cw_xml_raw(struct cw_xml_writer *w, struct cw_bytes markup);

/** Character data; escapes & < > " ' and CR. */
void cw_xml_text(struct cw_xml_writer *w, struct cw_bytes text);

/** <name>text</name>; nothing at all when `text` is absent. `name` is trusted markup. */
void cw_xml_element(struct cw_xml_writer *w, const char *name, struct cw_bytes text);

/** ` name='value'`; nothing at all when `value` is absent. `name` is trusted markup. */
void cw_xml_attr(struct cw_xml_writer *w, const char *name, struct cw_bytes value);

/** Trusted markup from a NUL-terminated string. */
void cw_xml_word(struct cw_xml_writer *w, const char *markup);

/**
 * Writes with `print` into exactly as much arena memory as it needs.
 *
 * @param in  handed to `print`, which must write the same each time
 * @return CW_OK, or CW_ERR_LIMIT if it would pass `max_len` or the arena
 */
CW_MUST_USE enum cw_err cw_xml_build(void (*print)(struct cw_xml_writer *w, const void *in),
                                     const void *in, size_t max_len, struct cw_arena *arena,
                                     struct cw_bytes *out);

/** CW_OK and the bytes written, or CW_ERR_LIMIT. */
CW_MUST_USE enum cw_err cw_xml_end(const struct cw_xml_writer *w, struct cw_bytes *out);
