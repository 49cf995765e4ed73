/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_parser.h"

#include "guard.h"
#include "inherited.h"

#include <causeway/arena.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>

/* libxml2 keeps every name it ever saw: a new parser after so many octets. */
#define RECYCLE_AFTER ((size_t)512 * 1024)
#define TEXT_MAX      4096u /* octets of character data in one node of a negotiation element */
#define MAX_DEPTH     40u   /* more than any limit of depth */
#define NS_OF_ELEMENT 32    /* namespace declarations of one tag */
#define SCRATCH_LIMIT (SIZE_MAX / 4) /* what goes in is bounded by the guard */

/** Lives while one read is worked on. */
struct scratch {
    struct cw_arena *arena;
    struct cw_element element;
    size_t open[MAX_DEPTH + 1];        /* node at each depth */
    char *text[CW_ELEMENT_MAX_NODES];  /* each node's text, which the element only borrows */
    size_t room[CW_ELEMENT_MAX_NODES]; /* of it */
    uint64_t used;                     /* inherited namespaces that the stanza uses */
    uint64_t declared;                 /* those that its first tag declares itself */
    bool has_lang;
};

struct cw_stream_parser {
    struct cw_guard *guard;
    xmlParserCtxtPtr xml;
    size_t fed;     /* octets into `xml` */
    unsigned depth; /* open elements */
    bool muted;     /* the remembered header goes into a new parser */
    bool complete;  /* the first-level element has ended */
    enum cw_condition refused;
    char *header_text; /* the opening tag as it came */
    size_t header_len;
    struct cw_arena *header_arena; /* of `header`, freed when it was handed up */
    struct cw_stream_header header;
    struct cw_inherited inherited;
    struct scratch *scratch;
};

static void *checked(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static char *copy_text(const char *base, size_t len)
{
    char *copy = checked(malloc(len + 1));

    memcpy(copy, base, len);
    copy[len] = '\0';
    return copy;
}

static void refuse(struct cw_stream_parser *p, enum cw_condition condition)
{
    if (p->refused == CW_CONDITION_NONE) {
        p->refused = condition;
    }
    xmlStopParser(p->xml);
}

/** libxml2 leaves an ampersand as "&#38;" where it does not replace entities; nothing else. */
static struct cw_bytes decode(struct cw_arena *arena, const char *base, size_t len)
{
    char *out = checked(cw_arena_alloc(arena, len + 1));
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        out[used++] = base[i];
        if (len - i >= 5 && memcmp(base + i, "&#38;", 5) == 0) {
            i += 4;
        }
    }
    return (struct cw_bytes){out, used};
}

/** A name or namespace; libxml2 keeps it as long as the parser lives. */
static struct cw_bytes of_xml(const xmlChar *text)
{
    return (struct cw_bytes){(const char *)text, text == NULL ? 0 : strlen((const char *)text)};
}

static bool same(const xmlChar *a, const char *b)
{
    return a == NULL || b == NULL ? a == NULL && b == NULL : strcmp((const char *)a, b) == 0;
}

/** The attribute array of SAX2 holds five pointers each: name, prefix, URI, begin, end. */
static struct cw_bytes attribute(struct cw_arena *arena, const xmlChar **attributes, int count,
                                 const char *prefix, const char *name)
{
    for (int i = 0; i < count; i++) {
        const xmlChar **a = attributes + (size_t)i * 5;

        if (same(a[1], prefix) && same(a[0], name)) {
            return decode(arena, (const char *)a[3], (size_t)(a[4] - a[3]));
        }
    }
    return (struct cw_bytes){NULL, 0};
}

struct start_tag {
    const xmlChar *name, *prefix, *uri;
    int ns_count;
    const xmlChar **ns;
    int attribute_count;
    const xmlChar **attributes;
};

static void remember_namespaces(struct cw_stream_parser *p, const struct start_tag *tag)
{
    for (int i = 0; i < tag->ns_count; i++) {
        const xmlChar *prefix = tag->ns[(size_t)i * 2];
        const xmlChar *uri = tag->ns[(size_t)i * 2 + 1];

        cw_inherited_add(&p->inherited, (const char *)prefix, (const char *)uri);
        if (prefix == NULL) {
            p->header.content = of_xml(uri);
        }
    }
}

