/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_answer.h"

#include <stdio.h>
#include <string.h>

#define JSON    "application/json"
#define PROBLEM "application/problem+json"

void cw_answer_json(struct cw_http_response *response, unsigned status, json_t *document)
{
    response->status = status;
    response->content_type = JSON;
    response->body = json_dumps(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    response->body_len = response->body == NULL ? 0 : strlen(response->body);
    json_decref(document);
}

static json_t *problem(unsigned status, const char *title, const char *detail)
{
    json_t *const out = json_object();

    json_object_set_new(out, "title", json_string(title));
    json_object_set_new(out, "status", json_integer(status));
    json_object_set_new(out, "detail", json_string_nocheck(detail));
    return out;
}

void cw_answer_problem(struct cw_http_response *response, unsigned status, const char *title,
                       const char *detail)
{
    cw_answer_json(response, status, problem(status, title, detail));
    response->content_type = PROBLEM;
}

/* The first error in one line, for those who read no lists. */
static const char *first_error(const json_t *findings)
{
    const json_t *finding;
    size_t index;

    json_array_foreach(findings, index, finding)
    {
        const char *const severity = json_string_value(json_object_get(finding, "severity"));

        if (severity != NULL && strcmp(severity, "error") == 0) {
            return json_string_value(json_object_get(finding, "detail"));
        }
    }
    return "see errors";
}

void cw_answer_findings(struct cw_http_response *response, const char *title, json_t *findings)
{
    json_t *const out = problem(422, title, first_error(findings));

    json_object_set_new(out, "errors", findings);
    cw_answer_json(response, 422, out);
    response->content_type = PROBLEM;
}

json_t *cw_answer_body(const struct cw_http_request *request, struct cw_http_response *response)
{
    json_error_t error;
    json_t *const body = json_loadb(request->body.base == NULL ? "" : request->body.base,
                                    request->body.len, JSON_REJECT_DUPLICATES, &error);
    char detail[300];

    if (json_is_object(body)) {
        return body;
    }
    (void)snprintf(detail, sizeof(detail), "send a JSON object%s%s", body == NULL ? ": " : "",
                   body == NULL ? error.text : "");
    json_decref(body);
    cw_answer_problem(response, 400, "The body is not understood", detail);
    return NULL;
}
