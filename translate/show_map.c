/* SPDX-License-Identifier: Apache-2.0 */
#include "show_map.h"

#include "ascii.h"

/* In the order of the table, the first match wins. in-transit and steering mean "dnd" together. */
enum { AWAY_ALONE = 1u, DND = 2u, XA = 4u, IN_TRANSIT = 8u, STEERING = 16u };

static const struct {
    const char *name;
    unsigned bit;
} ACTIVITIES[] = {
    {"permanent-absence", XA},
    {"vacation", XA},
    {"holiday", XA},
    {"sleeping", XA},
    {"travel", XA},
    {"busy", DND},
    {"on-the-phone", DND},
    {"meeting", DND},
    {"presentation", DND},
    {"performance", DND},
    {"in-transit", IN_TRANSIT},
    {"steering", STEERING},
    {"away", AWAY_ALONE},
    {"appointment", AWAY_ALONE},
    {"meal", AWAY_ALONE},
    {"breakfast", AWAY_ALONE},
    {"lunch", AWAY_ALONE},
    {"dinner", AWAY_ALONE},
    {"shopping", AWAY_ALONE},
    {"playing", AWAY_ALONE},
    {"spectator", AWAY_ALONE},
    {"tv", AWAY_ALONE},
    {"worship", AWAY_ALONE},
};

struct cw_bytes cw_show_activity(enum cw_show show)
{
    switch (show) {
    case CW_SHOW_AWAY:
    case CW_SHOW_XA:
        return CW_LIT("away");
    case CW_SHOW_DND:
        return CW_LIT("busy");
    case CW_SHOW_NONE:
    case CW_SHOW_CHAT:
    default:
        return (struct cw_bytes){0};
    }
}

bool cw_show_is_idle(enum cw_show show)
{
    return show == CW_SHOW_XA;
}

cw_show_activities cw_show_add_activity(cw_show_activities seen, struct cw_bytes name)
{
    for (size_t i = 0; i < sizeof(ACTIVITIES) / sizeof(ACTIVITIES[0]); i++) {
        if (cw_ascii_is(name, ACTIVITIES[i].name)) {
            return seen | ACTIVITIES[i].bit;
        }
    }
    return seen; /* unknown, working, looking-for-work and what nobody knows: no show */
}

enum cw_show cw_show_of_activities(cw_show_activities seen)
{
    const unsigned driving = IN_TRANSIT | STEERING;

    if ((seen & XA) != 0) {
        return CW_SHOW_XA;
    }
    if ((seen & DND) != 0 || (seen & driving) == driving) {
        return CW_SHOW_DND;
    }
    return seen != 0 ? CW_SHOW_AWAY : CW_SHOW_NONE;
}