static void start_header(struct cw_stream_parser *p, const struct start_tag *tag)
{
    struct cw_stream_header *h = &p->header;
    struct cw_arena *arena;

    p->header_arena = cw_arena_new(SCRATCH_LIMIT);
    arena = p->header_arena;
    h->name = of_xml(tag->name);
    h->ns = of_xml(tag->uri);
    h->prefixed = tag->prefix != NULL;
    h->from = attribute(arena, tag->attributes, tag->attribute_count, NULL, "from");
    h->to = attribute(arena, tag->attributes, tag->attribute_count, NULL, "to");
    h->id = attribute(arena, tag->attributes, tag->attribute_count, NULL, "id");
    h->version = attribute(arena, tag->attributes, tag->attribute_count, NULL, "version");
    h->lang = attribute(arena, tag->attributes, tag->attribute_count, "xml", "lang");
    cw_inherited_set_lang(&p->inherited, h->lang);
    remember_namespaces(p, tag);
}

static bool is_stanza(const struct cw_element *e)
{
    return cw_bytes_equal(e->ns, CW_LIT(CW_NS_SERVER)) &&
           (cw_bytes_equal(e->name, CW_LIT("message")) ||
            cw_bytes_equal(e->name, CW_LIT("presence")) || cw_bytes_equal(e->name, CW_LIT("iq")));
}

static void start_first_level(struct cw_stream_parser *p, const struct start_tag *tag)
{
    struct scratch *s = p->scratch;
    struct cw_element *e = &s->element;

    cw_arena_reset(s->arena);
    s->used = 0;
    s->declared = 0;
    *e = (struct cw_element){
        .name = of_xml(tag->name),
        .ns = of_xml(tag->uri),
        .from = attribute(s->arena, tag->attributes, tag->attribute_count, NULL, "from"),
        .to = attribute(s->arena, tag->attributes, tag->attribute_count, NULL, "to"),
        .id = attribute(s->arena, tag->attributes, tag->attribute_count, NULL, "id"),
        .type = attribute(s->arena, tag->attributes, tag->attribute_count, NULL, "type"),
        .mechanism = attribute(s->arena, tag->attributes, tag->attribute_count, NULL, "mechanism"),
    };
    e->stanza = is_stanza(e);
    s->has_lang =
        attribute(s->arena, tag->attributes, tag->attribute_count, "xml", "lang").base != NULL;
    for (size_t i = 0; i < p->inherited.count; i++) {
        for (int k = 0; k < tag->ns_count; k++) {
            if (same(tag->ns[(size_t)k * 2], p->inherited.ns[i].prefix)) {
                s->declared |= (uint64_t)1 << i;
            }
        }
    }
}

/** Notes which declarations of the header a tag lives on. */
static void note_use(struct cw_stream_parser *p, const xmlChar *prefix, const xmlChar *uri)
{
    for (size_t i = 0; prefix != NULL && i < p->inherited.count; i++) {
        if (same(prefix, p->inherited.ns[i].prefix) && same(uri, p->inherited.ns[i].uri)) {
            p->scratch->used |= (uint64_t)1 << i;
        }
    }
}

static void add_node(struct cw_stream_parser *p, const struct start_tag *tag)
{
    struct scratch *s = p->scratch;
    struct cw_element *e = &s->element;

    if (e->node_count == CW_ELEMENT_MAX_NODES) {
        refuse(p, CW_CONDITION_POLICY_VIOLATION);
        return;
    }
    e->nodes[e->node_count] = (struct cw_element_node){
        .name = of_xml(tag->name),
        .ns = of_xml(tag->uri),
        .parent = p->depth == 1 ? 0 : s->open[p->depth - 1],
    };
    s->room[e->node_count] = 0;
    s->open[p->depth] = e->node_count++;
}

static void start_tag(struct cw_stream_parser *p, const struct start_tag *tag)
{
    if (p->depth > MAX_DEPTH || tag->ns_count > NS_OF_ELEMENT) {
        refuse(p, CW_CONDITION_POLICY_VIOLATION);
        return;
    }
    if (p->depth == 0) {
        if (!p->muted) {
            start_header(p, tag);
        }
        p->depth++;
        return;
    }
    if (p->depth == 1) {
        start_first_level(p, tag);
    }
    note_use(p, tag->prefix, tag->uri);
    for (int i = 0; i < tag->attribute_count; i++) {
        note_use(p, tag->attributes[(size_t)i * 5 + 1], tag->attributes[(size_t)i * 5 + 2]);
    }
    if (!p->scratch->element.stanza) {
        add_node(p, tag);
    }
    p->depth++;
}

