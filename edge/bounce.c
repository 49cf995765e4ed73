/* SPDX-License-Identifier: Apache-2.0 */
#include "bounce.h"

/* From the last attribute to the name in the end tag. */
#define ERROR                                                                                      \
    " type='error'><error type='wait'><remote-server-timeout "                                     \
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></"

enum part { PART_FROM, PART_TO, PART_ID, PART_TYPE, PARTS };

static const struct cw_bytes NAMES[PARTS] = {
    [PART_FROM] = {"from", 4},
    [PART_TO] = {"to", 2},
    [PART_ID] = {"id", 2},
    [PART_TYPE] = {"type", 4},
};

/* What a start tag says; values are borrowed as written, with their entities. */
struct tag {
    struct cw_bytes name; /**< without prefix */
    struct cw_bytes values[PARTS];
};

/* What is still to be read. */
struct rest {
    const char *at;
    const char *end;
};

static bool is_space(char octet)
{
    return octet == ' ' || octet == '\t' || octet == '\n' || octet == '\r';
}

static void skip_space(struct rest *rest)
{
    while (rest->at < rest->end && is_space(*rest->at)) {
        rest->at++;
    }
}

static struct cw_bytes read_name(struct rest *rest)
{
    const char *const start = rest->at;

    while (rest->at < rest->end && !is_space(*rest->at) && *rest->at != '=' && *rest->at != '/' &&
           *rest->at != '>') {
        rest->at++;
    }
    return (struct cw_bytes){start, (size_t)(rest->at - start)};
}

static bool read_value(struct rest *rest, struct cw_bytes *out)
{
    skip_space(rest);
    if (rest->at == rest->end || *rest->at != '=') {
        return false;
    }
    rest->at++;
    skip_space(rest);
    if (rest->at == rest->end || (*rest->at != '"' && *rest->at != '\'')) {
        return false;
    }

    const char quote = *rest->at++;
    const char *const close = memchr(rest->at, quote, (size_t)(rest->end - rest->at));

    if (close == NULL) {
        return false;
    }
    *out = (struct cw_bytes){rest->at, (size_t)(close - rest->at)};
    rest->at = close + 1;
    return true;
}

static struct cw_bytes without_prefix(struct cw_bytes name)
{
    const char *const colon = name.len > 0 ? memchr(name.base, ':', name.len) : NULL;

    if (colon == NULL) {
        return name;
    }
    return (struct cw_bytes){colon + 1, name.len - (size_t)(colon + 1 - name.base)};
}

static void keep_value(struct tag *tag, struct cw_bytes name, struct cw_bytes value)
{
    for (size_t i = 0; i < PARTS; i++) {
        if (cw_bytes_equal(name, NAMES[i])) {
            tag->values[i] = value;
        }
    }
}

static enum cw_err read_tag(struct cw_bytes head, struct tag *tag)
{
    struct rest rest = {head.base, head.base + head.len};

    if (head.len < 3 || rest.at[0] != '<' || rest.end[-1] != '>') {
        return CW_ERR_MALFORMED;
    }
    rest.at++;
    tag->name = without_prefix(read_name(&rest));
    for (;;) {
        struct cw_bytes name;
        struct cw_bytes value;

        skip_space(&rest);
        if (rest.at == rest.end) {
            return CW_ERR_MALFORMED;
        }
        if (*rest.at == '/' || *rest.at == '>') {
            return CW_OK;
        }
        name = read_name(&rest);
        if (name.len == 0 || !read_value(&rest, &value)) {
            return CW_ERR_MALFORMED;
        }
        keep_value(tag, name, value);
    }
}

/* A message that is no error, or a question: all else gets no answer. */
static enum cw_err judge(const struct tag *tag)
{
    const struct cw_bytes type = tag->values[PART_TYPE];

    if (tag->values[PART_FROM].len == 0 || tag->values[PART_TO].len == 0) {
        return CW_ERR_MALFORMED;
    }
    if (cw_bytes_equal(tag->name, CW_LIT("message"))) {
        return cw_bytes_equal(type, CW_LIT("error")) ? CW_ERR_EMPTY : CW_OK;
    }
    if (cw_bytes_equal(tag->name, CW_LIT("iq"))) {
        return cw_bytes_equal(type, CW_LIT("get")) || cw_bytes_equal(type, CW_LIT("set"))
                   ? CW_OK
                   : CW_ERR_EMPTY;
    }
    return cw_bytes_equal(tag->name, CW_LIT("presence")) ? CW_ERR_EMPTY : CW_ERR_MALFORMED;
}

/* The quote that `value` was written in is not in it; the other one may be. */
static char quote_for(struct cw_bytes value)
{
    if (value.len > 0 && memchr(value.base, '\'', value.len) != NULL) {
        return '"';
    }
    return '\'';
}

static char *put(char *at, struct cw_bytes text)
{
    if (text.len > 0) {
        memcpy(at, text.base, text.len);
    }
    return at + text.len;
}

static char *put_attribute(char *at, struct cw_bytes name, struct cw_bytes value)
{
    const char quote = quote_for(value);

    *at++ = ' ';
    at = put(at, name);
    *at++ = '=';
    *at++ = quote;
    at = put(at, value);
    *at++ = quote;
    return at;
}

struct cw_bytes cw_bounce_head(struct cw_bytes xml)
{
    char quote = '\0';

    for (size_t i = 0; i < xml.len; i++) {
        const char octet = xml.base[i];

        if (quote != '\0') {
            if (octet == quote) {
                quote = '\0';
            }
        } else if (octet == '"' || octet == '\'') {
            quote = octet;
        } else if (octet == '>') {
            return (struct cw_bytes){xml.base, i + 1};
        }
    }
    return (struct cw_bytes){0};
}

enum cw_err cw_bounce_write(struct cw_bytes head, struct cw_arena *arena, struct cw_bytes *out)
{
    const struct cw_bytes error = {ERROR, sizeof(ERROR) - 1};
    struct tag tag = {0};

    CW_TRY(read_tag(head, &tag));
    CW_TRY(judge(&tag));

    char *const start = cw_arena_alloc(arena, head.len + error.len + 2 * tag.name.len + 64);
    char *at = start;

    if (start == NULL) {
        return CW_ERR_LIMIT;
    }
    *at++ = '<';
    at = put(at, tag.name);
    at = put_attribute(at, NAMES[PART_FROM], tag.values[PART_TO]);
    at = put_attribute(at, NAMES[PART_TO], tag.values[PART_FROM]);
    if (tag.values[PART_ID].base != NULL) {
        at = put_attribute(at, NAMES[PART_ID], tag.values[PART_ID]);
    }
    at = put(at, error);
    at = put(at, tag.name);
    *at++ = '>';
    *out = (struct cw_bytes){start, (size_t)(at - start)};
    return CW_OK;
}
