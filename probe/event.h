/* SPDX-License-Identifier: Apache-2.0 */
/* What the probe reports: one JSON object an event, one line each. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <strophe.h>

/** A new event object with "event" = `name` and "at_ns" = the monotonic clock. The caller owns it.
 */
json_t *cw_event_new(const char *name);

/**
 * The event of a stanza from the server: event "message", "presence", "iq" or "roster_push"; from,
 * to, type, id, the children a harness looks at (body, subject, thread, show, status, priority,
 * items), what rides on a message (state; request, markable: true; received, displayed: the id of
 * the other message), error {type, condition, text}, and "xml", the stanza as text. Absent parts
 * are absent.
 */
json_t *cw_event_of_stanza(xmpp_stanza_t *stanza);

/** Writes `event` as one line to standard output and flushes it. False if that failed. */
bool cw_event_print(const json_t *event);
