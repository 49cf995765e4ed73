/* SPDX-License-Identifier: Apache-2.0 */
/* Guard and parser: the verdict must not depend on how the input is cut, and a stanza that comes
 * out must hold the bytes that went in. The first octet: size of the parts, and which limits. */
#include "stream_parser.h"

#include <stdint.h>
#include <stdlib.h>

struct digest {
    uint64_t sum;
    size_t count;
    enum cw_condition refused;
};

static void add(struct digest *digest, struct cw_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        digest->sum = (digest->sum ^ (unsigned char)bytes.base[i]) * 1099511628211u;
    }
    digest->count++;
}

static void add_element(struct digest *digest, const struct cw_element *element)
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

static bool take(struct digest *digest, const struct cw_parsed *got)
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

static struct digest run(const uint8_t *data, size_t size, size_t part, bool authenticated)
{
    struct cw_stream_parser *parser = cw_stream_parser_new(cw_limits_for(authenticated, 65536));
    struct digest digest = {0};

    for (size_t at = 0; at < size; at += part) {
        const size_t len = part < size - at ? part : size - at;
        char *copy = malloc(len); /* so that reading past it is seen */
        struct cw_bytes input = {copy, len};
        struct cw_parsed got;

        if (copy == NULL) {
            abort();
        }
        memcpy(copy, data + at, len);
        do {
            got = cw_stream_parser_next(parser, &input);
        } while (take(&digest, &got));
        free(copy);
    }
    cw_stream_parser_free(&parser);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct digest whole;
    struct digest parts;

    if (size < 2) {
        return 0;
    }
    whole = run(data + 1, size - 1, size, (data[0] & 1) != 0);
    parts = run(data + 1, size - 1, 1 + data[0] / 2, (data[0] & 1) != 0);
    if (whole.sum != parts.sum || whole.count != parts.count || whole.refused != parts.refused) {
        abort();
    }
    return 0;
}
