/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_parts.h"

#include "datetime.h"
#include "stanza_words.h"
#include "text_list.h"

#define IDLE_MAX_S 315360000u /* ten years: what is longer is no idleness but a mistake */

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

/* One a language (PRES-11), the chosen one first. */
static enum cw_err read_statuses(const struct cw_xml_node *root, struct cw_arena *arena,
                                 struct cw_text_list *out)
{
    const struct cw_xml_node *const chosen = cw_stanza_choose(root, "status");
    struct cw_text_gather gather = {0};
    enum cw_err err = CW_OK;

    if (chosen != NULL) {
        err = cw_text_gather_add(&gather, (struct cw_text){chosen->text, chosen->lang}, arena);
    }
    for (const struct cw_xml_node *at = root->child; at != NULL && err == CW_OK; at = at->next) {
        if (cw_xml_is(at, "status", root->ns)) {
            err = cw_text_gather_add(&gather, (struct cw_text){at->text, at->lang}, arena);
        }
    }
    *out = cw_text_gather_list(&gather);
    return err;
}

/* Seconds of XEP-0256; 0 for what is none or longer than ten years. */
static uint32_t read_seconds(struct cw_bytes text)
{
    uint32_t value = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] < '0' || text.base[i] > '9' || value > IDLE_MAX_S) {
            return 0;
        }
        value = value * 10 + (uint32_t)(text.base[i] - '0');
    }
    return value > IDLE_MAX_S ? 0 : value;
}

/* PRES-33: XEP-0319, else XEP-0256, which is deprecated. */
static enum cw_err read_idle(const struct cw_xml_node *root, struct cw_arena *arena,
                             struct cw_presence *out)
{
    const struct cw_xml_node *const idle = cw_xml_child(root, "idle", CW_LIT(CW_NS_IDLE));
    const struct cw_xml_node *const last = cw_xml_child(root, "query", CW_LIT(CW_NS_LAST));
    int64_t ms;

    if (idle != NULL && cw_datetime_read_3339(cw_xml_attribute(idle, "since"), &ms) == CW_OK) {
        return cw_datetime_write_3339(ms, arena, &out->idle_since);
    }
    if (last != NULL) {
        out->idle_s = read_seconds(cw_xml_attribute(last, "seconds"));
    }
    return CW_OK;
}

enum cw_err cw_stanza_read_presence(const struct cw_xml_node *root, struct cw_arena *arena,
                                    struct cw_stanza *out)
{
    struct cw_presence *const presence = &out->presence;

    presence->available = out->type == CW_TYPE_AVAILABLE;
    presence->resource = out->from.resource;
    presence->stamp = cw_stanza_delay(root, out->from.domain);
    CW_TRY(read_statuses(root, arena, &presence->statuses));
    if (!presence->available) {
        return CW_OK;
    }
    presence->show = cw_show_by_name(cw_xml_trim(cw_stanza_text(root, "show")));
    presence->has_priority = read_priority(cw_stanza_text(root, "priority"), &presence->priority);
    return read_idle(root, arena, presence);
}
