/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/stanza.h>

#include "datetime.h"
#include "stanza_words.h"
#include "xml_read.h"

static const struct cw_xml_rules RULES = {
    .max_len = CW_XML_MAX_LEN, .max_depth = CW_XML_MAX_DEPTH, .restricted = true};

static struct cw_bytes present(struct cw_bytes text)
{
    return text.len != 0 ? text : (struct cw_bytes){0};
}

/* Children of the stanza's own namespace; `root->ns` is it, absent when the stream's default was
 * inherited and not declared again. */
static struct cw_bytes text_of(const struct cw_xml_node *root, const char *name)
{
    const struct cw_xml_node *const child = cw_xml_child(root, name, root->ns);

    return child != NULL ? child->text : (struct cw_bytes){0};
}

/* Of several with different languages: the one in the stanza's, else the first (MSG-20). */
static const struct cw_xml_node *choose(const struct cw_xml_node *root, const char *name)
{
    const struct cw_xml_node *first = NULL;

    for (const struct cw_xml_node *at = root->child; at != NULL; at = at->next) {
        if (!cw_xml_is(at, name, root->ns) || at->text.len == 0) { /* MSG-9 */
            continue;
        }
        if (cw_bytes_equal(at->lang, root->lang)) {
            return at;
        }
        if (first == NULL) {
            first = at;
        }
    }
    return first;
}

static enum cw_chat_state chat_state(const struct cw_xml_node *root)
{
    static const struct {
        const char *name;
        enum cw_chat_state state;
    } STATES[] = {{"active", CW_CHAT_ACTIVE},
                  {"composing", CW_CHAT_COMPOSING},
                  {"paused", CW_CHAT_PAUSED},
                  {"inactive", CW_CHAT_INACTIVE},
                  {"gone", CW_CHAT_GONE}};

    for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
        if (cw_xml_child(root, STATES[i].name, CW_LIT(CW_NS_CHATSTATES)) != NULL) {
            return STATES[i].state;
        }
    }
    return CW_CHAT_NONE;
}

/* The stamp that the sender's server set, else the oldest (MSG-22). */
static struct cw_bytes delay_stamp(const struct cw_xml_node *root, struct cw_bytes sender_domain)
{
    struct cw_bytes stamp = {0};
    int64_t oldest_ms = INT64_MAX;
    int64_t ms;

    for (const struct cw_xml_node *at = root->child; at != NULL; at = at->next) {
        const struct cw_bytes value = cw_xml_attribute(at, "stamp");

        if (!cw_xml_is(at, "delay", CW_LIT(CW_NS_DELAY)) ||
            cw_datetime_read_3339(value, &ms) != CW_OK) {
            continue;
        }
        if (cw_bytes_equal(cw_xml_attribute(at, "from"), sender_domain)) {
            return value;
        }
        if (ms < oldest_ms) {
            oldest_ms = ms;
            stamp = value;
        }
    }
    return stamp;
}

static void read_message(const struct cw_xml_node *root, struct cw_stanza *out)
{
    const struct cw_xml_node *const body = choose(root, "body");
    const struct cw_xml_node *const subject = choose(root, "subject");
    const struct cw_xml_node *const nick = cw_xml_child(root, "nick", CW_LIT(CW_NS_NICK));

    if (body != NULL) {
        out->body = body->text;
        out->body_lang = body->lang; /* MSG-19 */
    }
    if (subject != NULL) {
        out->subject = subject->text;
    }
    out->thread = present(text_of(root, "thread"));
    out->nick = nick != NULL ? present(nick->text) : (struct cw_bytes){0};
    out->delay = delay_stamp(root, out->from.domain);
    out->chat_state = chat_state(root);
    out->wants_receipt = cw_xml_child(root, "request", CW_LIT(CW_NS_RECEIPTS)) != NULL;
}

/* Digits only, at most 128; -1 for something else. */
static int read_digits(struct cw_bytes text)
{
    int value = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] < '0' || text.base[i] > '9' || value > 128) {
            return -1;
        }
        value = value * 10 + (text.base[i] - '0');
    }
    return text.len == 0 || value > 128 ? -1 : value;
}

