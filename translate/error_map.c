/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/error_map.h>

#include "ascii.h"

#include <causeway/utf8.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- ERR-20 ---- */

/* One row of SIP to XMPP. */
struct from_sip {
    unsigned status;
    const char *condition;
    const char *type;
};

/* The types are those of RFC 6120 section 8.3.3 (ERR-7) but where a peer would retry in vain. */
static const struct from_sip FROM_SIP[] = {
    {301, "gone", "cancel"},
    {380, "not-acceptable", "modify"},
    {401, "internal-server-error", "cancel"},
    {403, "forbidden", "cancel"},
    {404, "item-not-found", "cancel"},
    {405, "feature-not-implemented", "cancel"},
    {406, "not-acceptable", "modify"},
    {407, "internal-server-error", "cancel"},
    {408, "remote-server-timeout", "wait"},
    {410, "gone", "cancel"},
    {412, "unexpected-request", "wait"},
    {413, "policy-violation", "modify"}, /* MSG-41, with 513 */
    {414, "policy-violation", "modify"},
    {415, "not-acceptable", "modify"},
    {416, "not-acceptable", "modify"},
    {417, "internal-server-error", "cancel"},
    {420, "feature-not-implemented", "cancel"},
    {421, "not-acceptable", "cancel"},
    {422, "internal-server-error", "cancel"},
    {423, "resource-constraint", "wait"},
    {424, "not-acceptable", "modify"},
    {428, "internal-server-error", "cancel"},
    {429, "internal-server-error", "cancel"},
    {430, "recipient-unavailable", "wait"},
    {433, "forbidden", "cancel"},
    {436, "internal-server-error", "cancel"},
    {437, "internal-server-error", "cancel"},
    {438, "internal-server-error", "cancel"},
    {439, "feature-not-implemented", "cancel"},
    {440, "policy-violation", "wait"},
    {469, "bad-request", "cancel"},
    {470, "forbidden", "cancel"},
    {480, "recipient-unavailable", "wait"},
    {481, "internal-server-error", "cancel"},
    {482, "not-acceptable", "cancel"},
    {483, "not-acceptable", "cancel"},
    {484, "item-not-found", "cancel"},
    {485, "item-not-found", "cancel"},
    {486, "recipient-unavailable", "wait"},
    {487, "recipient-unavailable", "wait"},
    {488, "not-acceptable", "modify"},
    {489, "policy-violation", "modify"},
    {491, "unexpected-request", "wait"},
    {493, "not-acceptable", "modify"},
    {494, "internal-server-error", "cancel"},
    {501, "feature-not-implemented", "cancel"},
    {502, "internal-server-error", "wait"},
    {503, "internal-server-error", "wait"},
    {504, "remote-server-timeout", "wait"},
    {505, "internal-server-error", "cancel"},
    {513, "policy-violation", "modify"},
    {555, "recipient-unavailable", "wait"},
    {580, "internal-server-error", "cancel"},
    {603, "recipient-unavailable", "cancel"},
    {604, "item-not-found", "cancel"},
    {606, "not-acceptable", "modify"},
    {607, "forbidden", "cancel"},
    {608, "forbidden", "cancel"},
};

/* ERR-6, by the hundreds of the status. */
static const struct from_sip CLASSES[] = {
    {300, "redirect", "modify"},
    {400, "bad-request", "modify"},
    {500, "internal-server-error", "cancel"},
    {600, "recipient-unavailable", "wait"},
};

/* What the XMPP user cannot mend, and the operator must (ERR-20). */
static const unsigned ALARMS[] = {401, 407, 417, 421, 422, 428, 429, 436,
                                  437, 438, 440, 482, 483, 494, 505};

static const char *const REVEALING[] = {
    "item-not-found", "gone", "recipient-unavailable", "feature-not-implemented", "forbidden",
};

static struct cw_bytes run(const char *text)
{
    return (struct cw_bytes){text, strlen(text)};
}

