/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_print.h"
#include "stanza_words.h"
#include <causeway/caps.h>
#include <causeway/stanza_write.h>

struct presence_print {
    struct cw_stanza_head head;
    const struct cw_presence *in; /* NULL: no children */
    struct cw_bytes ver;          /* absent: no capabilities */
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

static void print_statuses(struct cw_xml_writer *w, const struct cw_text_list *statuses)
{
    for (size_t i = 0; i < statuses->count; i++) { /* PRES-29 */
        cw_xml_raw(w, CW_LIT("<status"));
        cw_xml_attr(w, "xml:lang", statuses->items[i].lang);
        cw_xml_raw(w, CW_LIT(">"));
        cw_xml_text(w, statuses->items[i].text);
        cw_xml_raw(w, CW_LIT("</status>"));
    }
}

/* `<name xmlns='ns' attribute='value'/>`; nothing when `value` is absent. */
static void print_mark(struct cw_xml_writer *w, const char *start, const char *attribute,
                       struct cw_bytes value)
{
    if (value.base != NULL) {
        cw_xml_word(w, start);
        cw_xml_attr(w, attribute, value);
        cw_xml_raw(w, CW_LIT("/>"));
    }
}

static void print_available(struct cw_xml_writer *w, const struct presence_print *print)
{
    const struct cw_presence *const in = print->in;

    if (in->has_priority) {
        cw_xml_raw(w, CW_LIT("<priority>"));
        print_number(w, in->priority);
        cw_xml_raw(w, CW_LIT("</priority>"));
    }
    print_mark(w, "<idle xmlns='" CW_NS_IDLE "'", "since", in->idle_since); /* PRES-33 */
    print_mark(w, "<c xmlns='" CW_NS_CAPS "' hash='sha-1' node='" CW_CAPS_NODE "'", "ver",
               print->ver); /* PRES-43 */
}

static void print_presence(struct cw_xml_writer *w, const void *input)
{
    const struct presence_print *const print = input;
    const struct cw_presence *const in = print->in;

    cw_stanza_print_head(w, &print->head);
    if (in != NULL) {
        if (in->available) { /* PRES-45 */
            cw_xml_element(w, "show", cw_show_name(in->show));
        }
        print_statuses(w, &in->statuses);
        if (in->available) {
            print_available(w, print);
        }
        print_mark(w, "<delay xmlns='" CW_NS_DELAY "'", "stamp", in->stamp); /* PRES-32 */
    }
    cw_stanza_print_tail(w, &print->head);
}

enum cw_err cw_stanza_write_subscription(const struct cw_jid *from, const struct cw_jid *to,
                                         enum cw_stanza_type type, struct cw_bytes id,
                                         struct cw_arena *arena, struct cw_bytes *out)
{
    struct presence_print print = {.head = {.kind = CW_STANZA_PRESENCE, .type = type, .id = id}};

    CW_TRY(cw_stanza_set_addresses(&print.head, from, to, arena));
    return cw_xml_build(print_presence, &print, CW_STANZA_MAX, arena, out);
}

enum cw_err cw_stanza_write_presence(const struct cw_jid *from, const struct cw_jid *to,
                                     const struct cw_presence *presence, struct cw_bytes id,
                                     struct cw_arena *arena, struct cw_bytes *out)
{
    const enum cw_stanza_type type =
        presence->available ? CW_TYPE_AVAILABLE : CW_TYPE_UNAVAILABLE; /* PRES-25 */
    struct presence_print print = {.head = {.kind = CW_STANZA_PRESENCE, .type = type, .id = id},
                                   .in = presence};

    CW_TRY(cw_stanza_set_addresses(&print.head, from, to, arena)); /* PRES-46 */
    if (presence->available && presence->caps != 0) {
        CW_TRY(cw_caps_ver(presence->caps, arena, &print.ver));
    }
    return cw_xml_build(print_presence, &print, CW_STANZA_MAX, arena, out);
}
