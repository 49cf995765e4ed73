/* SPDX-License-Identifier: Apache-2.0 */
#include "rpid_read.h"

#include "ascii.h"
#include "datetime.h"
#include "pidf_words.h"

const struct cw_xml_node *cw_rpid_child(const struct cw_xml_node *node, const char *name)
{
    return cw_xml_child(node, name, CW_LIT(CW_NS_RPID));
}

static bool must_be_understood(const struct cw_xml_node *node)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct cw_xml_attribute *const at = &node->attributes[i];

        if (cw_ascii_is(at->name, "mustUnderstand") && cw_bytes_equal(at->ns, CW_LIT(CW_NS_PIDF)) &&
            (cw_ascii_is(at->value, "1") || cw_ascii_is(at->value, "true"))) {
            return true;
        }
    }
    return false;
}

static bool is_known(struct cw_bytes ns)
{
    return cw_bytes_equal(ns, CW_LIT(CW_NS_PERSON)) || cw_bytes_equal(ns, CW_LIT(CW_NS_RPID)) ||
           cw_bytes_equal(ns, CW_LIT(CW_NS_PIDF)) || cw_bytes_equal(ns, CW_LIT(CW_NS_SERVCAPS));
}

bool cw_rpid_is_beyond_us(const struct cw_xml_node *extension)
{
    for (const struct cw_xml_node *at = extension->child; at != NULL; at = at->next) {
        if ((!is_known(at->ns) && must_be_understood(at)) || cw_rpid_is_beyond_us(at)) {
            return true;
        }
    }
    return false;
}

static void read_activity(const struct cw_xml_node *node, struct cw_rpid *out)
{
    enum cw_activity activity;

    if (!cw_bytes_equal(node->ns, CW_LIT(CW_NS_RPID)) ||
        !cw_activity_by_name(node->name, &activity)) {
        return;
    }
    out->activities |= (cw_activities)1 << activity;
    if (activity == CW_ACTIVITY_OTHER && cw_xml_trim(node->text).len != 0) {
        out->other = (struct cw_text){cw_xml_trim(node->text), node->lang};
    }
}

/* PRES-33 */
static enum cw_err read_input(const struct cw_xml_node *input, struct cw_arena *arena,
                              struct cw_rpid *out)
{
    int64_t ms;

    out->has_input = true;
    out->idle = cw_ascii_is(cw_xml_trim(input->text), "idle");
    if (out->idle &&
        cw_datetime_read_3339(cw_xml_trim(cw_xml_attribute(input, "last-input")), &ms) == CW_OK) {
        return cw_datetime_write_3339(ms, arena, &out->idle_since);
    }
    return CW_OK;
}

enum cw_err cw_rpid_read(const struct cw_xml_node *node, struct cw_arena *arena,
                         struct cw_rpid *out)
{
    const struct cw_xml_node *const input = cw_rpid_child(node, "user-input");

    for (const struct cw_xml_node *at = node->child; at != NULL; at = at->next) {
        if (cw_xml_is(at, "activities", CW_LIT(CW_NS_RPID)) && !cw_rpid_is_beyond_us(at)) {
            for (const struct cw_xml_node *one = at->child; one != NULL; one = one->next) {
                read_activity(one, out);
            }
        }
    }
    return input != NULL && !out->has_input ? read_input(input, arena, out) : CW_OK;
}
