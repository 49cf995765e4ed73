/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Answers of the API: documents, and problems as of RFC 9457.
 */

#include <causeway/http.h>

#include <jansson.h>

/** Answers with `document`, which is taken over. */
void cw_answer_json(struct cw_http_response *response, unsigned status, json_t *document);

/** Answers with a problem: what it is called, and what to do or to know. */
void cw_answer_problem(struct cw_http_response *response, unsigned status, const char *title,
                       const char *detail);

/** The problem 422 with findings as its "errors"; `findings` is taken over. */
void cw_answer_findings(struct cw_http_response *response, const char *title, json_t *findings);

/** The body of a request as JSON; NULL: it is none, and 400 was answered. The caller's. */
json_t *cw_answer_body(const struct cw_http_request *request, struct cw_http_response *response);
