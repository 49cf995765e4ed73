/* SPDX-License-Identifier: Apache-2.0 */
#include "mime_header.h"

#include "ascii.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct cw_bytes cw_mime_trim(struct cw_bytes text)
{
    while (text.len > 0 && is_blank(text.base[0])) {
        text.base++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.base[text.len - 1])) {
        text.len--;
    }
    return text;
}

bool cw_mime_line(struct cw_bytes *rest, struct cw_bytes *line)
{
    const char *const end = rest->len == 0 ? NULL : memchr(rest->base, '\n', rest->len);

    if (rest->len == 0) {
        return false;
    }
    line->base = rest->base;
    line->len = end == NULL ? rest->len : (size_t)(end - rest->base);
    rest->base += end == NULL ? rest->len : line->len + 1;
    rest->len -= end == NULL ? rest->len : line->len + 1;
    if (line->len > 0 && line->base[line->len - 1] == '\r') {
        line->len--;
    }
    return true;
}

bool cw_mime_is_header(struct cw_bytes line)
{
    const struct cw_bytes begin = {line.base, line.len < 8 ? line.len : 8};

    return cw_ascii_is_word(begin, "content-") && memchr(line.base, ':', line.len) != NULL;
}

static bool is_clean(struct cw_bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        const unsigned char c = (unsigned char)line.base[i];

        if ((c < 0x20 && c != '\t') || c == 0x7F) {
            return false;
        }
    }
    return true;
}

/* The first one of a name counts. */
static void keep(struct cw_bytes name, struct cw_bytes value, struct cw_mime_headers *out)
{
    const struct {
        const char *name;
        struct cw_bytes *place;
    } known[] = {
        {"content-type", &out->type},
        {"content-disposition", &out->disposition},
        {"content-language", &out->language},
        {"content-transfer-encoding", &out->transfer_encoding},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (cw_ascii_is_word(name, known[i].name) && known[i].place->base == NULL) {
            *known[i].place = value;
        }
    }
}

static enum cw_err take(struct cw_bytes line, struct cw_mime_headers *out)
{
    const char *const colon = memchr(line.base, ':', line.len);
    struct cw_bytes value;

    if (colon == NULL || colon == line.base || is_blank(line.base[0]) || !is_clean(line)) {
        return CW_ERR_MALFORMED;
    }
    value = (struct cw_bytes){colon + 1, line.len - (size_t)(colon + 1 - line.base)};
    keep(cw_mime_trim((struct cw_bytes){line.base, (size_t)(colon - line.base)}),
         cw_mime_trim(value), out);
    return CW_OK;
}

/* Moves `*rest` behind the folds there. @return octets of the header with them, a blank before
 * each; past the limit it does not matter how many */
static size_t skip_folds(struct cw_bytes *rest, size_t len)
{
    struct cw_bytes more;

    while (len <= CW_MIME_LINE_MAX && rest->len > 0 && is_blank(rest->base[0])) {
        (void)cw_mime_line(rest, &more);
        len += 1 + cw_mime_trim(more).len;
    }
    return len;
}

/* A whole header: the line at hand and the folds behind it, copied once however many they are. */
static enum cw_err take_folds(struct cw_bytes *rest, struct cw_arena *arena, struct cw_bytes *line)
{
    struct cw_bytes folds = *rest;
    const size_t len = skip_folds(rest, line->len);
    char *joined;
    char *to;

    if (len > CW_MIME_LINE_MAX) {
        return CW_ERR_LIMIT;
    }
    if (rest->base == folds.base) {
        return CW_OK;
    }
    joined = cw_arena_alloc(arena, len);
    if (joined == NULL) {
        return CW_ERR_LIMIT;
    }
    to = (char *)memcpy(joined, line->base, line->len) + line->len;
    while (folds.base != rest->base) {
        struct cw_bytes more;

        (void)cw_mime_line(&folds, &more);
        more = cw_mime_trim(more);
        *to++ = ' ';
        to = (char *)memcpy(to, more.base, more.len) + more.len;
    }
    *line = (struct cw_bytes){joined, len};
    return CW_OK;
}

enum cw_err cw_mime_headers_read(struct cw_bytes *rest, struct cw_arena *arena,
                                 struct cw_mime_headers *out)
{
    struct cw_mime_headers headers = {0};
    struct cw_bytes line;
    size_t count = 0;

    while (cw_mime_line(rest, &line) && line.len > 0) {
        if (++count > CW_MIME_LINES_MAX) {
            return CW_ERR_LIMIT;
        }
        CW_TRY(take_folds(rest, arena, &line));
        CW_TRY(take(line, &headers));
    }
    *out = headers;
    return CW_OK;
}
