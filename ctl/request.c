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

static enum ctl_exit tell_problem(long status, json_t *document)
{
    (void)fprintf(stderr, "causewayctl: %s (%ld)\n%s\n", member(document, "title"), status,
                  member(document, "detail"));
    json_decref(document);
    return exit_of(status);
}

static enum ctl_exit understand(CURL *curl, const struct answer *answer, json_t **out)
{
    json_t *const document = json_loadb(answer->base == NULL ? "" : answer->base, answer->len,
                                        JSON_REJECT_DUPLICATES, NULL);
    long status = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299) {
        return tell_problem(status, document);
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

enum ctl_exit ctl_request(const struct ctl_target *target, const char *method, const char *path,
                          json_t *body, json_t **out)
{
    CURL *const curl = curl_easy_init();
    struct curl_slist *const headers = curl_slist_append(NULL, "Content-Type: application/json");
    struct answer answer = {0};
    char *const text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    char url[512];
    enum ctl_exit code;

    *out = NULL;
    (void)snprintf(url, sizeof(url), "http://localhost%s", path);
    prepare(curl, target, method, url);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (text != NULL || strcmp(method, "POST") == 0) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text == NULL ? "" : text);
    }

    const CURLcode called = curl_easy_perform(curl);

    code = called == CURLE_OK ? understand(curl, &answer, out) : unreachable(target, called);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(answer.base);
    free(text);
    json_decref(body);
    return code;
}
