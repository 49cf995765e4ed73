/* SPDX-License-Identifier: Apache-2.0 */
#include "iq.h"

#include <causeway/caps.h>
#include <causeway/stanza_write.h>

#define NS_INFO    "http://jabber.org/protocol/disco#info"
#define NS_ITEMS   "http://jabber.org/protocol/disco#items"
#define NS_PING    "urn:xmpp:ping"
#define NS_LAST    "jabber:iq:last"
#define NS_VERSION "jabber:iq:version"

#define LITERAL(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

/* IQ-4, ADDR-18. No feature is named that this release does not serve: no vCard (IQ-7), as there is
 * no directory to take one from. */
static const struct cw_bytes DOMAIN_INFO =
    LITERAL("<identity category='server' type='im' name='Causeway'/>"
            "<identity category='gateway' type='simple' name='Causeway'/>"
            "<feature var='" NS_INFO "'/><feature var='" NS_ITEMS "'/><feature var='" NS_PING "'/>"
            "<feature var='jid\\20escaping'/>");
static const struct cw_bytes VERSION_FEATURE = LITERAL("<feature var='" NS_VERSION "'/>");
static const struct cw_bytes FORM_BEGIN =
    LITERAL("<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
            "<value>http://jabber.org/network/serverinfo</value></field>"
            "<field var='abuse-addresses' type='list-multi'>");
static const struct cw_bytes FORM_END = LITERAL("</field></x>");
static const struct cw_bytes USER_INFO = LITERAL(
    "<identity category='account' type='registered'/><feature var='" NS_INFO "'/>"
    "<feature var='" NS_ITEMS "'/><feature var='" NS_LAST "'/><feature var='" NS_PING "'/>");

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

static enum cw_err refuse_service(const struct cw_stanza *in, struct cw_arena *arena,
                                  struct cw_bytes *out)
{
    return refuse(in, "service-unavailable", "cancel", arena, out); /* IQ-1 */
}

/* `a` and `b`, one after the other. */
static enum cw_err join(struct cw_bytes a, struct cw_bytes b, struct cw_arena *arena,
                        struct cw_bytes *out)
{
    char *const text = cw_arena_alloc(arena, a.len + b.len + 1);

    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    (void)put(put(text, a), b);
    *out = (struct cw_bytes){text, a.len + b.len};
    return CW_OK;
}

static enum cw_err answer_version(const struct cw_stanza *in, const char *version,
                                  struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes text;

    CW_TRY(join(CW_LIT("<name>Causeway</name><version>"),
                (struct cw_bytes){version, strlen(version)}, arena, &text));
    CW_TRY(join(text, CW_LIT("</version>"), arena, &text));
    return query(in, CW_LIT(NS_VERSION), text, arena, out);
}

/* XEP-0157: whom to write to about our users, as a form of XEP-0128. */
static enum cw_err write_contacts(const struct cw_iq_view *view, struct cw_arena *arena,
                                  struct cw_bytes *out)
{
    size_t room = FORM_BEGIN.len + FORM_END.len;
    char *text;
    char *at;

    for (size_t i = 0; i < view->abuse_contact_count; i++) {
        room += strlen(view->abuse_contacts[i]) * 6 + sizeof("<value></value>");
    }
    text = cw_arena_alloc(arena, room);
    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    at = put(text, FORM_BEGIN);
    for (size_t i = 0; i < view->abuse_contact_count; i++) {
        const char *const uri = view->abuse_contacts[i];

        at = put(at, CW_LIT("<value>"));
        at = put_escaped(at, (struct cw_bytes){uri, strlen(uri)});
        at = put(at, CW_LIT("</value>"));
    }
    at = put(at, FORM_END);
    *out = (struct cw_bytes){text, (size_t)(at - text)};
    return CW_OK;
}

/* IQ-4 */
static enum cw_err answer_domain_info(const struct cw_stanza *in, const struct cw_iq_view *view,
                                      struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes contacts = CW_LIT("");
    struct cw_bytes info;

    if (view->abuse_contact_count != 0) {
        CW_TRY(write_contacts(view, arena, &contacts));
    }
    CW_TRY(join(DOMAIN_INFO, view->version != NULL ? VERSION_FEATURE : CW_LIT(""), arena, &info));
    CW_TRY(join(info, contacts, arena, &info));
    return query(in, CW_LIT(NS_INFO), info, arena, out);
}

static enum cw_err answer_domain(const struct cw_stanza *in, const struct cw_iq_view *view,
                                 struct cw_arena *arena, struct cw_bytes *out)
{
    const bool tells_version = view->version != NULL;

