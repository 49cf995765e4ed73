/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Words to the service manager (systemd's sd_notify protocol): one datagram to $NOTIFY_SOCKET.
 * Without that variable nothing is sent, so a process under no manager needs no other path.
 */

#include <stdbool.h>
#include <stdint.h>

/** READY=1 with `status` ("2 links, 1 route") beside it; NULL for none. @return was it sent? */
bool cw_notify_ready(const char *status);

/** STOPPING=1. @return was it sent? */
bool cw_notify_stopping(void);

/** STATUS=`status`, one line for `systemctl status`. @return was it sent? */
bool cw_notify_status(const char *status);

/** RELOADING=1 with the monotonic stamp that Type=notify-reload asks for. @return was it sent? */
bool cw_notify_reloading(void);

/** WATCHDOG=1: the loop is alive. @return was it sent? */
bool cw_notify_watchdog(void);

/**
 * Half of the watchdog time that the manager set for this process (WATCHDOG_USEC, WATCHDOG_PID),
 * in milliseconds: call cw_notify_watchdog() that often. 0: no watchdog.
 */
uint32_t cw_notify_watchdog_interval_ms(void);
