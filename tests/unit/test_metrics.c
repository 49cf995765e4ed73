/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/log.h>
#include <causeway/loop_lag.h>
#include <causeway/metrics.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static struct cw_metrics *metrics;

static int set_up(void **state)
{
    (void)state;
    metrics = cw_metrics_new("gateway");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cw_metrics_free(&metrics);
    assert_null(metrics);
    cw_metrics_free(&metrics);
    return 0;
}

static void assert_has(const char *line)
{
    size_t len = 0;
    char *text = cw_metrics_text(metrics, &len);
    assert_int_equal(strlen(text), len);
    if (strstr(text, line) == NULL) {
        fail_msg("no line %s in:\n%s", line, text);
    }
    free(text);
}

static void test_counters_and_gauges(void **state)
{
    (void)state;
    CW_METRIC_INC(metrics, SIP_REQUESTS_TOTAL, "in", "MESSAGE", "tcp");
    CW_METRIC_INC(metrics, SIP_REQUESTS_TOTAL, "in", "MESSAGE", "tcp");
    CW_METRIC_INC(metrics, SIP_REQUESTS_TOTAL, "out", "MESSAGE", "tcp");
    CW_METRIC_SET(metrics, LINK_UP, 1.0, "edge-1");
    CW_METRIC_SET(metrics, READY, 1.0, NULL);
    assert_has("\n# HELP causeway_sip_requests_total SIP requests by direction and method.\n"
               "# TYPE causeway_sip_requests_total counter\n"
               "causeway_sip_requests_total{direction=\"in\",method=\"MESSAGE\",transport=\"tcp\"} "
               "2\n"
               "causeway_sip_requests_total{direction=\"out\",method=\"MESSAGE\",transport=\"tcp\"}"
               " 1\n");
    assert_has("\ncauseway_link_up{peer=\"edge-1\"} 1\n");
    assert_has("\ncauseway_ready 1\n");
    assert_has("\ncauseway_draining 0\n");
    const char *const values[] = {"in", "MESSAGE", "tcp"};
    const char *const others[] = {"in", "NOTIFY", "tcp"};
    assert_true(cw_metrics_value(metrics, CW_METRIC_SIP_REQUESTS_TOTAL, values) > 1.5);
    assert_true(cw_metrics_value(metrics, CW_METRIC_SIP_REQUESTS_TOTAL, others) < 0.5);
    assert_ptr_equal(cw_metrics_child(metrics, CW_METRIC_SIP_REQUESTS_TOTAL, values),
                     cw_metrics_child(metrics, CW_METRIC_SIP_REQUESTS_TOTAL,
                                      (const char *const[]){"in", "MESSAGE", "tcp"}));
}

static void test_histogram(void **state)
{
    (void)state;
    const char *const values[] = {"edge-1"};
    struct cw_metric_child *child =
        cw_metrics_child(metrics, CW_METRIC_LINK_ROUND_TRIP_SECONDS, values);
    cw_metric_observe(child, 0.0002); /* a bound belongs to its bucket */
    cw_metric_observe(child, 0.03);
    cw_metric_observe(child, 5.0);
    assert_has("# TYPE causeway_link_round_trip_seconds histogram\n"
               "causeway_link_round_trip_seconds_bucket{peer=\"edge-1\",le=\"0.0002\"} 1\n"
               "causeway_link_round_trip_seconds_bucket{peer=\"edge-1\",le=\"0.0005\"} 1\n");
    assert_has("causeway_link_round_trip_seconds_bucket{peer=\"edge-1\",le=\"0.025\"} 1\n"
               "causeway_link_round_trip_seconds_bucket{peer=\"edge-1\",le=\"0.05\"} 2\n");
    assert_has("causeway_link_round_trip_seconds_bucket{peer=\"edge-1\",le=\"1\"} 2\n"
               "causeway_link_round_trip_seconds_bucket{peer=\"edge-1\",le=\"+Inf\"} 3\n"
               "causeway_link_round_trip_seconds_sum{peer=\"edge-1\"} 5.0302\n"
               "causeway_link_round_trip_seconds_count{peer=\"edge-1\"} 3\n");
}

