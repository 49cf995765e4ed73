/* SPDX-License-Identifier: Apache-2.0 */
#include "media_type.h"

#include "ascii.h"
#include "mime_header.h"

#include <stdint.h>

/* The end of what begins at `at`, up to `mark` outside of quotes; SIZE_MAX for an open quote. */
static size_t find(struct cw_bytes text, size_t at, char mark)
{
    bool quoted = false;

    for (; at < text.len; at++) {
        const char c = text.base[at];

        if (c == '\\' && quoted) {
            at++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == mark && !quoted) {
            return at;
        }
    }
    return quoted ? SIZE_MAX : text.len;
}

static enum cw_err unquote(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *to;
    size_t len = 0;

    if (text.len == 0 || text.base[0] != '"') {
        *out = text;
        return memchr(text.len == 0 ? "" : text.base, '"', text.len) == NULL ? CW_OK
                                                                             : CW_ERR_MALFORMED;
    }
    if (text.len < 2 || text.base[text.len - 1] != '"') {
        return CW_ERR_MALFORMED;
    }
    to = cw_arena_alloc(arena, text.len);
    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 1; i + 1 < text.len; i++) {
        if (text.base[i] == '"') {
            return CW_ERR_MALFORMED; /* two strings, or words around them */
        }
        if (text.base[i] == '\\') {
            i++;
        }
        to[len++] = text.base[i];
    }
    *out = (struct cw_bytes){to, len};
    return CW_OK;
}

static enum cw_err take(struct cw_bytes text, struct cw_arena *arena, struct cw_media_type *type)
{
    const size_t equals = find(text, 0, '=');
    struct cw_media_parameter *const parameter = &type->parameters[type->parameter_count];
    struct cw_media_parameter made = {0};

    made.name = cw_mime_trim((struct cw_bytes){text.base, equals});
    if (made.name.len == 0) { /* "text/plain;" is common and harmless */
        return equals == text.len ? CW_OK : CW_ERR_MALFORMED;
    }
    if (type->parameter_count == CW_MEDIA_PARAMETERS_MAX) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < type->parameter_count; i++) {
        if (cw_ascii_same_word(type->parameters[i].name, made.name)) {
            return CW_ERR_MALFORMED; /* whoever reads the other one sees another message */
        }
    }
    if (equals < text.len) {
        CW_TRY(
            unquote(cw_mime_trim((struct cw_bytes){text.base + equals + 1, text.len - equals - 1}),
                    arena, &made.value));
    }
    *parameter = made;
    type->parameter_count++;
    return CW_OK;
}

enum cw_err cw_media_type_read(struct cw_bytes text, struct cw_arena *arena,
                               struct cw_media_type *out)
{
    struct cw_media_type type = {0};
    size_t at = find(text, 0, ';');

    if (at == SIZE_MAX) {
        return CW_ERR_MALFORMED;
    }
    type.value = cw_mime_trim((struct cw_bytes){text.base, at});
    while (at < text.len) {
        const size_t end = find(text, at + 1, ';');

        if (end == SIZE_MAX) {
            return CW_ERR_MALFORMED;
        }
        CW_TRY(take((struct cw_bytes){text.base + at + 1, end - at - 1}, arena, &type));
        at = end;
    }
    if (type.value.len == 0) {
        return CW_ERR_MALFORMED;
    }
    *out = type;
    return CW_OK;
}

bool cw_media_type_is(const struct cw_media_type *type, const char *word)
{
    return cw_ascii_is_word(type->value, word);
}

bool cw_media_type_begins(const struct cw_media_type *type, const char *prefix)
{
    const size_t len = strlen(prefix);
    const struct cw_bytes begin = {type->value.base, len};

    return type->value.len > len && cw_ascii_is_word(begin, prefix);
}

struct cw_bytes cw_media_type_parameter(const struct cw_media_type *type, const char *name)
{
    for (size_t i = 0; i < type->parameter_count; i++) {
        if (cw_ascii_is_word(type->parameters[i].name, name)) {
            return type->parameters[i].value;
        }
    }
    return (struct cw_bytes){0};
}