static struct from_sip find_status(unsigned status)
{
    const unsigned hundred = status < 300 ? 3 : status > 699 ? 6 : status / 100;

    for (size_t i = 0; i < COUNT(FROM_SIP); i++) {
        if (FROM_SIP[i].status == status) {
            return FROM_SIP[i];
        }
    }
    return CLASSES[hundred - 3];
}

/* The neutral answer, which tells nothing of a user (ERR-30). */
static struct cw_stanza_error neutral(void)
{
    return (struct cw_stanza_error){.condition = CW_LIT("service-unavailable"),
                                    .type = CW_LIT("cancel")};
}

static bool is_revealing(struct cw_bytes condition)
{
    for (size_t i = 0; i < COUNT(REVEALING); i++) {
        if (cw_ascii_is(condition, REVEALING[i])) {
            return true;
        }
    }
    return false;
}

struct cw_stanza_error cw_error_from_sip(unsigned status, bool retry_after, bool authorized)
{
    const struct from_sip row = find_status(status);
    struct cw_stanza_error error = {.condition = run(row.condition), .type = run(row.type)};

    if (status >= 500 && status <= 599 && retry_after && cw_ascii_is(error.type, "cancel") &&
        cw_ascii_is(error.condition, "internal-server-error")) {
        error.type = CW_LIT("wait"); /* ERR-20, row 500 */
    }
    return !authorized && is_revealing(error.condition) ? neutral() : error;
}

bool cw_error_is_alarm(unsigned status)
{
    for (size_t i = 0; i < COUNT(ALARMS); i++) {
        if (ALARMS[i] == status) {
            return true;
        }
    }
    return false;
}

struct cw_stanza_error cw_error_moved(unsigned status, struct cw_bytes uri, bool authorized)
{
    struct cw_stanza_error error = cw_error_from_sip(status, false, authorized);

    if (uri.len == 0) {
        return neutral(); /* ERR-9 */
    }
    if (cw_ascii_is(error.condition, "gone") || cw_ascii_is(error.condition, "redirect")) {
        error.gone_uri = uri;
    }
    return error;
}

/* ---- ERR-10 ---- */

struct to_sip {
    const char *condition;
    unsigned full_status; /* the error is about a full JID */
    unsigned bare_status;
    unsigned moved_status;
    unsigned retry_after_s;
};

static const struct to_sip TO_SIP[] = {
    {"bad-request", 400, 400, 0, 0},
    {"conflict", 400, 400, 0, 0},
    {"feature-not-implemented", 405, 501, 0, 0},
    {"forbidden", 403, 403, 0, 0},
    {"gone", 410, 410, 301, 0},
    {"internal-server-error", 500, 500, 0, 0},
    {"item-not-found", 404, 404, 0, 0},
    {"jid-malformed", 400, 400, 0, 0},
    {"not-acceptable", 406, 406, 0, 0},
    {"not-allowed", 403, 403, 0, 0},
    {"not-authorized", 403, 403, 0, 0},
    {"policy-violation", 403, 403, 0, 0},
    {"recipient-unavailable", 480, 480, 0, 0},
    {"redirect", 480, 480, 302, 0},
    {"registration-required", 403, 403, 0, 0},
    {"remote-server-not-found", 404, 404, 0, 0},
    {"remote-server-timeout", 504, 504, 0, 0},
    {"resource-constraint", 500, 500, 0, 60},
    {"service-unavailable", 403, 403, 0, 0},
    {"stanza-too-big", 513, 513, 0, 0},
    {"subscription-required", 403, 403, 0, 0},
    {"unexpected-request", 400, 400, 0, 0},
};

static const struct to_sip UNDEFINED = {"undefined-condition", 400, 400, 0, 0};
static const struct to_sip UNDEFINED_WAIT = {"undefined-condition", 480, 480, 0, 0};