static void test_values_are_escaped(void **state)
{
    (void)state;
    CW_METRIC_SET(metrics, LINK_UP, 1.0, "a\"b\\c\nd");
    assert_has("\ncauseway_link_up{peer=\"a\\\"b\\\\c\\nd\"} 1\n");
}

static void test_process(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"process_cpu_seconds_total",
                                        "process_resident_memory_bytes",
                                        "process_virtual_memory_bytes",
                                        "process_open_fds",
                                        "process_max_fds",
                                        "process_start_time_seconds",
                                        "causeway_start_time_seconds"};
    size_t len = 0;
    char *text = cw_metrics_text(metrics, &len);
    for (size_t i = 0; i < CW_COUNT(NAMES); i++) {
        char start[80];
        (void)snprintf(start, sizeof(start), "\n%s ", NAMES[i]);
        const char *line = strstr(text, start);
        cw_case(NAMES[i]);
        assert_non_null(line);
        assert_true(strtod(line + strlen(start), NULL) > 0.0);
    }
    const char *line = strstr(text, "\nprocess_resident_memory_bytes ");
    assert_true(strtod(strchr(line, ' '), NULL) > 1024.0 * 1024.0);
    assert_non_null(strstr(text, "causeway_build_info{version=\""));
    assert_non_null(strstr(text, "role=\"gateway\",openssl=\"3."));
    free(text);
}

/* Each line is a comment or NAME{...} VALUE, and no name comes twice under two headings. */
static void test_shape_of_everything(void **state)
{
    (void)state;
    static const char *const EIGHT[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    for (int i = 0; i < CW_METRICS; i++) {
        (void)cw_metrics_child(metrics, (enum cw_metric)i, EIGHT);
    }
    size_t len = 0;
    char *text = cw_metrics_text(metrics, &len);
    unsigned types = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '#') {
            types += strncmp(line, "# TYPE ", 7) == 0 ? 1 : 0;
            continue;
        }
        char *end = NULL;
        const char *value = strrchr(line, ' ');
        assert_non_null(value);
        (void)strtod(value + 1, &end);
        assert_int_equal(*end, '\0');
        assert_true(strncmp(line, "causeway_", 9) == 0 || strncmp(line, "process_", 8) == 0);
    }
    assert_int_equal(types, CW_METRICS + 6);
    free(text);
}

static void test_log_is_counted(void **state)
{
    (void)state;
    struct cw_log *log = cw_log_new(CW_LOG_LOGFMT, CW_LOG_DEBUG, NULL);
    cw_metrics_set_log(metrics, log);
    for (unsigned i = 0; i < 60; i++) {
        CW_LOG(log, S2S_LIMIT, "too many", {"partner", CW_LIT("a.example")});
    }
    assert_has("causeway_log_messages_total{level=\"info\"} 0\n");
    assert_has("causeway_log_messages_total{level=\"warning\"} 5");
    assert_has("causeway_log_suppressed_total{event=\"s2s.limit\"} ");
    cw_metrics_set_log(metrics, NULL);
    cw_log_free(&log);
}

static void on_stop(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
}

static void test_loop_lag(void **state)
{
    (void)state;
    uv_loop_t loop;
    uv_timer_t stop;
    const char *const thread[] = {"0"};
    assert_int_equal(uv_loop_init(&loop), 0);
    struct cw_loop_lag *lag = cw_loop_lag_start(&loop, metrics, "0");
    (void)uv_timer_init(&loop, &stop);
    (void)uv_timer_start(&stop, on_stop, 350, 0);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0); /* the probe keeps no loop alive */
    assert_in_range((uint64_t)cw_metrics_value(metrics, CW_METRIC_EVENT_LOOP_LAG_SECONDS, thread),
                    1, 4);
    assert_true(cw_loop_lag_age_ms(lag) < 5000);
    assert_true(cw_metrics_value(metrics, CW_METRIC_EVENT_LOOP_BUSY_SECONDS_TOTAL, thread) < 0.3);
    cw_loop_lag_stop(&lag);
    assert_null(lag);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counters_and_gauges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_histogram, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_values_are_escaped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shape_of_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_log_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loop_lag, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
