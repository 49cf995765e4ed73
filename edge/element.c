/* SPDX-License-Identifier: Apache-2.0 */
#include "element.h"

static bool equals(struct cw_bytes bytes, const char *text)
{
    const size_t len = strlen(text);

    return bytes.len == len && (len == 0 || memcmp(bytes.base, text, len) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool cw_element_is(const struct cw_element *element, const char *ns, const char *name)
{
    return equals(element->ns, ns) && equals(element->name, name);
}

size_t cw_element_child(const struct cw_element *element, size_t parent, const char *ns,
                        const char *name)
{
    for (size_t i = 1; i < element->node_count; i++) {
        const struct cw_element_node *node = &element->nodes[i];

        if (node->parent == parent && equals(node->ns, ns) && equals(node->name, name)) {
            return i;
        }
    }
    return 0;
}

struct cw_bytes cw_element_text(const struct cw_element *element, size_t index)
{
    struct cw_bytes text =
        index < element->node_count ? element->nodes[index].text : (struct cw_bytes){NULL, 0};

    while (text.len > 0 && is_space(text.base[0])) {
        text.base++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.base[text.len - 1])) {
        text.len--;
    }
    return text;
}
