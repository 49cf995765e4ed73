/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_reference.h"

#include <stddef.h>

const char *rules_type_name(enum rules_type type)
{
    static const char *const NAMES[] = {"federated", "public_verified", "public_unverified"};

    return NAMES[type];
}

const char *rules_kind_name(enum rules_kind kind)
{
    static const char *const NAMES[] = {
        "subscribe",   "subscribed",    "unsubscribe", "unsubscribed", "probe",  "available",
        "unavailable", "message",       "typing",      "receipt",      "marker", "iq",
        "SUBSCRIBE",   "SUBSCRIBE (0)", "MESSAGE",     "isComposing",  "IMDN"};

    return NAMES[kind];
}

const char *rules_relation_name(enum rules_relation relation)
{
    static const char *const NAMES[] = {"none", "asked", "granted", "invited", "both", "removed"};

    return NAMES[relation];
}

const char *rules_setting_name(enum rules_setting setting)
{
    static const char *const NAMES[] = {"plain",      "barred",   "blocked",
                                        "master off", "disabled", "unlisted"};

    return NAMES[setting];
}

/* ---- what they are to each other now ---- */

/* The user has added the contact and not removed him: "authorised" in the words of section 3. */
static bool is_invited(const struct rules_row *row)
{
    return row->relation == RULES_INVITED || row->relation == RULES_BOTH;
}

/* The contact holds an authorization. With an unverified partner it lives by the invitation alone;
 * with the others a removal leaves it alone. */
static bool is_granted(const struct rules_row *row)
{
    if (row->type == RULES_UNVERIFIED) {
        return row->relation == RULES_BOTH;
    }
    return row->relation == RULES_GRANTED || row->relation == RULES_BOTH ||
           row->relation == RULES_REMOVED;
}

/* His question to the user stands. */
static bool is_asked(const struct rules_row *row)
{
    return row->relation == RULES_ASKED && row->type != RULES_UNVERIFIED;
}

/* ---- refusals ---- */

static struct rules_outcome refuse(const struct rules_row *row, const char *reason, unsigned status,
                                   bool as_unknown)
{
    const bool from_sip = row->kind >= RULES_XMPP_KINDS;

    return (struct rules_outcome){.denied = true,
                                  .reason = reason,
                                  .status = from_sip ? status : 0,
                                  .as_unknown = as_unknown && !from_sip};
}

/* Paused: messages come back, and nothing is said that would end for good what only rests. */
static struct rules_outcome pause_all(const struct rules_row *row, const char *reason)
{
    return refuse(row, reason, 403, row->kind == RULES_MESSAGE || row->kind == RULES_IQ);
}

/* ---- what is allowed, from XMPP ---- */

static struct rules_outcome watch(const struct rules_row *row, const char *reason)
{
    struct rules_outcome out = {.allowed = true, .reason = reason};

    if (row->kind == RULES_SUBSCRIBE && is_granted(row)) {
        out.stanzas[0] = "type='subscribed'";
        out.stanzas[1] = "romeo@contoso.example/desk";
    } else if (row->kind == RULES_SUBSCRIBE) {
        out.subscribes = is_asked(row) ? 0 : 1;
    } else if (is_granted(row)) {
        out.stanzas[0] = "romeo@contoso.example/desk";
    } else if (!is_asked(row)) {
        out.stanzas[0] = "type='unsubscribed'";
    }
    return out;
}

static struct rules_outcome give_up(const struct rules_row *row, const char *reason)
{
    struct rules_outcome out = {.allowed = true, .reason = reason};

    if (row->kind == RULES_UNSUBSCRIBED) {
        out.notifies = is_invited(row) ? 1 : 0;
    } else if (is_granted(row)) {
        out.subscribes = 1;
        out.stanzas[0] = "type='unavailable'";
        out.stanzas[1] = "type='unsubscribed'";
    } else if (is_asked(row)) {
        out.subscribes = 1;
        out.stanzas[0] = "type='unsubscribed'";
    }
    return out;
}

