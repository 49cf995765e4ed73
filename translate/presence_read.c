/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_parts.h"
#include "stanza_words.h"

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

enum cw_err cw_stanza_read_presence(const struct cw_xml_node *root, struct cw_arena *arena,
                                    struct cw_stanza *out)
{
    struct cw_presence *const presence = &out->presence;
    const struct cw_xml_node *const status = cw_stanza_choose(root, "status");

    presence->available = out->type == CW_TYPE_AVAILABLE;
    presence->resource = out->from.resource;
    presence->stamp = cw_stanza_delay(root, out->from.domain);
    if (status != NULL) {
        presence->status = status->text;
        presence->lang = status->lang;
    }
    if (presence->available) {
        presence->show = cw_show_by_name(cw_xml_trim(cw_stanza_text(root, "show")));
        presence->has_priority =
            read_priority(cw_stanza_text(root, "priority"), &presence->priority);
    }
    (void)arena;
    return CW_OK;
}
