/* SPDX-License-Identifier: Apache-2.0 */
#include "lync_format.h"

#include <causeway/utf8.h>
#include <causeway/xml_read.h>

#define NS        CW_LIT("http://schemas.microsoft.com/powershell/2004/04")
#define MAX_DEPTH 32u /* an object in an object in a list takes ten */
#define MAX_REFS  CW_XML_FILE_MAX_ELEMENTS
#define REF_COST  64u /* of a reference or an item that it leads to, beside its text */

static const struct cw_xml_rules RULES = {
    .max_len = CW_XML_FILE_MAX_LEN,
    .max_depth = MAX_DEPTH,
    .restricted = false,
    .max_elements = CW_XML_FILE_MAX_ELEMENTS,
};

/* What later elements refer to, by RefId. */
struct refs {
    const struct cw_xml_node **objects; /* Obj, room for MAX_REFS */
    const struct cw_xml_node **types;   /* TN, as many */
};

struct xml {
    struct cw_lync_reading *reading;
    struct refs refs;
    size_t spent; /* on references */
};

static bool is(const struct cw_xml_node *node, const char *name)
{
    return cw_xml_is(node, name, NS);
}

static const struct cw_xml_node *child(const struct cw_xml_node *node, const char *name)
{
    return cw_xml_child(node, name, NS);
}

/* The RefId of an element, MAX_REFS if it has none of use. */
static size_t ref_id(const struct cw_xml_node *node)
{
    const struct cw_bytes text = cw_xml_attribute(node, "RefId");
    size_t id = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.base[i] < '0' || text.base[i] > '9' || id >= MAX_REFS) {
            return MAX_REFS;
        }
        id = id * 10 + (size_t)(text.base[i] - '0');
    }
    return text.len == 0 || id > MAX_REFS ? MAX_REFS : id;
}

/* As deep as the reader lets a document be. */
static void index_refs(struct refs *refs, const struct cw_xml_node *node)
{
    const size_t id = ref_id(node);

    if (id < MAX_REFS && is(node, "Obj")) {
        refs->objects[id] = node;
    } else if (id < MAX_REFS && is(node, "TN")) {
        refs->types[id] = node;
    }
    for (const struct cw_xml_node *at = node->child; at != NULL; at = at->next) {
        index_refs(refs, at);
    }
}

static void found(struct cw_lync_reading *reading, enum cw_lync_finding_kind kind)
{
    const struct cw_lync_spot spot = {0};

    cw_lync_found(&reading->findings, kind, &spot);
}

/* The list in an object, NULL if it is none. */
static const struct cw_xml_node *list_of(const struct cw_xml_node *node)
{
    static const char *const LISTS[] = {"LST", "IE", "STK", "QUE"};

    for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
        const struct cw_xml_node *const list = child(node, LISTS[i]);

        if (list != NULL) {
            return list;
        }
    }
    return NULL;
}

/* What reading `object` through a reference costs: its texts, and something for each of them. */
static size_t cost_of(const struct cw_xml_node *object)
{
    const struct cw_xml_node *const words = child(object, "ToString");
    const struct cw_xml_node *const list = list_of(object);
    size_t cost = REF_COST + (words == NULL ? 0 : words->text.len);

    for (const struct cw_xml_node *at = list == NULL ? NULL : list->child;
         at != NULL && cost < CW_LYNC_MAX_INPUT; at = at->next) {
        cost += REF_COST + at->text.len;
    }
    return cost;
}

/* A short file can refer to a long list ever again: all references together may lead to no more
 * than a file may hold. */
static const struct cw_xml_node *resolve(struct xml *xml, const struct cw_xml_node *node)
{
    const size_t id = is(node, "Ref") ? ref_id(node) : MAX_REFS;
    const struct cw_xml_node *const object = id < MAX_REFS ? xml->refs.objects[id] : NULL;
    const size_t cost = object == NULL || xml->reading->full ? 0 : cost_of(object);

    if (cost == 0) {
        return node;
    }
    if (cost > CW_LYNC_MAX_INPUT - xml->spent) {
        found(xml->reading, CW_LYNC_FINDING_SIZE);
        xml->reading->full = true;
        return node;
    }
    xml->spent += cost;
    return object;
}

/* The four digits of "_xHHHH_" at `at`; false if there is no such escape. */
static bool escape_at(struct cw_bytes text, size_t at, uint32_t *unit)
{
    static const char DIGITS[] = "0123456789abcdef";

    if (text.len - at < 7 || text.base[at] != '_' || (text.base[at + 1] | 0x20) != 'x' ||
        text.base[at + 6] != '_') {
        return false;
    }
    *unit = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        const char c = text.base[i];
        const char *const digit =
            memchr(DIGITS, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c, sizeof(DIGITS) - 1);

        if (digit == NULL) {
            return false;
        }
        *unit = *unit << 4 | (uint32_t)(digit - DIGITS);
    }
    return true;
}

/* Two escapes make a character beyond U+FFFF; half of one and NUL become U+FFFD.
 * @return octets that were read */
static size_t unescape_one(struct cw_bytes text, size_t at, uint32_t *code_point)
{
    uint32_t low;

    if (*code_point >= 0xD800 && *code_point <= 0xDBFF && escape_at(text, at + 7, &low) &&
        low >= 0xDC00 && low <= 0xDFFF) {
        *code_point = 0x10000 + ((*code_point - 0xD800) << 10) + (low - 0xDC00);
        return 14;
    }
    if (*code_point == 0 || (*code_point >= 0xD800 && *code_point <= 0xDFFF)) {
        *code_point = 0xFFFD;
    }
    return 7;
}