/* An integer from -128 to 127 (PRES-45). */
static bool read_priority(struct cw_bytes text, int8_t *out)
{
    struct cw_bytes digits = cw_xml_trim(text);
    const bool negative = digits.len > 0 && digits.base[0] == '-';

    if (negative || (digits.len > 0 && digits.base[0] == '+')) {
        digits.base++;
        digits.len--;
    }

    const int value = read_digits(digits);

    if (value < 0 || (value > INT8_MAX && !negative)) {
        return false;
    }
    *out = (int8_t)(negative ? -value : value);
    return true;
}

static void read_presence(const struct cw_xml_node *root, struct cw_stanza *out)
{
    struct cw_presence *const presence = &out->presence;
    const struct cw_xml_node *const status = choose(root, "status");

    presence->available = out->type == CW_TYPE_AVAILABLE;
    presence->resource = out->from.resource;
    presence->stamp = delay_stamp(root, out->from.domain);
    if (status != NULL) {
        presence->status = status->text;
        presence->lang = status->lang;
    }
    if (presence->available) {
        presence->show = cw_show_by_name(cw_xml_trim(text_of(root, "show")));
        presence->has_priority = read_priority(text_of(root, "priority"), &presence->priority);
    }
}

static void read_iq(const struct cw_xml_node *root, struct cw_stanza *out)
{
    if (root->child != NULL) {
        out->payload_name = root->child->name;
        out->payload_ns = root->child->ns;
        out->payload_node = cw_xml_attribute(root->child, "node");
    }
}

static void read_error(const struct cw_xml_node *root, struct cw_stanza *out)
{
    const struct cw_xml_node *const error = cw_xml_child(root, "error", root->ns);

    out->error_condition = CW_LIT("undefined-condition"); /* ERR-4 */
    if (error == NULL) {
        return;
    }
    out->error_type = present(cw_xml_attribute(error, "type"));
    for (const struct cw_xml_node *at = error->child; at != NULL; at = at->next) {
        if (cw_xml_is(at, "stanza-too-big", CW_LIT(CW_NS_APP_ERRORS))) {
            out->error_too_big = true;
        } else if (!cw_bytes_equal(at->ns, CW_LIT(CW_NS_ERRORS))) {
            continue;
        } else if (cw_bytes_equal(at->name, CW_LIT("text"))) {
            out->error_text = present(at->text);
        } else {
            out->error_condition = cw_stanza_condition(at->name);
            out->error_uri = present(cw_xml_trim(at->text));
        }
    }
}

static void read_payload(const struct cw_xml_node *root, struct cw_stanza *out)
{
    if (out->type == CW_TYPE_ERROR) {
        read_error(root, out);
    } else if (out->kind == CW_STANZA_MESSAGE) {
        read_message(root, out);
    } else if (out->kind == CW_STANZA_IQ) {
        read_iq(root, out);
    } else if (out->type == CW_TYPE_AVAILABLE || out->type == CW_TYPE_UNAVAILABLE) {
        read_presence(root, out);
    }
}

static bool is_stanza(const struct cw_xml_node *root, struct cw_stanza *out)
{
    return (root->ns.base == NULL || cw_bytes_equal(root->ns, CW_LIT(CW_NS_SERVER))) &&
           cw_stanza_kind_by_name(root->name, &out->kind);
}

enum cw_err cw_stanza_read(struct cw_bytes xml, struct cw_arena *arena, struct cw_stanza *out)
{
    const struct cw_xml_node *root;
    struct cw_stanza stanza = {0};

    CW_TRY(cw_xml_read(xml, &RULES, arena, &root));
    if (!is_stanza(root, &stanza)) {
        return CW_ERR_MALFORMED;
    }

    const struct cw_bytes from = cw_xml_attribute(root, "from");
    const struct cw_bytes to = cw_xml_attribute(root, "to");

    if (from.len == 0 || to.len == 0) { /* STREAM-110 */
        return CW_ERR_MALFORMED;
    }
    stanza.id = cw_xml_attribute(root, "id");
    stanza.lang = present(root->lang);
    stanza.type = cw_stanza_type_by_name(stanza.kind, cw_xml_attribute(root, "type"));

    enum cw_err err = cw_jid_read(from, arena, &stanza.from);

    if (err == CW_OK) {
        err = cw_jid_read(to, arena, &stanza.to);
    }
    if (err == CW_OK) {
        read_payload(root, &stanza);
    }
    if (err == CW_OK || err == CW_ERR_ADDRESS) { /* an error reply needs kind and id (ADDR-6) */
        *out = stanza;
    }
    return err;
}
