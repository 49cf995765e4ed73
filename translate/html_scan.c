/* SPDX-License-Identifier: Apache-2.0 */
/* text/html as browsers of old read it: tags, entities and text, without a tree. */
#include "html_entity.h"
#include "html_render.h"
#include "html_text.h"

#include "ascii.h"
#include "charset_tables.h"

#include <causeway/utf8.h>

#define TEXT_MAX 262144u /* as a stanza */
#define NAME_MAX 16u     /* letters of an element's name that can matter */

struct scanner {
    const char *at, *end;
    struct cw_html_renderer *renderer;
    struct cw_arena *arena; /* for attributes with entities */
};

/* One tag taken apart. */
struct tag {
    char name[NAME_MAX];
    size_t name_len;
    bool closes;               /* </name> */
    bool empty;                /* <name/> */
    struct cw_bytes href, alt; /* as written */
};

static struct cw_bytes name_of(const struct tag *tag)
{
    return (struct cw_bytes){tag->name, tag->name_len};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->end && is_space(*s->at)) {
        s->at++;
    }
}

/* ---- characters ---- */

/* "65" or "x41"; 0 if it is no number. 0x80 to 0x9F mean characters of windows-1252: pages were
 * written so before they could say better, and are read so (HTML, section 13.2.5.80). */
static uint32_t number_of(struct cw_bytes digits)
{
    const bool hex = digits.len > 1 && cw_ascii_lower(digits.base[0]) == 'x';
    const uint32_t base = hex ? 16 : 10;
    uint32_t value = 0;

    for (size_t i = hex ? 1 : 0; i < digits.len; i++) {
        const int digit = cw_ascii_hex(digits.base[i]);

        if (digit < 0 || (uint32_t)digit >= base || value > 0x10FFFF) {
            return 0;
        }
        value = value * base + (uint32_t)digit;
    }
    return value < 0x80 || value > 0x9F ? value
                                        : cw_charset_points[CW_CHARSET_WINDOWS_1252][value - 0x80];
}

