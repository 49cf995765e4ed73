/* SPDX-License-Identifier: Apache-2.0 */
#include "html_render.h"

#include "ascii.h"

#define BREAKS_MAX 3u /* line ends in a row; more are layout */

enum {
    LINE = 1,
    PARAGRAPH = 2,
    ITEM = 4,
    CELL = 8,
    HIDDEN = 16,
    KEPT = 32,
    BREAK = 64,
    LINK = 128
};

static const struct {
    const char *name;
    unsigned what;
} ELEMENTS[] = {
    {"a", LINK},        {"address", LINE},
    {"article", LINE},  {"blockquote", PARAGRAPH},
    {"br", BREAK},      {"dd", LINE},
    {"div", LINE},      {"dl", PARAGRAPH},
    {"dt", LINE},       {"fieldset", LINE},
    {"footer", LINE},   {"form", LINE},
    {"h1", PARAGRAPH},  {"h2", PARAGRAPH},
    {"h3", PARAGRAPH},  {"h4", PARAGRAPH},
    {"h5", PARAGRAPH},  {"h6", PARAGRAPH},
    {"header", LINE},   {"hr", PARAGRAPH},
    {"li", ITEM},       {"main", LINE},
    {"nav", LINE},      {"ol", LINE},
    {"p", PARAGRAPH},   {"pre", PARAGRAPH | KEPT},
    {"script", HIDDEN}, {"section", LINE},
    {"style", HIDDEN},  {"table", PARAGRAPH},
    {"td", CELL},       {"template", HIDDEN},
    {"th", CELL},       {"title", HIDDEN},
    {"tr", LINE},       {"ul", LINE},
};

/* What may stand behind a link's text; anything else is not for a reader to follow. */
static const char *const SCHEMES[] = {
    "http:", "https:", "ftp:", "mailto:", "xmpp:", "sip:", "sips:", "tel:", "im:"};

static unsigned what_is(struct cw_bytes name)
{
    for (size_t i = 0; name.len > 0 && i < sizeof(ELEMENTS) / sizeof(ELEMENTS[0]); i++) {
        if (ELEMENTS[i].name[0] == name.base[0] && cw_ascii_is(name, ELEMENTS[i].name)) {
            return ELEMENTS[i].what;
        }
    }
    return 0;
}

static void due(struct cw_html_renderer *r, unsigned breaks)
{
    r->breaks = r->breaks < breaks ? breaks : r->breaks;
    r->space = false;
}

/* What separates the next text from the one before. */
static void separate(struct cw_html_renderer *r)
{
    for (; r->written && r->breaks > 0; r->breaks--) {
        cw_xml_raw(r->writer, CW_LIT("\n"));
        r->space = false;
    }
    if (r->written && r->space) {
        cw_xml_raw(r->writer, CW_LIT(" "));
    }
    if (r->bullet) {
        cw_xml_raw(r->writer, CW_LIT("- "));
    }
    r->breaks = 0;
    r->space = false;
    r->bullet = false;
    r->written = true;
}

static void follow(struct cw_bytes *left, struct cw_bytes text)
{
    if (left->base == NULL) {
        return;
    }
    if (text.len > left->len || memcmp(left->base, text.base, text.len) != 0) {
        *left = (struct cw_bytes){0};
        return;
    }
    left->base += text.len;
    left->len -= text.len;
}

/* A blank that must not break is for layout: it stays, as a blank. */
static void put(struct cw_html_renderer *r, struct cw_bytes text)
{
    static const char NO_BREAK[] = "\xC2\xA0";
    size_t plain = 0; /* start of the run without such */

    separate(r);
    follow(&r->link_left, text);
    follow(&r->link_left_short, text);
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (memcmp(text.base + i, NO_BREAK, 2) == 0) {
            cw_xml_raw(r->writer, (struct cw_bytes){text.base + plain, i - plain});
            cw_xml_raw(r->writer, CW_LIT(" "));
            plain = ++i + 1;
        }
    }
    cw_xml_raw(r->writer, (struct cw_bytes){text.base + plain, text.len - plain});
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* A CR can only have come by its number; XML does not carry it (MSG-61). */
static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Text of a pre. Its line ends wait like any other, so that those at its end do not add up with
 * what follows a pre. */
