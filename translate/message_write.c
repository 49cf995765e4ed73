/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_print.h"
#include "stanza_words.h"
#include <causeway/stanza_write.h>

struct message_print {
    struct cw_stanza_head head;
    const struct cw_stanza_message *in;
};

/* Each text that is not in the stanza's language says which it is in. */
static void print_texts(struct cw_xml_writer *w, const char *name, struct cw_text_list texts,
                        struct cw_bytes lang)
{
    for (size_t i = 0; i < texts.count; i++) {
        const struct cw_text *const text = &texts.items[i];

        cw_xml_raw(w, CW_LIT("<"));
        cw_xml_word(w, name);
        if (!cw_bytes_equal(text->lang, lang)) {
            cw_xml_attr(w, "xml:lang", text->lang);
        }
        cw_xml_raw(w, CW_LIT(">"));
        cw_xml_text(w, text->text);
        cw_xml_raw(w, CW_LIT("</"));
        cw_xml_word(w, name);
        cw_xml_raw(w, CW_LIT(">"));
    }
}

/* An empty element of a namespace of its own, with an 'id' if there is one. */
static void print_mark(struct cw_xml_writer *w, const char *name, const char *ns,
                       struct cw_bytes id)
{
    cw_xml_raw(w, CW_LIT("<"));
    cw_xml_word(w, name);
    cw_xml_raw(w, CW_LIT(" xmlns='"));
    cw_xml_word(w, ns);
    cw_xml_raw(w, CW_LIT("'"));
    cw_xml_attr(w, "id", id);
    cw_xml_raw(w, CW_LIT("/>"));
}

static void print_marks(struct cw_xml_writer *w, const struct cw_stanza_message *in)
{
    static const char *const STATES[] = {
        [CW_CHAT_ACTIVE] = "active", [CW_CHAT_COMPOSING] = "composing",
        [CW_CHAT_PAUSED] = "paused", [CW_CHAT_INACTIVE] = "inactive",
        [CW_CHAT_GONE] = "gone",
    };
    const struct cw_bytes none = {0};

    if (in->chat_state != CW_CHAT_NONE) {
        print_mark(w, STATES[in->chat_state], CW_NS_CHATSTATES, none);
    }
    if (in->wants_receipt) { /* RCPT-8 */
        print_mark(w, "request", CW_NS_RECEIPTS, none);
    }
    if (in->markable) { /* RCPT-8 */
        print_mark(w, "markable", CW_NS_MARKERS, none);
    }
    if (in->received_id.base != NULL) { /* RCPT-7 */
        print_mark(w, "received", CW_NS_RECEIPTS, in->received_id);
    }
    if (in->displayed_id.base != NULL) { /* RCPT-4 */
        print_mark(w, "displayed", CW_NS_MARKERS, in->displayed_id);
    }
    if (in->no_store) { /* CT-11 */
        print_mark(w, "no-store", CW_NS_HINTS, none);
    }
    if (in->origin_id) { /* EXT-8 */
        print_mark(w, "origin-id", CW_NS_SID, in->id);
    }
}

static void print_message(struct cw_xml_writer *w, const void *input)
{
    const struct message_print *const print = input;
    const struct cw_stanza_message *const in = print->in;

    cw_stanza_print_head(w, &print->head);
    cw_xml_element(w, "thread", in->thread);
    print_texts(w, "subject", in->subjects, in->lang);
    print_texts(w, "body", in->bodies, in->lang);
    print_marks(w, in);
    if (in->nick.base != NULL) { /* ADDR-32 */
        cw_xml_raw(w, CW_LIT("<nick xmlns='" CW_NS_NICK "'>"));
        cw_xml_text(w, in->nick);
        cw_xml_raw(w, CW_LIT("</nick>"));
    }
    if (in->delay_stamp.base != NULL) {
        cw_xml_raw(w, CW_LIT("<delay xmlns='" CW_NS_DELAY "'"));
        cw_xml_attr(w, "from", in->delay_from);
        cw_xml_attr(w, "stamp", in->delay_stamp);
        cw_xml_raw(w, CW_LIT("/>"));
    }
    cw_stanza_print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_message(const struct cw_stanza_message *in, struct cw_arena *arena,
                                    struct cw_bytes *out)
{
    struct message_print print = {
        .head = {.kind = CW_STANZA_MESSAGE, .type = in->type, .id = in->id, .lang = in->lang},
        .in = in};

    CW_TRY(cw_stanza_set_addresses(&print.head, &in->from, &in->to, arena));
    return cw_xml_build(print_message, &print, CW_STANZA_MAX, arena, out);
}
