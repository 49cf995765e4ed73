/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/utf8.h>
#include <html_text.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Text that may stand in a stanza as it is, never longer than the page it came from. */
static void check(struct cw_bytes text, size_t page_len, struct cw_arena *arena)
{
    struct cw_bytes clean;

    if (text.len > page_len || (text.len == 0) != (text.base == NULL)) {
        abort();
    }
    if (text.len != 0 && (is_blank(text.base[0]) || is_blank(text.base[text.len - 1]))) {
        abort();
    }
    if (text.len != 0 &&
        (cw_utf8_xml_text(text, arena, &clean) != CW_OK || clean.base != text.base)) {
        abort();
    }
}

/* The same bytes as a page, and as a tree where they are one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cw_xml_rules RULES = {.max_len = 65536, .max_depth = CW_XML_MAX_DEPTH};
    struct cw_arena *arena = cw_arena_new((size_t)8 << 20);
    const struct cw_bytes bytes = {(const char *)data, size};
    const struct cw_xml_node *root;
    struct cw_bytes html;
    struct cw_bytes text;

    if (cw_utf8_xml_text(bytes, arena, &html) == CW_OK &&
        cw_html_text_of(html, arena, &text) == CW_OK) {
        check(text, html.len, arena);
    }
    if (cw_xml_read(bytes, &RULES, arena, &root) == CW_OK &&
        cw_html_text(root, arena, &text) == CW_OK && text.len > size) {
        abort();
    }
    cw_arena_free(&arena);
    return 0;
}
