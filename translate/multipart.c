/* SPDX-License-Identifier: Apache-2.0 */
#include "multipart.h"

enum line { CONTENT, DELIMITER, CLOSE };

static bool is_padding(struct cw_bytes text)
{
    return cw_mime_trim(text).len == 0;
}

/* What a line is, by its beginning. Blanks behind the boundary are padding of transports. */
static enum line kind_of(struct cw_bytes line, struct cw_bytes boundary)
{
    struct cw_bytes rest;

    if (line.len < 2 + boundary.len || line.base[0] != '-' || line.base[1] != '-' ||
        memcmp(line.base + 2, boundary.base, boundary.len) != 0) {
        return CONTENT;
    }
    rest = (struct cw_bytes){line.base + 2 + boundary.len, line.len - 2 - boundary.len};
    if (is_padding(rest)) {
        return DELIMITER;
    }
    if (rest.len >= 2 && rest.base[0] == '-' && rest.base[1] == '-' &&
        is_padding((struct cw_bytes){rest.base + 2, rest.len - 2})) {
        return CLOSE;
    }
    return CONTENT;
}

/* The line end before a boundary belongs to the boundary. */
static struct cw_bytes without_line_end(struct cw_bytes text)
{
    if (text.len > 0 && text.base[text.len - 1] == '\n') {
        text.len--;
        if (text.len > 0 && text.base[text.len - 1] == '\r') {
            text.len--;
        }
    }
    return text;
}

struct parts {
    struct cw_part *items;
    size_t max, count;
};

/* `start` NULL: what ends at `end` is the preamble. */
static enum cw_err read_part(const char *start, const char *end, struct cw_arena *arena,
                             struct parts *parts)
{
    struct cw_bytes bytes;
    struct cw_part part;

    if (start == NULL) {
        return CW_OK;
    }
    if (parts->count == parts->max) {
        return CW_ERR_LIMIT;
    }
    bytes = (struct cw_bytes){start, (size_t)(end - start)};
    CW_TRY(cw_mime_headers_read(&bytes, arena, &part.headers));
    part.content = without_line_end(bytes);
    parts->items[parts->count++] = part;
    return CW_OK;
}

enum cw_err cw_multipart_read(struct cw_bytes bytes, struct cw_bytes boundary,
                              struct cw_arena *arena, struct cw_part *parts, size_t max,
                              size_t *count)
{
    const char *start = NULL; /* of the part at hand; NULL in the preamble */
    struct cw_bytes line;
    enum line kind = CONTENT;
    struct parts found = {parts, max, 0};

    if (boundary.len == 0 || boundary.len > CW_MULTIPART_BOUNDARY_MAX) {
        return CW_ERR_MALFORMED;
    }
    while (kind != CLOSE && cw_mime_line(&bytes, &line)) {
        kind = kind_of(line, boundary);
        if (kind == CONTENT) {
            continue;
        }
        CW_TRY(read_part(start, line.base, arena, &found));
        start = bytes.base;
    }
    if (kind != CLOSE || found.count == 0) {
        return CW_ERR_MALFORMED;
    }
    *count = found.count;
    return CW_OK;
}
