/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Who tells whom: the parts of the edge know each other only through these, so that a stanza's way
 * can be read in one place.
 */

#include "edge_state.h"

/** What gateways cause. `user` is the struct cw_edge. */
extern const struct cw_gateway_link_events CW_EDGE_GATEWAY_EVENTS;
/** What streams that came in cause. `user` is the struct cw_edge. */
extern const struct cw_inbound_events CW_EDGE_INBOUND_EVENTS;

/** Fate of a stanza of a gateway; of the edge's own ones nobody asks. */
void cw_edge_on_fate(void *owner, uint64_t seq, enum cw_fate fate, enum cw_fail why, void *user);

/** A stream came or went. */
void cw_edge_on_report(const struct cw_frame_report *report, void *user);

/** Tells the gateways who was turned away, at most once a second. */
void cw_edge_tell_knocks(struct cw_edge *edge);

/** Sets what streams ask of the edge, from settings and permits in force. */
void cw_edge_set_environment(struct cw_edge *edge);

/** Limits of the queue, from settings. */
struct cw_outbox_limits cw_edge_outbox_limits(const struct cw_edge_settings *settings);
