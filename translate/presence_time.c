/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/presence.h>

#include "datetime.h"

bool cw_presence_stamp_ms(const struct cw_presence *presence, int64_t *unix_ms)
{
    return presence->stamp.base != NULL && cw_datetime_read_3339(presence->stamp, unix_ms) == CW_OK;
}

enum cw_err cw_presence_set_idle(struct cw_presence *presence, int64_t now_unix_ms,
                                 struct cw_arena *arena)
{
    int64_t then_ms;

    if (presence->idle_s == 0 || presence->idle_since.base != NULL) {
        return CW_OK;
    }
    if (!cw_presence_stamp_ms(presence, &then_ms)) {
        then_ms = now_unix_ms;
    }
    then_ms -= (int64_t)presence->idle_s * 1000;
    return cw_datetime_write_3339(then_ms > 0 ? then_ms : 0, arena, &presence->idle_since);
}
