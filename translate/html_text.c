/* SPDX-License-Identifier: Apache-2.0 */
#include "html_text.h"

#include "html_render.h"

#define TEXT_MAX 262144u /* as a stanza */

/* Recursion is as deep as the reader lets a document be (CW_XML_MAX_DEPTH). */
static void render(struct cw_html_renderer *r, const struct cw_xml_node *node)
{
    struct cw_bytes value = {0};

    if (node->name.base == NULL) {
        cw_html_characters(r, node->text);
        return;
    }
    if (cw_xml_is(node, "a", CW_LIT(CW_NS_XHTML))) {
        value = cw_xml_trim(cw_xml_attribute(node, "href"));
    } else if (cw_xml_is(node, "img", CW_LIT(CW_NS_XHTML))) {
        value = cw_xml_attribute(node, "alt");
    }
    cw_html_begin(r, node->name, value);
    for (const struct cw_xml_node *at = node->child; at != NULL; at = at->next) {
        render(r, at);
    }
    cw_html_end(r, node->name);
}

static void print_node(struct cw_xml_writer *w, const void *in)
{
    struct cw_html_renderer r = {.writer = w};

    render(&r, in);
}

enum cw_err cw_html_text(const struct cw_xml_node *node, struct cw_arena *arena,
                         struct cw_bytes *out)
{
    CW_TRY(cw_xml_build(print_node, node, TEXT_MAX, arena, out));
    *out = cw_xml_trim(*out);
    if (out->len == 0) {
        *out = (struct cw_bytes){0};
    }
    return CW_OK;
}
