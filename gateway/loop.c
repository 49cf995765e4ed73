/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <causeway/clock.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

struct cw_loop {
    uv_timer_t timer; /* first: the handle is what libuv gives back */
    struct cw_alarms *alarms;
    bool ringing;
};

static void rearm(struct cw_loop *loop, uv_timer_cb on_timer)
{
    const uint64_t next = cw_alarms_next(loop->alarms);
    const uint64_t now = cw_clock_now_ms();

    if (loop->ringing) {
        return;
    }
    if (next == CW_ALARM_NEVER) {
        (void)uv_timer_stop(&loop->timer);
        return;
    }
    uv_update_time(loop->timer.loop);
    (void)uv_timer_start(&loop->timer, on_timer, next > now ? next - now : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct cw_loop *loop = (struct cw_loop *)timer;
    const uint64_t now = cw_clock_now_ms();
    struct cw_alarm *alarm;

    loop->ringing = true;
    while ((alarm = cw_alarms_take(loop->alarms, now)) != NULL) {
        alarm->ring(alarm, alarm->user);
    }
    loop->ringing = false;
    rearm(loop, on_timer);
}

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

struct cw_loop *cw_loop_new(struct uv_loop_s *uv)
{
    struct cw_loop *loop = calloc(1, sizeof(*loop));

    if (loop == NULL) {
        abort();
    }
    loop->alarms = cw_alarms_new();
    (void)uv_timer_init(uv, &loop->timer);
    return loop;
}

void cw_loop_free(struct cw_loop **loop)
{
    if (*loop != NULL) {
        cw_alarms_free(&(*loop)->alarms);
        uv_close((uv_handle_t *)&(*loop)->timer, on_closed);
        *loop = NULL;
    }
}

void cw_loop_set(struct cw_loop *loop, struct cw_alarm *alarm, uint64_t at_ms)
{
    const uint64_t before = cw_alarms_next(loop->alarms);

    cw_alarms_set(loop->alarms, alarm, at_ms);
    if (cw_alarms_next(loop->alarms) != before) {
        rearm(loop, on_timer);
    }
}

void cw_loop_clear(struct cw_loop *loop, struct cw_alarm *alarm)
{
    cw_alarms_clear(loop->alarms, alarm);
}
