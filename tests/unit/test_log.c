/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "log_format.h"
#include "log_rate.h"

#include <causeway/log.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t NOON_MS = 1795359600118; /* 2026-11-22T15:00:00.118Z */

struct line_case {
    const char *name;
    struct cw_bytes value;
    const char *logfmt;
    const char *json;
};

static const struct line_case LINE_CASES[] = {
    {"bare", {"fabrikam.example", 16}, "fabrikam.example", "\"fabrikam.example\""},
    {"absent", {NULL, 0}, NULL, NULL},
    {"empty", {"", 0}, "\"\"", "\"\""},
    {"blank", {"a b", 3}, "\"a b\"", "\"a b\""},
    {"quote and backslash", {"a\"b\\c", 5}, "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""},
    {"line break: no second line", {"a\nts=x", 6}, "\"a\\nts=x\"", "\"a\\nts=x\""},
    {"carriage return", {"a\rb", 3}, "\"a\\u000db\"", "\"a\\u000db\""},
    {"escape of a terminal", {"\x1b[31m", 5}, "\"\\u001b[31m\"", "\"\\u001b[31m\""},
    {"NUL", {"a\0b", 3}, "\"a\\u0000b\"", "\"a\\u0000b\""},
    {"UTF-8", {"gr\xc3\xbc\xc3\x9f", 6}, "\"gr\xc3\xbc\xc3\x9f\"", "\"gr\xc3\xbc\xc3\x9f\""},
    {"broken UTF-8",
     {"a\xff\xc3", 3},
     "\"a\xef\xbf\xbd\xef\xbf\xbd\"",
     "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
    {"line separator", {"a\xe2\x80\xa8z", 5}, "\"a\\u2028z\"", "\"a\\u2028z\""},
    {"C1 control", {"a\xc2\x85z", 4}, "\"a\\u0085z\"", "\"a\\u0085z\""},
};

static void check_line(bool json, const struct line_case *row, const char *wanted)
{
    struct cw_byte_queue out = {NULL, 0, 0, 0};
    const struct cw_log_field fields[] = {{"dir", CW_LIT("out")}, {"partner", row->value}};
    const struct cw_log_record record = {.wall_ms = NOON_MS,
                                         .level = "notice",
                                         .priority = "5",
                                         .event = "s2s.failed",
                                         .node = "edge1",
                                         .message = "no",
                                         .fields = fields,
                                         .count = 2};
    if (json) {
        cw_log_write_json(&out, &record);
    } else {
        cw_log_write_logfmt(&out, &record);
    }
    cw_assert_bytes(cw_byte_queue_bytes(&out), ((struct cw_bytes){wanted, strlen(wanted)}));
    cw_byte_queue_clear(&out);
}

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < CW_COUNT(LINE_CASES); i++) {
        const struct line_case *row = &LINE_CASES[i];
        char wanted[512];
        cw_case(row->name);
        (void)snprintf(
            wanted, sizeof(wanted),
            "ts=2026-11-22T15:00:00.118Z level=notice event=s2s.failed node=edge1 "
            "dir=out%s%s msg=no\n",
            row->logfmt == NULL ? "" : " partner=", row->logfmt == NULL ? "" : row->logfmt);
        check_line(false, row, wanted);
        (void)snprintf(
            wanted, sizeof(wanted),
            "{\"ts\":\"2026-11-22T15:00:00.118Z\",\"level\":\"notice\","
            "\"event\":\"s2s.failed\",\"node\":\"edge1\",\"dir\":\"out\"%s%s,"
            "\"msg\":\"no\"}\n",
            row->json == NULL ? "" : ",\"partner\":", row->json == NULL ? "" : row->json);
        check_line(true, row, wanted);
    }
}

static void test_long_value_is_cut(void **state)
{
    (void)state;
    static char huge[100000];
    struct cw_byte_queue out = {NULL, 0, 0, 0};
    memset(huge, 'x', sizeof(huge));
    memcpy(huge + 2047, "\xc3\xbc", 2); /* the cut would go through it */
    const struct cw_log_field field = {"reason", {huge, sizeof(huge)}};
    const struct cw_log_record record = {.wall_ms = NOON_MS,
                                         .level = "info",
                                         .priority = "6",
                                         .event = "e",
                                         .fields = &field,
                                         .count = 1};
    cw_log_write_json(&out, &record);
    assert_in_range(out.len, 2047, 2200);
    assert_null(memchr(cw_byte_queue_bytes(&out).base, 0xC3, out.len));
    assert_null(memchr(cw_byte_queue_bytes(&out).base, 0xEF, out.len));
    cw_byte_queue_clear(&out);
}

static void test_journal(void **state)
{
    (void)state;
    struct cw_byte_queue out = {NULL, 0, 0, 0};
    const struct cw_log_field fields[] = {{"trace", CW_LIT("7c1e\nMESSAGE=evil")},
                                          {"user-hash", CW_LIT("x")}};
    const struct cw_log_record record = {.wall_ms = NOON_MS,
                                         .level = "warning",
                                         .priority = "4",
                                         .event = "s2s.limit",
                                         .message = "too many",
                                         .fields = fields,
                                         .count = 2};
    static const char WANTED[] = "MESSAGE\n\x08\0\0\0\0\0\0\0too many\n"
                                 "PRIORITY\n\x01\0\0\0\0\0\0\0"
                                 "4\n"
                                 "SYSLOG_IDENTIFIER\n\x08\0\0\0\0\0\0\0"
                                 "causeway\n"
                                 "CAUSEWAY_EVENT\n\x09\0\0\0\0\0\0\0s2s.limit\n"
                                 "CAUSEWAY_TRACE\n\x11\0\0\0\0\0\0\0"
                                 "7c1e\nMESSAGE=evil\n"
                                 "CAUSEWAY_USER_HASH\n\x01\0\0\0\0\0\0\0x\n";
    cw_log_write_journal(&out, &record);
    cw_assert_bytes(cw_byte_queue_bytes(&out), CW_LIT(WANTED));
    cw_byte_queue_clear(&out);
}

