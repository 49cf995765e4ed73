/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Alarms by due time: a binary heap of records that live inside their owners. Pure: the owner of
 * the clock (gateway/loop.c) takes out what is due.
 */

#include <stddef.h>
#include <stdint.h>

#define CW_ALARM_NEVER UINT64_MAX

struct cw_alarm;

/** Called when due; the alarm is not set any more and may be set again or freed. */
typedef void cw_alarm_fn(struct cw_alarm *alarm, void *user);

/** Zero, then `ring` and `user`, before the first use. */
struct cw_alarm {
    cw_alarm_fn *ring;
    void *user;
    uint64_t at_ms;
    size_t place; /**< in the heap, from 1; 0: not set */
};

struct cw_alarms;

struct cw_alarms *cw_alarms_new(void);

/** Frees and sets NULL; alarms that are still set are forgotten. */
void cw_alarms_free(struct cw_alarms **alarms);

/** Sets or moves `alarm`. */
void cw_alarms_set(struct cw_alarms *alarms, struct cw_alarm *alarm, uint64_t at_ms);

/** Takes `alarm` out; no effect if it is not set. */
void cw_alarms_clear(struct cw_alarms *alarms, struct cw_alarm *alarm);

/** When the earliest is due, or CW_ALARM_NEVER. */
uint64_t cw_alarms_next(const struct cw_alarms *alarms);

/** Takes out the earliest that is due at `now_ms`; NULL if none is. */
struct cw_alarm *cw_alarms_take(struct cw_alarms *alarms, uint64_t now_ms);
