/* SPDX-License-Identifier: Apache-2.0 */
#include "iq.h"
#include <causeway/stanza_write.h>

#define NS_INFO  "http://jabber.org/protocol/disco#info"
#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_PING  "urn:xmpp:ping"

#define LITERAL(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

/* IQ-4. No feature is named that this release does not serve. */
static const struct cw_bytes DOMAIN_INFO =
    LITERAL("<identity category='server' type='im' name='Causeway'/>"
            "<identity category='gateway' type='simple' name='Causeway'/>"
            "<feature var='" NS_INFO "'/><feature var='" NS_ITEMS "'/><feature var='" NS_PING "'/>"
            "<feature var='jid\\20escaping'/>");
static const struct cw_bytes USER_INFO =
    LITERAL("<identity category='account' type='registered'/><feature var='" NS_INFO "'/>");

static enum cw_err refuse(const struct cw_stanza *in, const char *condition, const char *type,
                          struct cw_arena *arena, struct cw_bytes *out)
{
    const struct cw_stanza_error error = {
        .condition = {condition, strlen(condition)},
        .type = {type, strlen(type)},
    };

    return cw_stanza_write_error(in, &error, arena, out);
}

static char *put(char *at, struct cw_bytes text)
{
    if (text.len != 0) {
        memcpy(at, text.base, text.len);
    }
    return at + text.len;
}

/* The node comes back as it was asked (IQ-4), so it is escaped like every foreign text. */
static char *put_escaped(char *at, struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.base[i]) {
        case '&':
            at = put(at, CW_LIT("&amp;"));
            break;
        case '<':
            at = put(at, CW_LIT("&lt;"));
            break;
        case '>':
            at = put(at, CW_LIT("&gt;"));
            break;
        case '\'':
            at = put(at, CW_LIT("&apos;"));
            break;
        default:
            *at++ = text.base[i];
            break;
        }
    }
    return at;
}

static enum cw_err query(const struct cw_stanza *in, struct cw_bytes ns, struct cw_bytes content,
                         struct cw_arena *arena, struct cw_bytes *out)
{
    const size_t room = 64 + ns.len + content.len + in->payload_node.len * 6;
    char *text = cw_arena_alloc(arena, room);
    char *at = text;

    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    at = put(at, CW_LIT("<query xmlns='"));
    at = put(at, ns);
    if (in->payload_node.base != NULL) {
        at = put(at, CW_LIT("' node='"));
        at = put_escaped(at, in->payload_node);
    }
    at = put(at, CW_LIT("'>"));
    at = put(at, content);
    at = put(at, CW_LIT("</query>"));
    return cw_stanza_write_result(in, (struct cw_bytes){text, (size_t)(at - text)}, arena, out);
}

static bool is(const struct cw_stanza *in, const char *name, struct cw_bytes ns)
{
    return cw_bytes_equal(in->payload_name, (struct cw_bytes){name, strlen(name)}) &&
           cw_bytes_equal(in->payload_ns, ns);
}

static enum cw_err answer_domain(const struct cw_stanza *in, struct cw_arena *arena,
                                 struct cw_bytes *out)
{
    if (is(in, "ping", CW_LIT(NS_PING))) { /* IQ-3 */
        return cw_stanza_write_result(in, CW_LIT(""), arena, out);
    }
    if (is(in, "query", CW_LIT(NS_INFO))) { /* IQ-4 */
        return query(in, CW_LIT(NS_INFO), DOMAIN_INFO, arena, out);
    }
    if (is(in, "query", CW_LIT(NS_ITEMS))) { /* IQ-4 */
        return query(in, CW_LIT(NS_ITEMS), CW_LIT(""), arena, out);
    }
    return refuse(in, "service-unavailable", "cancel", arena, out); /* IQ-1 */
}

/* IQ-2: the same words for a user who does not exist and for one who shows nothing. */
static enum cw_err answer_user(const struct cw_stanza *in, bool granted, struct cw_arena *arena,
                               struct cw_bytes *out)
{
    const bool bare = in->to.resource.base == NULL;

    if (bare && is(in, "query", CW_LIT(NS_ITEMS))) { /* IQ-5 */
        return query(in, CW_LIT(NS_ITEMS), CW_LIT(""), arena, out);
    }
    if (bare && granted && is(in, "query", CW_LIT(NS_INFO))) { /* IQ-5 */
        return query(in, CW_LIT(NS_INFO), USER_INFO, arena, out);
    }
    return refuse(in, "service-unavailable", "cancel", arena, out);
}

enum cw_err cw_iq_answer(const struct cw_stanza *in, bool granted, struct cw_arena *arena,
                         struct cw_bytes *out)
{
    *out = (struct cw_bytes){0};
    if (in->type == CW_TYPE_RESULT || in->type == CW_TYPE_ERROR) {
        return CW_OK; /* IQ-1: nothing is pending */
    }
    if (in->id.base == NULL || (in->type != CW_TYPE_GET && in->type != CW_TYPE_SET) ||
        in->payload_name.base == NULL) {
        return refuse(in, "bad-request", "modify", arena, out); /* IQ-1 */
    }
    if (in->type == CW_TYPE_SET) {
        return refuse(in, "service-unavailable", "cancel", arena, out); /* IQ-1 */
    }
    return in->to.local.base == NULL ? answer_domain(in, arena, out)
                                     : answer_user(in, granted, arena, out);
}
