/* SPDX-License-Identifier: Apache-2.0 */
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void samples_init(struct samples *samples, size_t room)
{
    samples->us = calloc(room, sizeof(*samples->us));
    if (samples->us == NULL) {
        abort();
    }
    samples->room = room;
    samples->count = 0;
}

void samples_add(struct samples *samples, uint64_t ns)
{
    if (samples->count < samples->room) {
        samples->us[samples->count++] = (uint32_t)(ns / 1000);
    }
}

static int compare(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

uint32_t samples_at(struct samples *samples, unsigned permille)
{
    if (samples->count == 0) {
        return 0;
    }
    qsort(samples->us, samples->count, sizeof(*samples->us), compare);

    const size_t index = samples->count * permille / 1000;

    return samples->us[index < samples->count ? index : samples->count - 1];
}

/* Line of /proc/PID/`name` into `out`. */
static int read_proc(long pid, const char *name, char *out, int size)
{
    char path[64];
    FILE *file;
    char *got;

    (void)snprintf(path, sizeof(path), "/proc/%ld/%s", pid, name);
    file = fopen(path, "r");
    if (file == NULL) {
        return -1;
    }
    got = fgets(out, size, file);
    (void)fclose(file);
    return got == NULL ? -1 : 0;
}

uint64_t cpu_us(long pid)
{
    unsigned long long user = 0;
    unsigned long long system = 0;
    char line[1024];
    const char *rest;

    if (read_proc(pid, "stat", line, (int)sizeof(line)) != 0) {
        return 0;
    }
    rest = strrchr(line, ')'); /* the name may hold anything */
    if (rest == NULL || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                               &user, &system) != 2) {
        return 0;
    }
    return (user + system) * 1000000u / (uint64_t)sysconf(_SC_CLK_TCK);
}

uint64_t rss_kib(long pid)
{
    unsigned long long pages = 0;
    char line[256];

    if (read_proc(pid, "statm", line, (int)sizeof(line)) != 0 ||
        sscanf(line, "%*u %llu", &pages) != 1) {
        return 0;
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}
