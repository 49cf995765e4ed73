/* SPDX-License-Identifier: Apache-2.0 */
#include "alarm.h"

#include <stdlib.h>

struct cw_alarms {
    struct cw_alarm **heap; /* from 1 */
    size_t count;
    size_t room;
};

static void place(struct cw_alarms *alarms, struct cw_alarm *alarm, size_t at)
{
    alarms->heap[at] = alarm;
    alarm->place = at;
}

static void rise(struct cw_alarms *alarms, struct cw_alarm *alarm, size_t at)
{
    while (at > 1 && alarms->heap[at / 2]->at_ms > alarm->at_ms) {
        place(alarms, alarms->heap[at / 2], at);
        at /= 2;
    }
    place(alarms, alarm, at);
}

static void sink(struct cw_alarms *alarms, struct cw_alarm *alarm, size_t at)
{
    for (;;) {
        size_t child = at * 2;

        if (child < alarms->count && alarms->heap[child + 1]->at_ms < alarms->heap[child]->at_ms) {
            child++;
        }
        if (child > alarms->count || alarms->heap[child]->at_ms >= alarm->at_ms) {
            break;
        }
        place(alarms, alarms->heap[child], at);
        at = child;
    }
    place(alarms, alarm, at);
}

struct cw_alarms *cw_alarms_new(void)
{
    struct cw_alarms *alarms = calloc(1, sizeof(*alarms));

    if (alarms == NULL) {
        abort();
    }
    return alarms;
}

void cw_alarms_free(struct cw_alarms **alarms)
{
    if (*alarms != NULL) {
        free((*alarms)->heap);
    }
    free(*alarms);
    *alarms = NULL;
}

void cw_alarms_set(struct cw_alarms *alarms, struct cw_alarm *alarm, uint64_t at_ms)
{
    cw_alarms_clear(alarms, alarm);
    if (alarms->count + 1 >= alarms->room) {
        alarms->room = alarms->room == 0 ? 64 : alarms->room * 2;
        alarms->heap = realloc(alarms->heap, alarms->room * sizeof(struct cw_alarm *));
        if (alarms->heap == NULL) {
            abort();
        }
    }
    alarm->at_ms = at_ms;
    alarms->count++;
    rise(alarms, alarm, alarms->count);
}

void cw_alarms_clear(struct cw_alarms *alarms, struct cw_alarm *alarm)
{
    const size_t hole = alarm->place;
    struct cw_alarm *last;

    if (hole == 0) {
        return;
    }
    last = alarms->heap[alarms->count--];
    alarm->place = 0;
    if (last == alarm) {
        return;
    }
    if (hole > 1 && alarms->heap[hole / 2]->at_ms > last->at_ms) {
        rise(alarms, last, hole);
    } else {
        sink(alarms, last, hole);
    }
}

uint64_t cw_alarms_next(const struct cw_alarms *alarms)
{
    return alarms->count == 0 ? CW_ALARM_NEVER : alarms->heap[1]->at_ms;
}

struct cw_alarm *cw_alarms_take(struct cw_alarms *alarms, uint64_t now_ms)
{
    struct cw_alarm *first;

    if (cw_alarms_next(alarms) > now_ms || alarms->count == 0) {
        return NULL;
    }
    first = alarms->heap[1];
    cw_alarms_clear(alarms, first);
    return first;
}
