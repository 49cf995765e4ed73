/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * A change of the policy document that came over the API: is the caller's idea of it current, is it
 * sound, is it only tried out; then the commit and the answer.
 *
 * The caller names the revision he saw in If-Match ("*": whatever it is); `?dry_run=true` changes
 * nothing; `?comment=` says why. The answer of success: {"revision", "changed", "dry_run",
 * "changes", "findings"}, with the new revision as ETag.
 */

#include "process.h"

struct cw_change {
    json_t *draft;           /**< the whole document as wanted; taken over */
    unsigned status;         /**< of success: 200 or 201 */
    const char *domain;      /**< whose record was made or changed: "partner" of the answer; NULL */
    uint64_t rolled_back_to; /**< 0: a new document */
    json_t *notes;           /**< further findings for the answer; taken over; NULL for none */
};

/** A change whose draft is still to be read. */
struct cw_change_later;

/** Answers at once or later. */
void cw_change_begin(struct cw_process *process, const struct cw_http_request *request,
                     struct cw_http_response *response, const struct cw_change *wanted);

/** Keeps what the request says, for cw_change_go_on() or cw_change_drop(); the answer comes then.
 */
struct cw_change_later *cw_change_later(struct cw_process *process,
                                        const struct cw_http_request *request);

/** Goes on as cw_change_begin(); sets NULL. */
void cw_change_go_on(struct cw_change_later **later, const struct cw_change *wanted);

/** There is nothing to change: answers with `response`; sets NULL. */
void cw_change_drop(struct cw_change_later **later, struct cw_http_response *response);

/** Is the caller's If-Match current? Else 428 or 412 is answered. */
bool cw_change_is_current(const struct cw_process *process, const struct cw_http_request *request,
                          struct cw_http_response *response);

/** Is it to be made and not to be changed: If-None-Match: * (RFC 9110 section 13.1.2)? */
bool cw_change_creates(const struct cw_http_request *request);

/** Adds the ETag of the revision in force. */
void cw_change_tag(const struct cw_process *process, struct cw_http_response *response);
