/* SPDX-License-Identifier: Apache-2.0 */
#include "html_text.h"

#include <causeway/utf8.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct cw_bytes text, size_t room, struct cw_arena *arena)
{
    struct cw_bytes clean;

    if (text.base == NULL) {
        return;
    }
    if (text.len == 0 || text.len > room || cw_xml_trim(text).len == 0 || text.base[0] == '\n' ||
        text.base[text.len - 1] == '\n' || cw_utf8_xml_text(text, arena, &clean) != CW_OK ||
        !cw_bytes_equal(text, clean)) {
        abort();
    }
}

/* Whatever comes, clean text goes, and not much more of it than what came. A list item of four
 * octets, "<li>", becomes three: "\n- "; a link of no text is shown with two brackets more. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cw_xml_rules RULES = {65536, 64, false};
    struct cw_arena *arena = cw_arena_new((size_t)4 << 20);
    const struct cw_bytes bytes = {(const char *)data, size};
    const struct cw_xml_node *root;
    struct cw_bytes text;

    if (cw_utf8_xml_text(bytes, arena, &text) == CW_OK) {
        const size_t room = text.len + 8;

        if (cw_html_text_of(text, arena, &text) == CW_OK) {
            check_text(text, room, arena);
        }
    }
    if (cw_xml_read(bytes, &RULES, arena, &root) == CW_OK &&
        cw_html_text(root, arena, &text) == CW_OK) {
        check_text(text, size + 8, arena);
    }
    cw_arena_free(&arena);
    return 0;
}
