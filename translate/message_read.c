/* SPDX-License-Identifier: Apache-2.0 */
#include "html_text.h"
#include "pep_read.h"
#include "stanza_parts.h"
#include "stanza_words.h"

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

static bool has(const struct cw_xml_node *node, const char *name, const char *ns)
{
    return cw_xml_child(node, name, (struct cw_bytes){ns, strlen(ns)}) != NULL;
}

/* Without a payload an OMEMO element only carries keys and is no message (EXT-6). */
static bool is_encrypted(const struct cw_xml_node *root)
{
    static const char *const OMEMO[] = {"eu.siacs.conversations.axolotl", "urn:xmpp:omemo:1",
                                        "urn:xmpp:omemo:2"};

    for (size_t i = 0; i < sizeof(OMEMO) / sizeof(OMEMO[0]); i++) {
        const struct cw_xml_node *const encrypted =
            cw_xml_child(root, "encrypted", (struct cw_bytes){OMEMO[i], strlen(OMEMO[i])});

        if (encrypted != NULL && has(encrypted, "payload", OMEMO[i])) {
            return true;
        }
    }
    return has(root, "x", "jabber:x:encrypted") || has(root, "openpgp", "urn:xmpp:openpgp:0");
}

/* What only a user's own server may send him (EXT-7). */
static bool is_forwarded(const struct cw_xml_node *root)
{
    return has(root, "sent", "urn:xmpp:carbons:2") || has(root, "received", "urn:xmpp:carbons:2") ||
           has(root, "result", "urn:xmpp:mam:2") || has(root, "forwarded", "urn:xmpp:forward:0");
}

/* It asks us to send copies (EXT-15). */
static bool is_multicast(const struct cw_xml_node *root)
{
    static const char *const RECEIVERS[] = {"to", "cc", "bcc"};
    const struct cw_xml_node *const list = cw_xml_child(root, "addresses", CW_LIT(CW_NS_ADDRESS));

    for (const struct cw_xml_node *at = list != NULL ? list->child : NULL; at != NULL;
         at = at->next) {
        const struct cw_bytes type = cw_xml_attribute(at, "type");

        if (!cw_xml_is(at, "address", CW_LIT(CW_NS_ADDRESS)) ||
            cw_bytes_equal(cw_xml_attribute(at, "delivered"), CW_LIT("true"))) {
            continue;
        }
        for (size_t i = 0; i < sizeof(RECEIVERS) / sizeof(RECEIVERS[0]); i++) {
            if (cw_bytes_equal(type, (struct cw_bytes){RECEIVERS[i], strlen(RECEIVERS[i])})) {
                return true;
            }
        }
    }
    return false;
}

/* The 'id' of the child `name`; absent if there is no such child, or no id. */
static struct cw_bytes id_in(const struct cw_xml_node *root, const char *name, struct cw_bytes ns)
{
    const struct cw_xml_node *const child = cw_xml_child(root, name, ns);

    return child != NULL ? cw_stanza_present(cw_xml_attribute(child, "id")) : (struct cw_bytes){0};
}

static void read_marks(const struct cw_xml_node *root, struct cw_stanza *out)
{
    out->wants_receipt = has(root, "request", CW_NS_RECEIPTS);
    out->markable = has(root, "markable", CW_NS_MARKERS);
    out->no_store = has(root, "no-store", CW_NS_HINTS); /* EXT-9 */
    out->encrypted = is_encrypted(root);
    out->forwarded = is_forwarded(root);
    out->multicast = is_multicast(root);
    out->received_id = id_in(root, "received", CW_LIT(CW_NS_RECEIPTS));
    out->displayed_id = id_in(root, "displayed", CW_LIT(CW_NS_MARKERS));
    out->replaces = id_in(root, "replace", CW_LIT(CW_NS_CORRECT)); /* EXT-1 */
}

/* All texts of the children `name` that are not empty (MSG-9), the chosen one first (MSG-20). */
static enum cw_err read_texts(const struct cw_xml_node *root, const char *name,
                              struct cw_arena *arena, struct cw_text_list *out)
{
    const struct cw_xml_node *const chosen = cw_stanza_choose(root, name);
    struct cw_text *items;

