/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char k_ns_stanzas[] = "urn:ietf:params:xml:ns:xmpp-stanzas";
static const char k_ns_states[] = "http://jabber.org/protocol/chatstates";
static const char k_ns_receipts[] = "urn:xmpp:receipts";
static const char k_ns_markers[] = "urn:xmpp:chat-markers:0";
static const char k_ns_roster[] = "jabber:iq:roster";

static json_int_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (json_int_t)now.tv_sec * 1000000000 + (json_int_t)now.tv_nsec;
}

static void put_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL) {
        json_object_set_new(object, key, json_string(text));
    }
}

static void put_child_text(json_t *object, xmpp_stanza_t *stanza, const char *name)
{
    xmpp_stanza_t *child = xmpp_stanza_get_child_by_name(stanza, name);
    if (child == NULL) {
        return;
    }
    char *text = xmpp_stanza_get_text(child);
    json_object_set_new(object, name, json_string(text != NULL ? text : ""));
    xmpp_free(xmpp_stanza_get_context(stanza), text);
}

/* What rides on a message: "state"; "request" and "markable" as true; "received" and "displayed" as
 * the id of the message that they are about. */
static void put_marks(json_t *event, xmpp_stanza_t *stanza)
{
    for (xmpp_stanza_t *child = xmpp_stanza_get_children(stanza); child != NULL;
         child = xmpp_stanza_get_next(child)) {
        const char *name = xmpp_stanza_get_name(child);
        const char *ns = xmpp_stanza_get_ns(child);
        if (name == NULL || ns == NULL) {
            continue;
        }
        if (strcmp(ns, k_ns_states) == 0) {
            put_text(event, "state", name);
        } else if (strcmp(ns, k_ns_receipts) == 0 || strcmp(ns, k_ns_markers) == 0) {
            const char *id = xmpp_stanza_get_id(child);
            json_object_set_new(event, name, id != NULL ? json_string(id) : json_true());
        }
    }
}

static void put_error(json_t *event, xmpp_stanza_t *stanza)
{
    xmpp_stanza_t *error = xmpp_stanza_get_child_by_name(stanza, "error");
    if (error == NULL) {
        return;
    }
    json_t *object = json_object();
    put_text(object, "type", xmpp_stanza_get_type(error));
    for (xmpp_stanza_t *child = xmpp_stanza_get_children(error); child != NULL;
         child = xmpp_stanza_get_next(child)) {
        const char *name = xmpp_stanza_get_name(child);
        const char *ns = xmpp_stanza_get_ns(child);
        if (name != NULL && ns != NULL && strcmp(ns, k_ns_stanzas) == 0 &&
            strcmp(name, "text") != 0) {
            put_text(object, "condition", name);
        }
    }
    put_child_text(object, error, "text");
    json_object_set_new(event, "error", object);
}

static void put_roster(json_t *event, xmpp_stanza_t *stanza)
{
    xmpp_stanza_t *query = xmpp_stanza_get_child_by_ns(stanza, k_ns_roster);
    if (query == NULL) {
        return;
    }
    json_t *items = json_array();
    for (xmpp_stanza_t *item = xmpp_stanza_get_children(query); item != NULL;
         item = xmpp_stanza_get_next(item)) {
        if (!xmpp_stanza_is_tag(item)) {
            continue;
        }
        json_t *object = json_object();
        put_text(object, "jid", xmpp_stanza_get_attribute(item, "jid"));
        put_text(object, "subscription", xmpp_stanza_get_attribute(item, "subscription"));
        put_text(object, "ask", xmpp_stanza_get_attribute(item, "ask"));
        json_array_append_new(items, object);
    }
    json_object_set_new(event, "items", items);
}

static void put_xml(json_t *event, xmpp_stanza_t *stanza)
{
    char *text = NULL;
    size_t len = 0;
    if (xmpp_stanza_to_text(stanza, &text, &len) == XMPP_EOK) {
        json_object_set_new(event, "xml", json_stringn(text, len));
        xmpp_free(xmpp_stanza_get_context(stanza), text);
    }
}

static const char *event_name(xmpp_stanza_t *stanza)
{
    const char *name = xmpp_stanza_get_name(stanza);
    const char *type = xmpp_stanza_get_type(stanza);
    if (name == NULL) {
        return "stanza";
    }
    if (strcmp(name, "iq") == 0 && type != NULL && strcmp(type, "set") == 0 &&
        xmpp_stanza_get_child_by_ns(stanza, k_ns_roster) != NULL) {
        return "roster_push";
    }
    return name;
}

json_t *cw_event_new(const char *name)
{
    json_t *event = json_object();
    put_text(event, "event", name);
    json_object_set_new(event, "at_ns", json_integer(now_ns()));
    return event;
}

json_t *cw_event_of_stanza(xmpp_stanza_t *stanza)
{
    static const char *const k_children[] = {"body", "subject", "thread",
                                             "show", "status",  "priority"};
    json_t *event = cw_event_new(event_name(stanza));
    put_text(event, "from", xmpp_stanza_get_from(stanza));
    put_text(event, "to", xmpp_stanza_get_to(stanza));
    put_text(event, "type", xmpp_stanza_get_type(stanza));
    put_text(event, "id", xmpp_stanza_get_id(stanza));
    for (size_t i = 0; i < sizeof k_children / sizeof k_children[0]; i++) {
        put_child_text(event, stanza, k_children[i]);
    }
    put_marks(event, stanza);
    put_error(event, stanza);
    put_roster(event, stanza);
    put_xml(event, stanza);
    return event;
}

bool cw_event_print(const json_t *event)
{
    if (json_dumpf(event, stdout, JSON_COMPACT) != 0) {
        return false;
    }
    return fputc('\n', stdout) != EOF && fflush(stdout) == 0;
}
