/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * `<show/>` of XMPP <-> activities of rich presence (RPID, RFC 4480): the table of PRES-30. Rows
 * can be set by configuration; CW_SHOW_MAP_DEFAULT is what holds without it.
 */

#include <causeway/presence.h>

/**
 * X(name, name in RFC 4480 section 3.2, show that it means, words for it). Of several activities
 * with the same show the first row gives the words. Words NULL: none are needed beside the show.
 */
#define CW_ACTIVITY_TABLE(X)                                                                       \
    X(PERMANENT_ABSENCE, "permanent-absence", XA, "Gone for good")                                 \
    X(VACATION, "vacation", XA, "On vacation")                                                     \
    X(HOLIDAY, "holiday", XA, "On holiday")                                                        \
    X(SLEEPING, "sleeping", XA, "Asleep")                                                          \
    X(TRAVEL, "travel", XA, "Travelling")                                                          \
    X(ON_THE_PHONE, "on-the-phone", DND, "On the phone")                                           \
    X(MEETING, "meeting", DND, "In a meeting")                                                     \
    X(PRESENTATION, "presentation", DND, "In a presentation")                                      \
    X(PERFORMANCE, "performance", DND, "At a performance")                                         \
    X(BUSY, "busy", DND, NULL)                                                                     \
    X(STEERING, "steering", AWAY, "At the wheel")                                                  \
    X(IN_TRANSIT, "in-transit", AWAY, "On the way")                                                \
    X(APPOINTMENT, "appointment", AWAY, "At an appointment")                                       \
    X(BREAKFAST, "breakfast", AWAY, "At breakfast")                                                \
    X(LUNCH, "lunch", AWAY, "At lunch")                                                            \
    X(DINNER, "dinner", AWAY, "At dinner")                                                         \
    X(MEAL, "meal", AWAY, "At a meal")                                                             \
    X(SHOPPING, "shopping", AWAY, "Shopping")                                                      \
    X(PLAYING, "playing", AWAY, "Playing")                                                         \
    X(SPECTATOR, "spectator", AWAY, "Watching an event")                                           \
    X(TV, "tv", AWAY, "Watching TV")                                                               \
    X(WORSHIP, "worship", AWAY, "At worship")                                                      \
    X(AWAY, "away", AWAY, NULL)                                                                    \
    X(WORKING, "working", NONE, "Working")                                                         \
    X(LOOKING_FOR_WORK, "looking-for-work", NONE, "Looking for work")                              \
    X(OTHER, "other", NONE, NULL)                                                                  \
    X(UNKNOWN, "unknown", NONE, NULL)

#define CW_ACTIVITY_ID(id, name, show, words) CW_ACTIVITY_##id,
enum cw_activity { CW_ACTIVITY_TABLE(CW_ACTIVITY_ID) CW_ACTIVITIES };
#undef CW_ACTIVITY_ID

/** A set of activities: bit 1u << activity. */
typedef uint32_t cw_activities;
_Static_assert(CW_ACTIVITIES <= 32, "a set of activities is 32 bits");

struct cw_show_map {
    enum cw_show show_of[CW_ACTIVITIES];    /**< read from PIDF */
    enum cw_show driving;                   /**< in-transit and steering together */
    enum cw_activity activity_of[CW_SHOWS]; /**< written to PIDF; CW_ACTIVITIES: none */
    bool words; /**< the words for an activity stand in for a note that is missing */
};

extern const struct cw_show_map CW_SHOW_MAP_DEFAULT;

/** Name in RFC 4480. */
struct cw_bytes cw_activity_name(enum cw_activity activity);

/** @return false: no activity of that name */
bool cw_activity_by_name(struct cw_bytes name, enum cw_activity *out);

/** The show that a set of activities means; of several shows: xa, dnd, away, chat, none. */
enum cw_show cw_show_map_show(const struct cw_show_map *map, cw_activities seen);

/** Words (English) for the activity that decides cw_show_map_show(); absent for none. */
struct cw_bytes cw_show_map_words(const struct cw_show_map *map, cw_activities seen);

/** What is written for `show`: a set of one or of none. */
cw_activities cw_show_map_activities(const struct cw_show_map *map, enum cw_show show);
