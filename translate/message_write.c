/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_print.h"
#include "stanza_words.h"

struct message_print {
    struct cw_stanza_head head;
    const struct cw_stanza_message *in;
};

static void print_message(struct cw_xml_writer *w, const void *input)
{
    const struct message_print *const print = input;
    const struct cw_stanza_message *const in = print->in;

    cw_stanza_print_head(w, &print->head);
    cw_xml_element(w, "thread", in->thread);
    cw_xml_element(w, "subject", in->subject);
    cw_xml_element(w, "body", in->body);
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
