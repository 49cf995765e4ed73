/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"

#include <stdlib.h>

#define HOLD_KEEP       4096u /* octets of hold buffer that an idle stream keeps */
#define DECLARATION_MAX 128u

enum place {
    AT_START, /* nothing but white space was seen */
    AT_TEXT,
    AT_LT,      /* after '<' */
    AT_NAME,    /* in the name of a tag, or an attribute's */
    AT_SINGLE,  /* in '...' */
    AT_DOUBLE,  /* in "..." */
    AT_SLASH,   /* after '/' in an opening tag */
    AT_CLOSING, /* in </...> */
    AT_BANG,    /* after <!, matching [CDATA[ */
    AT_CDATA,
    AT_DECLARATION, /* in <?xml ... */
    AT_END,
    AT_REFUSED
};

struct cw_guard {
    struct cw_limits limits;
    enum place place;
    enum cw_condition condition;
    uint32_t depth; /* open elements; the stream itself is 1 */
    uint32_t attributes, elements, total_elements;
    size_t name_len, total, piece_len;
    unsigned matched;                  /* of "[CDATA[", "]]>" or "?xml" */
    unsigned utf8_left;                /* continuation octets awaited */
    unsigned char utf8_low, utf8_high; /* range of the next one */
    bool declared;                     /* the XML declaration is behind us, or too late */
    bool in_piece;                     /* bytes belong to a piece */
    bool dropped;                      /* the piece that ended is the declaration */
    char declaration[DECLARATION_MAX];
    size_t declaration_len;
    char *hold;
    size_t hold_len, hold_room;
};

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum cw_guard_kind refuse(struct cw_guard *g, enum cw_condition condition)
{
    g->place = AT_REFUSED;
    g->condition = condition;
    return CW_GUARD_REFUSED;
}

/** First octet of a sequence: how many follow, and the range of the second (RFC 3629). */
static bool utf8_lead(struct cw_guard *g, unsigned char c)
{
    g->utf8_low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    g->utf8_high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (c >= 0xc2 && c <= 0xdf) {
        g->utf8_left = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
        g->utf8_left = 2;
    } else if (c >= 0xf0 && c <= 0xf4) {
        g->utf8_left = 3;
    } else {
        return false;
    }
    return true;
}

/** Valid UTF-8 without the controls that XML forbids? */
static enum cw_condition check_octet(struct cw_guard *g, unsigned char c)
{
    if (g->utf8_left > 0) {
        if (c < g->utf8_low || c > g->utf8_high) {
            return CW_CONDITION_UNSUPPORTED_ENCODING; /* STREAM-114 */
        }
        g->utf8_left--;
        g->utf8_low = 0x80;
        g->utf8_high = 0xbf;
        return CW_CONDITION_NONE;
    }
    if (c >= 0x80) {
        return utf8_lead(g, c) ? CW_CONDITION_NONE : CW_CONDITION_UNSUPPORTED_ENCODING;
    }
    return c < 0x20 && !is_space(c) ? CW_CONDITION_NOT_WELL_FORMED : CW_CONDITION_NONE;
}

static bool passes_limits(const struct cw_guard *g)
{
    const struct cw_limits *l = &g->limits;

    return (l->total_bytes == 0 || g->total <= l->total_bytes) &&
           (l->total_elements == 0 || g->total_elements <= l->total_elements) &&
           g->elements <= l->elements && g->depth <= l->depth + 1 &&
           g->attributes <= l->attributes && g->name_len <= l->name_bytes &&
           g->piece_len <= l->element_bytes;
}

/** An opening tag ended; `empty`: with "/>". */
static enum cw_guard_kind end_opening(struct cw_guard *g, bool empty)
{
    g->place = AT_TEXT;
    if (g->depth == 1 && empty) {
        return refuse(g, CW_CONDITION_BAD_FORMAT); /* a stream without content */
    }
    if (g->depth == 1) {
        return CW_GUARD_HEADER;
    }
    if (empty) {
        g->depth--;
    }
    return g->depth == 1 ? CW_GUARD_ELEMENT : CW_GUARD_MORE;
}

static enum cw_guard_kind end_closing(struct cw_guard *g)
{
    g->place = AT_TEXT;
    g->depth--;
    if (g->depth == 0) {
        g->place = AT_END;
        return CW_GUARD_END;
    }
    return g->depth == 1 ? CW_GUARD_ELEMENT : CW_GUARD_MORE;
}

