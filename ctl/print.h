/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Answers of the API as tables for people.
 */

struct json_t;

/** One screen: node, links, routes, totals. */
void ctl_print_status(struct json_t *status);

/** Partners, a line each. */
void ctl_print_partners(struct json_t *partners);

/** One partner, a setting a line, and what it means. */
void ctl_print_partner(struct json_t *partner);

/** Streams, a line each. */
void ctl_print_streams(struct json_t *streams);

/** Subscriptions, a line each. */
void ctl_print_subscriptions(struct json_t *subscriptions);

/** Who was turned away, a line each, and what to do about it. */
void ctl_print_knocks(struct json_t *knocks);

/** Who is in quarantine, a line each. */
void ctl_print_quarantine(struct json_t *quarantine);

/** The "result" and "report" of a change. */
void ctl_print_result(struct json_t *result);
