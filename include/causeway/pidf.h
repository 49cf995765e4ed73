/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Presence documents (PIDF, RFC 3863) as structs, and the ways in and out of them.
 *
 *   XMPP `<presence/>` --cw_presence_to_pidf--> struct cw_pidf --cw_pidf_write--> XML bytes
 *   XML bytes --cw_pidf_read--> struct cw_pidf --cw_pidf_to_presence--> struct cw_presence, each
 * tuple
 *
 * Pure: no input or output, no clock, no global state. Same input, same bytes.
 */

#include <causeway/arena.h>
#include <causeway/error.h>
#include <causeway/pep.h>
#include <causeway/presence.h>
#include <causeway/show_map.h>

/** No priority attribute on the tuple's contact. */
#define CW_PIDF_NO_PRIORITY (-1)
#define CW_PIDF_MAX_TUPLES  50u /* PRES-42 */

/** What rich presence (RFC 4480) says of a person or of one tuple. */
struct cw_rpid {
    cw_activities activities;   /**< all `<activities/>` are one set */
    struct cw_text other;       /**< text of `<other/>` in them; absent if none */
    bool has_input;             /**< there is a `<user-input/>` */
    bool idle;                  /**< it says idle */
    struct cw_bytes idle_since; /**< its last-input, RFC 3339 in UTC; absent if it does not say */
};

struct cw_pidf_tuple {
    struct cw_bytes id;        /**< xs:ID, so a letter first; unique within the document */
    bool open;                 /**< basic status: true "open", false "closed" */
    bool has_basic;            /**< read only: the tuple had a `<basic/>` (PRES-36) */
    enum cw_show show;         /**< carried as `<show xmlns='jabber:client'>` inside `<status>` */
    int priority_milli;        /**< of contact: 0..1000 thousandths, or CW_PIDF_NO_PRIORITY */
    struct cw_bytes contact;   /**< URI; absent: the tuple has no `<contact/>` */
    struct cw_text_list notes; /**< one a language */
    struct cw_bytes timestamp; /**< RFC 3339; absent if none */
    struct cw_bytes resource;  /**< write only: XMPP resource the tuple stands for */
    struct cw_rpid rpid;       /**< read; written of it is `idle` with its time */
    unsigned caps;             /**< read only: set of enum cw_cap, by RFC 5196 (PRES-43) */
};

struct cw_pidf {
    struct cw_bytes entity; /**< presentity, e.g. "pres:romeo@example.net" */
    const struct cw_pidf_tuple *tuples;
    size_t tuple_count;
    struct cw_text_list notes; /**< of the document; read: of the person, else of his activities,
                                    else of the document (PRES-29) */
    struct cw_rpid person;     /**< of `<dm:person>`; written of it are the activities */
    struct cw_bytes mood;      /**< write only: as in struct cw_pep; absent for none */
    bool mood_is_other;
    bool says_capabilities; /**< write only: open tuples name those of an XMPP client (RFC 5196) */
};

/** What the partner rules let this watcher see. */
enum cw_pidf_view { CW_PIDF_VIEW_FULL, CW_PIDF_VIEW_NO_NOTES };

/**
 * Turns the presence of one XMPP resource into one PIDF tuple.
 *
 * @param in       valid presence with a resource
 * @param contact  URI that reaches the resource; absent for none
 * @param view     CW_PIDF_VIEW_NO_NOTES for watchers whose partner never sees notes
 * @param arena    owns the tuple's id; `in` and `contact` are borrowed and must outlive `out`
 * @param out      written only on CW_OK
 * @return CW_OK, or CW_ERR_LIMIT when the arena is full
 *
 * Rules: RFC 8048 section 6.2, table 1 and notes 1 to 7; PRES-5 to PRES-15, PRES-33.
 */
CW_MUST_USE enum cw_err cw_presence_to_pidf(const struct cw_presence *in, struct cw_bytes contact,
                                            enum cw_pidf_view view, struct cw_arena *arena,
                                            struct cw_pidf_tuple *out);

/** Adds to the person the activity that the show of the first open tuple by priority means
 * (PRES-10, PRES-30). */
void cw_pidf_add_person(struct cw_pidf *doc, const struct cw_show_map *map);

/**
 * Gives tuples whose id is taken by an earlier one the digest form (PRES-6). cw_pidf_write()
 * does so by itself; call it to learn the ids. @return CW_OK or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_pidf_unique_ids(struct cw_pidf_tuple *tuples, size_t tuple_count,
                                           struct cw_arena *arena);

/**
 * Writes `doc` as a PIDF document, UTF-8, no trailing newline (PRES-19).
 *
 * @param out  bytes in `arena`; written only on CW_OK
 * @return CW_OK, or CW_ERR_LIMIT when the document does not fit into `max_len` or the arena
 *
 * Rules: RFC 3863 section 4.1; RFC 8048 section 6.2 example 6.
 */
CW_MUST_USE enum cw_err cw_pidf_write(const struct cw_pidf *doc, size_t max_len,
                                      struct cw_arena *arena, struct cw_bytes *out);

/**
 * Reads a PIDF document from a NOTIFY (PRES-34 to PRES-36, PRES-42). Unknown elements are skipped.
 * Tuples that are no reach for messages (PRES-35) are left out.
 *
 * @param language  Content-Language as printed: that of notes without xml:lang (PRES-31); or absent
 * @return CW_OK, CW_ERR_MALFORMED (not well-formed, DTD, wrong root), CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_pidf_read(struct cw_bytes xml, struct cw_bytes language,
                                     struct cw_arena *arena, struct cw_pidf *out);

/**
 * Presence of one tuple as an XMPP resource (PRES-25 to PRES-30, PRES-33, PRES-43).
 *
 * @param doc    the document `tuple` is part of (what is said of the person)
 * @param view   CW_PIDF_VIEW_NO_NOTES leaves the statuses out
 * @return CW_OK, CW_ERR_ADDRESS (no resource can be made of the tuple's id) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_pidf_to_presence(const struct cw_pidf *doc,
                                            const struct cw_pidf_tuple *tuple,
                                            enum cw_pidf_view view, const struct cw_show_map *map,
                                            struct cw_arena *arena, struct cw_presence *out);

/** The unavailable presence of a user of whom nothing is open, with what the document says of him
 * (PRES-36). @return CW_OK or CW_ERR_LIMIT */
CW_MUST_USE enum cw_err cw_pidf_absence(const struct cw_pidf *doc, enum cw_pidf_view view,
                                        const struct cw_show_map *map, struct cw_arena *arena,
                                        struct cw_presence *out);