/* Strings of Clixml have control characters, and underscores before an x, as "_xHHHH_". */
static struct cw_bytes unescape(struct cw_lync_reading *reading, struct cw_bytes text)
{
    char *to;
    size_t len = 0;

    if (!cw_lync_has(text, CW_LIT("_x")) && !cw_lync_has(text, CW_LIT("_X"))) {
        return text;
    }
    to = cw_lync_take(reading, text.len);
    if (to == NULL) {
        return (struct cw_bytes){0};
    }
    for (size_t at = 0; at < text.len;) {
        uint32_t code_point;

        if (escape_at(text, at, &code_point)) {
            at += unescape_one(text, at, &code_point);
            len += cw_utf8_put(to + len, code_point);
        } else {
            to[len++] = text.base[at++];
        }
    }
    return (struct cw_bytes){to, len};
}

/* The text of a primitive or of what an object says of itself; absent if there is none. */
static struct cw_bytes text_of(struct xml *xml, const struct cw_xml_node *node)
{
    if (is(node, "Obj")) {
        node = child(node, "ToString");
    }
    if (node == NULL || node->child != NULL || is(node, "Nil") || is(node, "Ref")) {
        return (struct cw_bytes){0};
    }
    return unescape(xml->reading, node->text);
}

static struct cw_lync_value read_list(struct xml *xml, const struct cw_xml_node *list)
{
    struct cw_lync_value value = {.kind = CW_LYNC_LIST};
    const struct cw_xml_node *at = list->child;
    struct cw_bytes *const items =
        at == NULL ? NULL : cw_lync_take(xml->reading, CW_LYNC_MAX_ITEMS * sizeof(*items));

    if (items == NULL) {
        return value;
    }
    for (; at != NULL && value.count < CW_LYNC_MAX_ITEMS; at = at->next) {
        items[value.count++] = text_of(xml, resolve(xml, at));
    }
    value.items = items;
    return value;
}

static struct cw_lync_value read_value(struct xml *xml, const struct cw_xml_node *written)
{
    const struct cw_xml_node *const node = resolve(xml, written);
    const struct cw_xml_node *const list = is(node, "Obj") ? list_of(node) : NULL;

    if (list != NULL) {
        return read_list(xml, list);
    }
    if (is(node, "Nil")) {
        return (struct cw_lync_value){0};
    }

    const struct cw_bytes text = text_of(xml, node);

    return text.base == NULL ? (struct cw_lync_value){.kind = CW_LYNC_OTHER} : cw_lync_text(text);
}

static void read_properties(struct xml *xml, const struct cw_xml_node *properties)
{
    if (properties == NULL) {
        return;
    }
    for (const struct cw_xml_node *at = properties->child; at != NULL && !xml->reading->full;
         at = at->next) {
        const struct cw_bytes name = unescape(xml->reading, cw_xml_attribute(at, "N"));
        const struct cw_lync_value value = read_value(xml, at);

        cw_lync_set(xml->reading, name, &value);
    }
}

/* The most derived class comes first. */
static struct cw_bytes class_of(struct xml *xml, const struct cw_xml_node *object)
{
    const struct cw_xml_node *names = child(object, "TN");
    const struct cw_xml_node *const reference = child(object, "TNRef");
    const struct cw_xml_node *first;

    if (names == NULL && reference != NULL && ref_id(reference) < MAX_REFS) {
        names = xml->refs.types[ref_id(reference)];
    }
    first = names == NULL ? NULL : child(names, "T");
    return first == NULL ? (struct cw_bytes){0} : first->text;
}

/* Members that were added to an object (MS) hide its own (Props). */
static void read_record(struct xml *xml, const struct cw_xml_node *object)
{
    if (!is(object, "Obj")) {
        cw_lync_no_object(xml->reading, 0);
        return;
    }
    cw_lync_begin(xml->reading, 0, class_of(xml, object));
    read_properties(xml, child(object, "MS"));
    read_properties(xml, child(object, "Props"));
    cw_lync_end(xml->reading);
}

static void read_records(struct xml *xml, const struct cw_xml_node *first)
{
    for (const struct cw_xml_node *at = first; at != NULL && !xml->reading->full; at = at->next) {
        read_record(xml, at);
    }
}

/* Export-Clixml -InputObject makes one object of the whole list. */
static const struct cw_xml_node *first_record(const struct cw_xml_node *root)
{
    const struct cw_xml_node *const first = root->child;
    const struct cw_xml_node *list = NULL;

    if (first != NULL && first->next == NULL && is(first, "Obj") && child(first, "Props") == NULL) {
        list = list_of(first);
    }
    return list != NULL ? list->child : first;
}

void cw_lync_xml(struct cw_lync_reading *reading, struct cw_bytes text)
{
    struct xml xml = {.reading = reading};
    const struct cw_xml_node *root;
    const enum cw_err err = cw_xml_read(text, &RULES, reading->arena, &root);

    if (err == CW_ERR_LIMIT) {
        found(reading, CW_LYNC_FINDING_SIZE);
        return;
    }
    if (err != CW_OK || !is(root, "Objs")) {
        found(reading, CW_LYNC_FINDING_XML);
        return;
    }
    xml.refs.objects = cw_lync_take(reading, MAX_REFS * sizeof(void *));
    xml.refs.types = cw_lync_take(reading, MAX_REFS * sizeof(void *));
    if (xml.refs.objects != NULL && xml.refs.types != NULL) {
        index_refs(&xml.refs, root);
        read_records(&xml, first_record(root));
    }
}
