/* SPDX-License-Identifier: Apache-2.0 */
#include "inherited.h"

#include <stdlib.h>

struct output {
    char *base; /* NULL: only measure */
    size_t len;
};

static char *copy_text(const char *base, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, base, len);
    copy[len] = '\0';
    return copy;
}

static void put(struct output *out, const char *text, size_t len)
{
    if (out->base != NULL) {
        memcpy(out->base + out->len, text, len);
    }
    out->len += len;
}

/** An attribute value in single quotes. */
static void put_value(struct output *out, const char *text)
{
    put(out, "'", 1);
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\'':
            put(out, "&#39;", 5);
            break;
        case '<':
            put(out, "&lt;", 4);
            break;
        case '&':
            put(out, "&amp;", 5);
            text += strncmp(text, "&#38;", 5) == 0 ? 4 : 0; /* libxml2's own spelling */
            break;
        default:
            put(out, text, 1);
            break;
        }
    }
    put(out, "'", 1);
}

static size_t name_end(struct cw_bytes raw)
{
    size_t end = raw.len > 0 ? 1 : 0;

    while (end < raw.len && strchr(" \t\r\n/>", raw.base[end]) == NULL) {
        end++;
    }
    return end;
}

static void write_all(const struct cw_inherited *in, uint64_t declare, bool lang,
                      struct cw_bytes raw, struct output *out)
{
    const size_t name = name_end(raw);

    put(out, raw.base, name);
    for (size_t i = 0; i < in->count; i++) {
        if ((declare & ((uint64_t)1 << i)) == 0) {
            continue;
        }
        put(out, " xmlns", 6); /* STREAM-117 */
        if (in->ns[i].prefix != NULL) {
            put(out, ":", 1);
            put(out, in->ns[i].prefix, strlen(in->ns[i].prefix));
        }
        put(out, "=", 1);
        put_value(out, in->ns[i].uri);
    }
    if (lang && in->lang != NULL) {
        put(out, " xml:lang=", 10); /* STREAM-116 */
        put_value(out, in->lang);
    }
    put(out, raw.base + name, raw.len - name);
}

void cw_inherited_add(struct cw_inherited *inherited, const char *prefix, const char *uri)
{
    if (inherited->count < CW_INHERITED_MAX) {
        inherited->ns[inherited->count++] = (struct cw_inherited_ns){
            prefix == NULL ? NULL : copy_text(prefix, strlen(prefix)), copy_text(uri, strlen(uri))};
    }
}

void cw_inherited_set_lang(struct cw_inherited *inherited, struct cw_bytes lang)
{
    free(inherited->lang);
    inherited->lang = lang.len == 0 ? NULL : copy_text(lang.base, lang.len);
}

void cw_inherited_clear(struct cw_inherited *inherited)
{
    for (size_t i = 0; i < inherited->count; i++) {
        free(inherited->ns[i].prefix);
        free(inherited->ns[i].uri);
    }
    free(inherited->lang);
    inherited->lang = NULL;
    inherited->count = 0;
}

struct cw_bytes cw_inherited_declare(const struct cw_inherited *inherited, uint64_t declare,
                                     bool lang, struct cw_bytes raw, struct cw_arena *arena)
{
    struct output out = {NULL, 0};

    write_all(inherited, declare, lang, raw, &out);
    out.base = cw_arena_alloc(arena, out.len);
    if (out.base == NULL) {
        abort();
    }
    out.len = 0;
    write_all(inherited, declare, lang, raw, &out);
    return (struct cw_bytes){out.base, out.len};
}
