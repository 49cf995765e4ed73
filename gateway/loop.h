/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * The flow's alarms on the event loop: one timer handle for all of them.
 */

#include "alarm.h"

struct cw_loop;
struct uv_loop_s;

struct cw_loop *cw_loop_new(struct uv_loop_s *uv);

/** Closes the timer and sets NULL; memory goes with the next turn of the event loop. */
void cw_loop_free(struct cw_loop **loop);

/** Rings `alarm` at `at_ms` of cw_clock_now_ms(). */
void cw_loop_set(struct cw_loop *loop, struct cw_alarm *alarm, uint64_t at_ms);

/** No effect if it is not set. */
void cw_loop_clear(struct cw_loop *loop, struct cw_alarm *alarm);
