/* SPDX-License-Identifier: Apache-2.0 */
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

enum cw_err cw_stanza_read_message(const struct cw_xml_node *root, struct cw_arena *arena,
                                   struct cw_stanza *out)
{
    const struct cw_xml_node *const body = cw_stanza_choose(root, "body");
    const struct cw_xml_node *const subject = cw_stanza_choose(root, "subject");
    const struct cw_xml_node *const nick = cw_xml_child(root, "nick", CW_LIT(CW_NS_NICK));

    if (body != NULL) {
        out->body = body->text;
        out->body_lang = body->lang; /* MSG-19 */
    }
    if (subject != NULL) {
        out->subject = subject->text;
    }
    out->thread = cw_stanza_present(cw_stanza_text(root, "thread"));
    out->nick = nick != NULL ? cw_stanza_present(nick->text) : (struct cw_bytes){0};
    out->delay = cw_stanza_delay(root, out->from.domain);
    out->chat_state = chat_state(root);
    out->wants_receipt = cw_xml_child(root, "request", CW_LIT(CW_NS_RECEIPTS)) != NULL;
    (void)arena;
    return CW_OK;
}