/** White space or character data. */
static enum cw_guard_kind in_text(struct cw_guard *g, unsigned char c)
{
    if (c == '<') {
        g->place = AT_LT;
    } else if (!is_space(c) && g->depth <= 1) {
        return refuse(g, g->depth == 0 ? CW_CONDITION_NOT_WELL_FORMED : CW_CONDITION_BAD_FORMAT);
    }
    return CW_GUARD_MORE;
}

/** The first octet decides about the encoding: a mark of UTF-8 or UTF-16 is refused. */
static enum cw_guard_kind at_start(struct cw_guard *g, unsigned char c)
{
    if (c == 0xef || c == 0xfe || c == 0xff || c == 0) {
        return refuse(g, CW_CONDITION_UNSUPPORTED_ENCODING); /* STREAM-114 */
    }
    return in_text(g, c);
}

/** "<?" is the XML declaration at the very start, and nothing else. */
static enum cw_guard_kind begin_instruction(struct cw_guard *g)
{
    if (g->declared || g->depth > 0) {
        return refuse(g, CW_CONDITION_RESTRICTED_XML); /* STREAM-113 */
    }
    g->place = AT_DECLARATION;
    g->declaration_len = 0;
    return CW_GUARD_MORE;
}

static enum cw_guard_kind begin_markup(struct cw_guard *g)
{
    if (g->depth <= 1) {
        return refuse(g, CW_CONDITION_RESTRICTED_XML); /* STREAM-113 */
    }
    g->place = AT_BANG;
    g->matched = 0;
    return CW_GUARD_MORE;
}

static enum cw_guard_kind begin_closing(struct cw_guard *g)
{
    if (g->depth == 0) {
        return refuse(g, CW_CONDITION_NOT_WELL_FORMED);
    }
    g->place = AT_CLOSING;
    g->name_len = 0;
    return CW_GUARD_MORE;
}

static enum cw_guard_kind begin_opening(struct cw_guard *g, unsigned char c)
{
    if (c == '\0' || strchr(" \t\r\n><=\"'", c) != NULL) {
        return refuse(g, CW_CONDITION_NOT_WELL_FORMED);
    }
    g->place = AT_NAME;
    g->name_len = 1;
    g->attributes = 0;
    g->depth++;
    g->elements++;
    g->total_elements++;
    return CW_GUARD_MORE;
}

static enum cw_guard_kind after_lt(struct cw_guard *g, unsigned char c)
{
    if (c == '?') {
        return begin_instruction(g);
    }
    g->declared = true;
    if (c == '!') {
        return begin_markup(g);
    }
    return c == '/' ? begin_closing(g) : begin_opening(g, c);
}

static enum cw_guard_kind in_tag(struct cw_guard *g, unsigned char c)
{
    const bool slash = g->place == AT_SLASH;

    g->place = AT_NAME;
    if (c == '>') {
        return end_opening(g, slash);
    }
    if (slash || c == '<') {
        return refuse(g, CW_CONDITION_NOT_WELL_FORMED);
    }
    if (c == '/') {
        g->place = AT_SLASH;
    } else if (c == '\'' || c == '"') {
        g->place = c == '"' ? AT_DOUBLE : AT_SINGLE;
        g->name_len = 0;
    } else if (is_space(c)) {
        g->name_len = 0;
    } else if (c == '=') {
        g->attributes++;
        g->name_len = 0;
    } else {
        g->name_len++;
    }
    return CW_GUARD_MORE;
}

static enum cw_guard_kind in_quotes(struct cw_guard *g, unsigned char c)
{
    if (c == '<') {
        return refuse(g, CW_CONDITION_NOT_WELL_FORMED);
    }
    if (c == (g->place == AT_DOUBLE ? '"' : '\'')) {
        g->place = AT_NAME;
    }
    return CW_GUARD_MORE;
}

static enum cw_guard_kind in_closing(struct cw_guard *g, unsigned char c)
{
    if (c == '>') {
        return end_closing(g);
    }
    if (c == '<' || c == '"' || c == '\'' || c == '=' || c == '/') {
        return refuse(g, CW_CONDITION_NOT_WELL_FORMED);
    }
    g->name_len++;
    return CW_GUARD_MORE;
}

/** Only CDATA may follow "<!". */
static enum cw_guard_kind after_bang(struct cw_guard *g, unsigned char c)
{
    static const char WORD[] = "[CDATA[";

