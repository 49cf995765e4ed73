/* SPDX-License-Identifier: Apache-2.0 */
#include "text_list.h"

#include "ascii.h"

/* Language tags know no case (RFC 5646 section 2.1.1). */
static bool same_language(struct cw_bytes a, struct cw_bytes b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (cw_ascii_lower(a.base[i]) != cw_ascii_lower(b.base[i])) {
            return false;
        }
    }
    return true;
}

static bool has_language(const struct cw_text_gather *gather, struct cw_bytes lang)
{
    for (size_t i = 0; i < gather->count; i++) {
        if (same_language(gather->items[i].lang, lang)) {
            return true;
        }
    }
    return false;
}

enum cw_err cw_text_gather_add(struct cw_text_gather *gather, struct cw_text text,
                               struct cw_arena *arena)
{
    if (text.text.len == 0 || gather->count == CW_TEXTS_MAX || has_language(gather, text.lang)) {
        return CW_OK;
    }
    if (gather->items == NULL) {
        gather->items = cw_arena_alloc(arena, CW_TEXTS_MAX * sizeof(*gather->items));
        if (gather->items == NULL) {
            return CW_ERR_LIMIT;
        }
    }
    if (text.lang.len == 0) {
        text.lang = (struct cw_bytes){0};
    }
    gather->items[gather->count++] = text;
    return CW_OK;
}

struct cw_text_list cw_text_gather_list(const struct cw_text_gather *gather)
{
    return (struct cw_text_list){gather->items, gather->count};
}
