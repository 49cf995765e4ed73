/* SPDX-License-Identifier: Apache-2.0 */
#include "sip_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void sip_text_put(struct sip_text *text, struct cw_bytes more)
{
    text->base = realloc(text->base, text->len + more.len + 1);
    if (text->base == NULL) {
        abort();
    }
    if (more.len != 0) {
        memcpy(text->base + text->len, more.base, more.len);
    }
    text->len += more.len;
    text->base[text->len] = '\0';
}

void sip_text_print(struct sip_text *text, const char *format, ...)
{
    char line[4096];
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof(line)) {
        vector_fail("a line is too long");
    }
    sip_text_put(text, (struct cw_bytes){line, (size_t)len});
}

void sip_text_free(struct sip_text *text)
{
    free(text->base);
    *text = (struct sip_text){0};
}

struct cw_bytes sip_first_line(struct cw_bytes lines)
{
    const char *end = lines.len == 0 ? NULL : memchr(lines.base, '\n', lines.len);
    size_t len = end == NULL ? lines.len : (size_t)(end - lines.base);

    if (len > 0 && lines.base[len - 1] == '\r') {
        len--;
    }
    return (struct cw_bytes){lines.base, len};
}

struct cw_bytes sip_behind_first_line(struct cw_bytes lines)
{
    const char *end = lines.len == 0 ? NULL : memchr(lines.base, '\n', lines.len);

    if (end == NULL) {
        return (struct cw_bytes){NULL, 0};
    }
    return (struct cw_bytes){end + 1, lines.len - (size_t)(end + 1 - lines.base)};
}

static struct cw_bytes trimmed(struct cw_bytes text)
{
    while (text.len > 0 && text.base[0] == ' ') {
        text.base++;
        text.len--;
    }
    while (text.len > 0 && text.base[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

bool sip_next_header(struct cw_bytes *rest, struct cw_bytes *name, struct cw_bytes *value)
{
    const struct cw_bytes line = sip_first_line(*rest);
    const char *colon;

    if (line.len == 0) {
        return false;
    }
    colon = memchr(line.base, ':', line.len);
    if (colon == NULL) {
        vector_fail("not a header line: " CW_FMT, CW_ARG(line));
    }
    *name = trimmed((struct cw_bytes){line.base, (size_t)(colon - line.base)});
    *value = trimmed((struct cw_bytes){colon + 1, line.len - (size_t)(colon + 1 - line.base)});
    *rest = sip_behind_first_line(*rest);
    return true;
}

struct cw_bytes sip_header(struct cw_bytes message, const char *name)
{
    struct cw_bytes rest = sip_behind_first_line(message);
    struct cw_bytes key;
    struct cw_bytes value;

    while (sip_next_header(&rest, &key, &value)) {
        if (key.len == strlen(name) && strncasecmp(key.base, name, key.len) == 0) {
            return value;
        }
    }
    return (struct cw_bytes){NULL, 0};
}

struct cw_bytes sip_body(struct cw_bytes message)
{
    struct cw_bytes rest = message;

    while (sip_first_line(rest).len != 0) {
        rest = sip_behind_first_line(rest);
    }
    rest = sip_behind_first_line(rest);
    return rest;
}