    if (c != (unsigned char)WORD[g->matched]) {
        return refuse(g, CW_CONDITION_RESTRICTED_XML); /* STREAM-113 */
    }
    if (WORD[++g->matched] == '\0') {
        g->place = AT_CDATA;
        g->matched = 0;
    }
    return CW_GUARD_MORE;
}

static enum cw_guard_kind in_cdata(struct cw_guard *g, unsigned char c)
{
    if (c == '>' && g->matched == 2) {
        g->place = AT_TEXT;
    } else if (c != ']') {
        g->matched = 0;
    } else if (g->matched < 2) {
        g->matched++;
    }
    return CW_GUARD_MORE;
}

static bool skip(struct cw_bytes *text, const char *word)
{
    const size_t len = strlen(word);

    if (text->len < len || strncmp(text->base, word, len) != 0) {
        return false;
    }
    text->base += len;
    text->len -= len;
    return true;
}

static void skip_space(struct cw_bytes *text)
{
    while (text->len > 0 && is_space((unsigned char)text->base[0])) {
        text->base++;
        text->len--;
    }
}

/** Name = "value" of the declaration, if it is next. */
static bool pseudo_attribute(struct cw_bytes *text, const char *name, struct cw_bytes *value)
{
    const char *end;

    skip_space(text);
    if (!skip(text, name)) {
        return false;
    }
    skip_space(text);
    if (!skip(text, "=")) {
        return false;
    }
    skip_space(text);
    if (text->len < 2 || (text->base[0] != '"' && text->base[0] != '\'')) {
        return false;
    }
    end = memchr(text->base + 1, text->base[0], text->len - 1);
    if (end == NULL) {
        return false;
    }
    *value = (struct cw_bytes){text->base + 1, (size_t)(end - text->base) - 1};
    text->len -= value->len + 2;
    text->base = end + 1;
    return true;
}

static bool is_utf8_name(struct cw_bytes name)
{
    static const char UPPER[] = "UTF-8";

    if (name.len != 5) {
        return false;
    }
    for (size_t i = 0; i < 5; i++) {
        const char c = name.base[i];

        if ((c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c) != UPPER[i]) {
            return false;
        }
    }
    return true;
}

/** What stands between "<?" and "?>". */
static enum cw_condition judge_declaration(struct cw_bytes text)
{
    struct cw_bytes value;

    if (!skip(&text, "xml") || text.len == 0 || !is_space((unsigned char)text.base[0])) {
        return CW_CONDITION_RESTRICTED_XML; /* another processing instruction */
    }
    if (!pseudo_attribute(&text, "version", &value) || !cw_bytes_equal(value, CW_LIT("1.0"))) {
        return CW_CONDITION_NOT_WELL_FORMED;
    }
    if (pseudo_attribute(&text, "encoding", &value) && !is_utf8_name(value)) {
        return CW_CONDITION_UNSUPPORTED_ENCODING; /* STREAM-114 */
    }
    (void)pseudo_attribute(&text, "standalone", &value);
    skip_space(&text);
    return text.len == 0 ? CW_CONDITION_NONE : CW_CONDITION_NOT_WELL_FORMED;
}

static enum cw_guard_kind in_declaration(struct cw_guard *g, unsigned char c)
{
    enum cw_condition condition;

    if (g->declaration_len == DECLARATION_MAX) {
        return refuse(g, CW_CONDITION_RESTRICTED_XML);
    }
    g->declaration[g->declaration_len++] = (char)c;
    if (c != '>' || g->declaration_len < 2 || g->declaration[g->declaration_len - 2] != '?') {
        return CW_GUARD_MORE;
    }
    condition = judge_declaration((struct cw_bytes){g->declaration, g->declaration_len - 2});
    if (condition != CW_CONDITION_NONE) {
        return refuse(g, condition);
    }
    g->declared = true;
    g->dropped = true;
    g->place = AT_TEXT;
    return CW_GUARD_MORE;
}

typedef enum cw_guard_kind octet_fn(struct cw_guard *g, unsigned char c);

static octet_fn *const OCTET[] = {
    [AT_START] = at_start,
    [AT_TEXT] = in_text,
    [AT_LT] = after_lt,
    [AT_NAME] = in_tag,
    [AT_SINGLE] = in_quotes,
    [AT_DOUBLE] = in_quotes,
    [AT_SLASH] = in_tag,
    [AT_CLOSING] = in_closing,
    [AT_BANG] = after_bang,
    [AT_CDATA] = in_cdata,
    [AT_DECLARATION] = in_declaration,
};

