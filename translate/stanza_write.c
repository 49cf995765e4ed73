/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_print.h"
#include "stanza_words.h"
#include <causeway/stanza_write.h>

struct error_print {
    struct cw_stanza_head head;
    const struct cw_stanza_error *error;
};

static void print_error(struct cw_xml_writer *w, const void *input)
{
    const struct error_print *const print = input;
    const struct cw_stanza_error *const error = print->error;

    cw_stanza_print_head(w, &print->head);
    cw_xml_raw(w, CW_LIT("<error"));
    cw_xml_attr(w, "type", error->type);
    cw_xml_raw(w, CW_LIT("><"));
    cw_xml_raw(w, error->condition);
    cw_xml_raw(w, CW_LIT(" xmlns='" CW_NS_ERRORS "'>"));
    cw_xml_text(w, error->gone_uri);
    cw_xml_raw(w, CW_LIT("</"));
    cw_xml_raw(w, error->condition);
    cw_xml_raw(w, CW_LIT(">"));
    if (error->text.base != NULL) { /* ERR-5 */
        cw_xml_raw(w, CW_LIT("<text xmlns='" CW_NS_ERRORS "' xml:lang='en'>"));
        cw_xml_text(w, error->text);
        cw_xml_raw(w, CW_LIT("</text>"));
    }
    cw_xml_raw(w, CW_LIT("</error>"));
    cw_stanza_print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_error(const struct cw_stanza *in, const struct cw_stanza_error *error,
                                  struct cw_arena *arena, struct cw_bytes *out)
{
    struct error_print print = {.head = {.kind = in->kind,
                                         .type = CW_TYPE_ERROR, /* ERR-2, ERR-8 */
                                         .id = in->id.base == NULL ? CW_LIT("") : in->id},
                                .error = error};

    CW_TRY(cw_stanza_set_addresses(&print.head, &in->to, &in->from, arena));
    return cw_xml_build(print_error, &print, CW_STANZA_MAX, arena, out);
}

struct result_print {
    struct cw_stanza_head head;
    struct cw_bytes payload;
};

static void print_result(struct cw_xml_writer *w, const void *input)
{
    const struct result_print *const print = input;

    cw_stanza_print_head(w, &print->head);
    cw_xml_raw(w, print->payload);
    cw_stanza_print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_result(const struct cw_stanza *in, struct cw_bytes payload,
                                   struct cw_arena *arena, struct cw_bytes *out)
{
    struct result_print print = {
        .head = {.kind = CW_STANZA_IQ, .type = CW_TYPE_RESULT, .id = in->id}, .payload = payload};

    CW_TRY(cw_stanza_set_addresses(&print.head, &in->to, &in->from, arena)); /* IQ-3 */
    return cw_xml_build(print_result, &print, CW_STANZA_MAX, arena, out);
}
