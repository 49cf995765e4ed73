/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The daemon's answers are lists of what it holds; more than this is no answer of ours. */
#define ANSWER_MAX ((size_t)256 * 1024 * 1024)

struct answer {
    char *base;
    size_t len;
};

static size_t collect(char *data, size_t size, size_t count, void *user)
{
    struct answer *const answer = user;
    const size_t len = size * count;

    if (len > ANSWER_MAX - answer->len) {
        return 0;
    }

    char *const longer = realloc(answer->base, answer->len + len + 1);

    if (longer == NULL) {
        return 0;
    }
    memcpy(longer + answer->len, data, len);
    answer->base = longer;
    answer->len += len;
    return len;
}

static enum ctl_exit unreachable(const struct ctl_target *target, CURLcode code)
{
    if (code == CURLE_OPERATION_TIMEDOUT) {
        (void)fprintf(stderr, "causewayctl: no answer within %ld s\n", target->timeout_ms / 1000);
        return CTL_DEADLINE;
    }
    (void)fprintf(stderr,
                  "causewayctl: no daemon answers at %s (%s)\n"
                  "    is it running, and is this its admin.socket? name another with --socket\n",
                  target->socket, curl_easy_strerror(code));
    return CTL_UNREACHABLE;
}

static enum ctl_exit exit_of(long status)
{
    switch (status) {
    case 403:
        return CTL_REFUSED;
    case 404:
        return CTL_NOT_FOUND;
    case 409:
    case 412:
        return CTL_CONFLICT;
    case 422:
        return CTL_CONFIG;
    default:
        return CTL_FAILED;
    }
}

static const char *member(const json_t *document, const char *key)
{
    const char *const text = json_string_value(json_object_get(document, key));

    return text == NULL ? "" : text;
}

static void tell_finding(const json_t *finding)
{
    const json_int_t line = json_integer_value(json_object_get(finding, "line"));
    const json_int_t record = json_integer_value(json_object_get(finding, "record"));

    if (line > 0) {
        (void)fprintf(stderr, "line %lld: ", (long long)line);
    } else if (record > 0) {
        (void)fprintf(stderr, "record %lld: ", (long long)record);
    } else if (member(finding, "pointer")[0] != '\0') {
        (void)fprintf(stderr, "%s: ", member(finding, "pointer"));
    }
    (void)fprintf(stderr, "%s %s %s\n    %s\n", member(finding, "severity"),
                  member(finding, "code"), member(finding, "detail"), member(finding, "help"));
}

static enum ctl_exit tell_problem(long status, json_t *document, bool quiet)
{
    const json_t *const errors = json_object_get(document, "errors");
    const json_t *finding;
    size_t index;

    if (!quiet) {
        (void)fprintf(stderr, "causewayctl: %s (%ld)\n", member(document, "title"), status);
        json_array_foreach(errors, index, finding)
        {
            tell_finding(finding);
        }
        if (json_array_size(errors) == 0) {
            (void)fprintf(stderr, "%s\n", member(document, "detail"));
        }
    }
    json_decref(document);
    return exit_of(status);
}

static enum ctl_exit understand(CURL *curl, const struct answer *answer, bool quiet_if_not_found,
                                json_t **out)
{
    json_t *const document = json_loadb(answer->base == NULL ? "" : answer->base, answer->len,
                                        JSON_REJECT_DUPLICATES, NULL);
    long status = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299) {
        return tell_problem(status, document, quiet_if_not_found && status == 404);
    }
    if (document == NULL) {
        (void)fputs("causewayctl: the answer is no JSON; is this a Causeway daemon?\n", stderr);
        return CTL_FAILED;
    }
    *out = document;
    return CTL_OK;
}

static void prepare(CURL *curl, const struct ctl_target *target, const char *method,
                    const char *url)
{
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, target->socket);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, target->timeout_ms);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

/* The address with what must be escaped escaped; malloc'ed. */
static char *make_url(CURL *curl, const struct ctl_request *request)
{
    char *url = NULL;
    size_t len = 0;
    FILE *const out = open_memstream(&url, &len);
    bool any = false;

    if (out == NULL) {
        abort();
    }
    (void)fprintf(out, "http://localhost%s", request->path);
    if (request->below != NULL) {
        char *const escaped = curl_easy_escape(curl, request->below, 0);

        (void)fputs(escaped, out);
        curl_free(escaped);
    }
    for (size_t i = 0; i < CTL_QUERIES_MAX; i++) {
        if (request->queries[i].value != NULL) {
            char *const escaped = curl_easy_escape(curl, request->queries[i].value, 0);

            (void)fprintf(out, "%c%s=%s", any ? '&' : '?', request->queries[i].name, escaped);
            curl_free(escaped);
            any = true;
        }
    }
    if (fclose(out) != 0) {
        abort();
    }
    return url;
}

static struct curl_slist *make_headers(const struct ctl_request *request)
{
    struct curl_slist *headers = NULL;
    char field[128];

    headers =
        curl_slist_append(headers, request->text != NULL ? "Content-Type: application/octet-stream"
                                                         : "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    if (request->if_match != NULL) {
        (void)snprintf(field, sizeof(field), "If-Match: %s", request->if_match);
        headers = curl_slist_append(headers, field);
    }
    return headers;
}

enum ctl_exit ctl_request(const struct ctl_target *target, const struct ctl_request *request,
                          json_t **out)
{
    CURL *const curl = curl_easy_init();
    struct curl_slist *const headers = make_headers(request);
    struct answer answer = {0};
    char *const json = request->json == NULL ? NULL : json_dumps(request->json, JSON_COMPACT);
    const char *const body = json != NULL ? json : request->text;
    char *const url = make_url(curl, request);
    CURLcode called;
    enum ctl_exit code;

    *out = NULL;
    prepare(curl, target, request->method, url);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (body != NULL || strcmp(request->method, "POST") == 0) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)(body == request->text && body != NULL
                                                ? request->text_len
                                                : strlen(body == NULL ? "" : body)));
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body == NULL ? "" : body);
    }
    called = curl_easy_perform(curl);
    code = called == CURLE_OK ? understand(curl, &answer, request->quiet_if_not_found, out)
                              : unreachable(target, called);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(answer.base);
    free(json);
    free(url);
    json_decref(request->json);
    return code;
}