/* NOLINTNEXTLINE(readability-function-size): the shape is libxml2's */
static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int ns_count, const xmlChar **ns, int attribute_count, int defaulted,
                     const xmlChar **attributes)
{
    const struct start_tag tag = {name, prefix, uri, ns_count, ns, attribute_count, attributes};

    (void)defaulted;
    start_tag(context, &tag);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct cw_stream_parser *p = context;

    (void)name;
    (void)prefix;
    (void)uri;
    if (p->depth > 0) {
        p->depth--;
        p->complete = p->depth == 1;
    }
}

static void on_text(void *context, const xmlChar *text, int len)
{
    struct cw_stream_parser *p = context;
    struct scratch *s = p->scratch;
    struct cw_element_node *node;
    size_t index;

    if (p->depth < 2 || s->element.stanza || len <= 0) {
        return;
    }
    index = s->open[p->depth - 1];
    node = &s->element.nodes[index];
    if (node->text.len + (size_t)len > TEXT_MAX) {
        refuse(p, CW_CONDITION_POLICY_VIOLATION);
        return;
    }
    if (node->text.len + (size_t)len > s->room[index]) {
        const size_t room = 2 * (node->text.len + (size_t)len);
        char *grown = checked(cw_arena_alloc(s->arena, room));

        if (node->text.len > 0) {
            memcpy(grown, node->text.base, node->text.len);
        }
        s->text[index] = grown;
        s->room[index] = room;
        node->text.base = grown;
    }
    memcpy(s->text[index] + node->text.len, text, (size_t)len);
    node->text.len += (size_t)len;
}

static void restrict_xml(struct cw_stream_parser *p)
{
    refuse(p, CW_CONDITION_RESTRICTED_XML); /* STREAM-113 */
}

static void on_comment(void *context, const xmlChar *text)
{
    (void)text;
    restrict_xml(context);
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data)
{
    (void)target;
    (void)data;
    restrict_xml(context);
}

static void on_subset(void *context, const xmlChar *name, const xmlChar *public_id,
                      const xmlChar *system_id)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    restrict_xml(context);
}

static void on_reference(void *context, const xmlChar *name)
{
    (void)name;
    restrict_xml(context);
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct cw_stream_parser *p = context;

    if (error->code == XML_ERR_UNDECLARED_ENTITY || error->code == XML_WAR_UNDECLARED_ENTITY) {
        restrict_xml(p); /* STREAM-113: only the five predefined ones */
    }
}

static void close_xml(struct cw_stream_parser *p)
{
    if (p->xml != NULL) {
        xmlFreeDoc(p->xml->myDoc);
        p->xml->myDoc = NULL;
        xmlFreeParserCtxt(p->xml);
        p->xml = NULL;
    }
}

static void open_xml(struct cw_stream_parser *p)
{
    xmlSAXHandler handlers = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .comment = on_comment,
        .processingInstruction = on_instruction,
        .internalSubset = on_subset,
        .externalSubset = on_subset,
        .reference = on_reference,
        .serror = on_error,
    };

    p->xml = checked(xmlCreatePushParserCtxt(&handlers, p, NULL, 0, NULL));
    (void)xmlCtxtUseOptions(p->xml, XML_PARSE_NONET);
    p->fed = 0;
    p->depth = 0;
}

/** Gives libxml2 one complete piece. False: it is not well-formed. */
static bool feed(struct cw_stream_parser *p, struct cw_bytes piece)
{
    p->complete = false;
    p->fed += piece.len;
    (void)xmlParseChunk(p->xml, piece.base, (int)piece.len, 0);
    if (p->refused == CW_CONDITION_NONE &&
        (p->xml->wellFormed == 0 || p->xml->nsWellFormed == 0 || p->xml->disableSAX != 0)) {
        p->refused = CW_CONDITION_NOT_WELL_FORMED; /* STREAM-114 */
    }
    return p->refused == CW_CONDITION_NONE;
}

/** A new libxml2 parser that stands inside the same stream. */
static bool recycle(struct cw_stream_parser *p)
{
    bool ok;

    close_xml(p);
    open_xml(p);
    p->muted = true;
    ok = feed(p, (struct cw_bytes){p->header_text, p->header_len});
    p->muted = false;
    return ok;
}

