/* SPDX-License-Identifier: Apache-2.0 */
#include "stanza_parts.h"

#include "datetime.h"
#include "stanza_words.h"

struct cw_bytes cw_stanza_present(struct cw_bytes text)
{
    return text.len != 0 ? text : (struct cw_bytes){0};
}

/* Children of the stanza's own namespace; `root->ns` is it, absent when the stream's default was
 * inherited and not declared again. */
struct cw_bytes cw_stanza_text(const struct cw_xml_node *root, const char *name)
{
    const struct cw_xml_node *const child = cw_xml_child(root, name, root->ns);

    return child != NULL ? child->text : (struct cw_bytes){0};
}

/* Of several with different languages: the one in the stanza's, else the first (MSG-20). */
const struct cw_xml_node *cw_stanza_choose(const struct cw_xml_node *root, const char *name)
{
    const struct cw_xml_node *first = NULL;

    for (const struct cw_xml_node *at = root->child; at != NULL; at = at->next) {
        if (!cw_xml_is(at, name, root->ns) || at->text.len == 0) { /* MSG-9 */
            continue;
        }
        if (cw_bytes_equal(at->lang, root->lang)) {
            return at;
        }
        if (first == NULL) {
            first = at;
        }
    }
    return first;
}

/* The stamp that the sender's server set, else the oldest (MSG-22). */
struct cw_bytes cw_stanza_delay(const struct cw_xml_node *root, struct cw_bytes sender_domain)
{
    struct cw_bytes stamp = {0};
    int64_t oldest_ms = INT64_MAX;
    int64_t ms;

    for (const struct cw_xml_node *at = root->child; at != NULL; at = at->next) {
        const struct cw_bytes value = cw_xml_attribute(at, "stamp");

        if (!cw_xml_is(at, "delay", CW_LIT(CW_NS_DELAY)) ||
            cw_datetime_read_3339(value, &ms) != CW_OK) {
            continue;
        }
        if (cw_bytes_equal(cw_xml_attribute(at, "from"), sender_domain)) {
            return value;
        }
        if (ms < oldest_ms) {
            oldest_ms = ms;
            stamp = value;
        }
    }
    return stamp;
}
