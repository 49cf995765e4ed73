/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/notify.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 512, US_PER_MS = 1000 };

/* A fresh socket each time: the words are rare, and a process that dropped its privileges or was
 * forked keeps nothing open for them. */
static bool send_words(const char *words)
{
    const char *path = getenv("NOTIFY_SOCKET"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(to.sun_path)) {
        return false;
    }
    const size_t len = strlen(path);
    memcpy(to.sun_path, path, len);
    if (path[0] == '@') {
        to.sun_path[0] = '\0'; /* abstract name */
    }
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    const socklen_t to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    const ssize_t sent =
        sendto(fd, words, strlen(words), MSG_NOSIGNAL, (const struct sockaddr *)&to, to_len);
    (void)close(fd);
    return sent == (ssize_t)strlen(words);
}

/* One assignment a line is the protocol: a line break inside a status would be a second one. */
static void one_line(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ') {
            *text = ' ';
        }
    }
}

static bool send_status(const char *first, const char *status)
{
    char line[LINE_MAX_LEN];
    (void)snprintf(line, sizeof(line), "%s", status);
    one_line(line);
    char words[LINE_MAX_LEN + LINE_MAX_LEN];
    (void)snprintf(words, sizeof(words), "%sSTATUS=%s", first, line);
    return send_words(words);
}

static uint64_t number_of(const char *name)
{
    const char *text = getenv(name); // NOLINT(concurrency-mt-unsafe): nobody sets it
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9') {
        return 0;
    }
    const unsigned long long value = strtoull(text, &end, 10);
    return *end == '\0' ? value : 0;
}

bool cw_notify_ready(const char *status)
{
    return status == NULL ? send_words("READY=1") : send_status("READY=1\n", status);
}

bool cw_notify_stopping(void)
{
    return send_words("STOPPING=1");
}

bool cw_notify_status(const char *status)
{
    return send_status("", status);
}

bool cw_notify_reloading(void)
{
    struct timespec now;
    char words[LINE_MAX_LEN];
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return false;
    }
    (void)snprintf(words, sizeof(words), "RELOADING=1\nMONOTONIC_USEC=%llu",
                   (unsigned long long)now.tv_sec * 1000000U +
                       (unsigned long long)now.tv_nsec / 1000U);
    return send_words(words);
}

bool cw_notify_watchdog(void)
{
    return send_words("WATCHDOG=1");
}

uint32_t cw_notify_watchdog_interval_ms(void)
{
    const uint64_t owner = number_of("WATCHDOG_PID");
    if (owner != 0 && owner != (uint64_t)getpid()) {
        return 0;
    }
    const uint64_t half_ms = number_of("WATCHDOG_USEC") / US_PER_MS / 2;
    return half_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)half_ms;
}