static struct rules_outcome let_in(const struct rules_row *row, const char *reason)
{
    struct rules_outcome out = {.allowed = true, .reason = reason};

    switch ((int)row->kind) {
    case RULES_SUBSCRIBE:
    case RULES_PROBE:
        return watch(row, reason);
    case RULES_AVAILABLE:
    case RULES_UNAVAILABLE:
        out.notifies = is_invited(row) ? 1 : 0;
        break;
    case RULES_MESSAGE:
    case RULES_TYPING:
        out.messages = 1;
        break;
    case RULES_RECEIPT:
    case RULES_MARKER: /* it says that somebody is there: to whom may see that */
        out.messages = is_invited(row) ? 1 : 0;
        break;
    default: /* `subscribed`: nobody has asked, or he was answered before */
        break;
    }
    return out;
}

/* A query is no unit of the rules, but it tells no more than a probe would. */
static struct rules_outcome query(const struct rules_row *row)
{
    if (row->setting == RULES_UNLISTED) {
        return refuse(row, NULL, 0, false);
    }
    if (row->setting == RULES_DISABLED || row->setting == RULES_MASTER_OFF) {
        return refuse(row, NULL, 0, true);
    }
    if (row->setting != RULES_PLAIN || !is_granted(row)) {
        return (struct rules_outcome){.as_unknown = true};
    }
    return (struct rules_outcome){.allowed = true, .stanzas = {"type='result'"}};
}

/* ---- what is allowed, from SIP ---- */

static struct rules_outcome let_out(const struct rules_row *row)
{
    struct rules_outcome out = {.allowed = true, .reason = "own_user_asks", .status = 200};

    switch ((int)row->kind) {
    case RULES_SIP_SUBSCRIBE:
        out.notifies = 1;
        out.stanzas[0] = is_invited(row) ? NULL : "type='subscribe'";
        break;
    case RULES_SIP_POLL:
        out.notifies = 1;
        break;
    case RULES_SIP_MESSAGE:
        out.status = 202;
        out.stanzas[0] = "<body>Good even</body>";
        break;
    case RULES_SIP_TYPING:
        out.stanzas[0] = "<composing";
        break;
    default: /* who may not see him does not learn that something reached him */
        out.stanzas[0] = is_granted(row) ? "<received" : NULL;
        break;
    }
    return out;
}

/* ---- the order of section 3 ---- */

static struct rules_outcome by_type(const struct rules_row *row)
{
    if (row->kind == RULES_UNSUBSCRIBE || row->kind == RULES_UNSUBSCRIBED) {
        return give_up(row, "gives_up_rights");
    }
    switch (row->type) {
    case RULES_FEDERATED:
        return let_in(row, "federated");
    case RULES_VERIFIED:
        return row->kind == RULES_PROBE && !is_granted(row)
                   ? refuse(row, "not_granted", 0, !is_asked(row))
                   : let_in(row, "public_verified");
    case RULES_UNVERIFIED:
    case RULES_TYPES:
        break;
    }
    return is_invited(row) ? let_in(row, "invited")
                           : refuse(row, "unverified_not_invited", 0, true);
}

struct rules_outcome rules_reference(const struct rules_row *row)
{
    if (row->kind == RULES_IQ) {
        return query(row);
    }
    switch (row->setting) {
    case RULES_UNLISTED:
        return refuse(row, "unlisted", 404, false);
    case RULES_DISABLED:
        return pause_all(row, "partner_disabled");
    case RULES_MASTER_OFF:
        return pause_all(row, "master_off");
    case RULES_BARRED:
        return refuse(row, "not_entitled", 403, true);
    case RULES_BLOCKED:
        return refuse(row, "blocked_by_user", 403, true);
    case RULES_PLAIN:
    case RULES_SETTINGS:
        break;
    }
    return row->kind >= RULES_XMPP_KINDS ? let_out(row) : by_type(row);
}
