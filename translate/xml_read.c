/* SPDX-License-Identifier: Apache-2.0 */
#include <causeway/xml_read.h>

#include <causeway/utf8.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

/* The tree while it grows. `last` is the newest child. */
struct frame {
    struct cw_xml_node *node;
    struct cw_xml_node *last;
    size_t text_start; /* of its character data in `reader.text` */
    size_t text_shown; /* up to there it has become nodes (XHTML only) */
};

struct reader {
    xmlParserCtxtPtr parser;
    struct cw_arena *arena;
    const struct cw_xml_rules *rules;
    enum cw_err err;
    struct cw_xml_node *root;
    size_t depth;
    size_t elements;
    size_t namespaces;
    /* Character data of all open elements. A closed one takes its own off the top, so that of an
     * open one stays in one piece. The document's length is room enough. */
    char *text;
    size_t text_len;
    size_t text_room;
    struct frame stack[CW_XML_MAX_DEPTH];
};

/* The first thing that went wrong counts. The parser goes on until it is stopped. */
static void note(struct reader *r, enum cw_err err)
{
    if (r->err == CW_OK) {
        r->err = err;
    }
}

/* The last act of a handler: libxml2 frees what it gave. */
static void stop_if_failed(const struct reader *r)
{
    if (r->err != CW_OK) {
        xmlStopParser(r->parser);
    }
}

static void fail(struct reader *r, enum cw_err err)
{
    note(r, err);
    stop_if_failed(r);
}

static struct cw_bytes keep(struct reader *r, const char *from, size_t len)
{
    char *const copy = cw_arena_alloc(r->arena, len + 1);

    if (copy == NULL) {
        note(r, CW_ERR_LIMIT);
        return (struct cw_bytes){0};
    }
    if (len > 0) {
        memcpy(copy, from, len);
    }
    return (struct cw_bytes){copy, len};
}

static struct cw_bytes keep_name(struct reader *r, const xmlChar *name)
{
    return name != NULL ? keep(r, (const char *)name, strlen((const char *)name))
                        : (struct cw_bytes){0};
}

/* Without entity replacement libxml2 leaves an ampersand of an attribute as "&#38;". */
static struct cw_bytes keep_value(struct reader *r, const xmlChar *from, const xmlChar *end)
{
    static const char AMPERSAND[] = "&#38;";
    const size_t mark = sizeof(AMPERSAND) - 1;
    struct cw_bytes value = keep(r, (const char *)from, (size_t)(end - from));

    if (value.len == 0 || memchr(value.base, '&', value.len) == NULL) {
        return value;
    }

    char *const to = cw_arena_alloc(r->arena, value.len);
    size_t len = 0;

    if (to == NULL) {
        note(r, CW_ERR_LIMIT);
        return (struct cw_bytes){0};
    }
    for (size_t i = 0; i < value.len; i++) {
        to[len++] = value.base[i];
        if (value.len - i >= mark && memcmp(value.base + i, AMPERSAND, mark) == 0) {
            i += mark - 1;
        }
    }
    return (struct cw_bytes){to, len};
}

static struct cw_bytes keep_namespace(struct reader *r, const xmlChar *uri)
{
    const struct cw_xml_node *const parent = r->depth == 0 ? NULL : r->stack[r->depth - 1].node;

    if (uri != NULL && parent != NULL && parent->ns.base != NULL &&
        strcmp((const char *)uri, parent->ns.base) == 0) { /* kept with a NUL behind it */
        return parent->ns;
    }
    return keep_name(r, uri);
}

/* libxml2 gives five pointers an attribute: local name, prefix, namespace, value, its end. */
static void keep_attributes(struct reader *r, struct cw_xml_node *node, const xmlChar **from,
                            size_t count)
{
    struct cw_xml_attribute *const list = cw_arena_alloc(r->arena, count * sizeof(*list) + 1);

    if (list == NULL) {
        note(r, CW_ERR_LIMIT);
        return;
    }
    for (size_t i = 0; i < count; i++, from += 5) {
        list[i].name = keep_name(r, from[0]);
        list[i].ns = keep_name(r, from[2]);
        list[i].value = keep_value(r, from[3], from[4]);
        if (cw_bytes_equal(list[i].ns, CW_LIT(CW_XML_NS)) &&
            cw_bytes_equal(list[i].name, CW_LIT("lang"))) {
            node->lang = list[i].value;
        }
    }
    node->attributes = list;
    node->attribute_count = count;
}