    if (chosen == NULL) {
        return CW_OK;
    }
    items = cw_arena_alloc(arena, CW_TEXTS_MAX * sizeof(*items));
    if (items == NULL) {
        return CW_ERR_LIMIT;
    }
    items[0] = (struct cw_text){chosen->text, chosen->lang};
    out->items = items;
    out->count = 1;
    for (const struct cw_xml_node *at = root->child; at != NULL; at = at->next) {
        if (at != chosen && cw_xml_is(at, name, root->ns) && at->text.len != 0 &&
            out->count < CW_TEXTS_MAX) {
            items[out->count++] = (struct cw_text){at->text, at->lang};
        }
    }
    return CW_OK;
}

/* The URL of a file that nobody put into words (EXT-5). */
static struct cw_bytes file_url(const struct cw_xml_node *root)
{
    const struct cw_xml_node *const oob = cw_xml_child(root, "x", CW_LIT(CW_NS_OOB));
    const struct cw_xml_node *const url =
        oob != NULL ? cw_xml_child(oob, "url", CW_LIT(CW_NS_OOB)) : NULL;

    return url != NULL ? cw_stanza_present(cw_xml_trim(url->text)) : (struct cw_bytes){0};
}

/* Reactions are short texts; one line of them says what the sender meant (EXT-3). */
static enum cw_err reactions(const struct cw_xml_node *root, struct cw_arena *arena,
                             struct cw_bytes *out)
{
    const struct cw_xml_node *const set = cw_xml_child(root, "reactions", CW_LIT(CW_NS_REACTIONS));
    size_t room = 0;
    size_t len = 0;
    char *text;

    for (const struct cw_xml_node *at = set != NULL ? set->child : NULL; at != NULL;
         at = at->next) {
        room += at->text.len + 1;
    }
    if (room == 0) {
        return CW_OK;
    }
    text = cw_arena_alloc(arena, room);
    if (text == NULL) {
        return CW_ERR_LIMIT;
    }
    for (const struct cw_xml_node *at = set->child; at != NULL; at = at->next) {
        const struct cw_bytes one = cw_xml_trim(at->text);

        if (!cw_xml_is(at, "reaction", CW_LIT(CW_NS_REACTIONS)) || one.len == 0) {
            continue;
        }
        if (len != 0) {
            text[len++] = ' ';
        }
        memcpy(text + len, one.base, one.len);
        len += one.len;
    }
    *out = cw_stanza_present((struct cw_bytes){text, len});
    return CW_OK;
}

/* A message that is HTML only is read as text (MSG-21). */
static enum cw_err html_text(const struct cw_xml_node *root, struct cw_arena *arena,
                             struct cw_bytes *out)
{
    const struct cw_xml_node *const html = cw_xml_child(root, "html", CW_LIT(CW_NS_XHTML_IM));
    const struct cw_xml_node *const body =
        html != NULL ? cw_xml_child(html, "body", CW_LIT(CW_NS_XHTML)) : NULL;

    return body != NULL ? cw_html_text(body, arena, out) : CW_OK;
}

/* What is to be said as text: a body, else what stands in for one. */
static enum cw_err read_body(const struct cw_xml_node *root, struct cw_arena *arena,
                             struct cw_stanza *out)
{
    CW_TRY(read_texts(root, "body", arena, &out->bodies));
    if (out->bodies.count != 0) {
        out->body = out->bodies.items[0].text;
        out->body_lang = out->bodies.items[0].lang; /* MSG-19 */
        return CW_OK;
    }
    out->body_lang = root->lang;
    CW_TRY(html_text(root, arena, &out->body));
    if (out->body.len == 0) {
        out->body = file_url(root);
    }
    return out->body.len != 0 ? CW_OK : reactions(root, arena, &out->body);
}

enum cw_err cw_stanza_read_message(const struct cw_xml_node *root, struct cw_arena *arena,
                                   struct cw_stanza *out)
{
    const struct cw_xml_node *const nick = cw_xml_child(root, "nick", CW_LIT(CW_NS_NICK));

    CW_TRY(read_body(root, arena, out));
    CW_TRY(read_texts(root, "subject", arena, &out->subjects));
    if (out->subjects.count != 0) {
        out->subject = out->subjects.items[0].text;
    }
    out->thread = cw_stanza_present(cw_stanza_text(root, "thread"));
    out->nick = nick != NULL ? cw_stanza_present(nick->text) : (struct cw_bytes){0};
    out->delay = cw_stanza_delay(root, out->from.domain);
    out->chat_state = chat_state(root);
    cw_pep_read(root, &out->pep); /* PRES-40, EXT-11 */
    read_marks(root, out);
    return CW_OK;
}
