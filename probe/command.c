/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <stdio.h>
#include <string.h>

enum { NUMBER_TEXT_SIZE = 24 };

const char cw_command_help[] =
    "  {\"do\":\"message\",\"to\":J,\"body\":T,\"id\":I,\"type\":T,\"subject\":T,\"thread\":T,\n"
    "      "
    "\"state\":S,\"request\":true,\"markable\":true,\"received\":I,\"displayed\":I,\"replaces\":I}"
    "\n"
    "  {\"do\":\"subscribe\",\"to\":J}   also subscribed, unsubscribe, unsubscribed\n"
    "  {\"do\":\"presence\",\"show\":S,\"status\":T,\"priority\":N,\"to\":J,\"type\":T}\n"
    "  {\"do\":\"probe-presence\",\"to\":J}\n"
    "  {\"do\":\"roster\"}\n"
    "  {\"do\":\"raw\",\"xml\":TEXT}\n"
    "  {\"do\":\"quit\"}\n";

static const char *text_of(const json_t *command, const char *key)
{
    return json_string_value(json_object_get(command, key));
}

static void add_text_child(xmpp_stanza_t *stanza, const char *name, const char *text)
{
    if (text == NULL) {
        return;
    }
    xmpp_ctx_t *ctx = xmpp_stanza_get_context(stanza);
    xmpp_stanza_t *child = xmpp_stanza_new(ctx);
    xmpp_stanza_t *content = xmpp_stanza_new(ctx);
    xmpp_stanza_set_name(child, name);
    xmpp_stanza_set_text(content, text);
    xmpp_stanza_add_child_ex(child, content, 0);
    xmpp_stanza_add_child_ex(stanza, child, 0);
}

static void add_mark(xmpp_stanza_t *stanza, const char *name, const char *ns, const char *id)
{
    xmpp_stanza_t *child = xmpp_stanza_new(xmpp_stanza_get_context(stanza));
    xmpp_stanza_set_name(child, name);
    xmpp_stanza_set_ns(child, ns);
    if (id != NULL) {
        xmpp_stanza_set_id(child, id);
    }
    xmpp_stanza_add_child_ex(stanza, child, 0);
}

/* What rides on a message: chat state, receipt, marker, correction. */
static void add_marks(xmpp_stanza_t *message, const json_t *command)
{
    static const struct {
        const char *name, *ns;
        bool has_id;
    } k_marks[] = {
        {"request", "urn:xmpp:receipts", false},
        {"received", "urn:xmpp:receipts", true},
        {"markable", "urn:xmpp:chat-markers:0", false},
        {"displayed", "urn:xmpp:chat-markers:0", true},
    };
    if (text_of(command, "state") != NULL) {
        add_mark(message, text_of(command, "state"), "http://jabber.org/protocol/chatstates", NULL);
    }
    for (size_t i = 0; i < sizeof k_marks / sizeof k_marks[0]; i++) {
        const json_t *value = json_object_get(command, k_marks[i].name);
        if (k_marks[i].has_id ? json_is_string(value) : json_is_true(value)) {
            add_mark(message, k_marks[i].name, k_marks[i].ns, json_string_value(value));
        }
    }
    if (text_of(command, "replaces") != NULL) {
        add_mark(message, "replace", "urn:xmpp:message-correct:0", text_of(command, "replaces"));
    }
}

static xmpp_stanza_t *stanza_new(struct cw_client *client, const char *name, const json_t *command)
{
    xmpp_stanza_t *stanza = xmpp_stanza_new(xmpp_conn_get_context(cw_client_connection(client)));
    xmpp_stanza_set_name(stanza, name);
    if (text_of(command, "to") != NULL) {
        xmpp_stanza_set_to(stanza, text_of(command, "to"));
    }
    if (text_of(command, "id") != NULL) {
        xmpp_stanza_set_id(stanza, text_of(command, "id"));
    }
    if (text_of(command, "type") != NULL) {
        xmpp_stanza_set_type(stanza, text_of(command, "type"));
    }
    return stanza;
}

static const char *send_off(struct cw_client *client, xmpp_stanza_t *stanza)
{
    xmpp_send(cw_client_connection(client), stanza);
    xmpp_stanza_release(stanza);
    return NULL;
}

