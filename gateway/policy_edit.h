/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Changes of policy documents as JSON, and what differs between two of them. Nothing is judged
 * here: see policy_document.h. Domains are as the document writes them, A-labels in lower case.
 */

#include <jansson.h>

/** The record of `domain` in `document`, borrowed; NULL if there is none. */
json_t *cw_policy_edit_find(const json_t *document, const char *domain);

/** A copy of `document` with `record` (borrowed) in the place of that of `domain`, or added. */
json_t *cw_policy_edit_put(const json_t *document, const char *domain, const json_t *record);

/** A copy of `document` without the record of `domain`. */
json_t *cw_policy_edit_remove(const json_t *document, const char *domain);

/** `target` (borrowed) with `patch` merged into it (RFC 7396); the caller's. */
json_t *cw_policy_edit_merge(const json_t *target, const json_t *patch);

/**
 * What it takes to get from one document to the other: [{"op": "add" | "remove" | "change", "path":
 * "/partners/fabrikam.example/tls", "old", "new"}], partners in their order; the caller's.
 */
json_t *cw_policy_edit_diff(const json_t *before, const json_t *after);
