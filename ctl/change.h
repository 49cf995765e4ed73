/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Changes of the policy: sent with the revision that they are meant for, shown with what differs,
 * and followed until the edges have put them in force.
 */

#include "call.h"

struct json_t;

/** Sends `request`, completed by --comment, --dry-run and --if-match, and shows the outcome. */
enum ctl_exit ctl_change(const struct ctl_call *call, const struct ctl_request *request);

/** A difference between two revisions, a line each: "+" added, "-" removed, "~" changed. */
void ctl_print_changes(const struct json_t *changes);

/** Findings of a change or of a check. */
void ctl_print_findings(const struct json_t *findings);
