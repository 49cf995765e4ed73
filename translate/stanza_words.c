/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_words.h"

#include "ascii.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const KINDS[CW_STANZA_KINDS] = {"message", "presence", "iq"};

enum { IN_MESSAGE = 1, IN_PRESENCE = 2, IN_IQ = 4 };

static const struct {
    const char *name;
    enum cw_stanza_type type;
    unsigned kinds;
} TYPES[] = {
    {"chat", CW_TYPE_CHAT, IN_MESSAGE},
    {"headline", CW_TYPE_HEADLINE, IN_MESSAGE},
    {"groupchat", CW_TYPE_GROUPCHAT, IN_MESSAGE},
    {"error", CW_TYPE_ERROR, IN_MESSAGE | IN_PRESENCE | IN_IQ},
    {"unavailable", CW_TYPE_UNAVAILABLE, IN_PRESENCE},
    {"subscribe", CW_TYPE_SUBSCRIBE, IN_PRESENCE},
    {"subscribed", CW_TYPE_SUBSCRIBED, IN_PRESENCE},
    {"unsubscribe", CW_TYPE_UNSUBSCRIBE, IN_PRESENCE},
    {"unsubscribed", CW_TYPE_UNSUBSCRIBED, IN_PRESENCE},
    {"probe", CW_TYPE_PROBE, IN_PRESENCE},
    {"get", CW_TYPE_GET, IN_IQ},
    {"set", CW_TYPE_SET, IN_IQ},
    {"result", CW_TYPE_RESULT, IN_IQ},
};

static const char *const CONDITIONS[] = {
    "bad-request",
    "conflict",
    "feature-not-implemented",
    "forbidden",
    "gone",
    "internal-server-error",
    "item-not-found",
    "jid-malformed",
    "not-acceptable",
    "not-allowed",
    "not-authorized",
    "policy-violation",
    "recipient-unavailable",
    "redirect",
    "registration-required",
    "remote-server-not-found",
    "remote-server-timeout",
    "resource-constraint",
    "service-unavailable",
    "subscription-required",
    "unexpected-request",
};

static const char *const SHOWS[] = {
    [CW_SHOW_AWAY] = "away",
    [CW_SHOW_CHAT] = "chat",
    [CW_SHOW_DND] = "dnd",
    [CW_SHOW_XA] = "xa",
};

const char *cw_stanza_kind_name(enum cw_stanza_kind kind)
{
    return KINDS[kind];
}

bool cw_stanza_kind_by_name(struct cw_bytes name, enum cw_stanza_kind *out)
{
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        if (cw_ascii_is(name, KINDS[i])) {
            *out = (enum cw_stanza_kind)i;
            return true;
        }
    }
    return false;
}

const char *cw_stanza_type_name(enum cw_stanza_type type)
{
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        if (TYPES[i].type == type) {
            return TYPES[i].name;
        }
    }
    return NULL;
}

enum cw_stanza_type cw_stanza_type_by_name(enum cw_stanza_kind kind, struct cw_bytes value)
{
    if (value.base == NULL && kind == CW_STANZA_PRESENCE) {
        return CW_TYPE_AVAILABLE;
    }
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        if ((TYPES[i].kinds & 1u << kind) != 0 && cw_ascii_is(value, TYPES[i].name)) {
            return TYPES[i].type;
        }
    }
    return kind == CW_STANZA_MESSAGE ? CW_TYPE_NORMAL : CW_TYPE_UNKNOWN; /* MSG-1 */
}

struct cw_bytes cw_stanza_condition(struct cw_bytes name)
{
    for (size_t i = 0; i < COUNT(CONDITIONS); i++) {
        if (cw_ascii_is(name, CONDITIONS[i])) {
            return (struct cw_bytes){CONDITIONS[i], strlen(CONDITIONS[i])};
        }
    }
    return CW_LIT("undefined-condition"); /* ERR-4 */
}

struct cw_bytes cw_show_name(enum cw_show show)
{
    return show != CW_SHOW_NONE ? (struct cw_bytes){SHOWS[show], strlen(SHOWS[show])}
                                : (struct cw_bytes){0};
}

enum cw_show cw_show_by_name(struct cw_bytes name)
{
    for (size_t i = CW_SHOW_NONE + 1; i < COUNT(SHOWS); i++) {
        if (cw_ascii_is(name, SHOWS[i])) {
            return (enum cw_show)i;
        }
    }
    return CW_SHOW_NONE;
}
