/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * One record of an export of Lync, whatever its format: properties with their values go in, a
 * partner or findings come out.
 */

#include "lync_finding.h"

enum cw_lync_kind { CW_LYNC_NONE, CW_LYNC_TEXT, CW_LYNC_LIST, CW_LYNC_OTHER };

/** Value of a property. Switches and numbers are texts: "True", "20". */
struct cw_lync_value {
    enum cw_lync_kind kind;
    struct cw_bytes text;         /**< CW_LYNC_TEXT: not empty */
    const struct cw_bytes *items; /**< CW_LYNC_LIST; those that are no names are absent */
    size_t count;                 /**< at most CW_LYNC_MAX_ITEMS */
};

/** Items of a list that a reader gives; more do not fit into a partner anyway. */
#define CW_LYNC_MAX_ITEMS (CW_LYNC_MAX_ADDITIONAL + 1)

#define CW_LYNC_MAX_UNKNOWN 16u /* names of properties that are told once */

/** One file while it is read. Texts of values have to live as long as the arena. */
struct cw_lync_reading {
    struct cw_arena *arena;
    struct cw_lync_findings findings;
    struct cw_lync_partner *partners;
    size_t partner_count, partner_room;
    struct cw_bytes unknown[CW_LYNC_MAX_UNKNOWN];
    size_t unknown_count;
    bool full; /**< of partners, or the arena is: read no further */

    /* the record at hand */
    size_t record, line;
    struct cw_bytes type;
    struct cw_lync_value values[CW_LYNC_PROPERTY_COUNT];
};

/** Begins the next record. @param line where it begins, 0 if unknown
 * @param type  of the object as .NET calls it; absent if the format does not say */
void cw_lync_begin(struct cw_lync_reading *reading, size_t line, struct cw_bytes type);

/** Sets one property of the record. What is set already stays. */
void cw_lync_set(struct cw_lync_reading *reading, struct cw_bytes name,
                 const struct cw_lync_value *value);

/** Ends the record: one partner more, or findings. */
void cw_lync_end(struct cw_lync_reading *reading);

/** A record that is no object at all. @param line where it is, 0 if unknown */
void cw_lync_no_object(struct cw_lync_reading *reading, size_t line);

/** `text` as a value; none if it is empty. */
struct cw_lync_value cw_lync_text(struct cw_bytes text);

/** Are `text` and `word` the same, whatever the case of ASCII letters? */
bool cw_lync_same(struct cw_bytes text, struct cw_bytes word);

/** Does `text` have `word`, which is not empty, in it, in that case? */
bool cw_lync_has(struct cw_bytes text, struct cw_bytes word);

/** Is there a property of that name that the partner's record uses? */
bool cw_lync_is_property(struct cw_bytes name);

/** Memory of the arena; NULL if that is full, which is noted. */
void *cw_lync_take(struct cw_lync_reading *reading, size_t size);
