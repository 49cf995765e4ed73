/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who was turned away for want of a permit, summed up by domain and direction until it is told to
 * the gateways. The domains are what peers call themselves. When there is no room for one more,
 * only its number counts. Pure.
 */

#include <causeway/frame_knock.h>

#define CW_TURNED_AWAY_MAX 64u /* domains that wait: four frames, so four seconds */

struct cw_turned_away;

/** Nobody yet. */
struct cw_turned_away *cw_turned_away_new(void);

/** Frees and sets NULL. */
void cw_turned_away_free(struct cw_turned_away **away);

/**
 * One more.
 * @param domain  anything; what is no name of the link counts without its name
 * @param peer  "ip:port"; absent if `outgoing`
 */
void cw_turned_away_note(struct cw_turned_away *away, bool outgoing, struct cw_bytes domain,
                         struct cw_bytes peer);

/**
 * Takes out the oldest, as many as a frame carries.
 * @param out  borrowed until the next call
 * @return false: there are none
 */
bool cw_turned_away_take(struct cw_turned_away *away, struct cw_frame_knocks *out);
