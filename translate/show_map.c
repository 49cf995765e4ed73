/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/show_map.h>

#include "ascii.h"

#define NAME_OF(id, name, show, words)  [CW_ACTIVITY_##id] = (name),
#define WORDS_OF(id, name, show, words) [CW_ACTIVITY_##id] = (words),
#define SHOW_OF(id, name, show, words)  [CW_ACTIVITY_##id] = CW_SHOW_##show,

static const char *const NAMES[CW_ACTIVITIES] = {CW_ACTIVITY_TABLE(NAME_OF)};
static const char *const WORDS[CW_ACTIVITIES] = {CW_ACTIVITY_TABLE(WORDS_OF)};

/* PRES-30. Away and busy are what XEP-0108 makes of them. */
const struct cw_show_map CW_SHOW_MAP_DEFAULT = {
    .show_of = {CW_ACTIVITY_TABLE(SHOW_OF)},
    .driving = CW_SHOW_DND,
    .activity_of = {[CW_SHOW_NONE] = CW_ACTIVITIES,
                    [CW_SHOW_AWAY] = CW_ACTIVITY_AWAY,
                    [CW_SHOW_CHAT] = CW_ACTIVITIES,
                    [CW_SHOW_DND] = CW_ACTIVITY_BUSY,
                    [CW_SHOW_XA] = CW_ACTIVITY_AWAY},
    .words = true,
};

/* Which of several shows is told: the one that says most strongly not to disturb or not to wait. */
static const unsigned char RANKS[CW_SHOWS] = {[CW_SHOW_NONE] = 0,
                                              [CW_SHOW_CHAT] = 1,
                                              [CW_SHOW_AWAY] = 2,
                                              [CW_SHOW_DND] = 3,
                                              [CW_SHOW_XA] = 4};

static bool has(cw_activities seen, enum cw_activity activity)
{
    return (seen & (cw_activities)1 << activity) != 0;
}

static bool is_stronger(enum cw_show a, enum cw_show b)
{
    return RANKS[a] > RANKS[b];
}

struct cw_bytes cw_activity_name(enum cw_activity activity)
{
    return (struct cw_bytes){NAMES[activity], strlen(NAMES[activity])};
}

bool cw_activity_by_name(struct cw_bytes name, enum cw_activity *out)
{
    for (enum cw_activity i = 0; i < CW_ACTIVITIES; i++) {
        if (cw_ascii_is(name, NAMES[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

enum cw_show cw_show_map_show(const struct cw_show_map *map, cw_activities seen)
{
    const bool driving = has(seen, CW_ACTIVITY_IN_TRANSIT) && has(seen, CW_ACTIVITY_STEERING);
    enum cw_show show = driving ? map->driving : CW_SHOW_NONE;

    for (enum cw_activity i = 0; i < CW_ACTIVITIES; i++) {
        if (has(seen, i) && is_stronger(map->show_of[i], show)) {
            show = map->show_of[i];
        }
    }
    return show;
}

struct cw_bytes cw_show_map_words(const struct cw_show_map *map, cw_activities seen)
{
    enum cw_activity best = CW_ACTIVITIES;

    for (enum cw_activity i = 0; i < CW_ACTIVITIES && map->words; i++) {
        if (has(seen, i) && WORDS[i] != NULL &&
            (best == CW_ACTIVITIES || is_stronger(map->show_of[i], map->show_of[best]))) {
            best = i;
        }
    }
    return best == CW_ACTIVITIES ? (struct cw_bytes){0}
                                 : (struct cw_bytes){WORDS[best], strlen(WORDS[best])};
}

cw_activities cw_show_map_activities(const struct cw_show_map *map, enum cw_show show)
{
    const enum cw_activity activity = map->activity_of[show];

    return activity == CW_ACTIVITIES ? 0 : (cw_activities)1 << activity;
}