static const char *do_message(struct cw_client *client, const json_t *command)
{
    if (text_of(command, "to") == NULL) {
        return "message needs \"to\"";
    }
    xmpp_stanza_t *message = stanza_new(client, "message", command);
    if (text_of(command, "type") == NULL) {
        xmpp_stanza_set_type(message, "chat");
    }
    add_text_child(message, "subject", text_of(command, "subject"));
    add_text_child(message, "body", text_of(command, "body"));
    add_text_child(message, "thread", text_of(command, "thread"));
    add_marks(message, command);
    return send_off(client, message);
}

static const char *do_presence(struct cw_client *client, const json_t *command)
{
    xmpp_stanza_t *presence = stanza_new(client, "presence", command);
    add_text_child(presence, "show", text_of(command, "show"));
    add_text_child(presence, "status", text_of(command, "status"));
    const json_t *priority = json_object_get(command, "priority");
    if (json_is_integer(priority)) {
        char text[NUMBER_TEXT_SIZE];
        (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(priority));
        add_text_child(presence, "priority", text);
    }
    return send_off(client, presence);
}

static const char *send_typed_presence(struct cw_client *client, const json_t *command,
                                       const char *type)
{
    if (text_of(command, "to") == NULL) {
        return "this command needs \"to\"";
    }
    xmpp_stanza_t *presence = stanza_new(client, "presence", command);
    xmpp_stanza_set_type(presence, type);
    return send_off(client, presence);
}

static const char *do_subscribe(struct cw_client *client, const json_t *command)
{
    return send_typed_presence(client, command, "subscribe");
}

static const char *do_subscribed(struct cw_client *client, const json_t *command)
{
    return send_typed_presence(client, command, "subscribed");
}

static const char *do_unsubscribe(struct cw_client *client, const json_t *command)
{
    return send_typed_presence(client, command, "unsubscribe");
}

static const char *do_unsubscribed(struct cw_client *client, const json_t *command)
{
    return send_typed_presence(client, command, "unsubscribed");
}

static const char *do_probe(struct cw_client *client, const json_t *command)
{
    return send_typed_presence(client, command, "probe");
}

static const char *do_roster(struct cw_client *client, const json_t *command)
{
    (void)command;
    xmpp_ctx_t *ctx = xmpp_conn_get_context(cw_client_connection(client));
    xmpp_stanza_t *iq = xmpp_iq_new(ctx, "get", "roster");
    xmpp_stanza_t *query = xmpp_stanza_new(ctx);
    xmpp_stanza_set_name(query, "query");
    xmpp_stanza_set_ns(query, "jabber:iq:roster");
    xmpp_stanza_add_child_ex(iq, query, 0);
    return send_off(client, iq);
}

static const char *do_raw(struct cw_client *client, const json_t *command)
{
    const char *xml = text_of(command, "xml");
    if (xml == NULL) {
        return "raw needs \"xml\"";
    }
    xmpp_send_raw(cw_client_connection(client), xml, strlen(xml));
    return NULL;
}

static const char *do_quit(struct cw_client *client, const json_t *command)
{
    (void)command;
    cw_client_close(client);
    return NULL;
}

static const char *run_object(struct cw_client *client, const json_t *command)
{
    static const struct {
        const char *name;
        const char *(*run)(struct cw_client *client, const json_t *command);
    } k_commands[] = {
        {"message", do_message},
        {"presence", do_presence},
        {"subscribe", do_subscribe},
        {"subscribed", do_subscribed},
        {"unsubscribe", do_unsubscribe},
        {"unsubscribed", do_unsubscribed},
        {"probe-presence", do_probe},
        {"roster", do_roster},
        {"raw", do_raw},
        {"quit", do_quit},
    };
    const char *name = text_of(command, "do");
    for (size_t i = 0; name != NULL && i < sizeof k_commands / sizeof k_commands[0]; i++) {
        if (strcmp(name, k_commands[i].name) == 0) {
            return k_commands[i].run(client, command);
        }
    }
    return "unknown command";
}

const char *cw_command_run(struct cw_client *client, const char *line)
{
    json_t *command = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(command)) {
        json_decref(command);
        return "not a JSON object";
    }
    const char *wrong = cw_client_is_online(client) ? run_object(client, command) : "not online";
    json_decref(command);
    return wrong;
}
