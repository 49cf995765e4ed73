/* SPDX-License-Identifier: Apache-2.0 */
#include "html_render.h"

#include "ascii.h"

#define BREAKS_MAX 3u /* line ends in a row; more are layout */

enum { LINE = 1, PARAGRAPH = 2, ITEM = 4, CELL = 8, HIDDEN = 16, KEPT = 32, BREAK = 64 };

static const struct {
    const char *name;
    unsigned what;
} ELEMENTS[] = {
    {"address", LINE},
    {"article", LINE},
    {"blockquote", PARAGRAPH},
    {"br", BREAK},
    {"dd", LINE},
    {"div", LINE},
    {"dl", PARAGRAPH},
    {"dt", LINE},
    {"fieldset", LINE},
    {"footer", LINE},
    {"form", LINE},
    {"h1", PARAGRAPH},
    {"h2", PARAGRAPH},
    {"h3", PARAGRAPH},
    {"h4", PARAGRAPH},
    {"h5", PARAGRAPH},
    {"h6", PARAGRAPH},
    {"header", LINE},
    {"hr", PARAGRAPH},
    {"li", ITEM},
    {"main", LINE},
    {"nav", LINE},
    {"ol", LINE},
    {"p", PARAGRAPH},
    {"pre", PARAGRAPH | KEPT},
    {"script", HIDDEN},
    {"section", LINE},
    {"style", HIDDEN},
    {"table", PARAGRAPH},
    {"td", CELL},
    {"template", HIDDEN},
    {"th", CELL},
    {"title", HIDDEN},
    {"tr", LINE},
    {"ul", LINE},
};

/* What may stand behind a link's text; anything else is not for a reader to follow. */
static const char *const SCHEMES[] = {
    "http:", "https:", "ftp:", "mailto:", "xmpp:", "sip:", "sips:", "tel:", "im:"};

static unsigned what_is(struct cw_bytes name)
{
    for (size_t i = 0; i < sizeof(ELEMENTS) / sizeof(ELEMENTS[0]); i++) {
        if (cw_ascii_is(name, ELEMENTS[i].name)) {
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

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

void cw_html_characters(struct cw_html_renderer *r, struct cw_bytes text)
{
    if (r->hidden > 0 || text.len == 0) {
        return;
    }
    if (r->kept > 0) {
        separate(r);
        cw_xml_raw(r->writer, text);
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
        separate(r);
        cw_xml_raw(r->writer, (struct cw_bytes){text.base + i, end - i});
        i = end;
    }
}

void cw_html_begin(struct cw_html_renderer *r, struct cw_bytes name)
{
    const unsigned what = what_is(name);

    if ((what & BREAK) != 0) {
        r->breaks += r->breaks < BREAKS_MAX ? 1 : 0;
        r->space = false;
    }
    if ((what & (LINE | ITEM)) != 0) {
        due(r, 1);
    }
    if ((what & PARAGRAPH) != 0) {
        due(r, 2);
    }
    if ((what & CELL) != 0) {
        r->space = r->breaks == 0;
    }
    if ((what & ITEM) != 0 && r->hidden == 0) {
        r->bullet = true;
    }
    r->hidden += (what & HIDDEN) != 0 ? 1 : 0;
    r->kept += (what & KEPT) != 0 ? 1 : 0;
}

/* A link whose text is its address needs no second one. */
bool cw_html_is_worth(struct cw_bytes link, struct cw_bytes text)
{
    for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++) {
        const size_t len = strlen(SCHEMES[i]);
        const struct cw_bytes begin = {link.base, len};

        if (link.len > len && cw_ascii_is_word(begin, SCHEMES[i])) {
            const struct cw_bytes rest = {link.base + len, link.len - len};

            return !cw_bytes_equal(link, text) && !cw_bytes_equal(rest, text);
        }
    }
    return false;
}

void cw_html_end(struct cw_html_renderer *r, struct cw_bytes name)
{
    const unsigned what = what_is(name);

    if ((what & HIDDEN) != 0 && r->hidden > 0) {
        r->hidden--;
    }
    if ((what & KEPT) != 0 && r->kept > 0) {
        r->kept--;
    }
    if ((what & ITEM) != 0) {
        r->bullet = false; /* it was empty */
    }
    if ((what & (LINE | ITEM)) != 0) {
        due(r, 1);
    }
    if ((what & PARAGRAPH) != 0) {
        due(r, 2);
    }
}