static size_t most_elements(const struct cw_xml_rules *rules)
{
    const size_t most = rules->max_elements == 0 ? CW_XML_MAX_ELEMENTS : rules->max_elements;

    return most < CW_XML_FILE_MAX_ELEMENTS ? most : CW_XML_FILE_MAX_ELEMENTS;
}

static bool passes_limits(const struct reader *r, int namespaces, int attributes)
{
    return r->depth < r->rules->max_depth && r->depth < CW_XML_MAX_DEPTH &&
           r->elements < most_elements(r->rules) && attributes >= 0 &&
           (size_t)attributes <= CW_XML_MAX_ATTRIBUTES && namespaces >= 0 &&
           r->namespaces + (size_t)namespaces <= CW_XML_MAX_NAMESPACES;
}

static void link_node(struct reader *r, struct cw_xml_node *node)
{
    struct frame *const parent = r->depth == 0 ? NULL : &r->stack[r->depth - 1];

    if (parent == NULL) {
        r->root = node;
    } else if (parent->last == NULL) {
        parent->node->child = node;
        parent->last = node;
    } else {
        parent->last->next = node;
        parent->last = node;
    }
}

/* Inside XHTML the order of text and elements counts: what came since the last element becomes a
 * node. */
static void show_text(struct reader *r, struct frame *frame)
{
    const size_t len = r->text_len - frame->text_shown;
    struct cw_xml_node *node;

    if (len == 0 || !cw_bytes_equal(frame->node->ns, CW_LIT(CW_NS_XHTML))) {
        return;
    }
    node = cw_arena_alloc(r->arena, sizeof(*node));
    if (node == NULL || ++r->elements > most_elements(r->rules)) {
        note(r, CW_ERR_LIMIT);
        return;
    }
    node->text = keep(r, r->text + frame->text_shown, len);
    frame->text_shown = r->text_len;
    link_node(r, node);
}

/* The shape of this function is libxml2's (startElementNsSAX2Func).
 * NOLINTNEXTLINE(readability-function-size) */
static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted_count, const xmlChar **attributes)
{
    struct reader *const r = user;
    struct cw_xml_node *node;

    (void)prefix;
    (void)namespaces;
    (void)defaulted_count;
    if (r->err != CW_OK) {
        return;
    }
    if (r->depth != 0) {
        show_text(r, &r->stack[r->depth - 1]);
    }
    node = cw_arena_alloc(r->arena, sizeof(*node));
    if (node == NULL || !passes_limits(r, namespace_count, attribute_count)) {
        fail(r, CW_ERR_LIMIT);
        return;
    }
    r->elements++;
    r->namespaces += (size_t)namespace_count;
    node->name = keep_name(r, name);
    node->ns = keep_namespace(r, uri);
    node->lang = r->depth != 0 ? r->stack[r->depth - 1].node->lang : (struct cw_bytes){0};
    keep_attributes(r, node, attributes, (size_t)attribute_count);
    link_node(r, node);
    r->stack[r->depth++] =
        (struct frame){.node = node, .text_start = r->text_len, .text_shown = r->text_len};
    stop_if_failed(r);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct reader *const r = user;

    (void)name;
    (void)prefix;
    (void)uri;
    if (r->err != CW_OK || r->depth == 0) {
        return;
    }

    show_text(r, &r->stack[r->depth - 1]);

    const struct frame *const frame = &r->stack[--r->depth];

    frame->node->text = keep(r, r->text + frame->text_start, r->text_len - frame->text_start);
    r->text_len = frame->text_start;
    stop_if_failed(r);
}

static void on_text(void *user, const xmlChar *text, int len)
{
    struct reader *const r = user;

    if (r->err != CW_OK || len <= 0) {
        return;
    }
    if ((size_t)len > r->text_room - r->text_len) {
        fail(r, CW_ERR_LIMIT);
        return;
    }
    memcpy(r->text + r->text_len, text, (size_t)len);
    r->text_len += (size_t)len;
}

static void on_comment(void *user, const xmlChar *text)
{
    struct reader *const r = user;

    (void)text;
    if (r->rules->restricted) {
        fail(r, CW_ERR_MALFORMED); /* STREAM-113 */
    }
}

static void on_instruction(void *user, const xmlChar *target, const xmlChar *data)
{
    (void)data;
    on_comment(user, target);
}