/* XML 1.0 section 2.2, which the stanza has to obey in the end (MSG-66). */
static bool is_character(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/* "&name;" or "&#number;" at `at`: octets it takes, 0 for none. */
static size_t entity(const struct scanner *s, const char *at, uint32_t *out)
{
    const size_t room = (size_t)(s->end - at);
    size_t len = 1;
    struct cw_bytes name;

    while (len < room && len < 2 + CW_HTML_ENTITY_MAX && at[len] != ';' && at[len] != '&') {
        len++;
    }
    if (len >= room || at[len] != ';' || len < 2) {
        return 0;
    }
    name = (struct cw_bytes){at + 1, len - 1};
    *out = name.base[0] == '#' ? number_of((struct cw_bytes){name.base + 1, name.len - 1})
                               : cw_html_entity(name);
    if (*out == 0) {
        return 0;
    }
    *out = is_character(*out) ? *out : 0xFFFD;
    return len + 1;
}

static void take_entity(struct scanner *s)
{
    char text[CW_UTF8_MAX];
    uint32_t c;
    const size_t taken = entity(s, s->at, &c);

    if (taken == 0) {
        cw_html_characters(s->renderer, CW_LIT("&"));
        s->at++;
        return;
    }
    cw_html_characters(s->renderer, (struct cw_bytes){text, cw_utf8_put(text, c)});
    s->at += taken;
}

static void take_text(struct scanner *s)
{
    const char *const from = s->at;

    while (s->at < s->end && *s->at != '<' && *s->at != '&') {
        s->at++;
    }
    cw_html_characters(s->renderer, (struct cw_bytes){from, (size_t)(s->at - from)});
}

/* ---- tags ---- */

static struct cw_bytes take_word(struct scanner *s)
{
    const char *const from = s->at;

    while (s->at < s->end && !is_space(*s->at) && *s->at != '>' && *s->at != '=' && *s->at != '/') {
        s->at++;
    }
    return (struct cw_bytes){from, (size_t)(s->at - from)};
}

static struct cw_bytes take_value(struct scanner *s)
{
    const char *from = s->at;
    struct cw_bytes value;
    char quote = '\0';

    if (s->at < s->end) {
        quote = *s->at;
    }

    if (quote != '"' && quote != '\'') {
        while (s->at < s->end && !is_space(*s->at) && *s->at != '>') {
            s->at++;
        }
        return (struct cw_bytes){from, (size_t)(s->at - from)};
    }
    from = ++s->at;
    while (s->at < s->end && *s->at != quote) {
        s->at++;
    }
    value = (struct cw_bytes){from, (size_t)(s->at - from)};
    s->at += s->at < s->end ? 1 : 0;
    return value;
}

/* Of an attribute that is there twice the first one counts. */
static void take_attribute(struct scanner *s, struct tag *tag)
{
    const struct cw_bytes name = take_word(s);
    struct cw_bytes value = {0};

    skip_space(s);
    if (s->at < s->end && *s->at == '=') {
        s->at++;
        skip_space(s);
        value = take_value(s);
    }
    if (tag->href.base == NULL && cw_ascii_is_word(name, "href")) {
        tag->href = cw_xml_trim(value);
    } else if (tag->alt.base == NULL && cw_ascii_is_word(name, "alt")) {
        tag->alt = value;
    }
}

static void take_attributes(struct scanner *s, struct tag *tag)
{
    while (s->at < s->end && *s->at != '>') {
        if (*s->at == '/') {
            tag->empty = true;
            s->at++;
            continue;
        }
        tag->empty = false;
        if (is_space(*s->at)) {
            s->at++;
        } else {
            take_attribute(s, tag);
        }
    }
    s->at += s->at < s->end ? 1 : 0;
}

static void take_tag(struct scanner *s, struct tag *tag)
{
    struct cw_bytes name;

    s->at++;
    if (s->at < s->end && *s->at == '/') {
        tag->closes = true;
        s->at++;
    }
    name = take_word(s);
    tag->name_len = name.len < NAME_MAX ? name.len : NAME_MAX;
    for (size_t i = 0; i < tag->name_len; i++) {
        tag->name[i] = cw_ascii_lower(name.base[i]);
    }
    take_attributes(s, tag);
}

/* Moves behind `mark`, or to the end. */
static void skip_past(struct scanner *s, const char *mark)
{
    const size_t len = strlen(mark);

    while ((size_t)(s->end - s->at) >= len) {
        if (memcmp(s->at, mark, len) == 0) {
            s->at += len;
            return;
        }
        s->at++;
    }
    s->at = s->end;
}

/* Script, style and title hold no markup; they end where their end tag begins. */
static bool is_raw(struct cw_bytes name)
{
    return cw_ascii_is(name, "script") || cw_ascii_is(name, "style") || cw_ascii_is(name, "title");
}

static void skip_raw(struct scanner *s, struct cw_bytes name)
{
    while (s->at < s->end) {
        if ((size_t)(s->end - s->at) >= name.len + 2 && s->at[0] == '<' && s->at[1] == '/' &&
            cw_ascii_same_word((struct cw_bytes){s->at + 2, name.len}, name)) {
            return;
        }
        s->at++;
    }
}

/* An attribute without its entities, which never take less room than what they stand for. */
static struct cw_bytes decoded(const struct scanner *s, struct cw_bytes value)
{
    char *to;
    size_t len = 0;

    if (value.len == 0 || memchr(value.base, '&', value.len) == NULL) {
        return value;
    }
    to = cw_arena_alloc(s->arena, value.len);
    if (to == NULL) {
        return value; /* what is written then will not fit either */
    }
    for (size_t i = 0; i < value.len;) {
        const struct scanner inside = {.end = value.base + value.len};
        uint32_t c;
        const size_t taken = value.base[i] == '&' ? entity(&inside, value.base + i, &c) : 0;

        if (taken == 0) {
            to[len++] = value.base[i++];
        } else {
            len += cw_utf8_put(to + len, c);
            i += taken;
        }
    }
    return (struct cw_bytes){to, len};
}

static void open_element(struct scanner *s, const struct tag *tag)
{
    const struct cw_bytes name = name_of(tag);
    struct cw_bytes value = {0};

    if (cw_ascii_is(name, "a")) {
        value = decoded(s, tag->href);
    } else if (cw_ascii_is(name, "img")) {
        value = decoded(s, tag->alt);
    }
    cw_html_begin(s->renderer, name, value);
    if (tag->empty) {
        cw_html_end(s->renderer, name);
    } else if (is_raw(name)) {
        skip_raw(s, name);
    }
}

static void take_element(struct scanner *s)
{
    struct tag tag = {.name_len = 0};

    take_tag(s, &tag);
    if (tag.closes) {
        cw_html_end(s->renderer, name_of(&tag));
    } else {
        open_element(s, &tag);
    }
}

static bool is_letter(char c)
{
    const char lower = cw_ascii_lower(c);

    return lower >= 'a' && lower <= 'z';
}

static void take_markup(struct scanner *s)
{
    const size_t left = (size_t)(s->end - s->at);

    if (left >= 4 && memcmp(s->at, "<!--", 4) == 0) {
        skip_past(s, "-->");
    } else if (left >= 2 && (s->at[1] == '!' || s->at[1] == '?')) {
        skip_past(s, ">");
    } else if (left >= 2 && (s->at[1] == '/' || is_letter(s->at[1]))) {
        take_element(s);
    } else { /* a lone < is text */
        cw_html_characters(s->renderer, CW_LIT("<"));
        s->at++;
    }
}

struct document {
    struct cw_bytes html;
    struct cw_arena *arena;
};

static void print_html(struct cw_xml_writer *w, const void *in)
{
    const struct document *const document = in;
    const struct cw_bytes html = document->html;
    struct cw_html_renderer renderer = {.writer = w};
    struct scanner s = {.at = html.base,
                        .end = html.base + html.len,
                        .renderer = &renderer,
                        .arena = document->arena};

    while (s.at < s.end) {
        if (*s.at == '<') {
            take_markup(&s);
        } else if (*s.at == '&') {
            take_entity(&s);
        } else {
            take_text(&s);
        }
    }
}

enum cw_err cw_html_text_of(struct cw_bytes html, struct cw_arena *arena, struct cw_bytes *out)
{
    const struct document document = {html, arena};

    if (html.len == 0) {
        *out = (struct cw_bytes){0};
        return CW_OK;
    }
    CW_TRY(cw_xml_build(print_html, &document, TEXT_MAX, arena, out));
    *out = cw_xml_trim(*out);
    if (out->len == 0) {
        *out = (struct cw_bytes){0};
    }
    return CW_OK;
}
