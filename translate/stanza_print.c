/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_print.h"
#include "stanza_words.h"

void cw_stanza_print_head(struct cw_xml_writer *w, const struct cw_stanza_head *head)
{
    const char *const type = cw_stanza_type_name(head->type);

    cw_xml_raw(w, CW_LIT("<"));
    cw_xml_word(w, cw_stanza_kind_name(head->kind));
    cw_xml_raw(w, CW_LIT(" xmlns='" CW_NS_SERVER "'"));
    cw_xml_attr(w, "from", head->from);
    cw_xml_attr(w, "to", head->to);
    if (type != NULL) {
        cw_xml_attr(w, "type", (struct cw_bytes){type, strlen(type)});
    }
    cw_xml_attr(w, "id", head->id);
    cw_xml_attr(w, "xml:lang", head->lang);
    cw_xml_raw(w, CW_LIT(">"));
}

void cw_stanza_print_tail(struct cw_xml_writer *w, const struct cw_stanza_head *head)
{
    cw_xml_raw(w, CW_LIT("</"));
    cw_xml_word(w, cw_stanza_kind_name(head->kind));
    cw_xml_raw(w, CW_LIT(">"));
}

enum cw_err cw_stanza_set_addresses(struct cw_stanza_head *head, const struct cw_jid *from,
                                    const struct cw_jid *to, struct cw_arena *arena)
{
    CW_TRY(cw_jid_write(from, arena, &head->from));
    return cw_jid_write(to, arena, &head->to);
}
