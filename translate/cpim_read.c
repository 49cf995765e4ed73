/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/cpim.h>

#include "ascii.h"
#include "datetime.h"
#include "language_tag.h"
#include "mime_header.h"

#include <causeway/utf8.h>

#define LINES_MAX  64u   /* message headers */
#define LINE_MAX   4096u /* octets of one */
#define PREFIX_MAX 32u   /* octets of a namespace prefix that can be ours */
#define NS_CPIM    "urn:ietf:params:cpim-headers:" /* RFC 3862 section 3.4 */
#define NS_IMDN    "urn:ietf:params:imdn"          /* RFC 5438 section 13.3 */

struct reader {
    struct cw_arena *arena;
    struct cw_cpim cpim;
    struct cw_text *subjects;
    struct cw_bytes prefix; /* of the imdn namespace; absent until NS declared it */
    bool foreign_default;   /* names without a prefix are of a namespace that is not ours */
};

/* One header taken apart. */
struct header {
    struct cw_bytes name; /* without the imdn prefix if `imdn` */
    struct cw_bytes lang;
    struct cw_bytes value;
    bool imdn;
};

/* A line without controls and without what XML cannot carry; `*line` itself if it is so already. */
static enum cw_err clean(struct reader *r, struct cw_bytes *line)
{
    for (size_t i = 0; i < line->len; i++) {
        const unsigned char c = (unsigned char)line->base[i];

        if ((c < 0x20 && c != '\t') || c == 0x7F) {
            return CW_ERR_MALFORMED;
        }
    }
    return cw_utf8_xml_text(*line, r->arena, line); /* MSG-66 */
}

/* What stands between < and >, behind a display name that may hold either in quotes. */
static struct cw_bytes bracketed(struct cw_bytes value)
{
    bool quoted = false;
    size_t open = SIZE_MAX;

    for (size_t i = 0; i < value.len; i++) {
        const char c = value.base[i];

        if (c == '\\' && quoted) {
            i++;
        } else if (c == '"' && open == SIZE_MAX) {
            quoted = !quoted;
        } else if (c == '<' && !quoted && open == SIZE_MAX) {
            open = i + 1;
        } else if (c == '>' && open != SIZE_MAX) {
            return (struct cw_bytes){value.base + open, i - open};
        }
    }
    return (struct cw_bytes){0};
}

static struct cw_bytes cut(struct cw_bytes *rest, char mark)
{
    const char *const at = rest->len == 0 ? NULL : memchr(rest->base, mark, rest->len);
    const struct cw_bytes part = {rest->base, at == NULL ? rest->len : (size_t)(at - rest->base)};

    rest->base += at == NULL ? rest->len : part.len + 1;
    rest->len -= at == NULL ? rest->len : part.len + 1;
    return cw_mime_trim(part);
}

/* "NS: imdn <urn:ietf:params:imdn>", or without a prefix for names that bear none. */
static enum cw_err take_namespace(struct reader *r, struct cw_bytes value)
{
    const struct cw_bytes uri = bracketed(value);
    const char *const open = value.len == 0 ? NULL : memchr(value.base, '<', value.len);
    struct cw_bytes prefix;

    if (uri.base == NULL || open == NULL) {
        return CW_ERR_MALFORMED;
    }
    prefix = cw_mime_trim((struct cw_bytes){value.base, (size_t)(open - value.base)});
    if (prefix.len == 0) {
        r->foreign_default = !cw_ascii_is(uri, NS_CPIM);
    } else if (cw_ascii_is(uri, NS_IMDN) && prefix.len <= PREFIX_MAX) {
        r->prefix = prefix;
    } else if (cw_bytes_equal(prefix, r->prefix)) { /* it means something else from here on */
        r->prefix = (struct cw_bytes){0};
    }
    return CW_OK;
}

static bool is_imdn(const struct reader *r, struct cw_bytes *name)
{
    const size_t len = r->prefix.len;

    if (r->prefix.base == NULL || name->len <= len + 1 || name->base[len] != '.' ||
        memcmp(name->base, r->prefix.base, len) != 0) {
        return false;
    }
    name->base += len + 1;
    name->len -= len + 1;
    return true;
}