static const struct to_sip *find_condition(struct cw_bytes condition, struct cw_bytes type)
{
    for (size_t i = 0; i < COUNT(TO_SIP); i++) {
        if (cw_ascii_is(condition, TO_SIP[i].condition)) {
            return &TO_SIP[i];
        }
    }
    return cw_ascii_is(type, "wait") ? &UNDEFINED_WAIT : &UNDEFINED;
}

struct cw_sip_error cw_error_to_sip(struct cw_bytes condition, struct cw_bytes type, bool full_jid)
{
    const struct to_sip *const row = find_condition(condition, type);
    const unsigned status = full_jid ? row->full_status : row->bare_status;

    return (struct cw_sip_error){
        .status = status,
        .reason = cw_error_reason_phrase(status),
        .needs_allow = status == 405,
        .moved_status = row->moved_status,
        .retry_after_s = row->retry_after_s,
    };
}

/* ---- reason phrases ---- */

static const struct {
    unsigned status;
    const char *phrase;
} PHRASES[] = {
    {100, "Trying"},
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Notification"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Moved Temporarily"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {412, "Conditional Request Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Unsupported URI Scheme"},
    {420, "Bad Extension"},
    {421, "Extension Required"},
    {423, "Interval Too Brief"},
    {429, "Provide Referrer Identity"},
    {433, "Anonymity Disallowed"},
    {480, "Temporarily Unavailable"},
    {481, "Call/Transaction Does Not Exist"},
    {482, "Loop Detected"},
    {483, "Too Many Hops"},
    {484, "Address Incomplete"},
    {485, "Ambiguous"},
    {486, "Busy Here"},
    {488, "Not Acceptable Here"},
    {489, "Bad Event"},
    {491, "Request Pending"},
    {493, "Undecipherable"},
    {500, "Server Internal Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Server Time-out"},
    {505, "Version Not Supported"},
    {513, "Message Too Large"},
    {600, "Busy Everywhere"},
    {603, "Decline"},
    {604, "Does Not Exist Anywhere"},
    {606, "Not Acceptable"},
};

const char *cw_error_reason_phrase(unsigned status)
{
    static const char *const CLASS_PHRASES[] = {
        "Trying", "OK", "Redirected", "Request Failure", "Server Failure", "Global Failure"};

    for (size_t i = 0; i < COUNT(PHRASES); i++) {
        if (PHRASES[i].status == status) {
            return PHRASES[i].phrase;
        }
    }
    return status < 100 || status > 699 ? "Request Failure" : CLASS_PHRASES[status / 100 - 1];
}

/* ---- text ---- */

#define TEXT_MAX 256u /* characters, ERR-5 */

static bool is_word_char(char c)
{
    return cw_ascii_is_alphanumeric(c) || c == '-' || c == '_';
}

/* A dotted name, an address or a URI may tell of what is inside; a full stop does not (ERR-5). */
static bool names_a_host(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const bool between = i > 0 && i + 1 < text.len && is_word_char(text.base[i - 1]) &&
                             is_word_char(text.base[i + 1]);

        if (text.base[i] == '@' || (between && (text.base[i] == '.' || text.base[i] == ':'))) {
            return true;
        }
    }
    return false;
}

static struct cw_bytes first_characters(struct cw_bytes text)
{
    uint32_t code_point;
    size_t at = 0;

    for (size_t count = 0; count < TEXT_MAX && at < text.len; count++) {
        at += cw_utf8_step(text, at, &code_point);
    }
    return (struct cw_bytes){text.base, at};
}

enum cw_err cw_error_text(enum cw_error_text policy, unsigned status, struct cw_bytes reason,
                          struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes text = run(cw_error_reason_phrase(status));

    if (policy == CW_ERROR_TEXT_NONE) {
        *out = (struct cw_bytes){0};
        return CW_OK;
    }
    if (policy == CW_ERROR_TEXT_COPY && reason.len != 0 && !names_a_host(reason) &&
        cw_utf8_valid(reason)) {
        CW_TRY(cw_utf8_one_line(reason, reason.len, arena, &text));
    }
    *out = first_characters(text);
    return CW_OK;
}
