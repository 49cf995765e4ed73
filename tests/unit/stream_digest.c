/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_digest.h"

#include <stdlib.h>
#include <string.h>

static void add(struct stream_digest *digest, struct cw_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        digest->sum = (digest->sum ^ (unsigned char)bytes.base[i]) * 1099511628211u;
    }
    digest->count++;
}

static void add_element(struct stream_digest *digest, const struct cw_element *element)
{
    add(digest, element->name);
    add(digest, element->ns);
    add(digest, element->from);
    add(digest, element->to);
    add(digest, element->xml);
    for (size_t i = 0; i < element->node_count; i++) {
        add(digest, element->nodes[i].name);
        add(digest, cw_element_text(element, i));
        if (element->nodes[i].parent > i) {
            abort();
        }
    }
    if (element->stanza && element->xml.base[0] != '<') {
        abort();
    }
}

static bool take(struct stream_digest *digest, const struct cw_parsed *got)
{
    switch (got->kind) {
    case CW_PARSED_HEADER:
        add(digest, got->header->from);
        add(digest, got->header->to);
        add(digest, got->header->content);
        return true;
    case CW_PARSED_ELEMENT:
        add_element(digest, got->element);
        return true;
    case CW_PARSED_END:
        digest->count++;
        return true;
    case CW_PARSED_REFUSED:
        digest->refused = got->condition;
        return false;
    case CW_PARSED_MORE:
    default:
        return false;
    }
}

static void feed(struct cw_stream_parser *parser, struct stream_digest *digest, const char *octets,
                 size_t len)
{
    char *copy = malloc(len);
    struct cw_bytes input = {copy, len};
    struct cw_parsed got;

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, octets, len);
    do {
        got = cw_stream_parser_next(parser, &input);
    } while (take(digest, &got));
    free(copy);
}

struct stream_digest stream_digest_cut(struct cw_bytes input, const size_t *cuts, size_t count,
                                       bool authenticated)
{
    struct cw_stream_parser *parser = cw_stream_parser_new(cw_limits_for(authenticated, 65536));
    struct stream_digest digest = {0};
    size_t at = 0;

    for (size_t i = 0; i <= count; i++) {
        const size_t end = i < count ? cuts[i] : input.len;

        if (end > at) {
            feed(parser, &digest, input.base + at, end - at);
            at = end;
        }
    }
    cw_stream_parser_free(&parser);
    return digest;
}

bool stream_digest_equal(const struct stream_digest *a, const struct stream_digest *b)
{
    return a->sum == b->sum && a->count == b->count && a->refused == b->refused;
}