static void hold(struct cw_guard *g, const char *base, size_t len)
{
    if (len > g->hold_room - g->hold_len) {
        size_t room = g->hold_room == 0 ? 1024 : g->hold_room;
        char *grown;

        while (room - g->hold_len < len) {
            room *= 2;
        }
        grown = realloc(g->hold, room);
        if (grown == NULL) {
            abort();
        }
        g->hold = grown;
        g->hold_room = room;
    }
    memcpy(g->hold + g->hold_len, base, len);
    g->hold_len += len;
}

/** The last piece is no longer looked at: a large buffer goes back. */
static void release(struct cw_guard *g)
{
    if (!g->in_piece) {
        g->hold_len = 0;
        if (g->hold_room > HOLD_KEEP) {
            free(g->hold);
            g->hold = NULL;
            g->hold_room = 0;
        }
    }
}

/** One octet; everything that is counted is counted here. */
static enum cw_guard_kind octet(struct cw_guard *g, unsigned char c)
{
    enum cw_condition condition;
    enum cw_guard_kind kind;

    g->total++;
    if (g->place == AT_START && (c >= 0x80 || c == 0)) {
        return at_start(g, c);
    }
    condition = check_octet(g, c);
    if (condition != CW_CONDITION_NONE) {
        return refuse(g, condition);
    }
    if (!g->in_piece && c == '<') {
        g->in_piece = true;
        g->piece_len = 0;
        g->elements = 0;
    }
    g->piece_len += g->in_piece ? 1 : 0;
    kind = OCTET[g->place](g, c);
    if (kind != CW_GUARD_REFUSED && !passes_limits(g)) {
        return refuse(g, CW_CONDITION_POLICY_VIOLATION); /* STREAM-131, STREAM-132 */
    }
    return kind;
}

/** A piece ended with the last octet taken, which began at `from` (or in the hold buffer). */
static struct cw_guard_piece finish(struct cw_guard *g, enum cw_guard_kind kind, const char *from,
                                    size_t len)
{
    struct cw_guard_piece piece = {kind, CW_CONDITION_NONE, {from, len}};

    if (g->hold_len > 0) {
        hold(g, from, len);
        piece.bytes = (struct cw_bytes){g->hold, g->hold_len};
    }
    g->in_piece = false;
    return piece;
}

struct cw_guard *cw_guard_new(struct cw_limits limits)
{
    struct cw_guard *g = calloc(1, sizeof(*g));

    if (g == NULL) {
        abort();
    }
    g->limits = limits;
    return g;
}

void cw_guard_free(struct cw_guard **guard)
{
    if (*guard != NULL) {
        free((*guard)->hold);
        free(*guard);
        *guard = NULL;
    }
}

void cw_guard_set_limits(struct cw_guard *guard, struct cw_limits limits)
{
    guard->limits = limits;
}

/** Takes octets until a piece is complete; `*from` is where the piece begins in the input. */
static enum cw_guard_kind scan(struct cw_guard *g, const char **at, const char *end,
                               const char **from)
{
    enum cw_guard_kind kind = CW_GUARD_MORE;

    while (*at < end && kind == CW_GUARD_MORE && g->place < AT_END) {
        const bool outside = !g->in_piece;

        kind = octet(g, (unsigned char)**at);
        *from = outside ? *at : *from;
        (*at)++;
        if (g->dropped) {
            g->dropped = false;
            g->in_piece = false;
            g->hold_len = 0;
        }
    }
    return kind;
}

struct cw_guard_piece cw_guard_next(struct cw_guard *g, struct cw_bytes *input)
{
    const char *from = input->base;
    const char *at = from;
    const char *const end = from + input->len;
    enum cw_guard_kind kind;

    release(g);
    kind = scan(g, &at, end, &from);
    if (g->place == AT_REFUSED) {
        *input = (struct cw_bytes){end, 0};
        return (struct cw_guard_piece){CW_GUARD_REFUSED, g->condition, {NULL, 0}};
    }
    if (g->place == AT_END && kind == CW_GUARD_MORE) {
        at = end;
    }
    *input = (struct cw_bytes){at, (size_t)(end - at)};
    if (kind != CW_GUARD_MORE) {
        return finish(g, kind, from, (size_t)(at - from));
    }
    if (g->in_piece && at > from) {
        hold(g, from, (size_t)(at - from));
    }
    return (struct cw_guard_piece){CW_GUARD_MORE, CW_CONDITION_NONE, {NULL, 0}};
}

size_t cw_guard_held(const struct cw_guard *guard)
{
    return guard->hold_len;
}
