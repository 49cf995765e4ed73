/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Writes down what leaves a flow_world.h, so that a test can compare the outcome of two worlds to
 * the octet: stanzas, SIP requests, answers, audit lines, decisions.
 */

#include "flow_world.h"

#include "policy.h"

struct flow_record {
    char stanzas[16384]; /**< one after the other, a line end behind each */
    size_t stanza_count;
    unsigned requests[CW_SIP_METHODS]; /**< towards SIP, by method */
    char targets[2048];                /**< their Request-URIs */
    char senders[2048];                /**< their From */
    char bodies[4096];                 /**< of these */
    unsigned answers, status;          /**< to SIP requests; the last status */
    unsigned audits;                   /**< lines that end a unit */
    char audit[1024];                  /**< the last one */
};

/** Its user pointer is the record; the world must show debug (world_debug()), or lines of level
 * debug are missing. */
extern const struct world_observer FLOW_RECORDER;

void flow_record_clear(struct flow_record *record);

/** SIP requests of all methods. */
unsigned flow_record_requests(const struct flow_record *record);

/** policy_decisions_total as it was. */
struct flow_decisions {
    unsigned counts[4 * CW_REASONS];
};

void flow_decisions_note(struct flow_decisions *decisions, struct world *world);

/** What was counted since, e.g. "allow federated;" or "_unlisted deny unlisted;"; valid until the
 * next call. */
const char *flow_decisions_since(const struct flow_decisions *before, struct world *world);
