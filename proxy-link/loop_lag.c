/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/clock.h>
#include <causeway/loop_lag.h>
#include <stdlib.h>
#include <uv.h>

enum { TICK_MS = 100, NS_PER_MS = 1000000 };

struct cw_loop_lag {
    uv_timer_t timer;
    struct cw_metric_child *lag;
    struct cw_metric_child *busy;
    uint64_t due_ns;
    uint64_t last_idle_ns;
    uint64_t last_tick_ms;
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_tick(uv_timer_t *timer)
{
    struct cw_loop_lag *probe = timer->data;
    const uint64_t now_ns = uv_hrtime();
    const uint64_t tick_ns = (uint64_t)TICK_MS * NS_PER_MS;
    const uint64_t late_ns = now_ns > probe->due_ns ? now_ns - probe->due_ns : 0;
    cw_metric_observe(probe->lag, (double)late_ns / 1e9);
    const uint64_t idle_ns = uv_metrics_idle_time(timer->loop);
    const uint64_t passed_ns = now_ns - (probe->due_ns - tick_ns);
    const uint64_t slept_ns = idle_ns - probe->last_idle_ns;
    if (passed_ns > slept_ns) {
        cw_metric_add(probe->busy, (double)(passed_ns - slept_ns) / 1e9);
    }
    probe->last_idle_ns = idle_ns;
    probe->last_tick_ms = cw_clock_now_ms();
    probe->due_ns = now_ns + tick_ns;
    (void)uv_timer_start(timer, on_tick, TICK_MS, 0);
}

struct cw_loop_lag *cw_loop_lag_start(struct uv_loop_s *loop, struct cw_metrics *metrics,
                                      const char *thread)
{
    struct cw_loop_lag *probe = calloc(1, sizeof(*probe));
    if (probe == NULL) {
        abort();
    }
    const char *const labels[] = {thread};
    probe->lag = cw_metrics_child(metrics, CW_METRIC_EVENT_LOOP_LAG_SECONDS, labels);
    probe->busy = cw_metrics_child(metrics, CW_METRIC_EVENT_LOOP_BUSY_SECONDS_TOTAL, labels);
    (void)uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
    (void)uv_timer_init(loop, &probe->timer);
    probe->timer.data = probe;
    uv_unref((uv_handle_t *)&probe->timer);
    probe->last_idle_ns = uv_metrics_idle_time(loop);
    probe->last_tick_ms = cw_clock_now_ms();
    probe->due_ns = uv_hrtime() + (uint64_t)TICK_MS * NS_PER_MS;
    (void)uv_timer_start(&probe->timer, on_tick, TICK_MS, 0);
    return probe;
}

uint64_t cw_loop_lag_age_ms(const struct cw_loop_lag *lag)
{
    return cw_clock_now_ms() - lag->last_tick_ms;
}

void cw_loop_lag_stop(struct cw_loop_lag **lag)
{
    if (*lag == NULL) {
        return;
    }
    uv_close((uv_handle_t *)&(*lag)->timer, on_closed);
    *lag = NULL;
}
