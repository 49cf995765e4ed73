/* SPDX-License-Identifier: Apache-2.0 */
/* text/html as browsers of old read it: tags, entities and text, without a tree. */
#include "html_entity.h"
#include "html_render.h"
#include "html_text.h"

#include "ascii.h"

#include <causeway/utf8.h>

#define TEXT_MAX 262144u /* as a stanza */
#define NAME_MAX 16u     /* letters of an element's name that can matter */

struct scanner {
    const char *at, *end;
    struct cw_html_renderer *renderer;
    struct cw_bytes link; /* href of the open link; absent if none is open */
    const char *link_from;
};

/* One tag taken apart. */
struct tag {
    char name[NAME_MAX];
    size_t name_len;
    bool closes;
    struct cw_bytes href, alt;
};

static struct cw_bytes name_of(const struct tag *tag)
{
    return (struct cw_bytes){tag->name, tag->name_len};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Only a letter begins a name: "<3" is text. */
static bool is_letter(char c)
{
    return cw_ascii_is_alphanumeric(c) && c > '9';
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->end && is_space(*s->at)) {
        s->at++;
    }
}

/* ---- characters ---- */

/* "65" or "x41"; 0 if it is no number. */
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
    return value;
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
    /* a blank that must not break is for layout; it is a blank. Lines end with LF (MSG-61). */
    c = c == 0xA0 ? ' ' : c == '\r' ? '\n' : c;
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

/* Of an attribute: text with entities, in which < is nothing special. */
static void show(const struct scanner *s, struct cw_bytes value)
{
    struct scanner inner = {
        .at = value.base, .end = value.base + value.len, .renderer = s->renderer};

    while (inner.at < inner.end) {
        if (*inner.at == '&') {
            take_entity(&inner);
        } else if (*inner.at == '<') {
            cw_html_characters(s->renderer, CW_LIT("<"));
            inner.at++;
        } else {
            take_text(&inner);
        }
    }
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
    const char quote = s->at < s->end ? *s->at : '\0';
    const char *from = s->at;
    struct cw_bytes value;

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

static void take_attributes(struct scanner *s, struct tag *tag)
{
    while (s->at < s->end && *s->at != '>') {
        const char *const before = s->at;
        struct cw_bytes name;
        struct cw_bytes value = {0};

        skip_space(s);
        name = take_word(s);
        skip_space(s);
        if (s->at < s->end && *s->at == '=') {
            s->at++;
            skip_space(s);
            value = take_value(s);
        }
        if (cw_ascii_is_word(name, "href")) {
            tag->href = cw_xml_trim(value);
        } else if (cw_ascii_is_word(name, "alt")) {
            tag->alt = value;
        }
        s->at += s->at == before || (s->at < s->end && *s->at == '/') ? 1 : 0;
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

/* The content of script, style and title is no markup; it ends where its end tag begins. */
static void skip_raw(struct scanner *s, struct cw_bytes name)
{
    while (s->at < s->end) {
        const size_t left = (size_t)(s->end - s->at);
        const struct cw_bytes word = {s->at + 2, name.len};

        if (left >= name.len + 2 && s->at[0] == '<' && s->at[1] == '/' &&
            cw_ascii_same_word(word, name)) {
            return;
        }
        s->at++;
    }
}

static void close_link(struct scanner *s, const struct tag *tag, const char *before)
{
    const struct cw_bytes text = {s->link_from,
                                  s->link_from == NULL ? 0 : (size_t)(before - s->link_from)};

    if (cw_html_is_worth(s->link, cw_xml_trim(text))) {
        cw_html_characters(s->renderer, CW_LIT(" ("));
        show(s, s->link);
        cw_html_characters(s->renderer, CW_LIT(")"));
    }
    cw_html_end(s->renderer, name_of(tag));
    s->link = (struct cw_bytes){0};
    s->link_from = NULL;
}

static void open_element(struct scanner *s, const struct tag *tag)
{
    const struct cw_bytes name = name_of(tag);

    cw_html_begin(s->renderer, name);
    if (cw_ascii_is(name, "img") && tag->alt.len != 0) {
        show(s, tag->alt);
    }
    if (cw_ascii_is(name, "a")) {
        s->link = tag->href;
        s->link_from = s->at;
    }
    if (cw_ascii_is(name, "script") || cw_ascii_is(name, "style") || cw_ascii_is(name, "title")) {
        skip_raw(s, name);
    }
}

static void take_markup(struct scanner *s)
{
    const char *const before = s->at;
    const size_t left = (size_t)(s->end - s->at);
    struct tag tag = {.name_len = 0};

    if (left >= 4 && memcmp(s->at, "<!--", 4) == 0) {
        skip_past(s, "-->");
    } else if (left >= 2 && (s->at[1] == '!' || s->at[1] == '?')) {
        skip_past(s, ">");
    } else if (left >= 2 && (s->at[1] == '/' || is_letter(s->at[1]))) {
        take_tag(s, &tag);
        if (tag.closes && cw_ascii_is(name_of(&tag), "a")) {
            close_link(s, &tag, before);
        } else if (tag.closes) {
            cw_html_end(s->renderer, name_of(&tag));
        } else {
            open_element(s, &tag);
        }
    } else { /* a lone < is text */
        cw_html_characters(s->renderer, CW_LIT("<"));
        s->at++;
    }
}

static void print_html(struct cw_xml_writer *w, const void *in)
{
    const struct cw_bytes *const html = in;
    struct cw_html_renderer renderer = {.writer = w};
    struct scanner s = {.at = html->base, .end = html->base + html->len, .renderer = &renderer};

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
    if (html.len == 0) {
        *out = (struct cw_bytes){0};
        return CW_OK;
    }
    CW_TRY(cw_xml_build(print_html, &html, TEXT_MAX, arena, out));
    *out = cw_xml_trim(*out);
    if (out->len == 0) {
        *out = (struct cw_bytes){0};
    }
    return CW_OK;
}