static void test_rate(void **state)
{
    (void)state;
    struct cw_log_rate rate = {0, 0, 0};
    unsigned passed = 0;
    for (unsigned i = 0; i < 1000; i++) {
        passed += cw_log_rate_take(&rate, 5000) ? 1 : 0;
    }
    assert_int_equal(passed, CW_LOG_BURST);
    assert_int_equal(rate.withheld, 1000 - CW_LOG_BURST);
    assert_false(cw_log_rate_take(&rate, 5099));
    assert_true(cw_log_rate_take(&rate, 5100)); /* ten a second */
    assert_false(cw_log_rate_take(&rate, 5100));
    for (unsigned i = 0, total = 0; i < 10; i++) {
        total += cw_log_rate_take(&rate, 6100) ? 1 : 0;
        assert_int_equal(total, i + 1);
    }
    assert_false(cw_log_rate_take(&rate, 6100));
}

/** Runs `act` with stderr in a pipe. @return length of what was written to `out` */
static size_t capture(void (*act)(void), char *out, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const int kept = dup(STDERR_FILENO);
    assert_true(kept >= 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    act();
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    (void)close(ends[1]);
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len < size - 1) {
        got = read(ends[0], out + len, size - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    (void)close(ends[0]);
    out[len] = '\0';
    return len;
}

static unsigned count_of(const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        count++;
    }
    return count;
}

static void write_levels(void)
{
    struct cw_log *log = cw_log_new(CW_LOG_LOGFMT, CW_LOG_INFO, "gw1");
    assert_false(cw_log_on(log, CW_EVENT_STANZA_HANDLED));
    assert_true(cw_log_on(log, CW_EVENT_S2S_UP));
    assert_false(cw_log_on(NULL, CW_EVENT_LINK_DOWN));
    CW_LOG(log, STANZA_HANDLED, "hidden", {"partner", CW_LIT("a.example")});
    CW_LOG(log, S2S_UP, "shown", {"partner", CW_LIT("a.example")}, {"reason", cw_log_text(NULL)});
    cw_log_set_level(log, CW_LOG_ERROR);
    CW_LOG(log, S2S_UP, "hidden", {"partner", CW_LIT("a.example")});
    cw_log_event(log, CW_EVENT_LINK_DOWN, NULL, NULL, 0);
    assert_int_equal(cw_log_count(log, CW_LOG_INFO), 1);
    assert_int_equal(cw_log_count(log, CW_LOG_ERROR), 1);
    assert_int_equal(cw_log_count(log, CW_LOG_DEBUG), 0);
    cw_log_free(&log);
    assert_null(log);
    cw_log_free(&log);
    cw_log_event(NULL, CW_EVENT_LINK_DOWN, "nowhere", NULL, 0);
}

static void test_levels(void **state)
{
    (void)state;
    char text[4096];
    (void)capture(write_levels, text, sizeof(text));
    assert_int_equal(count_of(text, "\n"), 2);
    assert_non_null(
        strstr(text, "Z level=info event=s2s.up node=gw1 partner=a.example msg=shown\n"));
    assert_non_null(strstr(text, "Z level=error event=link.down node=gw1\n"));
}

static void write_flood(void)
{
    struct cw_log *log = cw_log_new(CW_LOG_LOGFMT, CW_LOG_DEBUG, NULL);
    for (unsigned i = 0; i < 200; i++) {
        CW_LOG(log, XML_REJECTED, "bad", {"partner", CW_LIT("a.example")});
    }
    CW_LOG(log, S2S_UP, "other events pass", {"partner", CW_LIT("a.example")});
    assert_true(cw_log_suppressed(log, CW_EVENT_XML_REJECTED) >= 140);
    assert_int_equal(cw_log_suppressed(log, CW_EVENT_S2S_UP), 0);
    cw_log_free(&log);
}

static void test_flood(void **state)
{
    (void)state;
    static char text[65536];
    (void)capture(write_flood, text, sizeof(text));
    assert_in_range(count_of(text, "event=xml.rejected"), CW_LOG_BURST, CW_LOG_BURST + 10);
    assert_int_equal(count_of(text, "event=s2s.up"), 1);
    assert_in_range(count_of(text, "event=log.suppressed"), 1, 10);
    assert_non_null(strstr(text, "suppressed=xml.rejected count=1"));
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(cw_log_event_text(CW_EVENT_S2S_FAILED), "s2s.failed");
    assert_string_equal(cw_log_level_word(CW_LOG_WARNING), "warning");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_long_value_is_cut),
        cmocka_unit_test(test_journal), cmocka_unit_test(test_rate),
        cmocka_unit_test(test_levels),  cmocka_unit_test(test_flood),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