static bool is_known(const struct reader *r, struct cw_bytes name)
{
    static const char *const CPIM[] = {"From", "To", "cc", "DateTime", "Subject", "NS", "Require"};
    static const char *const IMDN[] = {"Message-ID", "Disposition-Notification", "Original-To",
                                       "IMDN-Record-Route", "IMDN-Route"};
    const bool imdn = is_imdn(r, &name);
    const char *const *const names = imdn ? IMDN : CPIM;
    const size_t count = imdn ? sizeof(IMDN) / sizeof(IMDN[0]) : sizeof(CPIM) / sizeof(CPIM[0]);

    for (size_t i = 0; i < count; i++) {
        if (cw_ascii_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* MSG-70: what must be understood and is not. */
static enum cw_err check_required(const struct reader *r, struct cw_bytes list)
{
    while (list.len > 0) {
        const struct cw_bytes name = cut(&list, ',');

        if (name.len != 0 && !is_known(r, name)) {
            return CW_ERR_UNSUPPORTED;
        }
    }
    return CW_OK;
}

/* ---- text with escapes ---- */

/* Four digits at `at`; -1 if there are no such. */
static int32_t hex_four(struct cw_bytes text, size_t at)
{
    int32_t value = 0;

    if (text.len - at < 4) {
        return -1;
    }
    for (size_t i = at; i < at + 4; i++) {
        const int digit = cw_ascii_hex(text.base[i]);

        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static char unescaped(char c)
{
    static const char FROM[] = "\\\"'btnr";
    static const char TO[] = "\\\"'\b\t\n\r";
    const char *const at = c != '\0' ? strchr(FROM, c) : NULL;

    if (at == NULL) {
        return '\0';
    }
    return TO[at - FROM];
}

/* The escape at `at`, as what it stands for. @return octets it takes, 0 for none */
static size_t take_escape(struct cw_bytes text, size_t at, char *to, size_t *len)
{
    const char next = (char)(at + 1 < text.len ? text.base[at + 1] : '\0');
    const int32_t unit = next == 'u' ? hex_four(text, at + 2) : INT32_C(-1);

    if (unit >= 0) {
        /* a surrogate is no character */
        *len += cw_utf8_put(to + *len, unit >= 0xD800 && unit <= 0xDFFF ? 0xFFFD : (uint32_t)unit);
        return 6;
    }
    if (unescaped(next) == '\0') {
        return 0;
    }
    to[(*len)++] = unescaped(next);
    return 2;
}

/* RFC 3862 section 2.3; anything else behind a backslash stays as it is. */
static enum cw_err unescape(struct cw_bytes text, struct cw_arena *arena, struct cw_bytes *out)
{
    char *const to = cw_arena_alloc(arena, text.len);
    size_t len = 0;

    if (to == NULL) {
        return CW_ERR_LIMIT;
    }
    for (size_t i = 0; i < text.len;) {
        const size_t taken = text.base[i] == '\\' ? take_escape(text, i, to, &len) : 0;

        if (taken == 0) {
            to[len++] = text.base[i];
        }
        i += taken == 0 ? 1 : taken;
    }
    return cw_utf8_xml_text((struct cw_bytes){to, len}, arena, out);
}

static enum cw_err take_subject(struct reader *r, const struct header *header)
{
    struct cw_text_list *const list = &r->cpim.subjects;
    struct cw_bytes text;

    if (header->value.len == 0 || list->count == CW_TEXTS_MAX) {
        return CW_OK;
    }
    if (r->subjects == NULL) {
        r->subjects = cw_arena_alloc(r->arena, CW_TEXTS_MAX * sizeof(*r->subjects));
        if (r->subjects == NULL) {
            return CW_ERR_LIMIT;
        }
        list->items = r->subjects;
    }
    CW_TRY(unescape(header->value, r->arena, &text));
    r->subjects[list->count++] = (struct cw_text){text, cw_language_tag(header->lang)};
    return CW_OK;
}

/* ---- imdn headers ---- */

static unsigned wants_of(struct cw_bytes list)
{
    static const struct {
        const char *name;
        unsigned bit;
    } WANTS[] = {
        {"positive-delivery", CW_IMDN_WANT_POSITIVE},
        {"negative-delivery", CW_IMDN_WANT_NEGATIVE},
        {"processing", CW_IMDN_WANT_PROCESSING},
        {"display", CW_IMDN_WANT_DISPLAY},
    };
    unsigned wants = 0;

    while (list.len > 0) {
        struct cw_bytes item = cut(&list, ',');
        const struct cw_bytes name = cut(&item, ';');

        for (size_t i = 0; i < sizeof(WANTS) / sizeof(WANTS[0]); i++) {
            wants |= cw_ascii_is_word(name, WANTS[i].name) ? WANTS[i].bit : 0u;
        }
    }
    return wants;
}

/* RFC 5438 section 6.2: a token. What is none cannot be answered, so it is not there. */
static struct cw_bytes id_of(struct cw_bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.base[i] <= ' ' || value.base[i] > '~') {
            return (struct cw_bytes){0};
        }
    }
    return value.len != 0 ? value : (struct cw_bytes){0};
}

static enum cw_err add_routes(struct cw_bytes value, struct cw_cpim_routes *out)
{
    while (value.len > 0) {
        const struct cw_bytes uri = bracketed(value);

        if (uri.len == 0) {
            return CW_ERR_MALFORMED;
        }
        if (out->count == CW_CPIM_ROUTES_MAX) {
            return CW_ERR_LIMIT;
        }
        out->items[out->count++] = uri;
        value.len -= (size_t)(uri.base + uri.len + 1 - value.base);
        value.base = uri.base + uri.len + 1;
        (void)cut(&value, ',');
    }
    return CW_OK;
}

static enum cw_err take_imdn(struct reader *r, const struct header *header)
{
    if (cw_ascii_is(header->name, "Message-ID")) {
        if (r->cpim.message_id.base == NULL) {
            r->cpim.message_id = id_of(header->value);
        }
    } else if (cw_ascii_is(header->name, "Disposition-Notification")) {
        r->cpim.wants |= wants_of(header->value);
    } else if (cw_ascii_is(header->name, "IMDN-Record-Route")) {
        return add_routes(header->value, &r->cpim.record_routes);
    } else if (cw_ascii_is(header->name, "IMDN-Route")) {
        return add_routes(header->value, &r->cpim.routes);
    }
    return CW_OK;
}

static enum cw_err take_party(struct cw_bytes value, struct cw_bytes *out)
{
    const struct cw_bytes uri = bracketed(value);

    if (uri.base == NULL) {
        return CW_ERR_MALFORMED;
    }
    if (out->base == NULL) { /* of several To the first */
        *out = uri;
    }
    return CW_OK;
}

static enum cw_err take_cpim(struct reader *r, const struct header *header)
{
    int64_t unix_ms;

    if (cw_ascii_is(header->name, "NS")) {
        return take_namespace(r, header->value);
    }
    if (r->foreign_default) {
        return CW_OK;
    }
    if (cw_ascii_is(header->name, "From")) {
        return take_party(header->value, &r->cpim.from);
    }
    if (cw_ascii_is(header->name, "To")) {
        return take_party(header->value, &r->cpim.to);
    }
    if (cw_ascii_is(header->name, "Subject")) {
        return take_subject(r, header);
    }
    if (cw_ascii_is(header->name, "Require")) {
        return check_required(r, header->value);
    }
    if (cw_ascii_is(header->name, "DateTime") &&
        cw_datetime_read_3339(header->value, &unix_ms) == CW_OK) {
        r->cpim.datetime = header->value;
    }
    return CW_OK;
}

/* Takes ";name=value" off the front of `*rest`; a value in quotes may hold anything. */
static struct cw_bytes take_parameter(struct cw_bytes *rest)
{
    bool quoted = false;
    size_t end = 1;
    struct cw_bytes parameter;

    while (end < rest->len && (quoted || (rest->base[end] != ' ' && rest->base[end] != ';'))) {
        if (rest->base[end] == '"') {
            quoted = !quoted;
        }
        end += quoted && rest->base[end] == '\\' && end + 1 < rest->len ? 2 : 1;
    }
    parameter = (struct cw_bytes){rest->base + 1, end - 1};
    rest->base += end;
    rest->len -= end;
    return parameter;
}

/* RFC 3862 section 3.1: no blank stands in a name, so no line can be a fold of the one before. */
static bool is_name(struct cw_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] <= ' ' || text.base[i] > '~') {
            return false;
        }
    }
    return text.len != 0;
}