static void on_doctype(void *user, const xmlChar *name, const xmlChar *public_id,
                       const xmlChar *system_id)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    fail(user, CW_ERR_MALFORMED); /* PRES-42, SEC-16 */
}

static void on_reference(void *user, const xmlChar *name)
{
    (void)name;
    fail(user, CW_ERR_MALFORMED);
}

/* libxml2 prints its findings unless somebody takes them. */
static void on_error(void *user, xmlErrorPtr error)
{
    (void)user;
    (void)error;
}

static void set_handlers(xmlSAXHandler *sax)
{
    *sax = (xmlSAXHandler){
        .initialized = XML_SAX2_MAGIC,
        .internalSubset = on_doctype,
        .externalSubset = on_doctype,
        .reference = on_reference,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .comment = on_comment,
        .processingInstruction = on_instruction,
        .serror = on_error,
    };
}

static bool is_utf8_name(const xmlChar *encoding)
{
    return encoding == NULL || xmlStrcasecmp(encoding, (const xmlChar *)"UTF-8") == 0;
}

/* libxml2 notes a declared encoding in one place if it is UTF-8, in the other if it is not. */
static bool is_utf8(const xmlParserCtxt *parser)
{
    return is_utf8_name(parser->encoding) &&
           (parser->input == NULL || is_utf8_name(parser->input->encoding));
}

static enum cw_err parse(struct reader *r)
{
    const int result = xmlParseDocument(r->parser);

    if (r->err != CW_OK) {
        return r->err;
    }
    return result == 0 && r->parser->wellFormed && r->parser->nsWellFormed && r->root != NULL &&
                   r->depth == 0 && is_utf8(r->parser)
               ? CW_OK
               : CW_ERR_MALFORMED;
}

/* A byte order mark or UTF-16 would be taken silently, and a NUL ends libxml2's reading early. */
static bool starts_like_xml(struct cw_bytes xml)
{
    if (xml.len == 0) {
        return false;
    }

    const char first = xml.base[0];

    return (first == '<' || first == ' ' || first == '\t' || first == '\r' || first == '\n') &&
           memchr(xml.base, '\0', xml.len) == NULL;
}

enum cw_err cw_xml_read(struct cw_bytes xml, const struct cw_xml_rules *rules,
                        struct cw_arena *arena, const struct cw_xml_node **out)
{
    struct reader r = {.arena = arena, .rules = rules, .text_room = xml.len};

    if (xml.len > rules->max_len || xml.len > CW_XML_FILE_MAX_LEN) {
        return CW_ERR_LIMIT;
    }
    if (!starts_like_xml(xml) || !cw_utf8_valid(xml)) {
        return CW_ERR_MALFORMED;
    }
    r.text = cw_arena_alloc(arena, xml.len);
    if (r.text == NULL) {
        return CW_ERR_LIMIT;
    }
    r.parser = xmlCreateMemoryParserCtxt(xml.base, (int)xml.len);
    if (r.parser == NULL) {
        abort(); /* out of heap */
    }
    (void)xmlCtxtUseOptions(r.parser, XML_PARSE_NONET);
    set_handlers(r.parser->sax);
    r.parser->userData = &r;

    const enum cw_err err = parse(&r);

    xmlFreeParserCtxt(r.parser);
    if (err == CW_OK) {
        *out = r.root;
    }
    return err;
}

bool cw_xml_is(const struct cw_xml_node *node, const char *name, struct cw_bytes ns)
{
    const size_t len = strlen(name);

    return node->name.len == len && memcmp(node->name.base, name, len) == 0 &&
           cw_bytes_equal(node->ns, ns);
}

const struct cw_xml_node *cw_xml_child(const struct cw_xml_node *node, const char *name,
                                       struct cw_bytes ns)
{
    for (const struct cw_xml_node *at = node->child; at != NULL; at = at->next) {
        if (cw_xml_is(at, name, ns)) {
            return at;
        }
    }
    return NULL;
}

struct cw_bytes cw_xml_attribute(const struct cw_xml_node *node, const char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < node->attribute_count; i++) {
        const struct cw_xml_attribute *const at = &node->attributes[i];

        if (at->ns.base == NULL && at->name.len == len && memcmp(at->name.base, name, len) == 0) {
            return at->value;
        }
    }
    return (struct cw_bytes){0};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct cw_bytes cw_xml_trim(struct cw_bytes text)
{
    while (text.len > 0 && is_space(text.base[0])) {
        text.base++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.base[text.len - 1])) {
        text.len--;
    }
    return text;
}
