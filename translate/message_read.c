/* SPDX-License-Identifier: Apache-2.0 */
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

enum cw_err cw_stanza_read_message(const struct cw_xml_node *root, struct cw_arena *arena,
                                   struct cw_stanza *out)
{
    const struct cw_xml_node *const nick = cw_xml_child(root, "nick", CW_LIT(CW_NS_NICK));

    CW_TRY(read_texts(root, "body", arena, &out->bodies));
    CW_TRY(read_texts(root, "subject", arena, &out->subjects));
    if (out->bodies.count != 0) {
        out->body = out->bodies.items[0].text;
        out->body_lang = out->bodies.items[0].lang; /* MSG-19 */
    }
    if (out->subjects.count != 0) {
        out->subject = out->subjects.items[0].text;
    }
    out->thread = cw_stanza_present(cw_stanza_text(root, "thread"));
    out->nick = nick != NULL ? cw_stanza_present(nick->text) : (struct cw_bytes){0};
    out->delay = cw_stanza_delay(root, out->from.domain);
    out->chat_state = chat_state(root);
    cw_pep_read(root, &out->pep); /* PRES-40 */
    out->wants_receipt = cw_xml_child(root, "request", CW_LIT(CW_NS_RECEIPTS)) != NULL;
    return CW_OK;
}
