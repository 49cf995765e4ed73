/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/stanza.h>

#include "stanza_words.h"
#include "xml_write.h"

#define STANZA_MAX 262144u /* what readers here take as well (CW_XML_MAX_LEN) */

/* What every stanza begins with. */
struct head {
    enum cw_stanza_kind kind;
    enum cw_stanza_type type;
    struct cw_bytes from, to, id, lang;
};

static void print_head(struct cw_xml_writer *w, const struct head *head)
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

static void print_tail(struct cw_xml_writer *w, const struct head *head)
{
    cw_xml_raw(w, CW_LIT("</"));
    cw_xml_word(w, cw_stanza_kind_name(head->kind));
    cw_xml_raw(w, CW_LIT(">"));
}

static enum cw_err set_addresses(struct head *head, const struct cw_jid *from,
                                 const struct cw_jid *to, struct cw_arena *arena)
{
    CW_TRY(cw_jid_write(from, arena, &head->from));
    return cw_jid_write(to, arena, &head->to);
}

/* ---- message ---- */

struct message_print {
    struct head head;
    const struct cw_stanza_message *in;
};

static void print_message(struct cw_xml_writer *w, const void *input)
{
    const struct message_print *const print = input;
    const struct cw_stanza_message *const in = print->in;

    print_head(w, &print->head);
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
    print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_message(const struct cw_stanza_message *in, struct cw_arena *arena,
                                    struct cw_bytes *out)
{
    struct message_print print = {
        .head = {.kind = CW_STANZA_MESSAGE, .type = in->type, .id = in->id, .lang = in->lang},
        .in = in};

    CW_TRY(set_addresses(&print.head, &in->from, &in->to, arena));
    return cw_xml_build(print_message, &print, STANZA_MAX, arena, out);
}

/* ---- presence ---- */

struct presence_print {
    struct head head;
    const struct cw_presence *in; /* NULL: no children */
};

static void print_number(struct cw_xml_writer *w, int number)
{
    char digits[4];
    size_t at = sizeof(digits);
    int left = number < 0 ? -number : number;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    cw_xml_raw(w, (struct cw_bytes){digits + at, sizeof(digits) - at});
}

static void print_presence(struct cw_xml_writer *w, const void *input)
{
    const struct presence_print *const print = input;
    const struct cw_presence *const in = print->in;

    print_head(w, &print->head);
    if (in != NULL && in->available) { /* PRES-45 */
        cw_xml_element(w, "show", cw_show_name(in->show));
    }
    if (in != NULL && in->status.base != NULL) {
        cw_xml_raw(w, CW_LIT("<status"));
        cw_xml_attr(w, "xml:lang", in->lang);
        cw_xml_raw(w, CW_LIT(">"));
        cw_xml_text(w, in->status);
        cw_xml_raw(w, CW_LIT("</status>"));
    }
    if (in != NULL && in->available && in->has_priority) {
        cw_xml_raw(w, CW_LIT("<priority>"));
        print_number(w, in->priority);
        cw_xml_raw(w, CW_LIT("</priority>"));
    }
    if (in != NULL && in->stamp.base != NULL) { /* PRES-32 */
        cw_xml_raw(w, CW_LIT("<delay xmlns='" CW_NS_DELAY "'"));
        cw_xml_attr(w, "stamp", in->stamp);
        cw_xml_raw(w, CW_LIT("/>"));
    }
    print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_subscription(const struct cw_jid *from, const struct cw_jid *to,
                                         enum cw_stanza_type type, struct cw_bytes id,
                                         struct cw_arena *arena, struct cw_bytes *out)
{
    struct presence_print print = {.head = {.kind = CW_STANZA_PRESENCE, .type = type, .id = id}};

    CW_TRY(set_addresses(&print.head, from, to, arena));
    return cw_xml_build(print_presence, &print, STANZA_MAX, arena, out);
}

enum cw_err cw_stanza_write_presence(const struct cw_jid *from, const struct cw_jid *to,
                                     const struct cw_presence *presence, struct cw_bytes id,
                                     struct cw_arena *arena, struct cw_bytes *out)
{
    const enum cw_stanza_type type =
        presence->available ? CW_TYPE_AVAILABLE : CW_TYPE_UNAVAILABLE; /* PRES-25 */
    struct presence_print print = {.head = {.kind = CW_STANZA_PRESENCE, .type = type, .id = id},
                                   .in = presence};

    CW_TRY(set_addresses(&print.head, from, to, arena));
    return cw_xml_build(print_presence, &print, STANZA_MAX, arena, out);
}

/* ---- error and result ---- */

struct error_print {
    struct head head;
    const struct cw_stanza_error *error;
};

static void print_error(struct cw_xml_writer *w, const void *input)
{
    const struct error_print *const print = input;
    const struct cw_stanza_error *const error = print->error;

    print_head(w, &print->head);
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
    print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_error(const struct cw_stanza *in, const struct cw_stanza_error *error,
                                  struct cw_arena *arena, struct cw_bytes *out)
{
    struct error_print print = {.head = {.kind = in->kind,
                                         .type = CW_TYPE_ERROR, /* ERR-2, ERR-8 */
                                         .id = in->id.base == NULL ? CW_LIT("") : in->id},
                                .error = error};

    CW_TRY(set_addresses(&print.head, &in->to, &in->from, arena));
    return cw_xml_build(print_error, &print, STANZA_MAX, arena, out);
}

struct result_print {
    struct head head;
    struct cw_bytes payload;
};

static void print_result(struct cw_xml_writer *w, const void *input)
{
    const struct result_print *const print = input;

    print_head(w, &print->head);
    cw_xml_raw(w, print->payload);
    print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_result(const struct cw_stanza *in, struct cw_bytes payload,
                                   struct cw_arena *arena, struct cw_bytes *out)
{
    struct result_print print = {
        .head = {.kind = CW_STANZA_IQ, .type = CW_TYPE_RESULT, .id = in->id}, .payload = payload};

    CW_TRY(set_addresses(&print.head, &in->to, &in->from, arena)); /* IQ-3 */
    return cw_xml_build(print_result, &print, STANZA_MAX, arena, out);
}
