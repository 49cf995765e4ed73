/* SPDX-License-Identifier: Apache-2.0 */
#include "xml_write.h"

#include <stdint.h>

#define SHORT_MAX 1024u /* octets of what is written aside first */

void cw_xml_raw(struct cw_xml_writer *w, struct cw_bytes markup)
{
    if (w->overflow || markup.len > w->room - w->len) {
        w->overflow = true;
        return;
    }
    if (markup.len > 0 && w->base != NULL) {
        memcpy(w->base + w->len, markup.base, markup.len);
    }
    w->len += markup.len;
}

/* Line ends and tabs only in attributes: a reader would make blanks of them. */
static struct cw_bytes escape(char c, bool in_attribute)
{
    switch (c) {
    case '\r':
        return CW_LIT("&#13;");
    case '\n':
        return in_attribute ? CW_LIT("&#10;") : (struct cw_bytes){0};
    case '\t':
        return in_attribute ? CW_LIT("&#9;") : (struct cw_bytes){0};
    case '&':
        return CW_LIT("&amp;");
    case '<':
        return CW_LIT("&lt;");
    case '>':
        return CW_LIT("&gt;");
    case '"':
        return CW_LIT("&quot;");
    case '\'':
        return CW_LIT("&apos;");
    default:
        return (struct cw_bytes){0};
    }
}

/* Of the 64 first characters these are escaped somewhere; of the others none is. */
static bool may_need_escape(char c)
{
    static const uint64_t MAY = UINT64_C(1) << '\t' | UINT64_C(1) << '\n' | UINT64_C(1) << '\r' |
                                UINT64_C(1) << '"' | UINT64_C(1) << '&' | UINT64_C(1) << '\'' |
                                UINT64_C(1) << '<' | UINT64_C(1) << '>';
    const unsigned char octet = (unsigned char)c;

    return octet < 64 && (MAY >> octet & 1) != 0;
}

static void escaped(struct cw_xml_writer *w, struct cw_bytes text, bool in_attribute)
{
    size_t plain = 0; /* start of the run that needs no escape */

    for (size_t i = 0; i < text.len; i++) {
        struct cw_bytes entity;

        if (!may_need_escape(text.base[i])) {
            continue;
        }
        entity = escape(text.base[i], in_attribute);
        if (entity.base != NULL) {
            cw_xml_raw(w, (struct cw_bytes){text.base + plain, i - plain});
            cw_xml_raw(w, entity);
            plain = i + 1;
        }
    }
    if (plain < text.len) {
        cw_xml_raw(w, (struct cw_bytes){text.base + plain, text.len - plain});
    }
}

void cw_xml_text(struct cw_xml_writer *w, struct cw_bytes text)
{
    escaped(w, text, false);
}

void cw_xml_element(struct cw_xml_writer *w, const char *name, struct cw_bytes text)
{
    const struct cw_bytes tag = {name, strlen(name)};

    if (text.base == NULL) {
        return;
    }
    cw_xml_raw(w, CW_LIT("<"));
    cw_xml_raw(w, tag);
    cw_xml_raw(w, CW_LIT(">"));
    cw_xml_text(w, text);
    cw_xml_raw(w, CW_LIT("</"));
    cw_xml_raw(w, tag);
    cw_xml_raw(w, CW_LIT(">"));
}

void cw_xml_word(struct cw_xml_writer *w, const char *markup)
{
    cw_xml_raw(w, (struct cw_bytes){markup, strlen(markup)});
}

void cw_xml_attr(struct cw_xml_writer *w, const char *name, struct cw_bytes value)
{
    if (value.base == NULL) {
        return;
    }
    cw_xml_raw(w, CW_LIT(" "));
    cw_xml_word(w, name);
    cw_xml_raw(w, CW_LIT("='"));
    escaped(w, value, true);
    cw_xml_raw(w, CW_LIT("'"));
}

/* Most documents are short: they are written once, aside, and copied. */
static bool build_short(void (*print)(struct cw_xml_writer *w, const void *in), const void *in,
                        size_t max_len, struct cw_arena *arena, struct cw_bytes *out)
{
    char aside[SHORT_MAX];
    struct cw_xml_writer w = {.base = aside,
                              .room = max_len < sizeof(aside) ? max_len : sizeof(aside)};
    char *copy;

    print(&w, in);
    copy = w.overflow ? NULL : cw_arena_alloc(arena, w.len);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, aside, w.len); /* cppcheck-suppress uninitvar ; print() has filled it */
    *out = (struct cw_bytes){copy, w.len};
    return true;
}

enum cw_err cw_xml_build(void (*print)(struct cw_xml_writer *w, const void *in), const void *in,
                         size_t max_len, struct cw_arena *arena, struct cw_bytes *out)
{
    struct cw_xml_writer count = {.room = max_len};

    if (build_short(print, in, max_len, arena, out)) {
        return CW_OK;
    }
    print(&count, in);
    if (count.overflow) {
        return CW_ERR_LIMIT;
    }

    struct cw_xml_writer w = {.base = cw_arena_alloc(arena, count.len), .room = count.len};

    if (w.base == NULL) {
        return CW_ERR_LIMIT;
    }
    print(&w, in);
    return cw_xml_end(&w, out);
}

enum cw_err cw_xml_end(const struct cw_xml_writer *w, struct cw_bytes *out)
{
    if (w->overflow) {
        return CW_ERR_LIMIT;
    }
    *out = (struct cw_bytes){w->base, w->len};
    return CW_OK;
}