/* "Subject:;lang=fr Objet": parameters follow the colon at once, the value one space. */
static enum cw_err split(const struct reader *r, struct cw_bytes line, struct header *out)
{
    const char *const colon = memchr(line.base, ':', line.len);
    struct header header = {.name = {line.base, 0}};

    if (colon == NULL) {
        return CW_ERR_MALFORMED;
    }
    header.name.len = (size_t)(colon - line.base);
    header.value = (struct cw_bytes){colon + 1, line.len - header.name.len - 1};
    if (!is_name(header.name)) {
        return CW_ERR_MALFORMED;
    }
    while (header.value.len > 0 && header.value.base[0] == ';') {
        struct cw_bytes value = take_parameter(&header.value);

        if (cw_ascii_is_word(cut(&value, '='), "lang")) {
            header.lang = value;
        }
    }
    header.value = cw_mime_trim(header.value);
    header.imdn = is_imdn(r, &header.name);
    *out = header;
    return CW_OK;
}

/* Message headers up to the empty line, or to a MIME header where that is missing (MSG-69). */
static enum cw_err read_headers(struct reader *r, struct cw_bytes *rest)
{
    struct cw_bytes before = *rest;
    struct cw_bytes line;
    size_t count = 0;

    while (cw_mime_line(rest, &line) && line.len > 0) {
        struct header header;

        if (cw_mime_is_header(line)) {
            *rest = before;
            break;
        }
        if (++count > LINES_MAX || line.len > LINE_MAX) {
            return CW_ERR_LIMIT;
        }
        CW_TRY(clean(r, &line));
        CW_TRY(split(r, line, &header));
        CW_TRY(header.imdn ? take_imdn(r, &header) : take_cpim(r, &header));
        before = *rest;
    }
    return CW_OK;
}

enum cw_err cw_cpim_read(struct cw_bytes bytes, struct cw_arena *arena, struct cw_cpim *out)
{
    struct reader r = {.arena = arena};
    struct cw_mime_headers mime;

    if (bytes.len == 0) {
        return CW_ERR_MALFORMED;
    }
    CW_TRY(read_headers(&r, &bytes));
    CW_TRY(cw_mime_headers_read(&bytes, arena, &mime));
    r.cpim.content_type = mime.type;
    r.cpim.content_disposition = mime.disposition;
    r.cpim.content_language = mime.language;
    r.cpim.content_transfer_encoding = mime.transfer_encoding;
    r.cpim.content = bytes;
    *out = r.cpim;
    return CW_OK;
}