    if (is(in, "ping", CW_LIT(NS_PING))) { /* IQ-3 */
        return cw_stanza_write_result(in, CW_LIT(""), arena, out);
    }
    if (is(in, "query", CW_LIT(NS_INFO))) {
        return answer_domain_info(in, view, arena, out);
    }
    if (is(in, "query", CW_LIT(NS_ITEMS))) { /* IQ-4 */
        return query(in, CW_LIT(NS_ITEMS), CW_LIT(""), arena, out);
    }
    if (tells_version && is(in, "query", CW_LIT(NS_VERSION))) { /* IQ-4 */
        return answer_version(in, view->version, arena, out);
    }
    return refuse_service(in, arena, out);
}

/* XEP-0012 section 4. */
static enum cw_err answer_last(const struct cw_stanza *in, int64_t seconds, struct cw_arena *arena,
                               struct cw_bytes *out)
{
    char digits[20];
    size_t at = sizeof(digits);
    struct cw_bytes text;

    do {
        digits[--at] = (char)('0' + seconds % 10);
        seconds /= 10;
    } while (seconds > 0);
    CW_TRY(join(CW_LIT("<query xmlns='" NS_LAST "' seconds='"),
                (struct cw_bytes){digits + at, sizeof(digits) - at}, arena, &text));
    CW_TRY(join(text, CW_LIT("'/>"), arena, &text));
    return cw_stanza_write_result(in, text, arena, out);
}

/* The account, for whom may watch it. */
static enum cw_err answer_watcher(const struct cw_stanza *in, const struct cw_iq_view *view,
                                  struct cw_arena *arena, struct cw_bytes *out)
{
    if (is(in, "query", CW_LIT(NS_INFO)) && in->payload_node.len == 0) { /* IQ-5 */
        return query(in, CW_LIT(NS_INFO), USER_INFO, arena, out);
    }
    if (is(in, "ping", CW_LIT(NS_PING))) { /* XEP-0199 section 4.4: the server speaks for him */
        return cw_stanza_write_result(in, CW_LIT(""), arena, out);
    }
    if (view->knows_last && is(in, "query", CW_LIT(NS_LAST))) { /* IQ-8 */
        return answer_last(in, view->last_s, arena, out);
    }
    return refuse_service(in, arena, out); /* IQ-7: there is no vCard */
}

static bool is_shown(const struct cw_iq_view *view)
{
    return view->granted && view->caps != 0;
}

/* Which capabilities are asked for; 0: none that the sender may know of. A server that wants to
 * know what a hash means asks in its own name: the answer says nothing of the user, so it does not
 * matter whether there is one. */
static enum cw_err caps_asked(const struct cw_stanza *in, const struct cw_iq_view *view,
                              struct cw_arena *arena, unsigned *out)
{
    const bool may = is_shown(view) || in->from.local.base == NULL;
    enum cw_err err = CW_OK;

    *out = 0;
    if (in->payload_node.len == 0) {
        *out = is_shown(view) ? view->caps : 0;
    } else if (may) {
        err = cw_caps_by_node(in->payload_node, arena, out);
    }
    return err == CW_ERR_LIMIT ? err : CW_OK;
}

/* IQ-6 */
static enum cw_err answer_resource(const struct cw_stanza *in, const struct cw_iq_view *view,
                                   struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_bytes info;
    unsigned caps;

    if (!is(in, "query", CW_LIT(NS_INFO))) {
        return refuse_service(in, arena, out);
    }
    CW_TRY(caps_asked(in, view, arena, &caps));
    if (caps == 0) {
        return is_shown(view) ? refuse(in, "item-not-found", "cancel", arena, out) /* XEP-0030 */
                              : refuse_service(in, arena, out);
    }
    CW_TRY(cw_caps_info(caps, arena, &info));
    return query(in, CW_LIT(NS_INFO), info, arena, out);
}

/* IQ-2: the same words for a user who does not exist and for one who shows nothing. */
static enum cw_err answer_user(const struct cw_stanza *in, const struct cw_iq_view *view,
                               struct cw_arena *arena, struct cw_bytes *out)
{
    if (in->to.resource.base != NULL) {
        return answer_resource(in, view, arena, out);
    }
    if (is(in, "query", CW_LIT(NS_ITEMS))) { /* IQ-5 */
        return query(in, CW_LIT(NS_ITEMS), CW_LIT(""), arena, out);
    }
    return view->granted ? answer_watcher(in, view, arena, out) : refuse_service(in, arena, out);
}

enum cw_err cw_iq_answer(const struct cw_stanza *in, const struct cw_iq_view *view,
                         struct cw_arena *arena, struct cw_bytes *out)
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
        return refuse_service(in, arena, out); /* IQ-1 */
    }
    return in->to.local.base == NULL ? answer_domain(in, view, arena, out)
                                     : answer_user(in, view, arena, out);
}