static struct scratch *open_scratch(struct cw_stream_parser *p)
{
    if (p->scratch == NULL) {
        p->scratch = checked(calloc(1, sizeof(*p->scratch)));
        p->scratch->arena = cw_arena_new(SCRATCH_LIMIT);
    }
    return p->scratch;
}

static void close_scratch(struct cw_stream_parser *p)
{
    if (p->scratch != NULL) {
        cw_arena_free(&p->scratch->arena);
        free(p->scratch);
        p->scratch = NULL;
    }
    cw_arena_free(&p->header_arena);
}

/** Declarations that the stanza needs of the header: the default one, and the prefixes it uses. */
static uint64_t needed(const struct cw_stream_parser *p)
{
    uint64_t defaults = 0;

    for (size_t i = 0; i < p->inherited.count; i++) {
        defaults |= p->inherited.ns[i].prefix == NULL ? (uint64_t)1 << i : 0;
    }
    return (defaults | p->scratch->used) & ~p->scratch->declared;
}

static struct cw_parsed refused(struct cw_stream_parser *p)
{
    return (struct cw_parsed){CW_PARSED_REFUSED, p->refused, NULL, NULL};
}

static struct cw_parsed parse_header(struct cw_stream_parser *p, struct cw_bytes bytes)
{
    p->header_text = copy_text(bytes.base, bytes.len);
    p->header_len = bytes.len;
    if (feed(p, bytes) && p->depth != 1) {
        p->refused = CW_CONDITION_NOT_WELL_FORMED;
    }
    if (p->refused != CW_CONDITION_NONE) {
        return refused(p);
    }
    return (struct cw_parsed){CW_PARSED_HEADER, CW_CONDITION_NONE, &p->header, NULL};
}

static struct cw_parsed parse_element(struct cw_stream_parser *p, struct cw_bytes bytes)
{
    struct scratch *s = open_scratch(p);

    if (p->fed > RECYCLE_AFTER && !recycle(p)) {
        return refused(p);
    }
    if (feed(p, bytes) &&
        (p->depth != 1 || !p->complete || xmlByteConsumed(p->xml) != (long)p->fed)) {
        p->refused = CW_CONDITION_NOT_WELL_FORMED; /* guard and parser disagree */
    }
    if (p->refused != CW_CONDITION_NONE) {
        return refused(p);
    }
    if (s->element.stanza) {
        s->element.xml =
            cw_inherited_declare(&p->inherited, needed(p), !s->has_lang, bytes, s->arena);
    }
    return (struct cw_parsed){CW_PARSED_ELEMENT, CW_CONDITION_NONE, NULL, &s->element};
}

struct cw_stream_parser *cw_stream_parser_new(struct cw_limits limits)
{
    struct cw_stream_parser *p = checked(calloc(1, sizeof(*p)));

    p->guard = cw_guard_new(limits);
    open_xml(p);
    return p;
}

void cw_stream_parser_free(struct cw_stream_parser **parser)
{
    struct cw_stream_parser *p = *parser;

    if (p == NULL) {
        return;
    }
    close_scratch(p);
    close_xml(p);
    cw_guard_free(&p->guard);
    cw_inherited_clear(&p->inherited);
    free(p->header_text);
    free(p);
    *parser = NULL;
}

void cw_stream_parser_set_limits(struct cw_stream_parser *parser, struct cw_limits limits)
{
    cw_guard_set_limits(parser->guard, limits);
}

struct cw_parsed cw_stream_parser_next(struct cw_stream_parser *p, struct cw_bytes *input)
{
    struct cw_guard_piece piece = {CW_GUARD_REFUSED, p->refused, {NULL, 0}};

    if (p->refused == CW_CONDITION_NONE) {
        piece = cw_guard_next(p->guard, input);
    }
    switch (piece.kind) {
    case CW_GUARD_HEADER:
        return parse_header(p, piece.bytes);
    case CW_GUARD_ELEMENT:
        return parse_element(p, piece.bytes);
    case CW_GUARD_END:
        if (feed(p, piece.bytes) && p->depth == 0) {
            return (struct cw_parsed){CW_PARSED_END, CW_CONDITION_NONE, NULL, NULL};
        }
        p->refused = CW_CONDITION_NOT_WELL_FORMED;
        return refused(p);
    case CW_GUARD_REFUSED:
        p->refused = piece.condition;
        return refused(p);
    case CW_GUARD_MORE:
    default:
        close_scratch(p);
        return (struct cw_parsed){CW_PARSED_MORE, CW_CONDITION_NONE, NULL, NULL};
    }
}