static void keep_lines(struct cw_html_renderer *r, struct cw_bytes text)
{
    for (size_t i = 0; i < text.len;) {
        size_t end = i;

        if (is_line_end(text.base[i])) {
            r->breaks += r->fresh ? 0 : 1;
            r->fresh = false;
            i++;
            continue;
        }
        while (end < text.len && !is_line_end(text.base[end])) {
            end++;
        }
        r->fresh = false;
        put(r, (struct cw_bytes){text.base + i, end - i});
        i = end;
    }
}

void cw_html_characters(struct cw_html_renderer *r, struct cw_bytes text)
{
    if (r->hidden > 0 || text.len == 0) {
        return;
    }
    if (r->kept > 0) {
        keep_lines(r, text);
        return;
    }
    for (size_t i = 0; i < text.len;) {
        size_t end = i;

        if (is_space(text.base[i])) {
            r->space = r->breaks == 0;
            i++;
            continue;
        }
        while (end < text.len && !is_space(text.base[end])) {
            end++;
        }
        put(r, (struct cw_bytes){text.base + i, end - i});
        i = end;
    }
}

/* ---- links ---- */

static struct cw_bytes behind(struct cw_bytes text, size_t len)
{
    return (struct cw_bytes){text.base + len, text.len - len};
}

static void begin_link(struct cw_html_renderer *r, struct cw_bytes link)
{
    for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++) {
        const size_t len = strlen(SCHEMES[i]);
        const struct cw_bytes begin = {link.base, len};

        if (link.len > len && cw_ascii_is_word(begin, SCHEMES[i])) {
            const struct cw_bytes rest = behind(link, len);
            const bool slashes = rest.len > 2 && memcmp(rest.base, "//", 2) == 0;

            r->link = link;
            r->link_left = link;
            r->link_left_short = slashes ? behind(rest, 2) : rest;
        }
    }
}

static bool is_done(struct cw_bytes left)
{
    return left.base != NULL && (left.len == 0 || cw_ascii_is(left, "/"));
}

/* A link whose text is its address needs no second one. */
static void end_link(struct cw_html_renderer *r)
{
    const struct cw_bytes link = r->link;
    const bool same = is_done(r->link_left) || is_done(r->link_left_short);

    r->link = r->link_left = r->link_left_short = (struct cw_bytes){0};
    if (link.base != NULL && !same) {
        cw_html_characters(r, CW_LIT(" ("));
        cw_html_characters(r, link);
        cw_html_characters(r, CW_LIT(")"));
    }
}

/* ---- elements ---- */

static void due_around(struct cw_html_renderer *r, unsigned what)
{
    if ((what & (LINE | ITEM)) != 0) {
        due(r, 1);
    }
    if ((what & PARAGRAPH) != 0) {
        due(r, 2);
    }
}

void cw_html_begin(struct cw_html_renderer *r, struct cw_bytes name, struct cw_bytes value)
{
    const unsigned what = what_is(name);

    if ((what & BREAK) != 0) {
        r->breaks += r->breaks < BREAKS_MAX ? 1 : 0;
        r->space = false;
    }
    due_around(r, what);
    if ((what & CELL) != 0) {
        r->space = r->breaks == 0;
    }
    if ((what & ITEM) != 0 && r->hidden == 0) {
        r->bullet = true;
    }
    r->hidden += (what & HIDDEN) != 0 ? 1 : 0;
    r->kept += (what & KEPT) != 0 ? 1 : 0;
    r->fresh = (what & KEPT) != 0;
    if ((what & LINK) != 0) {
        end_link(r); /* links do not nest */
        begin_link(r, value);
    } else {
        cw_html_characters(r, value);
    }
}

void cw_html_end(struct cw_html_renderer *r, struct cw_bytes name)
{
    const unsigned what = what_is(name);

    if ((what & LINK) != 0) {
        end_link(r);
    }
    if ((what & HIDDEN) != 0 && r->hidden > 0) {
        r->hidden--;
    }
    if ((what & KEPT) != 0 && r->kept > 0) {
        r->kept--;
    }
    if ((what & ITEM) != 0) {
        r->bullet = false; /* it was empty */
    }
    due_around(r, what);
}
