/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/notify.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];
static int manager = -1;

static int set_up(void **state)
{
    (void)state;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(folder, sizeof(folder), "/tmp/cw-notify-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", folder);
    manager = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_true(manager >= 0);
    assert_int_equal(bind(manager, (const struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char path[80];
    (void)close(manager);
    (void)snprintf(path, sizeof(path), "%s/s", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
    return 0;
}

static void assert_heard(const char *wanted)
{
    char words[1024];
    const ssize_t len = recv(manager, words, sizeof(words), MSG_DONTWAIT);
    assert_true(len >= 0);
    cw_assert_bytes(((struct cw_bytes){words, (size_t)len}),
                    ((struct cw_bytes){wanted, strlen(wanted)}));
}

static void test_words(void **state)
{
    (void)state;
    assert_true(cw_notify_ready(NULL));
    assert_heard("READY=1");
    assert_true(cw_notify_ready("2 links, 1 route"));
    assert_heard("READY=1\nSTATUS=2 links, 1 route");
    assert_true(cw_notify_stopping());
    assert_heard("STOPPING=1");
    assert_true(cw_notify_watchdog());
    assert_heard("WATCHDOG=1");
    assert_true(cw_notify_status("a\nMAINPID=1"));
    assert_heard("STATUS=a MAINPID=1");
    assert_true(cw_notify_reloading());
}

static void test_nobody_listens(void **state)
{
    (void)state;
    (void)unsetenv("NOTIFY_SOCKET");
    assert_false(cw_notify_ready("x"));
    assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
    assert_false(cw_notify_stopping());
    assert_int_equal(setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1), 0);
    assert_false(cw_notify_watchdog());
}

static void test_watchdog_interval(void **state)
{
    (void)state;
    char pid[32];
    assert_int_equal(cw_notify_watchdog_interval_ms(), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "10000000", 1), 0);
    assert_int_equal(cw_notify_watchdog_interval_ms(), 5000);
    assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
    assert_int_equal(cw_notify_watchdog_interval_ms(), 0);
    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
    assert_int_equal(cw_notify_watchdog_interval_ms(), 5000);
    assert_int_equal(setenv("WATCHDOG_USEC", "soon", 1), 0);
    assert_int_equal(cw_notify_watchdog_interval_ms(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_listens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_watchdog_interval, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
