/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/clock.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

uint64_t cw_clock_now_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        abort();
    }
    return (uint64_t)now.tv_sec * MS_PER_S + (uint64_t)now.tv_nsec / NS_PER_MS;
}

int64_t cw_clock_wall_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        abort();
    }
    return (int64_t)now.tv_sec * MS_PER_S + (int64_t)(now.tv_nsec / NS_PER_MS);
}

void cw_clock_random(void *out, unsigned len)
{
    unsigned char *at = out;
    while (len > 0) {
        const ssize_t got = getrandom(at, len, 0);
        if (got <= 0) {
            abort();
        }
        at += got;
        len -= (unsigned)got;
    }
}
